//! Tokens, keys, armour and home directories, and what only looks like them. All values are made up.

use super::*;
use crate::scrub::detect::testing::{found, kinds};

const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJtYXJpYSIsImlhdCI6MX0.c2lnbmF0dXJlc2lnbmF0dXJl";

#[test]
fn tokens_are_found_whole() {
    let encrypted = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4.XFBoMYUZodetZdvTiFvSkQ";
    for token in [
        JWT,
        encrypted,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0",
        "ewogICJhbGciOiAiSFMyNTYiCn0.eyJzdWIiOiIxIn0.c2ln",
        "eyAiYWxnIjogIkhTMjU2IiB9.eyJzdWIiOiIxIn0.c2ln",
    ] {
        assert_eq!(kinds(token, find), [(token, Kind::Jwt)], "{token}");
        let text = format!("Authorization: Bearer {token}, next");
        assert_eq!(kinds(&text, find), [(token, Kind::Jwt)]);
    }
    assert_eq!(found(&format!("{JWT}."), find), [JWT]);
    assert_eq!(found(&format!("t={JWT}&x=1"), find), [JWT]);
}

#[test]
fn what_only_looks_like_a_token_stays() {
    for text in [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJjb2xvciI6ICJyZWQifQ",
        "eyes.wide.shut",
        "e2e.tests.passed",
        "example.com.au.example",
        "ex-ample-of-hyphens.next.part",
        "eyelash-extensions-2024.html.gz",
        "ew0000000000.a.b",
        "exactly.what.it.says",
        "ez-pass-number.is.fine",
    ] {
        assert_eq!(found(text, find), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn keys_of_known_vendors_are_found() {
    // The values are put together here so that no scanner of repositories takes them for real ones.
    let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6";
    for Maker(prefix, _, _) in &MAKERS {
        let key = format!("{prefix}{body}");
        assert_eq!(kinds(&key, find), [(key.as_str(), Kind::ApiKey)], "{key}");
        let text = format!("config: {key}; end");
        assert_eq!(kinds(&text, find), [(key.as_str(), Kind::ApiKey)], "{text}");
    }
    let split = format!("{}.{}", "SG.EiBZ1MEMcDrVZnrMKcsh8Z", "IGzqaIYz9jCPZiKiqXuJK5bdQKOe1dokToHg6l0vkZr");
    assert_eq!(found(&split, find), [split.as_str()]);
    let amazon = format!("AKIA{}", "I4Q6CV54AWZ63P32");
    assert_eq!(found(&amazon, find), [amazon.as_str()]);
}

#[test]
fn public_keys_and_class_names_stay() {
    for text in [
        "phc_xSFaTDwXBibZUvSPNuSJAQor3SJc6vuEP2g6PK5vrpB",
        "sk-loading-button-primary-variant-large",
        "sk_live_",
        "ghp_short1",
        "AKIA",
        "npm_config_registry",
        "hf_transformers",
        "secret_santa_2024",
        "re_render_component_again",
        "pk_live_x",
        "key-value-store-of-the-application",
        "SG.jpg",
        "xoxb-",
        "AIza",
        "skeleton-loader-animation-wrapper-outer",
        "glpat-",
    ] {
        assert_eq!(found(text, find), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn private_keys_are_found() {
    let key = "-----BEGIN PRIVATE KEY-----\nGGijDAZx2ixdSwywGb3Vl6PKi8t0Ktg8jbj\n-----END PRIVATE KEY-----";
    for (text, expected) in [
        (key.to_owned(), key),
        (format!("pem: {key} ok"), key),
        (
            key.replace("PRIVATE", "RSA PRIVATE"),
            "-----BEGIN RSA PRIVATE KEY-----\nGGijDAZx2ixdSwywGb3Vl6PKi8t0Ktg8jbj\n-----END RSA PRIVATE KEY-----",
        ),
        ("x -----BEGIN EC PRIVATE KEY-----\nGGijDAZ".to_owned(), "-----BEGIN EC PRIVATE KEY-----\nGGijDAZ"),
        ("-----BEGIN OPENSSH PRIVATE KEY----- b3Blbn".to_owned(), "-----BEGIN OPENSSH PRIVATE KEY----- b3Blbn"),
    ] {
        assert_eq!(kinds(&text, find_private_key), [(expected, Kind::PrivateKey)]);
    }
    for text in [
        "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN ",
        "----- PRIVATE KEY -----",
    ] {
        assert_eq!(found(text, find_private_key), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn names_in_home_directories_are_found() {
    for (text, expected) in [
        ("/Users/ada/src/main.rs", "ada"),
        ("/home/ada.lovelace/x", "ada.lovelace"),
        ("C:\\Users\\ada_l\\reports\\q3.csv", "ada_l"),
        ("C:\\Users\\Ada Lovelace\\Desktop", "Ada Lovelace"),
        ("open '/Users/ada/x.py'", "ada"),
        ("file:///Users/ada/x.js", "ada"),
        ("C:/Users/ada/src/lib.py", "ada"),
        ("at /home/ada89/app/index.js:12:3", "ada89"),
        ("no such file: /home/ada", "ada"),
        ("c:\\\\Users\\\\ada\\\\x", "ada"),
        ("/mnt/c/Users/ada/x", "ada"),
        ("C:\\Users\\ada/src/lib/mailer.py", "ada"),
    ] {
        assert!(found(text, find_home).contains(&expected), "{text}: {:?}", found(text, find_home));
    }
    for text in [
        "/home/runner/work/app",
        "/Users/Shared/x",
        "C:\\Users\\Public\\x",
        "/home/ubuntu/app.js",
        "/home/",
        "/Users/",
        "/srv/app/src/x.py",
        "/usr/home",
        "users/ada",
        "/home/*/x",
        "C:\\Users\\%USERNAME%\\x",
        "/home/node/app/index.js",
        "/Users/<name>/x",
    ] {
        assert_eq!(found(text, find_home), Vec::<&str>::new(), "{text}");
    }
}
