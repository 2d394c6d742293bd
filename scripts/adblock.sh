#!/bin/sh
# What blockers make of the opaque paths. First the words of thousands of installs against every list that the packages
# hold, in the engine of the Brave browser; then Firefox with uBlock Origin: the engine and it agree on a control list, and
# real pages with the real clients lose nothing. BAUTA_BIN: the binary to test.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

: "${BAUTA_BIN:=${CARGO_TARGET_DIR:-$PWD/target}/debug/bauta}"
node=$(find_node) || fail "no node: run make setup-deploy"
FIREFOX=$(find_firefox) || fail "no Firefox: run make setup-deploy"
[ -d "$UBLOCK" ] || fail "no uBlock Origin: run make setup-deploy"
[ -x "$BAUTA_BIN" ] || fail "no binary at $BAUTA_BIN: run cargo build"

cargo build --locked --quiet --manifest-path tests/adblock/Cargo.toml
ADBLOCK_ENGINE=${CARGO_TARGET_DIR:-$PWD/tests/adblock/target}/debug/bauta-adblock
export BAUTA_BIN FIREFOX UBLOCK ADBLOCK_ENGINE POSTHOG_JS

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

# AdGuard's Base (2), Tracking (3), Social (4), Mobile (11) and URL Tracking (17): each ruleset carries its list as text.
cat >"$scratch/texts.cjs" <<'EOF'
const fs = require("fs");
const [, , from, to] = process.argv;
for (const number of [2, 3, 4, 11, 17]) {
  const [{ metadata }] = JSON.parse(fs.readFileSync(`${from}/ruleset_${number}/ruleset_${number}.json`, "utf8"));
  fs.writeFileSync(`${to}/adguard-${number}.txt`, metadata.rawFilterList);
}
EOF
"$node" "$scratch/texts.cjs" "$(ls -d "$ADGUARD"/*/package/dist/filters/declarative)" "$scratch"
{
  find "$UBLOCK/assets" -name '*.txt' ! -name badlists.txt -print0
  find "$scratch" -name 'adguard-*.txt' -print0
} >"$scratch/names"
{
  "$BAUTA_BIN" words --json --count 1000 --script pa-XYZ
  "$BAUTA_BIN" words --json --count 1000 --vendor posthog --token phc_0123456789abcdefghij
} >"$scratch/words"
export WORDS="$scratch/words"
xargs -0 -a "$scratch/names" sh -c 'exec "$0" aliases "$@" <"$WORDS"' "$ADBLOCK_ENGINE"

"$node" --test --test-reporter=spec --test-concurrency=1 tests/browser/firefox/agreement.test.js tests/browser/firefox/blocker.test.js

