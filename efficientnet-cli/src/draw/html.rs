//! A scene as one page that needs nothing else: the picture, to zoom, fold and search, and what there is to know
//! about each box.

use serde_json::{Value, json};

use super::diagram::Diagram;
use super::scene::Scene;
use super::svg::{self, Use, escaped};

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// The picture of a diagram as a page.
pub(crate) fn write(diagram: &Diagram, scene: &Scene) -> String {
    let style = format!("{}\n{STYLE}", svg::style_sheet(""));
    let picture = svg::write(scene, Use::Page);
    // In one pass over the page: what is put in is not looked at again.
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, (name, after))) = rest
        .split_once("{{")
        .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        page += before;
        match name {
            "title" => page += &escaped(&diagram.title),
            "subtitle" => page += &escaped(&diagram.subtitle),
            "style" => page += &style,
            "picture" => page += &picture,
            "facts" => page += &facts(diagram),
            "script" => page += SCRIPT,
            _ => {}
        }
        rest = after;
    }
    page + rest
}

/// Name and facts of every box, as JSON that may stand inside an element.
fn facts(diagram: &Diagram) -> String {
    let leaves: Vec<Value> = diagram
        .leaves()
        .map(|leaf| json!({ "name": leaf.name, "facts": leaf.facts }))
        .collect();
    Value::from(leaves).to_string().replace('<', "\\u003c")
}
