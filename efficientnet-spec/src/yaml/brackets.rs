//! Brackets that are open where reading stops.

/// The last bracket that is open at the end of a text, and the one that closes it.
///
/// The parser does not say: it reads on to find out whether a bracket begins a key.
pub(super) fn open(text: &str) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut before = '\n';
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        // Elsewhere they are characters of a text.
        let begins = before.is_whitespace() || "{[,:".contains(before);
        match character {
            '#' if before.is_whitespace() => {
                characters.find(|(_, end)| *end == '\n');
                before = '\n';
                continue;
            }
            '"' | '\'' if begins => {
                characters.find(|(_, end)| *end == character);
            }
            '{' if begins => open.push((at, '}')),
            '[' if begins => open.push((at, ']')),
            '}' | ']' => {
                open.pop_if(|(_, closing)| *closing == character);
            }
            _ => {}
        }
        before = character;
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn the_innermost_open_bracket_is_found() {
        assert_eq!(open("a: { b: [1, 2 }\n"), Some((8, ']')));
        assert_eq!(open("a: { b: [1, 2]\n"), Some((3, '}')));
        assert_eq!(open("- [[1], {}, ["), Some((12, ']')));
        assert_eq!(open("a: { b: 1 }\nc: d{"), None);
    }

    #[test]
    fn quotes_and_comments_open_nothing() {
        assert_eq!(open("a: \"{\" # [\n"), None);
        assert_eq!(open("# {\n{ 'it}': ["), Some((13, ']')));
        assert_eq!(open("# don't\n{"), Some((8, '}')));
    }
}
