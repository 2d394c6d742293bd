//! Recordings of 25 MB pass, or are turned away, while the sidecar stays small.

use serde_json::json;

use super::bombs::memory;
use super::support::data::say;
use super::world::{TOKEN, UUID, World, agreed};

/// A recording of nearly 25 MB, as posthog-js without compression would send it.
fn recording() -> Vec<u8> {
    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let node = json!({"type": 3, "timestamp": 1, "data": {"source": 0, "texts": [{"id": 1, "value": filler}]}});
    let part = node.to_string();
    let snapshots = vec![part.as_str(); 24_000_000 / part.len()].join(",");
    format!(
        r#"[{{"event":"$snapshot","uuid":"{UUID}","properties":{{"token":"{TOKEN}","distinct_id":"{UUID}","$session_id":"{UUID}","$window_id":"{UUID}","$snapshot_bytes":1,"$snapshot_data":[{snapshots}]}}}}]"#
    )
    .into_bytes()
}

#[test]
fn large_recordings_leave_memory_flat() {
    let body = recording();
    assert!((24_000_000..25 << 20).contains(&body.len()), "{}", body.len());
    let cookie = format!("session={}", agreed("maria"));
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    for (upstream, arrive) in [("", 0), ("replay = \"pass\"\nanswer_timeout = \"20s\"", 3)] {
        let consent = "[site.consent.purposes.replay]\nallow = \"granted\"";
        let world =
            World::with(upstream, bauta::demo::posthog::Rules::default(), if arrive > 0 { consent } else { "" });
        let mut most = 0;
        for _ in 0..3 {
            let answer = world.send("POST", "/s/", &headers, &body);
            assert_eq!(answer.status, 200, "{}", answer.text());
            most = most.max(memory(world.bauta.pid()));
        }
        assert_eq!(world.vendor.newest(), arrive, "{upstream}");
        let peak = peak(world.bauta.pid());
        say(&format!("posthog: recordings of 24 MB, {arrive} of 3 passed, a peak of {} MiB", peak >> 20));
        assert!(peak < 64 << 20, "a peak of {} MiB with {upstream:?}, {} MiB after", peak >> 20, most >> 20);
    }
}

/// The most resident memory that a process ever had, in bytes.
pub(crate) fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap() * 1024
}
