#!/usr/bin/env python3
"""CPU that scrubbing takes, by the clock of `bauta scrub` and by the user time of its whole run.

usage: scrub_cpu.py BAUTA [FOLDER]      (FOLDER: tests/data)

The labelled corpus goes through once per run, so that every event is new to the process; the bodies of the captured requests go through
fifteen times in one run: the first time, the best whole round of the others (what comes again, as a site's events do), and the best time of
each body. Of several runs the best one counts, and the others are shown: machines are shared.
"""
import json, os, resource, subprocess, sys

RUNS, ROUNDS = 6, 15


def captured(folder):
    """The bodies of the captured requests, decoded, with the vendor that they were for."""
    for line in open(os.path.join(folder, "captures/plausible.jsonl"), encoding="utf-8"):
        body = json.loads(line).get("body_text") or ""
        if body.startswith("{"):
            yield "plausible", json.loads(body)
    for line in open(os.path.join(folder, "captures/posthog.jsonl"), encoding="utf-8"):
        decoded = json.loads(line).get("decoded")
        if isinstance(decoded, dict) and isinstance(decoded.get("json"), (dict, list)):
            yield "posthog", decoded["json"]


def run(bauta, lines):
    """Microseconds of each line, and the user time of the whole run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    out = subprocess.run([bauta, "scrub"], input=lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return [json.loads(line)["us"] for line in out.splitlines()], resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def share(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def main():
    bauta, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "tests/data"
    corpus = open(os.path.join(folder, "corpora/pii.jsonl"), "rb").read()
    runs = [run(bauta, corpus) for _ in range(RUNS)]
    means = [sum(us) / len(us) for us, _ in runs]
    us = runs[means.index(min(means))][0]
    print(f"corpus, {len(us)} events, each new: mean {min(means):.2f} us, p50 {share(us, 0.5):.1f}, p99 {share(us, 0.99):.1f}; means of all runs "
          + " ".join(f"{mean:.2f}" for mean in means))
    user = min(run(bauta, corpus * 10)[1] for _ in range(RUNS)) / len(us) / 10 * 1e6
    print(f"corpus ten times, user time of the whole run with reading and writing the lines: {user:.2f} us per event")

    bodies = [(vendor, json.dumps(body, ensure_ascii=False, separators=(",", ":"))) for vendor, body in captured(folder)]
    size = sum(len(body.encode()) for _, body in bodies) / 1000
    lines = "".join(f'{{"id":{number},"upstream":"{vendor}","body":{body}}}\n' for number, (vendor, body) in enumerate(bodies)).encode()
    table = []
    for _ in range(RUNS):
        us, _ = run(bauta, lines * ROUNDS)
        rounds = [us[start : start + len(bodies)] for start in range(0, len(us), len(bodies))]
        table.append([value / size for value in (sum(rounds[0]), min(map(sum, rounds[1:])), sum(map(min, zip(*rounds))))])
    for name, column in zip(("first round", "best later round", f"best of {ROUNDS} of each body"), zip(*table)):
        print(f"captures, {len(bodies)} bodies, {size:.0f} kB, {name}: {min(column):.2f} us per 1,000 bytes; all runs "
              + " ".join(f"{value:.2f}" for value in column))


main()
