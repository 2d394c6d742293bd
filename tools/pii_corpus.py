#!/usr/bin/env python3
"""Makes a labelled corpus of analytics events for tools/pii_score.py, with hosts, routes, key names, languages and
sentences of its own. All values are invented; tokens and keys are random.

usage: pii_corpus.py [EVENTS] [SEED] > corpus.jsonl
       pii_corpus.py --planted [VALUES] [SEED] > planted.jsonl      values of tier A alone, for tests/scrubbing.rs
"""
import base64, hashlib, json, random, string, sys, uuid
from urllib.parse import quote, quote_plus

import national_ids as ids

GIVEN = {"de": "Annika Jürgen Käthe Thorsten Ulrike Götz Wiebke Hartmut", "fr": "Amélie Benoît Océane Rémi Thérèse Loïc Solène Gaël",
         "es": "Begoña Iñaki Lucía Joaquín Ximena Álvaro Rocío Nicolás", "it": "Niccolò Ginevra Ludovica Ruggero Fiammetta Corrado Ottavia Tancredi",
         "nl": "Jeroen Anouk Maarten Lotte Wouter Fleur Sjoerd Marijke", "pl": "Łukasz Zofia Bartłomiej Agnieszka Grzegorz Małgorzata Wojciech Kinga",
         "pt": "João Inês Tomás Beatriz Gonçalo Leonor Afonso Matilde", "sv": "Åsa Göran Birgitta Håkan Lovisa Torbjörn Ebba Sixten",
         "en": "Rosalind Desmond Imogen Barnaby Philippa Tarquin Bronwen Alasdair"}
FAMILY = {"de": "Schäfer Kühnemann Oberhauser Wittgenstein Böttcher", "fr": "Lefèvre Delacroix Beauchamp Thibault Marchand", "es": "Ibáñez Quiroga Escudero Villalobos Zubizarreta",
          "it": "Bentivoglio Ferraris Sansone Montefalco Guicciardini", "nl": "van der Linden Hoogstraten de Wit Oosterhuis Kuipers", "pl": "Wiśniewska Kowalczyk Szczepański Dąbrowski Grabowska",
          "pt": "Figueiredo Vasconcelos Magalhães Carvalho Albuquerque", "sv": "Lindqvist Åkerström Sjögren Hallberg Nordin", "en": "Featherstone Holloway Pemberton Ashworth Macallister"}
DOMAINS = "posteo.net mailbox.example fastmail.co gmx.at orange.fr libero.it ziggo.nl onet.pl sapo.pt telia.se btinternet.com kanzlei-huber.de studio.photography uni-graz.ac.at".split()
HOSTS = ["konto.stadtwerke-nord.example", "www.fietsenwinkel.nl", "app.ledgerly.co", "tienda.olivar.es", "portal.clinica-sol.com.br", "sklep.herbaciarnia.pl", "my.nordlys.se", "booking.alpenhof.at", "careers.brightloom.io", "wiki.intern.example"]
ROUTES = {"en": "features/automation help/contact-us careers/open-roles basket/review changelog".split(), "de": "leistungen/beratung hilfe/kontakt warenkorb/pruefen ueber-uns".split(),
          "fr": "produits/vaisselle aide/nous-contacter panier mentions-legales".split(), "es": "catalogo/aceites ayuda carrito/resumen sobre-nosotros".split(), "it": "prodotti/caffe assistenza carrello".split(),
          "nl": "fietsen/stads klantenservice winkelwagen/overzicht".split(), "pl": "produkty/herbata pomoc koszyk".split(), "pt": "especialidades ajuda carrinho".split(), "sv": "produkter/lampor kundservice varukorg".split()}
