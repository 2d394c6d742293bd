"""bauta behind a real nginx, Caddy or HAProxy, each with the very snippet that `bauta render` prints.

    python3 tests/deploy/fronts.py nginx [caddy] [haproxy]

Shown for each: the right client address and no way to forge it, connections kept alive on both sides, sizes of bodies,
TLS at the edge, a path prefix and a domain of its own, no cookie at the vendor, and what the page gets when bauta is
down or hangs.
"""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

from parts import EVENT, HOST, OWN, TOKEN, Bauta, Client, Recorder, certificate, find, free_port, listens, main, tell, until


def nginx(folder, port, app, crt, key, files):
    for name, text in files.items():
        (folder / name).write_text(text)
    user = "user root;" if os.getuid() == 0 else ""
    temp = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    server = f"""
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {HOST} {OWN};
        ssl_certificate {crt};
        ssl_certificate_key {key};
        include {folder}/bauta-locations.conf;
        location / {{ proxy_pass http://127.0.0.1:{app}; }}
    }}"""
    (folder / "nginx.conf").write_text(f"""{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    server_tokens off;
{temp}
    include {folder}/bauta-upstream.conf;
{server}
}}
""")
    binary = find("nginx")
    subprocess.run([binary, "-t", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"], check=True, capture_output=True)
    return [binary, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"], None


def caddy(folder, port, app, crt, key, files):
    text = files["Caddyfile"].replace("127.0.0.1:3000", f"127.0.0.1:{app}")
    text = text.replace(f"{HOST} {{\n", f"https://{HOST}:{port}, https://{OWN}:{port} {{\n\ttls {crt} {key}\n", 1)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n\tpersist_config off\n}\n" + text)
    command = [find("caddy"), "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]
    return command, {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def haproxy(folder, port, app, crt, key, files):
    text = files["haproxy.cfg"].replace("127.0.0.1:3000", f"127.0.0.1:{app}")
    text = text.replace("bind :443 ssl crt /etc/haproxy/certs/", f"bind 127.0.0.1:{port} ssl crt {folder}/edge.pem")
    # Room for what the buffered body is allowed to be is HAProxy's own business, in its global section.
    (folder / "haproxy.cfg").write_text("global\n    maxconn 512\n    tune.bufsize 65536\ndefaults\n    mode http\n" + text)
    binary = find("haproxy")
    checked = subprocess.run([binary, "-c", "-f", f"{folder}/haproxy.cfg"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return [binary, "-db", "-f", f"{folder}/haproxy.cfg"], None


# What is asked for while bauta is away, and what each vendor's client is to get.
AWAY = [
    ("event", "/stats/api/event", 202),
    ("event", "/kelimoru/fobaru", 202),
    ("event", "/ph/i/v0/e/", 503),
    ("event", "/ph/e/", 503),
    ("event", "/ph/s/", 503),
    ("event", "/zifudape/merulo", 503),
    ("flags", "/ph/flags/?v=2", 503),
    ("flags", "/zifudape/sajovi?v=2", 503),
    ("script", "/ph/static/array.js", 503),
    ("script", f"/ph/array/{TOKEN}/config.js", 503),
    ("script", "/zifudape/bikoru.js", 503),
    ("script", "/stats/js/script.js", 503),
    ("script", "/kelimoru/gudolo.js", 503),
]

FRONTS = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}


def address_of(vendor, marker):
    """The address that the vendor was told for the event with this marker."""
    until(f"the event {marker}", lambda: any(marker.encode() in body for _, _, body in vendor.seen))
    path, headers, _ = next(entry for entry in vendor.seen if marker.encode() in entry[2])
    assert path == "/api/event", path
    lower = {name.lower(): value for name, value in headers.items()}
    assert "cookie" not in lower and "authorization" not in lower and "x-real-ip" not in lower, lower
    return lower.get("x-forwarded-for")


def marked(marker):
    return EVENT.replace(b"pageview", marker.encode())


def check(name):
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"front-{name}-"))
    vendor, app = Recorder(), Recorder(b"the application's page")
    crt, key = certificate(folder)
    bauta = Bauta(vendor.port).start()
    port = free_port()
    command, environment = FRONTS[name](folder, port, app.port, crt, key, bauta.render(name))
    log = open(folder / "front.log", "wb")
    front = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        until(f"{name} listens", lambda: listens(port) or front.poll() is not None)
        assert front.poll() is None, (folder / "front.log").read_text()[-2000:]
        shop = lambda source="127.0.0.1", host=HOST: Client(port, source, crt, host)
        if name == "haproxy":
            time.sleep(1.5)  # its check has to find bauta up once; that is HAProxy's own clock

        # The right address, whatever the client claims, and no cookie.
        forged = {"X_Forwarded_For": "6.6.6.6", "X_Real_IP": "6.6.6.6", "Forwarded": "for=6.6.6.6", "Cookie": "sid=secret"}
        status, _, body = shop("127.0.0.7").ask("POST", "/stats/api/event", marked("forged"), **forged)
        assert (status, body) == (202, b"ok"), (status, body)
        assert address_of(vendor, "forged") == "127.0.0.7", address_of(vendor, "forged")
        status, _, _ = shop("127.0.0.8").ask("POST", "/stats/api/event", marked("plain"))
        assert status == 202 and address_of(vendor, "plain") == "127.0.0.8"
        tell(f"  {name}: the client's address is right and cannot be forged; TLS at the edge; no cookie at the vendor")

        # A path prefix, a domain of its own, and the application beside them.
        assert shop().ask("GET", "/stats/js/script.js")[2] == b"/* script */"
        assert shop().ask("GET", "/anything")[2] == b"the application's page"
        status, _, _ = shop(host=OWN).ask("POST", "/api/event", marked("owndomain"))
        assert status == 202 and address_of(vendor, "owndomain") == "127.0.0.1"
        tell(f"  {name}: path prefix and a domain of its own")

        # Connections are kept on both sides.
        before = bauta.metric("bauta_connections_accepted_total")
        kept = shop()
        for _ in range(100):
            assert kept.ask("POST", "/stats/api/event", EVENT)[0] == 202
        opened = bauta.metric("bauta_connections_accepted_total") - before
        assert opened <= 5, f"{opened} connections for 100 requests"
        tell(f"  {name}: keep-alive: 100 requests over 1 connection in front and {opened:.0f} new ones behind")

        # Sizes: a large but legal event passes, one above the cap is refused, and the next one is not affected.
        large = marked("large").replace(b'"d"', b'"x": "' + b"a" * 40_000 + b'", "d"')
        assert shop().ask("POST", "/stats/api/event", large)[0] == 202
        address_of(vendor, "large")
        try:
            status = shop().ask("POST", "/stats/api/event", b"{" + b" " * 9_000_000 + b"}")[0]
        except OSError:
            status = 413  # refused and closed while it was still being sent
        # Caddy begins to forward before it has counted, so there it is bauta that sees a body without an end.
        assert status in ((400, 413) if name == "caddy" else (413,)), status
        assert shop().ask("POST", "/stats/api/event", EVENT)[0] == 202
        tell(f"  {name}: 40 kB pass, 9 MB are refused")

        # The opaque paths are led to bauta, earlier words too; whether this session may use them is asked there.
        refused = lambda: bauta.metric('bauta_aliases_total{result="refused"')
        before = refused()
        for path, expected in (("/kelimoru/fobaru", 202), ("/nurobiva/vukezo", 202), ("/zifudape/merulo", 200)):
            assert shop().ask("POST", path, EVENT)[0] == expected, path
        assert refused() == before + 3
        tell(f"  {name}: opaque paths of both vendors, current and earlier")

        # bauta hangs: it takes connections and says nothing. Each client gets what suits it, and no page waits long for
        # what it needs to go on.
        slowest = {}
        for what, path, expected in AWAY:
            bauta.process.send_signal(signal.SIGSTOP)
            begun = time.monotonic()
            status, _, _ = shop().ask("GET" if what == "script" else "POST", path, None if what == "script" else EVENT)
            slowest[what] = max(slowest.get(what, 0), time.monotonic() - begun)
            bauta.process.send_signal(signal.SIGCONT)
            assert status == expected, f"hanging: {path} {status}"
            assert bauta.get("/livez")[0] == 200
            if name == "haproxy":
                until("HAProxy finds bauta again", lambda: shop().ask("GET", "/stats/js/script.js")[0] == 200)
        # The snippets say 5 s for events, 2 s for the rest; room for a busy machine.
        assert slowest["event"] < 9 and slowest["flags"] < 5 and slowest["script"] < 5, slowest
        waits = ", ".join(f"{what} after {seconds:.1f} s" for what, seconds in slowest.items())
        tell(f"  {name}: hanging: Plausible 202, PostHog 503, flags and scripts 503; the slowest {waits}")

        # bauta is down: likewise, and the application does not notice.
        bauta.stop("kill")
        for _ in range(20):
            status, _, _ = shop().ask("POST", "/stats/api/event", EVENT)
            assert status == 202, f"down: {status}"
        # PostHog's clients send an event again after 503, and must not take it for success.
        begun = time.monotonic()
        for what, path, expected in AWAY:
            method, body = ("GET", None) if what == "script" else ("POST", b"{}")
            status, _, _ = shop().ask(method, path, body)
            assert status == expected, f"down: {path} {status}"
        assert time.monotonic() - begun < 5, "the page waits"
        assert shop().ask("GET", "/anything")[0] == 200
        # And it is used again when it is back.
        bauta.start()
        seen = lambda: shop().ask("POST", "/stats/api/event", marked("back"))[0] == 202 and any(
            b"back" in body for _, _, body in vendor.seen
        )
        until("events arrive again", seen, 30)
        tell(f"  {name}: down: Plausible 202, PostHog 503, flags and scripts 503 at once; used again when it is back")
    finally:
        front.terminate()
        front.wait(20)
        bauta.stop("kill")
        vendor.shutdown()
        app.shutdown()
    version = subprocess.run([command[0], "-v" if name != "caddy" else "version"], capture_output=True, text=True)
    word = re.search(r"\d+\.\d+\.\d+", version.stdout + version.stderr)
    tell(f"fronts/{name} {word.group(0) if word else ''}: 7/7")


def run(names):
    for name in names or list(FRONTS):
        assert find(name), f"{name} is not installed: run make setup-deploy"
        check(name)


main(run)
