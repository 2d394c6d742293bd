//! Words that say something only together: `broj` and `putovnice`, `nomor` and `pasien`, `jina` and `kwanza`.
//!
//! Programmers build the names of fields out of few words: what is counted, whose it is, and a word for number, name, date or
//! code. Those few are listed here in many languages, mostly as stems, so that inflected forms and compounds nobody listed are read
//! as well. What a pair of them announces is in [`PAIRS`].

use std::sync::LazyLock;

use super::prefixes::Prefixes;
use super::words::Words;
use super::{Sense, flag};
use crate::scrub::kind::Kind;

/// What a word contributes, one bit each.
mod part {
    pub(super) const NUMBER: u32 = 1;
    pub(super) const NAME: u32 = 1 << 1;
    /// Which of a person's names.
    pub(super) const WHICH: u32 = 1 << 2;
    pub(super) const CODE: u32 = 1 << 3;
    /// What a one-time code is for, or how it comes.
    pub(super) const CHECK: u32 = 1 << 4;
    pub(super) const PATIENT: u32 = 1 << 5;
    pub(super) const CARD: u32 = 1 << 6;
    pub(super) const VEHICLE: u32 = 1 << 7;
    /// Passports and identity cards.
    pub(super) const PAPER: u32 = 1 << 8;
    pub(super) const LOGIN: u32 = 1 << 9;
    pub(super) const DATE: u32 = 1 << 10;
    pub(super) const BIRTH: u32 = 1 << 11;
    pub(super) const WORD: u32 = 1 << 12;
    pub(super) const SECRET: u32 = 1 << 13;
    pub(super) const PERSON: u32 = 1 << 14;
    /// Which of a person's telephones.
    pub(super) const PHONE: u32 = 1 << 17;
    /// Which of the addresses.
    pub(super) const PLACE: u32 = 1 << 18;
    pub(super) const ADDRESS: u32 = 1 << 19;
    /// Which of the passwords.
    pub(super) const TURN: u32 = 1 << 20;
    /// An id or code that is no plain number.
    pub(super) const IDENT: u32 = 1 << 15;
    pub(super) const HEALTH: u32 = 1 << 16;
}
use part::{
    ADDRESS, BIRTH, CARD, CHECK, CODE, DATE, HEALTH, IDENT, LOGIN, NAME, NUMBER, PAPER, PATIENT, PERSON, PHONE, PLACE,
    SECRET, TURN, VEHICLE, WHICH, WORD,
};

