//! Numbers and tables for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

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
        column.set_padding((0, 2));
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
    fn numbers_stand_right_and_lines_end_without_spaces() {
        let mut rows = table(["name", "count", ""]);
        rows.add_row(["b", "10", "x"])
            .add_row(["long name", "5", ""]);
        let mut text = Vec::new();
        write_table(&mut text, rows, [1]).unwrap();
        let expected = "name       count\nb             10  x\nlong name      5\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
