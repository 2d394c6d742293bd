#!/bin/sh
# Licences, bans, sources and advisories of the dependencies, after deny.toml.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

if ! cargo deny --version >/dev/null 2>&1; then
  say "installing cargo-deny with cargo (some minutes, once)"
  cargo install --locked cargo-deny
fi
cargo deny --locked check bans licenses sources
# The advisory database is a git repository; where it cannot be reached, that is said and is no failure of ours.
if cargo deny --locked fetch db >/dev/null 2>&1; then
  cargo deny --locked --offline check advisories
else
  say "advisories NOT checked: the advisory database cannot be reached from here"
fi
