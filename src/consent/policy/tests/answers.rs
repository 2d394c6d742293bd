//! Lists, further purposes and objections.

use std::time::Duration;

use super::{NOW, Site, block_on, decide, person, verdict};
use crate::consent::Verdict;
use crate::level::Level;

#[test]
fn lists_are_read_again_when_they_change() {
    let site = Site::new();
    site.file("agreed.txt", "alice\r\n\n  \nbob\n");
    site.file("refused.txt", "bob\n");
    let policy = site.policy(r#"sources = [{ kind = "list", allow = "agreed.txt", deny = "refused.txt" }]"#);
    let people = ["alice", "bob", "carol", "Alice"].map(|id| person(id, "{}", false));
    let at = |seconds: u64| {
        let now = NOW.after(Duration::from_secs(seconds));
        people.each_ref().map(|person| block_on(decide(&policy, Some(person), "", now)).verdict)
    };
    use Verdict::{Denied, Granted, Unknown};
    assert_eq!(at(0), [Granted, Denied, Unknown, Unknown]);
    site.file("agreed.txt", "carol\n");
    site.file("refused.txt", "\n");
    assert_eq!(at(1), [Unknown, Unknown, Granted, Unknown]);
    std::fs::remove_file(site.base.path().join("refused.txt")).unwrap();
    assert_eq!(at(2), [Unknown; 4], "who refused cannot be seen");
    site.file("refused.txt", "carol\n");
    assert_eq!(at(3), [Unknown, Unknown, Denied, Unknown]);
    site.file("agreed.txt", "alice\n");
    std::fs::write(site.base.path().join("agreed.txt"), b"alice\n\xff\n").unwrap();
    assert_eq!(at(4), [Unknown, Unknown, Denied, Unknown], "a file that is no text is not half a list");
}

#[test]
fn further_purposes_need_an_agreement_of_their_own() {
    use crate::consent::Purpose::{Link, Merge, Replay};
    let policy = Site::new().policy(
        r#"
        sources = [{ kind = "session", path = ["counted"] }]
        [purposes.replay]
        allow = "asked"
        sources = [{ kind = "session", path = ["watched"] }]
        [purposes.merge]
        allow = "granted"
        "#,
    );
    let allowed = |claims: &str, cookies: &str| {
        let decision = block_on(decide(&policy, Some(&person("u1", claims, false)), cookies, NOW));
        [Replay, Merge, Link].map(|purpose| decision.allows(purpose))
    };
    assert_eq!(allowed(r#"{"counted":true,"watched":true}"#, ""), [true, true, false]);
    assert_eq!(allowed(r#"{"counted":true,"watched":false}"#, ""), [false, true, false]);
    assert_eq!(allowed(r#"{"counted":true}"#, ""), [false, true, false]);
    assert_eq!(allowed(r#"{"counted":"anonymised","watched":true}"#, ""), [false; 3]);
    assert_eq!(allowed(r#"{"counted":false,"watched":true}"#, ""), [false; 3]);
    assert_eq!(allowed(r#"{"counted":true,"watched":true}"#, "__Host-bauta_objection=1"), [false; 3]);
}

#[test]
fn a_legal_basis_covers_no_further_purpose() {
    let policy = Site::new().policy(
        "default = \"granted\"\ni_have_another_legal_basis = \"contract\"\npurposes.replay.allow = \"granted\"\n",
    );
    let decision = block_on(decide(&policy, Some(&person("u1", "{}", false)), "", NOW));
    assert_eq!(decision.verdict, Verdict::Granted);
    assert!(!decision.allows(crate::consent::Purpose::Replay));
}

#[test]
fn an_objection_made_here_beats_every_source_and_gives_nothing() {
    for combine in ["deny_overrides", "first_known"] {
        let policy = Site::new()
            .policy(&format!("combine = \"{combine}\"\nsources = [{{ kind = \"session\", path = [\"a\"] }}]"));
        let agreed = person("u1", r#"{"a":true}"#, false);
        assert_eq!(verdict(&policy, Some(&agreed), ""), Verdict::Granted);
        for value in ["1", "", "granted", "full", "0"] {
            let cookie = format!("__Host-bauta_objection={value}");
            let decision = block_on(decide(&policy, Some(&agreed), &cookie, NOW));
            assert_eq!((decision.verdict, decision.source, decision.level), (Verdict::Denied, "objection", None));
        }
        let off = "__Host-bauta_objection=1; __Host-bauta_objection=off";
        assert_eq!(block_on(decide(&policy, Some(&agreed), off, NOW)).level, Some(Level::Off));
        assert_eq!(verdict(&policy, None, "__Host-bauta_objection=1"), Verdict::Denied);
    }
}
