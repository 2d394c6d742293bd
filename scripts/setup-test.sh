#!/bin/sh
# Installs what `make test` (and with the word bench, `make bench`) needs beyond Rust, a C compiler, make and git. Says what, asks nothing, starts no
# service, and is quick when everything is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

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
install_packed posthog-js tests/browser/posthog-js.lock "$POSTHOG_JS"
install_packed klaro tests/browser/klaro.lock "$KLARO"
install_hashed tests/browser/servers "$POSTHOG_PYTHON"
install_locked tests/frameworks
install_hashed tests/frameworks tests/frameworks/.venv
say "ready: node $("$(find_node)" --version), $("$(find_chromium)" --version 2>/dev/null)"
