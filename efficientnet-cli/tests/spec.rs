//! `efficientnet spec`: what is wrong with a spec, and the schema of the language.

mod common;

use std::process::Output;

use common::{Files, command, efficientnet, keys, workspace};
use efficientnet::spec::{BUNDLED, Spec};
use serde_json::Value;

/// Runs the command in a directory of files, so that messages do not hold its path.
fn run(
    files: &Files,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let mut command = command(arguments);
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.envs(environment.iter().copied());
    let output = command.current_dir(files.path("")).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    (status.code(), text(stdout), text(stderr))
}

/// What is said about one faulty text.
#[track_caller]
fn check(text: &str) -> String {
    let files = Files::new();
    files.write("bad.yaml", text);
    let (code, stdout, stderr) = run(&files, &["spec", "check", "bad.yaml"], &[]);
    assert_eq!((code, stderr.as_str()), (Some(1), ""), "{stdout}");
    stdout
}

fn full_of_errors() -> String {
    let path = workspace("efficientnet-spec/tests/bad_specs/full_of_errors.yaml");
    std::fs::read_to_string(path).expect("the file is committed")
}

#[test]
fn good_specs_have_a_line_each() {
    let files = Files::new();
    let mut arguments = vec!["spec".to_owned(), "check".into()];
    for (name, text) in BUNDLED {
        files.write(&format!("{name}.yaml"), text);
        arguments.push(format!("{name}.yaml"));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, stdout, stderr) = run(&files, &arguments, &[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.lines().count(), BUNDLED.len());
    assert!(
        stdout.contains("\nlite.yaml: lite, 5 variants\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("\nmnasnet.yaml: mnasnet, 1 variant\n"),
        "{stdout}"
    );
}

#[test]
fn every_fault_stands_under_its_line() {
    let stdout = check(&full_of_errors());
    assert!(stdout.is_ascii());
    insta::assert_snapshot!("spec_check", stdout);
}

/// Lines with a caret under them, and where it stands, in columns of a terminal.
fn carets(stdout: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = stdout.lines().collect();
    let pairs = lines.windows(2).filter_map(|pair| {
        let (bar, caret) = (pair[1].find("| ")? + 2, pair[1].find('^')?);
        Some((&pair[0][bar..], caret - bar))
    });
    pairs.collect()
}

#[test]
fn wide_characters_tabs_line_ends_and_marks_shift_no_caret() {
    let edited = |from: &str, to: &str| {
        let text = BUNDLED[0].1;
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    // Two columns each.
    let wide = edited("channels: 1280", "人员: 1, channels: 0");
    for text in [wide.clone(), wide.replace('\n', "\r\n")] {
        let line = "head: { 人员: 1, channels: 0 }";
        assert_eq!(carets(&check(&text)), [(line, 8), (line, 27)]);
    }
    // Four columns each.
    let tabs = edited("classes: 1000", "classes: \t 0\t# none");
    let line = "classes:      0    # none";
    assert_eq!(carets(&check(&tabs)), [(line, 14)]);
    // None.
    let mark = format!("\u{feff}{}", edited("# yaml", "famly: x # yaml"));
    let stdout = check(&mark);
    assert_eq!(carets(&stdout)[0].1, 0, "{stdout}");
    assert!(stdout.contains("--> bad.yaml:1:1\n"), "{stdout}");
}

#[test]
fn text_without_lines_has_places_too() {
    for text in ["", "\u{feff}", "\n\n", "# nothing", "\r\n"] {
        let stdout = check(text);
        assert!(stdout.contains("--> bad.yaml:1:1\n"), "{stdout}");
    }
    let stdout = check(&format!("# {}", "x".repeat(300_000)));
    assert!(stdout.len() < 2000, "{}", stdout.len());
}

#[test]
fn colour_is_for_terminals_and_for_those_who_insist() {
    let files = Files::new();
    files.write("bad.yaml", "");
    let escapes = |environment: &[(&str, &str)]| {
        let (_, stdout, _) = run(&files, &["spec", "check", "bad.yaml"], environment);
        stdout.contains('\u{1b}')
    };
    assert!(!escapes(&[]));
    assert!(escapes(&[("CLICOLOR_FORCE", "1")]));
    assert!(!escapes(&[("CLICOLOR", "1")]));
    assert!(!escapes(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
}

#[test]
fn what_cannot_be_read_is_a_mistake_and_the_rest_is_checked() {
    let files = Files::new();
    files.write("bad.yaml", "famly: x");
    files.write("good.yaml", BUNDLED[1].1);
    files.write("latin.yaml", b"family: \xe9");
    let arguments = [
        "spec",
        "check",
        "none.yaml",
        "latin.yaml",
        ".",
        "bad.yaml",
        "good.yaml",
    ];
    let (code, stdout, stderr) = run(&files, &arguments, &[]);
    assert_eq!(code, Some(2));
    assert!(stdout.contains("did you mean `family`?"), "{stdout}");
    assert!(
        stdout.ends_with("good.yaml: lite, 5 variants\n"),
        "{stdout}"
    );
    let complaints: Vec<&str> = stderr.lines().collect();
    assert_eq!(complaints.len(), 3, "{stderr}");
    for (complaint, file) in complaints.iter().zip(["none.yaml", "latin.yaml", "."]) {
        let start = format!("efficientnet: {file}: cannot be read: ");
        assert!(complaint.starts_with(&start), "{complaint}");
        assert!(complaint.ends_with("; expected a YAML file"), "{complaint}");
    }
}

#[test]
fn a_check_without_files_is_a_mistake() {
    let complaint = efficientnet(&["spec", "check"]).failure(2);
    assert!(complaint.contains("<FILE>"), "{complaint}");
    let complaint = efficientnet(&["spec", "chek"]).failure(2);
    assert!(complaint.contains("'check'"), "{complaint}");
}

#[test]
fn faults_for_programs_are_the_parser_s() {
    let files = Files::new();
    let text = full_of_errors();
    files.write("bad.yaml", &text);
    files.write("good.yaml", BUNDLED[1].1);
    let (code, stdout, stderr) = run(
        &files,
        &["spec", "check", "--json", "bad.yaml", "good.yaml"],
        &[],
    );
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    let document: Value = serde_json::from_str(&stdout).expect("one document");
    assert_eq!(keys(&document), ["faults", "files"]);
    assert_eq!(
        document["files"][0],
        serde_json::json!({ "file": "bad.yaml" })
    );
    assert_eq!(document["files"][1]["family"], "lite");
    assert_eq!(document["files"][1]["variants"][4], "lite4");
    let expected = Spec::parse(&text, "bad.yaml")
        .expect_err("it is faulty")
        .diagnostics;
    let faults = document["faults"].as_array().expect("a list");
    assert_eq!(faults.len(), expected.len());
    for (fault, expected) in faults.iter().zip(expected) {
        assert_eq!(
            keys(fault),
            [
                "column", "end", "expected", "fault", "file", "found", "hint", "label", "line",
                "message"
            ]
        );
        assert_eq!(fault["file"], "bad.yaml");
        assert_eq!(fault["line"], expected.line);
        assert_eq!(fault["column"], expected.column);
        let length = text[expected.range].chars().count();
        assert_eq!(fault["end"], expected.column + length);
        assert_eq!(fault["message"], expected.message);
        assert_eq!(fault["hint"], expected.hint);
    }
}

#[test]
fn other_commands_keep_their_words() {
    let files = Files::new();
    let path = files.write("bad.yaml", "famly: x");
    for arguments in [
        &["table", "--spec", &path][..],
        &["summary", "b0", "--spec", &path],
    ] {
        let complaint = efficientnet(arguments).failure(2);
        let start = format!("{path}:1:1: unknown key in the spec\n  found:    `famly`\n");
        assert!(complaint.starts_with(&start), "{complaint}");
    }
}

/// Written anew by `efficientnet spec schema > specs/spec.schema.json`.
#[test]
fn the_committed_schema_is_the_one_printed() {
    let committed = std::fs::read_to_string(workspace("specs/spec.schema.json"));
    let printed = efficientnet(&["spec", "schema"]).success();
    assert!(
        printed == committed.expect("the file is committed"),
        "specs/spec.schema.json is old"
    );
}
