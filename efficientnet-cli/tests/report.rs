//! `efficientnet report`: pages of all families, where their numbers come from, and every mistake.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Files, Outcome, efficientnet};
use efficientnet::spec::{BUNDLED, Spec, bundled};
use roxmltree::{Document, Node};
use serde_json::Value;

fn report(output: &str, more: &[&str]) -> Outcome {
    efficientnet(&[&["report"], more, &["-o", output]].concat())
}

fn page(files: &Files, more: &[&str]) -> String {
    let path = files.path("page.html");
    assert_eq!(report(&path, more).success(), "");
    fs::read_to_string(path).expect("the page is there")
}

/// The page as XML: without the document type, style and script, its empty elements closed.
fn as_xml(page: &str) -> String {
    let mut xml = page.replacen("<!DOCTYPE html>", "", 1);
    // A style inside a picture would end the page's.
    for (begin, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let (before, rest) = xml.split_once(begin).expect("there is one");
        let (_, after) = rest.split_once(end).expect("it ends");
        xml = format!("{before}{after}");
    }
    let parts = xml
        .split("<meta ")
        .enumerate()
        .map(|(number, part)| match number {
            0 => part.to_owned(),
            _ => format!("<meta {}", part.replacen('>', "/>", 1)),
        });
    parts.collect()
}

fn text(node: Node) -> String {
    let texts = node.descendants().filter(Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

fn elements<'a>(document: &'a Document, name: &str) -> Vec<Node<'a, 'a>> {
    let all = document.descendants();
    all.filter(|node| node.is_element() && node.tag_name().name() == name)
        .collect()
}

fn by_id<'a>(document: &'a Document, id: &str) -> Node<'a, 'a> {
    let mut all = document.descendants();
    let found = all.find(|node| node.attribute("id") == Some(id));
    found.unwrap_or_else(|| panic!("there is no {id}"))
}

/// Header and rows of the table of a caption.
fn table(document: &Document, caption: &str) -> Vec<Vec<String>> {
    let tables = elements(document, "table");
    let is_it = |table: &&Node| table.first_element_child().map(text).as_deref() == Some(caption);
    let found = tables.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("there is no table `{caption}`"));
    let rows = found.descendants().filter(|node| node.has_tag_name("tr"));
    rows.map(|row| row.children().map(text).collect()).collect()
}

/// Headings of the boxes of every picture in an element.
fn pictures(node: Node) -> Vec<(String, Vec<String>)> {
    let pictures = node.descendants();
    let pictures = pictures.filter(|node| node.attribute("class") == Some("drawing"));
    let picture = |svg: Node| {
        let boxes = svg.descendants();
        let boxes = boxes.filter(|node| node.attribute("class") == Some("leaf"));
        let names = boxes.filter_map(|leaf| leaf.first_element_child()?.text());
        let name = |spoken: &str| spoken.split(',').next().unwrap_or_default().to_owned();
        let title = svg.first_element_child().map(text).unwrap_or_default();
        (title, names.map(name).collect())
    };
    pictures.map(picture).collect()
}

#[test]
fn pages_of_all_families_are_whole_and_well_formed() {
    let files = Files::new();
    for (name, yaml) in BUNDLED {
        let spec = Spec::parse(yaml, name).expect("a bundled spec");
        let page = page(&files, &["--spec", name]);
        let xml = as_xml(&page);
        let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        for variant in spec.variants.iter() {
            let panel = by_id(&document, &format!("variant-{}", variant.name));
            let [(title, boxes)] = &pictures(panel)[..] else {
                panic!("{name}: one picture a variant");
            };
            assert_eq!(*title, format!("{name} {}, blocks", variant.name));
            assert_eq!(boxes.len(), spec.blocks.len() + 2, "{title}");
        }
        assert_eq!(elements(&document, "main").len(), 1);
        assert_eq!(elements(&document, "h1").len(), 1);
        assert_headings_are_in_order(&document);
        assert_references_lead_somewhere(&document);
        assert_pictures_have_names(&document);
        assert_needs_nothing_else(&page, &document);
    }
}

