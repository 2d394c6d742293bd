//! The report for a terminal. Lines stay below 80 columns as long as host and cookie names are short.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::report::{Destination, Place, Report};
use super::words::{counted, words};

/// What a piece of the text is, for whoever colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A headline, a name.
    Strong,
    /// Beside the point.
    Quiet,
    /// Something that should not leave and does.
    Bad,
    /// Something that would no longer leave.
    Good,
    /// Something that would still leave.
    Mixed,
}

/// Colours a piece of text, or leaves it as it is; the width must stay.
pub type Paint<'p> = &'p dyn Fn(Tone, &str) -> String;

/// Lays the report out.
#[must_use]
pub fn table(report: &Report, file: &str, paint: Paint<'_>) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ok = write_all(&mut out, report, file, paint);
    out
}

fn write_all(out: &mut String, report: &Report, file: &str, paint: Paint<'_>) -> std::fmt::Result {
    let requests = counted(report.requests, ("request", "requests"));
    writeln!(out, "{}: {requests}, {} of them to analytics", paint(Tone::Strong, file), report.analytics)?;
    if report.analytics == 0 {
        let advice = "Nothing in this file goes to Plausible or PostHog. Record it with the network panel open before the \
                      page loads, and without an ad blocker.";
        writeln!(out)?;
        return wrapped(advice).iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    writeln!(out)?;
    destinations(out, &report.destinations, paint)?;
    let rows = rows(report);
    writeln!(out)?;
    for line in wrapped(&headline(report, &rows)) {
        writeln!(out, "{}", paint(Tone::Strong, &line))?;
    }
    if !rows.is_empty() {
        writeln!(out)?;
        findings(out, &rows, paint)?;
    }
    notes(out, report)
}

fn destinations(out: &mut String, destinations: &[Destination], paint: Paint<'_>) -> std::fmt::Result {
    let wide = |of: fn(&Destination) -> &str| destinations.iter().map(|d| of(d).chars().count()).max().unwrap_or(0);
    let (vendors, hosts) = (wide(|d| d.vendor), wide(|d| &d.host));
    for destination in destinations {
        let count = |times: usize, words| (times > 0).then(|| counted(times, words));
        let parts = [
            count(destination.events, ("event", "events")),
            count(destination.flags, ("flag request", "flag requests")),
            count(destination.replay, ("recording", "recordings")),
            count(destination.assets, ("script", "scripts")),
        ];
        let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let vendor = paint(Tone::Strong, &format!("{:vendors$}", destination.vendor));
        writeln!(out, "  {vendor}  {:hosts$}  {parts}", destination.host)?;
        if destination.own_host {
            writeln!(
                out,
                "  {:vendors$}  {}",
                "",
                paint(Tone::Quiet, "the pages' own host: the browser adds the site's cookies")
            )?;
        }
        if destination.unread > 0 {
            let unread = counted(destination.unread, ("request", "requests"));
            writeln!(
                out,
                "  {:vendors$}  {}",
                "",
                paint(Tone::Quiet, &format!("{unread} not readable: the export lost the compressed body"))
            )?;
        }
    }
    Ok(())
}

/// One line of the table.
struct Row {
    label: String,
    headline: String,
    today: usize,
    left: usize,
    places: BTreeMap<&'static str, usize>,
}

fn rows(report: &Report) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.today > 0 || finding.left > 0) {
        let label = words(finding.kind).1;
        let at = rows.iter().position(|row| row.label == label).unwrap_or_else(|| {
            rows.push(Row {
                label: label.to_owned(),
                headline: String::new(),
                today: 0,
                left: 0,
                places: BTreeMap::new(),
            });
            rows.len().saturating_sub(1)
        });
        let Some(row) = rows.get_mut(at) else { continue };
        row.today += finding.today;
        row.left += finding.left;
        row.headline = counted(row.today, words(finding.kind));
        for (place, times) in &finding.places {
            *row.places.entry(place.words()).or_default() += times;
        }
    }
    rows.sort_by(|a, b| b.today.cmp(&a.today).then_with(|| a.label.cmp(&b.label)));

    let header = |label: String, headline: String, today, place: &'static str| Row {
        label,
        headline,
        today,
        left: 0,
        places: BTreeMap::from([(place, today)]),
    };
    for cookie in report.cookies.iter().filter(|cookie| cookie.session) {
        let times = counted(cookie.times, ("time", "times"));
        rows.push(header(
            format!("session cookie {}", cookie.name),
            format!("your session cookie {} {times}", cookie.name),
            cookie.times,
            "Cookie header",
        ));
    }
    let others: Vec<_> = report.cookies.iter().filter(|cookie| !cookie.session).collect();
    if !others.is_empty() {
        let times = others.iter().map(|cookie| cookie.times).sum();
        rows.push(header(format!("other cookies ({} names)", others.len()), String::new(), times, "Cookie header"));
    }
    if report.authorizations > 0 {
        rows.push(header("credentials".into(), String::new(), report.authorizations, "Authorization header"));
    }
    if report.referers > 0 {
        rows.push(header(
            "page address once more".into(),
            String::new(),
            report.referers,
            Place::RefererHeader.words(),
        ));
    }
    rows
}

