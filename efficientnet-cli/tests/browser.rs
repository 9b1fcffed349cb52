//! The pages of `report` and `plot` in a browser: they render without complaints, and work with mouse, keyboard and
//! screen reader.
//!
//! `cargo test -p efficientnet-cli --test browser -- --ignored` runs them; they need Chromium (`tests/chromium`).

mod chromium;
mod common;

use std::path::{Path, PathBuf};

use chromium::{Page, Spoken};
use common::{Files, efficientnet};
use serde_json::{Value, json};

const WIDE: [u32; 2] = [1280, 900];
const NARROW: [u32; 2] = [400, 800];

/// A page that the command writes.
fn written(files: &Files, arguments: &[&str]) -> PathBuf {
    let path = files.path("page.html");
    let arguments = [arguments, &["-o", &path]].concat();
    assert_eq!(efficientnet(&arguments).success(), "");
    PathBuf::from(path)
}

fn report(files: &Files) -> PathBuf {
    let bench = ["bench", "b0", "--json", "--runs", "1", "--resolution", "32"];
    let measured = efficientnet(&bench).success();
    let measured = files.write("b0.json", measured);
    written(files, &["report", "--latency", &measured])
}

fn plot(files: &Files, variant: &str, level: &str) -> PathBuf {
    written(files, &["plot", variant, "--level", level])
}

/// Roles of what can be used or looked at, all of which need a name.
const NAMED: [&str; 15] = [
    "button",
    "link",
    "searchbox",
    "textbox",
    "tab",
    "tablist",
    "tabpanel",
    "tree",
    "treeitem",
    "image",
    "img",
    "DisclosureTriangle",
    "navigation",
    "complementary",
    "toolbar",
];

#[track_caller]
fn assert_named(spoken: &[Spoken]) {
    let named = spoken.iter().filter(|it| NAMED.contains(&it.role.as_str()));
    let nameless: Vec<&Spoken> = named.filter(|it| it.name.is_empty()).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

fn count(spoken: &[Spoken], roles: &[&str]) -> usize {
    let of_role = |it: &&Spoken| roles.contains(&it.role.as_str());
    spoken.iter().filter(of_role).count()
}

/// Elements with letters that are cut off or stand out of the window, but for what scrolls by itself.
const OVERFLOWING: &str = "[...document.querySelectorAll('body *')].filter((element) => \
     !element.closest('svg, .skip, #view') && !element.parentElement.closest('.scroll') && \
     element.getClientRects().length > 0 && element.getBoundingClientRect().right > innerWidth + 0.5) \
     .map((element) => element.outerHTML.slice(0, 120))";

#[track_caller]
fn assert_fits(page: &mut Page) {
    for size in [WIDE, NARROW] {
        page.resize(size);
        let wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(page.number(wider), 0.0, "{size:?}");
        assert_eq!(page.value(OVERFLOWING), json!([]), "{size:?}");
    }
}

/// Texts outside of pictures whose contrast to what is behind them is less than 4.5 (WCAG 2.2, 1.4.3).
const FAINT: &str = "(() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.closest('svg, script, style')) continue;
    count += 1;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push([walk.currentNode.data, contrast]);
  }
  return [count, faint];
})()";

