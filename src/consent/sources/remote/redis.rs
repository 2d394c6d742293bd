//! `kind = "redis"`: the value of a person's key.

use super::{Backend, Channel, Pending, Remote, failure, secret, ttl};
use crate::backend::{Access, Redis, Trouble};
use crate::config::consent::{self as config, KeyAnswer};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::Answer;
use crate::consent::policy::Surroundings;
use crate::consent::sources::backend::{MAX_BYTES, of_key};
use crate::person::AppUserId;

struct Keys {
    redis: Redis,
    before: String,
    after: String,
    field: Option<Vec<String>>,
    shape: KeyAnswer,
    channel: Option<String>,
}

/// Builds the source.
pub(in crate::consent::sources) fn build(
    shape: &config::Redis,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Option<impl super::Source + use<>> {
    let before = faults.iter().count();
    let password = secret(shape.password.as_ref(), surroundings.base, &at.key("password"), faults);
    let ca_file = shape.ca_file.as_ref().map(|file| surroundings.base.join(file));
    let access =
        Access { url: &shape.url, password: password.as_ref(), ca_file: ca_file.as_deref(), base: surroundings.base };
    let redis = Redis::open(&access).map_err(|problem| {
        faults.push(at.key("url"), problem, "write for example \"redis://redis.example:6379/0\"");
    });
    let place = shape.key.split_once("{user}");
    if place.is_none() {
        let problem = "expected a key with {user}, where the account id stands";
        faults.push(at.key("key"), problem, "write for example \"consent:{user}\"");
    }
    if shape.channel.as_deref().is_some_and(|name| name.is_empty() || name.contains(char::is_whitespace)) {
        faults.push(at.key("channel"), "expected the name of a channel", "write for example \"consent\"");
    }
    let ttl = ttl(shape.ttl, at, faults);
    if faults.iter().count() > before {
        return None;
    }
    let (first, last) = place?;
    let keys = Keys {
        redis: redis.ok()?,
        before: first.to_owned(),
        after: last.to_owned(),
        field: shape.field.clone().map(|field| vec![field]),
        shape: KeyAnswer { path: shape.path.clone(), level_path: shape.level_path.clone() },
        channel: shape.channel.clone(),
    };
    Some(Remote::new(keys, ttl, surroundings.invalidations.clone()))
}

impl Backend for Keys {
    fn word(&self) -> &'static str {
        "redis"
    }

    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Answer> {
        Box::pin(async move {
            let key = [&self.before, user.expose(), &self.after].concat();
            let value = match &self.field {
                Some(field) => {
                    let values = self.redis.fields(key.as_bytes(), field, MAX_BYTES).await;
                    values.map(|values| values.into_iter().next().flatten())
                }
                None => self.redis.get(key.as_bytes(), MAX_BYTES).await,
            };
            match value {
                Ok(value) => of_key(&self.shape, Ok(value.as_deref())),
                Err(trouble) => of_key(&self.shape, Err(failure(&trouble))),
            }
        })
    }

    fn channel(&self) -> Option<Pending<'_, Result<Channel, Trouble>>> {
        let channel = self.channel.as_deref()?;
        Some(Box::pin(async move { Ok(Channel::Redis(self.redis.listen(channel).await?)) }))
    }
}
