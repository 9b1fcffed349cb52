//! Random plans, and what is in the arena when a call reads.

use efficientnet_spec::Output;
use proptest::prelude::*;
use proptest::sample::Index;

use super::run;
use crate::fixture::{call, empty_plan, output};
use crate::ir::GateMode;
use crate::plan::{ALIGNMENT, BufferId, Gate, Plan, Storage};

/// One random call: which earlier results it reads, how long what it writes is, and whether the caller
/// reads it in the end.
#[derive(Clone, Debug)]
struct Step {
    input: Index,
    residual: Option<Index>,
    gate: Option<Index>,
    len: usize,
    kept: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        any::<Index>(),
        any::<Option<Index>>(),
        any::<Option<Index>>(),
        0usize..200,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(input, residual, gate, len, kept)| Step {
            input,
            residual,
            gate,
            len,
            kept,
        });
    prop::collection::vec(step, 1..40)
}

/// A plan of these calls; every result may be read by any later call, and the last is an output.
fn plan(steps: &[Step]) -> Plan {
    let mut plan = empty_plan();
    let mut results = vec![BufferId(0)];
    for (number, step) in steps.iter().enumerate() {
        let gate = step.gate.as_ref().map(|values| Gate {
            mode: GateMode::Input,
            values: results[values.index(results.len())],
        });
        let residual = step
            .residual
            .map(|index| results[index.index(results.len())]);
        let input = results[step.input.index(results.len())];
        let result = plan.add_buffer(number.to_string(), step.len);
        plan.calls
            .push(call(&number.to_string(), input, result, gate, residual));
        if step.kept || number + 1 == steps.len() {
            plan.outputs
                .push(output(&plan, Output::Block(number + 1), result));
        }
        results.push(result);
    }
    plan
}

/// Runs the plan on an arena that remembers which buffer wrote each float.
fn simulate(plan: &Plan) -> Result<(), TestCaseError> {
    let mut arena: Vec<Option<BufferId>> = vec![None; plan.arena];
    let range = |id: BufferId| match plan.buffer(id).storage {
        Storage::Arena(offset) => offset..offset + plan.buffer(id).len,
        Storage::Input | Storage::Unplaced => 0..0,
    };
    for call in &plan.calls {
        let tensors = call.tensors();
        // Kernels write while they read, so everything is written before the reads are checked.
        for &id in &tensors.writes {
            arena[range(id)].fill(Some(id));
        }
        for id in tensors.reads.into_iter().chain(tensors.writes) {
            prop_assert!(
                arena[range(id)].iter().all(|owner| *owner == Some(id)),
                "call {} finds `{}` overwritten",
                call.name,
                plan.buffer(id).name
            );
        }
    }
    for output in &plan.outputs {
        let result = &arena[range(output.buffer)];
        prop_assert!(
            result.iter().all(|owner| *owner == Some(output.buffer)),
            "{} is overwritten",
            output.name
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn nothing_is_overwritten_before_its_last_read(steps in steps()) {
        let mut plan = plan(&steps);
        run(&mut plan);
        simulate(&plan)?;
        prop_assert_eq!(plan.verify_storage(), Ok(()));
        for buffer in &plan.buffers {
            if let Storage::Arena(offset) = buffer.storage {
                prop_assert_eq!(offset % ALIGNMENT, 0, "`{}` begins on a cache line", &buffer.name);
            }
        }
        let padded = |len: usize| len.next_multiple_of(ALIGNMENT);
        let lengths = || plan.buffers[1..].iter().map(|buffer| padded(buffer.len));
        prop_assert!(plan.arena <= lengths().sum());
        prop_assert!(plan.arena >= lengths().max().unwrap_or(0));
    }

    /// What the verifier accepts when buffers are moved at random, the simulation survives.
    #[test]
    fn accepted_plans_survive_the_simulation(
        steps in steps(),
        moved in any::<Index>(),
        to in (0usize..4).prop_map(|line| line * ALIGNMENT),
    ) {
        let mut plan = plan(&steps);
        run(&mut plan);
        let moved = 1 + moved.index(plan.buffers.len() - 1);
        plan.buffers[moved].storage = Storage::Arena(to);
        plan.arena = plan.arena.max(to + plan.buffers[moved].len);
        if plan.verify_storage().is_ok() {
            simulate(&plan)?;
        }
    }
}

/// A chain needs room for its two longest neighbours, not for all.
#[test]
fn a_chain_alternates() {
    let mut plan = empty_plan();
    let mut last = BufferId(0);
    for number in 0..10 {
        let next = plan.add_buffer(number.to_string(), 160);
        plan.calls
            .push(call(&number.to_string(), last, next, None, None));
        last = next;
    }
    plan.outputs = vec![output(&plan, Output::Logits, last)];
    run(&mut plan);
    assert_eq!(plan.arena, 320);
}

/// The caller reads all results after the last call, so none makes room for another.
#[test]
fn results_are_kept_to_the_end() {
    let mut plan = empty_plan();
    let mut last = BufferId(0);
    for number in 0..10 {
        let next = plan.add_buffer(number.to_string(), 160);
        plan.calls
            .push(call(&number.to_string(), last, next, None, None));
        plan.outputs
            .push(output(&plan, Output::Block(number + 1), next));
        last = next;
    }
    run(&mut plan);
    assert_eq!(plan.arena, 1600);
}
