//! Tables of kinds that are told by their shape: right ones of public registers or made with an implementation of its own,
//! and wrong ones, most of them right ones with one character changed.

use super::testing::{found, kinds};
use super::{crypto, letters, net, secret};
use crate::scrub::kind::Kind;

/// The text with the character at this place replaced by the next one of its class.
fn changed(text: &str, at: usize) -> String {
    let next = |own: char| match own {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        own if own.is_ascii_alphanumeric() => char::from(own as u8 + 1),
        own => own,
    };
    text.chars().enumerate().map(|(place, own)| if place == at { next(own) } else { own }).collect()
}

/// Examples of the SWIFT IBAN registry, one per country.
const ACCOUNTS: [&str; 44] = [
    "GB29NWBK60161331926819",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "ES9121000418450200051332",
    "IT60X0542811101000000123456",
    "BE68539007547034",
    "CH9300762011623852957",
    "AT611904300234573201",
    "DK5000400440116243",
    "SE4550000000058398257466",
    "NO9386011117947",
    "FI2112345600000785",
    "PL61109010140000071219812874",
    "PT50000201231234567890154",
    "IE29AIBK93115212345678",
    "LU280019400644750000",
    "CZ6508000000192000145399",
    "SK3112000000198742637541",
    "HU42117730161111101800000000",
    "RO49AAAA1B31007593840000",
    "BG80BNBG96611020345678",
    "GR1601101250000000012300695",
    "HR1210010051863000160",
    "SI56263300012039086",
    "EE382200221020145685",
    "LV80BANK0000435195001",
    "LT121000011101001000",
    "MT84MALT011000012345MTLCAST001S",
    "CY17002001280000001200527600",
    "IS140159260076545510730339",
    "LI21088100002324013AA",
    "MC5811222000010123456789030",
    "TR330006100519786457841326",
    "SA0380000000608010167519",
    "AE070331234567890123456",
    "IL620108000000099999999",
    "GE29NB0000000101904917",
    "KZ86125KZT5004100100",
    "BR1800360305000010009795493C1",
    "XK051212012345678906",
    "AD1200012030200359100100",
    "AL47212110090000000235698741",
    "BA391290079401028494",
];

#[test]
fn accounts_of_every_country_are_found_in_every_spelling() {
    for account in ACCOUNTS {
        let groups: Vec<&str> = account.as_bytes().chunks(4).map(|own| std::str::from_utf8(own).unwrap()).collect();
        for text in [account.to_owned(), groups.join(" "), groups.join("-"), account.to_lowercase()] {
            assert_eq!(kinds(&text, letters::find), [(text.as_str(), Kind::Iban)], "{text}");
            let sentence = format!("pay {text}, please");
            assert_eq!(kinds(&sentence, letters::find), [(text.as_str(), Kind::Iban)], "{sentence}");
        }
    }
}

#[test]
fn accounts_with_one_character_changed_are_none() {
    let is_account = |text: &str| kinds(text, letters::find).iter().any(|(_, kind)| *kind == Kind::Iban);
    for account in ACCOUNTS {
        for at in [2, 3, 9, account.len() - 1] {
            let wrong = changed(account, at);
            assert!(!is_account(&wrong), "{wrong}");
        }
    }
    for text in [
        "FR76WEEKEND2025",
        "DE89370400440532013",
        "DE893704004405320130001",
        "ATSOMMER25",
        "GB29SAVENOW2026",
        "US64SVBKUS6S3300958879",
        "DE00370400440532013000",
        "XX29NWBK60161331926819",
        "xDE89370400440532013000x",
    ] {
        assert!(!is_account(text), "{text}");
    }
}

