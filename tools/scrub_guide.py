#!/usr/bin/env python3
"""Measures `bauta scrub` on the labelled corpora and writes the rates into docs/guide/scrubbing.md, between its two marks.

usage: scrub_guide.py BAUTA [--check]      --check writes nothing and fails when a bar is missed
"""
import json, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs/guide/scrubbing.md"
START, END = "<!-- measured: begin -->", "<!-- measured: end -->"
CORPORA = [
    ("labelled", "the corpus of this repository", None),
    ("composed", "other hosts, routes, key names, nine languages (`tools/pii_corpus.py`)", ["tools/pii_corpus.py", "1500", "7"]),
    ("templates", "written-out templates, twelve languages (`tools/pii_forms.py`)", ["tools/pii_forms.py", "1500", "4"]),
]


def score(bauta, folder, name, make):
    corpus = ROOT / "tests/data/corpora/pii.jsonl"
    if make:
        corpus = folder / f"{name}.jsonl"
        corpus.write_bytes(subprocess.run([sys.executable, *make], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    out = folder / f"{name}.out"
    with corpus.open("rb") as source, out.open("wb") as target:
        subprocess.run([bauta, "scrub"], check=True, stdin=source, stdout=target, stderr=subprocess.DEVNULL)
    shown = subprocess.run([sys.executable, "tools/pii_score.py", corpus, out, "--json"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(shown.stdout)


def percent(rate):
    return f"{100 * rate:.2f} %"


def tables(scores):
    lines = ["| corpus | events | values | reach the vendor (A, B) | events with one | harmless texts lost | of the protocol |", "|---|---|---|---|---|---|---|"]
    for (name, words, _), own in zip(CORPORA, scores):
        protocol = own["over_by_class"].get("protocol", {"lost": 0})["lost"]
        lines.append(f"| {name}: {words} | {own['events']} | {own['spans_AB']} | {percent(own['leak_rate'])} ({percent(own['leak_rate_A'])}, {percent(own['leak_rate_B'])}) | {percent(own['events_leaking'])} | {percent(own['over_redaction'])} of {own['must_keep']} | {protocol} |")
    lines += ["", "| kind | " + " | ".join(f"{name}: planted, arrived" for name, *_ in CORPORA) + " |", "|---" * (len(CORPORA) + 1) + "|"]
    for kind in sorted({kind for own in scores for kind in own["by_kind"]}):
        cells = (own["by_kind"].get(kind) for own in scores)
        lines.append(f"| {kind} | " + " | ".join(f"{cell['n']}, {cell['leaked']}" if cell else "" for cell in cells) + " |")
    return "\n".join(lines)


def main():
    bauta = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        scores = [score(bauta, pathlib.Path(folder), name, make) for name, _, make in CORPORA]
    if "--check" in sys.argv:
        for index, ((name, *_), own) in enumerate(zip(CORPORA, scores)):
            leak, over = (0.005, 0.001) if index == 0 else (0.03, 0.005)
            assert own["leak_rate"] <= leak and own["over_redaction"] <= over, (name, own["leak_rate"], own["over_redaction"])
        return
    text = GUIDE.read_text(encoding="utf-8")
    head, rest = text.split(START)
    tail = rest.split(END)[1]
    GUIDE.write_text(f"{head}{START}\n{tables(scores)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
