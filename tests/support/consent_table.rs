//! The rules of consent as a table, written for the test alone: nothing in here comes from the program.
//!
//! Levels are 0 (off), 1 (local), 2 (anonymised) and 3 (full). A verdict is a letter: `y`, `n`, or `?`.

/// A site's configuration.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) first_known: bool,
    pub(crate) gpc: &'static str,
    pub(crate) dnt: &'static str,
    pub(crate) default: &'static str,
    pub(crate) legal_basis: bool,
    pub(crate) granted_level: usize,
    pub(crate) sensitive_level: usize,
    pub(crate) covers_account: bool,
    pub(crate) do_not_track: bool,
    pub(crate) store_open: bool,
    pub(crate) denied: usize,
    pub(crate) unknown: usize,
    pub(crate) ceiling: usize,
    pub(crate) sources: Vec<(SourceKind, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SourceKind {
    ClaimA,
    ClaimB,
    Store,
    List,
    Words,
    Levels,
}

/// A request, and what the world holds about its person.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) user: Option<usize>,
    pub(crate) snapshot: bool,
    pub(crate) claims: String,
    pub(crate) store: StoreState,
    pub(crate) invalidated: Option<i64>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) cookies: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum StoreState {
    Missing,
    Failing,
    Holding { choice: Option<&'static str>, decided: i64, epoch: u32, invalidated: Option<i64> },
}

#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) level: usize,
    pub(crate) identity: bool,
}

/// What one source says.
#[derive(Clone, Copy)]
struct Said {
    verdict: char,
    level: usize,
    kind: SourceKind,
    required: bool,
    /// It broke, as opposed to having nothing to say.
    broken: bool,
    /// It is a back end and failed.
    failed: bool,
    on_deny_list: bool,
}

/// Configurations that must not start: identified by default without a legal basis, or identified after a refusal.
pub(crate) fn is_refused(site: &Site) -> bool {
    site.denied == 3 || (!site.legal_basis && (site.unknown == 3 || site.default == "granted"))
}

/// What leaves for one request.
pub(crate) fn decide(site: &Site, request: &Request, now: i64) -> Expected {
    let account = request.user.is_some();
    let mut said = site.sources.iter().map(|(kind, required)| ask(*kind, *required, site, request)).collect::<Vec<_>>();
    // A store that some other site opened still speaks up against somebody.
    if site.store_open && !site.sources.iter().any(|(kind, _)| *kind == SourceKind::Store) {
        let mut store = ask(SourceKind::Store, false, site, request);
        if store.verdict == 'y' {
            store = Said { verdict: '?', level: 3, ..store };
        }
        said.push(store);
    }
    // An objection made on the sidecar's own page is a cookie that any value makes a refusal, "off" a complete one.
    let objections = cookies(&request.cookies, b"__Host-bauta_objection");
    if !objections.is_empty() {
        let level = if objections.iter().any(|value| value == b"off") { 0 } else { 3 };
        let (kind, required) = (SourceKind::Words, false);
        let refusal = Said { verdict: 'n', level, kind, required, broken: false, failed: false, on_deny_list: true };
        said.push(refusal);
    }
    let has_store = site.store_open || site.sources.iter().any(|(kind, _)| *kind == SourceKind::Store);
    let store_readable = site.store_open && !matches!(request.store, StoreState::Failing);
    let epoch_readable = !account || !has_store || store_readable;

    // A claim that travelled in the cookie, older than the last invalidation, is not believed unless granted again.
    let (recorded, decided) = match request.store {
        StoreState::Holding { choice, decided, invalidated, .. } if site.store_open => {
            (invalidated, choice.map(|_| decided))
        }
        _ => (None, None),
    };
    if let (true, Some(since)) = (account, recorded.max(request.invalidated)) {
        let issued =
            claim(&request.claims, "iat").and_then(|text| text.parse::<i64>().ok()).map(|seconds| seconds * 1000);
        let newer = issued.is_some_and(|issued| issued > since && issued <= now + 60_000);
        let again = said.iter().any(|one| {
            one.verdict == 'y'
                && (one.kind == SourceKind::List
                    || (one.kind == SourceKind::Store && decided.is_some_and(|decided| decided >= since)))
        });
        if request.snapshot && !newer && !again {
            for one in said.iter_mut().filter(|one| is_claim(one.kind) && one.verdict == 'y') {
                one.verdict = '?';
                one.broken = true;
            }
        }
    }

    let sent = |name: &str| {
        request.headers.iter().filter(|(sent, _)| *sent == name).map(|(_, value)| *value).collect::<Vec<_>>()
    };
    let gpc = sent("sec-gpc").iter().any(|value| value.split(',').any(|item| item.trim() == "1"));
    let dnt = sent("dnt").iter().any(|value| value.trim().starts_with('1'));
    let sensitive = account
        && !matches!(
            claim(&request.claims, "sensitive").as_deref(),
            None | Some("false" | "null" | "0" | "\"\"" | "\"false\"" | "\"0\"")
        );

    let everyone_lowest = said.iter().map(|one| one.level).min().unwrap_or(3);
    let any_broken = said.iter().any(|one| one.verdict == '?' && one.broken);
    let any_failed = said.iter().any(|one| one.failed);

    // 1 and 2: deny list, GPC, DNT. 3: the sources. 5: the default.
    let (mut verdict, mut lowest, mut device_alone) =
        if said.iter().any(|one| one.on_deny_list) || (gpc && site.gpc == "deny") || (dnt && site.dnt == "deny") {
            ('n', everyone_lowest, false)
        } else if site.first_known {
            first_known(&said, request.snapshot)
        } else {
            deny_overrides(&said, everyone_lowest)
        };
    if verdict == 'y' && any_failed {
        verdict = '?';
    }
    if verdict == '?' {
        device_alone = false;
        match site.default {
            "denied" => verdict = 'n',
            "granted" if !any_broken => verdict = 'y',
            _ => {}
        }
    }

    // 4: the caps.
    let mut cap = |level: usize, objects: bool| {
        lowest = lowest.min(level);
        if objects && level == 0 {
            verdict = 'n';
        }
    };
    if sensitive {
        cap(site.sensitive_level, true);
    }
    for (sent, effect) in [(gpc, site.gpc), (dnt, site.dnt)] {
        if let (true, Some(word)) = (sent, effect.strip_prefix("cap:")) {
            cap(level_of(word).expect("a level"), true);
        }
    }
    if verdict == 'y' {
        lowest = lowest.min(site.granted_level);
        if account && device_alone && !site.covers_account {
            lowest = lowest.min(2);
        }
    }
    if site.do_not_track {
        lowest = lowest.min(1);
    }
    let word = match verdict {
        'y' => 3,
        'n' => site.denied.min(2),
        _ if any_broken => site.unknown.min(2),
        _ => site.unknown,
    };
    let level = word.min(lowest).min(site.ceiling).min(if epoch_readable { 3 } else { 2 });
    Expected { level, identity: level == 3 && account }
}

