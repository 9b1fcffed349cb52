//! A fault of a spec under the line where it stands.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use efficientnet::spec::Diagnostic;

/// How a fault looks: its kind and message, the line with a caret, what was found and expected, and
/// what to do. `file` is the spec's name, `text` all of it.
pub(super) fn render(renderer: &Renderer, file: &str, text: &str, fault: &Diagnostic) -> String {
    let line = Line::of(text, fault);
    let caret = AnnotationKind::Primary.span(line.start..line.end);
    let source = Snippet::source(line.text)
        .path(file)
        .line_start(fault.line)
        .annotation(caret.label(&fault.label));
    let title = Level::ERROR.primary_title(&fault.message);
    let group: Group<'_> = title.id(fault.fault.name()).element(source);
    let group = group
        .element(Level::NOTE.message(note(text, fault)))
        .element(Level::HELP.message(&fault.hint));
    renderer.render(&[group])
}

/// What was found, unless the caret shows it, and what was expected.
fn note(text: &str, fault: &Diagnostic) -> String {
    let under = text.get(fault.range.clone()).unwrap_or_default();
    match &fault.found {
        Some(found)
            if *found != format!("`{under}`") && !under.starts_with(found.trim_matches('`')) =>
        {
            format!("found {found}, expected {}", fault.expected)
        }
        _ => format!("expected {}", fault.expected),
    }
}

/// The line of a fault without its end, and the fault's bytes in it.
struct Line<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, fault: &Diagnostic) -> Self {
        let begin = text[..fault.range.start]
            .rfind('\n')
            .map_or(0, |end| end + 1);
        let line = text[begin..].lines().next().unwrap_or_default();
        // A byte order mark is no character of the first line.
        let shown = match begin {
            0 => line.strip_prefix('\u{feff}').unwrap_or(line),
            _ => line,
        };
        let hidden = begin + line.len() - shown.len();
        let within = |byte: usize| byte.saturating_sub(hidden).min(shown.len());
        Line {
            text: shown,
            start: within(fault.range.start),
            end: within(fault.range.end),
        }
    }
}
