//! Quantities as people write them: `"30s"`, `"64KiB"`, `"120/min"`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time: a whole number and one of `ms`, `s`, `m`, `h`, `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

/// A number of bytes: a whole number, alone or with `KB`, `MB`, `KiB`, `MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// So many per length of time: `"10/s"`, `"120/min"`, `"5000/h"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In which length of time.
    pub per: Duration,
}

/// A quantity that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("expected {0}")]
pub struct BadUnit(&'static str);

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

impl FromStr for Period {
    type Err = BadUnit;

    fn from_str(text: &str) -> Result<Self, BadUnit> {
        let bad = BadUnit("a length of time such as \"30s\" (ms, s, m, h, d)");
        let (number, unit) = split(text);
        let Ok(count) = number.parse::<u64>() else { return Err(bad) };
        let millis = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(bad),
        };
        count.checked_mul(millis).map(|total| Self(Duration::from_millis(total))).ok_or(bad)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
            if millis >= size && millis.is_multiple_of(size) {
                return write!(f, "{}{unit}", millis / size);
            }
        }
        write!(f, "{millis}ms")
    }
}

impl FromStr for ByteSize {
    type Err = BadUnit;

    fn from_str(text: &str) -> Result<Self, BadUnit> {
        let bad = BadUnit("a number of bytes such as \"64KiB\" (KB, MB, KiB, MiB)");
        let (number, unit) = split(text);
        let Ok(count) = number.parse::<u64>() else { return Err(bad) };
        let size = match unit {
            "" => 1,
            "KB" => 1000,
            "MB" => 1_000_000,
            "KiB" => 1024,
            "MiB" => 1_048_576,
            _ => return Err(bad),
        };
        count.checked_mul(size).map(Self).ok_or(bad)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in [("MiB", 1_048_576), ("MB", 1_000_000), ("KiB", 1024), ("KB", 1000)] {
            if self.0 >= size && self.0.is_multiple_of(size) {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        write!(f, "{}", self.0)
    }
}

impl FromStr for Rate {
    type Err = BadUnit;

    fn from_str(text: &str) -> Result<Self, BadUnit> {
        let bad = BadUnit("a rate above zero such as \"120/min\" (s, min, h)");
        let Some((number, unit)) = text.split_once('/') else { return Err(bad) };
        let per = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return Err(bad),
        };
        match number.parse::<u32>() {
            Ok(count) if count > 0 => Ok(Self { count, per: Duration::from_secs(per) }),
            _ => Err(bad),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "min",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

macro_rules! as_text {
    ($type:ident, $name:literal, $pattern:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

as_text!(Period, "Period", "^[0-9]+(ms|s|m|h|d)$");
as_text!(ByteSize, "ByteSize", "^[0-9]+(KB|MB|KiB|MiB)?$");
as_text!(Rate, "Rate", "^[1-9][0-9]*/(s|min|h)$");
