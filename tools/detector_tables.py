#!/usr/bin/env python3
"""Makes tests/data/detectors.jsonl: for every kind that a pattern tells, right and wrong texts, with an implementation of check
digits of its own (national_ids.py). A line is {"kind", "finds": true|false, "key", "text"}.

usage: detector_tables.py > tests/data/detectors.jsonl
"""
import base64, hashlib, json, random, string
import national_ids as ids

r = random.Random(20)
AN = string.ascii_letters + string.digits
ROWS = 48
WORDS = "anchor basket candle dahlia ember falcon garnet harbor island jasmine kettle lantern meadow nutmeg orchid pebble quartz ribbon saffron thistle".split()
draw = lambda n, a=AN: "".join(r.choice(a) for _ in range(n))
digits = lambda n: draw(n, string.digits)
word = lambda: r.choice(WORDS)


def luhn(s):
    return s + ids.luhn_digit(s)


def b64(o):
    return base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")


def iban(cc, body):
    n = "".join(str(int(c, 36)) for c in body + cc + "00")
    return f"{cc}{98 - int(n) % 97:02}{body}"


def btc():
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    v = bytes([r.choice([0, 5])]) + r.randbytes(20)
    n, out = int.from_bytes(v + hashlib.sha256(hashlib.sha256(v).digest()).digest()[:4], "big"), ""
    while n:
        n, m = divmod(n, 58)
        out = alphabet[m] + out
    return "1" * (v[0] == 0) + out


def wrong_last(text):
    """The same with another last digit."""
    at = max(i for i, c in enumerate(text) if c.isdigit())
    return text[:at] + str((int(text[at]) + r.randint(1, 9)) % 10) + text[at + 1:]


def decimal(lo, hi, places):
    return f"{r.uniform(lo, hi):.{places}f}"


