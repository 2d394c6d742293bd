#!/bin/sh
# Checks everything in deploy/ with the tools it is for, and tries the front ends and the kubelet's order for real. A tool
# that is absent is named, and so is what is not checked without it. BAUTA_BIN: the binary to test.
set -u
cd "$(dirname "$0")/.."
. scripts/tools.sh

: "${BAUTA_BIN:=${CARGO_TARGET_DIR:-$PWD/target}/debug/bauta}"
export BAUTA_BIN
PATH="$PWD/target/deploy-tools/bin:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
failed=0 absent=
# The system's own python: the tools' environment comes first in PATH, but the tests need nothing of it.

# Runs a check and says how it ended. $1: its name; the rest: the command
check() {
  name=$1
  shift
  if "$@" >"$scratch/out" 2>&1; then
    say "ok      $name$(sed -n 's/^note: / - /p' "$scratch/out")"
  else
    say "FAILED  $name"
    sed 's/^/        /' "$scratch/out"
    failed=1
  fi
}

# Says that something is not checked. $1: the tool; $2: what is not checked without it
skip() {
  say "ABSENT  $1: $2 not checked"
  absent="$absent $1"
}

# --- Kubernetes: built-in kinds by their schemas, strictly; a warning is a failure. CRD kinds have no schema here.
validate() { kubernetes-validate --strict "$1" >"$scratch/k" 2>&1 && ! grep -qi warn "$scratch/k" || { cat "$scratch/k"; return 1; }; }
if find_any kubernetes-validate >/dev/null; then
  for file in configmap sidecar gateway; do check "kubernetes-validate --strict $file.yaml" validate "deploy/kubernetes/$file.yaml"; done
else
  skip kubernetes-validate "deploy/kubernetes"
fi
check "CRD kinds and the component by our own test: HTTPRoute, PodMonitor, Component" python3 tests/deploy/kinds.py
if find_any kubectl >/dev/null; then
  built() { kubectl kustomize deploy/kustomize/example >"$scratch/built.yaml"; }
  check "kubectl kustomize deploy/kustomize/example" built
  if find_any kubernetes-validate >/dev/null; then
    check "kubernetes-validate --strict of what kustomize built" validate "$scratch/built.yaml"
  fi
  injected() { grep -q "restartPolicy: Always" "$scratch/built.yaml" && grep -q "name: bauta-config" "$scratch/built.yaml" && grep -q "image: registry.example/shop" "$scratch/built.yaml"; }
  check "the component puts the sidecar beside the application's own container" injected
else
  skip kubectl "the Kustomize component"
fi

# --- Image
if find_any hadolint >/dev/null; then check "hadolint" hadolint deploy/docker/Dockerfile; else skip hadolint "the Dockerfile"; fi
if find_any check-jsonschema >/dev/null; then
  check "compose.yaml by the compose specification's schema" check-jsonschema --builtin-schema vendor.compose-spec deploy/docker/compose.yaml
else
  skip check-jsonschema "compose.yaml by its schema"
fi
if docker compose version >/dev/null 2>&1; then
  check "docker compose config" docker compose -f deploy/docker/compose.yaml config --quiet
else
  skip "docker compose" "compose.yaml by compose itself"
fi

# --- Front ends
if find_any nginx >/dev/null; then
  printf 'events {}\nhttp {\n server_tokens off;\n include %s/deploy/nginx/bauta-upstream.conf;\n server { listen 127.0.0.1:8099;\n include %s/deploy/nginx/bauta-locations.conf; }\n}\n' \
    "$PWD" "$PWD" >"$scratch/nginx.conf"
  check "nginx -t" "$(find_any nginx)" -t -q -c "$scratch/nginx.conf" -g "pid $scratch/pid; error_log $scratch/error.log;"
  if find_any gixy >/dev/null; then check "gixy" gixy -l "$scratch/nginx.conf"; else skip gixy "nginx's security"; fi
else
  skip nginx "the nginx snippet"
fi
if find_any caddy >/dev/null; then
  check "caddy validate" caddy validate --adapter caddyfile --config deploy/caddy/Caddyfile
else
  skip caddy "the Caddyfile"
fi
if find_any haproxy >/dev/null; then
  mkdir -p "$scratch/certs"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.example -keyout "$scratch/k.pem" -out "$scratch/c.pem" 2>/dev/null
  cat "$scratch/c.pem" "$scratch/k.pem" >"$scratch/certs/edge.pem"
  { printf 'global\n maxconn 100\n'; sed "s#/etc/haproxy/certs/#$scratch/certs/#" deploy/haproxy/haproxy.cfg; } >"$scratch/haproxy.cfg"
  quiet() { "$(find_any haproxy)" -c -f "$scratch/haproxy.cfg" >"$scratch/h" 2>&1 && ! grep -q WARNING "$scratch/h" || { cat "$scratch/h"; return 1; }; }
  check "haproxy -c, without a warning" quiet
else
  skip haproxy "haproxy.cfg"
fi

# --- systemd
if find_any systemd-analyze >/dev/null; then
  cp deploy/systemd/bauta.service deploy/systemd/bauta.socket "$scratch"
  exposure() {
    line=$(systemd-analyze security --offline=true --no-pager "$scratch/bauta.service" | tail -1)
    printf 'note: %s\n' "$line"
    printf '%s\n' "$line" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+$/) { exit !($i <= 1.5) } exit 1 }'
  }
  check "systemd-analyze security <= 1.5" exposure
  sed "s#/usr/local/bin/bauta#$BAUTA_BIN#" deploy/systemd/bauta.service >"$scratch/bauta.service"
  check "systemd-analyze verify" systemd-analyze verify "$scratch/bauta.service" "$scratch/bauta.socket"
else
  skip systemd-analyze "the units"
fi

# --- Prometheus
if find_any promtool >/dev/null; then
  check "promtool check rules" promtool check rules deploy/prometheus/rules.yml
  check "promtool test rules" promtool test rules deploy/prometheus/rules_test.yml
else
  skip promtool "the alert rules"
fi

# --- Blockers
if find_firefox >/dev/null && [ -d "$UBLOCK" ]; then
  if sh scripts/adblock.sh; then say "ok      opaque paths, the engine of blockers and Firefox with uBlock Origin"; else say "FAILED  opaque paths and blockers"; failed=1; fi
else
  skip "Firefox with uBlock Origin" "opaque paths"
fi

# --- For real
for front in nginx caddy haproxy; do
  if find_any "$front" >/dev/null; then
    if python3 tests/deploy/fronts.py "$front"; then say "ok      a real $front"; else say "FAILED  a real $front"; failed=1; fi
  fi
done
if python3 tests/deploy/kubelet.py; then say "ok      the kubelet's order"; else say "FAILED  the kubelet's order"; failed=1; fi
if python3 tests/deploy/activation.py; then say "ok      socket activation and sd_notify"; else say "FAILED  socket activation"; failed=1; fi
if [ -x "${BAUTA_STATIC:-}" ]; then
  if python3 tests/deploy/chroot.py "$BAUTA_STATIC"; then say "ok      the static binary in an empty root"; else say "FAILED  the static binary"; failed=1; fi
else
  skip "a static binary (BAUTA_STATIC, make static)" "the image's root"
fi

[ -z "$absent" ] || say "not checked for want of:$absent"
[ "$failed" -eq 0 ] || fail "something in deploy/ is wrong"
say "all that can be checked here is right"
