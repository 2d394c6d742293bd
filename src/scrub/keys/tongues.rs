//! Key words of further languages, kept apart so that each language can be read, checked and extended by who speaks it:
//! Czech and Slovak, Danish and Norwegian, Finnish, Hungarian, Romanian, Turkish, Greek and Slavic words in Latin letters, Indonesian,
//! Vietnamese, and what the first lists left out.
//!
//! Marks as in [`kinds`](super::kinds).

use crate::scrub::kind::Kind;

/// Kind and words.
pub(super) static MORE: &[(Kind, &str)] = &[
    (
        Kind::Email,
        "emailova emailovaadresa emailcim emailcime epostadresi eposta sahkopostiosoite adresaemail adresaeposta postaadresi",
    ),
    (
        Kind::Email,
        "postaelectronica alamatemail diachiemail imeil emailaddr contactemail replyto recipientemail sendto",
    ),
    (
        Kind::Phone,
        "telefonniho telcislo cislotelefonu cislomobilu mobilnicislo telefonnummeret mobiltelefonnummer tlfnummeret matkapuhelinnumero",
    ),
    (
        Kind::Phone,
        "gsmnumero telefonszama mobiltelefon mobiltelefonszam telefonszamom numardetelefon numartelefon telefonmobil telefonnumarasi ceptel",
    ),
    (
        Kind::Phone,
        "gsmno irtibatno telefonas telefononummer sodienthoai dienthoai nomortelepon nomorhandphone nohandphone kinito tilefono",
    ),
    (
        Kind::Phone,
        "telefonkontaktowy numerkontaktowy telkontaktowy telfijo telcelular numerocontacto ~contacto celulares foneresidencial fonecelular fone",
    ),
    (
        Kind::Phone,
        "telprive telwerk telefoonthuis telmobile telportable telbureau telfixe mobilnr mobilnummeret phoneintl dialnumber",
    ),
    (
        Kind::Password,
        "jelszava parola parolanou parolaveche novaheslo heslonove passordet kodeordet adgangskoden sifre sifreniz yenisifre",
    ),
    (
        Kind::Password,
        "tunnussana matkhau katasandibaru hasloklienta nowehaslo senhaatual novasenha nuovapassword vecchiapassword clavesecreta",
    ),
    (
        Kind::Password,
        "wachtwoordnieuw nieuwwachtwoord neuespasswort altespasswort passwordhash passwordplain plainpassword secretword",
    ),
    (
        Kind::Token,
        "tunniste overovacitoken resetovacitoken visszaallitotoken jetonacceso fichaacceso tokenacesso tokendostepu atkomsttoken",
    ),
    (
        Kind::Token,
        "adgangstoken kutsutunnus davetkodu davettoken erisimtokeni ~s ~tkn ~refresh ~authtk ~onetime ~linkid ~accesshash ~mailkey ~uniquekey",
    ),
    (
        Kind::Token,
        "sharekey sharetoken ~sharehash downloadtoken exporttoken ~viewkey ~editkey ~guestkey guesttoken ~joincode jointoken ~invitecode",
    ),
    (
        Kind::SessionId,
        "relaceid idrelace sesiune sesiuneid idsesiune munkamenet munkamenetid oturum oturumid oturumkimligi istunto istuntotunnus",
    ),
    (
        Kind::SessionId,
        "okturn sesjon sesjonsid oktid sessionnyckel sesijaid identificadorsesion idsesja phiendangnhap idsesi ~sess phpsession",
    ),
    (
        Kind::Otp,
        "overovacikod kodzsms smskod jednorazovykod kodjednorazovy egyszerikod megerositokod ellenorzokod codverificare codsms codunic",
    ),
    (
        Kind::Otp,
        "kertakayttokoodi varmennuskoodi tekstiviestikoodi bekreftelseskode sikkerhetskode verifiseringskode verifikationskode smskode",
    ),
    (
        Kind::Otp,
        "onaykodu guvenlikkodu tekkullanimliksifre engangskoden maxacthuc kodeverifikasi kodeotp engangslosenord pinkode pinkod pincode",
    ),
    (
        Kind::Dob,
        "narozeni datumnar datnar rodnydatum szuletett szulev szuletesnap datanastere nascut dogumyili dogumgunu ~dogum syntynyt",
    ),
    (
        Kind::Dob,
        "syntymapaiva syntymavuosi fodselsdag foedselsdato foedselsdag fodt foedt ngaysinh tanggallahir gebjahr geborenam geburtsdt",
    ),
    (
        Kind::Dob,
        "fecnac fenac fechanto datnais dtnaiss dtnais annaissance dtnascita datnascita dataurodz rokur datur dateborn borndate",
    ),
    (
        Kind::Address,
        "ulicecp ulicecislopopisne bydliste trvalebydliste adresabydliste mestoulice gatenavn gatenavnognummer gateadressen husnummer vejnavn",
    ),
    (
        Kind::Address,
        "vejnavnognummer husnr postadressen bostedsadresse hjemmeadresse leveringsadresse fakturaadresse lahiosoite kotiosoite toimitusosoite",
    ),
    (
        Kind::Address,
        "laskutusosoite lakohely lakohelyicim szallitasicim szamlazasicim utcahazszam hazszam domiciliu adresalivrare adresafacturare",
    ),
    (
        Kind::Address,
        "stradanumar teslimatadresi faturaadresi evadresi ~mahalle ~cadde acikadres adressatz wohnort strassenummer strassehausnummer strassenr",
    ),
    (
        Kind::Address,
        "strnr ruenumero domicile adressedomicile ruetnumero viacivico indirizzocasa direccioncasa calleynumero callenumero",
    ),
    (
        Kind::Address,
        "enderecoresidencial ruanumero moradacompleta ulicanumer ulicainumer adreskorespondencyjny diachi diachinha alamatrumah ~odos",
    ),
    (Kind::Address, "straatenhuisnummer straathuisnummer thuisadres streetaddr"),
    (
        Kind::Geo,
        "zemepisnasirka zemepisnadelka leveyspiiri pituusaste pituuspiiri breddegrad lengdegrad laengdegrad szelesseg hosszusag latitudine",
    ),
    (
        Kind::Geo,
        "longitudine latitudinea enlem boylam koordinatlar koordinaatit koordinatak coordonate souradnice sijainti ~konum ~poloha ~pozice",
    ),
    (
        Kind::Plate,
        "registracniznacka poznavaciznacka spzvozu registreringsnr bilnummer kjennemerke skiltnummer rekisteritunnus rekisterinro rendszamtabla",
    ),
    (
        Kind::Plate,
        "forgalmirendszam numarmasina nrinmatriculare placutainmatriculare plakano aracplaka aracplakasi ~plakat autoplate carreg platenr",
    ),
    (
        Kind::Plate,
        "amtlicheskennzeichen kfzkz immatriculationvehicule numplaque matriculacoche numerotargaveicolo placadoveiculo placacarro",
    ),
    (
        Kind::Passport,
        "cislopasu cislop pasnummer pasnr passnumero passinro utlevelszam utlevelszama numarpasaport seriepasaport pasaportnumarasi pasaportnr",
    ),
    (
        Kind::Passport,
        "obcanka cisloobcanky obcanskyprukaz szemelyiigazolvany szemelyiszam igazolvanyszam buletin seriebuletin cartedeidentitate ehliyetno",
    ),
    (
        Kind::Passport,
        "forerkort forerkortnummer korekort korekortnummer ajokortti jogositvany ridicskyprukaz hochieu sohochieu nomorpaspor paspor",
    ),
    (
        Kind::MedicalId,
        "cislopojistence cislopacienta rodnecislopacienta tajszam betegazonosito pacientid numarpacient codpacient hastano hastanumarasi",
    ),
    (
        Kind::MedicalId,
        "protokolno potilastunniste pasientnr pasientjournal journalnummer journalnr patientjournal sygesikringsnummer sundhedskort kelatunnus",
    ),
    (
        Kind::MedicalId,
        "patientref patientidentifier hospitalref clinicno caseno medrecno medicalno healthcareid ehrid fhirpatientid patid",
    ),
    (
        Kind::Name,
        "jmenoprijmeni celejmeno jmenoaprijmeni krestnijmeno rodnejmeno titulpred fuldenavn fuldtnavn helenavn fornavnet efternavnet mellemnavn",
    ),
    (
        Kind::Name,
        "mellomnavn kokonimi etunimet nimiteksti teljesnev csaladnev csaladinev utonev szuletesinev numesiprenume numefamilie adsoyad",
    ),
    (
        Kind::Name,
        "adisoyadi soyadi soyad isimsoyisim ~isim hoten hovaten namadepan namabelakang namakeluarga imeprezime ~ime prezime",
    ),
    (
        Kind::Name,
        "pib fio ^familiy ^familij ^otchestv ^pobatkovi imyafamiliya imyaotchestvo ~imia ~imja ^xingming mingzi zhenshixingming lianxiren shouhuoren",
    ),
    (Kind::Name, "联系人 聯絡人 收货人 收件人 真实姓名 고객명 고객이름 받는사람 ~purnaam ~upanaam ^poornanaam"),
    (Kind::Phone, "^shouji +dianhua ^dianhua ^mobail ^mobayl ^lianxidianhua"),
    (Kind::Phone, "smsto smsnumber cepno ceptelno hpno"),
    (Kind::Dob, "^sunniaeg ^sunnikuup ^chusheng shengri tanjobi tanjoubi seinengappi ^saengnyeonw saengil"),
    (Kind::Password, "kodikosprosvasis ^parool ^slaptazod"),
    (
        Kind::Name,
        "empfaengername titulartarjeta titularcuenta titularcartao titulaireducompte ~meno menopriezvisko menoapriezvisko krstnemeno imeiprezime imeinpriimek",
    ),
    (Kind::Username, "^pouzivatel ^yonghu skypename"),
    (
        Kind::Address,
        "ulitsa ulica vulytsia vulitsa vulicya naslov tirahan dizhi juso domasniadresa domashnyaadresa direccionentrega",
    ),
    (
        Kind::Plate,
        "^registreeri registreringsskylt ecv nomeravto nomermashiny numurazime numurzime bienso nomorpolisi noplat",
    ),
    (
        Kind::Passport,
        "^pasos brojpasosa pasonumeris pasesnumurs passinumber passinumber huzhao huzhaohao identitycardno identitycardnumber cisloop cisloobcanskehopreukazu",
    ),
    (Kind::MedicalId, "kodikosastheni binglihao kanjabango hwanjabeonho"),
    (Kind::Otp, "msimbouthibitisho ^yanzhengma injeungbeonho ninshokodo ninshobango"),
    (Kind::MedicalId, "^medkart brojkartona zdravstvenikarton brojzdravstvenekartice"),
    (Kind::Password, "~sifra ~sifru"),
    (Kind::Username, "uniquename preferredusername preferreduser"),
    (
        Kind::Name,
        "onoma eponymo onomateponymo fornamnefternamn nombreapellidos nombreyapellidos nombresapellidos prenometnom nomprenoms nomedefamilia",
    ),
    (
        Kind::Name,
        "vornamenachname vorundnachname namevorname naamvoornaam voorletters voorenachternaam cognomenome nomeecognome nomesobrenome",
    ),
    (
        Kind::Name,
        "~createdby ~updatedby ~submittedby ~reportedby ~assignedto ~invitedby ~approvedby ~requestedby ~modifiedby ~reviewedby ~signedby",
    ),
    (Kind::Name, "~bookedby ~orderedby ~sentby ~postedby ~authoredby ~registeredby ~calledby ~writtenby"),
    (
        Kind::Name,
        "billto shipto deliverto soldto ~sendername cardname nameoncard cardownername customerfullname kundename kundenavn jmenozakaznika",
    ),
    (
        Kind::Username,
        "uzivatelskejmeno uzivatel kayttajatunnus kayttajanimi brukernavnet brugernavnet felhasznalonev felhasznalo numeutilizator",
    ),
    (
        Kind::Username,
        "kullaniciadi kullanici tendangnhap namapengguna ~screenhandle ~userhandle githubuser githublogin steamid loginuser nickusuario",
    ),
    (Kind::Username, "apodo ~alias gebruikerlogin loginuzytkownika inlogg inloggningsnamn korisnickoime"),
    (
        Kind::Card,
        "cislokarty kartnumarasi kredikartino kredikarti kartonummer kortnr bankkartyaszam kartyaszam numarcard numarulcardului luottokortti",
    ),
    (
        Kind::Card,
        "korttinro kartenr kreditkartennr numtarjeta numcarta numcartao nrkarty sothe nomorkartu pannumero primaryaccountnumber",
    ),
    (
        Kind::Iban,
        "cislouctu bankovniucet ucet bankszamla bankszamlaszam szamlaszam contbancar ibannumarasi ibanno hesapno hesapnumarasi pankkitili",
    ),
    (
        Kind::Iban,
        "tilinro kontonummeret bankkontonummer kontonumber bankkontonr nomorrekening sotaikhoan nrrachunku rachunekbankowy",
    ),
    (Kind::SessionId, "sessionstate"),
    (
        Kind::Otp,
        "~ihrcode ~deincode ~dincode ~yourcode ~votrecode ~toncode ~tucodigo ~sucodigo ~tuocodice ~jecode ~uwcode ~seucodigo ~twojkod ~dinkod",
    ),
    (Kind::Otp, "~codeis ~codeist ~codelautet ~codeest ~codigoes ~kodunuz ~koodisi ~vaskod"),
    (
        Kind::Name,
        "nomedotitular nometitular nomedocliente nomcomplettitulaire naamhouder naamrekeninghouder namnpatient",
    ),
    (Kind::Username, "instahandle instagramhandle tiktokhandle xhandle telegramhandle screenhandle telegramuser"),
    (Kind::Password, "adminpass dbpass rootpass mypass loginpass userpasswd adminpwd dbpwd wifipass"),
    (Kind::Dob, "dataur dataurodz dtur datanac datanascimentopaciente"),
    (Kind::Plate, "nrrej nrrejestracji numerrej"),
    (Kind::Phone, "mobielenummer vastenummer hemtelefon numerodicellulare telefonedecontacto nrtelefonukontaktowego"),
    (Kind::UkNhs, "nhsnr nationalhealthnumber nationalhealthservicenumber"),
    (Kind::DeTaxId, "steueridentnummer identnr taxiddeutschland steuerliche"),
    (Kind::FrNir, "numsecu numerosecurite secusociale nsecu numsecuritesociale nosecuritesociale"),
    (Kind::NlBsn, "bsnnr burgerservicenr sofinr"),
    (Kind::PlPesel, "peselklienta peselpacjenta"),
    (Kind::CaSin, "socialinsurancenum nasnumber numeronas sincanada"),
    (Kind::AuTfn, "taxfilenum australiantfn tfnno"),
    (Kind::TrTckn, "tckimliknumara kimliknumara kimlik tcknumarasi vatandaslikno tcnumara"),
    (Kind::ZaId, "southafricaid saidentitynumber rsaidno saidno"),
    (Kind::CnRic, "idcardcn chinaid idcardnumbercn shenfenzhenghaoma zhengjianhao"),
    (Kind::SePnr, "personnr fodselsnr foedselsnummer cprnummeret personnummeret"),
    (Kind::InAadhaar, "aadharno aadharnumber adharnumber adharno"),
    (
        Kind::NationalId,
        "rodnecislo szemelyiazonosito adoazonosito adoazonositojel codnumericpersonal identifikacnicislo dic kennitala",
    ),
    (
        Kind::NationalId,
        "henkilonumero socialsecuritynr numerodocumentoidentidad nodocumento nrdocumento sodinhdanh cccd cmnd nik nomorktp noktp afm amka",
    ),
    (Kind::NationalId, "identitynr personnationalid citizenshipnumber emiratesidnumber iqama qid hkidnumber mynumber"),
    // Hebrew, Arabic, Persian
    (
        Kind::Phone,
        "טלפון מספרטלפון נייד טלפוןנייד هاتف الهاتف رقمالهاتف جوال الجوال رقمالجوال تلفن شمارهتلفن موبایل ਫੋਨ τηλ",
    ),
    (Kind::Dob, "תאריךלידה תאריךהלידה تاريخالميلاد تاریختولد датумрођења"),
    (Kind::Password, "סיסמה סיסמא كلمةالمرور كلمةالسر رمزعبور पासवरड лозинка"),
    (
        Kind::Name,
        "שםמלא שםפרטי שםמשפחה الاسمالكامل الاسمالاول اسمالعائلة اسمالعميل نامخانوادگی ~שם ~الاسم ~نام ~име ~ονομα ~імя",
    ),
    (Kind::Address, "כתובת العنوان عنوان آدرس نشانی"),
    (Kind::Username, "שםמשתמש اسمالمستخدم نامکاربری корисничкоиме 아이디"),
    (Kind::Otp, "קודאימות رمزالتحقق 认证码 सतयापनकोड"),
    (Kind::Plate, "^номерни πινακιδα לוחיתרישוי رقماللوحة"),
    (Kind::Email, "דואל דואראלקטרוני البريد البريدالالكتروني ایمیل"),
    (Kind::Passport, "דרכון מספרדרכון جوازالسفر رقمالجواز گذرنامه"),
    (Kind::NationalId, "personaskods personuskods"),
    (Kind::Otp, "^vahvistuskood ^varmennuskood"),
    (
        Kind::Name,
        "~kontaktperson ~ansprechperson ~personacontacto ~personnecontact ~personacontatto ~pessoacontato ~contactpersoon ~osobakontaktowa",
    ),
    (Kind::Name, "~yhteyshenkilo ~kontaktniosoba ~kapcsolattarto ~contactperson ~persoanacontact ~kontaktosoba"),
    // The name on a card.
    (
        Kind::Name,
        "nomenocartao naamopkaart nomsurcarte nombreentarjeta nomesullacarta nomesucarta navnpakort namnpakort nevakartyan numepecard",
    ),
    (Kind::Username, "playername gamername forumname chatname accountuser"),
    (Kind::Plate, "tablicarej regnummer"),
    (
        Kind::MedicalId,
        "emrid numeroassure numeroafiliado tarjetasanitaria numtarjetasanitaria numerosns numerubezpieczenia hastadosyano versicherungsnummer",
    ),
    (Kind::NationalId, "numeroseguridadsocial numseguridadsocial nuss"),
    (Kind::Otp, "twofacode tfacode otpinput kodautoryzacyjny tekkullanimlikkod kertakoodi"),
    (Kind::Phone, "teldomicile telephonedomicile istelefonu evtelefonu"),
];
