#!/bin/sh
# Runs the browser tests with node's test runner against a built bauta. BAUTA_BIN: the binary to test.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

node=$(find_node) || fail "no node: run make setup"
CHROMIUM=$(find_chromium) || fail "no Chromium: run make setup"
: "${BAUTA_BIN:=${CARGO_TARGET_DIR:-$PWD/target}/debug/bauta}"
export CHROMIUM BAUTA_BIN KLARO POSTHOG_JS POSTHOG_PYTHON
[ -x "$BAUTA_BIN" ] || fail "no binary at $BAUTA_BIN: run cargo build"
exec "$node" --test --test-reporter=spec --test-concurrency=1 "$@" tests/browser/*.test.js
