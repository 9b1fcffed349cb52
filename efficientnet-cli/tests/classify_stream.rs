//! `efficientnet classify` of folders: rows of every photo in every format, whatever files there are.

mod common;

use std::fs::{self, File};
use std::process::Stdio;

use common::{Files, command, efficientnet, keys, photo};
use efficientnet::runtime::image::Image;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};

/// Names that are hard on formats and paths, in order; those with `broken` in them are no photos.
const NAMES: [&str; 8] = [
    "a b.png",
    "broken, \"quoted\".jpg",
    "comma,.PNG",
    "deep/broken.webp",
    "deep/deeper/'single'.png",
    "line\nbreak.png",
    "quote\".png",
    "\u{e9}t\u{e9}-\u{1f600}.png",
];

/// A folder of small photos, different in size, and of what is none.
fn folder() -> Files {
    let files = Files::new();
    fs::create_dir_all(files.path("photos/deep/deeper")).expect("made");
    for (index, name) in (0_u8..).zip(NAMES) {
        let name = format!("photos/{name}");
        if name.contains("broken") {
            files.write(&name, "no photo");
            continue;
        }
        let pixel = |x, y| image::Rgb([x as u8 * 4, y as u8 * index, 30 * index]);
        let pixels = image::RgbImage::from_fn(20 + u32::from(index), 30, pixel);
        let path = files.path(&name);
        pixels
            .save_with_format(path, image::ImageFormat::Png)
            .expect("written");
    }
    files.write("photos/notes.txt", "");
    files.write("photos/.hidden.png", "");
    files
}

fn rows(text: &str) -> Vec<Value> {
    let rows = text.lines().map(serde_json::from_str);
    rows.map(|row| row.expect("a line is a document")).collect()
}

/// Standard output of a run in which some photos are broken.
#[track_caller]
fn with_broken(arguments: &[&str], broken: usize) -> String {
    let outcome = efficientnet(&[&["classify"], arguments].concat());
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    let last = outcome.stderr.lines().last().unwrap_or_default();
    let start = format!("efficientnet: {broken} of ");
    assert!(last.starts_with(&start), "{}", outcome.stderr);
    outcome.stdout
}

#[test]
fn every_photo_of_a_folder_is_a_row_in_order() {
    let files = folder();
    let photos = files.path("photos");
    let text = with_broken(&[&photos, "-r", "--jobs", "1"], 2);
    let rows = rows(&text);
    let paths: Vec<&str> = rows.iter().filter_map(|row| row["path"].as_str()).collect();
    let expected = NAMES.map(|name| format!("{photos}/{name}"));
    assert_eq!(paths, expected);
    for (row, path) in rows.iter().zip(&expected) {
        match path.contains("broken") {
            true => assert_eq!(
                row,
                &json!({"path": path, "error": "expected JPEG, PNG or WebP, found no image"})
            ),
            false => assert_eq!(keys(row), ["path", "top"]),
        }
    }
    // The same as of single files.
    let good: Vec<&str> = paths
        .iter()
        .copied()
        .filter(|p| !p.contains("broken"))
        .collect();
    let document = efficientnet(&[&["classify", "--json"], &good[..]].concat()).json();
    let tops: Vec<&Value> = rows.iter().filter(|row| row["error"].is_null()).collect();
    assert_eq!(document["images"], json!(tops));
    // However many at a time.
    for jobs in ["2", "7"] {
        assert_eq!(with_broken(&[&photos, "-r", "--jobs", jobs], 2), text);
    }
    let outcome = efficientnet(&["classify", &photos, "-r"]);
    assert!(
        outcome.stderr.contains("2 files are hidden or no photos"),
        "{}",
        outcome.stderr
    );
    assert_eq!(with_broken(&[&photos], 1).lines().count(), 6);
}

/// What CSV holds, as rows of JSON.
fn csv_rows(text: &str, top: usize) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names =
        (1..=top).flat_map(|n| ["class", "label", "probability"].map(|s| format!("{s}{n}")));
    let expected: Vec<String> = ["path".into(), "error".into()]
        .into_iter()
        .chain(names)
        .collect();
    assert_eq!(reader.headers().expect("a header"), expected);
    let number = |text: &str| text.parse::<Value>().expect("a number");
    let rows = reader.records().map(|row| {
        let row = row.expect("every row is as long as the header");
        let classes: Vec<Value> = (0..top)
            .map(|n| [2, 3, 4].map(|column| &row[3 * n + column]))
            .take_while(|_| row[1].is_empty())
            .map(|[class, label, probability]| {
                let probability: f64 = probability.parse().expect("a number");
                json!({"class": number(class), "label": label, "probability": probability})
            })
            .collect();
        match &row[1] {
            "" => json!({"path": &row[0], "top": classes}),
            error => json!({"path": &row[0], "error": error}),
        }
    });
    rows.collect()
}

