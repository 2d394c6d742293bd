#!/usr/bin/env python3
"""Makes national identity numbers with right check digits: an implementation of its own beside the one in src/scrub/detect/national.

Used by tools/pii_corpus.py, and by hand for the tables of the detectors' tests:

usage: national_ids.py KIND [COUNT] [SEED]
"""
import random, string, sys

V_D = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],
       [5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
V_P = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4],[5,8,0,3,7,9,6,1,4,2],[8,9,1,6,0,4,3,5,2,7],
       [9,4,5,3,1,2,6,8,7,0],[4,2,8,6,5,7,3,9,0,1],[2,7,9,3,8,0,6,4,1,5],[7,0,4,6,9,1,3,2,5,8]]


def verhoeff(s):
    c = 0
    for i, x in enumerate(reversed(s)):
        c = V_D[c][V_P[i % 8][int(x)]]
    return c == 0


def luhn_digit(s):
    for d in "0123456789":
        t = 0
        for i, x in enumerate(reversed(s + d)):
            v = int(x) * (2 if i % 2 else 1)
            t += v - 9 if v > 9 else v
        if t % 10 == 0:
            return d


def digits(r, n):
    return "".join(r.choice("0123456789") for _ in range(n))


def letters(r, n, alphabet=string.ascii_uppercase):
    return "".join(r.choice(alphabet) for _ in range(n))


def date(r, first=1930, last=2009):
    return r.randint(first, last), r.randint(1, 12), r.randint(1, 28)


def us_ssn(r):
    area = r.choice([a for a in range(1, 900) if a != 666])
    return f"{area:03}-{r.randint(1, 99):02}-{r.randint(1, 9999):04}"


def uk_nino(r):
    while True:
        p = r.choice([c for c in string.ascii_uppercase if c not in "DFIQUV"]) + r.choice([c for c in string.ascii_uppercase if c not in "DFIOQUV"])
        if p not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            break
    d = digits(r, 6)
    c = r.choice("ABCD")
    return r.choice([f"{p}{d}{c}", f"{p} {d[:2]} {d[2:4]} {d[4:]} {c}"])


def uk_nhs(r):
    while True:
        s = digits(r, 9)
        c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(s)) % 11
        c = 0 if c == 11 else c
        if c < 10 and s[0] != "0":
            s += str(c)
            return r.choice([s, f"{s[:3]} {s[3:6]} {s[6:]}"])


def de_taxid(r):
    while True:
        d = r.sample("0123456789", 9)
        d.insert(r.randint(0, 9), r.choice(d))
        if d[0] == "0":
            continue
        p = 10
        for x in d:
            s = (int(x) + p) % 10 or 10
            p = s * 2 % 11
        c = 11 - p
        s = "".join(d) + str(0 if c == 10 else c % 10)
        return r.choice([s, f"{s[:2]} {s[2:5]} {s[5:8]} {s[8:]}"])


def fr_nir(r):
    y, m, _ = date(r)
    b = f"{r.choice('12')}{y % 100:02}{m:02}{r.choice([x for x in range(1, 96) if x != 20]):02}{r.randint(1, 990):03}{r.randint(1, 999):03}"
    s = b + f"{97 - int(b) % 97:02}"
    return r.choice([s, f"{s[0]} {s[1:3]} {s[3:5]} {s[5:7]} {s[7:10]} {s[10:13]} {s[13:]}", f"{s[:13]} {s[13:]}"])


def br_cpf(r):
    s = digits(r, 9)
    for _ in range(2):
        t = sum(int(x) * (len(s) + 1 - i) for i, x in enumerate(s)) % 11
        s += str(0 if t < 2 else 11 - t)
    return f"{s[:3]}.{s[3:6]}.{s[6:9]}-{s[9:]}"


def in_aadhaar(r):
    s = r.choice("23456789") + digits(r, 10)
    s += next(c for c in "0123456789" if verhoeff(s + c))
    return f"{s[:4]} {s[4:8]} {s[8:]}"


def in_pan(r):
    return letters(r, 3) + r.choice("PCHFATBLJG") + letters(r, 1) + f"{r.randint(1, 9999):04}" + letters(r, 1)


def es_dni(r):
    n = r.randint(1000000, 99999999)
    return f"{n:08}{'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23]}"


def es_nie(r):
    x = r.randint(0, 2)
    n = r.randint(0, 9999999)
    return f"{'XYZ'[x]}{n:07}{'TRWAGMYFPDXBNJZSQVHLCKE'[(x * 10000000 + n) % 23]}"


CF_ODD = {**{str(i): v for i, v in enumerate([1, 0, 5, 7, 9, 13, 15, 17, 19, 21])},
          **{c: v for c, v in zip(string.ascii_uppercase, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23])}}


