//! What was found: one word per kind, the same in marks, metrics, `explain` and `audit`.

/// A kind of personal data or secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Payment card number.
    Card,
    /// Bank account number (ISO 13616).
    Iban,
    /// United States social security number.
    UsSsn,
    /// United Kingdom national insurance number.
    UkNino,
    /// United Kingdom NHS number.
    UkNhs,
    /// German tax identification number.
    DeTaxId,
    /// French social security number.
    FrNir,
    /// Brazilian CPF.
    BrCpf,
    /// Indian Aadhaar.
    InAadhaar,
    /// Indian permanent account number.
    InPan,
    /// Spanish DNI.
    EsDni,
    /// Spanish NIE.
    EsNie,
    /// Italian codice fiscale.
    ItCf,
    /// Dutch BSN.
    NlBsn,
    /// Polish PESEL.
    PlPesel,
    /// Swedish personnummer.
    SePnr,
    /// Finnish henkilötunnus.
    FiHetu,
    /// Canadian social insurance number.
    CaSin,
    /// Australian tax file number.
    AuTfn,
    /// Singaporean NRIC or FIN.
    SgNric,
    /// South Korean resident registration number.
    KrRrn,
    /// Turkish identity number.
    TrTckn,
    /// South African identity number.
    ZaId,
    /// Chinese resident identity number.
    CnRic,
    /// Swiss AHV number.
    ChAhv,
    /// Belgian national register number.
    BeNrn,
    /// Mexican CURP.
    MxCurp,
    /// A national or tax number whose country the key does not tell.
    NationalId,
    /// Passport or identity card number.
    Passport,
    /// Vehicle registration.
    Plate,
    /// Patient or medical record number.
    MedicalId,
    /// Mobile equipment identity.
    Imei,
    /// IP address.
    Ip,
    /// Hardware address.
    Mac,
    /// Cryptocurrency address.
    Crypto,
    /// JSON web token.
    Jwt,
    /// API key of a known vendor.
    ApiKey,
    /// Private key in PEM armour.
    PrivateKey,
    /// User and password in a URL.
    UrlUserinfo,
    /// User name in a home directory's path.
    HomePath,
    /// Reset, verification, invitation, bearer and other opaque tokens.
    Token,
    /// OAuth `code` and `state`.
    OauthCode,
    /// Session id of an application.
    SessionId,
    /// One-time password or PIN.
    Otp,
    /// Password.
    Password,
    /// Name of a person.
    Name,
    /// Login name.
    Username,
    /// Date of birth.
    Dob,
    /// Postal address.
    Address,
    /// Coordinates finer than about ten kilometres.
    Geo,
    /// Ad click id.
    ClickId,
    /// Something that the session says about this very person.
    Own,
    /// A key or path that the site's policy lists.
    Denied,
    /// A pattern of the site's policy.
    Custom,
    /// Text that was nested or encoded too deeply to be looked through.
    Unreadable,
}

