//! YAML as a tree that knows where each value stands.
//!
//! serde_yaml reports the first error and has positions only for errors. Here the events of
//! saphyr-parser give the tree and its positions, serde_yaml gives each scalar its type.

mod brackets;

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_yaml::Value;

use crate::diagnostics::{Diagnostic, Fault, Problem, quoted};
use crate::limits::{MAX_DEPTH, MAX_TEXT};

/// One value and its bytes in the text.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Null, truth value, number or text.
    Scalar(Value),
    List(Vec<Node>),
    /// Keys once each, in the order of the text.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_range: Range<usize>,
    pub(crate) value: Node,
}

/// The text of a spec, and the errors found in it so far.
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    /// Byte offset of every line's start.
    lines: Vec<usize>,
    /// Byte offset of every character, and of the end: the parser counts characters.
    characters: Vec<usize>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(after_breaks).collect();
        let characters = text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()])
            .collect();
        Source {
            text,
            lines,
            characters,
            diagnostics: Vec::new(),
        }
    }

    /// Reports a problem of a range, or of its first line where it has several.
    pub(crate) fn report(&mut self, problem: Problem, range: Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        let range = range.start..range.start + first.len();
        let (line, column) = self.position(range.start);
        let place = (line, column, column + first.chars().count());
        self.diagnostics
            .push(Diagnostic::new(problem, range, place));
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(crate) fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= byte);
        let character = |byte| self.characters.partition_point(|start| *start < byte);
        let before = character(byte) - character(self.lines[line - 1]);
        let mark = usize::from(line == 1 && before > 0 && self.text.starts_with('\u{feff}'));
        (line, before - mark + 1)
    }

    /// The tree of the only document, or `None` where an error leaves no tree to go on with.
    pub(crate) fn tree(&mut self) -> Option<Node> {
        if self.text.len() > MAX_TEXT {
            let problem = Problem::new(Fault::TooLong).with("most", MAX_TEXT);
            self.report(problem.says(format!("{} bytes", self.text.len())), 0..0);
            return None;
        }
        let parser = Parser::new_from_str(self.text);
        let mut builder = Builder {
            source: self,
            parser,
        };
        match builder.document() {
            Ok(root) => root,
            Err(Stop(problem, range)) => {
                self.report(problem, range);
                None
            }
        }
    }
}

/// An error after which the events say nothing more.
struct Stop(Problem, Range<usize>);

struct Builder<'s, 't> {
    source: &'s mut Source<'t>,
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Builder<'_, 't> {
    /// The next event that matters, and its bytes; `None` at the end of the text.
    fn next(&mut self) -> Result<Option<(Event<'t>, Range<usize>)>, Stop> {
        loop {
            match self.parser.next_event() {
                None | Some(Ok((Event::StreamEnd, _))) => return Ok(None),
                Some(Ok((Event::Nothing | Event::StreamStart | Event::DocumentEnd, _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.range(span)))),
                Some(Err(error)) => {
                    let at = self.byte(error.marker().index());
                    return Err(self.syntax(error.info(), at));
                }
            }
        }
    }

    /// What the parser stumbles over, where that can be said better than in its own words.
    fn syntax(&self, parser: &str, at: usize) -> Stop {
        let text = self.source.text;
        if let Some(tab) = stray_tab(text, at) {
            return Stop(Problem::new(Fault::Tab), tab..tab + 1);
        }
        if text[at..].starts_with('*') {
            let alias = &text[at..];
            let end = alias.find(|c: char| c.is_whitespace() || ",]}".contains(c));
            let end = at + end.unwrap_or(alias.len());
            return Stop(Problem::new(Fault::Alias).says("`*`"), at..end);
        }
        if parser.contains("recursion limit") {
            return Stop(too_deep(), at..at);
        }
        let problem = |fault| Problem::new(fault).says(parser);
        let bracket = brackets::open(&text[..at]).map(|(start, closing)| {
            let problem = problem(Fault::Bracket).with("closing", closing);
            Stop(problem, start..start + 1)
        });
        bracket.unwrap_or_else(|| Stop(problem(Fault::Syntax), at..at))
    }

    fn byte(&self, character: usize) -> usize {
        self.source
            .characters
            .get(character)
            .copied()
            .unwrap_or(self.source.text.len())
    }

    /// Bytes of an event, without the blanks that the parser counts to some scalars.
    fn range(&self, span: Span) -> Range<usize> {
        let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
        let text = self.source.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end().len()
    }

    /// Where a value that is nothing would stand: the parser says, at the colon.
    fn behind_colon(&self, range: Range<usize>) -> Range<usize> {
        match range.is_empty() && self.source.text[range.start..].starts_with(':') {
            true => range.start + 1..range.start + 1,
            false => range,
        }
    }

    /// The first document; a second one is an error, an empty one as well.
    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut root = None;
        while let Some((event, range)) = self.next()? {
            if event == Event::DocumentStart(true) || event == Event::DocumentStart(false) {
                if root.is_some() {
                    let problem = Problem::new(Fault::SecondDocument).says("`---`");
                    return Err(Stop(problem, range));
                }
            } else {
                root = Some(self.node(event, range, 0)?);
            }
        }
        match root {
            Some(Node {
                kind: Kind::Scalar(Value::Null),
                ..
            })
            | None => Err(Stop(Problem::new(Fault::Empty), 0..0)),
            root => Ok(root),
        }
    }