SECRET_ROUTES = "users/confirm/{} password-reset/{} account/activate/{} invitations/{} l/{} auth/magic/{} passwort-zuruecksetzen/{} einladung/{} reinitialiser-mot-de-passe/{} invitacion/{} verificar-correo/{} conferma/{} uitnodiging/{} reset-hasla/{} redefinir-senha/{} bekrafta/{} team/join/{} unsubscribe/{} set-password/{}".split()
MAIL_ROUTES = "kunden/{}/profil membres/{} socios/{} accounts/{}/settings people/{} iscritti/{}".split()
CALL_ROUTES = "telefon/{} anrufen/{} phone/{} sms/{}".split()
KEYS = {
    "email": "eMail contactEmail mail_to correo_electronico courriel adresse_email emailAdres adres_email endereco_email e_post guestEmail reporter assigned_to cc_list".split(),
    "phone": "contactPhone telefonnummer handy numero_telephone portable telefono_movil cellulare telefoonnummer mobiel numer_telefonu telemovel mobilnummer guest_phone daytimePhone".split(),
    "first_name": "vorname prenom nombre_de_pila givenName voornaam imie fornamn primeiro_nome firstName guest_first_name".split(),
    "last_name": "nachname nom_de_famille apellidos cognome achternaam nazwisko efternamn sobrenome familyName surname".split(),
    "full_name": "kundenname nom_complet nombre_completo nome_completo volledige_naam imie_i_nazwisko fullName contact_name recipientName cardholder_name".split(),
    "dob": "geburtsdatum date_de_naissance fecha_nacimiento data_di_nascita geboortedatum data_urodzenia data_nascimento fodelsedatum birthday dateOfBirth".split(),
    "address": "strasse adresse_postale direccion indirizzo straatnaam ulica morada gatuadress streetAddress shipping_address homeAddress".split(),
    "password": "passwort mot_de_passe contrasena wachtwoord haslo senha losenord newPassword current_password pass_phrase".split(),
    "token": "resetToken inviteToken verification_token csrfToken bearer_token refresh_token unsubscribe_token jeton_acces authToken signature client_secret".split(),
    "session": "sessionId sessid user_session session_key JSESSIONID ASPSESSIONIDQQ".split(),
    "otp": "otpCode sms_code two_factor_code bestaetigungscode code_verification codigo_verificacion one_time_code".split(),
    "username": "benutzername nom_utilisateur nombre_usuario nome_utente gebruikersnaam userName loginName nickname".split(),
    "plate": "kennzeichen immatriculation matricula targa kenteken nr_rejestracyjny number_plate vehicleRegistration".split(),
    "passport": "reisepassnummer numero_passeport num_pasaporte paspoortnummer passportNo".split(), "medical": "patientennummer medicalRecordNumber numero_paciente patient_no".split(),
    "imei": "imei_number deviceImei".split(), "lat": "lat latitude breitengrad geo_lat".split(), "lng": "lon longitude laengengrad geo_lng".split(),
    "ip": "ipAddress remote_ip source_ip ip_adresse".split(), "iban": "iban kontonummer bankAccount".split(), "card": "kartennummer cardNo credit_card numero_carte".split(),
    "us_ssn": ["ssn"], "uk_nino": ["nationalInsuranceNumber"], "uk_nhs": ["nhsNo"], "de_taxid": ["steuerIdNr", "steuer_identifikationsnummer"], "fr_nir": ["num_secu"], "br_cpf": ["cpf_cliente"], "in_aadhaar": ["aadhaarNumber"],
    "in_pan": ["pan_card"], "es_dni": ["dni_titular"], "es_nie": ["nie"], "it_cf": ["codiceFiscale"], "nl_bsn": ["burgerservicenummer"], "pl_pesel": ["pesel_nr"], "se_pnr": ["personnummer"], "fi_hetu": ["henkilotunnus"],
    "ca_sin": ["socialInsuranceNumber"], "au_tfn": ["tax_file_number"], "sg_nric": ["nricNumber"], "kr_rrn": ["resident_registration_number"], "tr_tckn": ["tc_kimlik_no"], "za_id": ["sa_id_number", "south_african_id"], "cn_ric": ["resident_id_number"],
    "ch_ahv": ["ahvNummer"], "be_nrn": ["rijksregisternummer"], "mx_curp": ["curp"]}
SENTENCES = {"email": ["Bitte schreiben Sie an {} zurück", "Merci de répondre à {}", "Escríbeme a {} por favor", "failed login for {} (3 attempts)", "Kontakta mig på {}", "User {} not found"],
             "phone": ["Rufen Sie mich unter {} an", "Mon numéro: {}", "bel me op {} svp", "Moje telefon to {}", "SMS to {} bounced"],
             "card": ["charge to {} failed", "Zahlung mit {} abgelehnt", "ma carte {} ne passe pas"], "iban": ["Bitte auf {} überweisen", "virement sur {}", "refund to {} please"], "ip": ["connection from {} refused", "blocked {} by rule 7"]}
LABELS = {"us_ssn": "SSN", "uk_nino": "NI number", "uk_nhs": "NHS number", "de_taxid": "Steuer-ID", "fr_nir": "numéro de sécurité sociale", "br_cpf": "CPF", "in_aadhaar": "Aadhaar number", "in_pan": "PAN", "es_dni": "DNI", "es_nie": "NIE",
          "it_cf": "codice fiscale", "nl_bsn": "BSN", "pl_pesel": "PESEL", "se_pnr": "personnummer", "fi_hetu": "henkilötunnus", "ca_sin": "SIN number", "au_tfn": "TFN", "sg_nric": "NRIC", "kr_rrn": "RRN", "tr_tckn": "TC kimlik no", "za_id": "SA ID number",
          "cn_ric": "resident ID", "ch_ahv": "AHV-Nr.", "be_nrn": "rijksregisternummer", "mx_curp": "CURP"}
FREE = "nota bemerkung remarque opmerking observaciones uwagi kommentar detail lastError answer_text".split()
FREE_KEYS = "wert x_value data1 custom_3 raw_input field_7 extra".split()
REAL_DOMAINS = "konto.example shop.example".split()


class Plant:
    """A planted value: what stands in the text, and how the scorer knows it."""

    def __init__(self, kind, tier, text, match="text", parts=None, enc="plain"):
        self.kind, self.tier, self.text, self.match, self.enc = kind, tier, text, match, enc
        self.parts = parts if parts is not None else ([text] if match != "digits" else [])
        self.form = text


class Keep:
    def __init__(self, text, cls):
        self.text, self.cls = text, cls


class Leaf:
    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def text(self):
        return "".join(p.form if isinstance(p, Plant) else p.text if isinstance(p, Keep) else p for p in self.pieces)

    def encoded(self, f, enc):
        """The whole leaf percent-encoded, as a parameter of another address."""
        out = []
        for p in self.pieces:
            if isinstance(p, Plant):
                q = Plant(p.kind, p.tier, p.text, p.match, p.parts, enc)
                q.form = f(p.form)
                out.append(q)
            elif isinstance(p, Keep):
                out.append(Keep(f(p.text), p.cls))
            else:
                out.append(f(p))
        return Leaf(*out)


