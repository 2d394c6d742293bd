//! Trying what a reader asks, for `bauta check --online`: each store, endpoint and published key set once.

use std::time::Duration;

use tokio::time::Instant;

use super::Reader;
use super::resolve::Trouble;
use super::step::Step;

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The key of `[site.session]` that says where: `store`, `fallback`, `endpoint`, `jwks`.
    pub key: &'static str,
    /// Nothing, or why there is no answer.
    pub result: Result<(), Trouble>,
}

impl Reader {
    /// Asks everything that the reader would ask, for a session that nobody has. `deadline` bounds each try.
    pub async fn probe(&self, deadline: Duration) -> Vec<Probe> {
        let mut steps: Vec<&Step> = self.steps.iter().rev().collect();
        let mut probes = Vec::new();
        while let Some(step) = steps.pop() {
            let until = Instant::now() + deadline;
            let (key, result) = match step {
                Step::Resolve(lookup) => (lookup.key(), lookup.probe(until).await),
                Step::Introspect(introspect) => {
                    let name = self.names.first().map_or("session", String::as_str);
                    ("endpoint", introspect.probe(name, until).await)
                }
                Step::Jwt(jwt) => match jwt.probe(until).await {
                    Some(result) => ("jwks", result),
                    None => continue,
                },
                Step::Either(first, second) => {
                    steps.extend(second.iter().rev().chain(first.iter().rev()));
                    continue;
                }
                _ => continue,
            };
            probes.push(Probe { key, result });
        }
        probes
    }
}
