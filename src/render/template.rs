//! Filling texts with holes: `@name@`.

/// Fills the holes of a template. Values are not looked at again, so nothing in a value can open a hole.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(before);
        let value = after.split_once('@').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, behind))
        });
        rest = match value {
            Some((value, behind)) => {
                // A value that stands for whole lines and is empty takes its line with it.
                let alone = out.ends_with('\n') && behind.starts_with('\n') && value.is_empty();
                out.push_str(value.trim_end_matches('\n'));
                if alone { behind.get(1..).unwrap_or_default() } else { behind }
            }
            None => {
                out.push('@');
                after
            }
        };
    }
    out.push_str(rest);
    out
}

/// Every line that is not empty, moved right.
pub(super) fn indent(text: &str, spaces: usize) -> String {
    let pad = " ".repeat(spaces);
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once_and_other_at_signs_stay() {
        assert_eq!(fill("a @b@ @c d@b@@", &[("b", "@b@")]), "a @b@ @c d@b@@");
        assert_eq!(fill("x\n@b@\ny\n", &[("b", "")]), "x\ny\n");
        assert_eq!(indent("a\n\nb\n", 2), "  a\n\n  b\n");
    }
}
