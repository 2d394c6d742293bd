#!/usr/bin/env python3
"""Makes a labelled corpus for tools/pii_score.py from written-out templates of events, as sites of many countries send them: the
counterpart of pii_corpus.py, which composes events freely. All values are invented.

usage: pii_forms.py [EVENTS] [SEED] > corpus.jsonl

In a template, [[kind enc]] plants a value, <<class text>> must stay, and {{...}} is percent-encoded as a whole.
"""
import base64, hashlib, html, json, random, re, string, sys, uuid
from urllib.parse import quote, quote_plus

import national_ids as ids

NAMES = {"da": "Rasmus Ærø-Holm|Freja Mikkelsen|Søren Bjerregaard", "cs": "Božena Novotná|Jiří Dvořáček|Radmila Procházková", "ro": "Ștefania Ionescu|Gheorghe Munteanu|Mihaela Dumitrescu", "hu": "Szabolcs Horváth|Piroska Németh|Zsófia Kelemen",
         "tr": "Gülşah Yıldırım|Mehmetcan Öztürk|Nurcan Karahan", "fi": "Päivi Korhonen|Antero Lehtinen|Tuulikki Mäkelä", "en": "Marguerite Ellsworth|Thaddeus Blackwood|Kirsty McAllister-Reid", "de": "Hannelore Freudenberger|Ottokar Weißmüller|Sieglinde Vogt",
         "fr": "Clémence Haudebourg|Anatole Desrosiers|Maëlle Kerguelen", "pt": "Conceição Evangelista|Ubirajara Nogueira|Thaís Monteiro", "es": "Remedios Arizmendi|Teófilo Barrientos|Yolanda Cifuentes", "nb": "Ragnhild Sørbø|Torgeir Haugen|Solveig Fjeldstad"}
MAIL = "proton.me seznam.cz citromail.hu mynet.com jubii.dk yandex.com t-online.de wanadoo.fr bol.com.br icloud.com outlook.com xn--mller-kva.de mail.med.uni.example firma.travel".split()
ALNUM = string.ascii_letters + string.digits


def pieces(s, n=8):
    return [s[i:i + n] for i in range(0, len(s) - n + 1, n)][:4]


