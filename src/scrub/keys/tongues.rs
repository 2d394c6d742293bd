//! Key words of further languages, kept apart so that each language can be read, checked and extended by who speaks it:
//! Czech and Slovak, Danish and Norwegian, Finnish, Hungarian, Romanian, Turkish, Greek and Slavic words in Latin letters, Indonesian,
//! Vietnamese, and what the first lists left out.
//!
//! Marks as in [`kinds`](super::kinds).

use super::flag;
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
        "adgangstoken kutsutunnus davetkodu davettoken erisimtokeni ~h ~s ~tkn ~authtk ~onetime ~linkid ~accesshash ~mailkey ~uniquekey",
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
];

/// Flags and words.
pub(super) static MORE_QUIET: &[(u32, &str)] = &[
    (
        flag::PERSON,
        "fahrer fahrerin halter patientin mieter vermieter kaufer kaeufer verkaufer versicherter antragsteller bewerber schuler eltern",
    ),
    (
        flag::PERSON,
        "fahrername mieterin besteller auftraggeber absenderin ansprechpartnerin reisender gastgeber lehrer arzt arztin betreuer",
    ),
    (
        flag::PERSON,
        "pasient pasienten kunden bruker brukeren ansatt deltaker elev laerer lege gjest mottaker avsender eier leietaker soker foresatt",
    ),
    (flag::PERSON, "patienten borger bruger ansat laege modtager afsender ejer lejer ansoger foraelder elever gaest"),
    (
        flag::PERSON,
        "zakaznik klient pacient uzivatel zamestnanec prijemce odesilatel majitel ridic student ucitel rodic dite objednatel",
    ),
    (
        flag::PERSON,
        "ugyfel vevo paciens beteg felhasznalo munkavallalo vendeg cimzett felado tulajdonos diak tanar szulo gyermek berlo megrendelo",
    ),
    (
        flag::PERSON,
        "client pacientul utilizator angajat oaspete destinatar expeditor proprietar sofer elev profesor parinte copil chirias",
    ),
    (
        flag::PERSON,
        "musteri hasta kullanici calisan misafir alici gonderen sahip surucu ogrenci ogretmen veli cocuk kiraci yolcu uye",
    ),
    (
        flag::PERSON,
        "asiakas potilas kayttaja tyontekija vieras vastaanottaja lahettaja omistaja kuljettaja opiskelija opettaja vanhempi lapsi vuokralainen",
    ),
    (
        flag::PERSON,
        "conducteur locataire proprietaire acheteur vendeur assure salarie eleve enseignant medecin voyageur passager expediteur adherent",
    ),
    (
        flag::PERSON,
        "conductor inquilino propietario comprador vendedor asegurado alumno profesor medico viajero pasajero remitente huesped titular",
    ),
    (
        flag::PERSON,
        "conducente inquilino proprietario acquirente venditore assicurato alunno insegnante medico viaggiatore passeggero mittente",
    ),
    (
        flag::PERSON,
        "bestuurder huurder eigenaar koper verkoper verzekerde leerling docent arts reiziger passagier afzender ontvanger patient gast",
    ),
    (
        flag::PERSON,
        "motorista locatario dono comprador vendedor segurado aluno professor medico viajante passageiro remetente hospede funcionario",
    ),
    (
        flag::PERSON,
        "kierowca najemca wlasciciel kupujacy sprzedajacy ubezpieczony uczen nauczyciel lekarz podrozny pasazer nadawca odbiorca gosc",
    ),
    (
        flag::PERSON,
        "forare hyresgast agare kopare saljare forsakrad elev larare lakare resenar passagerare avsandare mottagare gast kunden",
    ),
    (
        flag::PERSON,
        "rider traveler traveller caller signer signee cosigner claimant policyholder insured donor volunteer candidate resident",
    ),
    (flag::PERSON, "nurse doctor physician caregiver guardian minor pupil coach mentor landlord roommate kontakt"),
    (
        flag::SECRETS_FOLLOW,
        "obnova obnovit obnovahesla obnovitheslo zmenahesla resethesla heslo overeni overit potvrzeni potvrdit pozvanka pozvani odhlasit odhlaseni aktivace aktivovat",
    ),
    (
        flag::SECRETS_FOLLOW,
        "jelszo jelszovisszaallitas visszaallitas megerosites megerosit meghivo meghivas aktivalas aktival leiratkozas hitelesites",
    ),
    (
        flag::SECRETS_FOLLOW,
        "resetareparola resetare parola confirmare confirma verificare verifica invitatie invitare activare activeaza dezabonare recuperare",
    ),
    (
        flag::SECRETS_FOLLOW,
        "sifresifirlama sifirla sifre dogrula dogrulama onayla onay davet davetiye aktivasyon etkinlestir abonelikcikis uyelikonay",
    ),
    (
        flag::SECRETS_FOLLOW,
        "salasana palautasalasana palautus vahvista vahvistus kutsu aktivoi aktivointi peruuta tunnistaudu liity",
    ),
    (
        flag::SECRETS_FOLLOW,
        "nulstiladgangskode adgangskode bekraeft bekraeftelse invitation invitationer aktiver afmeld framelding tilbakestillpassord passord",
    ),
    (
        flag::SECRETS_FOLLOW,
        "invitasjon bekreft bekreftelse glemtpassord glemtadgangskode nyttpassord avmelding meldav validar validacao validacion valider",
    ),
    (
        flag::SECRETS_FOLLOW,
        "confirmaremail verificaremail ativarconta redefinicaosenha esquecisenha cancelarsubscricao",
    ),
    (
        flag::SECRETS_FOLLOW,
        "verifieremail activercompte motdepasse nouveaumotdepasse restablecercontrasena cambiarcontrasena activarcuenta confirmarcorreo",
    ),
    (
        flag::SECRETS_FOLLOW,
        "confermaemail attivaaccount nuovapassword resetpasswd pwreset pwdreset passwdreset emailchange changeemail confirmnewemail",
    ),
    (
        flag::SECRETS_FOLLOW,
        "signinlink loginlink onetimelogin passwordless handoff impersonate guestaccess doubleoptin",
    ),
    (
        flag::SECRETS_FOLLOW,
        "einmallink zugangslink bestaetigungslink passwortreset passwortaendern wiederherstellen kontoaktivieren optin widerruf verifizieren verifizierung",
    ),
    (
        flag::SECRETS_FOLLOW,
        "wachtwoordreset wachtwoordvergeten accountactiveren uitnodigingaccepteren zmienhaslo nowehaslo aktywujkonto potwierdzemail",
    ),
    (
        flag::NUMBERS,
        "objednavka cisloobjednavky objednavky faktury cislofaktury zasilka cislozasilky seriovecislo rendeles rendelesszam szamla szamlaszamla",
    ),
    (
        flag::NUMBERS,
        "csomag csomagszam sorozatszam cikkszam comanda numarcomanda factura numarfactura colet awbnumber serie siparis siparisno fatura",
    ),
    (
        flag::NUMBERS,
        "faturano kargo kargotakip takipno serino urunkodu stokkodu tilaus tilausnro lasku laskunumero lahetys lahetystunnus seurantakoodi",
    ),
    (
        flag::NUMBERS,
        "sarjanumero tuotenumero ordrenummer ordrenr fakturanr pakkenummer sporingsnummer sporing serienummer varenummer artikelnummeret",
    ),
    (
        flag::NUMBERS,
        "kvittering kvitteringsnr kvitto bonnummer bestelnr pakketnummer serienr numerzlecenia numerprzesylki numerseryjny numerreferencyjny",
    ),
    (
        flag::NUMBERS,
        "donhang madonhang nomorpesanan noresi mavandon orderref orderreference cartid basketid packageid shipmentid deliveryid",
    ),
];
