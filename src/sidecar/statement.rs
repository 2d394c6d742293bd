//! What this site does with its visitors' events, in the open: `<prefix>/.well-known/bauta.json` for programs and
//! `<prefix>/.well-known/bauta` for people, both made from the configuration in force.
//!
//! Promise: the page shows a browser its own verdict and lets it **lower** that, never raise it. An objection is kept in
//! a cookie of the browser and, for somebody who is logged in where the site has a store, in the store. It is taken from
//! the page's own origin alone; the page cannot be framed and needs no script. Nothing on either names an account, and
//! neither shows an opaque path to anybody: they say whether there are any, and whether this session gets them.

mod page;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::Sidecar;
use crate::config::file::Vendor;
use crate::config::upstream::ReplayRule;
use crate::consent::{self, Class, Decision, OBJECTION_COOKIE, Purpose, Signals, Verdict};
use crate::cookies::Cookies;
use crate::level::Level;
use crate::person::Person;
use crate::reply::Reply;
use crate::route::{Part, Place};
use crate::runtime::{Runtime, Site, Visit};
use crate::server::Arrival;
use crate::server::body::read_body;
use crate::store::{Change, Choice, Record};

/// The largest form.
const MOST_FORM: usize = 1024;
/// How long an objection lasts in a browser that nobody asks again: 13 months.
const LASTS: u64 = 396 * 86_400;

/// What a browser asks for on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Objection {
    /// Not to be counted by account or id.
    Identity,
    /// That nothing leaves.
    Everything,
}

impl Objection {
    fn read(form: &[u8]) -> Option<Self> {
        match form {
            b"objection=identity" => Some(Self::Identity),
            b"objection=everything" => Some(Self::Everything),
            _ => None,
        }
    }

    /// The cookie; a browser that asked for silence before is not made to speak again.
    fn cookie(self, cookies: &Cookies<'_>) -> Option<HeaderValue> {
        let silent = cookies.all(OBJECTION_COOKIE).any(|value| value == Level::Off.word().as_bytes());
        let value = if silent || self == Self::Everything { Level::Off.word() } else { "denied" };
        let text = format!("{OBJECTION_COOKIE}={value}; Max-Age={LASTS}; Path=/; Secure; SameSite=Lax");
        HeaderValue::try_from(text).ok()
    }

    /// The choice to record, which is never more than what is recorded already.
    fn choice(self, now: &Record) -> Choice {
        match (self, now.choice) {
            (Self::Everything, _) | (_, Some((Choice::Level(Level::Off | Level::Local), _))) => {
                Choice::Level(Level::Off)
            }
            (Self::Identity, _) => Choice::Denied,
        }
    }
}

impl Sidecar {
    /// Answers for one of the two.
    pub(super) async fn statement(
        &self,
        runtime: &Runtime,
        place: Place,
        part: Part,
        request: Request<Incoming>,
        from: Arrival,
    ) -> Reply {
        let Some(site) = runtime.sites.get(place.site) else { return Reply::not_found() };
        if part == Part::Document {
            let text = format!("{:#}\n", document(site));
            return Reply::with(StatusCode::OK, "application/json", text.into())
                .header(CACHE_CONTROL, HeaderValue::from_static("max-age=300"))
                .header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        let (head, body) = request.into_parts();
        let cookies = Cookies::parse(head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes));
        let client = runtime.trusted.resolve(from.peer, &head.headers);
        let visit = Visit::new(runtime, client, (&cookies, &head.headers, None), self.now());
        let person = site.person(&visit).await.ok();
        let reply = if head.method == Method::POST {
            if !site.pages.is_own_form(&head.headers) {
                return protected(Reply::text(StatusCode::FORBIDDEN, "this form is answered on its own page only\n"));
            }
            let form = read_body(body, MOST_FORM, runtime.body_time).await.unwrap_or_default();
            match Objection::read(&form) {
                Some(objection) => {
                    self.object(runtime, site, (objection, person.as_ref()), &cookies, head.uri.path()).await
                }
                None => Reply::text(StatusCode::BAD_REQUEST, "expected objection=identity or objection=everything\n"),
            }
        } else {
            let decision = site.decide(&visit, person.as_ref()).await;
            let seen = page::Seen {
                site,
                decision: &decision,
                logged_in: person.is_some(),
                recorded: runtime.revocation.keeps_records(),
                observing: site.observes(self.now()),
                opaque: site.upstreams.iter().any(|upstream| upstream.page.has_aliases()).then(|| {
                    let signals = Signals::read(&head.headers);
                    decision.verdict == Verdict::Granted && !signals.gpc && !signals.dnt
                }),
                notice: head.uri.query(),
            };
            Reply::with(StatusCode::OK, "text/html; charset=utf-8", page::html(&seen).into())
        };
        protected(reply)
    }

