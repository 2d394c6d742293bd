use super::super::report::{CookieCount, Finding};
use super::*;

fn plainly(_: Tone, text: &str) -> String {
    text.to_owned()
}

fn painted(_: Tone, text: &str) -> String {
    format!("\u{1b}[1m{text}\u{1b}[0m")
}

fn report() -> Report {
    let finding = |kind, today, places: &[(Place, usize)]| Finding {
        kind,
        today,
        left: 0,
        places: places.iter().copied().collect(),
    };
    Report {
        requests: 2140,
        analytics: 941,
        destinations: vec![
            Destination {
                vendor: "Plausible",
                host: "shop.example".into(),
                own_host: true,
                events: 900,
                assets: 3,
                ..Destination::default()
            },
            Destination {
                vendor: "PostHog",
                host: "eu.i.posthog.com".into(),
                events: 37,
                flags: 2,
                unread: 4,
                ..Destination::default()
            },
        ],
        findings: vec![
            finding("nat_us_ssn", 1, &[(Place::Props, 1)]),
            finding("email", 41, &[(Place::PageUrl, 30), (Place::RefererHeader, 11)]),
            finding("token", 3, &[(Place::PageUrl, 3)]),
            finding("nat_es_dni", 1, &[(Place::Props, 1)]),
        ],
        cookies: vec![
            CookieCount { name: "sid".into(), times: 900, session: true },
            CookieCount { name: "theme".into(), times: 900, session: false },
        ],
        referers: 938,
        ..Report::default()
    }
}

#[test]
fn the_first_lines_say_it_all() {
    let text = table(&report(), "site.har", &plainly);
    assert!(text.starts_with("site.har: 2140 requests, 941 of them to analytics\n"), "{text}");
    let flowing = text.replace('\n', " ");
    assert!(
        flowing.contains("What goes there today: 41 e-mail addresses, 3 reset and other tokens, 2 national id numbers, your session cookie sid 900 times "),
        "{text}"
    );
    let rows: Vec<&str> =
        text.lines().skip_while(|line| !line.trim_start().starts_with("e-mail addresses")).take(2).collect();
    assert_eq!(
        rows.join(" ").split_whitespace().collect::<Vec<_>>().join(" "),
        "e-mail addresses 41 0 Referer header 11 page address 30",
        "a long list of places goes on below"
    );
}

#[test]
fn it_fits_a_terminal() {
    for line in table(&report(), "site.har", &plainly).lines() {
        assert!(line.chars().count() < 80, "{line}");
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let (plain, coloured) = (table(&report(), "site.har", &plainly), table(&report(), "site.har", &painted));
    assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
    let mut pieces = coloured.split("\u{1b}[");
    let mut stripped = pieces.next().unwrap().to_owned();
    pieces.for_each(|piece| stripped.push_str(piece.split_once('m').unwrap().1));
    assert_eq!(stripped, plain, "columns stand where they stood");
}

#[test]
fn a_file_without_analytics_says_what_to_do() {
    let text = table(&Report { requests: 5, ..Report::default() }, "site.har", &plainly);
    assert!(text.replace('\n', " ").contains("Record it with the network panel open"), "{text}");
}
