//! Arguments of the command.

use std::path::PathBuf;
use std::str::FromStr;

use efficientnet_fuzz::{PARSERS, Parser};

use crate::faulty::FAULTY;

/// What to run.
pub(crate) struct Arguments {
    pub(crate) parsers: Vec<&'static Parser>,
    /// Inputs of each parser.
    pub(crate) inputs: u64,
    /// Number of the first one.
    pub(crate) first: u64,
    /// Most seconds that an input may take.
    pub(crate) seconds: u64,
    /// Where to write seeds to, instead of running.
    pub(crate) seeds: Option<PathBuf>,
    /// A saved input to run alone.
    pub(crate) file: Option<PathBuf>,
    /// In the process of one parser: where the number of the input is written.
    pub(crate) progress: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            parsers: Vec::new(),
            inputs: 10_000,
            first: 0,
            seconds: 10,
            seeds: None,
            file: None,
            progress: None,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--inputs" => arguments.inputs = value(&word, words.next())?,
                "--first" => arguments.first = value(&word, words.next())?,
                "--seconds" => arguments.seconds = value(&word, words.next())?,
                "--seeds" => arguments.seeds = Some(value(&word, words.next())?),
                "--file" => arguments.file = Some(value(&word, words.next())?),
                "--progress" => arguments.progress = Some(value(&word, words.next())?),
                name => arguments.parsers.push(parser(name)?),
            }
        }
        if arguments.parsers.is_empty() {
            arguments.parsers = PARSERS.iter().collect();
        }
        Ok(arguments)
    }
}

fn value<T: FromStr>(option: &str, word: Option<String>) -> Result<T, String> {
    let word = word.ok_or_else(|| format!("{option} needs a value"))?;
    word.parse()
        .map_err(|_| format!("{option} {word}: no such value"))
}

fn parser(name: &str) -> Result<&'static Parser, String> {
    let mut known = PARSERS.iter().chain(&FAULTY);
    known.find(|parser| parser.name == name).ok_or_else(|| {
        let names: Vec<_> = PARSERS.iter().map(|parser| parser.name).collect();
        format!("no parser `{name}`; there are {}", names.join(", "))
    })
}