    async fn object(
        &self,
        runtime: &Runtime,
        site: &Site,
        (objection, person): (Objection, Option<&Person>),
        cookies: &Cookies<'_>,
        path: &str,
    ) -> Reply {
        let change = |now: &Record| Change::Choose(objection.choice(now));
        let recorded = match person {
            Some(person) => runtime.revocation.lower(&site.realm, &person.user, change, self.now()).await.is_ok(),
            None => true,
        };
        let target = format!("{path}?{}", if recorded { "objected" } else { "browser" });
        let mut reply = Reply::with(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Bytes::new());
        if let (Ok(target), Some(cookie)) = (HeaderValue::try_from(target), objection.cookie(cookies)) {
            reply = reply.header(LOCATION, target).header(SET_COOKIE, cookie);
        }
        reply
    }
}

/// The statement for programs.
fn document(site: &Site) -> Value {
    let may_record = site.consent.allowance(Purpose::Replay) != "never";
    let recipient = |upstream: &crate::runtime::Upstream| {
        let levels = site.consent.fate(&upstream.levels).map(|fate| (fate.row.title(), json!(fate.level.word())));
        let mut recipient = json!({
            "name": upstream.name,
            "vendor": upstream.vendor.word(),
            "levels": Value::Object(levels.into_iter().map(|(row, level)| (row.to_owned(), level)).collect()),
            "pseudonym": upstream.pseudonymiser.is_some() && site.session.is_some(),
            "further_properties": upstream.traits.iter().map(|one| one.property.as_str()).collect::<Vec<_>>(),
        });
        if let (Vendor::Posthog, Some(recipient)) = (upstream.vendor, recipient.as_object_mut()) {
            let recordings = match upstream.replay {
                ReplayRule::Scrub if may_record => "scrubbed",
                ReplayRule::Pass if may_record => "as_recorded",
                _ => "none",
            };
            recipient.insert("recordings".into(), recordings.into());
            recipient.insert("heat_maps".into(), if may_record { "scrubbed" } else { "none" }.into());
            if upstream.lane.is_open() {
                let found = if upstream.accounts.is_some() { "looked_up" } else { "hmac_as_they_stand" };
                recipient.insert("addresses_and_handles_of_servers".into(), found.into());
            }
        }
        recipient
    };
    let sources = site.consent.described().map(|(kind, class)| {
        let speaks_for = if class == Class::Device { "browser" } else { "account" };
        json!({ "kind": kind, "speaks_for": speaks_for })
    });
    let purposes = Purpose::ALL.map(|purpose| (purpose.word().to_owned(), json!(site.consent.allowance(purpose))));
    json!({
        "software": concat!("bauta ", env!("CARGO_PKG_VERSION")),
        "site": site.name,
        "recipients": site.upstreams.iter().map(recipient).collect::<Vec<_>>(),
        "consent_sources": sources.collect::<Vec<_>>(),
        "purposes": Value::Object(purposes.into_iter().collect()),
        "browser_id": site.visitor.is_some(),
        "opaque_paths": {
            "used": site.upstreams.iter().any(|upstream| upstream.page.has_aliases()),
            "for": "sessions with a recorded grant, asked again at every request",
            "refused_by": ["Sec-GPC: 1", "DNT: 1"],
            "never_for": ["recordings", "heat maps"],
        },
        "another_legal_basis": site.consent.legal_basis(),
        "levels": {
            "off": "nothing leaves",
            "local": "nothing leaves; the event is counted here",
            "anonymised": "the event leaves without account identity; the recipient receives IP address and browser",
            "full": "the event leaves with a pseudonym, which is personal data",
        },
    })
}

/// Fields that keep the page to itself. `same-origin` keeps the form's own Origin, which `no-referrer` would blank.
fn protected(mut reply: Reply) -> Reply {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        page::style_digest()
    );
    let fields = [
        (CACHE_CONTROL, "no-store"),
        (VARY, "Cookie"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fields {
        reply = reply.header(name, HeaderValue::from_static(value));
    }
    match HeaderValue::try_from(policy) {
        Ok(policy) => reply.header(CONTENT_SECURITY_POLICY, policy),
        Err(_) => reply.header(CONTENT_TYPE, HeaderValue::from_static("text/plain")),
    }
}

/// Whether anything about this person leaves, and how, for one recipient.
fn leaves(site: &Site, decision: &Decision, upstream: &crate::runtime::Upstream, logged_in: bool) -> &'static str {
    match consent::level(decision, &upstream.levels) {
        Level::Off => "Nothing is sent.",
        Level::Local => "Nothing is sent; the visit is counted on our own server.",
        Level::Full if logged_in && site.session.is_some() => {
            "Your visits are sent with a pseudonym made from your account. Personal details in them are removed."
        }
        Level::Full if site.visitor.is_some() => {
            "Your visits are sent with an id of this browser. Personal details in them are removed."
        }
        Level::Anonymised | Level::Full => {
            "Your visits are sent without your account. The recipient receives your IP address and browser type."
        }
    }
}