/// Words by what they contribute. A `-` at the end marks a stem.
static PARTS: &[(u32, &str)] = &[
    (NUMBER, "-number -nummer -nommer -numer -numero -nr -szam -szama -numarasi -番号 -号码 -号 -번호"),
    (NAME, "-name -naam -namn -navn -nimi -nev -име"),
    (CODE, "-code -kode -kod -koda -kood -koodi -コード -码 -코드"),
    (DATE, "-datum -date -dato -data -dag -tag -ido -datumo"),
    (
        PHONE,
        "mobil- cell- cel gsm selfoon- sim whatsapp- viber hp cp tel mob telepono bimbit telefon- fon- phone- tlf mobitel- telefono-",
    ),
    (PHONE, "携帯 電話 电话 手机 전화 휴대"),
    (ADDRESS, "naslov cim cime adres- adrec- address adress- tirahan alamat- osoit- lokasi"),
    (
        PLACE,
        "dostav- isporuk- deliver- shipping billing enviament envio szallit- szamlaz- lak lakhely dom domac- kucn- home namu pristat- livrar- teslim-",
    ),
    (PLACE, "pengirim- penghantar- rumah toimitus- koti- levering- hjem- hem- bostad- bydlist- kotisoite"),
    (
        TURN,
        "nova novi nove novo noua stara stare staro trenutn- potvrdi ponov- current new old confirm- repeat retype account db admin root my master existing previous",
    ),
    (
        NUMBER,
        "number num no nr nro numero numer numar numarul numeris numurs number- nummer oznak- oznac- znak- tablic- nomor nomer- nombor broj- cislo szam- stevilk- tal",
    ),
    (NUMBER, "nambari namba arithmos ar hao haoma bango beonho bilangan sankhya raqam raqm mispar numru zenbaki so"),
    (NUMBER, "номер- број αριθμοσ 番号 号码 号 번호"),
    (
        IDENT,
        "id ids code kod kode tunnus ref reference identifier kennung identifik- sifra- ma nambari codigo codice cod код-",
    ),
    (
        NAME,
        "name names pangalan nama naam- nome nom nombre namn navn nimi nev ime imya imie jmeno meno nume isim adi ad onoma jina ten",
    ),
    (
        NAME,
        "imia imja vardas vards vard emer nafn ainm enw izena naziv chue ism shem namae xingming имя ім імя име ονομα 名 이름 नाम",
    ),
    (
        WHICH,
        "first last full unang buong polno polnoto собствено трите pertama given complete given family second middle maiden christian baptismal birth legal preferred father mother",
    ),
    (
        WHICH,
        "depan szamlazas- belakang lengkap keluarga penuh kwanza ukoo mwisho kamili katikati pehla poora pura antim kul madhya jing sakun",
    ),
    (
        WHICH,
        "puno prvo drugo obitelj- cijelo povne povna polnoe polny pervoe celo pilnas pilns tais- ees- pere- perekonna- teljes csalad-",
    ),
    (
        WHICH,
        "intreg familie familii complet completo completa familia famille famiglia usage naissance jeune pila pleno primeiro primo",
    ),
    (WHICH, "volle- volledig- volls- familie- fullt full- mellan- mellem-"),
    (
        CODE,
        "code codi kod kode kodas kods koodi kod- codigo codice cod kodikos kodiko ma nambari msimbo pin sifra- koda код- κωδικ- รหัส",
    ),
    (
        CHECK,
        "verif- confirm- conferm- konfirm- potvrd- potvrz- potvrj- potwierdz- bestatig- bestaetig- bevestig- bekraft- bekraeft- bekreft-",
    ),
    (
        CHECK,
        "overov- overen- podtverzhd- pidtverdzh- vahvist- varmist- varmenn- megerosit- ellenorz- hitelesit- dogrula- onay- tasdiq- xacnhan",
    ),
    (
        CHECK,
        "xac nhan uthibitisho epivevai- epibebai- satyap- yanzheng- kakunin- ninsho- injeung- patvirtin- apstiprin- kinnit- potrd- provj-",
    ),
    (
        CHECK,
        "sms mfa 2fa fa otp totp onetime einmal- jednoraz- jednokrat- unico unique sicherheits- segur- secur- sikkerhed- sakerhet-",
    ),
    (
        CHECK,
        "guvenlik bezpec- bezpiecz- sigurnos- biztonsag- turval- siguranta подтвержд- підтвердж- επιβεβ- login signin acceso",
    ),
    (
        PATIENT,
        "patient- pasien- pacient- pacijent- pacjent- paciente- paziente- hasta potilas- benhnhan benh beteg betegs- astheni- asthen-",
    ),
    (PATIENT, "patsi- paciyent- mgonjwa rogi mareez пациент- пацієнт- ασθεν- 患者 환자 病人"),
    (
        HEALTH,
        "medical medisch- rekam medis sante insurance insur- 診察 salud saude salute sanitar- sanitario hospital clinic klinik- insured versichert- 病历 rawat",
    ),
    (
        HEALTH,
        "medkart- medychn- meditsinsk- medicinsk- zdravstven- record records krankenkass- krankenvers- sygesikr- helsekort zdravotn- zdravstv- zorg- mutuell-",
    ),
    (
        CARD,
        "card カード targeta kad kortel- kart- kaart- carte tarjeta carta cartao kort kortti korti картк- карт- καρτ- 卡 카드 kadi",
    ),
    (
        VEHICLE,
        "vehicle plat plak- 車両 车辆 registrsk- регистрац- valstybin- voertuig- vehiculo veicolo vehicule voertuig fahrzeug- kfz avtomobil- masina masini arac car kendaraan xe vozila vozil-",
    ),
    (
        VEHICLE,
        "vozidl- jarmu- gepkocsi vahan gaadi gari samochod- pojazd- coche carro voiture immatricul- inmatricul- registarsk-",
    ),
    (
        VEHICLE,
        "nomern- derzhavn- derzhavnyi gos gosudarstv- registratsionn- registracijsk- registarsk- masinii masini auto avto rejestracyjn- pojazd- sharyo syaryo 차량 charyang",
    ),
    (VEHICLE, "kykloforia- αυτοκιν- κυκλοφορ- авто- машин-"),
    (
        PAPER,
        "passport- pasport- pasaport- passeport- passaport- paspor- paspoor- パスポート potneg- putn- pasipoti paszport- reisepass putovnic- diavatiri- cestovn- utlevel- chieu",
    ),
    (
        PAPER,
        "document dokument documento osobn- buletin dowod- identit- identity ktp licna kimlik ausweis- travel doc паспорт- διαβατηρ-",
    ),
    (PAPER, "护照 旅券 여권 shenfen"),
    (
        LOGIN,
        "user username usuari потребит- potrebit- login- logon signin korisnick- korisnik- kullanici uzivatel- felhasznalo- benutzer- nutzer- anmelde- gebruiker- bruker-",
    ),
    (
        LOGIN,
        "bruger- anvandar- kayttaj- usuario- utente- utilizator- utilizador- utilisateur- pengguna mtumiaji upyogkarta polzovat- korystuv-",
    ),
    (
        LOGIN,
        "christi xristi nhap dangnhap пользоват- користувач- χρηστ- 用户 사용자 uporabnisk- uporabnik- vartotoj- lietotaj- kasutaja-",
    ),
    (
        DATE,
        "date petsa datum data dato datas tanggal tgl ngay tarehe tarikh tarih tithi imerominia hmerominia pvm paiva kuupaev dat dt fecha",
    ),
    (DATE, "fec datums дата ημερομηνια 日期 wan year jahr annee ano anno rok ev yil dzien den day tag dag"),
    (
        BIRTH,
        "birth- born bday geb geburt- naiss- nacim- nacid- nascim- nascit- nasc narozen- urodz- fodel- fodsel- fodt synty- szulet- naster-",
    ),
    (
        BIRTH,
        "nascut- rodjen- rodenj- roden- rojst- rozhd- rodzh- narodzh- narod- dogum- lahir- sinh kuzaliwa genni- gennis- lindj- gimim- dzims-",
    ),
    (
        BIRTH,
        "synni- sunni- janm- janam- naixem- razhdan- раждан- kapangan- 生年 koet milad- wilad- geboort- geborte- рожд- народж- γεννησ- 出生 출생 생년 जनम-",
    ),
    (
        WORD,
        "word wort wag laluan kata woord ord ordet slovo parola palavra palabra mot neno kata sana shabd szo rijec clave chave chiave",
    ),
    (WORD, "phrase frase sandi"),
    (
        SECRET,
        "pass sifra sifru laluan pw pwd passe passo sandi kunci siri secret secreto secreta segreta segredo gupt geheim geheimes hemlig hemligt hemmelig tajna tajne salajane",
    ),
    (
        PERSON,
        "guarantor signatory witness pemilik penerima pengirim pelanggan vlasnik korisnik kupac narucitelj primatelj titolare intestatario",
    ),
    (
        PERSON,
        "mmiliki mteja власник получатель клиент- клієнт- πελατ- ιδιοκτ- pelati- zakaznik- odberatel- klient- sahip- musteri- omistaj-",
    ),
];

