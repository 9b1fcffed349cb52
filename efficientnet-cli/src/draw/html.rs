//! A scene as one page that needs nothing else: the picture, to zoom, fold and search, and what there is to know
//! about each box.

use serde_json::{Value, json};

use super::diagram::Leaf;
use super::scene::Scene;
use super::svg::{self, Use, escaped};

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// A picture as a page; the boxes in the order that it counts them in.
pub(crate) fn write<'l>(scene: &Scene, boxes: impl Iterator<Item = &'l Leaf>) -> String {
    let style = format!("{}\n{STYLE}", svg::style_sheet(""));
    let picture = svg::write(scene, Use::Page);
    let facts = facts(boxes);
    // In one pass over the page: what is put in is not looked at again.
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, (name, after))) = rest
        .split_once("{{")
        .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        page += before;
        match name {
            "title" => page += &escaped(&scene.title),
            "subtitle" => page += &escaped(&scene.description),
            "style" => page += &style,
            "picture" => page += &picture,
            "facts" => page += &facts,
            "script" => page += SCRIPT,
            _ => {}
        }
        rest = after;
    }
    page + rest
}

/// Name and facts of every box, as JSON that may stand inside an element.
fn facts<'l>(boxes: impl Iterator<Item = &'l Leaf>) -> String {
    let leaves: Vec<Value> = boxes
        .map(|leaf| json!({ "name": leaf.name, "facts": leaf.facts }))
        .collect();
    Value::from(leaves).to_string().replace('<', "\\u003c")
}
