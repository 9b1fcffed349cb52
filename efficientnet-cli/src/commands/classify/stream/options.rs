//! What the rows of a run depend on, by which a run that goes on is told from another one.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use super::row::text;
use crate::arguments::{Classify, Source};
use crate::failure::Failure;

/// Names and values, as they are shown where they differ.
pub(super) type Options = BTreeMap<String, String>;

/// The key of the options in the first line of a journal.
const KEY: &str = "efficientnet classify";

/// All that changes a row. Not the number of jobs, nor the format, which the journal is before.
///
/// # Errors
/// Where weights on the hub cannot be fetched, whose file says which they are.
pub(super) fn of(arguments: &Classify) -> Result<Options, Failure> {
    let inputs: Vec<String> = arguments.images.iter().map(|path| text(path)).collect();
    let training = &arguments.training;
    let file = |path: Option<&Path>| path.map_or("built in".to_owned(), stamp);
    let weights = arguments.weights.as_ref().map(Source::fetch).transpose()?;
    let options = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        (
            "folder",
            env::current_dir().map_or(String::new(), |path| text(&path)),
        ),
        ("images", json!(inputs).to_string()),
        ("--recursive", arguments.rows.recursive.to_string()),
        ("--model", arguments.model.clone()),
        (
            "--spec",
            arguments
                .spec
                .as_deref()
                .map_or("bundled".to_owned(), |spec| stamp(Path::new(spec))),
        ),
        ("--weights", file(weights.as_deref())),
        ("--padding", given(training.padding)),
        ("--bn-eps", given(training.bn_eps)),
        ("--keras-rescaling", given(training.keras_rescaling)),
        ("--precision", given(arguments.precision)),
        ("--labels", file(arguments.labels.as_deref())),
        ("--top", arguments.top.to_string()),
    ];
    let owned = options.map(|(name, value)| (name.to_owned(), value));
    Ok(owned.into())
}

fn given(value: Option<impl std::fmt::Debug>) -> String {
    value.map_or("not given".to_owned(), |value| format!("{value:?}"))
}

/// A file's name, length and time of change, in nanoseconds since 1970: what it holds is not read again.
fn stamp(path: &Path) -> String {
    let Ok(metadata) = fs::metadata(path) else {
        return text(path);
    };
    let changed = metadata.modified().ok();
    let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let changed = changed.map_or(0, |since| since.as_nanos());
    format!(
        "{} ({} bytes, changed at {changed})",
        path.display(),
        metadata.len()
    )
}

/// The first line of a journal.
pub(super) fn line(options: &Options) -> String {
    format!("{}\n", json!({ KEY: options }))
}

/// Refuses the first line of a journal that other options wrote.
pub(super) fn check(path: &Path, line: &[u8], options: &Options) -> Result<(), Failure> {
    let path = path.display();
    let Some(theirs) = parse(line) else {
        return Err(Failure::Mistake(format!(
            "{path}: not of classify; remove it, or give another -o"
        )));
    };
    let names: BTreeSet<&String> = theirs.keys().chain(options.keys()).collect();
    let shown = |options: &Options, name| {
        options
            .get(name)
            .map_or("nothing", String::as_str)
            .to_owned()
    };
    let differences: Vec<String> = names
        .into_iter()
        .map(|name| (name, shown(&theirs, name), shown(options, name)))
        .filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| format!("{name} was {was}, is {is}"))
        .collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure::Mistake(format!(
        "{path}: begun with other options: {}; give the same to go on, remove the file to begin anew, or \
         give another -o",
        differences.join("; ")
    )))
}

fn parse(line: &[u8]) -> Option<Options> {
    let mut line: Value = serde_json::from_slice(line.strip_suffix(b"\n")?).ok()?;
    serde_json::from_value(line.get_mut(KEY)?.take()).ok()
}