class Values:
    """One value per kind: (kind, tier, text, match, parts)."""

    def __init__(self, r):
        self.r, self.lang = r, r.choice(list(NAMES))

    def pick(self, *a):
        return self.r.choice(a)

    def rnd(self, n, alphabet=ALNUM):
        return "".join(self.r.choice(alphabet) for _ in range(n))

    def d(self, n):
        return ids.digits(self.r, n)

    def person(self):
        return self.r.choice(NAMES[self.lang].split("|"))

    def email(self):
        plain = "".join(c for c in self.person().lower().translate(str.maketrans("äöüåæøéèêëáàâãçčñńóòôõłśšşșźżžąęěíìîïıúùûýřťğőűā", "aouaaoeeeeaaaaccnnoooolsssszzzaeeiiiiiuuuyrtgoua")) if c.isascii() and (c.isalpha() or c == " ")).split()
        a, b = plain[0], plain[-1]
        s = self.pick(f"{a}.{b}", f"{b}.{a}{self.d(2)}", f"{a}{self.d(3)}", f"{a[0]}.{b}", f"{b}+{self.pick('news', 'abo')}", f"kontakt.{b}") + "@" + self.r.choice(MAIL)
        s = self.pick(s, s, s, s, s.title())
        local = s.split("@")[0]
        return "email", "A", s, "text", [s, local if len(local) >= 6 else local + "@"]

    def phone(self):
        d = self.d
        s = self.pick(f"+45 {d(2)} {d(2)} {d(2)} {d(2)}", f"+420 60{d(1)} {d(3)} {d(3)}", f"+40 72{d(1)} {d(3)} {d(3)}", f"+36 30 {d(3)} {d(4)}", f"+90 53{d(1)} {d(3)} {d(2)} {d(2)}", f"+358 40 {d(7)}", f"+47 9{d(2)} {d(2)} {d(3)}", f"+44 (0)20 7{d(3)} {d(4)}", f"+1 ({self.pick('2', '3', '7')}{d(2)}) {self.pick('2', '5')}{d(2)}-{d(4)}",
                      f"+5511 9{d(4)}-{d(4)}", f"+52 55 {d(4)} {d(4)}", f"+81 90-{d(4)}-{d(4)}", f"+86 13{d(1)} {d(4)} {d(4)}", f"+91 98{d(3)} {d(5)}", f"0033 6 {d(2)} {d(2)} {d(2)} {d(2)}", f"+4915{d(9)}", f"+353-87-{d(3)}-{d(4)}", f"+30 69{d(2)} {d(6)}")
        return "phone", "A", s, "digits", []

    def tel(self):
        d = self.d
        s = self.pick(f"0171/{d(7)}", f"06-{d(8)}", f"20 {d(2)} {d(2)} {d(2)}", f"60{d(1)} {d(3)} {d(3)}", f"07{d(9)}", f"(11) 9{d(4)}-{d(4)}", f"0532 {d(3)} {d(2)} {d(2)}", f"040-{d(7)}", f"06 30 {d(3)} {d(4)}")
        return "phone", "B", s, "digits", []

    def card(self):
        p, n, g = self.pick(("4", 16, (4, 4, 4, 4)), ("51", 16, (4, 4, 4, 4)), ("2223", 16, (4, 4, 4, 4)), ("34", 15, (4, 6, 5)), ("65", 16, (4, 4, 4, 4)), ("38", 14, (4, 6, 4)), ("6759", 16, (4, 4, 4, 4)))
        s = p + self.d(n - len(p) - 1)
        s += ids.luhn_digit(s)
        i, out = 0, []
        for k in g:
            out.append(s[i:i + k]); i += k
        return "card", "A", self.pick(s, " ".join(out), "-".join(out)), "digits", []

    def iban(self):
        cc, bban = self.pick(("DK", self.d(14)), ("CZ", self.d(20)), ("RO", ids.letters(self.r, 4) + self.d(16)), ("HU", self.d(24)), ("TR", self.d(22)), ("FI", self.d(14)), ("NO", self.d(11)), ("GB", ids.letters(self.r, 4) + self.d(14)), ("FR", self.d(23)), ("ES", self.d(20)), ("IT", ids.letters(self.r, 1) + self.d(22)), ("GR", self.d(23)), ("BG", ids.letters(self.r, 4) + self.d(14)))
        s = f"{cc}{98 - int(''.join(str(int(c, 36)) for c in bban + cc + '00')) % 97:02}{bban}"
        return "iban", "A", self.pick(s, " ".join(s[i:i + 4] for i in range(0, len(s), 4))), "alnum", [bban[i:i + 8] for i in range(len(bban) - 7)]

    def nat(self, kind=None):
        kind = kind or self.r.choice(list(ids.KINDS))
        s = ids.KINDS[kind](self.r)
        alpha = any(c.isalpha() for c in s)
        return "nat_" + kind, "B" if kind in ids.KEYED else "A", s, "alnum" if alpha else "digits", [s] if alpha else []

    def ip(self):
        s = self.pick(f"{self.r.randint(80, 95)}.{self.r.randint(0, 255)}.{self.r.randint(0, 255)}.{self.r.randint(1, 254)}", f"2a0{self.pick('0', '1', '2')}:{self.rnd(3, 'abcdef')}{self.d(1)}:{self.d(4)}::{self.rnd(4, '123456789abcdef')}", ":".join(self.rnd(4, "123456789abcdef") for _ in range(8)))
        return "ip", "A", s, "text", [s]

    def mac(self):
        s = self.pick(":", "-").join(self.rnd(2, "0123456789abcdef") for _ in range(6))
        return "mac", "A", self.pick(s, s.upper()), "alnum", [s]

    def eth(self):
        s = "0x" + self.rnd(40, "0123456789abcdef")
        return "crypto", "A", s, "text", [s]

    def secret(self):
        return self.pick(str(uuid.UUID(int=self.r.getrandbits(128), version=4)), self.rnd(32, "0123456789abcdef"), self.rnd(64, "0123456789abcdef"), self.rnd(21, ALNUM + "_-"), self.rnd(43, ALNUM + "_-"), self.rnd(24), base64.urlsafe_b64encode(self.r.randbytes(24)).decode(), self.rnd(28, string.ascii_lowercase + string.digits))

    def token(self):
        s = self.secret()
        return "token", "B", s, "text", pieces(s)

    def sid(self):
        s = self.secret()
        return "session_id", "B", s, "text", pieces(s)

    def code(self):
        s = self.secret()
        return "oauth_code", "B", s, "text", pieces(s)

    def jwt(self):
        e = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
        p, s = e({"iss": "https://id.example", "sub": self.rnd(9), "iat": 1760000000}), self.rnd(43, ALNUM + "_-")
        return "jwt", "A", f"{e({'typ': 'JWT', 'alg': 'HS256'})}.{p}.{s}", "text", [p[8:20], s[:12], s[24:36]]

    def key(self):
        p, n, a = self.pick(("sk_live_", 32, ALNUM), ("ghp_", 36, ALNUM), ("AKIA", 16, string.ascii_uppercase + string.digits), ("AIza", 35, ALNUM + "-_"), ("glpat-", 20, ALNUM), ("xoxb-", 40, string.digits + string.ascii_lowercase), ("SG.", 40, ALNUM), ("npm_", 36, ALNUM), ("hf_", 34, string.ascii_letters), ("sk-ant-", 50, ALNUM), ("shpat_", 32, "0123456789abcdef"), ("dop_v1_", 64, "0123456789abcdef"), ("github_pat_", 50, ALNUM))
        b = self.rnd(n, a)
        return "api_key", "A", p + b, "text", [b[:10], b[-10:]]

    def name(self):
        s = self.person()
        return "name", "B", s, "text", [s] + [w for w in s.split() if len(w) >= 6]

    def given(self):
        s = self.person().split()[0]
        return "name", "B", s, "text", [s]

    def family(self):
        s = self.person().split()[-1]
        return "name", "B", s, "text", [s]

    def login(self):
        s = self.pick(f"{self.rnd(6, string.ascii_lowercase)}{self.d(2)}", f"the_{self.rnd(5, string.ascii_lowercase)}", f"{self.rnd(4, string.ascii_lowercase)}.{self.rnd(6, string.ascii_lowercase)}")
        return "username", "B", s, "text", [s]

    def home(self):
        s = self.pick(f"{self.rnd(6, string.ascii_lowercase)}", f"{self.rnd(5, string.ascii_lowercase)}.{self.rnd(7, string.ascii_lowercase)}", self.rnd(7, string.ascii_lowercase).capitalize())
        return "home_path", "A", s, "text", [s]

    def user(self):
        u, p = self.rnd(6, string.ascii_lowercase), self.rnd(11)
        return "url_userinfo", "A", f"{u}:{p}", "text", [f"{u}:{p}", p]

    def born(self):
        y, m, d = ids.date(self.r, 1938, 2007)
        return "dob", "B", self.pick(f"{y}-{m:02}-{d:02}", f"{d}. {m}. {y}", f"{m:02}/{d:02}/{y}", f"{y}.{m:02}.{d:02}.", f"{d:02}.{m:02}.{y}"), "text", None

    def street(self):
        n = self.r.randint(2, 180)
        return "address", "B", self.pick(f"Nørrebrogade {n}, 2. tv", f"Vinohradská {n}", f"Strada Lipscani nr. {n}", f"Kossuth Lajos utca {n}.", f"Atatürk Caddesi No:{n}", f"Mannerheimintie {n} B", f"{n} Chestnut Hill Ave", f"Goethestr. {n}", f"{n} bis, avenue Foch", f"Av. Paulista, {n}0", f"C/ Alcalá {n}", f"Karl Johans gate {n}"), "text", None

    def pw(self):
        s = self.pick("Hradec", "kirschbaum", "P4pillon", "xX_drache") + self.rnd(4) + self.pick("!", "%", "", "2024")
        return "password", "B", s, "text", [s]

    def otp(self):
        return "otp", "B", self.d(self.pick(4, 6, 6, 6, 8)), "text", None

    def plate(self):
        L = ids.letters
        return "plate", "B", self.pick(f"{L(self.r, 2)} {self.d(2)} {self.d(3)}", f"{self.d(1)}{L(self.r, 1)}{self.d(1)} {self.d(4)}", f"{L(self.r, 3)}-{self.d(3)}", f"{self.d(2)} {L(self.r, 3)} {self.d(3)}", f"{L(self.r, 2)}-{self.d(3)}-{L(self.r, 2)}", f"{L(self.r, 1)} {L(self.r, 2)} {self.r.randint(10, 9999)}"), "alnum", None

    def passport(self):
        return "passport", "B", self.pick(self.d(9), ids.letters(self.r, 2) + self.d(6), "C" + self.rnd(8, "FGHJKLMNPRTVWXYZ0123456789")), "alnum", None

    def patient(self):
        return "medical_id", "B", self.pick(self.d(7), f"P{self.d(6)}", f"{self.d(3)}-{self.d(5)}"), "alnum", None

    def imei(self):
        s = "86" + self.d(12)
        return "imei", "B", s + ids.luhn_digit(s), "digits", []

    def coord(self):
        s = f"{self.r.uniform(-85, 85):.{self.pick(4, 5, 6, 7)}f}"
        return "geo", "B", s, "text", [s[:s.index(".") + 4]]


