//! A single value as an answer, as sessions, back ends and records hold it.

use crate::consent::answer::{Answer, Reason};
use crate::level::Level;
use crate::person::Value;

/// `true`, `1`, `"true"` and the level words agree; `false`, `0`, `"false"` and `off` refuse; null is silence, and
/// anything else, `"1"` and `"yes"` among it, is unknown.
pub(super) fn answer(value: &Value) -> Answer {
    match value {
        Value::Null => Answer::unknown(Reason::Absent),
        Value::Bool(yes) => Answer::choice(*yes),
        Value::Number(number) => match number.as_str() {
            "1" => Answer::granted(),
            "0" => Answer::denied(),
            _ => Answer::unknown(Reason::Malformed),
        },
        Value::Text(_) | Value::Keyword(_) | Value::Bytes(_) => {
            value.scalar().map_or(Answer::unknown(Reason::Malformed), |word| match word {
                "true" => Answer::granted(),
                "false" => Answer::denied(),
                _ => Level::from_word(word).map_or(Answer::unknown(Reason::Malformed), Answer::of_level),
            })
        }
        Value::List(_) | Value::Map(_) | Value::Opaque => Answer::unknown(Reason::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::consent::answer::{Answer, Reason};
    use crate::level::Level;
    use crate::person::Value;

    #[test]
    fn only_the_listed_words_are_answers() {
        let text = |word: &str| Value::Text(word.into());
        for yes in [Value::Bool(true), Value::Number("1".into()), text("true"), Value::Bytes(b"true".to_vec())] {
            assert_eq!(answer(&yes), Answer::granted());
        }
        for no in [Value::Bool(false), Value::Number("0".into()), text("false"), Value::Keyword("false".into())] {
            assert_eq!(answer(&no), Answer::denied());
        }
        for level in Level::ALL {
            assert_eq!(answer(&text(level.word())), Answer::of_level(level));
            assert_eq!(answer(&Value::Keyword(level.word().into())), Answer::of_level(level));
        }
        assert_eq!(answer(&Value::Null), Answer::unknown(Reason::Absent));
        for other in ["1", "0", "yes", "True", "TRUE", "", "Full", "granted", " full"] {
            assert_eq!(answer(&text(other)), Answer::unknown(Reason::Malformed), "{other}");
        }
        let others = [
            Value::Number("2".into()),
            Value::Number("1.0".into()),
            Value::Number("-1".into()),
            Value::Bytes(vec![0xff]),
            Value::List(vec![Value::Bool(true)]),
            Value::Map(Vec::new()),
            Value::Opaque,
        ];
        for other in others {
            assert_eq!(answer(&other), Answer::unknown(Reason::Malformed));
        }
    }
}
