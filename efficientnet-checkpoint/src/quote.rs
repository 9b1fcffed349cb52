//! Names that files give, in messages.

/// Characters of a name in a message.
const MAX_CHARACTERS: usize = 100;

/// A name for a message: of reasonable length, without characters that end lines or act on terminals.
pub(crate) fn escaped(name: &str) -> String {
    let mut left = name.chars();
    let shown: String = left.by_ref().take(MAX_CHARACTERS).collect();
    let more = if left.next().is_some() { "..." } else { "" };
    format!("{}{more}", shown.escape_debug())
}

/// The same between the marks of a name.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", escaped(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_line() {
        assert_eq!(quoted("block2a/kernel:0"), "`block2a/kernel:0`");
        assert_eq!(quoted("a\nb\x1b[2J\u{202e}"), r"`a\nb\u{1b}[2J\u{202e}`");
        assert_eq!(escaped(&"\u{e9}".repeat(100)), "\u{e9}".repeat(100));
        let long = escaped(&"\n".repeat(1000));
        assert_eq!(long, r"\n".repeat(100) + "...");
    }
}