class Maker:
    def __init__(self, r):
        self.r = r
        self.lang = r.choice(list(GIVEN))

    def word(self, table):
        return self.r.choice(table[self.lang].split())

    def family(self):
        f = FAMILY[self.lang]
        return self.r.choice(["van der Linden", "Hoogstraten", "de Wit", "Oosterhuis", "Kuipers"] if self.lang == "nl" else f.split())

    def pieces(self, s, n):
        return [s[i:i + n] for i in range(0, len(s) - n + 1, n)][:4]

    def email(self):
        r = self.r
        fold = lambda s: "".join(c for c in s.lower().replace(" ", "").replace("ß", "ss").translate(str.maketrans("äöüåéèêëàáâãçñńóòôõłśźżąęěíìîïúùûýøœ", "aouaeeeeaaaacnnoooolszzaeeiiiiuuuyoo")) if c.isascii() and c.isalnum())
        a, b = fold(self.word(GIVEN)), fold(self.family())
        local = r.choice([f"{a}.{b}", f"{a[0]}{b}", f"{b}{r.randint(1950, 2009)}", f"{a}_{b}", f"{a}+{r.choice(['spam', 'liste', 'x1'])}.{b}", f"{a}-{b}{r.randint(1, 99)}", f"o'{b}"])
        s = f"{local}@{r.choice(DOMAINS)}"
        s = s.upper() if r.random() < .08 else s
        local = s.split("@")[0]
        return Plant("email", "A", s, "text", [s, local if len(local) >= 6 else local + "@"])

    def phone(self):
        r = self.r
        d = lambda n: ids.digits(r, n)
        nz = lambda: r.choice("23456789")
        a = [f"+49 170 {d(7)}", f"+43 664 {d(7)}", f"+41 79 {d(3)} {d(2)} {d(2)}", f"+33 7 {d(2)} {d(2)} {d(2)} {d(2)}", f"+34 6{d(2)} {d(3)} {d(3)}", f"+39 34{d(1)} {d(7)}", f"+31 6 {d(8)}", f"+48 5{d(2)} {d(3)} {d(3)}", f"+351 91{d(1)} {d(3)} {d(3)}",
             f"+46 70-{d(3)} {d(2)} {d(2)}", f"+447{d(9)}", f"+1-{nz()}{d(2)}-{nz()}{d(2)}-{d(4)}", f"({nz()}{d(2)}) {nz()}{d(2)}-{d(4)}", f"0049 170 {d(7)}", f"+61 4{d(2)} {d(3)} {d(3)}", f"+82 10-{d(4)}-{d(4)}", f"+27 82 {d(3)} {d(4)}", f"{nz()}{d(2)}.{nz()}{d(2)}.{d(4)}"]
        return Plant("phone", "A", r.choice(a), "digits")

    def phone_b(self):
        d = lambda n: ids.digits(self.r, n)
        return Plant("phone", "B", self.r.choice([f"0170 {d(7)}", f"06 {d(2)} {d(2)} {d(2)} {d(2)}", f"6{d(8)}", f"079 {d(3)} {d(2)} {d(2)}", f"0{d(10)}", f"5{d(2)} {d(3)} {d(3)}", f"070-{d(3)} {d(2)} {d(2)}"]), "digits")

    def card(self):
        r = self.r
        p, n, groups = r.choice([("4", 16, (4, 4, 4, 4)), ("5" + r.choice("12345"), 16, (4, 4, 4, 4)), ("37", 15, (4, 6, 5)), ("6011", 16, (4, 4, 4, 4)), ("3566", 16, (4, 4, 4, 4)), ("2720", 16, (4, 4, 4, 4)), ("36", 14, (4, 6, 4)), ("62", 19, (6, 13))])
        s = p + ids.digits(r, n - len(p) - 1)
        s += ids.luhn_digit(s)
        if r.random() < .6:
            out, i = [], 0
            for g in groups:
                out.append(s[i:i + g])
                i += g
            s = r.choice(" -").join(out)
        return Plant("card", "A", s, "digits")

    def iban(self):
        r = self.r
        cc, n = r.choice([("DE", 18), ("AT", 16), ("CH", 17), ("PL", 24), ("SE", 20), ("BE", 12), ("DK", 14), ("PT", 21), ("LU", 16), ("CZ", 20), ("IE", None), ("NL", None), ("TR", 22), ("FI", 14)])
        b = ids.letters(r, 4) + ids.digits(r, 14 if cc == "IE" else 10) if n is None else ids.digits(r, n)
        num = "".join(str(int(c, 36)) for c in b + cc + "00")
        s = f"{cc}{98 - int(num) % 97:02}{b}"
        body = s[4:]
        if r.random() < .5:
            s = " ".join(s[i:i + 4] for i in range(0, len(s), 4))
        if r.random() < .1:
            s = s.lower()
        return Plant("iban", "A", s, "alnum", [body[i:i + 8] for i in range(0, len(body) - 7)])

    def secret(self, n, alphabet=string.ascii_letters + string.digits):
        return "".join(self.r.choice(alphabet) for _ in range(n))

    def token_text(self):
        r = self.r
        return r.choice([str(uuid.UUID(int=r.getrandbits(128), version=4)), hashlib.sha256(r.randbytes(8)).hexdigest(), hashlib.md5(r.randbytes(8)).hexdigest(), self.secret(22), self.secret(32, string.ascii_letters + string.digits + "-_"), self.secret(40), self.secret(26, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), self.secret(24, string.ascii_lowercase + string.digits)])

    def token(self, kind="token"):
        s = self.token_text()
        return Plant(kind, "B", s, "text", self.pieces(s, 8))

    def jwt(self):
        r = self.r
        enc = lambda o: base64.urlsafe_b64encode(json.dumps(o, separators=(",", ":")).encode()).decode().rstrip("=")
        h, p, s = enc({"alg": r.choice(["RS256", "ES256", "HS512"]), "kid": self.secret(6)}), enc({"sub": self.secret(14), "exp": 1800000000, "scope": "openid"}), self.secret(43, string.ascii_letters + string.digits + "-_")
        return Plant("jwt", "A", f"{h}.{p}.{s}", "text", [p[4:16], p[16:28], s[:12], s[20:32]])

    def api_key(self):
        r = self.r
        p, n, a = r.choice([("sk_live_", 24, None), ("rk_live_", 24, None), ("ghp_", 36, None), ("github_pat_", 60, None), ("AKIA", 16, string.ascii_uppercase + "234567"), ("glpat-", 20, None), ("npm_", 36, None), ("hf_", 34, None), ("sk-ant-api03-", 40, None), ("shpat_", 32, "0123456789abcdef"), ("dop_v1_", 64, "0123456789abcdef"), ("AIza", 35, None), ("xoxp-", 30, string.digits + string.ascii_lowercase), ("EAAC", 40, None)])
        b = self.secret(n, a or string.ascii_letters + string.digits)
        if a is None and not (any(c.isdigit() for c in b) and any(c.isalpha() for c in b)):
            b = "9x" + b[2:]
        return Plant("api_key", "A", p + b, "text", [b[:10], b[-10:]])

    def national(self, kind=None):
        r = self.r
        kind = kind or r.choice(list(ids.KINDS))
        s = ids.KINDS[kind](r)
        d = "".join(c for c in s if c.isdigit())
        alpha = any(c.isalpha() for c in s)
        tier = "B" if kind in ids.KEYED else "A"
        return kind, Plant("nat_" + kind, tier, s, "alnum" if alpha else "digits", [s] if alpha else [])

    def ip(self):
        r = self.r
        v4 = ".".join(str(x) for x in (r.choice([31, 46, 62, 77, 91, 109, 151, 176, 185, 213]), r.randint(0, 255), r.randint(0, 255), r.randint(1, 254)))
        v6 = r.choice([f"2001:{r.randint(4096, 65535):x}:{r.randint(4096, 65535):x}::{r.randint(4096, 65535):x}", ":".join(f"{x:x}" for x in [0x2a01] + [r.randint(4096, 65535) for _ in range(7)])])
        return Plant("ip", "A", v4 if r.random() < .6 else v6)

    def value(self, kind):
        """A value for a key of KEYS."""
        r = self.r
        if kind in ids.KINDS:
            return self.national(kind)[1]
        if kind in ("email", "card", "iban", "ip"):
            return getattr(self, kind)()
        if kind == "phone":
            return r.choice([self.phone, self.phone_b])()
        if kind in ("first_name", "last_name", "full_name"):
            a, b = self.word(GIVEN), self.family()
            s = {"first_name": a, "last_name": b, "full_name": f"{a} {b}"}[kind]
            return Plant("name", "B", s, "text", [s] + [w for w in s.split() if len(w) >= 6])
        if kind == "dob":
            y, m, d = ids.date(r, 1940, 2006)
            return Plant("dob", "B", r.choice([f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}", f"{d:02}/{m:02}/{y}", f"{d}-{m}-{y}", f"{y}{m:02}{d:02}"]))
        if kind == "address":
            n = r.randint(1, 199)
            return Plant("address", "B", r.choice([f"Lindenallee {n}", f"{n} rue des Acacias", f"Calle Mayor {n}, 3º B", f"Via Garibaldi {n}", f"Prinsengracht {n}", f"ul. Mickiewicza {n}/4", f"Rua das Flores {n}", f"Storgatan {n}", f"{n} Wellington Road", f"Unit 4, {n} Harbour Street"]))
        if kind == "password":
            return Plant("password", "B", r.choice(["Sommer", "tr0ub4dor", "Winter", "letmein", "dragon"]) + self.secret(5) + r.choice(["!", "#9", "", "$x"]))
        if kind in ("token", "session"):
            return self.token("token" if kind == "token" else "session_id")
        if kind == "otp":
            return Plant("otp", "B", ids.digits(r, r.choice([4, 6, 6, 8])))
        if kind == "username":
            return Plant("username", "B", f"{self.word(GIVEN).lower()[:4]}{r.choice(['_', '.', ''])}{self.family().lower()[:5]}{r.randint(1, 999)}".replace(" ", ""))
        if kind == "plate":
            L = ids.letters
            return Plant("plate", "B", r.choice([f"{L(r, 2)}-{L(r, 2)} {r.randint(1, 9999)}", f"{L(r, 2)}-{r.randint(100, 999)}-{L(r, 2)}", f"{r.randint(1000, 9999)} {L(r, 3)}", f"{L(r, 2)}{r.randint(10, 99)} {L(r, 3)}", f"{L(r, 1)}-{r.randint(100, 999)}-{L(r, 2)}"]), "alnum")
        if kind == "passport":
            return Plant("passport", "B", ids.letters(r, r.choice([1, 2])) + ids.digits(r, 7), "alnum")
        if kind == "medical":
            return Plant("medical_id", "B", r.choice(["", "PT-", "MRN"]) + ids.digits(r, 8), "alnum")
        if kind == "imei":
            s = "35" + ids.digits(r, 12)
            return Plant("imei", "B", s + ids.luhn_digit(s), "digits")
        s = f"{r.uniform(-80, 80):.6f}"
        return Plant("geo", "B", s, "text", [s[:s.index(".") + 4]])

    # -- addresses ------------------------------------------------------------------------------------------------

    def in_url(self, p, where="query"):
        """A planted value as it stands in an address."""
        r = self.r
        e = r.random()
        text = p.text
        if where == "path":
            p.form, p.enc = (quote(text, safe=""), "pct") if e < .8 else (quote(quote(text, safe=""), safe=""), "pct2")
        elif p.kind == "email" and e < .2:
            b = base64.b64encode if r.random() < .5 else base64.urlsafe_b64encode
            p.form, p.enc = quote(b(text.encode()).decode(), safe="") if r.random() < .5 else b(text.encode()).decode().rstrip("="), "b64"
        elif e < .3:
            p.form, p.enc = quote(quote(text, safe=""), safe=""), "pct2"
        elif e < .65:
            p.form, p.enc = quote(text, safe=""), "pct"
        elif " " in text or "+" in text:
            p.form, p.enc = quote_plus(text), "plus"
        else:
            p.form, p.enc = quote(text, safe="@:'"), "plain"
        return p

    def path(self):
        r = self.r
        e = r.random()
        lang = ROUTES[self.lang] + ROUTES["en"]
        if e < .14:
            a, b = r.choice(SECRET_ROUTES).split("{}")
            t = r.choice([self.token, self.token, self.jwt])()
            while t.kind == "token" and a.strip("/") in ("l",) and not any(c.isupper() for c in t.text):
                t = self.token()
            return [Keep(a.strip("/"), "route"), "/", t, b]
        if e < .22:
            a, b = r.choice(MAIL_ROUTES).split("{}")
            return [Keep(a.strip("/"), "route"), "/", self.in_url(self.email(), "path"), b]
        if e < .27:
            a, b = r.choice(CALL_ROUTES).split("{}")
            return [Keep(a.strip("/"), "route"), "/", self.in_url(self.phone(), "path"), b]
        tail = r.choice([[], [], ["/", Keep(str(r.randint(1000, 999999)), "param")], ["/", Keep(str(uuid.UUID(int=r.getrandbits(128), version=4)), "uuid")], ["/", Keep(f"app.{self.secret(8, '0123456789abcdef')}.js", "asset")],
                         ["/", Keep(f"{r.randint(2019, 2026)}/{r.randint(1, 12):02}/artikel-{r.randint(1, 99)}", "route")], ["/", Keep("v%d.%d.%d" % (r.randint(1, 9), r.randint(0, 9), r.randint(0, 9)), "version")]])
        return [Keep(r.choice(lang), "route")] + tail

    def benign_param(self):
        r = self.r
        return r.choice([lambda: ["seite=", Keep(str(r.randint(1, 40)), "param")], lambda: ["sortierung=", Keep("preis_auf", "param")], lambda: ["taille=", Keep(f"{r.randint(30, 48)}.5", "param")], lambda: ["utm_source=", Keep(r.choice(["bing", "partner_77", "infobrief"]), "utm")],
                         lambda: ["utm_campaign=", Keep(r.choice(["herbst-2025", "black_week_25", "relaunch"]), "utm")], lambda: ["utm_term=", Keep(r.choice(["fahrrad%20kaufen", "vin+rouge"]), "utm")], lambda: ["commande=", Keep("CMD-" + ids.digits(r, 8), "order_no")],
                         lambda: ["rev=", Keep(hashlib.sha1(r.randbytes(4)).hexdigest(), "sha")], lambda: ["t0=", Keep(str(r.randint(1600000000000, 1799999999999)), "timestamp")], lambda: ["build=", Keep(".".join(str(r.randint(1, 9)) for _ in range(4)), "version")],
                         lambda: ["locale=", Keep("pt-BR", "locale")], lambda: ["farbe=", Keep("%23" + self.secret(6, "0123456789abcdef"), "colour")], lambda: ["filtres=", Keep(base64.urlsafe_b64encode(json.dumps({"marque": ["kite"], "max": r.randint(1, 99)}).encode()).decode().rstrip("="), "b64_benign")],
                         lambda: ["code=", Keep(r.choice(["HERBST25", "BIENVENUE10", "ETE2024"]), "code")], lambda: ["state=", Keep(r.choice(["geschlossen", "draft"]), "param")], lambda: ["variant_id=", Keep(str(uuid.UUID(int=r.getrandbits(128), version=4)), "uuid")], lambda: ["ref=", Keep("footer-nav", "param")]])()

    def param(self):
        r = self.r
        kind = r.choice(["email", "email", "phone", "full_name", "first_name", "dob", "password", "token", "token", "session", "otp", "ip", "lat", "national", "q", "jwt", "api_key", "state64", "grant"])
        if kind == "national":
            n, p = self.national()
            return [r.choice(KEYS[n]), "=", self.in_url(p)]
        if kind == "q":
            return [r.choice(["suche", "recherche", "buscar", "term", "zoek"]), "=", self.in_url(r.choice([self.email, self.phone])())]
        if kind == "jwt":
            return [r.choice(["ticket", "jwt", "bearer", "z"]), "=", self.jwt()]
        if kind == "api_key":
            return [r.choice(["apikey", "access_key", "k2"]), "=", self.api_key()]
        if kind == "state64":
            e = self.email()
            e.form, e.enc = base64.urlsafe_b64encode(json.dumps({"nutzer": r.randint(1, 999), "mail": e.text, "weiter": "/start"}).encode()).decode().rstrip("="), "b64json"
            return [r.choice(["zustand", "relay", "blob", "s"]), "=", e]
        if kind == "grant":
            a, b = self.token("oauth_code"), self.token("oauth_code")
            return ["code=", a, "&state=", b]
        return [r.choice(KEYS[kind]), "=", self.in_url(self.value(kind))]

    def url(self, depth=0):
        r = self.r
        out = ["https://"]
        if r.random() < .03:
            user, pw = self.family().lower().replace(" ", ""), self.secret(10)
            out += [Plant("url_userinfo", "A", f"{user}:{pw}", "text", [f"{user}:{pw}", pw]), "@"]
        out += [Keep(r.choice(HOSTS), "host"), "/"] + self.path()
        if r.random() < .06:
            out += [";", r.choice(["jsessionid", "sid"]), "=", self.token("session_id")]
        params = [self.benign_param() for _ in range(r.choice([0, 0, 1, 1, 2, 3]))] + [self.param() for _ in range(r.choice([0, 0, 0, 1, 1, 2]))]
        if depth == 0 and r.random() < .12:
            params.append([r.choice(["weiter", "retour", "volver", "goto", "back_url"]), "="] + self.url(1).encoded(lambda s: quote(s, safe=""), "nested").pieces)
        r.shuffle(params)
        for i, p in enumerate(params):
            out += ["?" if i == 0 else "&"] + p
        e = r.random()
        if e < .08:
            out += ["#", Keep(r.choice(["kapitel-2", "preise"]), "param")]
        elif e < .12:
            out += ["#/"] + [Keep(r.choice(ROUTES["en"]), "route")] + ["?"] + self.param()
        elif e < .15:
            out += ["#access_token=", self.r.choice([self.jwt, self.token])(), "&token_type=", Keep("bearer", "param")]
        return Leaf(*out)

    # -- properties -----------------------------------------------------------------------------------------------

    def prop(self):
        """(key, value) with something personal."""
        r = self.r
        e = r.random()
        if e < .5:
            kind = r.choice(list(KEYS))
            p = self.value(kind)
            key = r.choice(KEYS[kind])
            if p.match == "digits" and p.text.isdigit() and p.text[0] != "0" and r.random() < .4:
                p.enc = "number"
                return key, p
            if kind in ("lat", "lng") and r.random() < .6:
                p.enc = "number"
                return key, p
            if kind == "full_name" and r.random() < .3:
                return r.choice(["kontakt", "customer", "guest"]), {"name": Leaf(p), "plan": Leaf(Keep("basis", "benign_key"))}
            return key, Leaf(p)
        if e < .62:
            kind = r.choice(list(SENTENCES))
            a, b = r.choice(SENTENCES[kind]).split("{}")
            p = self.phone() if kind == "phone" else self.value(kind)
            return r.choice(FREE), Leaf(Keep(a.strip(), "text"), a[len(a.rstrip()):] or " ", p, b) if a.strip() else Leaf(p, b)
        if e < .72:
            n, p = self.national()
            sep = r.choice([": ", " ", " is ", " = "])
            return r.choice(FREE), Leaf(r.choice(["", "hallo, ", "Re. "]) + LABELS[n] + sep, p, r.choice(["", " merci", ", danke", ". Thanks"]))
        if e < .86:
            p = r.choice([self.email, self.phone, self.card, self.iban, self.jwt, self.api_key, self.ip])()
            if p.kind == "email" and r.random() < .3:
                p.form, p.enc = r.choice([("".join(f"&#{ord(c)};" if not c.isalnum() else c for c in p.text), "html"), ("".join(f"\\u{ord(c):04x}" if c in "@." else c for c in p.text), "uesc"), (base64.b64encode(p.text.encode()).decode(), "b64")])
            return r.choice(FREE_KEYS), Leaf(p)
        if e < .93:
            return r.choice(["target_url", "link_href", "previousPage"]), self.url()
        n, p = self.national()
        if n in ids.KEYED:
            return r.choice(KEYS[n]), Leaf(p)
        return r.choice(FREE_KEYS), Leaf(p)

    def benign(self):
        """(key, value) with nothing personal."""
        r = self.r
        hx = lambda n: self.secret(n, "0123456789abcdef")
        return r.choice([
            lambda: ("sendungsnummer", Leaf(Keep(r.choice(["JJD", "00340"]) + ids.digits(r, 15), "tracking_no"))), lambda: ("numero_suivi", Leaf(Keep("6A" + ids.digits(r, 11), "tracking_no"))), lambda: ("artikelnummer", Leaf(Keep(f"{ids.digits(r, 3)}.{ids.digits(r, 3)}.{ids.digits(r, 2)}", "sku"))),
            lambda: ("gtin13", Leaf(Keep("40" + ids.digits(r, 11), "sku"))), lambda: ("bestellnummer", Leaf(Keep("B-" + ids.digits(r, 10), "order_no"))), lambda: ("numero_facture", Leaf(Keep(f"FA{r.randint(2020, 2026)}-{ids.digits(r, 5)}", "order_no"))), lambda: ("commit_sha", Leaf(Keep(hx(40), "sha"))),
            lambda: ("asset_hash", Leaf(Keep("sha256-" + base64.b64encode(r.randbytes(32)).decode(), "sha"))), lambda: ("request_uuid", Leaf(Keep(str(uuid.UUID(int=r.getrandbits(128), version=4)), "uuid"))), lambda: ("span_id", Leaf(Keep(hx(16), "uuid"))), lambda: ("erstellt_am", Leaf(Keep(f"2025-0{r.randint(1, 9)}-1{r.randint(0, 9)}T08:1{r.randint(0, 9)}:00+02:00", "timestamp"))),
            lambda: ("ts_micro", Leaf(Keep(str(r.randint(1600000000000000, 1799999999999999)), "timestamp"))), lambda: ("firmwareVersion", Leaf(Keep(".".join(str(r.randint(0, 20)) for _ in range(4)), "version"))), lambda: ("preis", Leaf(Keep(f"{r.randint(1, 999)},{r.randint(10, 99)} €", "price"))), lambda: ("gutscheincode", Leaf(Keep(r.choice(["FR76WEEKEND2025", "ATSOMMER25", "PL10ZLOTY2024"]), "code"))),
            lambda: ("package_ref", Leaf(Keep(r.choice(["vite@5.4.11", "@scope/ui@2.0.0-rc.1", "foo-bar@npm:baz@1.0.0", "bild@2x.jpg"]), "email_like"))), lambda: ("erwaehnung", Leaf(Keep(r.choice(["@stadtwerke", "danke @team_nord"]), "mention"))), lambda: ("css_selector", Leaf(Keep(r.choice(["ul.nav>li:nth-of-type(3)", "#konto-9f3a", "@supports (display:grid)"]), "css"))), lambda: ("sprache", Leaf(Keep("nl_BE", "locale"))),
            lambda: ("rect", Leaf(Keep(f"{r.randint(0, 999)} {r.randint(0, 999)} {r.randint(0, 999)} {r.randint(0, 999)}", "coord"))), lambda: ("token_limit", Leaf(Keep(str(r.randint(100, 9999)), "benign_key"))), lambda: ("password_policy", Leaf(Keep("strict", "benign_key"))), lambda: ("email_template", Leaf(Keep("welcome-2", "benign_key"))), lambda: ("phone_verified", Leaf(Keep("pending", "benign_key"))),
            lambda: ("plan_name", Leaf(Keep("Team Jahresabo", "benign_key"))), lambda: ("page_name", Leaf(Keep("Kontakt Formular", "benign_key"))), lambda: ("nom_produit", Leaf(Keep("Lampe Bleue", "benign_key"))), lambda: ("sessionCount", Leaf(Keep(str(r.randint(1, 99)), "benign_key"))), lambda: ("duration_hms", Leaf(Keep("01:22:33.120", "ip_like"))), lambda: ("view_filter", Leaf(Keep(base64.b64encode(json.dumps({"ansicht": "liste", "n": r.randint(1, 99)}).encode()).decode(), "b64_benign"))),
            lambda: ("konto_typ", Leaf(Keep("gewerblich", "benign_key"))), lambda: ("akzentfarbe", Leaf(Keep("#" + hx(6), "colour"))), lambda: ("seriennummer", Leaf(Keep(ids.digits(r, 16), "code"))), lambda: ("losnummer", Leaf(Keep(f"{ids.digits(r, 6)}/{ids.digits(r, 3)}", "code"))), lambda: ("zeitraum", Leaf(Keep("2021-2025", "code")))])()

    def props(self, most=5):
        out = {}
        for _ in range(self.r.randint(0, most)):
            k, v = self.benign() if self.r.random() < .62 else self.prop()
            out[k] = v
        return out


def plausible(m):
    r = m.r
    host = r.choice(HOSTS)
    long = r.random() < .3
    n = (lambda s, l: l) if long else (lambda s, l: s)
    body = {n("n", "name"): Leaf(Keep(r.choice(["pageview", "Formular gesendet", "Achat terminé", "Newsletter"]), "protocol")), n("u", "url"): m.url(), n("d", "domain"): Leaf(Keep(host, "protocol"))}
    if r.random() < .5:
        body[n("r", "referrer")] = m.url() if r.random() < .5 else Leaf(Keep("https://www.ecosia.org/", "host"))
    props = m.props()
    if props:
        body[n("p", "props")] = props
    return body


def posthog(m):
    r = m.r
    uid = lambda: str(uuid.UUID(int=r.getrandbits(128), version=4))
    token = "phc_" + m.secret(43)
    props = {"token": Leaf(Keep(token, "protocol")), "$session_id": Leaf(Keep(uid(), "protocol")), "$window_id": Leaf(Keep(uid(), "protocol")), "$lib": Leaf(Keep("web", "protocol")), "$lib_version": Leaf(Keep(f"1.{r.randint(100, 449)}.{r.randint(0, 9)}", "version")),
             "$insert_id": Leaf(Keep(m.secret(16, string.ascii_lowercase + string.digits), "protocol")), "$current_url": m.url(), "$raw_user_agent": Leaf(Keep(r.choice(["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36"]), "version")), **m.props()}
    if r.random() < .4:
        props["$referrer"] = m.url()
    event = r.choice(["$pageview", "$autocapture", "$exception", "$identify", "bestellung_abgeschlossen", "$web_vitals"])
    out = {"event": Leaf(Keep(event, "protocol")), "properties": props, "timestamp": Leaf(Keep("2025-10-0%dT10:00:00.000Z" % r.randint(1, 9), "timestamp")), "uuid": Leaf(Keep(uid(), "protocol")), "distinct_id": Leaf(m.email()) if r.random() < .1 else Leaf(Keep(uid(), "protocol"))}
    if event == "$autocapture":
        e = m.email()
        props["$elements"] = [{"tag_name": "button", "$el_text": Leaf(Keep("Angemeldet als", "text"), " ", e), "attr__class": Leaf(Keep("btn btn--lg", "css")), "attr__href": m.url()}, {"tag_name": "input", "attr__name": "telefon", "attr__value": Leaf(m.phone_b())}]
        p = m.phone()
        props["$elements_chain"] = Leaf('a.link:attr__href="', *m.url().pieces, '"nth-child="3"text="', p, '";main.', Keep("wrapper", "css"), ':nth-child="1"')
    if event == "$exception":
        kind = r.choice(list(SENTENCES))
        a, b = r.choice(SENTENCES[kind]).split("{}")
        home = r.choice(["/Users/{}/dev/app/", "/home/{}/projekt/", "C:\\Users\\{}\\src\\"]).split("{}")
        user = m.value("username")
        props["$exception_list"] = [{"type": Leaf(Keep("ValidationError", "text")), "value": Leaf(a, m.value(kind) if kind != "phone" else m.phone(), b), "stacktrace": {"frames": [{"filename": Leaf(home[0], Plant("home_path", "A", user.text), home[1], Keep("handler.ts", "asset")), "lineno": 12}]}}]
    if event == "$identify":
        k, v = m.prop()
        out["$set"] = {"name": Leaf(m.value("full_name")), k: v}
    if event == "$web_vitals":
        props["$web_vitals_INP_event"] = {"name": Leaf(Keep("INP", "benign_key")), "value": 12.5, "$current_url": m.url()}
    e = r.random()
    return {"api_key": Leaf(Keep(token, "protocol")), "batch": [out]} if e < .3 else [out] if e < .45 else out


def number_form(p):
    return float(p.text) if "." in p.text else int(p.text)


def settle(node, pointer, spans, keeps):
    """The plain body, with spans and must_keep texts noted at their pointers."""
    if isinstance(node, dict):
        return {k: settle(v, f"{pointer}/{k.replace('~', '~0').replace('/', '~1')}", spans, keeps) for k, v in node.items()}
    if isinstance(node, list):
        return [settle(v, f"{pointer}/{i}", spans, keeps) for i, v in enumerate(node)]
    if isinstance(node, Plant):
        node = Leaf(node)
        value = number_form(node.pieces[0])
        if json.dumps(value) == node.pieces[0].text:
            settle(node, pointer, spans, keeps)
            return value
    if not isinstance(node, Leaf):
        return node
    at = 0
    for p in node.pieces:
        s = p.form if isinstance(p, Plant) else p.text if isinstance(p, Keep) else p
        if isinstance(p, Plant):
            where = "url" if "url" in pointer.lower() or pointer.endswith(("/u", "/r")) else "prop"
            spans.append({"json_pointer": pointer, "start": at, "end": at + len(s), "kind": p.kind, "tier": p.tier, "where": where, "enc": p.enc, "text": p.text, "match": p.match, "parts": p.parts})
        elif isinstance(p, Keep) and p.text:
            keeps.append({"json_pointer": pointer, "text": p.text, "class": p.cls})
        at += len(s)
    return node.text()


def planted(count, seed):
    r = random.Random(seed)
    mac = lambda m: Plant("mac", "A", r.choice(":-").join("%02x" % r.randint(1, 255) for _ in range(6)))
    eth = lambda m: Plant("crypto", "A", "0x" + m.secret(40, "0123456789abcdef"))
    user = lambda m: Plant("url_userinfo", "A", f"{m.secret(6, string.ascii_lowercase)}:{m.secret(12)}")
    home = lambda m: Plant("home_path", "A", m.value("username").text)

    def pem(m):
        body = m.secret(64)
        return Plant("private_key", "A", f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----", "text", [body[:16], body[16:32], body[40:56]])

    def national(m):
        while True:
            kind, p = m.national()
            if kind not in ids.KEYED:
                return p
    makers = [Maker.email, Maker.email, Maker.phone, Maker.card, Maker.iban, national, national, national, Maker.jwt, Maker.api_key, Maker.ip, mac, eth, user, home, pem]
    for i in range(count):
        p = makers[i % len(makers)](Maker(r))
        print(json.dumps({"kind": p.kind, "text": p.text, "match": p.match, "parts": p.parts}, ensure_ascii=False))


def main():
    if sys.argv[1:2] == ["--planted"]:
        return planted(int((sys.argv + ["800"])[2]), int((sys.argv + ["", "", "11"])[3] if len(sys.argv) > 3 else 11))
    events, seed = int((sys.argv + ["1500"])[1]), int((sys.argv + ["", "7"])[2] if len(sys.argv) > 2 else 7)
    r = random.Random(seed)
    for i in range(events):
        m = Maker(r)
        upstream = "plausible" if r.random() < .4 else "posthog"
        spans, keeps = [], []
        body = settle(plausible(m) if upstream == "plausible" else posthog(m), "", spans, keeps)
        print(json.dumps({"id": f"g{i:05}", "upstream": upstream, "body": body, "spans": spans, "must_keep": keeps}, ensure_ascii=False))


if __name__ == "__main__":
    main()
