//! Rows as JSON lines, CSV or Parquet.

use std::io::{self, Write};

use super::row::{Class, Outcome, Row};
use crate::arguments::Format;

/// Something that rows are written to.
pub(super) trait Sink {
    /// Writes a row.
    fn push(&mut self, row: Row) -> io::Result<()>;

    /// Writes what stands behind the last row.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Begins rows of at most `top` classes.
pub(super) fn begin<'a>(
    format: Format,
    top: usize,
    out: impl Write + 'a,
) -> io::Result<Box<dyn Sink + 'a>> {
    Ok(match format {
        Format::Jsonl => Box::new(Lines(out)),
        Format::Csv => Box::new(Table::begin(out, top)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(super::parquet::Columns::begin(out, top)?),
    })
}

/// A JSON object a line.
struct Lines<W>(W);

impl<W: Write> Sink for Lines<W> {
    fn push(&mut self, row: Row) -> io::Result<()> {
        writeln!(self.0, "{}", row.line())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

/// CSV with a header, every row as long as it.
struct Table<W: Write> {
    writer: csv::Writer<W>,
    columns: usize,
}

impl<W: Write> Table<W> {
    fn begin(out: W, top: usize) -> io::Result<Self> {
        let names =
            (1..=top).flat_map(|n| ["class", "label", "probability"].map(|s| format!("{s}{n}")));
        let header: Vec<String> = ["path", "error"]
            .map(str::to_owned)
            .into_iter()
            .chain(names)
            .collect();
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&header).map_err(of_csv)?;
        Ok(Self {
            writer,
            columns: header.len(),
        })
    }
}

impl<W: Write> Sink for Table<W> {
    fn push(&mut self, row: Row) -> io::Result<()> {
        let mut cells = vec![row.path];
        match row.outcome {
            Outcome::Error(reason) => cells.push(reason),
            Outcome::Top(top) => {
                cells.push(String::new());
                cells.extend(top.into_iter().flat_map(
                    |Class {
                         class,
                         label,
                         probability,
                     }| [class.to_string(), label, probability.to_string()],
                ));
            }
        }
        cells.resize(self.columns, String::new());
        self.writer.write_record(&cells).map_err(of_csv)?;
        self.writer.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The system's error as it is, so that a closed pipe is known as one.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}