#[track_caller]
fn assert_readable(page: &mut Page) {
    let mut pages = Vec::new();
    for theme in ["light", "dark"] {
        page.prefer(theme);
        let value = page.value(FAINT);
        assert!(value[0].as_u64() > Some(10), "{value}");
        assert_eq!(value[1], json!([]), "{theme}");
        pages.push(page.text("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(pages[0], pages[1]);
}

#[track_caller]
fn assert_contented(page: &mut Page) {
    assert_eq!(page.complaints(), [""; 0]);
}

const SHOWN: &str = "[...document.querySelectorAll('.variant')] \
     .filter((element) => element.offsetHeight > 0).map((element) => element.id)";

const CHOSEN: &str = "[...document.querySelectorAll('[role=tab][aria-selected=true]')] \
     .map((tab) => tab.textContent).join()";

const FOCUS: &str = "document.activeElement.id || document.activeElement.textContent";

fn open(path: &Path) -> Page {
    Page::open(path, "", WIDE)
}

#[test]
#[ignore = "needs chromium"]
fn a_report_renders_in_both_themes_and_widths() {
    let files = Files::new();
    let mut page = open(&report(&files));
    assert_eq!(page.text("document.title"), "The efficientnet family");
    assert_eq!(page.number("document.querySelectorAll('h1').length"), 1.0);
    // Every picture has a size, its style, and letters in the colour of its theme.
    let pictures = page.value(
        "[...document.querySelectorAll('section:not([hidden]) > figure svg, .charts svg, .pieces svg')] \
         .map((svg) => [svg.clientWidth, getComputedStyle(svg.querySelector('text')).fill])",
    );
    let pictures = pictures.as_array().expect("pictures");
    // Scaling, two charts, eight pieces, one variant, latency.
    assert_eq!(pictures.len(), 13);
    for picture in pictures {
        assert!(picture[0].as_f64() > Some(100.0), "{picture}");
        assert_ne!(picture[1], "rgb(0, 0, 0)");
    }
    assert_readable(&mut page);
    assert_fits(&mut page);
    assert_contented(&mut page);
}

#[test]
#[ignore = "needs chromium"]
fn a_variant_is_chosen_with_mouse_keys_and_links() {
    let files = Files::new();
    let path = report(&files);
    let mut page = open(&path);
    let shows = |page: &mut Page, variant: &str| {
        assert_eq!(page.value(SHOWN), json!([format!("variant-{variant}")]));
        assert_eq!(page.text(CHOSEN), variant);
    };
    shows(&mut page, "b0");
    page.click("document.getElementById('choose-b3')");
    shows(&mut page, "b3");
    for (key, variant) in [
        ("ArrowRight", "b4"),
        ("ArrowLeft", "b3"),
        ("End", "l2"),
        ("ArrowRight", "b0"),
        ("ArrowLeft", "l2"),
        ("Home", "b0"),
    ] {
        page.press(key);
        shows(&mut page, variant);
        assert_eq!(page.text(FOCUS), format!("choose-{variant}"));
    }
    // One stop of the tab key for all tabs, the next is what they show.
    page.press("Tab");
    assert_eq!(page.text(FOCUS), "variant-b0");
    page.click("document.querySelector('thead a[href=\"#variant-b7\"]')");
    page.wait_until("document.getElementById('variant-b7').offsetHeight > 0");
    shows(&mut page, "b7");
    assert_contented(&mut page);
    let mut linked = Page::open(&path, "#variant-b2", WIDE);
    shows(&mut linked, "b2");
    // In view, with the tabs between it and the links that stay at the top.
    linked.wait_until("scrollY > 0");
    let top = linked.number("document.getElementById('choice').getBoundingClientRect().top");
    let links = linked.number("document.querySelector('nav').getBoundingClientRect().bottom");
    assert!((links..links + 100.0).contains(&top), "{top}, {links}");
    assert_contented(&mut linked);
}

#[test]
#[ignore = "needs chromium"]
fn a_report_is_used_by_keyboard_alone() {
    let files = Files::new();
    let mut page = open(&report(&files));
    page.press("Tab");
    assert_eq!(page.text(FOCUS), "Skip to the content");
    assert!(page.number("document.activeElement.getBoundingClientRect().left") >= 0.0);
    page.press("Enter");
    assert_eq!(page.text(FOCUS), "content");
    // Whatever has the focus shows it, and all of it can be reached.
    let mut reached = Vec::new();
    for _ in 0..60 {
        page.press("Tab");
        let stop = page.value(
            "(() => { const it = document.activeElement; \
             return [it.tagName, it.id || it.textContent.slice(0, 40), getComputedStyle(it).outlineStyle]; })()",
        );
        if stop[0] == "BODY" {
            break;
        }
        assert_eq!(stop[2], "solid", "{stop}");
        reached.push(stop);
    }
    let named = |name: &str| reached.iter().any(|stop| stop[1] == name);
    assert!(named("choose-b0") && named("variant-b0"), "{reached:?}");
    assert!(!named("choose-b1"), "{reached:?}");
    let summaries = reached.iter().filter(|stop| stop[0] == "SUMMARY");
    assert_eq!(summaries.count(), 2);
    page.value("document.querySelector('summary').focus()");
    page.press("Enter");
    assert_eq!(page.value("document.querySelector('details').open"), true);
    assert_contented(&mut page);
}

#[test]
#[ignore = "needs chromium"]
fn a_report_has_names_for_screen_readers() {
    let files = Files::new();
    let mut page = open(&report(&files));
    let spoken = page.spoken();
    assert_named(&spoken);
    assert_eq!(count(&spoken, &["tab"]), 10);
    assert_eq!(count(&spoken, &["tabpanel"]), 1);
    assert_eq!(count(&spoken, &["image", "img"]), 13);
    assert_eq!(count(&spoken, &["main"]), 1);
    assert_eq!(count(&spoken, &["navigation"]), 1);
    assert!(count(&spoken, &["table"]) >= 5);
    assert!(count(&spoken, &["columnheader"]) >= 20);
}

#[test]
#[ignore = "needs chromium"]
fn a_report_is_whole_without_scripts() {
    let files = Files::new();
    let mut page = open(&report(&files));
    page.allow_scripts(false);
    page.load();
    let spoken = page.spoken();
    assert_named(&spoken);
    // Ten variants instead of one.
    assert_eq!(count(&spoken, &["image", "img"]), 22);
    assert_eq!(count(&spoken, &["tab"]), 0);
}

/// What is in the window, of the boxes of a picture.
const BOXES: &str =
    "[...document.querySelectorAll('.leaf')].filter((leaf) => !leaf.closest('.gone')).length";

const WIDTH: &str =
    "Number(document.getElementById('picture').getAttribute('viewBox').split(' ')[2])";

/// A layer of a variant's summary.
fn layer(variant: &str, name: &str) -> Value {
    let summary = efficientnet(&["summary", variant, "--json"]).json();
    let layers = summary["layers"].as_array().expect("layers");
    let found = layers.iter().find(|layer| layer["name"] == name);
    found.expect("the layer").clone()
}

/// A number with commas, as the command prints it.
fn grouped(number: &Value) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b',')).expect("digits")
}

