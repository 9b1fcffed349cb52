//! Every parser on a few hundred inputs; CI runs the command on ten thousand. And that failures are noticed.

use std::process::{Command, Output};

use efficientnet_fuzz::{Inputs, PARSERS};

/// Inputs of each parser.
const INPUTS: &str = "300";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_efficientnet-fuzz"))
        .args(arguments)
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the command starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn mutated_inputs_do_no_harm() {
    let output = run(&["--inputs", INPUTS]);
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}{errors}");
    for parser in &PARSERS {
        let line = format!("{}  {INPUTS} inputs", parser.name);
        assert!(printed.contains(&line), "{printed}");
    }
}

/// Mutations of what is refused anyway would show nothing.
#[test]
fn seeds_are_taken() {
    for parser in &PARSERS {
        let inputs = Inputs::new(parser);
        assert!(!inputs.seeds().is_empty(), "{}", parser.name);
        for (number, seed) in inputs.seeds().iter().enumerate() {
            assert!((parser.run)(seed), "{}: seed {number}", parser.name);
        }
    }
}

#[test]
fn inputs_follow_from_their_numbers() {
    for parser in &PARSERS {
        let (one, other) = (Inputs::new(parser), Inputs::new(parser));
        for number in 0..50 {
            assert!(one.get(number) == other.get(number), "{}", parser.name);
        }
    }
}

#[test]
fn failures_are_noticed() {
    for (parser, reason) in [
        ("faulty_panic", "on purpose"),
        ("faulty_hang", "an input took more than 1 s"),
        (
            "faulty_memory",
            "memory allocation of 536870912 bytes failed",
        ),
    ] {
        let output = run(&["--inputs", "1", "--first", "7", "--seconds", "1", parser]);
        assert_eq!(output.status.code(), Some(1), "{parser}");
        let errors = text(&output.stderr);
        assert!(errors.contains(reason), "{errors}");
        let saved = std::env::temp_dir().join(format!("{parser}-7"));
        let expected = format!(
            "input 7 of `{parser}` failed; it is saved as {}",
            saved.display()
        );
        assert!(errors.contains(&expected), "{errors}");
        std::fs::remove_file(saved).expect("it is there");
    }
}

#[test]
fn mistakes_are_explained() {
    for (arguments, reason) in [
        (&["gif"][..], "no parser `gif`; there are spec, safetensors"),
        (&["--inputs"], "--inputs needs a value"),
        (&["--first", "x"], "--first x: no such value"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        let errors = text(&output.stderr);
        assert!(errors.contains(reason), "{errors}");
    }
}