def it_cf(r):
    y, m, d = date(r)
    d += r.choice([0, 40])
    s = letters(r, 6, "BCDFGLMNPRSTVZ") + f"{y % 100:02}{'ABCDEHLMPRST'[m - 1]}{d:02}{r.choice('ABCDEFGHIL')}{r.randint(1, 990):03}"
    t = sum(CF_ODD[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(s))
    return s + chr(65 + t % 26)


def nl_bsn(r):
    while True:
        s = r.choice("123456789") + digits(r, 7)
        c = sum(int(x) * (9 - i) for i, x in enumerate(s)) % 11
        if c < 10:
            return s + str(c)


def pl_pesel(r):
    y, m, d = date(r)
    s = f"{y % 100:02}{m + (20 if y >= 2000 else 0):02}{d:02}{digits(r, 4)}"
    return s + str((10 - sum(int(x) * w for x, w in zip(s, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3])) % 10) % 10)


def se_pnr(r):
    y, m, d = date(r)
    s = f"{y % 100:02}{m:02}{d:02}{digits(r, 3)}"
    s += luhn_digit(s)
    return r.choice([f"{s[:6]}-{s[6:]}", f"{y // 100}{s[:6]}-{s[6:]}"])


def fi_hetu(r):
    y, m, d = date(r)
    b, n = f"{d:02}{m:02}{y % 100:02}", f"{r.randint(2, 899):03}"
    return f"{b}{'A' if y >= 2000 else '-'}{n}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(b + n) % 31]}"


def ca_sin(r):
    s = r.choice("1234567") + digits(r, 7)
    s += luhn_digit(s)
    return r.choice([s, f"{s[:3]} {s[3:6]} {s[6:]}", f"{s[:3]}-{s[3:6]}-{s[6:]}"])


def au_tfn(r):
    while True:
        s = digits(r, 9)
        if sum(int(x) * w for x, w in zip(s, [1, 4, 3, 7, 5, 8, 6, 9, 10])) % 11 == 0 and s[0] != "0":
            return r.choice([s, f"{s[:3]} {s[3:6]} {s[6:]}"])


def sg_nric(r):
    p, s = r.choice("STFG"), digits(r, 7)
    t = sum(int(x) * w for x, w in zip(s, [2, 7, 6, 5, 4, 3, 2])) + (4 if p in "TG" else 0)
    return p + s + ("JZIHGFEDCBA" if p in "ST" else "XWUTRQPNMLK")[t % 11]


def kr_rrn(r):
    y, m, d = date(r)
    s = f"{y % 100:02}{m:02}{d:02}{r.choice('34' if y >= 2000 else '12')}{digits(r, 5)}"
    c = (11 - sum(int(x) * w for x, w in zip(s, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5])) % 11) % 10
    return f"{s[:6]}-{s[6:]}{c}"


def tr_tckn(r):
    s = r.choice("123456789") + digits(r, 8)
    o, e = sum(int(x) for x in s[::2]), sum(int(x) for x in s[1::2])
    s += str((o * 7 - e) % 10)
    return s + str(sum(int(x) for x in s) % 10)


def za_id(r):
    y, m, d = date(r)
    s = f"{y % 100:02}{m:02}{d:02}{digits(r, 4)}{r.choice('01')}8"
    return s + luhn_digit(s)


def cn_ric(r):
    y, m, d = date(r)
    s = f"{r.choice([11, 12, 31, 32, 33, 44, 51])}{digits(r, 4)}{y}{m:02}{d:02}{digits(r, 3)}"
    return s + "10X98765432"[sum(int(x) * w for x, w in zip(s, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11]


def ch_ahv(r):
    s = "756" + digits(r, 9)
    s += str((10 - sum(int(x) * (3 if i % 2 else 1) for i, x in enumerate(s)) % 10) % 10)
    return f"{s[:3]}.{s[3:7]}.{s[7:11]}.{s[11:]}"


def be_nrn(r):
    y, m, d = date(r)
    b = f"{y % 100:02}{m:02}{d:02}{r.randint(1, 997):03}"
    c = 97 - int(("2" if y >= 2000 else "") + b) % 97
    return f"{b[:2]}.{b[2:4]}.{b[4:6]}-{b[6:]}.{c:02}"


def mx_curp(r):
    y, m, d = date(r)
    s = letters(r, 1, "BCDFGHJKLMNP") + letters(r, 1, "AEIOU") + letters(r, 2) + f"{y % 100:02}{m:02}{d:02}{r.choice('HM')}"
    s += r.choice(["DF", "JC", "NL", "OC", "PL", "VZ"]) + letters(r, 3, "BCDFGHJKLMNPQRSTVXYZ") + (r.choice("AB") if y >= 2000 else r.choice("0123"))
    a = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return s + str((10 - sum(a.index(c) * (18 - i) for i, c in enumerate(s)) % 10) % 10)


KINDS = {n: f for n, f in list(globals().items()) if n[2:3] == "_" and callable(f)}
# Kinds whose shape alone is not enough: they stand under a key or behind a label.
KEYED = {"uk_nhs", "de_taxid", "nl_bsn", "pl_pesel", "ca_sin", "au_tfn", "tr_tckn", "za_id"}


def main():
    kind, count, seed = sys.argv[1], int((sys.argv + ["", "", "25"])[2] or 25), int((sys.argv + ["", "", "", "1"])[3] or 1)
    r = random.Random(seed)
    for _ in range(count):
        print(KINDS[kind](r))


if __name__ == "__main__":
    main()