fn assert_headings_are_in_order(document: &Document) {
    let mut before = 0;
    let headings = document.descendants().filter_map(|node| {
        let name = node.tag_name().name();
        name.strip_prefix('h')?.parse::<usize>().ok()
    });
    for level in headings {
        assert!(level <= before + 1, "h{level} behind h{before}");
        before = level;
    }
}

fn assert_references_lead_somewhere(document: &Document) {
    let all = || document.descendants().filter(Node::is_element);
    let ids: Vec<&str> = all().filter_map(|node| node.attribute("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    let links = all().filter_map(|node| node.attribute("href")?.strip_prefix('#'));
    let labels = all().filter_map(|node| node.attribute("aria-labelledby"));
    let mut count = 0;
    for target in links.chain(labels) {
        assert!(unique.contains(target), "{target}");
        count += 1;
    }
    assert!(count > 10);
}

fn assert_pictures_have_names(document: &Document) {
    let pictures = elements(document, "svg");
    assert!(pictures.len() >= 6);
    for picture in pictures {
        assert_eq!(picture.attribute("role"), Some("img"));
        let name = picture.attribute("aria-label").unwrap_or_default();
        assert!(name.len() > 10, "{name}");
        for part in ["title", "desc"] {
            let part = picture
                .children()
                .find(|child| child.tag_name().name() == part);
            assert!(!part.map(text).unwrap_or_default().is_empty(), "{name}");
        }
    }
}

/// Links to sources are the only addresses, and nothing follows them by itself.
fn assert_needs_nothing_else(page: &str, document: &Document) {
    for foreign in [
        "src=", "url(", "@import", "import(", "fetch(", "XMLHttp", "<link", "<iframe",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let all = document.descendants().filter(Node::is_element);
    for attribute in all.flat_map(|node| node.attributes()) {
        let is_link = attribute.name() == "href";
        assert!(
            is_link || !attribute.value().contains("://"),
            "{attribute:?}"
        );
    }
    let links = elements(document, "a");
    let links = links.iter().filter_map(|link| link.attribute("href"));
    let links = links.filter(|link| link.contains("://")).count();
    assert_eq!(
        page.replace("http://www.w3.org/2000/svg", "")
            .matches("://")
            .count(),
        links
    );
}

#[test]
fn numbers_are_those_of_the_other_commands() {
    let files = Files::new();
    let page = as_xml(&page(&files, &[]));
    let document = Document::parse(&page).expect("XML");
    let family = efficientnet(&["table", "--json"]).json();
    let variants = family["variants"].as_array().expect("variants");
    let stages = table(&document, "Stages of every variant");
    let costs = table(&document, "What the variants cost");
    for (column, variant) in variants.iter().enumerate() {
        assert_eq!(
            stages[0][column + 2],
            variant["variant"].as_str().expect("a name")
        );
        let of_variant = variant["stages"].as_array().expect("stages");
        assert_eq!(of_variant.len(), stages.len() - 1);
        for (row, stage) in stages[1..].iter().zip(of_variant) {
            let window = format!("{0}x{0}/{1}", stage["kernel"], stage["stride"]);
            assert_eq!(row[0], stage["name"].as_str().expect("a name"));
            assert!(row[1].ends_with(&window), "{row:?} {window}");
            assert_eq!(
                row[column + 2],
                format!("{} × {}", stage["repeats"], stage["channels"])
            );
        }
        let cost = |row: usize| costs[row][column + 1].replace(',', "");
        assert_eq!(cost(1), variant["resolution"][0].to_string());
        assert_eq!(cost(2), variant["layers_without_top"].to_string());
        assert_eq!(cost(3), variant["trainable_parameters"].to_string());
        assert_eq!(cost(4), variant["total_parameters"].to_string());
        let macs = variant["macs"].as_f64().expect("a number");
        assert_eq!(cost(5), format!("{:.0}", macs / 1e6));
    }
}

/// The block of a picture's table, and its sums over all blocks.
#[test]
fn a_diagrams_table_adds_up_to_the_layer_graph() {
    let files = Files::new();
    let page = as_xml(&page(&files, &["--spec", "lite"]));
    let document = Document::parse(&page).expect("XML");
    for variant in ["lite0", "lite4"] {
        let rows = table(&document, &format!("lite {variant}, blocks"));
        let sum = |column: usize| {
            let cells = rows[1..].iter().map(|row| row[column].replace(',', ""));
            let cells = cells.map(|cell| cell.parse::<u64>().expect("a number"));
            cells.sum::<u64>()
        };
        let summary = efficientnet(&["summary", variant, "--json"]).json();
        let layers = summary["layers"].as_array().expect("layers").iter();
        let total = |key: &str| {
            layers
                .clone()
                .filter_map(|layer| layer[key].as_u64())
                .sum::<u64>()
        };
        assert_eq!(sum(3), total("parameters"));
        assert_eq!(sum(4), total("macs"));
    }
}

/// The article's composition: layers of the modules, and modules of the sub-blocks.
#[test]
fn modules_and_sub_blocks_are_those_of_the_article() {
    let files = Files::new();
    let page = as_xml(&page(&files, &[]));
    let document = Document::parse(&page).expect("XML");
    let pictures = pictures(by_id(&document, "anatomy"));
    let drawn: Vec<(&str, usize)> = pictures
        .iter()
        .map(|(title, boxes)| (title.as_str(), boxes.len() - 1))
        .collect();
    assert_eq!(
        drawn,
        [
            ("Module 1: filter", 3),
            // Strided, with its padding.
            ("Module 2: expand, filter", 7),
            ("Module 3: squeeze and excite", 4),
            ("Module 4: project", 3),
            ("Module 5: project, add shortcut", 5),
            ("Sub-block 1: first of block 1", 3),
            ("Sub-block 2: first of a block", 3),
            ("Sub-block 3: later ones", 3),
        ]
    );
    let modules = |index: usize| -> String {
        let (_, boxes) = &pictures[index];
        let ends = boxes.iter().filter_map(|name| name.split("Module ").nth(1));
        ends.collect::<Vec<_>>().join(" ")
    };
    assert_eq!([5, 6, 7].map(modules), ["1 3 4", "2 3 4", "2 3 5"]);
    // Sub-blocks 3 are the repeats: of B0's 16 sub-blocks, 9.
    let counts = table(&document, "How many of them a variant has");
    let of_b0: Vec<&str> = counts[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(of_b0, ["1", "15", "16", "7", "9", "1", "6", "9"]);
}

#[test]
fn what_a_family_lacks_is_said() {
    let files = Files::new();
    let lite = page(&files, &["--spec", "lite"]);
    assert!(lite.contains("There is no Module 3 in it."));
    assert!(lite.contains("lite3 at 280 pixels, here 300 and lite4 at 300 pixels, here 380."));
    let edgetpu = page(&files, &["--spec", "edgetpu"]);
    assert!(edgetpu.contains("no published figures of this family are known"));
    assert!(!edgetpu.contains("as published"));
    let efficientnet = page(&files, &[]);
    assert!(efficientnet.contains("The source has no figures of b8 and l2 as they are here."));
    assert!(!efficientnet.contains("Latency"));
}

/// Accuracy is of the published networks alone.
#[test]
fn a_spec_of_ones_own_is_not_given_published_accuracy() {
    let files = Files::new();
    let text = bundled("efficientnet").expect("a spec");
    let other = text.replace(
        "b1: { width: 1.0, depth: 1.1",
        "b1: { width: 1.0, depth: 1.3",
    );
    assert_ne!(text, other);
    let spec = files.write("other.yaml", other);
    let page = as_xml(&page(&files, &["--spec", &spec]));
    let document = Document::parse(&page).expect("XML");
    let cited = table(&document, "Published figures and our counts");
    let names: Vec<&str> = cited[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["b0", "b2", "b3", "b4", "b5", "b6", "b7"]);
}

#[test]
fn latency_is_what_bench_printed() {
    let files = Files::new();
    let bench = |threads: &str| {
        let arguments = ["bench", "b0", "--json", "--runs", "2", "--resolution", "32"];
        efficientnet(&[&arguments[..], &["--threads", threads]].concat()).json()
    };
    let (one, two) = (bench("1"), bench("2"));
    // Several documents in a file, in any order, as of a shell's loop.
    let [a, b] = [
        ("a.json", format!("{two}{one}")),
        ("b.json", one.to_string()),
    ]
    .map(|(name, text)| files.write(name, text));
    for more in [
        &["--latency", &a, &b][..],
        &["--latency", &a, "--latency", &b],
    ] {
        let page = as_xml(&page(&files, more));
        let document = Document::parse(&page).expect("XML");
        let rows = table(&document, "Every measurement");
        assert_eq!(rows.len(), 4);
        for (row, measured) in rows[1..].iter().zip([&one, &one, &two]) {
            let ms = |key: &str| format!("{:.3}", measured[key].as_f64().expect("a number"));
            assert_eq!((row[0].as_str(), row[1].as_str()), ("b0", "32x32x3"));
            assert_eq!(row[3], measured["isa"].as_str().expect("a name"));
            assert_eq!(row[4], measured["threads"].to_string());
            assert_eq!((row[6].as_str(), &row[7]), ("2", &ms("median_ms")));
            assert_eq!(row[8], ms("min_ms"));
        }
        let (_, bars) = &pictures(by_id(&document, "latency"))[0];
        assert_eq!(bars.len(), 3);
    }
}

#[test]
fn files_that_are_no_measurements_are_named() {
    let files = Files::new();
    let output = files.path("page.html");
    let measured = r#"{"variant": "b0", "input_shape": [224, 224, 3], "precision": "f32", "isa": "avx2", "threads": 1,
        "batch": 1, "median_ms": 10.0, "min_ms": 9.0, "runs_ms": [9.0, 11.0], "bound_ms": 5.0}"#;
    let changed = |from: &str, to: &str| {
        let text = measured.replace(from, to);
        assert_ne!(text, measured);
        text
    };
    let cases = [
        ("missing field `isa`", changed("\"isa\": \"avx2\", ", "")),
        ("expected value", "median".to_owned()),
        ("the file is empty", String::new()),
        ("a time of 0 ms", changed("10.0", "0.0")),
        (
            "`lite0`, which is no variant of efficientnet",
            changed("b0", "lite0"),
        ),
        ("a nonzero", changed("\"threads\": 1", "\"threads\": 0")),
    ];
    let good = files.write("good.json", measured);
    for (part, text) in cases {
        let path = files.write("measured.json", text);
        let outcome = report(&output, &["--latency", &good, &path]);
        outcome.complains(2, &[&path, part]);
    }
    let missing = files.path("missing.json");
    report(&output, &["--latency", &missing])
        .complains(2, &[&missing, "efficientnet bench VARIANT --json"]);
    assert_eq!(files.names(), ["good.json", "measured.json"]);
}

#[test]
fn outputs_that_cannot_be_are_refused() {
    let files = Files::new();
    let svg = files.path("family.svg");
    report(&svg, &[]).complains(2, &[&svg, ".html"]);
    let nowhere = files.path("none/family.html");
    report(&nowhere, &[]).complains(2, &[&nowhere, "make it first"]);
    let spec = files.write("lite.html", bundled("lite").expect("a spec"));
    report(&spec, &["--spec", &spec]).complains(2, &[&spec, "it is read, too"]);
    let output = files.path("page.html");
    report(&output, &["--spec", "lit"]).complains(2, &["lit", "did you mean `lite`?"]);
    assert_eq!(files.names(), ["lite.html"]);
}

#[test]
fn the_page_is_the_same_every_time_and_not_large() {
    let files = Files::new();
    let first = page(&files, &[]);
    assert!(first == page(&files, &[]));
    assert!(first.len() < 500_000, "{} bytes", first.len());
}

/// JSON of the command is text like any other in the page.
#[test]
fn markup_in_measurements_stays_text() {
    let files = Files::new();
    let measured: Value = serde_json::json!({
        "variant": "b0", "input_shape": [224, 224, 3], "precision": "f32", "isa": "</td><script>alert(1)</script>",
        "threads": 1, "batch": 1, "median_ms": 10.0, "min_ms": 9.0, "runs_ms": [9.0], "bound_ms": 5.0,
    });
    let path = files.write("measured.json", measured.to_string());
    let page = page(&files, &["--latency", &path]);
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}
