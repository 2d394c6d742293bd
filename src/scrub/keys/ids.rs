//! Which words of a key say that the value is a name or a number given to a person, by kind and language.
//!
//! Marks as in [`kinds`](super::kinds).

use crate::scrub::kind::Kind;

/// Kind and words.
pub(super) static IDS: &[(Kind, &str)] = &[
    // Names. `name` alone and its sisters need a value that looks like a person's name, or a person around them.
    (
        Kind::Name,
        "+firstname +lastname +fullname +surname givenname familyname forename middlename maidenname realname legalname",
    ),
    (
        Kind::Name,
        "personname customername clientname contactname patientname guestname passengername membername employeename recipientname",
    ),
    (
        Kind::Name,
        "sendername ownername holdername cardholder cardholdername accountholder accountholdername beneficiary beneficiaryname",
    ),
    (
        Kind::Name,
        "payeename nameoncard drivername studentname teachername childname parentname fathername mothername spousename",
    ),
    (
        Kind::Name,
        "billingname shippingname attendeename leadname subscribername buyername sellername tenantname applicantname participantname",
    ),
    (
        Kind::Name,
        "~displayname ~authorname ~accountname fname lname firstnm lastnm namefirst namelast namefull signatoryname visitorname personalname",
    ),
    (Kind::Name, "~name ~names ~fn ~ln"),
    (
        Kind::Name,
        "+vorname +nachname +familienname zuname rufname geburtsname vollername vollstandigername kundenname kontoinhaber karteninhaber",
    ),
    (
        Kind::Name,
        "mitarbeitername patientenname ~empfanger ~empfaenger ~absender ~ansprechpartner ~inhaber empfangername ansprechpartnername",
    ),
    (
        Kind::Name,
        "+prenom nomfamille nomcomplet nomclient patronyme titulaire nompatient nomnaissance nomusage prenomnom nomprenom ~nom ~destinataire",
    ),
    (
        Kind::Name,
        "apellido apellidos primerapellido segundoapellido nombrecompleto nombrecliente apellidopaterno apellidomaterno nombrepila",
    ),
    (Kind::Name, "nombrepaciente nombretitular primernombre ~nombre ~nombres ~titular"),
    (Kind::Name, "cognome nomecognome nomecompleto nominativo nomecliente intestatario nomepaziente ~nome"),
    (
        Kind::Name,
        "voornaam achternaam volledigenaam familienaam klantnaam patientnaam clientnaam roepnaam tussenvoegsel naamklant ~naam",
    ),
    (Kind::Name, "sobrenome primeironome ultimonome nomepaciente nomemae nomepai apelido"),
    (Kind::Name, "imie nazwisko imienazwisko imieinazwisko pelneimie imieklienta nazwiskopanienskie"),
    (
        Kind::Name,
        "+fornamn +efternamn helnamn kundnamn mellannamn fulltnamn ~namn fornavn efternavn etternavn fuldtnavn fulltnavn kundenavn ~navn",
    ),
    (
        Kind::Name,
        "etunimi sukunimi kokonimi ~nimi jmeno prijmeni celejmeno keresztnev vezeteknev teljesnev ~nev soyad soyisim adsoyad isim",
    ),
    (
        Kind::Name,
        "nume prenume numecomplet namalengkap ~nama имя фамилия отчество фио +姓名 名字 +氏名 名前 +お名前 이름 +성명 shimei namae",
    ),
    // Login names
    (
        Kind::Username,
        "+username userlogin loginname ~login =screenname nick +nickname userhandle gamertag skypeid discordtag twitterhandle",
    ),
    (Kind::Username, "loginid signinname logonname accountlogin userprincipalname upn samaccountname ~usr ~uname"),
    (
        Kind::Username,
        "+benutzername nutzername anmeldename benutzerkennung nomutilisateur identifiant ~pseudo pseudonyme nombreusuario",
    ),
    (
        Kind::Username,
        "nomeutente gebruikersnaam nomeusuario nomeutilizador nazwauzytkownika anvandarnamn brugernavn brukernavn",
    ),
    (
        Kind::Username,
        "kayttajanimi uzivatelskejmeno felhasznalonev kullaniciadi numeutilizator логин 用户名 ユーザー名",
    ),
    // Cards and accounts
    (
        Kind::Card,
        "card cardnumber cardno cardnum cardnr ccnumber ccnum ccno cc creditcard creditcardnumber debitcard debitcardnumber paymentcard",
    ),
    (
        Kind::Card,
        "kartennummer kreditkarte kreditkartennummer cartebancaire numerocarte numerocb tarjeta numerotarjeta cartacredito",
    ),
    (
        Kind::Card,
        "numerocarta creditcardnummer kaartnummer cartaocredito numerocartao numerkarty kortnummer korttinumero cislokarty kartno",
    ),
    (
        Kind::Iban,
        "+iban ibannumber bankaccount ~accountnumber ~accountno bankaccountnumber +kontonummer kontonr bankverbindung bankkonto",
    ),
    (
        Kind::Iban,
        "numerocompte comptebancaire rib cuentabancaria numerocuenta clabe cbu contobancario numeroconto rekeningnummer bankrekening",
    ),
    (
        Kind::Iban,
        "contabancaria numeroconta numerkonta nrkonta bankgiro plusgiro clabeinterbancaria tilinumero routingnumber",
    ),
    // Numbers that states give
    (
        Kind::UsSsn,
        "ssn socialsecuritynumber socialsecurity socialsecurityno socialsecuritynum socialsecurityid ssnlast itin ssnumber",
    ),
    (Kind::UkNino, "nino nationalinsurance nationalinsurancenumber nationalinsuranceno ninumber"),
    (Kind::UkNhs, "nhs nhsnumber nhsno nhsid nhsnum"),
    (Kind::DeTaxId, "steuerid +steuernummer steuernr steueridnr steueridentifikationsnummer idnr steueridentnr"),
    (
        Kind::FrNir,
        "nir numerosecu numsecu numerosecuritesociale securitesociale +securitesociale numeross nss insee numeroinsee secu nosecu",
    ),
    (Kind::BrCpf, "cpf numerocpf cpfcnpj nrcpf cpftitular"),
    (Kind::InAadhaar, "aadhaar aadhar adhaar adhar aadhaarnumber aadhaarno aadhaarid uidai"),
    (Kind::InPan, "pannumber panno pancard pancardnumber ~pan"),
    (Kind::EsDni, "dni nif numerodni nifnie dninie documentonacional documentonacionalidentidad"),
    (Kind::EsNie, "nie numeronie"),
    (Kind::ItCf, "codicefiscale codfiscale codfisc codicefisc italiantaxcode fiscalcode ~cf"),
    (Kind::NlBsn, "bsn burgerservicenummer bsnnummer sofinummer sofi"),
    (Kind::PlPesel, "pesel nrpesel numerpesel peselnumber"),
    (
        Kind::SePnr,
        "personnummer persnr pnr samordningsnummer +personnummer fodselsnummer cpr cprnummer cprnr kennitala isikukood asmenskodas",
    ),
    (Kind::FiHetu, "hetu henkilotunnus sotu sosiaaliturvatunnus"),
    (Kind::CaSin, "~sin sinnumber sinno socialinsurancenumber socialinsurance numeroassurancesociale ~nas"),
    (Kind::AuTfn, "tfn taxfilenumber tfnnumber taxfileno"),
    (Kind::SgNric, "nric nricno nricnumber ~fin finnumber nricfin"),
    (
        Kind::KrRrn,
        "rrn jumin juminnumber juminno residentregistrationnumber residentregistration residentregistrationno +주민등록번호 +주민번호",
    ),
    (Kind::TrTckn, "tckn tcno tckimlik tckimlikno kimlikno kimliknumarasi tckimliknumarasi tckimliknumber tcidentity"),
    (Kind::ZaId, "zaid saidnumber rsaid rsaidnumber southafricanid ~said zaidnumber"),
    (
        Kind::CnRic,
        "residentid residentidnumber residentidcard chineseid shenfenzheng shenfenzhenghao sfz sfzh +身份证 +身份证号 +身份证号码 ~ric",
    ),
    (
        Kind::ChAhv,
        "ahv ahvnummer ahvnr avs numeroavs noavs avsnumber ahvnumber +sozialversicherungsnummer svnummer svnr oasi ahvn navs",
    ),
    (
        Kind::BeNrn,
        "nrn rijksregisternummer rijksregister registrenational numeroregistrenational niss insz nationalregisternumber rrn",
    ),
    (Kind::BeNrn, "nationalregister numeronational rijksregisternr"),
    (Kind::MxCurp, "curp ~rfc"),
    (
        Kind::NationalId,
        "nationalid nationalidnumber nationalidno nationalidentitynumber ~idnumber ~idno identitynumber identityno",
    ),
    (
        Kind::NationalId,
        "identificationnumber governmentid govid taxid taxnumber taxno taxpayerid taxidnumber ~taxcode tin personalid personalcode personalnumber",
    ),
    (
        Kind::NationalId,
        "civilid citizenid ppsn pps mykad cedula rut ~run cuit cuil nit dui numeroidentificacion numeroidentidad ~documento numerodocumento",
    ),
    (
        Kind::NationalId,
        "rodnecislo egn cnp jmbg oib emso numeroidentite numerofiscal nif contribuinte numerocontribuinte nip regon partitaiva ustid",
    ),
    (
        Kind::NationalId,
        "personenkennziffer identifikationsnummer sozialversicherung svnr identiteitsnummer numerfiscal taxref emiratesid hkid",
    ),
    // Documents
    (
        Kind::Passport,
        "+passport passportno passportnumber passportnum passportid passportnr +reisepass reisepassnummer passnummer passnr ausweisnummer",
    ),
    (
        Kind::Passport,
        "personalausweis personalausweisnummer ~ausweis passeport numeropasseport nopasseport pasaporte numeropasaporte passaporto",
    ),
    (
        Kind::Passport,
        "numeropassaporto paspoort paspoortnummer passaporte paszport numerpaszportu nrpaszportu passinumero cestovnipas utlevel",
    ),
    (
        Kind::Passport,
        "pasaportno pasaport паспорт номерпаспорта 护照 护照号 旅券番号 여권번호 traveldocument traveldocumentnumber",
    ),
    (
        Kind::Passport,
        "identitycard idcard idcardnumber idcardno documentnumber docnumber nationalidcard cartaidentita numerocartaidentita",
    ),
    (
        Kind::Passport,
        "carteidentite cni documentoidentidad drivinglicence drivinglicense driverslicense driverlicense driverlicence",
    ),
    (
        Kind::Passport,
        "driverslicensenumber drivinglicencenumber fuhrerschein fuehrerschein fuhrerscheinnummer permisconduire carnetconducir",
    ),
    (
        Kind::Passport,
        "patenteguida rijbewijs rijbewijsnummer cnh prawojazdy korkort korkortsnummer dowodosobisty nrdowodu bilhetidentidade",
    ),
    // Health
    (
        Kind::MedicalId,
        "mrn medicalrecordnumber medicalrecord medicalid patientid patientnumber patientno patientnr chartnumber chartno",
    ),
    (
        Kind::MedicalId,
        "hospitalnumber hospitalid hospitalno healthid healthcard healthcardnumber healthinsurancenumber medicarenumber medicareno medicare",
    ),
    (Kind::MedicalId, "healthnumber insurancenumber medicaidid subjectid"),
    (
        Kind::MedicalId,
        "+patientennummer patientenid patientennr krankenversichertennummer versichertennummer versichertennr krankenkassennummer kvnr",
    ),
    (
        Kind::MedicalId,
        "krankenversicherungsnummer krankenversicherung numeropatient idpatient ipp dossierpatient dossiermedical numerodossiermedical",
    ),
    (
        Kind::MedicalId,
        "numeropaciente idpaciente historiaclinica nhc numerohistoria numerohistoriaclinica codicepaziente idpaziente tesserasanitaria",
    ),
    (
        Kind::MedicalId,
        "cartellaclinica numerocartella patientnummer zorgnummer zorgpas numeroutente prontuario cartaosus cns idpacjenta numerpacjenta",
    ),
    (
        Kind::MedicalId,
        "kartapacjenta potilasnumero potilastunnus pasientnummer pasientid cislopacienta +病历号 患者番号 患者id 住院号 就诊卡号 診察券番号",
    ),
];