/// Any refusal refuses; every required source and at least one have to agree.
fn deny_overrides(said: &[Said], lowest: usize) -> (char, usize, bool) {
    let count = |verdict| said.iter().filter(|one| one.verdict == verdict).count();
    if count('n') > 0 {
        return ('n', lowest, false);
    }
    if said.iter().any(|one| one.required && one.verdict != 'y') || count('y') == 0 {
        return ('?', lowest, false);
    }
    let device_alone = said.iter().all(|one| one.verdict != 'y' || is_device(one.kind));
    ('y', lowest, device_alone)
}

/// The first that knows decides, but a cookie is held against the account's sources and a snapshot against records.
fn first_known(said: &[Said], snapshot: bool) -> (char, usize, bool) {
    let lowest = said.iter().map(|one| one.level).min().unwrap_or(3);
    let Some(first) = said.iter().find(|one| one.verdict != '?') else { return ('?', lowest, false) };
    let mut verdict = first.verdict;
    let mut level = first.level;
    if verdict == 'y' {
        for other in said {
            let held_against = if is_device(first.kind) {
                !is_device(other.kind)
            } else {
                is_claim(first.kind) && snapshot && matches!(other.kind, SourceKind::Store | SourceKind::List)
            };
            if held_against {
                level = level.min(other.level);
                if other.verdict == 'n' {
                    verdict = 'n';
                }
            }
        }
    }
    (verdict, level, verdict == 'y' && is_device(first.kind))
}

const fn is_device(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::Words | SourceKind::Levels)
}

const fn is_claim(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::ClaimA | SourceKind::ClaimB)
}

