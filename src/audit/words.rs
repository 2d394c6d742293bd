//! The kinds of findings in words for people.

/// One and many of a kind. Kinds that a reader need not tell apart share their words.
#[must_use]
pub fn words(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "email" => ("e-mail address", "e-mail addresses"),
        "phone" => ("phone number", "phone numbers"),
        "card" => ("payment card number", "payment card numbers"),
        "iban" => ("bank account number", "bank account numbers"),
        "passport" => ("passport number", "passport numbers"),
        "plate" => ("number plate", "number plates"),
        "medical_id" => ("patient number", "patient numbers"),
        "imei" | "mac" => ("device number", "device numbers"),
        "ip" => ("IP address", "IP addresses"),
        "crypto" => ("wallet address", "wallet addresses"),
        "jwt" | "session_id" => ("session token", "session tokens"),
        "api_key" | "private_key" => ("API or private key", "API and private keys"),
        "url_userinfo" | "password" => ("password", "passwords"),
        "home_path" | "username" => ("user name", "user names"),
        "token" => ("reset or other token", "reset and other tokens"),
        "oauth_code" => ("OAuth code", "OAuth codes"),
        "otp" => ("one-time code", "one-time codes"),
        "name" => ("name of a person", "names of people"),
        "dob" => ("date of birth", "dates of birth"),
        "address" => ("postal address", "postal addresses"),
        "geo" => ("exact location", "exact locations"),
        "click_id" => ("ad click id", "ad click ids"),
        "account_id" => ("account id of yours", "account ids of yours"),
        "unreadable" => ("text nested too deeply to read", "texts nested too deeply to read"),
        "national_id" => NATIONAL,
        _ if kind.starts_with("nat_") => NATIONAL,
        _ => ("other private detail", "other private details"),
    }
}

const NATIONAL: (&str, &str) = ("national id number", "national id numbers");

/// A count with its words: `1 token`, `12 tokens`.
#[must_use]
pub fn counted(count: usize, (one, many): (&str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
