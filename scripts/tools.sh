# Finds the programs that the tests use. Sourced by the other scripts, from the repository's root.
#
# Every find_* prints a path, or prints nothing and fails. NODE and CHROMIUM in the environment win.

# The oldest node that playwright-core runs on.
NODE_AT_LEAST=20
NODE_REPLACEMENT=tests/browser/node22

# Where what is fetched for the tests of PostHog's SDKs lies.
POSTHOG_JS=${CARGO_TARGET_DIR:-$PWD/target}/posthog-js
POSTHOG_PYTHON=${CARGO_TARGET_DIR:-$PWD/target}/posthog-python

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

# A Chromium that starts. Ubuntu's `chromium-browser` package is a stub that asks for snap: hence the try.
find_chromium() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] || continue
    path=$(command -v "$name" 2>/dev/null) || continue
    "$path" --version >/dev/null 2>&1 || continue
    printf '%s\n' "$path"
    return 0
  done
  return 1
}
