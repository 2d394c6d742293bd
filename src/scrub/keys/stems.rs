//! Stems: words that announce a kind however they are inflected or continued, in languages whose endings nobody can list
//! (`telefona`, `telefonu`, `telefonszám`; `lozinka`, `lozinku`).
//!
//! A stem counts as a whole word and at the beginning of a longer one. It announces together with a fitting value, as every
//! key does.

use std::sync::LazyLock;

use super::prefixes::Prefixes;
use crate::scrub::kind::Kind;

/// Kind and stems.
pub(super) static STEMS: &[(Kind, &str)] = &[
    (
        Kind::Email,
        "^elektronsk ^elektronn ^ηλεκτρονικ ^електронн ^электронн ^почт surel emel barua sahkopost 邮箱 メール 이메일 อีเมล ईमेल",
    ),
    (
        Kind::Phone,
        "^telefon ^telefo ^tilefon ^telepon ^teleph ^telfon ^mobitel ^puhelin ^kinit telp sdt simu hatif jawwal denwa shouji cellulare",
    ),
    (
        Kind::Phone,
        "^handphon ^numtel ^notel ^notelp nomorwa nowa ^τηλεφ ^κινητ ^телеф ^мобиль ^мобільн ^มือถือ ^เบอร ^โทรศัพท ^फोन ^मोबाइल दूरभाष",
    ),
    (Kind::Phone, "^휴대 ^전화 ^携帯 ^電話 ^电话 ^手机 ^手機 bermuethue bertho dooarbhash doorbhash fonnummer ^fonnum"),
    (
        Kind::Password,
        "^parol ^lozink ^kontrasen ^wagwoord pw newpwd oldpwd ^lozinka ^slaptazod ^wachtwo ^contrasen ^kennwor ^jelsz ^nenosiri ^fjalekal ^geslo ^matkhau ^katasand sandi",
    ),
    (
        Kind::Password,
        "^пароль ^парол ^κωδικοσπ ~κωδικοσ ^密码 ^密碼 ^パスワ ^비밀 ^รหัสผาน कूटशबद rahatphan ^guptshabd mima",
    ),
    (
        Kind::Dob,
        "^birthd ^geburt ^naissanc ^nacimient ^nasciment ^datanasc ^narozen ^urodzen ^fodelse ^fodsel ^syntym ^szulet ^nasteri ^rodjen ^rodenj",
    ),
    (
        Kind::Dob,
        "^rojst ^rozhden ^rodzhen ^narodzh ^dogum ^lahir ^kuzaliw ^gennis ^γεννησ ^рожден ^народжен ^рођен ^gimim ^dzimsan ^synnip ^janmtith",
    ),
    (
        Kind::Dob,
        "^naixem ^kapangan ^razhdan ^раждан ^seinen kaarawan ^jonmo जनमतिथि ^जनम ^วันเกิด wankoet ^geboort ^생년 ^生年 ^出生 bday bdate tgllahir",
    ),
    (
        Kind::Address,
        "^adres ^indiriz ^direcci ^endereco ^diefth ^osoit ^alamat ^anwan ^lakcim ^diachi ^ulica ^ulici ^strasse ^strada",
    ),
    (
        Kind::Address,
        "^διευθ ^адрес ^улиц ^вулиц ^ทีอยู pata पता ^gharpata thiyu ^住所 ^地址 ^주소 kucnaadresa ^heimilisf ^aadress ^aadres",
    ),
    (
        Kind::Plate,
        "^kennzeich ^immatric ^kentek ^registarsk ^rendszam ^nummerplat ^numberplat ^licenseplat ^licenceplat ^targaauto ^pinakid rego nopol",
    ),
    (
        Kind::Plate,
        "platnomor ^biensox ^derzhnom ^госномер ^номернийзн ^车牌 ^車牌 ^번호판 ^ナンバ ^ทะเบียนรถ nomerauto ^gosnom",
    ),
    (
        Kind::Passport,
        "^passport ^pasport ^pasaport ^passeport ^paspoort ^paspor ^putovnic ^diavatir ^reisepas ^паспорт ^διαβατ ^护照 ^護照 ^여권 ^旅券",
    ),
    (Kind::Passport, "traveldoc ^traveldocument hochieu ^licnakarta ^osobnaiskazn ^henkilokort"),
    (
        Kind::Name,
        "^prezim ^prezime ^prizvysh ^prizvisc ^priezvisk ^prijmen ^vornam ^nachnam ^familiennam ^efternam ^etternam ^eponym ^onomatep",
    ),
    (
        Kind::Name,
        "^sobrenom ^apellid ^cognom ^achternaa ^nazwisk ^sukunim ^etunim ^pavard ^uzvard ^mbiem ^perekonnanim ^eesnim ^namsakun upnaam ^poornaam",
    ),
    (Kind::Name, "^επωνυμ ^ονοματεπ ^фамил ^прізвищ ^презиме ^имяфамил піб ^นามสก ^ชือนามสก ^ชือ ~नाम ^पूरानाम soyadi"),
    (
        Kind::Name,
        "~=first ~=last ~=given ~vardas ~vards ~pangalan ~mei ~sei ~姓 ~名 ^priimek ^pavarde ^agternaa ^apelyid ^attendee ^applicant",
    ),
    (Kind::Name, "^姓名 ^氏名 ^성명 ^이름 ^名前 ~ime ~imya imyaprizvyshche hodem chuejing ^povneim"),
    (
        Kind::Username,
        "^korisnick ^kullanici ^kayttajatun ^uzivatelsk ^felhaszn ^benutzern ^gebruikersn ^brukern ^brugern ^anvandarn ^vartotojo ^lietotajv",
    ),
    (
        Kind::Username,
        "^tendangnhap ^taikhoandang ^namapenggun ^логин ^логін ^ชือผูใช ^用户名 ^用戶名 ^사용자 ^ユーザ utilizator ~handle",
    ),
    (
        Kind::Otp,
        "^overovacik ^kodpotw ^kodpotvr ^potvrdnik ^kodikosepiv ^verifikationsk ^รหัสยืนยัน ^驗證碼 ^验证码 ^認証 ^인증번호",
    ),
    (Kind::MedicalId, "^pasiennomor ^pacientasnr 病历号 ^患者番 ^환자번"),
    (Kind::Token, "^jetonac ^zeton ~access otk"),
];

