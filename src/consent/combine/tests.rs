use super::{Answer, Class, Combine, Effect, Reason, Rules, Scene, Signals, Undecided, Verdict, Voice};
use crate::clock::UnixMillis;
use crate::consent::algebra::EpochUnreadable;
use crate::consent::answer::Facts;
use crate::level::Level;

const VERDICTS: [Verdict; 3] = [Verdict::Granted, Verdict::Denied, Verdict::Unknown];
const CLASSES: [Class; 4] = [Class::Device, Class::Session, Class::List, Class::Store];

const RULES: Rules = Rules {
    combine: Combine::DenyOverrides,
    gpc: Effect::Deny,
    dnt: Effect::Ignore,
    undecided: Undecided::Unknown,
    granted_level: Level::Full,
    sensitive_level: Level::Anonymised,
    covers_account: false,
    do_not_track: false,
};

const SCENE: Scene = Scene {
    account: true,
    sensitive: false,
    signals: Signals { gpc: false, dnt: false },
    invalidated: None,
    issued: None,
    now: UnixMillis(1_000_000),
};

const FIRST: Rules = Rules { combine: Combine::FirstKnown, ..RULES };

fn answer(verdict: Verdict) -> Answer {
    match verdict {
        Verdict::Granted => Answer::granted(),
        Verdict::Denied => Answer::denied(),
        Verdict::Unknown => Answer::unknown(Reason::Absent),
    }
}

fn voice(class: Class, answer: Answer) -> Voice {
    let record = (class == Class::Store).then(|| answer.record.unwrap_or_default());
    let answer = Answer { record, ..answer };
    Voice { source: "it", class, required: false, snapshot: false, answer }
}

fn snapshot(answer: Answer) -> Voice {
    Voice { snapshot: true, ..voice(Class::Session, answer) }
}

fn record(verdict: Verdict, decided: i64, invalidated: Option<i64>) -> Voice {
    let facts =
        Facts { epoch: 0, salt: None, decided: Some(UnixMillis(decided)), invalidated: invalidated.map(UnixMillis) };
    voice(Class::Store, Answer { record: Some(facts), ..answer(verdict) })
}

/// Every list of up to three voices.
fn every_three(mut visit: impl FnMut(&[Voice])) {
    let mut single = Vec::new();
    for class in CLASSES {
        for verdict in VERDICTS {
            for required in [false, true] {
                single.push(Voice { required, ..voice(class, answer(verdict)) });
            }
        }
    }
    visit(&[]);
    for one in &single {
        visit(&[*one]);
        for two in &single {
            visit(&[*one, *two]);
            for three in &single {
                visit(&[*one, *two, *three]);
            }
        }
    }
}

#[test]
fn deny_overrides_over_every_list_of_three_sources() {
    let mut seen = 0;
    every_three(|voices| {
        let any = |verdict| voices.iter().any(|voice| voice.answer.verdict == verdict);
        let required_agree = voices.iter().all(|voice| !voice.required || voice.answer.verdict == Verdict::Granted);
        let expected = if any(Verdict::Denied) {
            Verdict::Denied
        } else if required_agree && any(Verdict::Granted) {
            Verdict::Granted
        } else {
            Verdict::Unknown
        };
        let decision = RULES.decide(&SCENE, voices.to_vec());
        assert_eq!(decision.verdict, expected, "{voices:?}");
        let account = voices.iter().any(|v| v.class != Class::Device && v.answer.verdict == Verdict::Granted);
        let full = expected == Verdict::Granted && account;
        let reaches = decision.level.unwrap_or(Level::Full) == Level::Full;
        assert_eq!(expected == Verdict::Granted && reaches, full, "{voices:?}");
        seen += 1;
    });
    assert_eq!(seen, 1 + 24 + 24 * 24 + 24 * 24 * 24);
}

