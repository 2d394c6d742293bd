//! Templates of paths: `/u/:id/orders`, `/team/*/members/:member`.

use super::hits::Hits;
use super::kind::{Kind, is_mark};

/// A path as segments; `None` is a part with a colon.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Option<String>>);

impl Template {
    /// Nothing without a slash at the start and a part with a colon.
    pub(super) fn read(text: &str) -> Option<Self> {
        let segments = text.strip_prefix('/')?.trim_end_matches('/').split('/');
        let parts: Vec<_> =
            segments.map(|own| if own.starts_with(':') { None } else { Some(own.to_owned()) }).collect();
        parts.iter().any(Option::is_none).then_some(Self(parts))
    }

    /// Marks the parts of a path that stand at a colon.
    pub(super) fn find(&self, path: &str, hits: &mut Hits) {
        let Some(rest) = path.strip_prefix('/') else { return };
        let point = hits.len();
        let mut start = 1;
        let mut segments = rest.split('/');
        for part in &self.0 {
            let segment = segments.next().filter(|own| !own.is_empty());
            let fits = segment.is_some_and(|segment| part.as_deref().is_none_or(|own| own == segment || own == "*"));
            let Some(segment) = segment.filter(|_| fits) else {
                hits.forget(point);
                return;
            };
            if part.is_none() && !is_mark(segment) {
                hits.mark(start, start + segment.len(), Kind::Denied);
            }
            start += segment.len() + 1;
        }
    }
}
