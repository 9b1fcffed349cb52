//! `efficientnet completions` and `efficientnet man`: for every shell, and a page for every command.

mod common;

use std::fs;
use std::process::Command;

use common::{Files, efficientnet};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// Whether the system has a program that can say its version.
fn has(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}

/// Names of the commands, as the help lists them.
fn commands(arguments: &[&str]) -> Vec<String> {
    let help = efficientnet(&[arguments, &["--help"]].concat()).success();
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_shells_script_knows_commands_and_options() {
    for shell in SHELLS {
        let script = efficientnet(&["completions", shell]).success();
        for word in [
            "summary",
            "weights",
            "inspect",
            "columns",
            "parameters",
            "symmetric",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let complaint = efficientnet(&["completions", "fsh"]).failure(2);
    assert!(complaint.contains("'fish'"), "{complaint}");
    assert!(complaint.contains("powershell, zsh"), "{complaint}");
}

/// What bash makes of the script where there is one: no mistake, and words that complete.
#[test]
fn bash_completes_commands_and_values() {
    if !cfg!(unix) || !has("bash") {
        return;
    }
    let files = Files::new();
    let script = efficientnet(&["completions", "bash"]).success();
    let path = files.write("efficientnet.bash", script);
    let checked = Command::new("bash").args(["-n", &path]).output();
    let checked = checked.expect("bash starts");
    assert!(checked.status.success());
    assert_eq!(String::from_utf8_lossy(&checked.stderr), "");

    let complete = |words: &str, current: &str, previous: &str| {
        let count = words.split_whitespace().count();
        let lines = format!(
            "source '{path}'; COMP_WORDS=({words} '{current}'); COMP_CWORD={count}; \
             _efficientnet efficientnet '{current}' '{previous}'; echo \"${{COMPREPLY[*]}}\""
        );
        let output = Command::new("bash").args(["--norc", "-c", &lines]).output();
        let output = output.expect("bash starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(complete("efficientnet", "summ", "efficientnet"), "summary");
    assert_eq!(
        complete("efficientnet weights", "ins", "weights"),
        "inspect"
    );
    let views = complete("efficientnet summary b0 --view", "", "--view");
    assert_eq!(views, "layers blocks kernels plan");
}

#[test]
fn every_command_has_a_page() {
    let files = Files::new();
    let directory = files.path("man/man1");
    let said = efficientnet(&["man", "--out", &directory]).success();
    let mut expected = vec!["efficientnet.1".to_owned()];
    for name in commands(&[]) {
        expected.push(format!("efficientnet-{name}.1"));
        for inner in commands(&[&name]) {
            expected.push(format!("efficientnet-{name}-{inner}.1"));
        }
    }
    assert!(expected.contains(&"efficientnet-weights-inspect.1".to_owned()));
    expected.sort();
    let entries = fs::read_dir(&directory).expect("the directory is made");
    let mut found: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("names are text"))
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(said.lines().count(), expected.len());
    for name in &expected {
        let page = fs::read_to_string(format!("{directory}/{name}")).expect("a page");
        for part in [".TH efficientnet", ".SH NAME", ".SH SYNOPSIS"] {
            assert!(page.contains(part), "{name}: {part}");
        }
        assert!(said.contains(&format!("{directory}/{name}\n")), "{said}");
    }
    // The same again, over what is there.
    assert_eq!(efficientnet(&["man", "--out", &directory]).success(), said);
    let main = efficientnet(&["man"]).success();
    let page = fs::read_to_string(format!("{directory}/efficientnet.1")).expect("a page");
    assert_eq!(main, page);
}

/// Without a warning, where the reader is man-db's.
#[test]
fn man_reads_the_pages() {
    if !cfg!(target_os = "linux") || !has("man") {
        return;
    }
    let files = Files::new();
    let directory = files.path("man1");
    let pages = efficientnet(&["man", "--out", &directory]).success();
    for page in pages.lines() {
        let output = Command::new("man")
            .args(["--warnings", "-l", page])
            .output();
        let output = output.expect("man starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{page}");
        assert!(output.status.success(), "{page}");
        assert!(!output.stdout.is_empty(), "{page}");
    }
}

#[test]
fn a_file_in_the_place_of_a_directory_is_a_mistake() {
    let files = Files::new();
    let taken = files.write("taken", "");
    efficientnet(&["man", "--out", &taken]).complains(2, &[&taken, "expected a directory"]);
    assert_eq!(files.names(), ["taken"]);
}
