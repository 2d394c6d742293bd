"""systemd's two conversations with a service, played by this script: a passed socket, and sd_notify.

A restart with the socket held open refuses nobody: connections made while nobody serves wait and are answered.
"""

import os
import pathlib
import socket
import subprocess
import tempfile
import time

from parts import EVENT, Bauta, Client, Recorder, bauta_binary, listens, main, tell, until


def start(bauta, listening, notify):
    """As systemd does it: the socket as descriptor 3, and LISTEN_PID the pid of the process that is started."""
    environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "events", "NOTIFY_SOCKET": notify}
    environment |= {"WATCHDOG_USEC": "200000"}
    environment.pop("DO_NOT_TRACK", None)
    script = 'export LISTEN_PID=$$; exec "$0" serve -c "$1" 3<&%d' % listening.fileno()
    log = open(bauta.folder / "log", "ab")
    command = ["sh", "-c", script, bauta_binary(), str(bauta.folder / "bauta.toml")]
    return subprocess.Popen(command, env=environment, pass_fds=[listening.fileno()], stdout=log, stderr=log)


def hear(manager, word):
    """Reads messages until one holds the word."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if word in manager.recv(4096).decode():
            return
    raise AssertionError(f"{word} was not said")


def run(_):
    vendor = Recorder()
    bauta = Bauta(vendor.port)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(1024)
    port = listening.getsockname()[1]
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(15)
    path = str(pathlib.Path(tempfile.mkdtemp()) / "notify")
    manager.bind(path)

    bauta.process = start(bauta, listening, path)
    hear(manager, "READY=1")
    hear(manager, "WATCHDOG=1")
    assert not listens(bauta.port), "the configured address is bound although a socket was passed"
    assert Client(port).ask("POST", "/stats/api/event", EVENT)[0] == 202
    answered = 1
    for _ in range(5):
        bauta.process.terminate()
        hear(manager, "STOPPING=1")
        waiting = []
        assert bauta.process.wait(30) == 0
        for _ in range(10):
            client = Client(port)  # nobody serves now: the connection waits in the held socket
            client.connection.request("POST", "/stats/api/event", EVENT, {"Host": "shop.example", "Content-Type": "text/plain", "User-Agent": "Mozilla/5.0"})
            waiting.append(client)
        bauta.process = start(bauta, listening, path)
        for client in waiting:
            assert client.connection.getresponse().status == 202
            answered += 1
        hear(manager, "READY=1")
    bauta.process.send_signal(1)
    hear(manager, "RELOADING=1\nMONOTONIC_USEC=")
    hear(manager, "READY=1")
    until("the events", lambda: len(vendor.seen) == answered)
    bauta.stop()
    tell(f"activation: READY, WATCHDOG, RELOADING and STOPPING heard; 5 restarts, 0 of {answered} refused")


main(run)
