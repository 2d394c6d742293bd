"""Plays the kubelet: probes, a swapped ConfigMap, and rollouts in the order of native sidecars.

    python3 tests/deploy/kubelet.py [rollouts] [events]

Twenty rollouts with 10,000 events in flight over them: none is lost. Each rollout starts the next pod, waits for its
probes, sends new traffic there, tells the old application to stop (which finishes what it has begun), then bauta, and
kills what is left at the deadline. Besides: no probe depends on the vendor, a changed ConfigMap is in force within two
seconds, and a pod with a broken one still starts its application.
"""

import pathlib
import queue
import tempfile
import threading
import time

from parts import EVENT, Bauta, Client, Recorder, listens, main, tell, until

GRACE = 45


class Pod:
    """An application that posts events to the bauta beside it, as the visitors of that pod do."""

    def __init__(self, vendor_port):
        self.bauta = Bauta(vendor_port).start("--on-bad-config=drop")
        until("the probes", lambda: self.bauta.get("/startupz")[0] == 200 and self.bauta.get("/readyz")[0] == 200)
        self.work, self.failed, self.done = queue.Queue(), [], 0
        self.threads = [threading.Thread(target=self.serve) for _ in range(8)]
        for thread in self.threads:
            thread.start()

    def serve(self):
        client = Client(self.bauta.port)
        while (number := self.work.get()) is not None:
            try:
                body = EVENT.replace(b"pageview", b"event-%06d" % number)
                status = client.ask("POST", "/stats/api/event", body, X_Forwarded_For="203.0.113.9")[0]
                if status != 202:
                    self.failed.append((number, status))
            except OSError as error:
                self.failed.append((number, repr(error)))
                client = Client(self.bauta.port)

    def stop(self):
        """TERM to the application: it ends when its work is done. Then TERM to bauta, KILL at the deadline."""
        begun = time.monotonic()
        for _ in self.threads:
            self.work.put(None)
        # bauta is told while the last events are under way: the drain has to finish them.
        until("the queue is nearly empty", lambda: self.work.qsize() <= len(self.threads), GRACE)
        for thread in self.threads:
            thread.join(GRACE)
        self.bauta.process.terminate()
        try:
            code = self.bauta.process.wait(max(1, GRACE - (time.monotonic() - begun)))
        except Exception:
            self.bauta.process.kill()
            raise AssertionError("bauta had to be killed at the deadline")
        assert code == 0, f"bauta ended with {code}"


def rollouts(count, events):
    vendor = Recorder()
    pod, sent, failed = Pod(vendor.port), 0, []
    each = events // count
    for _ in range(count):
        for _ in range(each):
            pod.work.put(sent)
            sent += 1
        following = Pod(vendor.port)
        old, pod = pod, following
        old.stop()
        failed += old.failed
    pod.stop()
    names = {body.split(b'"n": "')[1].split(b'"')[0] for _, _, body in vendor.seen if b"event-" in body}
    lost = sent - len(names)
    assert not failed, f"{len(failed)} failed: {failed[:5]}"
    assert lost == 0, f"{lost} of {sent} lost"
    assert len(vendor.seen) == sent, f"{len(vendor.seen)} arrived of {sent}: some twice"
    vendor.shutdown()
    tell(f"kubelet/rollouts: {count} rollouts, {lost} of {sent} events lost, none twice")


def drains(count):
    """TERM while requests are being answered: a slow vendor holds them."""
    vendor = Recorder()
    lost = 0
    for _ in range(count):
        bauta = Bauta(vendor.port).start()
        results = []
        clients = [Client(bauta.port) for _ in range(32)]

        def post(client):
            try:
                results.append(client.ask("POST", "/stats/api/event", EVENT)[0])
            except OSError as error:
                results.append(repr(error))

        # Every connection has been used once, so that bauta knows it; then all ask at the same time.
        with vendor.lock:
            threads = [threading.Thread(target=post, args=(client,)) for client in clients]
            for thread in threads:
                thread.start()
            until("all are in flight", lambda: bauta.metric("bauta_requests_in_flight") == len(clients))
            bauta.process.terminate()
            until("the drain has begun", lambda: bauta.get("/readyz")[0] == 503)
        for thread in threads:
            thread.join()
        assert bauta.process.wait(GRACE) == 0
        lost += sum(result != 202 for result in results)
    vendor.shutdown()
    assert lost == 0, f"{lost} lost in flight: {results}"
    tell(f"kubelet/drain: TERM with 32 requests in flight, {count} times: {lost} lost")


def probes_depend_on_nothing():
    bauta = Bauta(1).start()  # nobody listens on port 1: the vendor is away
    for path in ("/livez", "/readyz", "/startupz"):
        assert bauta.get(path)[0] == 200, path
    assert Client(bauta.port).ask("POST", "/stats/api/event", EVENT)[0] == 202
    for path in ("/livez", "/readyz", "/startupz"):
        assert bauta.get(path)[0] == 200, path
    bauta.stop()
    tell("kubelet/probes: 200 with the vendor away, before and after an event")


def config_map():
    vendor = Recorder()
    bauta = Bauta(vendor.port)
    folder, text = bauta.folder, (bauta.folder / "bauta.toml").read_text()
    for version, content in (("1", text), ("2", bauta.config(vendor.port, "/other")), ("3", "version = 1\nbroken =")):
        place = folder / f"..{version}"
        place.mkdir()
        (place / "bauta.toml").write_text(content)
        (place / "hmac.key").write_bytes((folder / "hmac.key").read_bytes())
    for name in ("bauta.toml", "hmac.key"):
        (folder / name).unlink()
        (folder / name).symlink_to(pathlib.Path("..data") / name)

    def swap(version):
        (folder / "..data_tmp").symlink_to(f"..{version}")
        (folder / "..data_tmp").rename(folder / "..data")

    swap("1")
    bauta.start()
    ask = lambda path: Client(bauta.port).ask("POST", f"{path}/api/event", EVENT)[0]
    assert (ask("/stats"), ask("/other")) == (202, 404)
    begun = time.monotonic()
    swap("2")
    until("the new configuration", lambda: ask("/other") == 202, 2)
    took = time.monotonic() - begun
    swap("3")
    until("the refusal", lambda: "bauta_config_last_reload_successful 0" in bauta.get("/metrics")[1], 2)
    assert ask("/other") == 202
    bauta.stop()
    tell(f"kubelet/configmap: in force after {took:.2f} s; a broken one changes nothing")

    bauta.start("--on-bad-config=drop")
    assert bauta.get("/livez")[0] == 200, "the pod must live"
    assert ask("/stats") == 202
    application_starts = listens(bauta.port)
    swap("2")
    until("the mended one", lambda: listens(bauta.port) and ask("/other") == 202 and bauta.get("/readyz")[0] == 200, 5)
    bauta.stop()
    vendor.shutdown()
    assert application_starts
    tell("kubelet/broken: a pod with a broken ConfigMap starts its application, and bauta goes to work when it is mended")


def run(arguments):
    count, events = (int(text) for text in (arguments + ["20", "10000"])[:2]) if len(arguments) == 2 else (20, 10000)
    tempfile.tempdir = tempfile.mkdtemp(prefix="kubelet-")
    probes_depend_on_nothing()
    config_map()
    drains(5)
    rollouts(count, events)


main(run)
