//! Random specs of every kind that the language knows, through the whole pipeline: every level's verifier, the
//! generated text, and the interpreter against the scalar reference.
//!
//! `PROPTEST_CASES` asks for more cases. A failure prints the smallest spec that shows it.

mod case;
mod edited;
#[path = "../../efficientnet-spec/tests/edits/mod.rs"]
mod edits;
mod levels;
mod names;
mod running;
mod spec;

use std::cell::Cell;

use efficientnet::Threads;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Runs so many cases, unless the environment asks for others.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(edits::config(cases))
}

#[test]
fn every_level_is_sound() {
    let checked = runner(200).run(&case::cases(), |case| {
        levels::check(&case);
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_instruction_set_agrees_with_the_reference() {
    let team = Threads::new(3).expect("the system has threads");
    let compared = Cell::new(0);
    let mut runner = runner(200);
    let cases = runner.config().cases as usize;
    // The larger ones have maps that kernels walk in many strips.
    let most = prop_oneof![9 => Just(2_000_000), 1 => Just(20_000_000)];
    let small = (case::cases(), most).prop_map(|(case, macs)| case.within(macs));
    let checked = runner.run(&small, |case| {
        compared.set(compared.get() + running::check(&case, &team));
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(compared.get() >= cases, "at least an output a case");
}

#[test]
fn edited_specs_compile_if_they_can_be_read() {
    let compiled = Cell::new(0);
    let mut runner = runner(100);
    let cases = runner.config().cases as usize;
    let checked = runner.run(&edits::edited(), |text| {
        compiled.set(compiled.get() + usize::from(edited::check(&text.0)));
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(10 * compiled.get() >= cases, "a tenth can still be read");
}
