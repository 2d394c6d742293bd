//! Which words of a key say that the value is personal, by kind and language.
//!
//! A line is one list; words are folded as in [`words`](super::words) and written without separators: `first_name`,
//! `firstName` and `first name` all meet `firstname`. A `~` marks a word that convinces only together with a fitting
//! value (`pin`, `pass`), a `=` one that counts only when the key writes it as one word (`screenname` is a login,
//! `screen_name` the name of a screen), and a `+` one that also counts at the end of a longer word (`kundentelefonnummer`), a `^` one that also counts at its beginning (`ASPSESSIONIDQACC`).

use crate::scrub::kind::Kind;

/// Kind and words.
pub(super) static KINDS: &[(Kind, &str)] = &[
    // E-mail: found by shape; listed so that `email_address` is no postal address.
    (Kind::Email, "+email mail emailaddress emailaddr mailaddress mailaddr emailid useremail emails mailto eaddress"),
    (
        Kind::Email,
        "emailadresse mailadresse correo correoelectronico courriel adresseemail adressemail adresseelectronique",
    ),
    (
        Kind::Email,
        "epost epostadress epostadresse postaelettronica indirizzoemail correio sahkoposti emailadres adresemail eposta",
    ),
    // Phone
    (
        Kind::Phone,
        "+phone +phonenumber phoneno phonenr phonenum telephone telephonenumber telno telnr telnumber tel phones",
    ),
    (
        Kind::Phone,
        "mobile mobilephone mobilenumber mobileno mobilenr cell cellphone cellnumber cellular msisdn whatsapp",
    ),
    (
        Kind::Phone,
        "whatsappnumber fax faxnumber faxno smsnumber callbacknumber contactnumber contactno landline callerid ani dialed",
    ),
    (
        Kind::Phone,
        "+telefon +telefonnummer telefonnr +rufnummer handy +handynummer handynr mobil +mobilnummer mobilnr mobilfunk",
    ),
    (Kind::Phone, "mobilfunknummer mobiltelefon festnetz festnetznummer telefax faxnummer durchwahl"),
    (
        Kind::Phone,
        "+telephone numerotelephone numtelephone numtel numerotel portable telportable numeroportable telephoneportable fixe",
    ),
    (
        Kind::Phone,
        "+telefono telefonos numerotelefono movil telefonomovil numeromovil celular numerocelular telefonocelular telefonofijo",
    ),
    (Kind::Phone, "cellulare numerocellulare recapito recapitotelefonico telefonocellulare"),
    (Kind::Phone, "telefoon +telefoonnummer telefoonnr mobiel mobielnummer gsm gsmnummer"),
    (Kind::Phone, "telefone telemovel numerotelefone numerocelular telefonecelular"),
    (
        Kind::Phone,
        "numertelefonu nrtelefonu komorka telefonkomorkowy tlf tlfnr tlfnummer mobilnummer puhelin puhelinnumero matkapuhelin",
    ),
    (
        Kind::Phone,
        "telefonnicislo telefonszam mobilszam telefonno ceptelefonu numartelefon telepon nomorhp nohp denwa denwabango",
    ),
    (
        Kind::Phone,
        "телефон номертелефона +电话 +电话号码 +手机 +手机号 +手机号码 +電話 +電話番号 +전화번호 휴대폰 +연락처 phno phnum mobno",
    ),
    // Passwords
    (
        Kind::Password,
        "+password passwd +passphrase pwd userpwd ~pass ~pw userpass pswd psw newpassword oldpassword currentpassword",
    ),
    (
        Kind::Password,
        "confirmpassword passwordconfirm passwordconfirmation repeatpassword masterpassword secretanswer securityanswer",
    ),
    (
        Kind::Password,
        "+passwort +kennwort +losungswort motpasse motdepasse +motpasse mdp contrasena contrasenya ~clave paroladordine",
    ),
    (
        Kind::Password,
        "+wachtwoord paswoord +senha palavrapasse +haslo +losenord adgangskode kodeord passord salasana heslo jelszo",
    ),
    (Kind::Password, "~sifre ~parola katasandi пароль +密码 +密碼 +パスワード +비밀번호"),
    // Tokens and secrets
    (
        Kind::Token,
        "+token +accesstoken +refreshtoken authtoken idtoken csrf csrftoken xsrf xsrftoken csrfmiddlewaretoken authenticitytoken",
    ),
    (
        Kind::Token,
        "requestverificationtoken resettoken invitetoken invitationtoken confirmationtoken verificationtoken magiclink",
    ),
    (
        Kind::Token,
        "activationkey remembertoken forgottoken oobcode actioncode idtokenhint logintokenhint unsubscribetoken ott bearer authorization proxyauthorization ~auth authkey authheader authhash",
    ),
    (
        Kind::Token,
        "sig signature hmac +secret clientsecret appsecret sharedsecret consumersecret webhooksecret apisecret +secretkey",
    ),
    (
        Kind::Token,
        "accesskey accesskeyid secretaccesskey privatekey encryptionkey signingkey credential credentials assertion",
    ),
    (
        Kind::Token,
        "clientassertion samlresponse samlrequest saml ~ticket ~nonce codeverifier codechallenge pat devicetoken pushtoken",
    ),
    (
        Kind::Token,
        "resetkey resethash verifykey verifyhash confirmkey confirmhash invitekey invitehash loginkey loginhash loginlink",
    ),
    (
        Kind::Token,
        "resetlink verificationlink confirmationlink invitelink invitationlink magickey onetimelink ~invitation ~invite ~verify",
    ),
    (
        Kind::Token,
        "~reset ~confirm ~confirmation ~activation ~magic ~unsubscribe ~verifier ~activate ~verification ~key ~hash ~t ~k ~tk ~tok",
    ),
    (
        Kind::Token,
        "jeton +jetonacces cleacces clesecrete ~cle ~schlussel ~schluessel zugangsschlussel zugriffstoken sicherheitstoken geheimnis",
    ),
    (Kind::Token, "einladungstoken bestatigungstoken signatur signatura claveacceso secreto gettone segreto sleutel"),
    (
        Kind::Token,
        "~geheim chave chaveacesso segredo klucz sekret nyckel hemlighet nokkel assinatura podpis handtekening",
    ),
    (Kind::Jwt, "+jwt jsonwebtoken jwttoken jws jwe"),
    (
        Kind::ApiKey,
        "+apikey apitoken xapikey apisecretkey ~appkey servicekey licensekey licencekey subscriptionkey writekey serverkey",
    ),
    (Kind::ApiKey, "cleapi schlusselapi claveapi chiaveapi apisleutel chaveapi kluczapi apinyckel"),
    // Sessions
    (
        Kind::SessionId,
        "~session +sessionid sessid +sessionkey sessiontoken sid sessionhash ^phpsessid ^jsessionid ^aspsessionid aspnetsessionid",
    ),
    (
        Kind::SessionId,
        "connectsid cfid cftoken laravelsession cisession usersession websession sessioncookie ~cookie cookies authcookie",
    ),
    (
        Kind::SessionId,
        "sitzungsid sitzung idsession sesionid idsesion sesion sessioneid idsessione sessieid sessaoid idsessao sesjaid idsesji",
    ),
    (Kind::SessionId, "sesstoken sessionsid sessionskennung"),
    // One-time codes
    (
        Kind::Otp,
        "+otp otpcode totp totpcode ~mfa mfacode 2fa 2facode 2fatoken ~pin pinnumber smscode verificationcode verifycode",
    ),
    (
        Kind::Otp,
        "confirmationcode confirmcode securitycode accesscode logincode authenticationcode authcode onetimecode onetimepassword",
    ),
    (
        Kind::Otp,
        "onetimepin onetimepasscode passcode twofactorcode ~twofactor backupcode recoverycode resetcode cvv cvc csc cvn ~tan smstan",
    ),
    (
        Kind::Otp,
        "activationcode unlockcode puk signincode validationcode cardcode emailcode phonecode signupcode invitationcode",
    ),
    (
        Kind::Otp,
        "+bestatigungscode +bestaetigungscode +sicherheitscode verifizierungscode einmalcode einmalpasswort einmalkennwort prufcode",
    ),
    (
        Kind::Otp,
        "codeverification codeconfirmation codesecurite codesms codeacces codeunique codevalidation codeusageunique codeactivation",
    ),
    (Kind::Otp, "codigoverificacion codigoseguridad codigosms codigoconfirmacion codigoacceso codigounico"),
    (Kind::Otp, "codiceverifica codicesicurezza codiceconferma codicesms codiceaccesso codiceotp"),
    (
        Kind::Otp,
        "verificatiecode bevestigingscode beveiligingscode toegangscode eenmaligecode codigoverificacao codigoseguranca",
    ),
    (
        Kind::Otp,
        "codigoconfirmacao codigoacesso kodweryfikacyjny kodsms kodpin koddostepu kodpotwierdzajacy verifieringskod sakerhetskod",
    ),
    (
        Kind::Otp,
        "engangskod engangskode bekraftelsekod bekraeftelseskode sikkerhedskode vahvistuskoodi overovacikod dogrulamakodu",
    ),
    // Dates of birth
    (
        Kind::Dob,
        "dob datebirth dateofbirth +birthdate +birthday birthdt bdate ~birth ~born bornon birthyear yearbirth birthmonth birthdaydate",
    ),
    (
        Kind::Dob,
        "+geburtsdatum +geburtstag gebdatum gebdat ~geb geburtsjahr datenaissance ~naissance neele anneenaissance dnaissance",
    ),
    (
        Kind::Dob,
        "fechanacimiento ~nacimiento fnac fnacimiento fechanac datanascita ~nascita annonascita datanascimento nascimento",
    ),
    (
        Kind::Dob,
        "datanasc dtnasc dtnascimento +geboortedatum geboren dataurodzenia ~urodzenia rokurodzenia fodelsedatum fodelsedag",
    ),
    (
        Kind::Dob,
        "fodelsedato fodselsdato ~fodt syntymaaika datumnarozeni szuletesidatum szuldatum dogumtarihi datanasterii датарождения",
    ),
    (Kind::Dob, "生日 +出生日期 +生年月日 +생년월일 tanggallahir"),
    // Addresses
    (
        Kind::Address,
        "+address +streetaddress homeaddress postaladdress mailingaddress billingaddress shippingaddress deliveryaddress",
    ),
    (
        Kind::Address,
        "addressline addressfull fulladdress addr addrline street streetname streetline streetno housenumber housenr houseno",
    ),
    (Kind::Address, "housename apartment ~apt ~flat ~suite residence pobox"),
    (
        Kind::Address,
        "+adresse +anschrift +strasse strassenname hausnummer hausnr wohnadresse lieferadresse rechnungsadresse postanschrift",
    ),
    (Kind::Address, "rue nomrue numerorue ~voie libellevoie adressepostale adresselivraison adressefacturation"),
    (Kind::Address, "+direccion domicilio calle nombrecalle direccionenvio direccionfacturacion direccionpostal"),
    (
        Kind::Address,
        "+indirizzo ~via residenza indirizzospedizione indirizzofatturazione indirizzoresidenza numerocivico",
    ),
    (Kind::Address, "+adres straat straatnaam huisnummer woonadres bezorgadres factuuradres postadres"),
    (Kind::Address, "+endereco +morada rua logradouro enderecoentrega enderecocobranca nomerua"),
    (
        Kind::Address,
        "ulica nrdomu numerdomu adreszamieszkania adresdostawy +adress gata gatuadress gatunamn hemadress postadress leveransadress",
    ),
    (
        Kind::Address,
        "gade vejnavn gateadresse adressefelt osoite katuosoite adresa ulice lakcim utca ~cim sokak adresa strada alamat адрес улица",
    ),
    (Kind::Address, "+地址 +住所 +주소 jusho"),
    // Coordinates
    (
        Kind::Geo,
        "lat latitude lng lon ~long longitude latlng latlon latlong lnglat lonlat longlat coords coord coordinates coordinate geo",
    ),
    (
        Kind::Geo,
        "geolocation geoloc geopoint geoposition gps gpslat gpslng gpslon gpscoords gpsposition ~ll ~loc ~location ~position ~center",
    ),
    (
        Kind::Geo,
        "~point ~where ~here ~near breitengrad langengrad laengengrad koordinaten geokoordinaten ~standort latitud longitud coordenadas",
    ),
    (
        Kind::Geo,
        "~ubicacion latitudine longitudine coordinate ~posizione breedtegraad lengtegraad coordinaten ~locatie coordonnees",
    ),
    (
        Kind::Geo,
        "szerokosc dlugosc szerokoscgeograficzna dlugoscgeograficzna wspolrzedne breddgrad langdgrad koordinater leveysaste",
    ),
    // Vehicles
    (
        Kind::Plate,
        "plate licenseplate licenceplate numberplate platenumber plateno vehicleplate registrationplate vehicleregistration vrm vrn",
    ),
    (Kind::Plate, "carplate carregistration ~regnumber ~reg vehiclereg carreg licenseplatenumber vin vinnumber"),
    (
        Kind::Plate,
        "+kennzeichen kfzkennzeichen nummernschild autokennzeichen plaque plaqueimmatriculation immatriculation numeroimmatriculation",
    ),
    (
        Kind::Plate,
        "matricula ~placa placavehiculo ~patente targa numerotarga kenteken kentekenplaat ~matriculaviatura placaveiculo",
    ),
    (
        Kind::Plate,
        "tablicarejestracyjna nrrejestracyjny numerrejestracyjny registreringsnummer regnr regskylt nummerplade nummerskilt",
    ),
    (Kind::Plate, "rekisterinumero spz rendszam plaka numarinmatriculare госномер +车牌 +车牌号 +车牌号码 ^chepai"),
    // Devices and networks
    (Kind::Imei, "imei imeinumber imeino deviceimei meid imsi iccid simserial"),
    (
        Kind::Ip,
        "ip ipaddress ipaddr clientip remoteip remoteaddr userip sourceip srcip visitorip xforwardedfor forwardedfor xrealip",
    ),
    (Kind::Ip, "ipadresse adresseip direccionip indirizzoip ipadres adresip enderecoip ipv ipadress"),
    (
        Kind::Mac,
        "mac macaddress macaddr hwaddr devicemac wifimac bssid hardwareaddress macadresse adressemac direccionmac macadres",
    ),
    (
        Kind::Crypto,
        "wallet walletaddress btcaddress bitcoinaddress ethaddress ethereumaddress cryptoaddress addressbtc addresseth btc",
    ),
    (
        Kind::Crypto,
        "cryptowallet bitcoinwallet btcwallet ethwallet payoutaddress depositaddress withdrawaladdress wallets",
    ),
    // Addresses that are no place.
    (
        Kind::ClickId,
        "gclid gbraid wbraid dclid gclsrc fbclid fbc fbp msclkid twclid lifatid igshid igsh ttclid rdtcid epik qclid scclid sccid",
    ),
    (
        Kind::ClickId,
        "irclid kx oppref bfcid yclid ymclid gacid wickedid vmcid mceid hsenc hsmi hsctatracking ga gl gid clickid",
    ),
];
