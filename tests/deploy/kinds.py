"""The kinds that no schema here knows, checked by hand: HTTPRoute, PodMonitor and Component.

Read with a reader of our own for the plain YAML that `bauta render` writes (maps, lists, scalars), so that nothing has
to be installed. What is checked: apiVersion and kind, only known fields, and names that belong together.
"""

import pathlib
import re

from parts import ROOT, main, tell


def scalar(text):
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [scalar(part) for part in text[1:-1].split(",") if part.strip()]
    if text[:1] in "\"'":
        return text[1:-1]
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def parse(lines, depth=0):
    """Consumes lines that stand at least `depth` deep; gives a map, a list or a scalar."""
    value = None
    while lines:
        line = lines[0]
        indent = len(line) - len(line.lstrip())
        if indent < depth:
            break
        depth = indent
        text = line.strip()
        if text.startswith("- "):
            value = value if isinstance(value, list) else []
            lines[0] = " " * (indent + 2) + text[2:]
            if re.match(r"[\w./-]+:( |$)", text[2:]):
                value.append(parse(lines, indent + 2))
            else:
                lines.pop(0)
                value.append(scalar(text[2:]))
            continue
        if isinstance(value, list):
            break
        value = value or {}
        key, _, rest = text.partition(":")
        assert key not in value, f"{key} stands twice"
        lines.pop(0)
        if rest.strip():
            value[key] = scalar(rest)
        else:
            deeper = lines and (len(lines[0]) - len(lines[0].lstrip())) >= indent + (0 if lines[0].strip().startswith("- ") else 1)
            value[key] = parse(lines, len(lines[0]) - len(lines[0].lstrip())) if deeper else None
    return value


def load(path):
    text = (ROOT / "deploy" / path).read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return parse(lines)


def only(found, allowed, where):
    extra = set(found) - set(allowed)
    assert not extra, f"{where}: unknown fields {sorted(extra)}"


def head(item, version, kind):
    assert (item["apiVersion"], item["kind"]) == (version, kind), item


def route(path, service):
    item = load(path)
    head(item, "gateway.networking.k8s.io/v1", "HTTPRoute")
    only(item["spec"], ["parentRefs", "hostnames", "rules"], path)
    assert item["spec"]["hostnames"] == ["shop.example"], item["spec"]
    for rule in item["spec"]["rules"]:
        only(rule, ["matches", "backendRefs", "filters", "timeouts"], path)
        for match in rule["matches"]:
            only(match["path"], ["type", "value"], path)
            assert match["path"]["type"] in ("Exact", "PathPrefix") and match["path"]["value"].startswith("/"), match
        for backend in rule["backendRefs"]:
            only(backend, ["name", "port"], path)
            assert backend == {"name": service, "port": 8787}, backend


def monitor(path, label):
    item = load(path)
    head(item, "monitoring.coreos.com/v1", "PodMonitor")
    only(item["spec"], ["selector", "podMetricsEndpoints", "namespaceSelector", "jobLabel"], path)
    expression = item["spec"]["selector"]["matchExpressions"][0]
    assert (expression["key"], expression["values"]) == label, expression
    for endpoint in item["spec"]["podMetricsEndpoints"]:
        only(endpoint, ["port", "path", "interval"], path)
        assert endpoint["port"] == "bauta-health", endpoint
    pods = (ROOT / "deploy/kubernetes" / (pathlib.Path(path).name.split("-")[0] + ".yaml")).read_text()
    assert f"{label[0]}: {label[1][0]}" in pods and "name: bauta-health" in pods, "the monitor selects nothing"


def run(_):
    route("kubernetes/sidecar-httproute.yaml", "shop")
    route("kubernetes/gateway-httproute.yaml", "bauta")
    monitor("kubernetes/sidecar-podmonitor.yaml", ("bauta", ["sidecar"]))
    monitor("kubernetes/gateway-podmonitor.yaml", ("app.kubernetes.io/component", ["gateway"]))
    component = load("kustomize/components/bauta/kustomization.yaml")
    head(component, "kustomize.config.k8s.io/v1alpha1", "Component")
    only(component, ["apiVersion", "kind", "resources", "patches"], "component")
    for name in component["resources"] + [component["patches"][0]["path"]]:
        assert (ROOT / "deploy/kustomize/components/bauta" / name).exists(), name
    tell("kinds: HTTPRoute 2/2, PodMonitor 2/2, Component 1/1")


main(run)
