//! One broken plan for each fault, and the words for it.

use efficientnet_spec::Output;

use crate::fixture::{MAP, call, empty_plan, output};
use crate::ir::{GateMode, Producer};
use crate::plan::{BufferId, Gate, Kernel, Plan, PlanOutput, Precision, Storage};

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
    plan.outputs = vec![output(&plan, Output::Logits, second)];
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
        .push(call("third", BufferId(2), third, None, None));
    plan.outputs = vec![output(&plan, Output::Logits, third)];
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
    };
    plan.calls[1] = call("second", BufferId(1), BufferId(2), Some(gate), None);
    assert_eq!(fault(&plan), expected);
}

#[test]
fn never_written() {
    let mut plan = chain();
    let forgotten = place(&mut plan, "forgotten", 16, 0);
    plan.outputs.push(output(&plan, Output::Stem, forgotten));
    assert_eq!(fault(&plan), "no call writes output `stem`");
    plan.outputs[1] = output(&plan, Output::Stem, INPUT);
    assert_eq!(fault(&plan), "no call writes output `stem`");
}

#[test]
fn no_output() {
    let mut plan = chain();
    plan.outputs.clear();
    assert_eq!(fault(&plan), "the plan has no output");
}

#[test]
fn two_outputs_of_one_name() {
    let mut plan = chain();
    let first = output(&plan, Output::Logits, BufferId(1));
    plan.outputs.push(first);
    assert_eq!(fault(&plan), "two outputs are named `logits`");
}

#[test]
fn output_of_another_length() {
    let mut plan = chain();
    plan.outputs[0].shape = MAP;
    assert_eq!(
        fault(&plan),
        "output `logits` is 4x4x8, its buffer `second` has 16 values"
    );
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
fn overlap_of_a_gate_and_an_output() {
    let mut plan = chain();
    let values = place(&mut plan, "values", 16, 48);
    plan.arena = 64;
    plan.buffers[2].storage = Storage::Arena(48);
    let gate = Gate {
        mode: GateMode::Weights,
        values,
    };
    plan.calls[0].output = values;
    plan.calls[1] = call("first", INPUT, BufferId(1), None, None);
    plan.calls
        .push(call("second", BufferId(1), BufferId(2), Some(gate), None));
    assert_eq!(
        fault(&plan),
        "buffers `second` and `values` are alive together and overlap"
    );
}

/// The result is alive until the caller has read it, after the last call.
#[test]
fn overlap_with_the_result() {
    for (last, outputs) in [(2, vec![1]), (3, vec![3, 1])] {
        let mut plan = chain();
        if last == 3 {
            let third = place(&mut plan, "third", 16, 48);
            plan.arena = 64;
            plan.calls
                .push(call("third", BufferId(2), third, None, None));
        }
        let names = [Output::Logits, Output::Stem];
        plan.outputs = std::iter::zip(names, outputs)
            .map(|(name, buffer)| output(&plan, name, BufferId(buffer)))
            .collect();
        assert_eq!(plan.verify_storage(), Ok(()));
        // The last call writes where the result of the first lies.
        plan.buffers[last].storage = Storage::Arena(0);
        let overwriting = plan.buffers[last].name.clone();
        assert_eq!(
            fault(&plan),
            format!("buffers `first` and `{overwriting}` are alive together and overlap")
        );
    }
}

/// The plan of the small network, to break.
fn finished() -> Plan {
    crate::compile(
        &crate::fixture::architecture(),
        &[Output::Logits],
        Precision::F32,
    )
    .expect("the fixture is valid")
    .plan
}

#[test]
fn lengths_follow_from_shapes() {
    assert_eq!(finished().verify(), Ok(()));
    for index in 1..finished().buffers.len() {
        let mut plan = finished();
        if plan.outputs[0].buffer == BufferId(index) {
            plan.outputs[0].shape.channels -= 1;
        }
        plan.buffers[index].len -= 1;
        let (name, len) = (plan.buffers[index].name.clone(), plan.buffers[index].len);
        let message = plan.verify().expect_err("too short").to_string();
        let expected = format!("takes {} values of `{name}`, which has {len}", len + 1);
        assert!(message.ends_with(&expected), "{message}");
    }
}

#[test]
fn strips_lie_inside_the_output() {
    let (depth_first, project) = (0, 2);
    for (call, most) in [(depth_first, 9), (project, 90)] {
        for wrong in [0, most + 1] {
            let mut plan = finished();
            let name = plan.calls[call].name.clone();
            match &mut plan.calls[call].kernel {
                Kernel::DepthFirst { strip, .. } | Kernel::Pointwise { strip, .. } => {
                    *strip = wrong
                }
                other => panic!("{} has no strips", other.name()),
            }
            assert_eq!(
                plan.verify().map_err(|fault| fault.to_string()),
                Err(format!(
                    "call `{name}` has strips of {wrong}, expected 1 to {most}"
                ))
            );
        }
    }
}

/// Sums have a row for each strip.
#[test]
fn shorter_strips_need_more_sums() {
    let mut plan = finished();
    let Kernel::DepthFirst { strip, .. } = &mut plan.calls[0].kernel else {
        panic!("the first call is the stem's");
    };
    *strip = 3;
    plan.scratch = usize::MAX;
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err(
            "call `block1a_dwconv` takes 48 values of `block1a_dwconv.sums`, which has 16"
                .to_owned()
        )
    );
}

