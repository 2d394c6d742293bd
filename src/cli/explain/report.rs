//! What `explain` prints.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::out::Paint;
use crate::arrived::Arrived;
use crate::config::file::Vendor;
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::{Fate, Outgoing};
use crate::pipeline::{Context, Trace, Verdict};
use crate::scrub::Finding;

/// One stage: its name, its decision, and the rule behind it.
struct Stage {
    name: &'static str,
    decision: String,
    rule: String,
}

/// The whole walk of one request.
pub(super) struct Report {
    request: String,
    stages: Vec<Stage>,
    /// What was removed, in the order of the body.
    removed: Vec<Finding>,
    before: String,
    after: Option<String>,
    /// The status and body of an answer given here.
    answer: Option<(u16, String)>,
}

impl Report {
    /// A request that is no event.
    pub(super) fn refused(arrived: &Arrived, why: &'static str) -> Self {
        let stages = vec![Stage { name: "route", decision: "no event".into(), rule: why.into() }];
        Self { request: line(arrived), stages, removed: Vec::new(), before: body(arrived), after: None, answer: None }
    }

    /// An event that went through the stages.
    pub(super) fn decided(arrived: &Arrived, context: &Context<'_>, trace: Trace, verdict: Verdict) -> Self {
        let mut report = Self {
            request: line(arrived),
            stages: Vec::new(),
            removed: Vec::new(),
            before: body(arrived),
            after: None,
            answer: None,
        };
        let Context { site, upstream, .. } = context;
        report.stage("admission", address(&trace), "trusted_proxies, walked from the right".into());
        report.stage("route", format!("event of {} for {}", site.name, upstream.name), arrived.path.clone());
        if let Some(outcome) = trace.refused {
            report.stage("decode", outcome.word().into(), refusal(outcome).into());
        } else {
            let events = if trace.events == 1 { "1 event".to_owned() } else { format!("{} events", trace.events) };
            let rule = match upstream.vendor {
                Vendor::Plausible => format!("sites = {:?}", upstream.sites),
                Vendor::Posthog => format!("tokens = {:?}", upstream.tokens),
            };
            report.stage("decode", events, rule);
            report.decisions(&trace, context);
        }
        match verdict {
            Verdict::Answer(reply) => {
                let text = String::from_utf8(reply.body.to_vec()).unwrap_or_default();
                report.answer = Some((reply.status.as_u16(), text));
            }
            Verdict::Send(ready) => {
                let mut ended: BTreeMap<&str, usize> = BTreeMap::new();
                for fate in ready.batch.fates() {
                    if let Fate::End(outcome) = fate {
                        *ended.entry(outcome.word()).or_default() += 1;
                    }
                }
                let ended: Vec<String> = ended.into_iter().map(|(word, count)| format!("{word} {count}")).collect();
                let ended = ended.join(", ");
                report.after = match ready.batch.encode() {
                    _ if trace.observing => Some(report.before.clone()),
                    Outgoing::Unchanged(bytes) | Outgoing::Edited(bytes) => String::from_utf8(bytes.to_vec()).ok(),
                    Outgoing::Nothing => None,
                };
                let (decision, rule) = match &report.after {
                    Some(after) if ended.is_empty() => {
                        (format!("{} B", after.len()), format!("{} B came in", arrived.body.len()))
                    }
                    Some(after) => (format!("{} B", after.len()), format!("stays here: {ended}")),
                    None => ("nothing leaves".into(), ended),
                };
                report.stage("encode", decision, rule);
                report.stage("forward", "not done".into(), "explain forwards nothing".into());
            }
        }
        report
    }

    fn decisions(&mut self, trace: &Trace, context: &Context<'_>) {
        self.stage("session", trace.session.into(), session(trace.session).into());
        if let Some(consent) = &trace.consent {
            let level = consent.level.map(|level| format!(", level {level}")).unwrap_or_default();
            let decision = format!("{}{level}", consent.verdict.word());
            let policy = context.upstream.levels.policy();
            self.stage("consent", decision, format!("{}: {}; policy {policy}", consent.source, consent.reason));
        }
        if !trace.looked_up.is_empty() {
            let rule = "the account of what the server sent; what is not found is hashed as it stands";
            self.stage("look-up", trace.looked_up.join(", "), rule.into());
        }
        let level = trace.level.map_or("", Level::word);
        let dropped = trace.properties_dropped;
        let made_room =
            if dropped > 0 { format!("; {dropped} properties dropped for the limit of 30") } else { String::new() };
        self.stage("identity", trace.identity.into(), format!("level {level}{made_room}"));
        let removed: Vec<String> =
            trace.scrubbed.iter().map(|(kind, count)| format!("{} {count}", kind.word())).collect();
        let removed = if removed.is_empty() { "nothing to remove".to_owned() } else { removed.join(", ") };
        self.stage("scrub", removed, "by kind; see site.scrub".into());
        self.removed = trace.scrubbed.findings().to_vec();
        match trace.exceeded {
            Some(exceeded) => self.stage("quota", "limited".into(), format!("per {}", exceeded.scope.word())),
            None => self.stage("quota", "allowed".into(), "site.quota".into()),
        }
    }

