#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets that begin with a choice byte: a few small inputs for each reader, from tests/data.

usage: fuzz_seeds.py        (from anywhere; replaces fuzz/seeds/<target>/ of the targets named below)

fuzz_certificate.pem is any certificate of a key on P-256; nothing trusts it.

The bytes in front are those that fuzz/fuzz_targets/<target>.rs says. The seeds of `session` and `stored` are older cookies
and stored values and are not touched.
"""
import base64
import gzip
import json
import pathlib
import re
import shutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/data"
# A larger seed slows every mutation of it down.
LARGEST = 3000


def rows(name):
    with open(DATA / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(target, seeds):
    folder = ROOT / "fuzz/seeds" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, seed in seeds.items():
        if len(seed) <= LARGEST:
            (folder / name).write_bytes(seed)
    print(f"{target}: {len(list(folder.iterdir()))}")


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def bodies():
    """One body of each of the captured clients' endpoints, for our own site and project."""
    found = {}
    for row in rows("captures/posthog.jsonl"):
        if row["method"] == "POST" and row.get("body_b64") and "json" in row.get("decoded", {}):
            body = re.sub(r"phc_\w+", "phc_fuzz", text(row["decoded"]["json"]))
            key = (row["path"].removeprefix("/ph").rstrip("/") or "/", row["decoded"]["steps"][:1] == ["gzip"])
            if len(body) < LARGEST:
                found.setdefault(key, (row["query"], body.encode(), base64.b64decode(row["body_b64"])))
    return found


def decode():
    paths = ["/e", "/batch", "/capture", "/s", "/flags", "/decide", "/i/v1/analytics/events", "/i/v1/logs"]
    seeds = {}
    for (path, packed), (_, body, wire) in bodies().items():
        if path in paths:
            name = path.strip("/").replace("/", "-")
            reader = paths.index(path) << 2
            seeds[f"{name}-wire-{packed:d}"] = bytes([reader, 1 << 3 | 1, 0]) + wire
            seeds[f"{name}-packed-{packed:d}"] = bytes([reader, 1 << 3 | 1, 1 | 1 << 2]) + body
            seeds[f"{name}-form-{packed:d}"] = bytes([reader, 3 << 3, 2]) + base64.b64encode(body)
    event = b'{"n":"pageview","u":"https://shop.example/a","d":"shop.example","p":{"a":"b"}}'
    form = b"n=pageview&u=https%3A%2F%2Fshop.example%2F&d=shop.example&p[a]=b&p[l][]=1&p[l][]=2+3"
    multipart = b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\npageview\r\n--b\r\n' \
                b'Content-Disposition: form-data; name="p[a]"\r\n\r\nb\r\n--b--\r\n'
    for kind, body in [(1, event), (2, event), (3, form), (4, multipart), (5, event), (6, event)]:
        seeds[f"plausible-{kind}"] = bytes([1, kind, 0]) + body
    seeds["form"], seeds["multipart"] = bytes([3, 0, 0]) + form, bytes([3, 0, 0]) + multipart
    # The codecs: gzip, zlib, brotli (a stored block), zstd (a raw block), lz-string's base64, base64.
    import zlib
    seeds["gzip"] = bytes([2, 0, 0]) + gzip.compress(event, mtime=0)
    seeds["two-members"] = bytes([2, 0, 0]) + gzip.compress(b"{", mtime=0) + gzip.compress(b"}", mtime=0)
    seeds["zlib"], seeds["deflate"] = bytes([2, 1, 0]) + zlib.compress(event), bytes([2, 1, 0]) + zlib.compress(event)[2:-4]
    seeds["brotli"] = bytes([2, 2, 0, 0x10, 0x00, 0x10, 0x7b, 0x7d, 0x03])
    seeds["zstd"] = bytes([2, 3, 0]) + b"\x28\xb5\x2f\xfd\x20\x02\x11\x00\x00{}"
    seeds["lz"] = bytes([2, 4, 0]) + b"N4IgbiBcCMA0IGcogL5A"
    seeds["base64"] = bytes([2, 5, 0]) + base64.b64encode(event)
    seeds["bomb"] = bytes([2, 0, 0]) + gzip.compress(b" " * 300_000, mtime=0)
    seeds["round"] = bytes([2, 6, 0]) + event
    return seeds


