#!/bin/sh
# Installs what `make test` (and with the word bench, `make bench`) needs beyond Rust, a C compiler, make and git. Says what, asks nothing, starts no
# service, and is quick when everything is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

# Brings a folder's node_modules to what its lock file says. $1: folder
install_locked() {
  if cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; then return 0; fi
  say "installing from npm, as $1/package-lock.json says"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

# Fetches the packages that a lock file of tests/browser names (version and sum), and unpacks what has the right sum.
# $1: the package, $2: where to
install_packed() {
  grep -v '^#' "tests/browser/$1.lock" | while read -r version sum; do
    folder=$2/$version
    [ "$(cat "$folder/.sum" 2>/dev/null)" = "$sum" ] && continue
    say "fetching $1 $version from npm"
    rm -rf "$folder"
    mkdir -p "$folder"
    npm pack "$1@$version" --ignore-scripts --silent --pack-destination "$folder" >/dev/null
    found=$(openssl dgst -sha512 -binary "$folder/$1-$version.tgz" | openssl base64 -A)
    [ "$found" = "$sum" ] || fail "$1 $version is not what tests/browser/$1.lock says"
    tar -xzf "$folder/$1-$version.tgz" -C "$folder" package/dist
    rm "$folder/$1-$version.tgz"
    printf '%s' "$sum" >"$folder/.sum"
  done
}

# Brings an environment to what a folder's requirements.txt says. $1: folder, $2: environment
install_hashed() {
  if cmp -s "$1/requirements.txt" "$2/.installed-lock"; then return 0; fi
  say "installing from the Python package index, as $1/requirements.txt says"
  python3 -m venv --clear "$2"
  "$2/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes -r "$1/requirements.txt"
  cp "$1/requirements.txt" "$2/.installed-lock"
}

missing=
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v node >/dev/null 2>&1 || command -v nodejs >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
find_chromium >/dev/null || missing="$missing chromium"
find_any nginx >/dev/null || missing="$missing nginx-light"
# The real stores and frameworks of the session tests.
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
for package in php-cli php-redis ruby-rack ruby-webrick default-jre-headless clojure libring-core-clojure libring-jetty-adapter-clojure; do
  dpkg-query -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
if [ "${1:-}" = bench ]; then
  command -v wrk >/dev/null 2>&1 || missing="$missing wrk"
fi
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing

if ! find_node >/dev/null; then
  say "node is older than $NODE_AT_LEAST: taking node 22 from npm, for the tests alone"
  install_locked "$NODE_REPLACEMENT"
fi
find_node >/dev/null || fail "no node of version $NODE_AT_LEAST or later found; set NODE to one"
find_chromium >/dev/null || fail "no Chromium that starts found; set CHROMIUM to one"
install_locked tests/browser
install_locked tests/browser/servers
install_packed posthog-js "$POSTHOG_JS"
install_packed klaro "$KLARO"
install_hashed tests/browser/servers "$POSTHOG_PYTHON"
install_locked tests/frameworks
install_hashed tests/frameworks tests/frameworks/.venv
say "ready: node $("$(find_node)" --version), $("$(find_chromium)" --version 2>/dev/null)"
