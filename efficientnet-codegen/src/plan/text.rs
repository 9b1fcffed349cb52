//! The text of a plan: one line a call, grouped by part.

use std::fmt;

use super::{BufferId, Call, Kernel, Plan, PlanOutput, Precision, Split, Storage};
use crate::ir::{GateMode, Producer, Shape};
use crate::place;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outputs: Vec<String> = self.outputs.iter().map(PlanOutput::to_string).collect();
        writeln!(
            f,
            "{}-{}: {} -> {}{}, {} calls, arena {} bytes, scratch {} bytes a thread",
            self.family,
            self.variant,
            self.input,
            outputs.join(", "),
            match self.precision {
                Precision::F32 => String::new(),
                narrow => format!(", {narrow}"),
            },
            self.calls.len(),
            self.arena * size_of::<f32>(),
            self.scratch * size_of::<f32>(),
        )?;
        let mut part = None;
        for call in &self.calls {
            if part != Some(call.place.part) {
                part = Some(call.place.part);
                writeln!(f, "# {}", place::title(call.place.part))?;
            }
            writeln!(f, "{}", self.line(call))?;
        }
        Ok(())
    }
}

impl Plan {
    /// One call as a line, such as
    /// `block1a_project_conv: pointwise 12544x32x16 strip 2112 by rows gate-weights @401408 @0 -> @602112`,
    /// with ` block1` behind the address of this output, `:bf16` or `:int8` behind that of a tensor which is so, and
    /// why a depthwise reads a stored map.
    pub fn line(&self, call: &Call) -> String {
        let mut line = format!(
            "{}: {} {} -> {}",
            call.name,
            self.kernel_text(&call.kernel),
            self.place(call.input),
            self.place(call.output),
        );
        for output in &self.outputs {
            if output.buffer == call.output {
                line += &format!(" {}", output.name);
            }
        }
        if let Some(obstacle) = call.not_depth_first {
            line += &format!("  # not depth-first: {obstacle}");
        }
        line
    }

    fn kernel_text(&self, kernel: &Kernel) -> String {
        let name = kernel.name();
        match kernel {
            Kernel::Stem {
                input,
                out_channels,
                window,
                strip,
                split,
                ..
            } => {
                let tile = tile(*strip, *split);
                format!("{name} {input}x{out_channels} {window} {tile}")
            }
            Kernel::Convolution {
                input,
                out_channels,
                window,
                residual,
                strip,
                split,
                ..
            } => {
                let (tile, shortcut) = (tile(*strip, *split), self.residual(*residual));
                format!("{name} {input}x{out_channels} {window} {tile}{shortcut}")
            }
            Kernel::Pointwise {
                input,
                out_channels,
                gate,
                residual,
                strip,
                split,
                ..
            } => {
                let Shape { channels, .. } = *input;
                let mut text = format!(
                    "{name} {}x{channels}x{out_channels} {}",
                    input.pixels(),
                    tile(*strip, *split)
                );
                if let Some(gate) = gate {
                    let mode = match gate.mode {
                        GateMode::Weights => "gate-weights",
                        GateMode::Input => "gate-input",
                    };
                    text += &format!(" {mode} {}", self.place(gate.values));
                }
                text + &self.residual(*residual)
            }
            Kernel::Depthwise {
                input,
                window,
                sums,
                strip,
                split,
                ..
            } => {
                let (tile, sums) = (tile(*strip, *split), self.sums(*sums));
                format!("{name} {input} {window} {tile}{sums}")
            }
            Kernel::DepthFirst {
                input,
                producer,
                expanded,
                window,
                sums,
                strip,
                split,
                ..
            } => {
                let (tile, sums) = (tile(*strip, *split), self.sums(*sums));
                let producer = match producer {
                    Producer::Pointwise { .. } => String::new(),
                    Producer::Convolution { window, .. } => format!(" {window}"),
                };
                format!("{name} {input}{producer} | {expanded} {window} {tile}{sums}")
            }
            Kernel::PooledPointwise {
                input,
                out_channels,
                ..
            } => {
                let Shape { channels, .. } = *input;
                format!("{name} {}x{channels}x{out_channels}", input.pixels())
            }
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                pixels,
                strips,
                ..
            } => {
                let strips = match strips {
                    1 => String::new(),
                    _ => format!("{strips}x"),
                };
                format!("{name} {strips}{channels}>{squeezed}>{channels} /{pixels}")
            }
            Kernel::Mean { input }
            | Kernel::Widen { input }
            | Kernel::Quantize { input }
            | Kernel::Dequantize { input } => format!("{name} {input}"),
            Kernel::Dense {
                in_channels,
                out_channels,
                ..
            } => {
                format!("{name} {in_channels}x{out_channels}")
            }
        }
    }

    fn sums(&self, id: Option<BufferId>) -> String {
        id.map_or_else(String::new, |id| format!(" sums {}", self.place(id)))
    }

    fn residual(&self, id: Option<BufferId>) -> String {
        id.map_or_else(String::new, |id| format!(" + {}", self.place(id)))
    }

    fn place(&self, id: BufferId) -> String {
        let buffer = self.buffer(id);
        let place = match buffer.storage {
            Storage::Input => "input".to_owned(),
            Storage::Unplaced => format!("%{}", buffer.name),
            Storage::Arena(offset) => format!("@{offset}"),
        };
        match buffer.precision {
            Precision::F32 => place,
            narrow => format!("{place}:{narrow}"),
        }
    }
}

/// Such as `strip 14 by rows`, which is what threads share.
fn tile(strip: usize, split: Split) -> String {
    let split = match split {
        Split::Rows => "rows",
        Split::Channels => "channels",
    };
    format!("strip {strip} by {split}")
}