/// Words behind which secrets travel in paths: to reset, verify, confirm, activate, invite, unsubscribe, unlock, and password.
const FOLLOWED: u32 = 1;
/// Words for things, places and firms: such a key names no person, whatever its other words are.
const THING: u32 = 2;

/// Stems by what they say besides.
static SIDE: &[(u32, &str)] = &[
    (
        FOLLOWED,
        "reset- restab- recuper- recover- verif- confirm- konfirm- conferm- activ- aktiv- invit- uitnod- einlad- undang- unsub-",
    ),
    (
        FOLLOWED,
        "unlock- entsperr- deblo- desblo- potvrd- potwierdz- potvrz- potrd- podtver- pidtver- bestat- bestaet- bevest- bekraf-",
    ),
    (
        FOLLOWED,
        "bekraef- bekref- vahvist- dogrul- onay- xacnhan- xacthuc- thibitish- epivev- aktyvuo- patvirt- apstip- kinnit- obnov-",
    ),
    (
        FOLLOWED,
        "vosstanov- vidnov- ponisht- zuruck- zurueck- reinit- redefin- reimpost- riprist- herstel- aterst- nulstil- palaut-",
    ),
    (
        FOLLOWED,
        "visszaall- resetov- datlai- atur- sifirla- weka- zaprosz- pozv- pozivn- priglash- zaprosh- inbjud- kutsu- meghiv-",
    ),
    (
        FOLLOWED,
        "davet- mwaliko- passw- parol- lozink- sandi- nenosiri- matkhau- wachtw- contrasen- haslo- heslo- jelszo- sifre-",
    ),
    (
        FOLLOWED,
        "salasana- motpasse- senha- kodik- desuscr- dezabon- odhlas- odjav- avmeld- afmeld- abmeld- wypis- leiratk- magic-",
    ),
    (
        FOLLOWED,
        "onetime- passwordless- secure- ponastav- tetapkan- sahkan- slaptaz- vosstan- zabrav- potvarzh- geslo- wagwo- kontras- contras-",
    ),
    (
        FOLLOWED,
        "emailchang- pwchange- passchange- pwdchange- changeemail- newemail- loimoi- poziv- povabil- tilbagestil- tilbakestil- przywroc- odzysk- zmienhas- glemt- glomt- unohtun-",
    ),
    (
        FOLLOWED,
        "비밀번호- 재설정- 인증- 초대- 회원가입- 가입- 확인- 활성화- 수신거부- 初期化- 再設定- 招待- 認証- メール認証- 確認- 登録- 配信停止- 退会- パスワ-",
    ),
    (
        FOLLOWED,
        "重置- 找回- 邀请- 邀請- 验证- 驗證- 认证- 激活- 退订- 退訂- 确认- 確認- 修改密码- 忘记密码- 密码- 密碼- 注册- รีเซ- ยืนยัน- คําเชิญ- คำเชิญ- เชิญ- ลืมรหัส-",
    ),
    (
        FOLLOWED,
        "सतयाप- आमंतरण- पासवरड- पुषटि- подтв- приглаш- отпис- сброс- восстанов- активац- активир- активу- парол- підтв- запрош- відпис- скидан- віднов- επιβεβ- προσκλ- ενεργοπ- επαναφ-",
    ),
    (
        THING,
        "activit- aktivit- active activewear activo activos reseller- asset- bundle- cache- content- build- commit- imag- img- script- chunk- modul- css- block- source- deploy- snapshot- artifact- lockf- layout-",
    ),
    (
        THING,
        "produ- prodot- tovar- proizvod- sanpham- artik- artic- artig- urun- termek- vare- kategor- categor- marka- brand- merk-",
    ),
    (
        THING,
        "found- establ- since- release- publish- lanc- launch- brand- depart- abteil- job- posit- titel- occup- profes- beruf- geoip- browser- device-",
    ),
    (
        THING,
        "model- mesto- grad- stad- ville- ciudad- cidade- citta- city- town- region- country- land- pais- pays- paese- firm-",
    ),
    (
        THING,
        "compan- empres- azienda- entrepr- forhandl- organi- shop- store- tienda- negozio- magaz- kauppa- bolt- theme- theem-",
    ),
    (
        THING,
        "plan- tarif- paket- package- event- evenement- campaign- kampan- titl- titul- titre- titolo- tytul- seit- page- pagin-",
    ),
    (
        THING,
        "stran- strona- folder- file- datei- fichier- soubor- plik- album- song- film- book- kniha- buch- livre- libro- team-",
    ),
    (THING, "equipe- squadra- druzyn- room- zimmer- hotel- course- kurs- cours- corso- lesson- group- grupp- skupin-"),
];

static TABLE: LazyLock<Prefixes> = LazyLock::new(|| Prefixes::read(SIDE));

/// True if secrets follow behind a segment with this word, in a language whose words are not listed one by one.
pub(super) fn secrets_follow(word: &[u8]) -> bool {
    TABLE.of(word) & FOLLOWED != 0
}

/// True for a word that means a thing.
pub(super) fn is_thing(word: &[u8]) -> bool {
    TABLE.of(word) & THING != 0
}

/// Makes the table, so that no event waits for it.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
}