#[test]
fn first_known_over_every_list_of_three_sources() {
    every_three(|voices| {
        let first = voices.iter().find(|voice| voice.answer.verdict != Verdict::Unknown);
        let account_refuses = voices.iter().any(|v| v.class != Class::Device && v.answer.verdict == Verdict::Denied);
        let expected = match first {
            None => Verdict::Unknown,
            Some(first) if first.class == Class::Device && account_refuses => Verdict::Denied,
            Some(first) => first.answer.verdict,
        };
        assert_eq!(FIRST.decide(&SCENE, voices.to_vec()).verdict, expected, "{voices:?}");
    });
}

#[test]
fn the_lowest_level_of_all_sources_stays_whatever_the_verdict() {
    for one in Level::ALL {
        for two in Level::ALL {
            for class in CLASSES {
                let voices = vec![voice(class, Answer::of_level(one)), voice(Class::Store, Answer::of_level(two))];
                let decision = RULES.decide(&SCENE, voices);
                assert_eq!(decision.level, Some(one.min(two)));
            }
        }
    }
    let refused = vec![voice(Class::Session, Answer::of_level(Level::Local)), voice(Class::Store, Answer::denied())];
    assert_eq!(RULES.decide(&SCENE, refused).level, Some(Level::Local));
}

#[test]
fn a_device_does_not_consent_for_an_account_unless_the_banner_covers_it() {
    let granted = || vec![voice(Class::Device, Answer::granted())];
    let alone = RULES.decide(&SCENE, granted());
    assert_eq!((alone.verdict, alone.level, alone.cap), (Verdict::Granted, Some(Level::Anonymised), Some("device")));
    assert!(alone.device_only);
    let visitor = RULES.decide(&Scene { account: false, ..SCENE }, granted());
    assert_eq!((visitor.verdict, visitor.level), (Verdict::Granted, None));
    let covered = Rules { covers_account: true, ..RULES }.decide(&SCENE, granted());
    assert_eq!(covered.level, None);
    let with_account = [granted(), vec![voice(Class::Session, Answer::granted())]].concat();
    assert_eq!(RULES.decide(&SCENE, with_account.clone()).level, None);
    assert_eq!(FIRST.decide(&SCENE, with_account).level, Some(Level::Anonymised));
}

#[test]
fn a_cookie_that_decides_first_may_not_raise_what_the_account_says() {
    let device = voice(Class::Device, Answer::granted());
    let rules = Rules { covers_account: true, ..FIRST };
    for class in [Class::Session, Class::List, Class::Store] {
        assert_eq!(rules.decide(&SCENE, vec![device, voice(class, Answer::denied())]).verdict, Verdict::Denied);
        let lower = vec![device, voice(class, Answer::of_level(Level::Local))];
        assert_eq!(rules.decide(&SCENE, lower).level, Some(Level::Local));
    }
    let first_account = vec![voice(Class::Session, Answer::granted()), voice(Class::Device, Answer::denied())];
    assert_eq!(rules.decide(&SCENE, first_account).verdict, Verdict::Granted);
}

#[test]
fn a_recorded_refusal_beats_a_snapshot_in_any_order() {
    for rules in [RULES, FIRST] {
        for class in [Class::List, Class::Store] {
            let (claim, refusal) = (snapshot(Answer::granted()), voice(class, Answer::denied()));
            for voices in [vec![claim, refusal], vec![refusal, claim]] {
                assert_eq!(rules.decide(&SCENE, voices).verdict, Verdict::Denied);
            }
        }
    }
    let server_side = vec![voice(Class::Session, Answer::granted()), voice(Class::Store, Answer::denied())];
    assert_eq!(FIRST.decide(&SCENE, server_side).verdict, Verdict::Granted);
}