def hx(v, n):
    return v.rnd(n, "0123456789abcdef")


def fill(v, text):
    """Random parts of a template that stay: #hex8# #d6# #uuid# #A4# #b64:{...}#"""
    def one(m):
        w = m.group(1)
        if w == "uuid":
            return str(uuid.UUID(int=v.r.getrandbits(128), version=4))
        if w.startswith("hex"):
            return hx(v, int(w[3:]))
        if w.startswith("b64:"):
            return base64.urlsafe_b64encode(w[4:].encode()).decode().rstrip("=")
        if w.startswith("A"):
            return ids.letters(v.r, int(w[1:]))
        return v.r.choice("123456789") + v.d(int(w[1:]) - 1)
    return re.sub(r"#(uuid|hex\d+|d\d+|A\d+|b64:[^#]+)#", one, text)


def encode(text, enc):
    if enc == "pct":
        return quote(text, safe="")
    if enc == "pct2":
        return quote(quote(text, safe=""), safe="")
    if enc == "plus":
        return quote_plus(text)
    if enc == "b64":
        return base64.b64encode(text.encode()).decode()
    if enc == "b64url":
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    if enc == "b64pct":
        return quote(base64.b64encode(text.encode()).decode(), safe="")
    if enc == "b64json":
        return base64.urlsafe_b64encode(json.dumps({"v": 2, "who": text, "back": "/a"}).encode()).decode().rstrip("=")
    if enc == "html":
        return "".join(f"&#x{ord(c):x};" if not c.isalnum() else c for c in text)
    if enc == "uesc":
        return "".join(f"\\u{ord(c):04x}" if not c.isalnum() and ord(c) < 128 else c for c in text)
    return text


def render(v, template):
    """(text, plants, keeps) of a template."""
    out, plants, keeps = "", [], []
    for part in re.split(r"(\{\{.*?\}\}|\[\[.*?\]\]|<<.*?>>)", template):
        if part.startswith("{{"):
            text, inner, stay = render(v, part[2:-2])
            at, enc = len(out), lambda s: quote(s, safe="")
            plants += [dict(p, start=at + len(enc(text[:p["start"]])), end=at + len(enc(text[:p["end"]])), enc="nested") for p in inner]
            keeps += [(enc(t), c) for t, c in stay]
            out += enc(text)
        elif part.startswith("[["):
            word, _, enc = part[2:-2].partition(" ")
            kind, tier, text, match, parts = v.nat(word[4:]) if word.startswith("nat_") else getattr(v, word)()
            form = encode(text, enc or "plain")
            plants.append({"start": len(out), "end": len(out) + len(form), "kind": kind, "tier": tier, "enc": enc or "plain", "text": text, "match": match, "parts": [text] if parts is None else parts})
            out += form
        elif part.startswith("<<"):
            cls, _, text = part[2:-2].partition(" ")
            text = fill(v, text)
            keeps.append((text, cls))
            out += text
        else:
            out += fill(v, part)
    return out, plants, keeps


