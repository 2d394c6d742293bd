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
  # What is worth starting from is in the repository; what the runs find beside it is not.
  mkdir -p "fuzz/corpus/$target"
  seeds=
  [ ! -d "fuzz/seeds/$target" ] || seeds="fuzz/seeds/$target"
  say "$target for ${FUZZ_SECONDS:-60} seconds"
  # shellcheck disable=SC2086 # nothing, or one folder
  cargo +nightly fuzz run "$target" "fuzz/corpus/$target" $seeds -- -max_total_time="${FUZZ_SECONDS:-60}" -max_len=8192 -timeout=10 -print_final_stats=1
done
say "all targets ran without a finding"
