#!/usr/bin/env python3
"""CPU per event of bauta beside nginx pass-through, in one run on one machine.

    benches/compare/run.py [--bauta target/release/bauta] [--seconds 4] [--rounds 5]

One worker each, pinned to core 0; wrk (32 connections, keep-alive) and the vendor's sink on core 1. CPU is the time on
the processor (user and system, /proc/PID/task/*/schedstat) of the whole server divided by answered requests; the ratio
is the median over rounds of bauta / nginx in the same round, because these numbers move with the machine.
Needs nginx and wrk. Everything listens on loopback and is stopped at the end.
"""
import argparse, base64, hashlib, hmac, json, os, pathlib, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

EVENT = json.dumps({
    "n": "pageview", "u": "https://shop.example/products/espresso-machine?utm_source=newsletter&utm_campaign=spring",
    "d": "shop.example", "r": "https://www.google.com/", "v": 36,
    "p": {"plan": "paid", "logged_in": "true", "theme": "dark", "experiment": "checkout-b", "app_version": "4.11.2",
          "category": "kitchen", "page_type": "product", "locale": "en-GB", "currency": "EUR", "items": "3"},
}, separators=(",", ":"))
SECRET = b"a-secret-of-the-benchmark-0123456789"


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def jwt():
    part = lambda v: base64.urlsafe_b64encode(json.dumps(v, separators=(",", ":")).encode()).rstrip(b"=")
    head = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({"sub": "user-4711", "exp": 4102444800, "analytics": True,
                                                            "plan": "paid", "email": "ada@example.org", "name": "Ada Byron"})
    return (head + b"." + base64.urlsafe_b64encode(hmac.new(SECRET, head, hashlib.sha256).digest()).rstrip(b"=")).decode()


def wait_for(number):
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {number}")


def tree(pid):
    pids, todo = [], [pid]
    while todo:
        one = todo.pop()
        pids.append(one)
        for task in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            todo += [int(child) for child in task.read_text().split()]
    return pids


def cpu(pid):
    """Nanoseconds on the processor of a process and its children."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for one in tree(pid) for task in pathlib.Path(f"/proc/{one}/task").iterdir())


def rss(pid):
    text = "".join(pathlib.Path(f"/proc/{one}/status").read_text() for one in tree(pid))
    return sum(int(kb) for kb in re.findall(r"VmRSS:\s+(\d+)", text)) / 1024


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bauta", default="target/release/bauta")
    ap.add_argument("--seconds", type=int, default=4)
    ap.add_argument("--rounds", type=int, default=5)
    a = ap.parse_args()
    for tool in ("nginx", "wrk", "taskset"):
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"):
            sys.exit(f"{tool} is needed for this comparison: install it with the system's package manager")
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    os.chmod(folder := tempfile.mkdtemp(prefix="bauta-bench-"), 0o755)
    work = pathlib.Path(folder)
    sink, plain, mine, health, admin = (port() for _ in range(5))
    common = "daemon off; master_process off; worker_processes 1; error_log stderr crit; pid %s/%s.pid; events { worker_connections 512; }\n"
    temp = "".join(f"{k}_temp_path {work}/{k}; " for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (work / "sink.conf").write_text(common % (work, "sink") + f"http {{ access_log off; {temp} keepalive_requests 100000000; server {{ listen 127.0.0.1:{sink}; "
                                    "location / { default_type text/plain; return 202 'ok'; } } }")
    (work / "plain.conf").write_text(common % (work, "plain") + f"http {{ access_log off; {temp} keepalive_requests 100000000; "
                                     f"upstream u {{ server 127.0.0.1:{sink}; keepalive 64; keepalive_requests 100000000; }} server {{ listen 127.0.0.1:{plain}; "
                                     "location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ''; } } }")
    (work / "hmac.key").write_bytes(os.urandom(32))
    (work / "session.secret").write_bytes(SECRET)
    (work / "bauta.toml").write_text(f"""version = 1
[listen]
address = "127.0.0.1:{mine}"
[health]
address = "127.0.0.1:{health}"
[admin]
address = "127.0.0.1:{admin}"
[keys]
active = {{ id = "b", file = "hmac.key" }}
[[site]]
name = "shop"
hosts = ["shop.example"]
[site.session]
preset = "jwt"
cookie = "session"
algorithms = ["HS256"]
secrets = [{{ file = "session.secret" }}]
user = ["sub"]
own = {{ email = [["email"]], name = [["name"]] }}
[site.consent]
sources = [{{ kind = "session", path = ["analytics"] }}]
[[site.upstream]]
vendor = "plausible"
url = "http://127.0.0.1:{sink}"
sites = ["shop.example"]
[site.quota]
per_visitor = "4000000000/min"
per_address = "4000000000/min"
""")
    cookie = f"_ga=GA1.1.1234567890.1700000000; theme=dark; session={jwt()}; csrftoken=c0ffee00c0ffee00c0ffee00c0ffee00"
    headers = {
        "Host": "shop.example", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Content-Type": "text/plain", "Accept": "*/*", "Accept-Language": "en-GB,en;q=0.9", "Accept-Encoding": "gzip, deflate, br, zstd",
        "Origin": "https://shop.example", "Referer": "https://shop.example/products/espresso-machine", "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "sec-ch-ua": '"Chromium";v="140", "Not?A_Brand";v="24"', "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Linux"', "Cookie": cookie,
    }
    lua = ["wrk.method = 'POST'", f"wrk.body = [==[{EVENT}]==]"] + [f"wrk.headers['{k}'] = [==[{v}]==]" for k, v in headers.items()]
    (work / "event.lua").write_text("\n".join(lua))
    environment = dict(os.environ, TOKIO_WORKER_THREADS="1")
    environment.pop("DO_NOT_TRACK", None)
    servers = []

    def start(core, *command):
        server = subprocess.Popen(["taskset", "-c", core, *map(str, command)], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        servers.append(server)
        return server.pid

    try:
        start("1", nginx, "-c", work / "sink.conf", "-p", work)
        pids = {"nginx": start("0", nginx, "-c", work / "plain.conf", "-p", work), "bauta": start("0", a.bauta, "serve", "-c", work / "bauta.toml")}
        ports = {"nginx": plain, "bauta": mine}
        for number in (sink, plain, mine):
            wait_for(number)
        idle = {name: rss(pid) for name, pid in pids.items()}
        us = {name: [] for name in pids}
        for _ in range(a.rounds):
            for name, pid in pids.items():
                before = cpu(pid)
                out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{a.seconds}s", "-s", work / "event.lua", f"http://127.0.0.1:{ports[name]}/api/event"],
                                     capture_output=True, text=True, check=True).stdout
                done = int(re.search(r"(\d+) requests in", out).group(1))
                if "Non-2xx" in out:
                    sys.exit(f"{name} refused requests:\n{out}")
                us[name].append((cpu(pid) - before) / done / 1000)
        ratios = [b / n for b, n in zip(us["bauta"], us["nginx"])]
        print(f"event of {len(EVENT)} B, {a.rounds} rounds of {a.seconds} s, 32 connections, one worker each")
        print(f"{'':14}{'CPU us/event':>14}{'range':>16}{'RSS idle MB':>14}{'RSS load MB':>14}")
        for name, pid in pids.items():
            v = us[name]
            print(f"{name:14}{statistics.median(v):14.1f}{f'{min(v):.1f}-{max(v):.1f}':>16}{idle[name]:14.1f}{rss(pid):14.1f}")
        print(f"bauta / nginx pass-through: {statistics.median(ratios):.2f} (median of paired rounds, {min(ratios):.2f}-{max(ratios):.2f})")
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(timeout=10)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
