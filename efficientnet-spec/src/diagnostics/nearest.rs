//! What a misspelt name was most likely meant to be.

/// The nearest of `known`, where one is near: a few letters off, or found as its beginning. Of several,
/// the one whose number is nearest, such as `b8` to `b9`.
pub fn nearest<'n>(found: &str, known: &'n [impl AsRef<str>]) -> Option<&'n str> {
    // Distance is quadratic in the length; a long text is near to no name.
    let found = found.get(..64).unwrap_or(found).to_lowercase();
    let names = || known.iter().map(AsRef::as_ref);
    let distance = |name: &str| strsim::damerau_levenshtein(&found, name);
    names()
        .min_by_key(|name| (distance(name), numbers_apart(&found, name)))
        .filter(|name| distance(name) <= (name.len() / 3).max(1))
        .or_else(|| names().find(|name| found.len() >= 3 && name.starts_with(&found)))
}

pub(crate) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// How far apart the numbers are that two names end in; names without come last.
fn numbers_apart(one: &str, other: &str) -> u64 {
    let number = |name: &str| {
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        name[letters..].parse::<u64>().ok()
    };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.abs_diff(other),
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn numbers_decide_between_names_as_near() {
        let lites = ["lite0", "lite1", "lite2", "lite3", "lite4"];
        assert_eq!(nearest("lite9", &lites), Some("lite4"));
        assert_eq!(nearest("lite", &lites), Some("lite0"));
        assert_eq!(nearest("b9", &["b0", "b8", "l2"]), Some("b8"));
        assert_eq!(nearest("resnet50", &lites), None);
    }

    #[test]
    fn letters_decide_before_numbers() {
        assert_eq!(nearest("sigmod", &["silu", "sigmoid"]), Some("sigmoid"));
        assert_eq!(
            nearest("EXPAND", &["kind", "expand_ratio"]),
            Some("expand_ratio")
        );
        assert_eq!(nearest(&"x".repeat(10_000), &["x"]), None);
    }
}
