//! Which words of a key say that its value is *not* personal, or what else the value is.
//!
//! Words are written as in [`kinds`](super::kinds); the only mark is `^` for the beginning of longer words.

use super::flag;

/// Flags and words.
pub(super) static QUIET: &[(u32, &str)] = &[
    // Numbers of things: parcels, articles, orders, devices' readings. They have check digits of their own, and some of
    // them are Luhn-valid.
    (
        flag::NUMBERS,
        "tracktrace trackandtrace tracknr deliverynote ^tracking trackingno trackingnumber trackingid trackingcode waybill awb parcel parcelno parcelnumber shipment",
    ),
    (
        flag::NUMBERS,
        "consignment ean gtin isbn issn upc asin sku skus mpn barcode qrcode part partno partnumber serial serialno serialnumber",
    ),
    (
        flag::NUMBERS,
        "lot batch batchno order orders orderid orderno ordernumber invoice invoiceid invoiceno invoicenumber receipt receiptno",
    ),
    (
        flag::NUMBERS,
        "transaction transactionid quote ponumber product productid productcode article articleno item itemid meter reading counter",
    ),
    (
        flag::NUMBERS,
        "price amount total subtotal revenue cost fee tax discount quantity qty count balance budget seats range score rating",
    ),
    (
        flag::NUMBERS,
        "sendungsnummer sendung paketnummer bestellnummer bestellung auftragsnummer rechnungsnummer rechnung seriennummer artikelnummer",
    ),
    (
        flag::NUMBERS,
        "zahlerstand lieferung commande numerocommande facture numerofacture suivi numerosuivi colis numerocolis numeroserie",
    ),
    (
        flag::NUMBERS,
        "pedido numeropedido factura numerofactura seguimiento envio guia ordine numeroordine fattura spedizione tracciamento",
    ),
    (
        flag::NUMBERS,
        "bestelling bestelnummer factuurnummer pakket zendingsnummer artikelnr zamowienie faktura przesylka numerzamowienia",
    ),
    (
        flag::NUMBERS,
        "vrachtbrief lettrevoiture listprzewozowy fraktsedel fraktbrief frachtbrief colissimo podnummer referentie guiaremision folio",
    ),
    (
        flag::NUMBERS,
        "ordernummer fakturanummer kolli kollinummer encomenda fatura rastreio ordernr bestillingsnummer tilausnumero vin",
    ),
    (
        flag::NUMBERS,
        "snowflake epoch timestamp ts time datetime duration elapsed latency ms seconds offset size bytes length",
    ),
    // Versions: four numbers with dots are no address.
    (
        flag::VERSIONS,
        "version versions ver driver firmware build release lib library sdk agent useragent ua os browser app appversion kernel",
    ),
    (
        flag::VERSIONS,
        "engine runtime softwareversion versionsnummer wersja versione versao patch upgrade update dependency package packages",
    ),
    // Digests: opaque, and not secret.
    (
        flag::DIGESTS,
        "tree blob blame sha commit etag integrity checksum digest md md5 revision rev git gitsha fingerprint cachebuster cb contenthash hash crc",
    ),
    (flag::DIGESTS, "filters filter viewstate trace traceid span spanid request requestid correlation"),
    (
        flag::DIGESTS,
        "experiment experimentid variant bucket flag cursor after before pagetoken nextpagetoken continuation",
    ),
    // Geometry of the page.
    (
        flag::GEOMETRY,
        "x y z transform matrix viewbox scroll width height top left bottom right rect bounds translate scale rotate",
    ),
    (
        flag::GEOMETRY,
        "canvas drag dragto xy pivot anchor viewport screen clientx clienty pagex pagey positions path points polyline svg zoom margin padding",
    ),
    // Looks.
    (
        flag::STYLE,
        "class classname classlist selector css style styles color colour theme accent font icon tag tagname",
    ),
    // Attribution: names stay, values stay unless they hold something that is personal by its shape.
    (
        flag::ATTRIBUTION,
        "utm source medium campaign term content keyword adgroup creative placement ref referral affiliate partner",
    ),
    (flag::ATTRIBUTION, "gadsource mccid adid campaignid"),
    // Coupons.
    (
        flag::CODES,
        "coupon promo promocode couponcode discountcode voucher vouchercode giftcode offercode referralcode gutschein gutscheincode",
    ),
    (
        flag::CODES,
        "codepromo codigopromocional cupon codicesconto kortingscode kodrabatowy rabattkod cupom codigodesconto",
    ),
    // Addresses of pages: a `/home/` in them is a page, not a directory.
    (
        flag::PAGES,
        "url uri href link page path pathname route referrer referer canonical location next redirect returnto return continue",
    ),
    (
        flag::PAGES,
        "redirecturi redirecturl callback callbackurl destination entryurl exiturl landingpage currenturl initialurl u r dest target",
    ),
    // Files.
    (flag::FILES, "file filename filepath abspath directory dir folder src source frames cwd workspace"),
    // A person is around or meant.
    (
        flag::PERSON,
        "user users customer customers client clients person people contact contacts patient patients member members guest guests",
    ),
    (
        flag::PERSON,
        "employee employees owner owners author authors recipient recipients sender senders attendee attendees invitee invitees",
    ),
    (
        flag::PERSON,
        "participant participants passenger passengers driver drivers student students teacher teachers applicant applicants",
    ),
    (
        flag::PERSON,
        "beneficiary payee holder cardholder subscriber buyer seller tenant assignee reviewer profile account set setonce traits",
    ),
    (
        flag::PERSON,
        "personproperties billing shipping delivery spouse child children parent emergency referee manager supervisor visitor",
    ),
    (
        flag::PERSON,
        "kunde kunden benutzer patientin mitarbeiter empfanger nutzer gast teilnehmer utilisateur utilisateurs destinataire invite",
    ),
    (
        flag::PERSON,
        "usuario usuarios cliente clientes paciente empleado destinatario utente utenti cliente ospite paziente dipendente klant klanten",
    ),
    (
        flag::PERSON,
        "gebruiker deelnemer medewerker uzytkownik klient pacjent pracownik kund anvandare deltagare bruker asiakas potilas zakaznik",
    ),
    (flag::PERSON, "uid userid usr accountid customerid clientid memberid personid actor login identity subject sub"),
    (flag::PERSON, "first last full given family middle maiden real legal display nick preferred birth my"),
    // Beside a sensitive word they take its meaning away.
    (
        flag::AFTER,
        "count counts length len type types kind model mode method status state verified verification enabled disabled required valid",
    ),
    (
        flag::AFTER,
        "validated campaign template templates format policy strength expired expiry expires expiration ttl limit limits size usage used",
    ),
    (
        flag::AFTER,
        "price cost provider domain domains label placeholder field fields input regex pattern mask visible hidden version lines lock",
    ),
    (
        flag::AFTER,
        "error errors hint present exists index position total sum avg average rate ratio score group flag opt optin optout consent",
    ),
    (
        flag::AFTER,
        "preference preferences subscribed clicked opened bounce bounced category option options setting settings color screen page button",
    ),
    (
        flag::AFTER,
        "form step tab view event attempt attempts failure failures manager changed updated created date time timestamp ms seconds",
    ),
    (
        flag::AFTER,
        "minutes hours days duration reset rotation issuer scheme brand network country source channel supported support available",
    ),
    (
        flag::AFTER,
        "missing match matches matched list lists service client carrier os platform design layout theme variant test experiment plan",
    ),
    (
        flag::AFTER,
        "tier level role rank budget balance currency quota remaining per cap window storage location class style width height",
    ),
    (
        flag::AFTER,
        "icon image logo emoji url link endpoint path policyid shown sent delivered failed added removed collected saved set provided",
    ),
    (
        flag::AFTER,
        "entered filled given completed complete skipped toggle prompt modal dialog popup banner section area case sensitive less",
    ),
    (
        flag::AFTER,
        "max min name names id ids hash hint confirm confirmed strengthscore protected based only auth login allowed blocked bool",
    ),
    (
        flag::AFTER,
        "retries tries resends resend timeouts timeout delay latency age day days week weeks sec secs min mins hour refreshes",
    ),
    (
        flag::AFTER,
        "changes updates resets reuse renewals versuche tentatives intentos tentativi pogingen tentativas proby forsok forsog chiave",
    ),
    (
        flag::AFTER,
        "anzahl lange typ art modus vorhanden gesetzt nombre type longueur cantidad longitud tipo lunghezza quantita aantal lengte soort",
    ),
    (
        flag::BEFORE,
        "is has had have can could should need needs requires required allow allows allowed show shows hide hides enable enabled disable",
    ),
    (
        flag::BEFORE,
        "disabled max min number total totals avg count counts n remember forgot with without valid invalid missing use uses using",
    ),
    (
        flag::BEFORE,
        "cache partition translation supports support show skip no not non was were did does will sort group filter prefer via per requires used",
    ),
    (
        flag::BEFORE,
        "ist hat ohne mit kein anzahl nombre tiene es sin ha senza heeft zonder czy ma bez har utan design css html page screen",
    ),
    // Say nothing by themselves.
    (
        flag::FILLER,
        "number numbers num no nr value values text raw primary secondary main default current new old other alt work home private",
    ),
    (
        flag::FILLER,
        "mobile business personal full line first second data content string entry input id code key info details detail field e n",
    ),
    (
        flag::FILLER,
        "customer user client account contact billing shipping initial my our their person person patient employee numero nummer numer",
    ),
    (
        flag::FILLER,
        "answer answers response responses reply antwort antworten reponse reponses respuesta respuestas risposta resposta",
    ),
    (flag::FILLER, "val wert valor valeur valore waarde wartosc hodnota antwoord odpowiedz svar vastaus odpoved otvet"),
    // Ids of things, also of those that belong to a person.
    (flag::IDENT, "id ids code key uuid guid ref"),
    // A segment of a path after which secrets travel.
    (
        flag::SECRETS_FOLLOW,
        "reset resetpassword passwordreset password verify verification verifyemail emailverification confirm confirmation",
    ),
    (
        flag::SECRETS_FOLLOW,
        "confirmemail activate activation invite invites invitation invitations accept acceptinvite join magic magiclink magiclogin",
    ),
    (
        flag::SECRETS_FOLLOW,
        "signup signin login token tokens unsubscribe optout auth sso oauth callback recover recovery forgot forgotpassword",
    ),
    (
        flag::SECRETS_FOLLOW,
        "setpassword changepassword newpassword validate validation share shared secret sharelink onetime otp session sessions",
    ),
    (
        flag::SECRETS_FOLLOW,
        "register registration enroll claim redeem approve rsvp access authorize authenticate link links ml",
    ),
    (
        flag::SECRETS_FOLLOW,
        "zurucksetzen zuruecksetzen passwort passwortzurucksetzen passwortvergessen bestatigen bestatigung bestaetigen bestaetigung",
    ),
    (
        flag::SECRETS_FOLLOW,
        "einladung einladen aktivieren aktivierung abmelden abbestellen anmelden anmeldung registrieren freigabe teilen zugang beitreten",
    ),
    (
        flag::SECRETS_FOLLOW,
        "reinitialiser reinitialisation reinitialisermotpasse motpasse motpasseoublie confirmer verifier inviter activer desabonner",
    ),
    (
        flag::SECRETS_FOLLOW,
        "desinscription connexion inscription partage partager acceder acces rejoindre accepter valider nouveaumotpasse",
    ),
    (
        flag::SECRETS_FOLLOW,
        "restablecer recuperar contrasena nuevacontrasena olvidecontrasena verificar verificacion confirmar confirmacion invitacion",
    ),
    (
        flag::SECRETS_FOLLOW,
        "invitar activar activacion aceptar baja desuscribir acceso compartir registro unirse entrar",
    ),
    (
        flag::SECRETS_FOLLOW,
        "reimposta reimpostazione recupera recuperapassword verifica conferma invito attiva attivazione accetta disiscrivi accesso",
    ),
    (
        flag::SECRETS_FOLLOW,
        "condividi registrazione unisciti ripristina uitnodiging uitnodigen bevestigen bevestiging herstellen wachtwoord",
    ),
    (
        flag::SECRETS_FOLLOW,
        "wachtwoordherstellen activeren verifieren verificatie afmelden uitschrijven aanmelden delen toegang accepteren deelnemen",
    ),
    (
        flag::SECRETS_FOLLOW,
        "redefinir redefinirsenha senha recuperarsenha convite convidar ativar ativacao aceitar cancelarinscricao acessar partilhar",
    ),
    (
        flag::SECRETS_FOLLOW,
        "compartilhar cadastro zaproszenie zapros potwierdz potwierdzenie weryfikacja weryfikuj haslo resethasla resetujhaslo",
    ),
    (
        flag::SECRETS_FOLLOW,
        "aktywacja aktywuj wypisz zaloguj rejestracja udostepnij dolacz przywroc akceptuj inbjudan bjudin bekrafta bekraftelse",
    ),
    (
        flag::SECRETS_FOLLOW,
        "aterstall aterstallning losenord aktivera avregistrera delning logga acceptera nulstil nulstilling bekraeft bekraeftelse",
    ),
    (
        flag::SECRETS_FOLLOW,
        "invitasjon tilbakestill bekreft aktiver avmeld palauta vahvista kutsu aktivoi obnovit overit pozvanka potvrdit sifre dogrula",
    ),
    (flag::SECRETS_FOLLOW, "davet onayla visszaallitas meghivo megerosites resetare confirmare invitatie"),
    (flag::SHORT_VERSIONS, "v rev cv fw bv av pv sv"),
    // Before and after a change.
    (flag::FILLER, "from to before after previous prev"),
];