#[test]
fn scratch_is_enough_for_every_call() {
    let mut plan = finished();
    plan.scratch -= 1;
    let (needed, found) = (plan.scratch + 1, plan.scratch);
    let largest = plan.calls.iter().max_by_key(|call| call.scratch_len());
    let largest = largest.expect("there are calls").name.clone();
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err(format!(
            "call `{largest}` needs {needed} floats of scratch, the plan has {found}"
        ))
    );
}

#[test]
fn weights_are_counted_through() {
    let mut plan = finished();
    plan.calls[1].weights = 1..2;
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err(
            "call `block1a_se_expand` does not have the next weights of the packed list".to_owned()
        )
    );
}

#[test]
fn weights_are_used_or_not() {
    let mut plan = finished();
    plan.unused.extend(plan.weights(&plan.calls[1]));
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err("the weights of call `block1a_se_expand` are listed as unused".to_owned())
    );
}

#[test]
fn calls_that_no_output_needs() {
    let mut plan = finished();
    let head = plan.calls.iter().find(|call| call.name == "avg_pool");
    let head = head.expect("the network has a head");
    plan.outputs[0] = PlanOutput {
        name: Output::Features,
        buffer: head.output,
        shape: head.output_shape,
    };
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err("the results of call `predictions` are never used".to_owned())
    );
}

/// The plan of the small network in int8, to break. The head's map is a result, and what is averaged.
fn quantized() -> Plan {
    let outputs = [Output::Head, Output::Logits];
    let compiled = crate::compile(&crate::fixture::quantizable(), &outputs, Precision::Int8);
    compiled.expect("the fixture is valid").plan
}

/// Every tensor is of one precision: some call that touches it finds any other.
#[test]
fn tensors_of_int8_plans_have_one_precision() {
    assert_eq!(quantized().verify(), Ok(()));
    for index in 0..quantized().buffers.len() {
        let right = quantized().buffers[index].precision;
        for (wrong, _) in Precision::NAMES {
            if wrong == right {
                continue;
            }
            let mut plan = quantized();
            plan.buffers[index].precision = wrong;
            // Not by `verify`, which misses room for a wider tensor first.
            let fault = plan.verify_precisions().expect_err("it is broken");
            let name = &plan.buffers[index].name;
            let expected = format!(" takes `{name}` as {right}, which is {wrong}");
            assert!(fault.to_string().ends_with(&expected), "{fault}");
        }
    }
}

#[test]
fn products_of_floats_do_not_read_codes() {
    let mut broken = 0;
    for index in 0..quantized().calls.len() {
        let mut plan = quantized();
        match &mut plan.calls[index].kernel {
            Kernel::Pointwise { weights, .. }
            | Kernel::Dense { weights, .. }
            | Kernel::DepthFirst {
                producer: Producer::Pointwise { .. },
                weights,
                ..
            } => *weights = Precision::F32,
            _ => continue,
        }
        broken += 1;
        let call = &plan.calls[index];
        let (name, input) = (&call.name, &plan.buffer(call.input).name);
        assert_eq!(
            plan.verify().map_err(|fault| fault.to_string()),
            Err(format!(
                "call `{name}` takes `{input}` as f32, which is int8"
            ))
        );
    }
    // The products of both blocks, the head and the classifier.
    assert_eq!(broken, 7);
}

#[test]
fn results_are_floats() {
    let mut plan = quantized();
    let codes = plan.calls.iter().find_map(|call| match call.kernel {
        Kernel::Dequantize { .. } => Some(call.input),
        _ => None,
    });
    let codes = codes.expect("the head's map is dequantised");
    plan.outputs[0].buffer = codes;
    // A result stays alive, so it needs room of its own.
    plan.buffers[codes.index()].storage = Storage::Arena(plan.arena);
    plan.arena += plan.buffer(codes).floats();
    assert_eq!(
        plan.verify().map_err(|fault| fault.to_string()),
        Err("output `head` is int8, expected f32".to_owned())
    );
}
