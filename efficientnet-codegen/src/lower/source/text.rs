//! Formatted text, and the lines that the formatter must leave alone.

use proc_macro2::TokenStream;
use quote::quote;

use super::Source;
use crate::lower::calls::tokens_of;

impl Source {
    /// Formatted text with comments, as a file of its own.
    ///
    /// # Errors
    /// Where the generated code is no valid Rust, which would be a fault of this crate.
    pub fn text(&self) -> Result<String, syn::Error> {
        let Self {
            model,
            outputs,
            imports,
            implementation,
            tables,
            functions,
        } = self;
        let mut verbatim = Verbatim::default();
        let tables: Vec<_> = tables.iter().map(|t| t.text(&mut verbatim)).collect();
        let functions: Vec<_> = functions.iter().map(|f| f.text(&mut verbatim)).collect();
        let file: syn::File = syn::parse2(
            quote! { #imports #model #outputs #implementation #(#tables)* #(#functions)* },
        )?;
        Ok(format!(
            "{LEGEND}\n{}",
            verbatim.resolve(&prettyplease::unparse(&file))
        ))
    }
}

/// What the names and numbers of the text mean.
const LEGEND: &str = "\
// Maps: x between sub-blocks, e expanded, d after the depthwise; vectors: s pooled, g gate.
// Shapes: <height, width, channels, out channels, out height, out width, kernel, stride>, where they
// differ, then the strip of pixels or output rows that a tile takes, and what threads share; of a
// depth-first call (stem_depthwise, expand_depthwise) both kernels'; squeeze_excite: <channels,
// squeezed, pixels>. The numbers behind the operands are arena addresses in floats.
";

/// Lines that the formatter must leave alone: it sees `__verbatim!(n);` in their place.
#[derive(Default)]
pub(in crate::lower) struct Verbatim(Vec<String>);

const MARKER: &str = "__verbatim";

/// Two of this width do not fit a line, one does.
const MARKER_DIGITS: usize = 50;

impl Verbatim {
    /// The statement that stands for a line until the text is formatted.
    pub(in crate::lower) fn statement(&mut self, line: String) -> TokenStream {
        let expression = self.expression(line);
        quote! { #expression; }
    }

    /// The expression that stands for a piece of a line.
    pub(in crate::lower) fn expression(&mut self, text: String) -> TokenStream {
        // About as wide as the text, so that lists are broken where the text would break them.
        let digits = text.len().min(MARKER_DIGITS);
        self.0.push(text);
        let index = self.0.len() - 1;
        tokens_of(&format!("{MARKER}!({index:0digits$})"))
    }

    /// Puts the lines in their places, and sets items apart.
    fn resolve(&self, formatted: &str) -> String {
        let mut text = String::with_capacity(formatted.len());
        for line in formatted.lines() {
            let trimmed = line.trim_start();
            let indent = &line[..line.len() - trimmed.len()];
            if indent.is_empty() && begins_item(trimmed) && !ends_with_header(&text) {
                text.push('\n');
            }
            text.push_str(indent);
            text.push_str(&self.line(trimmed));
            text.push('\n');
        }
        text
    }

    fn line(&self, formatted: &str) -> String {
        let mut pieces = formatted.split(MARKER);
        let mut line = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (index, rest) = piece
                .trim_start_matches("!(")
                .split_once(')')
                .unwrap_or((piece, ""));
            let text = index
                .parse()
                .ok()
                .and_then(|index: usize| self.0.get(index));
            line.push_str(text.map_or(piece, String::as_str));
            // A statement's semicolon belongs to the marker.
            line.push_str(rest.strip_prefix(';').unwrap_or(rest));
        }
        line
    }
}

/// Whether a line at the margin begins an item that deserves an empty line before it.
fn begins_item(line: &str) -> bool {
    [
        "///", "#[", "fn ", "impl ", "const ", "static ", "pub ", "struct ", "type ",
    ]
    .iter()
    .any(|begin| line.starts_with(begin))
}

/// Whether the text so far ends in docs, attributes or an empty line, which belong to what follows.
fn ends_with_header(text: &str) -> bool {
    match text.lines().last() {
        None => true,
        Some(last) => last.is_empty() || last.starts_with("///") || last.starts_with("#["),
    }
}
