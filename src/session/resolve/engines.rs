//! The back ends as sources of sessions.

use std::path::Path;
use std::sync::Arc;

use http::header::{COOKIE, HeaderName, HeaderValue};

use super::{Answer, Ask, Connector, Pending, Source, Trouble};
use crate::backend::{Access, Http, Redis, Request, Sql};
use crate::config::session::{Endpoint, Store};
use crate::secret::Secret;
use crate::session::decode::LARGEST;

/// The engines that are built in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engines;

enum Engine {
    Redis(Redis),
    Sql(Sql),
    Http { http: Http, header: Option<HeaderName> },
}

impl Connector for Engines {
    fn store(&self, store: &Store, base: &Path, password: Option<&Secret>) -> Result<Arc<dyn Source>, String> {
        let access = Access { url: &store.url, password, ca_file: store.ca_file.as_deref(), base };
        let scheme = store.url.split(':').next().unwrap_or_default();
        Ok(Arc::new(if Redis::SCHEMES.contains(&scheme) {
            Engine::Redis(Redis::open(&access)?)
        } else {
            Engine::Sql(Sql::open(&access)?)
        }))
    }

    fn endpoint(&self, endpoint: &Endpoint) -> Result<Arc<dyn Source>, String> {
        let ca_file = endpoint.ca_file.as_deref();
        let access = Access { url: &endpoint.url, password: None, ca_file, base: Path::new("") };
        let header = endpoint.header.as_deref().map(|name| name.parse().map_err(|_| "header is no header name"));
        Ok(Arc::new(Engine::Http { http: Http::open(&access)?, header: header.transpose()? }))
    }
}

impl Source for Engine {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(self.answer(ask))
    }
}

impl Engine {
    async fn answer(&self, ask: Ask<'_>) -> Result<Answer, Trouble> {
        match (self, ask) {
            (Self::Redis(redis), Ask::Value { key }) => {
                Ok(redis.get(key, LARGEST).await?.map_or(Answer::Nothing, Answer::Value))
            }
            (Self::Redis(redis), Ask::Fields { key, fields }) => {
                Ok(Answer::Fields(redis.fields(key, fields, LARGEST).await?))
            }
            (Self::Sql(sql), Ask::Row { query, key }) => {
                let row = sql.rows(query, key, 1, LARGEST).await?.into_iter().next();
                Ok(row.map_or(Answer::Nothing, Answer::Fields))
            }
            (Self::Http { http, header }, Ask::Endpoint { cookie }) => {
                let mut value = HeaderValue::from_bytes(cookie).map_err(|error| Trouble::Refused(error.to_string()))?;
                value.set_sensitive(true);
                let request = Request { headers: vec![(COOKIE, value)], ..Request::default() };
                let response = http.ask(&request, LARGEST).await?;
                let header = header.as_ref().and_then(|name| response.headers.get(name));
                let header = header.map(|value| value.as_bytes().to_vec());
                Ok(Answer::Response { status: response.status, header, body: response.body.to_vec() })
            }
            _ => Err(Trouble::Refused("this back end answers other questions".into())),
        }
    }
}