    fn stage(&mut self, name: &'static str, decision: String, rule: String) {
        self.stages.push(Stage { name, decision, rule });
    }

    /// For people.
    pub(super) fn text(&self, paint: Paint) -> String {
        let mut text = format!("{}\n\n", paint.bold(&self.request));
        let width = self.stages.iter().map(|stage| stage.decision.chars().count()).max().unwrap_or_default();
        for Stage { name, decision, rule } in &self.stages {
            let room = " ".repeat(width.saturating_sub(decision.chars().count()));
            text.push_str(&format!("  {name:<10} {decision}{room}  {}\n", paint.dim(rule)));
        }
        if !self.removed.is_empty() {
            text.push_str(&format!("\n{}\n", paint.bold("removed")));
        }
        for Finding { kind, by, pointer, .. } in &self.removed {
            text.push_str(&format!("  {:<16} {:<10} {}\n", kind.word(), by.word(), paint.dim(pointer)));
        }
        text.push_str(&format!("\n{}\n{}\n", paint.bold("before"), self.before));
        if let Some(after) = &self.after {
            text.push_str(&format!("\n{}\n{}\n", paint.bold("after"), marked(after, paint)));
        }
        if let Some((status, body)) = &self.answer {
            text.push_str(&format!("\n{}\n{status} {}\n", paint.bold("answered here"), body.trim_end()));
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let stage =
            |Stage { name, decision, rule }: &Stage| json!({ "stage": name, "decision": decision, "rule": rule });
        let removed = |Finding { kind, by, pointer, length }: &Finding| json!({ "kind": kind.word(), "by": by.word(), "pointer": pointer, "bytes": length });
        json!({
            "request": self.request,
            "stages": self.stages.iter().map(stage).collect::<Vec<_>>(),
            "removed": self.removed.iter().map(removed).collect::<Vec<_>>(),
            "before": self.before,
            "after": self.after,
            "answer": self.answer.as_ref().map(|(status, body)| json!({ "status": status, "body": body })),
        })
    }
}

fn line(arrived: &Arrived) -> String {
    format!("{} {}{}", arrived.method, arrived.authority, arrived.path)
}

/// The body as text; what is no UTF-8 is refused by every vendor and shown as its length.
fn body(arrived: &Arrived) -> String {
    match std::str::from_utf8(&arrived.body) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("({} bytes that are no UTF-8 text)", arrived.body.len()),
    }
}

/// The marks of removed values, in colour.
fn marked(text: &str, paint: Paint) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('*') {
        out.push_str(before);
        let inside = after.split_once('*').filter(|(word, _)| {
            !word.is_empty() && word.len() <= 24 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-')
        });
        match inside {
            Some((word, after)) => {
                out.push_str(&paint.yellow(&format!("*{word}*")));
                rest = after;
            }
            None => {
                out.push_str(&paint.yellow("*"));
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn address(trace: &Trace) -> String {
    match (trace.client.ip, trace.client.untrusted_forwarder) {
        (_, Some(_)) => "the address of an unknown proxy".into(),
        (Some(ip), None) => format!("client address {ip}"),
        (None, None) => "no client address".into(),
    }
}

const fn refusal(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ForeignSite => "it names a site or project that is not under `sites` or `tokens`",
        Outcome::TooLarge => "larger than the vendor reads for its content type",
        _ => "the vendor would refuse it the same way",
    }
}

fn session(word: &str) -> &'static str {
    match word {
        "valid" => "the cookie was verified",
        "absent" => "no session cookie, or no session is configured",
        "bad_signature" => "no secret fits the cookie",
        "expired" => "the session's time is over",
        "anonymous" => "a valid session of nobody",
        "ambiguous" => "two valid cookies of two people",
        _ => "see `bauta session decode`",
    }
}