def event():
    paths = ["/api/event", "/e", "/batch", "/capture", "/track", "/engage", "/s", "/flags", "/decide", "/i/v1/logs", "/i/v0/e",
             "/i/v1/analytics/events"]
    seeds = {}
    for (path, packed), (query, body, _) in bodies().items():
        if path in paths:
            for visitor, word in [(0, "agreed"), (1, "refused"), (3, "nobody"), (4, "gpc"), (8, "foreign")]:
                name = f"{path.strip('/').replace('/', '-')}-{packed:d}-{word}"
                seeds[name] = bytes([paths.index(path), visitor | packed << 4]) + query.encode() + b"\n" + body
    inner = '{"node":{"textContent":"nora@mail.example"}}'
    letters = "".join(map(chr, gzip.compress(inner.encode(), mtime=0)))
    snapshot = {"event": "$snapshot", "properties": {"token": "phc_fuzz", "distinct_id": "d", "$session_id": "s",
                "$snapshot_data": [{"type": 2, "cv": "2024-10", "data": letters}, {"type": 3, "data": {"texts": [{"value": "x"}]}}]}}
    log = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "hello nora@mail.example"}, "attributes":
           [{"key": "posthogDistinctId", "value": {"stringValue": "d"}}, {"key": "sessionId", "value": {"stringValue": "s"}}]}]}]}]}
    for visitor in (0, 1, 3):
        seeds[f"recording-{visitor}"] = bytes([6, visitor]) + b"\n" + json.dumps(snapshot).encode()
        seeds[f"logs-{visitor}"] = bytes([9, visitor]) + b"token=phc_fuzz\n" + json.dumps(log).encode()
    count = 0
    for row in rows("captures/plausible.jsonl"):
        if row["method"] == "POST" and row.get("body_text") and count < 12:
            body = re.sub(r'"d":"[^"]*"', '"d":"shop.example"', row["body_text"])
            seeds[f"plausible-{count}"] = bytes([0, count % 4 | count % 2 << 5]) + b"\n" + body.encode()
            count += 1
    props = {"n": "x", "d": "shop.example", "u": "https://shop.example/", "p": {"userId": "acct-7f3a9c5512e84b60", "who":
             "q7planted7q@mail.example"}}
    seeds["plausible-own"] = bytes([0, 0]) + b"\n" + json.dumps(props).encode()
    return seeds


def consent():
    # In the order of fuzz/config/consent.toml.
    kinds = re.findall(r'sources = \[\{ kind = "([a-z0-9-]+)"', (ROOT / "fuzz/config/consent.toml").read_text())
    seeds, count = {}, {}
    parts = [base64.urlsafe_b64encode(bytes(range(size))).decode().rstrip("=") for size in (16, 24, 32, 48)]
    for nth, value in enumerate(parts + [f"v1.{parts[0]}.{parts[2]}", f"a.{parts[0]}.1795000000.{parts[2]}"]):
        seeds[f"visitor-{nth}"] = f"\0__Host-bauta_id={value}; consent=1".encode()
    for row in rows("vectors/consent.jsonl"):
        kind, header = row.get("source"), row.get("cookie_header") or ""
        if kind not in kinds or not (header or row.get("query")):
            continue
        word = str((row.get("expect") or {}).get("analytics"))
        if count.setdefault((kind, word), 0) < 3:
            count[kind, word] += 1
            for site in [nth for nth, own in enumerate(kinds) if own == kind][:2]:
                seed = bytes([site]) + header.encode() + b"\n" + str(row.get("query") or "").encode()
                seeds[f"{kind}-{site}-{word}-{count[kind, word]}"] = seed
    return seeds


def scrub():
    seeds, kinds = {}, set()
    for row in rows("corpora/planted.jsonl"):
        if row["kind"] not in kinds:
            kinds.add(row["kind"])
            seeds[f"text-{row['kind']}"] = bytes([2 + len(kinds) % 2]) + row["text"].encode()
            seeds[f"url-{row['kind']}"] = bytes([4 + len(kinds) % 2]) + f"q={row['text']}".encode()
    for nth, row in enumerate(rows("corpora/pii.jsonl")[:24]):
        seeds[f"body-{nth}"] = bytes([row["upstream"] == "posthog"]) + text(row["body"]).encode()
    packed = base64.b64encode(b'{"email":"nora@mail.example"}').decode()
    for nth, nested in enumerate([packed, "a%40b.example%2540", "{\"a\":\"{\\\"email\\\":\\\"n@m.example\\\"}\"}", "&#110;@m.example"]):
        seeds[f"nested-{nth}"] = bytes([3]) + nested.encode()
    return seeds