/// What two words of a key announce together.
static PAIRS: &[(u32, u32, Kind, u32)] = &[
    (DATE, BIRTH, Kind::Dob, 0),
    (NAME, WHICH, Kind::Name, 0),
    (NAME, LOGIN, Kind::Username, 0),
    (NAME, PERSON, Kind::Name, 0),
    (CODE, CHECK, Kind::Otp, 0),
    (NUMBER, PATIENT, Kind::MedicalId, 0),
    (IDENT, PATIENT, Kind::MedicalId, 0),
    (CARD, HEALTH, Kind::MedicalId, 0),
    (NUMBER, HEALTH, Kind::MedicalId, 0),
    (NUMBER, PHONE, Kind::Phone, 0),
    (NUMBER, CARD, Kind::Card, 0),
    (NUMBER, VEHICLE, Kind::Plate, 0),
    (NUMBER, PAPER, Kind::Passport, flag::WEAK),
    (ADDRESS, PLACE, Kind::Address, 0),
    (WORD, SECRET, Kind::Password, 0),
    (LOGIN, SECRET, Kind::Password, 0),
    (TURN, SECRET, Kind::Password, 0),
];

static TABLE: LazyLock<Prefixes> = LazyLock::new(|| Prefixes::read(PARTS));

/// What two parts of a key announce together, as words beside each other (one may stand between) or as halves of a compound;
/// the first and last word of the pair with it.
pub(super) fn pair(words: &Words) -> Option<(usize, usize, Sense)> {
    let parts: [u32; 8] = std::array::from_fn(|at| if at < words.len() { TABLE.of(words.compound(at, at)) } else { 0 });
    let meaning = |kind: &Kind, flags: &u32| Sense { kind: Some(*kind), flags: *flags };
    let said = parts.iter().fold(0, |said, own| said | own);
    let both_said = |(one, other, ..): &&(u32, u32, Kind, u32)| said & one != 0 && said & other != 0;
    let in_words = PAIRS.iter().filter(both_said).find_map(|(one, other, kind, flags)| {
        let with = |bit: u32| parts.iter().enumerate().filter(move |(_, own)| **own & bit != 0).map(|(at, _)| at);
        let near = |(a, b): &(usize, usize)| (1..=2).contains(&a.abs_diff(*b));
        let (a, b) = with(*one).flat_map(|a| with(*other).map(move |b| (a, b))).find(near)?;
        Some((a.min(b), a.max(b), meaning(kind, flags)))
    });
    in_words.or_else(|| {
        (0..words.len()).find_map(|at| {
            let (start, end) = TABLE.halves(words.compound(at, at))?;
            PAIRS.iter().find_map(|(one, other, kind, flags)| {
                let both = start & one != 0 && end & other != 0 || start & other != 0 && end & one != 0;
                both.then(|| (at, at, meaning(kind, flags)))
            })
        })
    })
}

