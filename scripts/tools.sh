# Finds the programs that the tests use. Sourced by the other scripts, from the repository's root.
#
# Every find_* prints a path, or prints nothing and fails. NODE and CHROMIUM in the environment win.

# The oldest node that playwright-core runs on.
NODE_AT_LEAST=20
NODE_REPLACEMENT=tests/browser/node22

# Where lies what is fetched for the tests of klaro and of PostHog's SDKs.
KLARO=${CARGO_TARGET_DIR:-$PWD/target}/klaro
POSTHOG_JS=${CARGO_TARGET_DIR:-$PWD/target}/posthog-js
POSTHOG_PYTHON=${CARGO_TARGET_DIR:-$PWD/target}/posthog-python

# Where lie AdGuard's filter lists, and the blocker that Debian packages for Firefox.
ADGUARD=${CARGO_TARGET_DIR:-$PWD/target}/adguard
FIREFOX_ID='{ec8030f7-c20a-464f-9b0e-13a3a9e97384}'
UBLOCK=${UBLOCK:-/usr/share/mozilla/extensions/$FIREFOX_ID/uBlock0@raymondhill.net}

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }

fail() { say "$*" >&2; exit 1; }

# The major version of the node at $1, or 0.
node_major() {
  major=$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || major=0
  printf '%s\n' "${major:-0}"
}

# A node that is new enough: the system's, or the one that setup-test.sh took from npm.
find_node() {
  for node in "${NODE:-}" "$(command -v node || true)" "$(command -v nodejs || true)" \
    "$NODE_REPLACEMENT"/node_modules/node-linux-*/bin/node; do
    [ -n "$node" ] && [ -x "$node" ] || continue
    [ "$(node_major "$node")" -ge "$NODE_AT_LEAST" ] || continue
    printf '%s\n' "$node"
    return 0
  done
  return 1
}

# The first of these programs that starts. Ubuntu's `chromium-browser` package is a stub that asks for snap: hence the try.
find_starting() {
  for name in "$@"; do
    [ -n "$name" ] || continue
    path=$(command -v "$name" 2>/dev/null) || continue
    "$path" --version >/dev/null 2>&1 || continue
    printf '%s\n' "$path"
    return 0
  done
  return 1
}

find_chromium() { find_starting "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; }

# Debian's takes the system's extensions.
find_firefox() { find_starting "${FIREFOX:-}" firefox-esr firefox; }

# A program that may lie where only root looks, or among the tools that setup-deploy.sh installed. $1: its name
find_any() {
  for folder in target/deploy-tools/bin $(printf '%s' "$PATH" | tr ':' ' ') /usr/sbin /sbin /usr/local/sbin; do
    [ -x "$folder/$1" ] || continue
    printf '%s\n' "$folder/$1"
    return 0
  done
  return 1
}

# Runs a command as root: directly, or through sudo if that needs no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs Debian or Ubuntu packages. While it runs, a policy file forbids that packages start services.
install_packages() {
  command -v apt-get >/dev/null 2>&1 ||
    fail "this system has no apt-get: please install by hand what these Debian packages hold: $*"
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null ||
    fail "needs root, or sudo without a password, to install: $*"
  say "installing from the system's packages: $*"
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT INT TERM
  fi
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# Brings a folder's node_modules to what its lock file says. $1: folder
install_locked() {
  if cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; then return 0; fi
  say "installing from npm, as $1/package-lock.json says"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

# Fetches the packages that a lock file names (version and sum), and unpacks what has the right sum.
# $1: the package, $2: the lock file, $3: where to
install_packed() {
  grep -v '^#' "$2" | while read -r version sum; do
    folder=$3/$version
    [ "$(cat "$folder/.sum" 2>/dev/null)" = "$sum" ] && continue
    say "fetching $1 $version from npm"
    rm -rf "$folder"
    mkdir -p "$folder"
    npm pack "$1@$version" --ignore-scripts --silent --pack-destination "$folder" >/dev/null
    packed=$(ls "$folder"/*.tgz)
    found=$(openssl dgst -sha512 -binary "$packed" | openssl base64 -A)
    [ "$found" = "$sum" ] || fail "$1 $version is not what $2 says"
    tar -xzf "$packed" -C "$folder" package/dist
    rm "$packed"
    printf '%s' "$sum" >"$folder/.sum"
  done
}
