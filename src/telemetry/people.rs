//! The numbers of people on the metrics page: how many there were, and the shares that a requirement asks for.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::numbers::{Day, People};

/// The days of each site.
#[derive(Debug)]
pub(super) struct PeopleCollector(pub(super) Vec<(String, [Day; 2])>);

type Share = fn(&People) -> Option<f64>;

const SHARES: [(&str, &str, Share); 4] = [
    ("consent_rate", "Share of people without Global Privacy Control who agreed", People::consent_rate),
    ("identified_of_consenting", "Share of those who agreed that is counted by id", People::identified_of_granted),
    ("identified_share", "Share of all people that is counted by id", People::identified_share),
    ("gpc_share", "Share of all people who send Global Privacy Control", People::gpc_share),
];

impl Collector for PeopleCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let help = "Distinct people of a day in UTC by their last decision, correct to 2 %";
        let mut family = encoder.encode_descriptor("people", help, None, MetricType::Gauge)?;
        for (labels, people) in self.rows() {
            let states = [
                ("granted", people.granted),
                ("denied", people.denied),
                ("unknown", people.unknown),
                ("gpc", people.gpc),
                ("identified", people.identified),
            ];
            for (state, count) in states {
                let [site, day, kind] = labels;
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                ConstGauge::new(count).encode(family.encode_family(&[site, day, kind, ("state", state)])?)?;
            }
        }
        for (name, help, of) in SHARES {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (labels, people) in self.rows() {
                if let Some(share) = of(people) {
                    ConstGauge::new(share).encode(family.encode_family(&labels)?)?;
                }
            }
        }
        Ok(())
    }
}

impl PeopleCollector {
    /// Labels and numbers of each day and kind with anybody in it.
    fn rows(&self) -> impl Iterator<Item = ([(&'static str, &str); 3], &People)> {
        let days = self.0.iter().flat_map(|(site, days)| days.iter().map(move |day| (site.as_str(), day)));
        let kinds = days.flat_map(|(site, day)| {
            let name = if day.today { "today" } else { "yesterday" };
            let labels = move |kind| [("site", site), ("day", name), ("people", kind)];
            [(labels("account"), &day.accounts), (labels("browser"), &day.browsers)]
        });
        kinds.filter(|(_, people)| people.all() > 0)
    }
}