/// What the word at this place announces together with one of the two before it.
pub(super) fn pair_at(words: &Words, last: usize) -> Option<Sense> {
    let of = |at: usize| TABLE.of(words.compound(at, at));
    let end = of(last);
    if end == 0 {
        return None;
    }
    let before = (last.saturating_sub(2)..last).map(of).fold(0, |said, own| said | own);
    let both = |(one, other, ..): &&(u32, u32, Kind, u32)| {
        before & one != 0 && end & other != 0 || before & other != 0 && end & one != 0
    };
    PAIRS.iter().find(both).map(|(.., kind, flags)| Sense { kind: Some(*kind), flags: *flags })
}

/// Makes the tables, so that no event waits for them.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_keys_are_folded() {
        for (_, list) in PARTS {
            for word in list.split_ascii_whitespace() {
                let word = word.trim_matches('-');
                let words = Words::of(word);
                assert_eq!(words.joined(), Some(word));
            }
        }
    }

    #[test]
    fn pairs_announce_what_neither_word_does() {
        for (key, expected) in [
            ("broj_putovnice", Kind::Passport),
            ("nomor_rekam_medis", Kind::MedicalId),
            ("jina_la_kwanza", Kind::Name),
            ("dataUrodzin", Kind::Dob),
            ("kod_potwierdzenia", Kind::Otp),
            ("vehicle_number", Kind::Plate),
            ("kasutaja_nimi", Kind::Username),
            ("bevestigingskode", Kind::Otp),
            ("paspoortnommer", Kind::Passport),
            ("current_pass", Kind::Password),
            ("車両番号", Kind::Plate),
        ] {
            let found = pair(&Words::of(key)).and_then(|(_, _, sense)| sense.kind);
            assert_eq!(found, Some(expected), "{key}");
        }
        for key in
            ["order_number", "event_name", "file_name", "start_date", "country_code", "page", "number", "name_name"]
        {
            assert_eq!(pair(&Words::of(key)).map(|(_, _, sense)| sense), None, "{key}");
        }
    }
}