URLS = """https://<<host shop.kolo-bazar.example>>/<<route cs/kosik>>?krok=<<param 2>>&email=[[email pct]]
https://<<host shop.kolo-bazar.example>>/cs/obnova-hesla/[[token]]
https://<<host minsundhed.example>>/<<route aftaler/book>>?patient_navn=[[name plus]]&tlf=[[tel plus]]
https://<<host minsundhed.example>>/login/engangskode?kode_sms=<<param ja>>&otp=[[otp]]
https://<<host biblioteca.example>>/<<route catalog/carte>>/<<param #d5#>>?sesiune=[[sid]]
https://<<host biblioteca.example>>/cont/confirmare/[[token]]?limba=<<locale ro>>
https://<<host tarhely.example>>/<<route dokumentumok>>/<<uuid #uuid#>>?megosztas=<<param nyilvanos>>
https://<<host tarhely.example>>/jelszo-visszaallitas?token=[[token]]&nyelv=<<locale hu>>
https://<<host bilet.example>>/<<route etkinlik/konser-istanbul>>?ad_soyad=[[name pct]]&eposta=[[email pct]]
https://<<host bilet.example>>/uye/dogrulama/[[jwt]]
https://<<host kirjasto.example>>/<<route haku>>?hakusana=[[email pct2]]&sivu=<<param 3>>
https://<<host kirjasto.example>>/vahvista/[[token]]
https://<<host app.fieldnotes.example>>/<<route w/acme/projects/roadmap-2026>>?view=<<param board>>&filter=<<b64_benign #b64:{"status":["open","review"],"owner":null}#>>
https://<<host app.fieldnotes.example>>/<<route w/acme/settings/members>>?invitee=[[email plus]]
https://<<host app.fieldnotes.example>>/accept-invite/[[token]]
https://<<host app.fieldnotes.example>>/<<route oauth/return>>?code=[[code]]&state=[[code]]
https://<<host app.fieldnotes.example>>/<<route download>>/<<sha #hex40#>>/<<asset bundle.#hex8#.css>>
https://<<host app.fieldnotes.example>>/#/<<route inbox>>?impersonate=[[email]]
https://<<host app.fieldnotes.example>>/auth/callback#id_token=[[jwt]]&token_type=<<param Bearer>>&expires_in=<<param 3600>>
https://[[user]]@<<host staging.fieldnotes.example>>/<<route status>>
https://<<host www.moebelwerk.example>>/<<route sofas/ecksofa-toskana-3-sitzer>>?farbe=<<colour %23a1b2c3>>&breite=<<param 240>>&utm_source=<<utm newsletter_kw12>>&utm_content=<<utm cta-oben>>
https://<<host www.moebelwerk.example>>/<<route kasse/adresse>>?vorname=[[given pct]]&nachname=[[family pct]]&strasse=[[street plus]]
https://<<host www.moebelwerk.example>>/<<route bestellung>>/<<order_no MW-2026-#d7#>>?mail=[[email b64]]
https://<<host www.moebelwerk.example>>/newsletter/abmelden?h=[[token]]&m=[[email b64pct]]
https://<<host ma-mutuelle.example>>/<<route espace-sante/remboursements>>?page=<<param 4>>&tri=<<param date_desc>>
https://<<host ma-mutuelle.example>>/<<route recherche>>?q=[[phone plus]]
https://<<host ma-mutuelle.example>>/mot-de-passe/nouveau/[[token]]
https://<<host ma-mutuelle.example>>/<<route adherent>>?numss=[[nat_fr_nir plus]]&ddn=<<param oui>>&date_naissance=[[born pct]]
https://<<host gov-servicos.example>>/<<route consulta>>?cpf=[[nat_br_cpf]]&ano=<<param 2025>>
https://<<host gov-servicos.example>>/validar/[[token]]/<<param confirmar>>
https://<<host banco-sur.example>>/<<route transferencias/nueva>>?iban_destino=[[iban plus]]&moneda=<<param EUR>>
https://<<host banco-sur.example>>/<<route area/clientes>>;jsessionid=[[sid]]?idioma=<<locale es-MX>>
https://<<host helsenorge.example>>/<<route timebestilling>>?pasient=[[name pct]]&mobil=[[tel pct]]
https://<<host maps.nearby.example>>/<<route stores>>?lat=[[coord]]&lng=[[coord]]&zoom=<<param 12>>
https://<<host maps.nearby.example>>/<<route stores/oslo-sentrum>>?build=<<version 4.12.0.381>>&t=<<timestamp 1760#d9#>>
https://<<host cdn.site.example>>/<<asset lib/core@3.2.1/dist/core.min.js>>?integrity=<<sha sha384-#hex32#>>
https://<<host track.post.example>>/<<route sporing>>?kollinummer=<<tracking_no 37#d15#>>&lang=<<locale nb>>
https://<<host api.partner.example>>/<<route v2/reports>>?api_key=[[key]]&range=<<param 30d>>
https://<<host support.example>>/<<route hc/en-us/articles>>/<<param #d12#-Resetting-your-password>>?return_to={{https://<<host app.example>>/<<route u/settings>>?user_email=[[email]]&ref=<<param footer>>}}
https://<<host sso.example>>/<<route cas/login>>?service={{https://<<host intranet.example>>/<<route start>>?ticket=[[token]]}}
https://<<host sso.example>>/<<route saml>>?relay=[[email b64json]]&idp=<<param corp>>
https://<<host clinic.example>>/<<route patients>>/search?q=[[name plus]]&dob=[[born pct]]&mrn=[[patient]]
https://<<host clinic.example>>/<<route video>>/room/<<param blue-heron-42>>?pwd=[[pw pct]]
https://<<host jobs.example>>/<<route apply/senior-gardener>>?referrer_email=[[email html]]&step=<<param 2>>
https://<<host jobs.example>>/<<route profile>>/[[email pct]]/<<route edit>>
https://<<host telefon.example>>/<<route rufnummernmitnahme>>?nummer=[[tel pct]]&rufnummer=[[phone pct]]
https://<<host auto.example>>/<<route gutachten>>?kennzeichen=[[plate plus]]&baujahr=<<param 2019>>
https://<<host auto.example>>/<<route versicherung/schaden>>?fahrer_name=[[name pct]]&gutschein=<<code SOMMER2026>>
https://<<host store.example>>/<<route p/espresso-machine-x200>>?variant=<<sku EM-X200-BLK>>&coupon=<<code GB29SAVENOW2026>>&gtin=<<sku 40#d11#>>
https://<<host store.example>>/<<route search>>?q=<<param wireless+mouse+mx>>&sort=<<param price_asc>>&page=<<param 7>>&session_type=<<param guest>>
https://<<host store.example>>/<<route checkout/complete>>?order=<<order_no #A3##d8#>>&confirm_token=[[token]]&total=<<price 129.90>>
https://<<host store.example>>/m/[[token]]
https://<<host store.example>>/verify?e=[[email b64url]]&s=[[token]]
https://<<host learn.example>>/<<route kurs/python-fuer-einsteiger/lektion-12>>#<<param aufgabe-3>>
https://<<host learn.example>>/<<route join/class>>/[[token]]?locale=<<locale de_AT>>""".splitlines()

