//! What must hold of a finished plan; the runtime relies on it instead of checking again.

use std::collections::HashSet;

use efficientnet_spec::Output;

use super::{
    ALIGNMENT, BufferId, Plan, PlanOutput, Precision, Storage, WeightLayer, intervals, overlap,
};
use crate::ir::Shape;

/// A broken invariant, naming the call or buffer at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// A call reads what nobody has written.
    #[error("call `{call}` reads `{buffer}` before it is written")]
    ReadBeforeWrite {
        /// The call.
        call: String,
        /// The buffer.
        buffer: String,
    },
    /// The plan gives nothing.
    #[error("the plan has no output")]
    NoOutput,
    /// Two results of one name.
    #[error("two outputs are named `{0}`")]
    DuplicateOutput(Output),
    /// A result that no call writes.
    #[error("no call writes output `{0}`")]
    NeverWritten(Output),
    /// A result whose buffer has another length than its shape.
    #[error("output `{output}` is {shape}, its buffer `{buffer}` has {found} values")]
    OutputLength {
        /// Name of the output.
        output: Output,
        /// Its shape.
        shape: Shape,
        /// The buffer.
        buffer: String,
        /// Length of the buffer.
        found: usize,
    },
    /// A call whose results nobody reads.
    #[error("the results of call `{0}` are never used")]
    Dead(String),
    /// A buffer without an address.
    #[error("buffer `{0}` has no address")]
    Unplaced(String),
    /// A buffer that does not begin on a cache line.
    #[error("buffer `{buffer}` begins at {offset}, expected a multiple of {ALIGNMENT}")]
    Misaligned {
        /// The buffer.
        buffer: String,
        /// Its address in floats.
        offset: usize,
    },
    /// A buffer that reaches over the arena's end.
    #[error("buffer `{buffer}` ends at {end}, the arena at {arena}")]
    OutOfArena {
        /// The buffer.
        buffer: String,
        /// Its end in floats.
        end: usize,
        /// Length of the arena in floats.
        arena: usize,
    },
    /// A buffer that is shorter or longer than a call's shapes say.
    #[error("call `{call}` takes {expected} values of `{buffer}`, which has {found}")]
    Length {
        /// The call.
        call: String,
        /// The buffer.
        buffer: String,
        /// Its length.
        found: usize,
        /// The length that the call's shapes say.
        expected: usize,
    },
    /// A call whose strips are empty or longer than its output.
    #[error("call `{call}` has strips of {found}, expected 1 to {most}")]
    Strip {
        /// The call.
        call: String,
        /// Rows, or pixels, of a strip.
        found: usize,
        /// Those of the output.
        most: usize,
    },
    /// A call that needs more room beside its tensors than there is.
    #[error("call `{call}` needs {needed} floats of scratch, the plan has {found}")]
    Scratch {
        /// The call.
        call: String,
        /// What it needs.
        needed: usize,
        /// What there is.
        found: usize,
    },
    /// A call whose weights are not the next of the packed list.
    #[error("call `{0}` does not have the next weights of the packed list")]
    Weights(String),
    /// Weights that a call uses, listed as unused.
    #[error("the weights of call `{0}` are listed as unused")]
    Used(String),
    /// A tensor of a precision that a call does not take, or does not give.
    #[error("call `{call}` takes `{buffer}` as {expected}, which is {found}")]
    Precision {
        /// The call.
        call: String,
        /// The buffer.
        buffer: String,
        /// What it is.
        found: Precision,
        /// What it has to be.
        expected: Precision,
    },
    /// A result that is no floats, which nobody outside reads.
    #[error("output `{output}` is {found}, expected f32")]
    NarrowOutput {
        /// Name of the output.
        output: Output,
        /// What it is.
        found: Precision,
    },
    /// Two buffers, alive together, that share addresses.
    #[error("buffers `{0}` and `{1}` are alive together and overlap")]
    Overlap(String, String),
}

impl Plan {
    /// Checks every invariant of a finished plan.
    ///
    /// # Errors
    /// The first broken one.
    pub fn verify(&self) -> Result<(), PlanFault> {
        self.verify_needed()?;
        self.verify_storage()?;
        self.verify_tiles()?;
        self.verify_lengths()?;
        self.verify_precisions()?;
        self.verify_weights()
    }

    /// Checks order and addresses, whatever the calls compute.
    pub(crate) fn verify_storage(&self) -> Result<(), PlanFault> {
        self.verify_order()?;
        self.verify_places()?;
        self.verify_disjoint()
    }

    /// Checks that every buffer is as long as the shapes of the calls that touch it say.
    fn verify_lengths(&self) -> Result<(), PlanFault> {
        for call in &self.calls {
            for (id, expected) in call.lengths() {
                let buffer = self.buffer(id);
                if buffer.len != expected {
                    return Err(PlanFault::Length {
                        call: call.name.clone(),
                        buffer: buffer.name.clone(),
                        found: buffer.len,
                        expected,
                    });
                }
            }
        }
        Ok(())
    }

