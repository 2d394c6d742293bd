//! Keys of many make and what they say.

use super::*;

fn kind(key: &str) -> Option<Kind> {
    read(key).kind
}

#[test]
fn sensitive_keys_are_known_in_every_spelling() {
    for (expected, keys) in [
        (Kind::Email, "email user_email billingEmail EMAIL_ADDRESS e-mail $initial_email contact.email emailAdresse"),
        (
            Kind::Phone,
            "phone phone_number phoneNumber mobile tel user_phone contact_phone_2 Telefonnummer kundenTelefonnummer numero_de_telephone celular numer_telefonu",
        ),
        (
            Kind::Password,
            "password userPassword new_password passwd pwd passwort mot_de_passe contraseña wachtwoord hasło senha lösenord",
        ),
        (
            Kind::Token,
            "token access_token resetToken csrf_token x-csrf-token invite_token auth_token sig client_secret",
        ),
        (Kind::ApiKey, "api_key apiKey X-API-Key"),
        (Kind::SessionId, "session_id sessionId PHPSESSID JSESSIONID sid connect.sid"),
        (Kind::Otp, "otp verification_code sms_code 2fa_code one_time_password bestätigungscode código_verificación"),
        (
            Kind::Dob,
            "dob date_of_birth birthDate birthday geburtsdatum fecha_nacimiento date_de_naissance data_di_nascita data_nascimento data_urodzenia födelsedatum geboortedatum",
        ),
        (
            Kind::Address,
            "address street address_line1 shippingAddress strasse adresse dirección indirizzo endereço ulica gatuadress",
        ),
        (
            Kind::Name,
            "first_name lastName full_name customer_name vorname nachname prénom apellidos cognome voornaam sobrenome imię nazwisko förnamn $set.name",
        ),
        (Kind::Username, "username user_name login_name screenname benutzername"),
        (Kind::Plate, "plate license_plate kennzeichen kenteken targa matricula"),
        (Kind::Passport, "passport passport_no passportNumber reisepass pasaporte paszport"),
        (Kind::MedicalId, "mrn patient_id patientennummer"),
        (Kind::Imei, "imei device_imei"),
        (Kind::UsSsn, "ssn social_security_number"),
        (Kind::FrNir, "nir numero_secu numéro_de_sécurité_sociale"),
        (Kind::Ip, "ip client_ip remote_addr ip_address"),
        (Kind::Geo, "lat lng latitude geo.longitude coords"),
        (Kind::Card, "card_number cc ccnum kartennummer"),
        (Kind::Iban, "iban kontonummer"),
    ] {
        for key in keys.split_ascii_whitespace() {
            assert_eq!(kind(key), Some(expected), "{key}");
        }
    }
}

#[test]
fn benign_keys_say_nothing() {
    for key in "token_count password_length auth_method compass_mode is_authenticated token_type max_tokens phone_model phone_lines \
                email_campaign email_count email_verified session_type has_phone passwordless passport_required product_name plan_name \
                file_name screen_name event_name country_name brand_name bypass_reason passenger_count session_duration \
                address_count name_length pin_enabled card_type otp_enabled otp_method address_type company_name \
                password_strength keyboard_layout password_reset_required hostname pathname tag_name"
        .split_ascii_whitespace()
    {
        assert_eq!(kind(key), None, "{key}");
    }
}

#[test]
fn keys_of_further_languages_and_frameworks_are_known() {
    for (expected, keys) in [
        (Kind::Username, "preferred_username uniqueName pouzivatelske_meno yonghuming اسم_المستخدم"),
        (Kind::Dob, "d-o-b d_o_b D.O.B. chusheng_riqi tanjobi sünniaeg תאריך_לידה"),
        (Kind::Plate, "nomernyi_znak derzhavnyi_nomer gos_nomer registarska_oznaka chepaihao 차량번호 nomor_polisi"),
        (Kind::MedicalId, "nomer_patsiienta nomer_patsienta broj_kartona medychna_kartka kanja_bango 住院号"),
        (Kind::Name, "pib fio П.І.Б. familiya_imya ime_i_prezime xingming 联系人姓名 收货人 imia_klienta שם_מלא"),
        (Kind::Phone, "shoujihao dianhua_haoma 联系电话 mobail_number ph_no رقم_الهاتف"),
        (Kind::Password, "parola şifre 登录密码 nova_sifra kodikos_prosvasis סיסמה"),
        (Kind::Otp, "yanzhengma injeung_beonho msimbo_wa_uthibitisho קוד_אימות رمز_التحقق"),
        (Kind::Address, "收货地址 dizhi tirahan ulitsa العنوان shipping_line1 billing.line_2"),
        (Kind::Token, "oobCode actionCode id_token_hint token_hash"),
        (Kind::Phone, "phone_field next_of_kin_phone order_phone"),
        (Kind::Name, "ship_to_name karteninhaber_name nom_sur_la_carte navn_pa_kort payer_name"),
        (Kind::ItCf, "italian_tax_code fiscal_code"),
    ] {
        for key in keys.split_ascii_whitespace() {
            assert_eq!(kind(key), Some(expected), "{key}");
        }
    }
}

#[test]
fn what_is_counted_timed_or_hashed_is_no_secret() {
    for key in
        "otp_retries pin_tries password_age password_age_days mfa_timeouts token_refreshes otp_delay \
                content_hash fileHash asset_hash commit_hash cache_key parola_chiave password_field phone_id password_changes line1 headline1"
            .split_ascii_whitespace()
    {
        assert_eq!(kind(key), None, "{key}");
    }
}

#[test]
fn a_name_needs_a_person_or_a_value() {
    assert!(read("name").has(flag::WEAK));
    assert!(!read("user_name").has(flag::WEAK));
    assert!(!read("contact name").has(flag::WEAK));
}

#[test]
fn things_with_numbers_are_quiet() {
    for key in "tracking_number parcel_no waybill ean gtin isbn sku serial order_id orderNumber invoice_no batch Sendungsnummer numero_commande \
                track_and_trace tracknr delivery_note nr_przesylki sendungsverfolgung booking_ref 快递单号"
        .split_ascii_whitespace()
    {
        assert!(read(key).has(flag::NUMBERS) && kind(key).is_none(), "{key}");
    }
    for key in "version app_version firmware driver build $lib_version v cv fw".split_ascii_whitespace() {
        assert!(read(key).has(flag::VERSIONS | flag::SHORT_VERSIONS), "{key}");
    }
    assert!(read("utm_campaign").has(flag::ATTRIBUTION));
    assert!(read("$initial_utm_source").has(flag::ATTRIBUTION));
}