    /// The value that an event begins.
    fn node(&mut self, event: Event<'t>, range: Range<usize>, depth: usize) -> Result<Node, Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop(too_deep(), range));
        }
        let (anchor, tagged) = match &event {
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor != 0 {
            let problem = Problem::new(Fault::Anchor).says("`&`");
            self.source.report(problem, range.clone());
        }
        if tagged {
            let problem = Problem::new(Fault::Tag).says("`!`");
            self.source.report(problem, range.clone());
        }
        match event {
            Event::Scalar(text, style, ..) => Ok(Node {
                range,
                kind: Kind::Scalar(typed(&text, style)),
            }),
            Event::SequenceStart(..) => self.list(range, depth),
            Event::MappingStart(..) => self.mapping(range, depth),
            // An alias; the others do not begin a value.
            _ => Err(Stop(Problem::new(Fault::Alias).says("`*`"), range)),
        }
    }

    fn list(&mut self, range: Range<usize>, depth: usize) -> Result<Node, Stop> {
        let mut list = Vec::new();
        while let Some((event, item)) = self.next()? {
            if event == Event::SequenceEnd {
                return Ok(Node {
                    range: range.start..item.end.max(range.end),
                    kind: Kind::List(list),
                });
            }
            list.push(self.node(event, item, depth + 1)?);
        }
        Ok(Node {
            range,
            kind: Kind::List(list),
        })
    }

    fn mapping(&mut self, range: Range<usize>, depth: usize) -> Result<Node, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines = HashMap::new();
        while let Some((event, key_range)) = self.next()? {
            if event == Event::MappingEnd {
                let range = range.start..key_range.end.max(range.end);
                return Ok(Node {
                    range,
                    kind: Kind::Mapping(entries),
                });
            }
            let key = self.node(event, key_range, depth + 1)?;
            let Some((event, value_range)) = self.next()? else {
                break;
            };
            let value_range = self.behind_colon(value_range);
            let value = self.node(event, value_range, depth + 1)?;
            let Some(text) = key_text(&key, self.source.text) else {
                let problem = Problem::new(Fault::KeyIsNoText);
                self.source.report(problem, key.range);
                continue;
            };
            let (line, _) = self.source.position(key.range.start);
            if let Some(&first_line) = lines.get(&text) {
                let problem = Problem::new(Fault::DuplicateKey).with("line", first_line);
                let found = format!("{}, first on line {first_line}", quoted(&text));
                self.source.report(problem.says(found), key.range);
                continue;
            }
            lines.insert(text.clone(), line);
            entries.push(Entry {
                key: text,
                key_range: key.range,
                value,
            });
        }
        Ok(Node {
            range,
            kind: Kind::Mapping(entries),
        })
    }
}

/// A tab that YAML does not take: right before where reading stops, or in the indentation of that line or of
/// the next one, which the parser may have seen.
fn stray_tab(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let next = text[at..].find('\n').map(|end| at + end + 1);
    let tab = |start: usize| {
        let indentation = text[start..].find(|c| !" \t".contains(c));
        let end = start + indentation.unwrap_or(0);
        text[start..end].find('\t').map(|tab| start + tab)
    };
    let before = || text[..at].ends_with('\t').then(|| at - 1);
    tab(line).or_else(before).or_else(|| next.and_then(tab))
}

fn too_deep() -> Problem {
    Problem::new(Fault::TooDeep).with("most", MAX_DEPTH)
}

/// Text of a key. A number or truth value is taken as written: as a key it is unknown or a bad name,
/// and that is the error to report.
fn key_text(key: &Node, text: &str) -> Option<String> {
    match &key.kind {
        Kind::Scalar(Value::String(key)) => Some(key.clone()),
        Kind::Scalar(_) => text.get(key.range.clone()).map(String::from),
        Kind::List(_) | Kind::Mapping(_) => None,
    }
}

/// A scalar with its YAML type: plain text may be a number, quoted text is always text.
fn typed(text: &str, style: ScalarStyle) -> Value {
    let as_text = || Value::String(text.into());
    if style != ScalarStyle::Plain {
        return as_text();
    }
    match serde_yaml::from_str(text) {
        Ok(Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_)) | Err(_) => as_text(),
        Ok(scalar) => scalar,
    }
}