/// Base58 and bech32 addresses of several networks, and Ethereum's.
const ADDRESSES: [&str; 35] = [
    "17LQj6xKe9pzouP97ARTAo99yTC5APEpbA",
    "1MFV45Hx8pCXhaEXQn8CPCTe8SE4nbfxMZ",
    "1Fdazy41H3jsZR1GHzQN7G9xMMbVufSpAc",
    "1BsPGmcmPQyZAVZ3HxQ8tcvCUFUKYY4qwA",
    "16RAcGaxgLFYnLZAGPiwxdAhAfzWLYtuLa",
    "113LksRgyJk5S16N5ULsdmv3LDyorfnbRK",
    "3849dsWsHpeo9Gv2z5LEnxivjL8cUhavdF",
    "3BbBBD71Nw5PqVRoVRzBbxETd9QPxeEHYV",
    "382w5KSje4PeNuqCHrqzKhzZeM2suktvh9",
    "38GM1ah7j3P2TdwxRUX9d352eXRZBrwZpd",
    "LUZBvDJCrdks624QzhexnqPeqyNmZv4gPf",
    "DMPLLvDPdVYqBUXcTogpwjMmZ3M18y9qv6",
    "TF53sHGhnawjfYdtTC8s31ZdrbZN6cgLHm",
    "TSy6116L9U84k3wx7ugm5AeSZwNKSsdE6i",
    "XguyTRXTcqr5dWaeNAx6pNFs6mBpDgZj7q",
    "bc1vcnph62fsy4nq4ynkn75t77trspkep6hcljlxlv",
    "bc1quztv80akksaxhjzm9d4hf439n5nt9fn7pza9rn",
    "bc12r9ez0ksa6frzl4dgg6x2mhfr6jfa2al5kkmd7w",
    "bc173j7ef8ctl4t9l3hykznh3lsj4tq7s53awa88eq",
    "bc1jkk3k6ktuh4f2vh7j9626n3pv2utwtz7w050vhk",
    "bc12rg85t7vz6akcyd0hqke368hznxj4jkg6qp870f",
    "bc16haf2c7vg9kqcx5f5cmmwlj7cc2snls6p5nljf7p8u0jzgeq7307z8w4ylv",
    "bc10l3fjjl78pgnj4jpakhgzqsaxvqmm7c7evjaynqmj7nf27l4fmrywpg2hsn",
    "bc139yp4myelr88w8gjuftt62ydzxcy3r8egqm95llkhrgjfjwsy0sjg3e5w55",
    "bc10hactgp49z98a0ca75xpcrfmw89ldgck0j4kccgkjmhzdteyxzztv3753ze",
    "ltc1vzl7kqm7nm5aaxvf2yhc7fs832j0z7zkh856a2z",
    "tb15rpa7f85ja02zvpw9ehntahjya20tdzm3s7yjzv",
    "0x35169b013c04407678f8940f8007fa73f4cc7dc7",
    "0x60766baea5d200691339752bc0bb810b345c8408",
    "0x4f02658cf6d6e5d55eca56fd152357d6ce3fd984",
    "0x43fdb090b5789a59dc6083f0da3c0418b0e76eb7",
    "0xe95d3b1282b6ab3cc73a17e6f0189ecde1acbc7d",
    "0xf0d08917ae688cefc9d2a4780450c30d3761cbae",
    "0xaba1533e4849eda46fccea0ccfc9567f2db1b665",
    "0x088e13c8c740650f9d3e430c00dd634195825bd5",
];

#[test]
fn addresses_of_wallets_are_found() {
    for address in ADDRESSES {
        assert_eq!(kinds(address, crypto::find), [(address, Kind::Crypto)], "{address}");
        let text = format!("send to {address}.");
        assert_eq!(found(&text, crypto::find), [address], "{text}");
    }
}

#[test]
fn addresses_of_wallets_with_one_character_changed_are_none() {
    for address in ADDRESSES.iter().filter(|own| !own.starts_with("0x")) {
        for at in [address.len() / 2, address.len() - 1] {
            let wrong = changed(address, at);
            assert_eq!(found(&wrong, crypto::find), Vec::<&str>::new(), "{wrong}");
        }
    }
    for address in ADDRESSES.iter().filter(|own| own.starts_with("0x")) {
        for wrong in [address[..41].to_owned(), format!("{address}0"), address.replace("0x", "0y"), changed(address, 0)]
        {
            assert_eq!(found(&wrong, crypto::find), Vec::<&str>::new(), "{wrong}");
        }
    }
}

