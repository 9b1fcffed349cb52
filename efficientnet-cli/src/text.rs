//! Numbers and tables for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

/// Characters between the columns of a table.
pub(crate) const GAP: u16 = 2;

/// `5,288,548`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rounded to the nearest million.
pub(crate) fn millions(number: u64) -> u64 {
    number.saturating_add(500_000) / 1_000_000
}

/// Rounded to three digits, with a suffix: `864`, `1.28M`, `386M`, `37.8G`.
pub(crate) fn scaled(number: u64) -> String {
    if number < 1000 {
        return number.to_string();
    }
    let (mut value, mut suffix) = (number as f64, "");
    for next in ["k", "M", "G", "T", "P", "E"] {
        if value < 999.5 {
            break;
        }
        (value, suffix) = (value / 1e3, next);
    }
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}{suffix}")
}

/// Such as `block2a_..ivation`: the text in at most `width` characters, its middle left out.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    const LEFT_OUT: &str = "..";
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(LEFT_OUT.len());
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let chars = || text.chars();
    let left_out = LEFT_OUT.chars().take(width);
    chars()
        .take(head)
        .chain(left_out)
        .chain(chars().skip(length - tail))
        .collect()
}

/// The words of a text in lines of at most `width` characters, longer words alone.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        let fits = length + 1 + word_length <= width;
        match (length, fits) {
            (0, _) => {}
            (_, true) => lines.push(' '),
            (_, false) => lines.push('\n'),
        }
        length = if length > 0 && fits { length + 1 } else { 0 } + word_length;
        lines.push_str(word);
    }
    lines
}

/// At most four digits behind the point, without zeros at the end.
pub(crate) fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Characters of a line at most.
pub(crate) const WIDTH: usize = 80;

/// Writes the words of a text in as many lines as they take; all but the first begin with spaces.
pub(crate) fn paragraph(out: &mut impl Write, text: &str, indent: usize) -> io::Result<()> {
    writeln!(out, "{}", hanging(text, indent, WIDTH))
}

/// The words of a text in lines of at most `width` characters; all but the first begin with spaces.
pub(crate) fn hanging(text: &str, indent: usize, width: usize) -> String {
    let lines = wrapped(text, width.saturating_sub(indent));
    lines.replace('\n', &format!("\n{:indent$}", ""))
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [word] => word.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// A table without lines, its columns two spaces apart.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = rows();
    table.set_header(header);
    table
}

/// A table without a header.
pub(crate) fn rows() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// Writes a table, the columns of numbers to the right.
pub(crate) fn write_table(
    out: &mut impl Write,
    mut table: Table,
    numbers: impl IntoIterator<Item = usize>,
) -> io::Result<()> {
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    for column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_end() {
        let texts = [0, 12, 999, 1000, 66_347_960].map(grouped);
        assert_eq!(texts, ["0", "12", "999", "1,000", "66,347,960"]);
    }

    #[test]
    fn large_numbers_have_three_digits_and_a_suffix() {
        let numbers = [
            (0, "0"),
            (999, "999"),
            (1000, "1.00k"),
            (9994, "9.99k"),
            (9996, "10.0k"),
            (99_960, "100k"),
            (999_499, "999k"),
            (999_600, "1.00M"),
            (1_280_000, "1.28M"),
            (37_750_000_000, "37.8G"),
            (u64::MAX, "18.4E"),
        ];
        for (number, text) in numbers {
            assert_eq!(scaled(number), text, "{number}");
        }
    }

    #[test]
    fn texts_are_shortened_in_the_middle() {
        let texts = [
            (25, "block2a_expand_activation"),
            (17, "block2a_..ivation"),
            (3, "b.."),
            (0, ""),
        ];
        for (width, text) in texts {
            assert_eq!(shorten("block2a_expand_activation", width), text);
        }
        assert_eq!(shorten("\u{e9}t\u{e9}\u{e9}\u{e9}", 4), "\u{e9}..\u{e9}");
    }

    #[test]
    fn words_stay_whole() {
        let text = "needed at once, layer by layer";
        let lines = [
            (30, "needed at once, layer by layer"),
            (29, "needed at once, layer by\nlayer"),
            (9, "needed at\nonce,\nlayer by\nlayer"),
            (1, "needed\nat\nonce,\nlayer\nby\nlayer"),
        ];
        for (width, lines) in lines {
            assert_eq!(wrapped(text, width), lines);
        }
    }

    #[test]
    fn numbers_stand_right_and_lines_end_without_spaces() {
        let mut rows = table(["name", "count", ""]);
        rows.add_row(["b", "10", "x"])
            .add_row(["long name", "5", ""]);
        let mut text = Vec::new();
        write_table(&mut text, rows, [1]).unwrap();
        let expected = "name       count\nb             10  x\nlong name      5\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn words_fill_lines_of_80_characters() {
        let mut text = Vec::new();
        paragraph(&mut text, &"seven77 ".repeat(21), 2).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines.iter().all(|line| line.len() <= 80), "{text}");
        assert!(lines[0].starts_with("seven77") && lines[1].starts_with("  seven77"));
    }

    #[test]
    fn numbers_and_lists_are_short() {
        let numbers = [44.0, 35.2, 80.0 * 1.1, 1.160_714, 0.0];
        assert_eq!(numbers.map(short), ["44", "35.2", "88", "1.1607", "0"]);
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