def request():
    head = "Host: shop.example\nUser-Agent: x\n"
    return {name: seed.encode() for name, seed in {
        "event": "/api/event\n" + head + "Origin: https://shop.example\nSec-Fetch-Site: same-origin\nCookie: session=a; b=c\n",
        "foreign": "/ph/e/?ip=1&_=1795190145243&ver=1.250.0\n" + head + "Origin: https://evil.example\nReferer: https://x/?t=1\n",
        "preflight": "/ph/e/\n" + head + "Origin: https://blog.example\nAccess-Control-Request-Method: POST\n"
                     "Access-Control-Request-Headers: content-type\n",
        "forwarded-for": "/\n" + head + "X-Forwarded-For: 198.51.100.7, [2001:db8::1]:443, 10.0.0.2:1234\nX-Forwarded-For: fd00::1\n",
        "forwarded": "/\n" + head + 'Forwarded: for="[2001:db8::1]:4711";proto=https;by=_hidden, for=10.0.0.3\nForwarded: for=unknown\n',
        "absolute": "http://shop.example:8080/a/../b?x=%zz\n" + head + "Expect: 100-continue\n",
        "asset": "/static/1.449.2/recorder.js?v=1.449.2\n" + head + 'If-None-Match: "abc"\n',
        "bundle": "/array/phc_fuzz/config.js\n" + head + "Sec-GPC: 0, 1\nDNT: 1\n",
        "two-hosts": "/\nHost: shop.example\nHost: evil.example\n",
        "literal": "/%2e%2e/\nHost: [::1]:80\n",
    }.items()}


def answer():
    seeds = {
        "row": b"\x00true\nfull\n2026-01-02T03:04:05Z\n",
        "rows": b"\x001\nanonymised\n1795189936\n\n\n0\n\n\n1795189936500",
        "key-one": b"\x011", "key-level": b"\x01anonymised",
        "key-json": b'\x01{"analytics":true,"level":"full"}', "key-path": b'\x0d{"a":{"b":"yes"},"level":"local"}',
        "http": b'\x02\x00\x00true', "http-path": b'\x06\x00\x00{"analytics":{"granted":true}}', "http-status": b"\x0a\x01\x94{}",
        "results": b'\x03{"results":{"0190":{"result":"ok"}}}',
        "config": b'\x07{"sessionRecording":{"endpoint":"/s/"},"siteApps":[{"id":1}],"surveys":false,"x":"</script>\\u2028"}',
    }
    return seeds


def keyset():
    seeds, count = {}, {}
    for row in rows("vectors/sessions.jsonl"):
        config, framework = row["preset_config"], row["framework"]
        if "jwks" in config and count.setdefault(framework, 0) < 1:
            count[framework] += 1
            seeds[f"set-{framework}"] = b"\x00" + text(config["jwks"]).encode()
        for pem in config.get("public_keys_pem", [])[:1]:
            if count.setdefault("pem", 0) < 1:
                count["pem"] += 1
                seeds["pem"] = b"\x02" + pem.encode()
                seeds["der"] = b"\x07" + base64.b64decode("".join(pem.split("\n")[1:-2]))
    certificate = (ROOT / "tools/fuzz_certificate.pem").read_text()
    seeds["certificate"] = b"\x02" + certificate.encode()
    seeds["certificate-in-map"] = b"\x01" + certificate.encode()
    seeds["certificate-der"] = b"\x03" + base64.b64decode("".join(certificate.strip().split("\n")[1:-1]))
    return seeds


def redis():
    return {
        "bulk": b"\x00$5\r\nhello\r\n", "nil": b"\x00$-1\r\n", "error": b"\x00-WRONGTYPE Operation\r\n", "text": b"\x00+OK\r\n",
        "number": b"\x00:12\r\n", "large": b"\x00$99999\r\n", "list": b"\x01*2\r\n$1\r\na\r\n$-1\r\n", "nested": b"\x01*1\r\n*1\r\n:1\r\n",
        "negative": b"\x00$-2\r\nx\r\n", "huge": b"\x00$18446744073709551615\r\nx\r\n",
        "messages": b"\x02*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$2\r\n42\r\n",
    }


if __name__ == "__main__":
    for make in (decode, event, consent, scrub, request, answer, keyset, redis):
        write(make.__name__, make())