KEYS = {"prefixes": [("sk_live_", 24), ("rk_live_", 24), ("ghp_", 36), ("glpat-", 20), ("npm_", 36), ("hf_", 34), ("shpat_", 32), ("dop_v1_", 64), ("EAAC", 60), ("AIza", 35)]}
# kind: (right, wrong, key of the right ones)
SHAPES = {
    "email": (lambda: f"{word()}{r.choice(['.', '_', '+', '-', ''])}{word()}{digits(2)}@{r.choice(['example.org', 'mail.example.co.uk', 'xn--bcher-kva.example', 'sub.dept.example.com'])}",
              lambda: r.choice([f"{word()}@{r.randint(1, 9)}.{r.randint(0, 40)}.{r.randint(0, 9)}", f"@{word()}_{word()}", f"{word()}@2x.png", f"{word().title()}@{draw(8, '0123456789abcdef')}", f"{word()} @ {word()}", f"{word()}@{word()}"])),
    "phone": (lambda: r.choice([f"+49 151 {digits(8)}", f"+44 20 7{digits(3)} {digits(4)}", f"+33 6 {digits(2)} {digits(2)} {digits(2)} {digits(2)}", f"(415) 555-{digits(4)}", f"+1-212-555-{digits(4)}", f"+61 4{digits(2)} {digits(3)} {digits(3)}"]),
              lambda: r.choice([f"{digits(3)}-{digits(7)}-{digits(7)}", f"2026-0{r.randint(1, 9)}-1{r.randint(0, 9)}", f"+{digits(2)} %", f"{r.randint(1, 12)}.{digits(3)}.{digits(3)},{digits(2)}", f"#{digits(7)}", f"v{digits(2)}.{digits(3)}.{digits(4)}"])),
    "card": (lambda: r.choice([luhn("4" + digits(14)), luhn("52" + digits(13)), luhn("37" + digits(12)), luhn("6011" + digits(11))]), lambda: wrong_last(luhn(r.choice(["4", "52", "6011"]) + digits(11)) + "9")),
    "iban": (lambda: r.choice([iban("DE", digits(18)), iban("NL", draw(4, string.ascii_uppercase) + digits(10)), iban("ES", digits(20)), iban("PT", digits(21))]), lambda: wrong_last(iban("DE", digits(18)))),
    "ip": (lambda: r.choice([f"{r.randint(11, 250)}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}", f"2001:db8:{draw(4, 'abcdef1234')}:{draw(4, 'abcdef1234')}::{draw(3, '123456789')}"]),
           lambda: r.choice([f"{r.randint(256, 999)}.{r.randint(0, 255)}.1.2", f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}", f"v{r.randint(1, 9)}.{r.randint(0, 9)}.{r.randint(0, 9)}.{r.randint(0, 9)}", f"std::{word()}", f"{digits(2)}.{digits(2)}.{digits(2)}"])),
    "mac": (lambda: r.choice(":-").join(draw(2, "0123456789abcdef") for _ in range(5)) if False else (lambda s: s.join(draw(2, "0123456789abcdef") for _ in range(6)))(r.choice(":-")), lambda: (lambda s: s.join(draw(2, "0123456789abcdef") for _ in range(r.choice([4, 5, 7]))))(r.choice(":-"))),
    "crypto": (lambda: r.choice([btc(), "0x" + draw(40, "0123456789abcdef")]), lambda: r.choice([(lambda own: own[:-1] + ("2" if own[-1] != "2" else "3"))(btc()), "0x" + draw(39, "0123456789abcdef"), draw(26, "0123456789abcdef")])),
    "jwt": (lambda: f"{b64({'alg': 'HS256', 'typ': 'JWT'})}.{b64({'sub': draw(12), 'iat': 1700000000})}.{draw(43)}", lambda: r.choice([f"{word()}.{word()}.{word()}", f"app.{draw(8, '0123456789abcdef')}.js", f"{b64([1, 2, 3])}.{word()}.x"])),
    "api_key": (lambda: (lambda p, n: p + "aB3" + draw(n - 3))(*r.choice(KEYS["prefixes"])), lambda: r.choice([f"sk_{word()}", f"ghp_{word()}", f"phc_{draw(43)}", f"sk-{word()}-{word()}-{word()}", f"hf_{word()}"])),
    "private_key": (lambda: f"-----BEGIN {r.choice(['RSA ', '', 'EC ', 'OPENSSH '])}PRIVATE KEY-----\n{draw(64)}\n{draw(40)}\n-----END PRIVATE KEY-----", lambda: f"-----BEGIN {r.choice(['PUBLIC KEY', 'CERTIFICATE', 'RSA PUBLIC KEY', 'PGP SIGNATURE'])}-----\n{draw(5, string.ascii_lowercase)}\n-----END {word().upper()}-----"),
    "url_userinfo": (lambda: f"{r.choice(['https', 'ftp', 'postgres', 'redis', 'amqp'])}://{word()}{digits(2)}:{draw(9)}@{r.choice(['db.example.org', 'example.org', 'cache.example.com:6379'])}/{word()}", lambda: r.choice([f"https://cdn.example.org/npm/{word()}@1.{digits(1)}.2/dist.js", f"https://example.org/@{word()}", f"https://example.org/{word()}?at={word()}", f"git@example.org:{word()}/{word()}.git"])),
    "home_path": (lambda: r.choice([f"/Users/{word()}.{draw(5, string.ascii_lowercase)}/{word()}/main.js", f"/home/{word()}{digits(2)}/{word()}", f"C:\\Users\\{word()}{digits(2)}\\{word()}.txt", f"at /home/{word()}_{digits(2)}/src/x.py:3"]), lambda: r.choice([f"/home/runner/{word()}", f"/srv/{word()}/app.js", f"/usr/local/{word()}", f"/Users/shared/{word()}", f"C:\\Windows\\{word()}.dll", f"/{word()}/home", f"/home/ubuntu/{word()}"])),
    "geo": (lambda: f"{decimal(-80, 80, r.choice([5, 6]))}{r.choice([',', ', '])}{decimal(-170, 170, r.choice([5, 6]))}", lambda: r.choice([f"{decimal(0, 80, 2)},{decimal(0, 80, 2)}", f"matrix({decimal(1, 2, 4)}, 0, 0, {decimal(1, 2, 4)}, {decimal(1, 900, 4)}, {decimal(1, 90, 4)})", f"translate({decimal(10, 90, 4)}, {decimal(10, 90, 4)})", f"{decimal(200, 900, 5)},{decimal(200, 900, 5)}", f"{decimal(1, 2, 4)}px {decimal(1, 2, 4)}px", f"0 0 {digits(4)} {digits(3)}"])),
}
# National ids that are known by their shape, and those that need a key.
BARE = "us_ssn uk_nino fr_nir in_pan es_dni es_nie it_cf se_pnr fi_hetu sg_nric kr_rrn cn_ric ch_ahv be_nrn mx_curp".split()
KEYED = {"uk_nhs": "nhs_number", "de_taxid": "steuer_id", "nl_bsn": "bsn", "pl_pesel": "pesel", "ca_sin": "social_insurance_number", "au_tfn": "tax_file_number", "tr_tckn": "tckn", "za_id": "za_id_number", "br_cpf": "cpf", "in_aadhaar": "aadhaar_number"}


def spoilt(kind, text):
    """A number of this shape that is wrong: an area or date that is none, another check character, a part too many."""
    if kind == "us_ssn":
        return r.choice(["000", "666", f"9{digits(2)}"]) + text[3:]
    if kind in ("uk_nino", "in_pan"):
        return r.choice([f"GB{text[2:]}", f"QQ{text[2:]}"]) if kind == "uk_nino" else text[:3] + r.choice("DIMNOQRSUVWXYZ") + text[4:]
    if text[-1].isalpha():
        letters = string.ascii_uppercase
        return text[:-1] + letters[(letters.index(text[-1].upper()) + r.randint(1, 3)) % 26]
    return wrong_last(text)


def main():
    def row(kind, finds, key, text):
        print(json.dumps({"kind": kind, "finds": finds, "key": key, "text": text}, ensure_ascii=False))

    for kind, (right, wrong) in SHAPES.items():
        for _ in range(ROWS):
            row(kind, True, "memo", right())
            row(kind, False, "memo", wrong())
    for kind in BARE:
        for _ in range(ROWS):
            text = getattr(ids, kind)(r)
            row(f"nat_{kind}", True, "memo", text)
            row(f"nat_{kind}", False, "memo", spoilt(kind, text))
    for kind, key in KEYED.items():
        for _ in range(ROWS):
            text = getattr(ids, kind)(r)
            row(f"nat_{kind}", True, key, text)
            row(f"nat_{kind}", False, "memo", wrong_last(text))


main()
