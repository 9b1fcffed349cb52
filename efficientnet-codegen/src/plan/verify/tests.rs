//! One broken plan for each fault, and the words for it.

use crate::fixture::{call, empty_plan};
use crate::ir::GateMode;
use crate::plan::{BufferId, Gate, Plan, Storage};

const INPUT: BufferId = BufferId(0);

/// The message of the first fault.
fn fault(plan: &Plan) -> String {
    plan.verify_storage()
        .expect_err("the plan is broken on purpose")
        .to_string()
}

fn place(plan: &mut Plan, name: &str, len: usize, offset: usize) -> BufferId {
    let id = plan.add_buffer(name.to_owned(), len);
    plan.buffers[id.index()].storage = Storage::Arena(offset);
    id
}

/// `input -> first -> second`, the results side by side.
fn chain() -> Plan {
    let mut plan = empty_plan();
    let first = place(&mut plan, "first", 32, 0);
    let second = place(&mut plan, "second", 16, 32);
    plan.calls = vec![
        call("first", INPUT, first, None, None),
        call("second", first, second, None, None),
    ];
    plan.output = second;
    plan.arena = 48;
    plan
}

#[test]
fn sound_plans_pass() {
    assert_eq!(chain().verify_storage(), Ok(()));
}

#[test]
fn buffers_that_never_meet_share_addresses() {
    let mut plan = chain();
    let third = place(&mut plan, "third", 32, 0);
    plan.calls
        .push(call("third", plan.output, third, None, None));
    plan.output = third;
    assert_eq!(plan.verify_storage(), Ok(()));
}

#[test]
fn read_before_write() {
    let mut plan = chain();
    plan.calls.swap(0, 1);
    assert_eq!(
        fault(&plan),
        "call `second` reads `first` before it is written"
    );
}

#[test]
fn gate_and_shortcut_read_before_write() {
    let mut plan = chain();
    let late = place(&mut plan, "late", 0, 0);
    plan.calls[1] = call("second", BufferId(1), BufferId(2), None, Some(late));
    let expected = "call `second` reads `late` before it is written";
    assert_eq!(fault(&plan), expected);
    let gate = Gate {
        mode: GateMode::Input,
        values: late,
        scratch: late,
    };
    plan.calls[1] = call("second", BufferId(1), BufferId(2), Some(gate), None);
    assert_eq!(fault(&plan), expected);
}

#[test]
fn never_written() {
    let mut plan = chain();
    plan.output = place(&mut plan, "forgotten", 16, 0);
    assert_eq!(fault(&plan), "no call writes the result `forgotten`");
}

#[test]
fn misaligned() {
    let mut plan = chain();
    plan.buffers[2].storage = Storage::Arena(31);
    assert_eq!(
        fault(&plan),
        "buffer `second` begins at 31, expected a multiple of 16"
    );
}

#[test]
fn unplaced() {
    let mut plan = chain();
    plan.buffers[1].storage = Storage::Unplaced;
    assert_eq!(fault(&plan), "buffer `first` has no address");
}

#[test]
fn out_of_the_arena() {
    let mut plan = chain();
    plan.arena = 47;
    assert_eq!(fault(&plan), "buffer `second` ends at 48, the arena at 47");
}

#[test]
fn overlap_of_a_calls_input_and_output() {
    let mut plan = chain();
    plan.buffers[2].storage = Storage::Arena(16);
    assert_eq!(
        fault(&plan),
        "buffers `first` and `second` are alive together and overlap"
    );
}

#[test]
fn overlap_of_a_scratch_and_an_operand() {
    let mut plan = chain();
    let values = place(&mut plan, "values", 16, 48);
    let scratch = place(&mut plan, "scratch", 16, 48);
    plan.arena = 72;
    let gate = Gate {
        mode: GateMode::Weights,
        values,
        scratch,
    };
    plan.calls[0].output = values;
    plan.calls[1] = call("first", INPUT, BufferId(1), None, None);
    plan.calls
        .push(call("second", BufferId(1), BufferId(2), Some(gate), None));
    assert_eq!(
        fault(&plan),
        "buffers `values` and `scratch` are alive together and overlap"
    );
}

/// The result is alive until the caller has read it, after the last call.
#[test]
fn overlap_with_the_result() {
    let mut plan = chain();
    plan.output = BufferId(1);
    plan.buffers[2].storage = Storage::Arena(0);
    assert_eq!(
        fault(&plan),
        "buffers `first` and `second` are alive together and overlap"
    );
}

/// The plan of the small network, to break.
fn finished() -> Plan {
    crate::compile(&crate::fixture::architecture())
        .expect("the fixture is valid")
        .plan
}

#[test]
fn lengths_follow_from_shapes() {
    assert_eq!(finished().verify(), Ok(()));
    for index in 1..finished().buffers.len() {
        let mut plan = finished();
        plan.buffers[index].len -= 1;
        let (name, len) = (plan.buffers[index].name.clone(), plan.buffers[index].len);
        let message = plan.verify().expect_err("too short").to_string();
        let expected = format!("takes {} floats of `{name}`, which has {len}", len + 1);
        assert!(message.ends_with(&expected), "{message}");
    }
}

#[test]
fn weights_are_counted_through() {
    let mut plan = finished();
    plan.calls[1].weights = Some(0);
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err("call `block1a_dwconv` does not have the next weights of the packed list".to_owned())
    );
}
