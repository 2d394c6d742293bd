#!/bin/sh
# Each fuzz target for FUZZ_SECONDS. The corpus grows in fuzz/corpus, what breaks a target lands in fuzz/artifacts.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

rustc +nightly --version >/dev/null 2>&1 || fail "libFuzzer needs the nightly toolchain: rustup toolchain install nightly"
if ! cargo fuzz --version >/dev/null 2>&1; then
  say "installing cargo-fuzz with cargo (a minute, once)"
  cargo install --locked cargo-fuzz
fi
# Without this, the sanitizer takes a static library that two objects carry (SQLite) for a fault.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_odr_violation=0"
for target in $(cargo +nightly fuzz list); do
  say "$target for ${FUZZ_SECONDS:-60} seconds"
  cargo +nightly fuzz run "$target" -- -max_total_time="${FUZZ_SECONDS:-60}" -max_len=8192 -timeout=10 -print_final_stats=1
done
say "all targets ran without a finding"