#[test]
fn an_invalidated_snapshot_is_believed_when_it_is_newer_or_a_record_grants_again() {
    let at = |invalidated: Option<i64>, issued: Option<i64>| Scene {
        invalidated: invalidated.map(UnixMillis),
        issued: issued.map(UnixMillis),
        ..SCENE
    };
    let verdict = |scene: &Scene, voices: &[Voice]| RULES.decide(scene, voices.to_vec()).verdict;
    let claim = snapshot(Answer::granted());
    assert_eq!(verdict(&at(None, None), &[claim]), Verdict::Granted);
    assert_eq!(verdict(&at(Some(500), None), &[claim]), Verdict::Unknown);
    assert_eq!(verdict(&at(Some(500), Some(499)), &[claim]), Verdict::Unknown);
    assert_eq!(verdict(&at(Some(500), Some(500)), &[claim]), Verdict::Unknown);
    assert_eq!(verdict(&at(Some(500), Some(501)), &[claim]), Verdict::Granted);
    assert_eq!(verdict(&at(Some(500), Some(1_060_000)), &[claim]), Verdict::Granted);
    assert_eq!(verdict(&at(Some(500), Some(1_060_001)), &[claim]), Verdict::Unknown);

    let required = Voice { required: true, ..claim };
    assert_eq!(verdict(&at(Some(500), None), &[required, record(Verdict::Granted, 499, None)]), Verdict::Unknown);
    assert_eq!(verdict(&at(Some(500), None), &[required, record(Verdict::Granted, 500, None)]), Verdict::Granted);
    assert_eq!(verdict(&at(None, None), &[required, record(Verdict::Unknown, 0, Some(500))]), Verdict::Unknown);
    assert_eq!(verdict(&at(None, Some(501)), &[required, record(Verdict::Unknown, 0, Some(500))]), Verdict::Granted);
    let list = voice(Class::List, Answer::granted());
    assert_eq!(verdict(&at(Some(500), None), &[required, list]), Verdict::Granted);

    let refused = snapshot(Answer::denied());
    assert_eq!(verdict(&at(Some(500), None), &[refused]), Verdict::Denied);
    let server_side = voice(Class::Session, Answer::granted());
    assert_eq!(verdict(&at(Some(500), None), &[server_side]), Verdict::Granted);
    let disbelieved = RULES.decide(&at(Some(500), None), vec![snapshot(Answer::of_level(Level::Local))]);
    assert_eq!((disbelieved.reason, disbelieved.uncertain), ("invalidated", true));
    assert_eq!(disbelieved.level, Some(Level::Local), "what it lowered stays lowered");
}

#[test]
fn nothing_is_granted_while_a_back_end_fails() {
    for rules in [RULES, FIRST] {
        for reason in [Reason::Timeout, Reason::BackendError] {
            for class in [Class::List, Class::Store] {
                let failed = voice(class, Answer::unknown(reason));
                let granted = voice(Class::Session, Answer::granted());
                for voices in [vec![failed, granted], vec![granted, failed]] {
                    let decision = rules.decide(&SCENE, voices);
                    assert_eq!((decision.verdict, decision.reason), (Verdict::Unknown, reason.word()));
                }
                let refused = rules.decide(&SCENE, vec![failed, voice(Class::Session, Answer::denied())]);
                assert_eq!(refused.verdict, Verdict::Denied);
            }
        }
        let unreadable = voice(Class::Device, Answer::unknown(Reason::Malformed));
        let decision = rules.decide(&SCENE, vec![unreadable, voice(Class::Session, Answer::granted())]);
        assert_eq!(decision.verdict, Verdict::Granted, "an optional cookie that cannot be read is skipped");
    }
}

#[test]
fn the_browsers_signals_object_or_cap_as_the_site_says() {
    let effects = [Effect::Ignore, Effect::Deny].into_iter().chain(Level::ALL.map(Effect::Cap)).collect::<Vec<_>>();
    for gpc in &effects {
        for dnt in &effects {
            for sent in 0..4 {
                for verdict in VERDICTS {
                    let signals = Signals { gpc: sent & 1 == 1, dnt: sent & 2 == 2 };
                    let rules = Rules { gpc: *gpc, dnt: *dnt, ..RULES };
                    let decision =
                        rules.decide(&Scene { signals, ..SCENE }, vec![voice(Class::Session, answer(verdict))]);
                    let heard = [(signals.gpc, *gpc), (signals.dnt, *dnt)].into_iter().filter(|(sent, _)| *sent);
                    let heard = heard.map(|(_, effect)| effect).collect::<Vec<_>>();
                    let objects = heard.contains(&Effect::Deny) || heard.contains(&Effect::Cap(Level::Off));
                    assert_eq!(decision.verdict, if objects { Verdict::Denied } else { verdict });
                    let cap = heard.iter().filter_map(|effect| match effect {
                        Effect::Cap(level) => Some(*level),
                        _ => None,
                    });
                    assert_eq!(decision.level.unwrap_or(Level::Full), cap.min().unwrap_or(Level::Full));
                    assert_eq!(decision.gpc, signals.gpc);
                }
            }
        }
    }
}

