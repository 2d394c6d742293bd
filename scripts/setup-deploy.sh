#!/bin/sh
# Installs what `make deploy-check` needs beyond `make test`: front ends and promtool from the system's packages, linters
# from PyPI into target/deploy-tools. Says what, asks nothing, starts no service. What cannot be had is named by
# deploy-check itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

missing=
find_any haproxy >/dev/null || missing="$missing haproxy"
find_any promtool >/dev/null || missing="$missing prometheus"
find_any nginx >/dev/null || missing="$missing nginx-light"
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing

venv=target/deploy-tools
if ! cmp -s tests/deploy/requirements.txt "$venv/.installed"; then
  say "installing from PyPI, as tests/deploy/requirements.txt says, into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check -r tests/deploy/requirements.txt
  cp tests/deploy/requirements.txt "$venv/.installed"
fi
say "ready"