impl Kind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 57] = [
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Iban,
        Self::UsSsn,
        Self::UkNino,
        Self::UkNhs,
        Self::DeTaxId,
        Self::FrNir,
        Self::BrCpf,
        Self::InAadhaar,
        Self::InPan,
        Self::EsDni,
        Self::EsNie,
        Self::ItCf,
        Self::NlBsn,
        Self::PlPesel,
        Self::SePnr,
        Self::FiHetu,
        Self::CaSin,
        Self::AuTfn,
        Self::SgNric,
        Self::KrRrn,
        Self::TrTckn,
        Self::ZaId,
        Self::CnRic,
        Self::ChAhv,
        Self::BeNrn,
        Self::MxCurp,
        Self::NationalId,
        Self::Passport,
        Self::Plate,
        Self::MedicalId,
        Self::Imei,
        Self::Ip,
        Self::Mac,
        Self::Crypto,
        Self::Jwt,
        Self::ApiKey,
        Self::PrivateKey,
        Self::UrlUserinfo,
        Self::HomePath,
        Self::Token,
        Self::OauthCode,
        Self::SessionId,
        Self::Otp,
        Self::Password,
        Self::Name,
        Self::Username,
        Self::Dob,
        Self::Address,
        Self::Geo,
        Self::ClickId,
        Self::Own,
        Self::Denied,
        Self::Custom,
        Self::Unreadable,
    ];

    /// The word used in metrics, `explain` and `audit`, and the mark that takes the value's place.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("email", "*email*"),
            Self::Phone => ("phone", "*phone*"),
            Self::Card => ("card", "*card*"),
            Self::Iban => ("iban", "*iban*"),
            Self::UsSsn => ("nat_us_ssn", "*id*"),
            Self::UkNino => ("nat_uk_nino", "*id*"),
            Self::UkNhs => ("nat_uk_nhs", "*id*"),
            Self::DeTaxId => ("nat_de_taxid", "*id*"),
            Self::FrNir => ("nat_fr_nir", "*id*"),
            Self::BrCpf => ("nat_br_cpf", "*id*"),
            Self::InAadhaar => ("nat_in_aadhaar", "*id*"),
            Self::InPan => ("nat_in_pan", "*id*"),
            Self::EsDni => ("nat_es_dni", "*id*"),
            Self::EsNie => ("nat_es_nie", "*id*"),
            Self::ItCf => ("nat_it_cf", "*id*"),
            Self::NlBsn => ("nat_nl_bsn", "*id*"),
            Self::PlPesel => ("nat_pl_pesel", "*id*"),
            Self::SePnr => ("nat_se_pnr", "*id*"),
            Self::FiHetu => ("nat_fi_hetu", "*id*"),
            Self::CaSin => ("nat_ca_sin", "*id*"),
            Self::AuTfn => ("nat_au_tfn", "*id*"),
            Self::SgNric => ("nat_sg_nric", "*id*"),
            Self::KrRrn => ("nat_kr_rrn", "*id*"),
            Self::TrTckn => ("nat_tr_tckn", "*id*"),
            Self::ZaId => ("nat_za_id", "*id*"),
            Self::CnRic => ("nat_cn_ric", "*id*"),
            Self::ChAhv => ("nat_ch_ahv", "*id*"),
            Self::BeNrn => ("nat_be_nrn", "*id*"),
            Self::MxCurp => ("nat_mx_curp", "*id*"),
            Self::NationalId => ("national_id", "*id*"),
            Self::Passport => ("passport", "*id*"),
            Self::Plate => ("plate", "*id*"),
            Self::MedicalId => ("medical_id", "*id*"),
            Self::Imei => ("imei", "*id*"),
            Self::Ip => ("ip", "*ip*"),
            Self::Mac => ("mac", "*mac*"),
            Self::Crypto => ("crypto", "*crypto*"),
            Self::Jwt => ("jwt", "*token*"),
            Self::ApiKey => ("api_key", "*key*"),
            Self::PrivateKey => ("private_key", "*key*"),
            Self::UrlUserinfo => ("url_userinfo", "*user*"),
            Self::HomePath => ("home_path", "*user*"),
            Self::Token => ("token", "*token*"),
            Self::OauthCode => ("oauth_code", "*token*"),
            Self::SessionId => ("session_id", "*token*"),
            Self::Otp => ("otp", "*code*"),
            Self::Password => ("password", "*secret*"),
            Self::Name => ("name", "*name*"),
            Self::Username => ("username", "*user*"),
            Self::Dob => ("dob", "*date*"),
            Self::Address => ("address", "*place*"),
            Self::Geo => ("geo", "*geo*"),
            Self::ClickId => ("click_id", "*click*"),
            Self::Own => ("own", "*own*"),
            Self::Denied => ("denied", "*x*"),
            Self::Custom => ("custom", "*x*"),
            Self::Unreadable => ("unreadable", "*x*"),
        }
    }

    /// The word used as metric label, log field and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.words().0
    }

    /// What takes the place of a value of this kind that is `room` bytes long: never longer than the value, so that no
    /// limit of a vendor is exceeded, and made of letters and `*` alone, so that it needs no escaping in
    /// JSON, URL or HTML.
    #[must_use]
    pub const fn mark(self, room: usize) -> &'static str {
        let mark = self.words().1;
        match room {
            0 => "",
            _ if mark.len() <= room => mark,
            _ => "*",
        }
    }
}

/// True for text that consists of a mark, as left by an earlier scrub.
pub(crate) fn is_mark(text: &str) -> bool {
    let inner = text.strip_prefix('*').map(|rest| rest.strip_suffix('*').unwrap_or(rest));
    // Marks have letters; hashes have letters and some digits, and are between two stars.
    inner.is_some_and(|word| match word.len() {
        0..=8 => word.bytes().all(|byte| byte.is_ascii_lowercase()) || (word.len() == 8 && is_hash(text)),
        _ => is_hash(text),
    })
}

/// True for a keyed hash as the site's policy puts it in the place of a value.
fn is_hash(text: &str) -> bool {
    let inner = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')).unwrap_or_default();
    (8..=16).contains(&inner.len()) && inner.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_listed_once_in_order() {
        for (position, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, position, "{}", kind.word());
        }
    }

    #[test]
    fn words_are_unique() {
        let words: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), Kind::ALL.len());
    }

    #[test]
    fn marks_are_recognised_and_never_longer_than_their_room() {
        for kind in Kind::ALL {
            for room in 0..12 {
                let mark = kind.mark(room);
                assert!(mark.len() <= room, "{} in {room}", kind.word());
                assert!(room == 0 || is_mark(mark), "{mark}");
            }
        }
    }

    #[test]
    fn ordinary_text_is_no_mark() {
        for text in ["", "email", "*Email*", "*two words*", "a*b*", "*a-b*", "*averyveryverylongword*"] {
            assert!(!is_mark(text), "{text}");
        }
    }
}