fn headline(report: &Report, rows: &[Row]) -> String {
    let said: Vec<_> = rows.iter().map(|row| row.headline.as_str()).filter(|words| !words.is_empty()).collect();
    if !said.is_empty() {
        return format!("What goes there today: {}", said.join(", "));
    }
    if report.events() == 0 { "No event could be read" } else { "No personal data found in the events" }.into()
}

fn findings(out: &mut String, rows: &[Row], paint: Paint<'_>) -> std::fmt::Result {
    let wide = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    writeln!(out, "  {}", paint(Tone::Quiet, &format!("{:wide$}  {:>5}  {:>10}  where", "", "today", "with bauta")))?;
    for row in rows {
        let today = paint(if row.today == 0 { Tone::Quiet } else { Tone::Bad }, &format!("{:>5}", row.today));
        let left = paint(if row.left == 0 { Tone::Good } else { Tone::Mixed }, &format!("{:>10}", row.left));
        let places: Vec<_> = match row.places.len() {
            1 => row.places.keys().map(|place| (*place).to_owned()).collect(),
            _ => row.places.iter().map(|(place, times)| format!("{place} {times}")).collect(),
        };
        let before = wide.saturating_add(23);
        let lines = packed(places.iter().map(String::as_str), ", ", 79_usize.saturating_sub(before).max(24));
        let mut lines = lines.iter();
        writeln!(out, "  {:wide$}  {today}  {left}  {}", row.label, lines.next().map_or("", String::as_str))?;
        for line in lines {
            writeln!(out, "{:before$}{line}", "")?;
        }
    }
    Ok(())
}

fn notes(out: &mut String, report: &Report) -> std::fmt::Result {
    let mut note = |text: &str| {
        writeln!(out)?;
        wrapped(text).iter().try_for_each(|line| writeln!(out, "{line}"))
    };
    if report.cookies_withheld {
        note(
            "This file has no cookies at all: browsers leave them out of an export unless told otherwise (Chrome: \
             Settings, Preferences, Network, \"Allow to generate HAR with sensitive data\").",
        )?;
    }
    if report.destinations.iter().any(|destination| destination.own_host) {
        note(
            "What a proxy on the pages' own host passes on to the vendor cannot be seen from the browser; a plain \
             proxy_pass passes everything, cookies included.",
        )?;
    }
    if report.withheld > 0 {
        let events = counted(report.withheld, ("event", "events"));
        note(&format!("{events} could not be scrubbed; bauta would not forward that."))?;
    }
    if report.destinations.iter().any(|destination| destination.vendor == "PostHog") {
        note(
            "This version of bauta forwards Plausible events only: the right column says what its scrubbing would \
             leave of the PostHog ones.",
        )?;
    }
    note(
        "The vendor still gets the visitor's IP address and browser, which it counts visitors by. Names in free text \
         are not recognised. Account ids become pseudonyms where the person agreed, and go where not.",
    )
}

/// Text in lines of at most 78 columns.
fn wrapped(text: &str) -> Vec<String> {
    packed(text.split(' '), " ", 78)
}

/// Pieces in lines of at most so many columns, as far as a piece is not longer by itself.
fn packed<'p>(pieces: impl Iterator<Item = &'p str>, between: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(piece),
            Some(line) if line.chars().count() + between.len() + piece.chars().count() <= columns => {
                line.push_str(between);
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