fn ask(kind: SourceKind, required: bool, site: &Site, request: &Request) -> Said {
    let mut said = Said { verdict: '?', level: 3, kind, required, broken: false, failed: false, on_deny_list: false };
    if !is_device(kind) && request.user.is_none() {
        return said;
    }
    let word = |said: &mut Said, level: usize| {
        said.verdict = if level == 0 { 'n' } else { 'y' };
        said.level = level;
    };
    match kind {
        SourceKind::ClaimA | SourceKind::ClaimB => {
            let text = match kind {
                SourceKind::ClaimA => claim(&request.claims, "a"),
                _ => claim(&request.claims, "deep").and_then(|deep| claim(&deep, "b")),
            };
            match text.as_deref() {
                None | Some("null") => {}
                Some("true" | "1" | "\"true\"") => said.verdict = 'y',
                Some("false" | "0" | "\"false\"") => said.verdict = 'n',
                Some(other) => match level_of(other.trim_matches('"')).filter(|_| other.starts_with('"')) {
                    Some(level) => word(&mut said, level),
                    None => said.broken = true,
                },
            }
        }
        SourceKind::Store => match request.store {
            _ if !site.store_open => (said.broken, said.failed) = (true, true),
            StoreState::Failing => (said.broken, said.failed) = (true, true),
            StoreState::Missing | StoreState::Holding { choice: None, .. } => {}
            StoreState::Holding { choice: Some("granted"), .. } => said.verdict = 'y',
            StoreState::Holding { choice: Some("denied"), .. } => said.verdict = 'n',
            StoreState::Holding { choice: Some(level), .. } => word(&mut said, level_of(level).expect("a level")),
        },
        SourceKind::List => match request.user {
            Some(1) => said.verdict = 'y',
            Some(2 | 3) => (said.verdict, said.on_deny_list) = ('n', true),
            _ => {}
        },
        SourceKind::Words | SourceKind::Levels => {
            let name = if kind == SourceKind::Words { "w" } else { "l" };
            let values = cookies(&request.cookies, name.as_bytes());
            let mut verdicts = Vec::new();
            for value in values.iter().take(16) {
                let text = text_of(value);
                let level = text.as_deref().and_then(level_of).filter(|_| kind == SourceKind::Levels);
                let verdict = match (kind, text.as_deref(), level) {
                    (SourceKind::Words, Some("yes" | "ja"), _) => 'y',
                    (SourceKind::Words, Some("no"), _) => 'n',
                    (_, _, Some(0)) => 'n',
                    (_, _, Some(_)) => 'y',
                    _ => '?',
                };
                said.level = said.level.min(level.unwrap_or(3));
                verdicts.push(verdict);
            }
            if values.len() > 16 {
                verdicts.push('?');
            }
            said.verdict = match verdicts.first() {
                None => '?',
                Some(first) if verdicts.iter().all(|other| other == first) => *first,
                Some(_) => 'n',
            };
            said.broken = said.verdict == '?' && !values.is_empty();
        }
    }
    said
}

fn level_of(word: &str) -> Option<usize> {
    ["off", "local", "anonymised", "full"].iter().position(|level| *level == word)
}

/// The text of a member of a flat JSON object that the test itself wrote: no blanks, no escapes, no commas in texts.
fn claim(json: &str, key: &str) -> Option<String> {
    let inner = json.strip_prefix('{')?.strip_suffix('}')?;
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in inner.chars() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut()?.push(c);
        }
    }
    let start = format!("\"{key}\":");
    parts.into_iter().find_map(|part| part.strip_prefix(&start).map(str::to_owned))
}

/// Every value of a cookie: pairs end at `;`, names end at the first `=`, blanks and tabs around both do not count,
/// one pair of quotes comes off.
fn cookies(fields: &[Vec<u8>], name: &[u8]) -> Vec<Vec<u8>> {
    let trim = |bytes: &[u8]| {
        let keep = |byte: &u8| *byte != b' ' && *byte != b'\t';
        let start = bytes.iter().position(keep).unwrap_or(bytes.len());
        let end = bytes.iter().rposition(keep).map_or(start, |last| last + 1);
        bytes[start..end].to_vec()
    };
    let mut found = Vec::new();
    for field in fields {
        for pair in field.split(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
            if trim(&pair[..equals]) == name {
                let mut value = trim(&pair[equals + 1..]);
                if value.len() >= 2 && value.starts_with(b"\"") && value.ends_with(b"\"") {
                    value = value[1..value.len() - 1].to_vec();
                }
                found.push(value);
            }
        }
    }
    found
}

/// At most 4096 bytes, escapes decoded once and strictly, text without control characters.
fn text_of(value: &[u8]) -> Option<String> {
    if value.len() > 4096 {
        return None;
    }
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < value.len() {
        if value[at] == b'%' {
            let digits = value.get(at + 1..at + 3)?;
            let hex = |digit: u8| char::from(digit).to_digit(16);
            decoded.push(u8::try_from(hex(digits[0])? * 16 + hex(digits[1])?).ok()?);
            at += 3;
        } else {
            decoded.push(value[at]);
            at += 1;
        }
    }
    let text = String::from_utf8(decoded).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}