ROWS = """contact.email|[[email]]
buyer-email|[[email]]
epost_adresse|[[email]]
E-Mail-Adresse|[[email]]
adres_e_mail|[[email]]
answers|<<text Please call me back on>> [[phone]] <<text after six>>
comment|<<text Můj e-mail je>> [[email]], <<text děkuji>>
message|<<text Telefonszámom:>> [[phone]]
beskrivelse|<<text Ring mig på>> [[phone]] <<text efter kl. 17>>
yorum|<<text Bana>> [[email]] <<text adresinden ulaşın>>
feedback|<<text kortet>> [[card]] <<text virker ikke>>
error_text|<<text Duplicate entry>> '[[email]]' <<text for key 'users.email'>>
log|<<text GET /v1/accounts from>> [[ip]] <<text took 31 ms>>
notice|<<text Überweisung an>> [[iban]] <<text ausgeführt>>
debug_line|<<text Authorization:>> Bearer [[jwt]]
headers|<<text X-Api-Key:>> [[key]]
raw|[[email uesc]]
markup|<span data-x="1">[[email html]]</span>
payload|{"user":{"mail":"[[email]]","plan":"<<benign_key gold>>"}}
state_blob|[[email b64json]]
mobiltelefon|[[tel]]
telefon_szam|[[tel]]
puhelinnumero|[[tel]]
telefonni_cislo|[[tel]]
cep_telefonu|[[tel]]
contact_phone|[[phone]]
WhatsApp|[[phone]]
jmeno|[[given]]
prijmeni|[[family]]
fornavn|[[given]]
etternavn|[[family]]
nume|[[family]]
prenume|[[given]]
vezeteknev|[[family]]
keresztnev|[[given]]
soyadi|[[family]]
etunimi|[[given]]
sukunimi|[[family]]
recipient_full_name|[[name]]
nameOnCard|[[name]]
Ansprechpartner|[[name]]
assignee|[[name]]
submitted_by|[[name]]
fodselsdato|[[born]]
datum_narozeni|[[born]]
data_nasterii|[[born]]
szuletesi_datum|[[born]]
dogum_tarihi|[[born]]
syntymaaika|[[born]]
patient_dob|[[born]]
gatenavn_og_nummer|[[street]]
ulice_cp|[[street]]
lakcim|[[street]]
katuosoite|[[street]]
billing_address_line_1|[[street]]
shippingStreet|[[street]]
heslo|[[pw]]
jelszo|[[pw]]
sifre|[[pw]]
userPassword|[[pw]]
db_password|[[pw]]
session.token|[[token]]
x-csrf-token|[[token]]
deviceToken|[[token]]
reset_link|https://<<host a.example>>/reset?key=[[token]]
PHPSESSID|[[sid]]
connect.sid|[[sid]]
sms_verification_code|[[otp]]
mfa_code|[[otp]]
dogrulama_kodu|[[otp]]
engangskode|[[otp]]
brugernavn|[[login]]
kayttajatunnus|[[login]]
uzivatelske_jmeno|[[login]]
github_username|[[login]]
screen_handle|[[login]]
rendszam|[[plate]]
registreringsnummer|[[plate]]
license_plate_no|[[plate]]
pas_nummer|[[passport]]
cislo_pasu|[[passport]]
passport_number|[[passport]]
patient_number|[[patient]]
potilasnumero|[[patient]]
hospital_mrn|[[patient]]
imei1|[[imei]]
gps_latitude|[[coord]]
gps_longitude|[[coord]]
home_location_lat|[[coord]]
client_ip_address|[[ip]]
wifi_bssid|[[mac]]
ble_mac|[[mac]]
payout_wallet|[[eth]]
bank_account_iban|[[iban]]
cardNumberRaw|[[card]]
ssn_last_entered|[[nat_us_ssn]]
ni_number|[[nat_uk_nino]]
nhs_number|[[nat_uk_nhs]]
steuer_id|[[nat_de_taxid]]
securite_sociale|[[nat_fr_nir]]
cpf_do_cliente|[[nat_br_cpf]]
aadhaar|[[nat_in_aadhaar]]
pan_number|[[nat_in_pan]]
documento_identidad|[[nat_es_dni]]
numero_nie|[[nat_es_nie]]
codice_fiscale|[[nat_it_cf]]
bsn_nummer|[[nat_nl_bsn]]
numer_pesel|[[nat_pl_pesel]]
person_nummer|[[nat_se_pnr]]
hetu|[[nat_fi_hetu]]
sin|[[nat_ca_sin]]
tfn|[[nat_au_tfn]]
nric_fin|[[nat_sg_nric]]
jumin_number|[[nat_kr_rrn]]
tc_kimlik|[[nat_tr_tckn]]
sa_id|[[nat_za_id]]
id_card_number_cn|[[nat_cn_ric]]
ahv_nr|[[nat_ch_ahv]]
insz_nummer|[[nat_be_nrn]]
curp_titular|[[nat_mx_curp]]
q7|<<text My SSN is>> [[nat_us_ssn]]
q8|<<text BSN:>> [[nat_nl_bsn]]
q9|<<text PESEL>> [[nat_pl_pesel]] <<text proszę>>
q10|<<text TC kimlik no>> [[nat_tr_tckn]]
q11|<<text Steuer-ID:>> [[nat_de_taxid]]
q12|<<text NHS no.>> [[nat_uk_nhs]]
q13|<<text SIN:>> [[nat_ca_sin]]
q14|<<text TFN>> [[nat_au_tfn]]
q15|<<text ID number:>> [[nat_za_id]]
q16|<<text AHV>> [[nat_ch_ahv]], <<text merci>>
q17|<<text Aadhaar:>> [[nat_in_aadhaar]]
free|[[nat_kr_rrn]]
free2|[[nat_cn_ric]]
free3|[[nat_it_cf]]
free4|[[nat_fi_hetu]]
free5|[[nat_se_pnr]]
free6|[[nat_be_nrn]]
free7|[[nat_mx_curp]]
free8|[[nat_es_nie]]
x1|[[card]]
x2|[[key]]
x3|[[jwt]]
x4|[[iban]]
x5|[[phone]]
x6|[[ip]]
x7|[[mac]]
trace|at Object.run (/Users/[[home]]/<<asset work/app/src/run.ts>>:12:7)
cwd|/home/[[home]]/<<asset code/site>>
file_path|C:\\Users\\[[home]]\\<<asset Desktop\\report.xlsx>>
docs_url|https://<<host docs.example>>/<<route guides/reset-password>>""".splitlines()

