"""The static binary in an otherwise empty root: it resolves its upstream by /etc/resolv.conf alone, and trusts the web's
authorities without a file.

    python3 tests/deploy/chroot.py target/x86_64-unknown-linux-gnu/debug/bauta

A name server of this script answers; the root holds the binary, the configuration, its key and resolv.conf, nothing else.
"""

import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from parts import EVENT, OWN, Bauta, Client, Recorder, certificate, find, listens, main, tell, until

NAME = "vendor.test.example"


def serve_names(asked):
    """Answers every A question with 127.0.0.1 and every other one with nothing, on port 53 of 127.0.0.53."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.53", 53))

    def loop():
        while True:
            query, who = server.recvfrom(512)
            end = query.index(b"\0", 12) + 5
            kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
            asked.append(query[12 : end - 5])
            answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + bytes([127, 0, 0, 1]) if kind == 1 else b""
            count = 1 if kind == 1 else 0
            server.sendto(query[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + query[12:end] + answer, who)

    threading.Thread(target=loop, daemon=True).start()


def run(arguments):
    binary = arguments[0]
    linked = subprocess.run(["ldd", binary], capture_output=True, text=True)
    assert "statically linked" in linked.stdout or "not a dynamic" in linked.stderr, linked.stdout + linked.stderr
    asked = []
    serve_names(asked)
    vendor = Recorder()
    root = pathlib.Path(tempfile.mkdtemp(prefix="root-"))
    bauta = Bauta(vendor.port, folder=root / "conf") if (root / "conf").mkdir() is None else None
    text = (root / "conf/bauta.toml").read_text()
    # The last site's upstream speaks TLS with a certificate that no authority of the web has signed.
    crt, key = certificate(pathlib.Path(tempfile.mkdtemp()))
    stranger = Recorder()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    stranger.socket = context.wrap_socket(stranger.socket, server_side=True)
    first, plain, last = text.rpartition(f"http://127.0.0.1:{vendor.port}")
    text = first + f"https://{NAME}:{stranger.port}" + last
    (root / "conf/bauta.toml").write_text(text.replace(plain, f"http://{NAME}:{vendor.port}"))
    (root / "etc").mkdir()
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.53\n")
    shutil.copy(binary, root / "bauta")
    os.chmod(root, 0o755)
    os.chmod(root / "conf", 0o755)
    os.chmod(root / "conf/hmac.key", 0o444)
    command = [find("chroot"), "--userspec=65532:65532", str(root), "/bauta", "serve", "-c", "/conf/bauta.toml"]
    log = open(root.with_suffix(".log"), "wb")
    bauta.process = subprocess.Popen(command, stdout=log, stderr=log, env={})
    until("bauta listens", lambda: listens(bauta.port) or bauta.process.poll() is not None)
    assert bauta.process.poll() is None, root.with_suffix(".log").read_text()
    assert Client(bauta.port).ask("POST", "/stats/api/event", EVENT)[0] == 202
    until("the event at the vendor", lambda: vendor.seen, 5)
    assert asked, "no name was asked for"
    health = subprocess.run([find("chroot"), str(root), "/bauta", "healthcheck", "--address", f"127.0.0.1:{bauta.health}"], env={}, capture_output=True)
    assert health.returncode == 0, health.stderr
    # The authorities are inside: such a certificate is refused as such, not for want of a file.
    assert Client(bauta.port, host=OWN).ask("POST", "/api/event", EVENT)[0] == 202
    refused = bauta.metric('bauta_upstream_errors_total{kind="tls"}')
    assert refused == 1 and not stranger.seen, refused
    bauta.stop()
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    size = (root / "bauta").stat().st_size / 1e6
    tell(f"chroot: resolved {NAME} as user 65532 in a root of {names}; binary {size:.0f} MB; healthcheck ok; a stranger's certificate is refused")


main(run)
