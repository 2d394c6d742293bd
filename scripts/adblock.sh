#!/bin/sh
# The words of a thousand installs against the lists of the Debian package of uBlock Origin, in the engine of the Brave
# browser. BAUTA_BIN: the binary that draws the words.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

: "${BAUTA_BIN:=${CARGO_TARGET_DIR:-$PWD/target}/debug/bauta}"
lists=target/ublock
if ! [ -d "$lists/usr" ]; then
  say "taking the lists from the system's package webext-ublock-origin-firefox, without installing it"
  mkdir -p "$lists"
  (cd "$lists" && apt-get download -q webext-ublock-origin-firefox && dpkg-deb -x webext-ublock-origin-firefox_*.deb .)
fi
cargo build --locked --manifest-path tests/adblock/Cargo.toml
engine=${CARGO_TARGET_DIR:-tests/adblock/target}/debug/bauta-adblock
find "$lists" -path '*/assets/*' -name '*.txt' ! -name badlists.txt -print >"$lists/names"
{
  "$BAUTA_BIN" words --json --count 1000
  "$BAUTA_BIN" words --json --count 1000 --vendor posthog --token phc_0123456789abcdefghij
} >"$lists/words"
export WORDS="$lists/words"
tr "\n" "\0" <"$lists/names" | xargs -0 sh -c 'exec "$0" "$@" <"$WORDS"' "$engine"