#[test]
#[ignore = "needs chromium"]
fn all_layers_of_b7_fold_zoom_and_are_found() {
    let files = Files::new();
    let mut page = open(&plot(&files, "b7", "layers"));
    let layers = page.number("document.querySelectorAll('.leaf').length");
    // So many begin folded.
    assert!(page.number(BOXES) < layers / 4.0);
    page.click("document.getElementById('unfold')");
    assert_eq!(page.number(BOXES), layers);
    page.click("document.getElementById('fold')");
    assert!(page.number(BOXES) < layers / 4.0);

    let before = page.number(WIDTH);
    page.click("document.getElementById('in')");
    let near = page.number(WIDTH);
    assert!(near < before);
    page.click("document.getElementById('out')");
    assert!((page.number(WIDTH) - before).abs() < 0.01 * before);
    page.click("document.getElementById('in')");
    page.click("document.getElementById('fit')");
    assert!((page.number(WIDTH) - before).abs() < 0.01 * before);

    // A search opens what it finds, and shows what there is to know about it.
    let name = "block5c_se_reduce";
    page.click("document.getElementById('search')");
    page.type_in(name);
    assert!(
        page.text("document.getElementById('matches').value")
            .starts_with("1 of ")
    );
    page.press("Enter");
    assert_eq!(
        page.text("document.querySelector('#details h2').textContent"),
        name
    );
    let found = "(() => { const leaf = document.querySelector('.leaf.match'); \
         const [box, view] = [leaf, document.getElementById('view')].map((it) => it.getBoundingClientRect()); \
         return !leaf.closest('.gone') && box.left >= view.left && box.right <= view.right \
         && box.top >= view.top && box.bottom <= view.bottom; })()";
    assert_eq!(page.value(found), true);
    let details = page.text("document.getElementById('details').textContent");
    let layer = layer("b7", name);
    assert!(
        details.contains(&grouped(&layer["parameters"])),
        "{details}"
    );
    assert!(details.contains(&grouped(&layer["macs"])), "{details}");
    let shape = layer["output_shape"].as_array().expect("a shape");
    let shape: Vec<String> = shape
        .iter()
        .filter(|side| !side.is_null())
        .map(Value::to_string)
        .collect();
    assert!(
        details.contains(&format!("Output{}", shape.join("x"))),
        "{details}"
    );
    assert_contented(&mut page);
}

