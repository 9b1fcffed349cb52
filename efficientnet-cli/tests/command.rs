//! What all commands have in common: help, version, mistakes in arguments.

mod common;

use std::process::Stdio;

use common::{command, efficientnet};

const COMMANDS: [&str; 18] = [
    "bench",
    "classify",
    "compare",
    "completions",
    "explain",
    "generate",
    "man",
    "plot",
    "profile",
    "quantize",
    "report",
    "run",
    "scale",
    "spec",
    "summary",
    "table",
    "verify",
    "weights",
];

#[test]
fn help_names_every_command_and_fits_a_terminal() {
    let help = efficientnet(&["--help"]).success();
    for name in COMMANDS {
        assert!(help.contains(&format!("\n  {name} ")), "{help}");
    }
    assert!(help.contains("Exit codes"), "{help}");
    for name in COMMANDS {
        let help = efficientnet(&[name, "--help"]).success();
        assert!(
            help.contains(&format!("Usage: efficientnet {name} ")),
            "{help}"
        );
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn version_is_that_of_the_crate() {
    let expected = concat!("efficientnet ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(efficientnet(&["--version"]).success(), expected);
}

#[test]
fn wrong_arguments_are_mistakes() {
    let wrong: [(&[&str], &str); 5] = [
        (&["sumary", "b0"], "'summary'"),
        (&["summary"], "<VARIANT>"),
        (&["classify"], "<IMAGE>"),
        (&["classify", "--lables", "l.txt", "x.jpg"], "'--labels'"),
        (&["run", "b0", "--input", "x.npy"], "--weights <FILE>"),
    ];
    for (arguments, part) in wrong {
        let complaint = efficientnet(arguments).failure(2);
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
        assert!(complaint.contains("--help"), "{complaint}");
    }
}

#[test]
fn no_command_shows_help_as_a_mistake() {
    let outcome = efficientnet(&[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    assert!(
        outcome.stderr.contains("Usage: efficientnet"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn whoever_closes_the_output_has_seen_enough() {
    for view in ["layers", "blocks", "kernels", "plan"] {
        for more in [&[][..], &["--json"]] {
            let mut child = command(&[&["summary", "b7", "--view", view], more].concat())
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
}

/// Nothing can be said then, but the exit code still stands.
#[cfg(target_os = "linux")]
#[test]
fn complaints_that_cannot_be_written_leave_the_exit_code() {
    let wrong: [&[&str]; 3] = [
        &["classify", "missing.png"],
        &["summary", "b99"],
        &["sumary"],
    ];
    for arguments in wrong {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = command(arguments)
            .stderr(full.expect("the device"))
            .output()
            .expect("the command starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_failure_of_the_system() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = command(&["summary", "b0"])
        .stdout(full.expect("the device"))
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        complaint.starts_with("efficientnet: standard output: "),
        "{complaint}"
    );
}