    /// Checks that every tensor is of the precision that the calls which touch it take, and results are floats.
    fn verify_precisions(&self) -> Result<(), PlanFault> {
        for call in &self.calls {
            let output = self.buffer(call.output).precision;
            for (id, expected) in call.precisions(output) {
                let buffer = self.buffer(id);
                if buffer.precision != expected {
                    return Err(PlanFault::Precision {
                        call: call.name.clone(),
                        buffer: buffer.name.clone(),
                        found: buffer.precision,
                        expected,
                    });
                }
            }
        }
        for &PlanOutput { name, buffer, .. } in &self.outputs {
            let found = self.buffer(buffer).precision;
            if found != Precision::F32 {
                return Err(PlanFault::NarrowOutput {
                    output: name,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Checks that every call has strips that cover its output, and room for them.
    fn verify_tiles(&self) -> Result<(), PlanFault> {
        for call in &self.calls {
            if let Some((found, most)) = call.strip()
                && !(1..=most).contains(&found)
            {
                return Err(PlanFault::Strip {
                    call: call.name.clone(),
                    found,
                    most,
                });
            }
            let needed = call.scratch_len();
            if needed > self.scratch {
                return Err(PlanFault::Scratch {
                    call: call.name.clone(),
                    needed,
                    found: self.scratch,
                });
            }
        }
        Ok(())
    }

    /// Checks that something that each call writes is read later, or is a result.
    fn verify_needed(&self) -> Result<(), PlanFault> {
        let mut needed: HashSet<BufferId> = self.outputs.iter().map(|o| o.buffer).collect();
        for call in self.calls.iter().rev() {
            let tensors = call.tensors();
            if !tensors.writes.iter().any(|id| needed.contains(id)) {
                return Err(PlanFault::Dead(call.name.clone()));
            }
            needed.extend(tensors.reads);
        }
        Ok(())
    }

    /// Checks that the calls with weights index the packed list one by one, and that none of it is
    /// listed as unused.
    fn verify_weights(&self) -> Result<(), PlanFault> {
        let mut next = 0;
        for call in &self.calls {
            let used = self.weights(call);
            let expected = next..next + used.len();
            next = expected.end;
            if call.weights != expected {
                return Err(PlanFault::Weights(call.name.clone()));
            }
            let unused =
                |layer: &WeightLayer| self.unused.iter().any(|u| u.tensor() == layer.tensor());
            if used.iter().any(unused) {
                return Err(PlanFault::Used(call.name.clone()));
            }
        }
        Ok(())
    }

    /// Checks that calls read what earlier calls wrote, and that they write the results; this holds
    /// before buffers have addresses.
    pub(crate) fn verify_order(&self) -> Result<(), PlanFault> {
        let mut written: HashSet<BufferId> = (0..self.buffers.len())
            .map(BufferId)
            .filter(|&id| self.buffer(id).storage == Storage::Input)
            .collect();
        for call in &self.calls {
            let tensors = call.tensors();
            if let Some(&unwritten) = tensors.reads.iter().find(|id| !written.contains(id)) {
                let buffer = self.buffer(unwritten).name.clone();
                return Err(PlanFault::ReadBeforeWrite {
                    call: call.name.clone(),
                    buffer,
                });
            }
            written.extend(tensors.writes);
        }
        self.verify_outputs(&written)
    }

    fn verify_outputs(&self, written: &HashSet<BufferId>) -> Result<(), PlanFault> {
        if self.outputs.is_empty() {
            return Err(PlanFault::NoOutput);
        }
        let mut names = HashSet::new();
        for &PlanOutput {
            name,
            buffer,
            shape,
        } in &self.outputs
        {
            if !names.insert(name) {
                return Err(PlanFault::DuplicateOutput(name));
            }
            let held = self.buffer(buffer);
            if !written.contains(&buffer) || held.storage == Storage::Input {
                return Err(PlanFault::NeverWritten(name));
            }
            if held.len != shape.len() {
                return Err(PlanFault::OutputLength {
                    output: name,
                    shape,
                    buffer: held.name.clone(),
                    found: held.len,
                });
            }
        }
        Ok(())
    }

    fn verify_places(&self) -> Result<(), PlanFault> {
        for buffer in &self.buffers {
            match buffer.storage {
                Storage::Input => {}
                Storage::Unplaced => return Err(PlanFault::Unplaced(buffer.name.clone())),
                Storage::Arena(offset) if offset + buffer.floats() > self.arena => {
                    return Err(PlanFault::OutOfArena {
                        buffer: buffer.name.clone(),
                        end: offset + buffer.floats(),
                        arena: self.arena,
                    });
                }
                Storage::Arena(offset) if offset % ALIGNMENT != 0 => {
                    let buffer = buffer.name.clone();
                    return Err(PlanFault::Misaligned { buffer, offset });
                }
                Storage::Arena(_) => {}
            }
        }
        Ok(())
    }

    fn verify_disjoint(&self) -> Result<(), PlanFault> {
        let live = intervals(self);
        let placed: Vec<_> = self
            .buffers
            .iter()
            .zip(&live)
            .filter_map(|(buffer, live)| match (buffer.storage, live) {
                (Storage::Arena(offset), Some(live)) => Some((buffer, offset, live)),
                _ => None,
            })
            .collect();
        for (i, (a, a_offset, a_live)) in placed.iter().enumerate() {
            for (b, b_offset, b_live) in &placed[..i] {
                let apart =
                    a_offset + a.floats() <= *b_offset || b_offset + b.floats() <= *a_offset;
                if !apart && overlap(a_live, b_live) {
                    return Err(PlanFault::Overlap(b.name.clone(), a.name.clone()));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