CALM = """order_reference|<<order_no ORD/2026/#d6#>>
bestillingsnr|<<order_no #d9#>>
cislo_objednavky|<<order_no #d10#>>
siparis_no|<<order_no SP-#d8#>>
tracking|<<tracking_no 1Z#A3##d10#>>
sporingsnummer|<<tracking_no 00370#d13#>>
ean13|<<sku 50#d11#>>
isbn|<<sku 978-3-16-#d6#-0>>
part_number|<<sku 489-93-#d4#-C>>
git_commit|<<sha #hex40#>>
content_hash|<<sha #hex32#>>
trace_id|<<uuid #hex32#>>
request_id|<<uuid #uuid#>>
experiment_id|<<uuid exp_#hex12#>>
occurred_at|<<timestamp 2026-03-0#d1#T07:15:22.#d3#Z>>
epoch|<<timestamp 17#d8#>>
epoch_ms|<<timestamp 17#d11#>>
driver_version|<<version 31.0.101.4502>>
os_build|<<version 10.0.22631.4169>>
app_version|<<version 8.14.2-rc.3+build.77>>
engine|<<version Gecko/20100101 Firefox/131.0>>
price_total|<<price 1 249,00 kr>>
amount_minor|<<price #d6#>>
currency_amount|<<price USD 1,299.99>>
coupon_code|<<code FR14BIENVENUE2026>>
promo|<<code DE89FRUEHLING26>>
gift_serial|<<code #d16#>>
date_range|<<code 2026-01-01..2026-03-31>>
years|<<code 1998-2004>>
npm_dep|<<email_like react-dom@19.0.0>>
retina|<<email_like hero@3x.webp>>
clone_url|<<email_like git@github.com:acme/site.git>>
java_obj|<<email_like Order@1b6d3586>>
mention|<<mention @design-team>>
social|<<mention thanks @annika_w!>>
selector|<<css div.card:nth-child(2) > a[href^="/p/"]>>
css_rule|<<css @media (min-width:768px)>>
locale_code|<<locale hu-HU>>
bounding_box|<<coord 12.5 88.25 640.0 360.75>>
css_matrix|<<coord matrix(0.9962, 0.0872, -0.0872, 0.9962, 120.5, 44.25)>>
canvas_x|<<coord 1024.3312>>
accent|<<colour #d6#>>
theme_color|<<colour rgba(12, 34, 56, 0.75)>>
elapsed|<<ip_like 00:14:52>>
cpp_symbol|<<ip_like std::vector<int>::push_back>>
ipv4_enabled|<<ip_like yes>>
view_state|<<b64_benign #b64:{"sort":"price","dir":"asc","page":2}#>>
token_type|<<benign_key Bearer>>
tokens_used|<<benign_key #d4#>>
password_strength|<<benign_key strong>>
password_reset_requested|<<benign_key done>>
email_verified_at_signup|<<benign_key pending>>
email_domain_type|<<benign_key corporate>>
auth_provider|<<benign_key google-workspace>>
session_length_seconds|<<benign_key #d4#>>
session_count|<<benign_key #d2#>>
phone_country|<<benign_key Norway>>
address_type|<<benign_key business>>
name_length|<<benign_key 14>>
product_name|<<benign_key Nordic Desk Lamp>>
produktnavn|<<benign_key Blå Stol Premium>>
nazev_produktu|<<benign_key Zimní Bunda>>
event_name|<<benign_key Video Played>>
screen_name|<<benign_key Account Settings>>
file_name|<<benign_key Quarterly Report Final.pdf>>
template_name|<<benign_key Welcome Series>>
country_name|<<benign_key Czech Republic>>
team_name|<<benign_key Platform Engineering>>
feature|<<benign_key Dark Mode Toggle>>
card_layout|<<benign_key two-column>>
card_brand|<<benign_key Mastercard>>
pin_position|<<benign_key top-left>>
key_pressed|<<benign_key Enter>>
hash_route|<<route #/settings/billing>>
state|<<param open>>
category|<<text Bøger og papir>>
headline|<<text Summer Sale: up to 50 % off>>
label_text|<<text Add to basket>>
title|<<text Pricing - Fieldnotes>>
count|<<param 12345678>>
video_id|<<param dQw4w9WgXcQ>>
channel|<<utm paid_social>>
latency_ms|<<param 128.4471>>
scroll_depth|<<param 0.8234567>>
window_size|<<param 1920x1080>>
plan|<<param enterprise-annual-2026>>""".splitlines()