fn parquet_value(field: &Field) -> Value {
    match field {
        Field::Str(text) => json!(text),
        Field::Long(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::ListInternal(list) => list.elements().iter().map(parquet_value).collect(),
        Field::Group(row) => parquet_row(row),
        other => panic!("unexpected {other:?}"),
    }
}

fn parquet_row(row: &Row) -> Value {
    let columns = row.get_column_iter();
    let columns = columns.filter(|(_, field)| !matches!(field, Field::Null));
    let columns = columns.map(|(name, field)| (name.clone(), parquet_value(field)));
    Value::Object(columns.collect())
}

#[test]
fn all_formats_hold_the_same_rows() {
    let files = folder();
    let photos = files.path("photos");
    let outputs = ["jsonl", "csv", "parquet"].map(|format| {
        let output = files.path(&format!("out.{format}"));
        let said = with_broken(&[&photos, "-r", "--top", "3", "-o", &output], 2);
        assert_eq!(said, "");
        output
    });
    let expected = fs::read_to_string(&outputs[0]).expect("written");
    assert_eq!(with_broken(&[&photos, "-r", "--top", "3"], 2), expected);
    let expected = rows(&expected);
    assert_eq!(expected.len(), NAMES.len());

    let text = fs::read_to_string(&outputs[1]).expect("written");
    assert_eq!(csv_rows(&text, 3), expected);
    let printed = with_broken(&[&photos, "-r", "--top", "3", "--format", "csv"], 2);
    assert_eq!(printed, text);

    let reader = SerializedFileReader::new(File::open(&outputs[2]).expect("written"));
    let reader = reader.expect("a Parquet file");
    let found = reader.get_row_iter(None).expect("rows");
    let found: Vec<Value> = found.map(|row| parquet_row(&row.expect("a row"))).collect();
    assert_eq!(found, expected);
    assert_eq!(
        files.names(),
        ["out.csv", "out.jsonl", "out.parquet", "photos"]
    );
}

#[test]
fn files_without_a_fault_are_a_success() {
    let photos = [photo("coffee"), photo("chelsea"), photo("coffee")];
    let paths = photos.each_ref().map(String::as_str);
    let text = efficientnet(&[&["classify", "--jobs", "2", "--top", "1"], &paths[..]].concat());
    let rows = rows(&text.success());
    let labels: Vec<&Value> = rows.iter().map(|row| &row["top"][0]["label"]).collect();
    // The same path is one row.
    assert_eq!(labels, ["espresso", "tiger cat"]);
    assert!(Image::open(&photos[0]).is_ok());
}

#[test]
fn what_makes_no_rows_is_refused() {
    let files = folder();
    let photos = files.path("photos");
    let no_folder = files.path("none/out.csv");
    let taken = files.write("taken.csv", "");
    fs::create_dir(files.path("empty")).expect("made");
    let empty = files.path("empty");
    let outer = files.path("");
    let cases: [(&[&str], &[&str]); 11] = [
        (&[&photos, "--json"], &[&photos, "--format jsonl"]),
        (&[&photos, "--explain", "x.png"], &[&photos, "one IMAGE"]),
        (&[&photos, "--format", "parquet"], &["-o"]),
        (
            &[&photos, "-o", "out.json"],
            &["out.json", ".jsonl or .csv or .parquet"],
        ),
        (&[&photos, "-o", "out"], &["--format"]),
        (&[&photos, "-o", &photos], &["no format has"]),
        (&[&photos, "-o", &photos, "--format", "csv"], &["directory"]),
        (&[&photos, "-o", &no_folder], &["there is no directory"]),
        (&[&photos, "-o", &taken], &[&taken, "there already"]),
        (&[&empty], &[&empty, "of 0 files"]),
        (&[&outer], &["--recursive goes into the folders in it (2)"]),
    ];
    for (arguments, parts) in cases {
        efficientnet(&[&["classify"], arguments].concat()).complains(2, parts);
    }
    let refused = efficientnet(&["classify", &photos, "--json", "--jobs", "2"]).failure(2);
    assert!(refused.contains("cannot be used with"), "{refused}");
    let refused = efficientnet(&["classify", &photos, "--jobs", "0"]).failure(2);
    assert!(refused.contains("at least 1"), "{refused}");
    assert_eq!(files.names(), ["empty", "photos", "taken.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf_8_and_missing_files_are_rows() {
    use std::os::unix::ffi::OsStrExt;
    let files = Files::new();
    fs::create_dir(files.path("photos")).expect("made");
    for name in [&b"\xfe.jpg"[..], b"\xff.jpg"] {
        let path =
            std::path::Path::new(&files.path("photos")).join(std::ffi::OsStr::from_bytes(name));
        fs::copy(photo("coffee"), path).expect("copied");
    }
    let photos = files.path("photos");
    let output = files.path("out.jsonl");
    let text = with_broken(&[&photos, "/nowhere.jpg", "--top", "1", "-o", &output], 1);
    assert_eq!(text, "");
    let rows = rows(&fs::read_to_string(output).expect("written"));
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0]["path"], format!("{photos}/\u{fffd}.jpg"));
    let error = rows[2]["error"].as_str().expect("an error");
    assert!(error.starts_with("cannot be read: "), "{error}");
}

#[test]
fn whoever_closes_the_output_has_seen_enough() {
    let files = folder();
    for format in ["jsonl", "csv"] {
        let photos = files.path("photos");
        let mut child = command(&[
            "classify", "--top", "1000", "-r", &photos, "--format", format,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}
