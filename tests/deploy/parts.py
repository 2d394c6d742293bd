"""What the deployment tests share: a stand-in vendor, an application, bauta, and a client that chooses its own address."""

import http.client
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = "shop.example"
OWN = "numbers.shop.example"
TOKEN = "phc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
PLAUSIBLE_ALIASES = """{ root = "kelimoru", words = { "/api/event" = "fobaru", "/js/script.js" = "gudolo" }, previous = [{ root = "nurobiva", words = { "/api/event" = "vukezo" } }] }"""
POSTHOG_ALIASES = """{ root = "zifudape", words = { "/e/" = "merulo", "/flags/" = "sajovi", "/static/array.js" = "bikoru" } }"""
EVENT = json.dumps({"n": "pageview", "u": "https://shop.example/", "d": "shop.example"}).encode()


def bauta_binary():
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    return os.environ.get("BAUTA_BIN", f"{target}/debug/bauta")


def find(name):
    """The path of a program, also where only root looks, or None."""
    given = os.environ.get(name.upper())
    return given or shutil.which(name) or shutil.which(name, path=f"/usr/sbin:/sbin:/usr/local/sbin:{ROOT}/target/deploy-tools/bin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, holds, seconds=15):
    """Waits for a condition; fails loudly when it does not come."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Recorder(http.server.ThreadingHTTPServer):
    """Answers 202 to POST and 200 to GET, and keeps what it was sent."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, page=b"page"):
        self.seen, self.lock, self.page = [], threading.Lock(), page
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


    def handle_error(self, *_):
        """A front end that is stopped resets its connections; that is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers.items()), body))
        self.answer(202, b"ok")

    def do_GET(self):
        script = self.path.startswith("/js/")
        self.answer(200, b"/* script */" if script else self.server.page, "application/javascript" if script else "text/html")


class Bauta:
    """The real binary with two sites: one below /stats of the shop's host, one on a domain of its own."""

    def __init__(self, vendor_port, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="bauta-"))
        self.port, self.health, self.admin = free_port(), free_port(), free_port()
        (self.folder / "hmac.key").write_bytes(bytes((7 * index + 13) % 251 for index in range(32)))
        (self.folder / "bauta.toml").write_text(self.config(vendor_port))
        self.process = None

    def config(self, vendor_port, prefix="/stats"):
        def site(name, host, path, more=""):
            return f"""
[[site]]
name = "{name}"
hosts = ["{host}"]
[[site.upstream]]
vendor = "plausible"
url = "http://127.0.0.1:{vendor_port}"
path = "{path}"
sites = ["shop.example"]
{more}
[site.quota]
per_visitor = "1000000/min"
per_address = "1000000/min"
"""

        return f"""version = 1
[listen]
address = "127.0.0.1:{self.port}"
trusted_proxies = ["127.0.0.1/32"]
[health]
address = "127.0.0.1:{self.health}"
[admin]
address = "127.0.0.1:{self.admin}"
[limits]
body = "2MB"
[keys]
active = {{ id = "t", file = "hmac.key" }}
{site("shop", HOST, prefix, 'aliases = ' + PLAUSIBLE_ALIASES)}
[[site.upstream]]
vendor = "posthog"
url = "http://127.0.0.1:{vendor_port}"
path = "/ph"
tokens = ["{TOKEN}"]
aliases = {POSTHOG_ALIASES}
{site("own", OWN, "/")}"""

    def start(self, *arguments, wait=True):
        log = open(self.folder / "log", "ab")
        command = [bauta_binary(), "serve", "-c", str(self.folder / "bauta.toml"), *arguments]
        environment = {key: value for key, value in os.environ.items() if key != "DO_NOT_TRACK"}
        # As the rendered containers have them: addresses that hold even when the file cannot be read.
        environment["BAUTA__LISTEN__ADDRESS"] = f"127.0.0.1:{self.port}"
        environment["BAUTA__HEALTH__ADDRESS"] = f"127.0.0.1:{self.health}"
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        if wait:
            until("bauta listens", lambda: listens(self.port) and listens(self.health))
        return self

    def stop(self, how="terminate"):
        if self.process and self.process.poll() is None:
            getattr(self.process, how)()
            return self.process.wait(60)
        return None

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=5)
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def metric(self, name):
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def render(self, what):
        folder = tempfile.mkdtemp(prefix="rendered-", dir=self.folder)
        command = [bauta_binary(), "render", what, "-c", str(self.folder / "bauta.toml"), "--out", folder]
        subprocess.run(command, check=True, capture_output=True)
        return {path.name: path.read_text() for path in pathlib.Path(folder).iterdir()}


class Client:
    """One connection, from an address of its choice, through TLS if a certificate is given."""

    def __init__(self, port, source="127.0.0.1", certificate=None, host=HOST):
        raw = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
        if certificate:
            context = ssl.create_default_context(cafile=str(certificate))
            raw = context.wrap_socket(raw, server_hostname=host)
        self.connection = http.client.HTTPConnection(host)
        self.connection.sock = raw
        self.host = host

    def ask(self, method, path, body=None, **headers):
        fields = {"Host": self.host, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        fields.update({key.replace("_", "-"): value for key, value in headers.items()})
        if body is not None:
            fields.setdefault("Content-Type", "text/plain")
        self.connection.request(method, path, body=body, headers=fields)
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def certificate(folder):
    """A certificate for both hosts that signs itself, and its key."""
    crt, key = folder / "edge.crt", folder / "edge.key"
    names = f"subjectAltName=DNS:{HOST},DNS:{OWN}"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(crt), "-subj", f"/CN={HOST}", "-addext", names]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "edge.pem").write_bytes(crt.read_bytes() + key.read_bytes())
    return crt, key


def tell(line):
    print(line, flush=True)


def main(run):
    try:
        run(sys.argv[1:])
    except AssertionError as failed:
        tell(f"FAILED: {failed}")
        sys.exit(1)