#[test]
#[ignore = "needs chromium"]
fn a_click_on_a_box_shows_its_facts() {
    let files = Files::new();
    for (level, leaf, facts) in [
        (
            "layers",
            "stem_conv,",
            ["Output112x112x32", "Parameters", "Multiply-accumulates"],
        ),
        (
            "modules",
            "block1a",
            ["Output", "Parameters", "Multiply-accumulates"],
        ),
        (
            "blocks",
            "Block 3",
            ["Output28x28x40", "Parameters", "Multiply-accumulates"],
        ),
        (
            "kernels",
            "",
            ["Output112x112x32", "Kernel", "Input224x224x3"],
        ),
    ] {
        let mut page = open(&plot(&files, "b0", level));
        let found = format!(
            "[...document.querySelectorAll('.leaf')].find((leaf) => \
             leaf.getAttribute('aria-label').startsWith('{leaf}'))"
        );
        page.click(&format!("{found}.querySelector('text')"));
        assert_eq!(
            page.text(&format!("{found}.getAttribute('aria-selected')")),
            "true"
        );
        let details = page.text("document.getElementById('details').textContent");
        for fact in facts {
            assert!(
                details.contains(fact),
                "{level}: {fact} is not in {details}"
            );
        }
        assert_contented(&mut page);
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_picture_is_used_by_keyboard_alone() {
    let files = Files::new();
    let mut page = open(&plot(&files, "b0", "layers"));
    let mut stops = Vec::new();
    for _ in 0..8 {
        page.press("Tab");
        stops.push(
            page.text("document.activeElement.id || document.activeElement.getAttribute('role')"),
        );
    }
    let expected = [
        "search",
        "in",
        "out",
        "fit",
        "fold",
        "unfold",
        "help-button",
        "treeitem",
    ];
    assert_eq!(stops, expected);
    let name = "document.activeElement.getAttribute('aria-label')";
    let expanded = "document.activeElement.getAttribute('aria-expanded')";
    let first = page.text(name);
    assert_eq!(page.text(expanded), "true");
    let boxes = page.number(BOXES);
    page.press("ArrowLeft");
    assert_eq!(page.text(expanded), "false");
    assert!(page.number(BOXES) < boxes);
    page.press("ArrowRight");
    assert_eq!(page.text(expanded), "true");
    page.press("ArrowDown");
    assert_ne!(page.text(name), first);
    page.press("Enter");
    let details = page.text("document.querySelector('#details h2').textContent");
    assert!(page.text(name).starts_with(&details), "{details}");
    page.press("End");
    assert!(page.text(name).starts_with("predictions"));
    page.press("Home");
    assert_eq!(page.text(name), first);
    let width = page.number(WIDTH);
    page.press("+");
    assert!(page.number(WIDTH) < width);
    page.press("0");
    assert!((page.number(WIDTH) - width).abs() < 0.01 * width);
    page.press("/");
    assert_eq!(page.text(FOCUS), "search");
    page.value("document.getElementById('help-button').focus()");
    page.press("Enter");
    assert_eq!(page.text(expanded), "true");
    assert!(page.number("document.getElementById('help').offsetHeight") > 0.0);
    assert_contented(&mut page);
}

#[test]
#[ignore = "needs chromium"]
fn pictures_fit_can_be_read_and_are_named() {
    let files = Files::new();
    for (variant, level) in [
        ("b0", "blocks"),
        ("b0", "modules"),
        ("b7", "layers"),
        ("b0", "kernels"),
    ] {
        let mut page = open(&plot(&files, variant, level));
        let spoken = page.spoken();
        assert_named(&spoken);
        assert_eq!(count(&spoken, &["tree"]), 1);
        assert!(count(&spoken, &["treeitem"]) >= 9);
        assert!(count(&spoken, &["button"]) >= 4);
        assert_readable(&mut page);
        assert_fits(&mut page);
        assert_contented(&mut page);
    }
}

/// What the other tests rely on: each of these faults is found.
#[test]
#[ignore = "needs chromium"]
fn faults_of_a_page_are_found() {
    let files = Files::new();
    let faulty = "<!DOCTYPE html><title>x</title>
<p style='color: #999; background: #fff'>faint<p style='width: 3000px'>wide</p><button></button>
<script>console.error('error'); fetch('http://127.0.0.1:9/').catch(() => { document.title = 'done'; }); throw new Error('thrown');</script>";
    let mut page = open(Path::new(&files.write("faulty.html", faulty)));
    page.wait_until("document.title === 'done'");
    let complaints = page.complaints().join("\n");
    for part in ["consoleAPICalled", "exceptionThrown", "http://127.0.0.1:9/"] {
        assert!(complaints.contains(part), "{part} is not in: {complaints}");
    }
    let faint = page.value(FAINT);
    assert_eq!(faint[1].as_array().map(Vec::len), Some(1), "{faint}");
    let wide = page.value(OVERFLOWING);
    assert_eq!(wide.as_array().map(Vec::len), Some(1), "{wide}");
    let nameless = |it: &Spoken| it.role == "button" && it.name.is_empty();
    assert!(page.spoken().iter().any(nameless));
}