#[test]
fn a_deny_list_wins_over_everything_in_either_mode() {
    let listed = voice(Class::List, Answer::denied_for(Reason::DenyList));
    for rules in [RULES, FIRST] {
        let decision = rules.decide(&SCENE, vec![voice(Class::Store, Answer::granted()), listed]);
        assert_eq!((decision.verdict, decision.reason), (Verdict::Denied, "deny_list"));
    }
}

#[test]
fn sensitive_people_are_capped_and_off_is_a_refusal() {
    for sensitive_level in Level::ALL {
        let rules = Rules { sensitive_level, ..RULES };
        let granted = || vec![voice(Class::Session, Answer::granted())];
        let decision = rules.decide(&Scene { sensitive: true, ..SCENE }, granted());
        assert_eq!(decision.level.unwrap_or(Level::Full), sensitive_level);
        let expected = if sensitive_level == Level::Off { Verdict::Denied } else { Verdict::Granted };
        assert_eq!(decision.verdict, expected);
        assert_eq!(rules.decide(&SCENE, granted()).level, None);
    }
}

#[test]
fn do_not_track_keeps_everything_here() {
    let rules = Rules { do_not_track: true, ..RULES };
    for verdict in VERDICTS {
        for account in [true, false] {
            let decision = rules.decide(&Scene { account, ..SCENE }, vec![voice(Class::Device, answer(verdict))]);
            assert_eq!(decision.level, Some(Level::Local));
        }
    }
}

#[test]
fn the_default_speaks_only_when_nobody_decided() {
    let decide = |undecided, answer| {
        let decision = Rules { undecided, ..RULES }.decide(&SCENE, vec![voice(Class::Session, answer)]);
        (decision.verdict, decision.reason)
    };
    let (silent, broken) = (Answer::unknown(Reason::Absent), Answer::unknown(Reason::Malformed));
    assert_eq!(decide(Undecided::Unknown, silent), (Verdict::Unknown, "absent"));
    assert_eq!(decide(Undecided::Denied, silent), (Verdict::Denied, "default"));
    assert_eq!(decide(Undecided::Denied, broken), (Verdict::Denied, "default"));
    assert_eq!(decide(Undecided::Granted, silent), (Verdict::Granted, "legal_basis"));
    assert_eq!(decide(Undecided::Granted, broken), (Verdict::Unknown, "malformed"));
    assert_eq!(decide(Undecided::Granted, Answer::denied()), (Verdict::Denied, "choice"));
    assert_eq!(decide(Undecided::Denied, Answer::granted()), (Verdict::Granted, "choice"));
}

#[test]
fn an_epoch_that_cannot_be_read_is_not_zero() {
    let epoch = |scene: &Scene, voices: Vec<Voice>| RULES.decide(scene, voices).epoch;
    let with = |epoch| {
        let record = Some(Facts { epoch, ..Facts::default() });
        voice(Class::Store, Answer { record, ..Answer::granted() })
    };
    let failed = Voice { answer: Answer::unknown(Reason::Timeout), ..with(0) };
    assert_eq!(epoch(&SCENE, vec![]), Ok(0));
    assert_eq!(epoch(&SCENE, vec![with(7)]), Ok(7));
    assert_eq!(epoch(&SCENE, vec![failed]), Err(EpochUnreadable));
    assert_eq!(epoch(&SCENE, vec![with(7), failed]), Err(EpochUnreadable));
    assert_eq!(epoch(&SCENE, vec![with(7), with(8)]), Err(EpochUnreadable));
    assert_eq!(epoch(&Scene { account: false, ..SCENE }, vec![failed]), Ok(0));
}