/// Compact tokens with headers of several makers.
const TOKENS: [&str; 20] = [
    "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI2MTg3MDVlMDA5IiwiZXhwIjoxNzkwMDAwMDAwfQ.3hc880BlvPiLkcoxHUXsLRuy",
    "eyJraWQiOiJhMDI0MzAiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIyODQ5ZDUzYjE1IiwiZXhwIjoxNzkwMDAwMDAxfQ.IJBL7ZL1WlAVz3HKzpqkGzkW",
    "eyJraWQiOiJhNzc0MjkiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI1ODg2NGIxM2RiIiwiZXhwIjoxNzkwMDAwMDAyfQ.GJPqutOO4zYDnPyfTt50BPNw",
    "eyJraWQiOiI5MDU1NmMiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIzNjgyYTNjNDYwIiwiZXhwIjoxNzkwMDAwMDAzfQ.a4S2hY2BBqAyB_shD3TDuSkD",
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3MTZiZjE4ZDFkIiwiZXhwIjoxNzkwMDAwMDA0fQ.JO2CI4W4zE-Uf7R72TlvFqfH",
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5Yzc1M2IyMTg5IiwiZXhwIjoxNzkwMDAwMDA1fQ.b_f8FD1ru3jLda4-bv55spYV",
    "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIyY2Y3OWM0NjBmIiwiZXhwIjoxNzkwMDAwMDA2fQ.wPsefretWrPL0a8_Q8RLDB-0",
    "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImUwODZkMmNiMzg0OSJ9.eyJzdWIiOiIyMzE2YjJlMjE5IiwiZXhwIjoxNzkwMDAwMDA3fQ.UGpmEo7_qmt2IfvEr65dUD5h",
    "eyJraWQiOiI1NDMxNDkiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxY2JmYjhmMGMyIiwiZXhwIjoxNzkwMDAwMDA4fQ.bdGsIXpvIZOF6T8HHuEycbok",
    "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJmZjg3NWZiYTBjIiwiZXhwIjoxNzkwMDAwMDA5fQ.fFGAs_ridm2bpodEmgVGG-TP",
    "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxNDI4NzM0ZTJiIiwiZXhwIjoxNzkwMDAwMDEwfQ.ZhEoI_c6OUOrgWp_A48Hrb5S",
    "eyJraWQiOiIwZWRhOGEiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI4NTRjYTY4ZTA3IiwiZXhwIjoxNzkwMDAwMDExfQ.emwIB_RBJR_2H_YMvmIz-E8h",
    "eyJraWQiOiI0YzE3NDIiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MDcxNDEwNDNiIiwiZXhwIjoxNzkwMDAwMDEyfQ._ScGhzmazG0ULhUgsvvGXIAz",
    "eyJraWQiOiJiNmNkMjkiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI5ZDg3ODQ5ZWQzIiwiZXhwIjoxNzkwMDAwMDEzfQ.MCrFKda8Ebq0vKH73GJlGKZE",
    "eyJraWQiOiJlNTZjYTEiLCJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0YjU5ZGYyNDcyIiwiZXhwIjoxNzkwMDAwMDE0fQ.WE7Cw4T_Q_A5SD9viWt2y_Bt",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZmU4MDM3Njk4IiwiZXhwIjoxNzkwMDAwMDE1fQ.x78kbwst6SuENQFxQt1lDHrE",
    "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImQ1MWNiMWVmMWMyOSJ9.eyJzdWIiOiJkM2ZhM2JmODdkIiwiZXhwIjoxNzkwMDAwMDE2fQ.-HiUmALUaQCxG4MaWyN7IHPQ",
    "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI2MTM1NmEwOGU4IiwiZXhwIjoxNzkwMDAwMDE3fQ.Q6q1k4ADXzxV-mN7_Zl-tLzh",
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIyZTY3ZWM0NmQyIiwiZXhwIjoxNzkwMDAwMDE4fQ.sfx-MxtBoE0flPuPIQ8NhGNb",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0Yjc4NzFkMGZiIiwiZXhwIjoxNzkwMDAwMDE5fQ.N2rDqTT_F9cHDo7om7uO2eMP",
];

#[test]
fn tokens_of_several_makers_are_found_whole() {
    for token in TOKENS {
        assert_eq!(kinds(token, secret::find), [(token, Kind::Jwt)], "{token}");
        let text = format!("cookie: t={token}; path=/");
        assert_eq!(found(&text, secret::find), [token], "{text}");
    }
}

#[test]
fn tokens_without_a_header_are_none() {
    for token in TOKENS {
        let (header, rest) = token.split_once('.').unwrap();
        let signature = rest.split_once('.').unwrap().1;
        for wrong in [
            header.to_owned(),
            format!("{header}."),
            format!("{header} {signature}"),
            format!("X{header}.{signature}"),
            format!("{signature}.{signature}.{signature}"),
        ] {
            assert!(!kinds(&wrong, secret::find).iter().any(|(_, kind)| *kind == Kind::Jwt), "{wrong}");
        }
    }
}

