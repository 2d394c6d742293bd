//! Words of further languages that say who is meant, what a number belongs to, and behind which pages secrets travel: the
//! counterpart of [`tongues`](super::tongues).
//!
//! Words are written as in [`kinds`](super::kinds); the only mark is `^` for the beginning of longer words.

use super::flag;

/// Flags and words.
pub(super) static MORE_QUIET: &[(u32, &str)] = &[
    (
        flag::PERSON,
        "reporter requester approver commenter organizer organiser initiator contributor respondent recipient holder houder",
    ),
    (
        flag::PERSON,
        "grahak mareez rogi upyogkarta chatra shikshak abhibhavak khatadharak sadasya yatri chalak malik shipto billto deliverto soldto",
    ),
    (flag::FILLER, "ka ki ke"),
    (flag::AFTER, "trasporto transporto transporte transport"),
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
        "^przesyl ^zasilk ^posylk ^otprav ^otslezh ^vidstezh ^rastre ^sendung ^verzend ^zending ^csomag ^kolli ^posiljk ^siunt ^sutijum",
    ),
    (
        flag::NUMBERS,
        "^saadet ^lahetys ^forsend ^frakt ^paket ^colis ^spedizi ^encomend ^kargo ^bestell ^bestill ^zamowien ^objednav ^narudzb ^porudzb",
    ),
    (
        flag::NUMBERS,
        "^narocil ^zamovlen ^poruchk ^rendeles ^siparis ^tilaus ^faktur ^factuur ^fattur ^seriennu ^seriov ^strichcode ^strekkod ^streckkod",
    ),
    (
        flag::NUMBERS,
        "^kodkreskow ^codigobarr ^codebarr ^barkod ^codiceabarr ^viivakood ^vonalkod ^carovykod ^shtrikhkod ^posylka ^трек ^посылк ^отправлен ^заказ ^замовлен ^посилк",
    ),
    (
        flag::NUMBERS,
        "^快递 ^运单 ^物流 ^订单 ^注文 ^伝票 ^追跡 ^送り状 ^송장 ^운송장 ^주문 ^택배 kuaidi yundan dingdan",
    ),
    (
        flag::NUMBERS,
        "donhang madonhang nomorpesanan noresi mavandon orderref orderreference cartid basketid packageid shipmentid deliveryid",
    ),
    // Written as two words only: tickets and claims hold text as well.
    (
        flag::NUMBERS,
        "bookingref bookingno bookingnumber reservationno reservationnumber pnrcode flightno flightnumber txnid txnref",
    ),
    (flag::NUMBERS, "cartno basketno jobno jobnumber refno refnumber referenceno"),
    (flag::NUMBERS, "referencenumber voucherno assettag caseref workorder orderref mavandon"),
    (flag::AFTER, "ชือสินคา ชือไฟล ชือบริษัท"),
    (flag::PERSON, "गराहक मरीज रोगी उपयोगकरता सदसय العميل الزبون המטופל הלקוח"),
    (flag::PERSON, "kin booker payer remitter nominee tutor signatory bidder registrant trainee lessee lessor trustee"),
];
