//! `kind = "redis"`: the value of a person's key.

use super::{Backend, Building, Channel, Pending, Way};
use crate::backend::{Redis, Trouble};
use crate::config::consent as config;
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
    shape: config::Redis,
}

/// Builds the source.
pub(in crate::consent::sources) fn build(
    shape: &config::Redis,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Option<impl super::Source + use<>> {
    let mut building = Building::new(surroundings, at, faults);
    let way = Way {
        url: &shape.url,
        example: "redis://redis.example:6379/0",
        password: shape.password.as_ref(),
        ca_file: shape.ca_file.as_deref(),
    };
    let redis = building.open(&way, Redis::open);
    let place = shape.key.split_once("{user}");
    if place.is_none() {
        let problem = "expected a key with {user}, where the account id stands";
        building.fault("key", problem, "write for example \"consent:{user}\"");
    }
    if shape.channel.as_deref().is_some_and(|name| name.is_empty() || name.contains(char::is_whitespace)) {
        building.fault("channel", "expected the name of a channel", "write for example \"consent\"");
    }
    let keys = redis.zip(place).map(|(redis, (before, after))| Keys {
        redis,
        before: before.to_owned(),
        after: after.to_owned(),
        field: shape.field.clone().map(|field| vec![field]),
        shape: shape.clone(),
    });
    building.finish(shape.ttl, keys)
}

impl Backend for Keys {
    fn word(&self) -> &'static str {
        "redis"
    }

    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Result<Answer, Trouble>> {
        Box::pin(async move {
            let key = [&self.before, user.expose(), &self.after].concat();
            let value = match &self.field {
                Some(field) => self.redis.fields(key.as_bytes(), field, MAX_BYTES).await?.into_iter().next().flatten(),
                None => self.redis.get(key.as_bytes(), MAX_BYTES).await?,
            };
            Ok(of_key(&self.shape, Ok(value.as_deref())))
        })
    }

    fn channel(&self) -> Option<Pending<'_, Result<Channel, Trouble>>> {
        let channel = self.shape.channel.as_deref()?;
        Some(Box::pin(async move { Ok(Channel::Redis(self.redis.listen(channel).await?)) }))
    }
}
