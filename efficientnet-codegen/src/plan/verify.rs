//! What must hold of a finished plan; the runtime relies on it instead of checking again.

use std::collections::HashSet;

use super::{ALIGNMENT, BufferId, Plan, Storage};
use crate::passes::{intervals, overlap};

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
    /// A result that no call writes.
    #[error("no call writes the result `{0}`")]
    NeverWritten(String),
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
    /// Two buffers, alive together, that share addresses.
    #[error("buffers `{0}` and `{1}` are alive together and overlap")]
    Overlap(String, String),
}

impl Plan {
    /// Checks every invariant.
    ///
    /// # Errors
    /// The first broken one.
    pub fn verify(&self) -> Result<(), PlanFault> {
        self.verify_order()?;
        self.verify_places()?;
        self.verify_disjoint()
    }

    fn verify_order(&self) -> Result<(), PlanFault> {
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
        match written.contains(&self.output) {
            true => Ok(()),
            false => Err(PlanFault::NeverWritten(
                self.buffer(self.output).name.clone(),
            )),
        }
    }

    fn verify_places(&self) -> Result<(), PlanFault> {
        for buffer in &self.buffers {
            match buffer.storage {
                Storage::Input => {}
                Storage::Unplaced => return Err(PlanFault::Unplaced(buffer.name.clone())),
                Storage::Arena(offset) if offset + buffer.len > self.arena => {
                    return Err(PlanFault::OutOfArena {
                        buffer: buffer.name.clone(),
                        end: offset + buffer.len,
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
                let apart = a_offset + a.len <= *b_offset || b_offset + b.len <= *a_offset;
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
