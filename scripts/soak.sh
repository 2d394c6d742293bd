#!/bin/sh
# bauta under load for SOAK_SECONDS, see tests/browser/soak.js. BAUTA_BIN: the binary to test.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

node=$(find_node) || fail "no node: run make setup"
: "${BAUTA_BIN:=${CARGO_TARGET_DIR:-$PWD/target}/release/bauta}"
export BAUTA_BIN SOAK_SECONDS
exec "$node" tests/browser/soak.js
