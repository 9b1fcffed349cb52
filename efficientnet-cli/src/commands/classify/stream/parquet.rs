//! Rows as columns of Parquet: `path`, `error` and the list `top`, whose elements are as in JSON.
//!
//! Dictionaries make labels small; nothing is compressed.

use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::format::Sink;
use super::row::{Outcome, Row};

/// Exactly one of `error` and `top` is there. The three levels of a list are those of the format's
/// description of logical types.
const SCHEMA: &str = "
message row {
    required binary path (STRING);
    optional binary error (STRING);
    optional group top (LIST) {
        repeated group list {
            required group element {
                required int64 class;
                required binary label (STRING);
                required double probability;
            }
        }
    }
}";

/// Levels of definition of `top`: how many of its optional and repeated groups are there.
const NONE: i16 = 0;
const ELEMENT: i16 = 2;
/// Levels of repetition: what an element begins.
const ROW: i16 = 0;
const NEXT: i16 = 1;

/// Classes of a row group at most, which are held in memory: some 10 MB.
const GROUP: usize = 1 << 17;

/// Rows as columns, a group of rows at a time.
pub(super) struct Columns<W> {
    out: W,
    /// Into memory, from where every group goes on to `out`.
    writer: SerializedFileWriter<Vec<u8>>,
    rows: Vec<Row>,
    most: usize,
}

impl<W: Write> Columns<W> {
    pub(super) fn begin(out: W, top: usize) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let created_by = concat!("efficientnet version ", env!("CARGO_PKG_VERSION")).to_owned();
        let properties = WriterProperties::builder()
            .set_created_by(created_by)
            .build();
        Ok(Self {
            out,
            writer: SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?,
            rows: Vec::new(),
            most: (GROUP / top.max(1)).max(1),
        })
    }

    fn write_group(&mut self) -> io::Result<()> {
        let rows = mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        write_paths(&mut group, &rows)?;
        write_errors(&mut group, &rows)?;
        write_top(&mut group, &rows)?;
        group.close()?;
        self.out.write_all(&mem::take(self.writer.inner_mut()))
    }
}

impl<W: Write> Sink for Columns<W> {
    fn push(&mut self, row: Row) -> io::Result<()> {
        self.rows.push(row);
        match self.rows.len() < self.most {
            true => Ok(()),
            false => self.write_group(),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        let Self {
            mut out, writer, ..
        } = *self;
        out.write_all(&writer.into_inner()?)?;
        out.flush()
    }
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

/// The next column of a group: its values, and the levels of definition and repetition that it has.
fn write<T: DataType>(
    group: &mut Group<'_>,
    values: &[T::T],
    definition: Option<&[i16]>,
    repetition: Option<&[i16]>,
) -> Result<()> {
    // The schema has as many columns as are written.
    if let Some(mut column) = group.next_column()? {
        column
            .typed::<T>()
            .write_batch(values, definition, repetition)?;
        column.close()?;
    }
    Ok(())
}

fn write_paths(group: &mut Group<'_>, rows: &[Row]) -> Result<()> {
    let paths: Vec<ByteArray> = rows.iter().map(|row| row.path.as_str().into()).collect();
    write::<ByteArrayType>(group, &paths, None, None)
}

fn write_errors(group: &mut Group<'_>, rows: &[Row]) -> Result<()> {
    let error = |row: &Row| match &row.outcome {
        Outcome::Error(reason) => Some(ByteArray::from(reason.as_str())),
        Outcome::Top(_) => None,
    };
    let errors: Vec<ByteArray> = rows.iter().filter_map(error).collect();
    let definition: Vec<i16> = rows.iter().map(|row| i16::from(row.is_broken())).collect();
    write::<ByteArrayType>(group, &errors, Some(&definition), None)
}

fn write_top(group: &mut Group<'_>, rows: &[Row]) -> Result<()> {
    let (mut definition, mut repetition) = (Vec::new(), Vec::new());
    let (mut classes, mut labels, mut probabilities) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let Outcome::Top(top) = &row.outcome else {
            definition.push(NONE);
            repetition.push(ROW);
            continue;
        };
        for (index, class) in top.iter().enumerate() {
            definition.push(ELEMENT);
            repetition.push(if index == 0 { ROW } else { NEXT });
            classes.push(class.class as i64);
            labels.push(ByteArray::from(class.label.as_str()));
            probabilities.push(class.probability);
        }
    }
    let levels = (Some(&definition[..]), Some(&repetition[..]));
    write::<Int64Type>(group, &classes, levels.0, levels.1)?;
    write::<ByteArrayType>(group, &labels, levels.0, levels.1)?;
    write::<DoubleType>(group, &probabilities, levels.0, levels.1)
}