class Body:
    def __init__(self, v):
        self.v, self.spans, self.keeps = v, [], []

    def put(self, template, pointer, where):
        text, plants, keeps = render(self.v, template)
        self.spans += [dict(p, json_pointer=pointer, where=where) for p in plants]
        self.keeps += [{"json_pointer": pointer, "text": t, "class": c} for t, c in keeps]
        return text

    def url(self, pointer, where="url"):
        return self.put(self.v.r.choice(URLS), pointer, where)

    def row(self, out, pointer, rows):
        key, template = self.v.r.choice(rows).split("|", 1)
        if key not in out:
            out[key] = self.put(template, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", "prop")

    def props(self, out, pointer, most=5):
        for _ in range(self.v.r.randint(0, most)):
            self.row(out, pointer, CALM if self.v.r.random() < .55 else ROWS)
        return out


def plausible(b):
    r = b.v.r
    short = r.random() < .6
    k = lambda s, l: s if short else l
    body = {}
    body[k("n", "name")] = b.put("<<protocol " + r.choice(["pageview", "Outbound Link: Click", "Kurv: Tilføj", "Signup", "404"]) + ">>", "/" + k("n", "name"), "prop")
    body[k("u", "url")] = b.url("/" + k("u", "url"))
    body[k("d", "domain")] = b.put("<<protocol store.example>>", "/" + k("d", "domain"), "prop")
    if r.random() < .4:
        body[k("r", "referrer")] = b.url("/" + k("r", "referrer"), "referrer")
    props = b.props({}, "/" + k("p", "props"))
    if props:
        body[k("p", "props")] = props
    return body


def posthog(b):
    r = b.v.r
    form = r.choice(["single", "single", "batch", "array", "flags"])
    if form == "flags":
        body = {"token": b.put("<<protocol phc_" + b.v.rnd(43) + ">>", "/token", "prop"), "distinct_id": b.put("<<protocol #uuid#>>", "/distinct_id", "distinct_id"), "groups": {}}
        person = b.props({}, "/person_properties", 3)
        for key in ("$initial_current_url", "$initial_referrer"):
            person[key] = b.url("/person_properties/" + key)
        body["person_properties"] = person
        return body
    at = {"single": "", "batch": "/batch/0", "array": "/0"}[form]
    p = at + "/properties"
    name = r.choice(["$pageview", "$autocapture", "$exception", "$set", "survey sent", "$$heatmap", "$web_vitals", "checkout_completed", "$pageleave"])
    props = {"token": b.put("<<protocol phc_" + b.v.rnd(43) + ">>", p + "/token", "prop")} if form != "batch" else {}
    for key in ("$session_id", "$window_id"):
        props[key] = b.put("<<protocol #uuid#>>", f"{p}/{key}", "prop")
    props["$current_url"] = b.url(p + "/$current_url")
    props["$browser_version"] = 131
    props["$lib_version"] = b.put("<<version 1.2#d2#.#d1#>>", p + "/$lib_version", "prop")
    b.props(props, p)
    if r.random() < .3:
        for key in ("$session_entry_url", "$session_entry_referrer"):
            props[key] = b.url(f"{p}/{key}")
    if name == "$autocapture":
        props["$elements"] = [{"tag_name": "a", "$el_text": b.put(r.choice(["<<text Log out>> [[email]]", "<<text Add to basket>>", "<<text Call>> [[phone]]"]), p + "/$elements/0/$el_text", "elements"), "attr__href": b.url(p + "/$elements/0/attr__href", "elements"), "attr__class": b.put("<<css btn btn-primary px-4>>", p + "/$elements/0/attr__class", "elements")},
                              {"tag_name": "input", "attr__type": "password", "attr__value": b.put("[[pw]]", p + "/$elements/1/attr__value", "elements")}]
        props["$elements_chain"] = b.put('<<css span.badge>>:nth-child="2"text="<<text Inbox>> [[email]]";a.nav-link:attr__href="https://<<host app.example>>/<<route u>>/[[email pct]]"nth-child="1"', p + "/$elements_chain", "elements")
    if name == "$exception":
        t = r.choice(["<<text Cannot read properties of undefined>> (reading '<<text email>>') user=[[email]]", "<<text Request to>> https://<<host api.example>>/<<route v1/users>>/[[email pct]] <<text failed with status code 404>>", "<<text Invalid phone number:>> [[phone]]", "<<text JWT expired:>> [[jwt]]", "<<text connect ECONNREFUSED>> [[ip]]:5432", "<<text Login failed, password=>>[[pw]]"])
        props["$exception_list"] = [{"type": b.put("<<text TypeError>>", p + "/$exception_list/0/type", "exception"), "value": b.put(t, p + "/$exception_list/0/value", "exception"), "stacktrace": {"frames": [{"filename": b.put(r.choice(["/Users/[[home]]/<<asset dev/shop/src/cart.ts>>", "file:///C:/Users/[[home]]/<<asset proj/main.js>>", "/home/[[home]]/<<asset app/index.mjs>>", "webpack://<<asset shop/./src/cart.ts>>"]), p + "/$exception_list/0/stacktrace/frames/0/filename", "exception"), "function": "addItem", "lineno": 88}]}}]
    if name == "survey sent":
        props["$survey_response"] = b.put(r.choice(["<<text You can reach me at>> [[email]]", "<<text Great product!>>", "<<text my number is>> [[phone]]"]), p + "/$survey_response", "prop")
    if name == "$$heatmap":
        address = b.url("", "object_key")
        spans, keeps = [s for s in b.spans if s["json_pointer"] == ""], [k for k in b.keeps if k["json_pointer"] == ""]
        pointer = f"{p}/$heatmap_data/{address.replace('~', '~0').replace('/', '~1')}"
        for s in spans:
            s["json_pointer"] = pointer
        b.keeps = [k for k in b.keeps if k not in keeps]
        props["$heatmap_data"] = {address: [{"x": 12, "y": 800, "target_fixed": False, "type": "click"}]}
    if name == "$web_vitals":
        props["$web_vitals_LCP_event"] = {"name": b.put("<<benign_key LCP>>", p + "/$web_vitals_LCP_event/name", "nested"), "value": 812.4, "$current_url": b.url(p + "/$web_vitals_LCP_event/$current_url", "nested")}
    out = {"event": b.put(f"<<protocol {name}>>", at + "/event", "prop"), "properties": props, "timestamp": b.put("<<timestamp 2026-02-1#d1#T12:00:00.000Z>>", at + "/timestamp", "prop")}
    out["distinct_id"] = b.put("[[email]]" if r.random() < .12 else "<<protocol #uuid#>>", at + "/distinct_id", "distinct_id")
    if name == "$set" or r.random() < .15:
        out["$set"] = b.props({"email": b.put("[[email]]", at + "/$set/email", "person_set"), "name": b.put("[[name]]", at + "/$set/name", "person_set")}, at + "/$set", 3)
        out["$set_once"] = {"$initial_referrer": b.url(at + "/$set_once/$initial_referrer", "person_set")}
    if form == "batch":
        return {"api_key": b.put("<<protocol phc_" + b.v.rnd(43) + ">>", "/api_key", "prop"), "historical_migration": False, "batch": [out]}
    return [out] if form == "array" else out


def main():
    count, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1500, int(sys.argv[2]) if len(sys.argv) > 2 else 4
    for n in range(count):
        r = random.Random(f"{seed}/{n}")
        b = Body(Values(r))
        upstream = "plausible" if r.random() < .4 else "posthog"
        body = plausible(b) if upstream == "plausible" else posthog(b)
        print(json.dumps({"id": f"f{n:05}", "upstream": upstream, "body": body, "spans": b.spans, "must_keep": b.keeps}, ensure_ascii=False))


if __name__ == "__main__":
    main()