/// Hardware addresses.
const HARDWARE: [&str; 40] = [
    "fd:cd:b2:49:49:7a",
    "fa:c3:13:30:56:cb",
    "32:90:66:a5:f4:f0",
    "2e:65:c0:05:35:5e",
    "c7:0b:a2:0d:9f:c4",
    "f3:cc:e6:1f:4b:d5",
    "b9:0a:69:91:92:27",
    "0d:2c:b6:d3:9d:07",
    "8c:78:24:13:2d:99",
    "b3:6a:f7:2f:3d:7a",
    "af:d8:c9:01:c7:c1",
    "5b:6a:a4:c5:a5:37",
    "BF:7F:33:6C:96:9C",
    "89:27:55:27:D3:5E",
    "73:20:D0:D5:76:D9",
    "F7:7D:9A:D6:8F:2B",
    "A9:5F:D7:0F:4C:3B",
    "97:5E:DE:61:A6:34",
    "A9:27:1F:F8:46:25",
    "A3:60:EF:C4:75:F4",
    "33:00:63:50:39:2F",
    "AB:4D:BC:35:E1:A5",
    "5D-34-BB-34-21-64",
    "69-A5-BF-58-EA-2A",
    "7D-CE-EE-C0-02-3C",
    "BF-43-01-FD-C3-AF",
    "24-FB-97-08-3B-F5",
    "B5-64-AF-C3-48-94",
    "FF-2D-38-97-D0-AC",
    "20-DD-19-70-D7-79",
    "8A-25-4A-8A-31-F4",
    "DD-5C-C5-7D-2F-E7",
    "b6-42-2a-02-48-b8",
    "08-0a-80-ea-c4-28",
    "1b-6f-63-e2-06-f1",
    "2b-8e-f0-0b-1b-51",
    "c9-de-12-6e-0c-d7",
    "d3-dd-c1-07-55-ad",
    "4b-9b-61-d8-27-bd",
    "6e-c9-d7-61-8a-47",
];

#[test]
fn hardware_addresses_are_found() {
    for address in HARDWARE {
        assert_eq!(kinds(address, net::find_colons), [(address, Kind::Mac)], "{address}");
        let text = format!("bssid {address} joined");
        assert_eq!(found(&text, net::find_colons), [address], "{text}");
    }
}

#[test]
fn hardware_addresses_with_a_part_more_or_less_are_none() {
    let is_hardware = |text: &str| kinds(text, net::find_colons).iter().any(|(_, kind)| *kind == Kind::Mac);
    for address in HARDWARE {
        let separator = &address[2..3];
        let other = if separator == ":" { "-" } else { ":" };
        for wrong in [
            address[..14].to_owned(),
            format!("{address}{separator}0a"),
            format!("{}g{}", &address[..4], &address[5..]),
            address.replacen(separator, other, 1),
            format!("x{address}"),
        ] {
            assert!(!is_hardware(&wrong), "{wrong}");
        }
    }
}

/// Labels of private keys (RFC 7468 and OpenSSH).
const LABELS: [&str; 8] = ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "ED25519 ", "ANY "];

#[test]
fn private_keys_are_found_in_every_layout() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw";
    for label in LABELS {
        let (head, foot) = (format!("-----BEGIN {label}PRIVATE KEY-----"), format!("-----END {label}PRIVATE KEY-----"));
        for key in [
            format!("{head}\n{body}\n{foot}"),
            format!("{head}{body}{foot}"),
            format!("{head} {body} {foot}"),
            format!("{head}\r\n{body}\r\n{body}\r\n{foot}"),
            format!("{head}\n{body}"),
        ] {
            assert_eq!(kinds(&key, secret::find_private_key), [(key.as_str(), Kind::PrivateKey)], "{key}");
        }
    }
}

#[test]
fn armour_of_other_things_is_none() {
    for label in [
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "CERTIFICATE",
        "CERTIFICATE REQUEST",
        "X509 CRL",
        "PKCS7",
        "CMS",
        "PGP MESSAGE",
        "PGP SIGNATURE",
        "PGP PUBLIC KEY BLOCK",
        "DH PARAMETERS",
        "EC PARAMETERS",
        "SSH2 PUBLIC KEY",
        "ATTRIBUTE CERTIFICATE",
        "TRUSTED CERTIFICATE",
        "NEW CERTIFICATE REQUEST",
        "AGE ENCRYPTED FILE",
        "OPENVPN STATIC",
        "SIGNATURE",
        "DATA",
    ] {
        for text in
            [format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----"), format!("-----BEGIN {label}-----")]
        {
            assert_eq!(found(&text, secret::find_private_key), Vec::<&str>::new(), "{text}");
        }
    }
}
