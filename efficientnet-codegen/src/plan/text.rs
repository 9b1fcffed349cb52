//! The text of a plan: one line a call, grouped by part.

use std::fmt;

use super::{BufferId, Call, Kernel, Plan, PlanOutput, Storage};
use crate::ir::{GateMode, Shape};
use crate::place;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outputs: Vec<String> = self.outputs.iter().map(PlanOutput::to_string).collect();
        writeln!(
            f,
            "{}-{}: {} -> {}, {} calls, arena {} bytes",
            self.family,
            self.variant,
            self.input,
            outputs.join(", "),
            self.calls.len(),
            self.arena * size_of::<f32>(),
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
    /// `block1a_project_conv: pointwise 12544x32x16 strip 2544 gate-weights @401408 [@0] -> @602112`,
    /// and ` block1` behind the address of this output.
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
        line
    }

    fn kernel_text(&self, kernel: &Kernel) -> String {
        let name = kernel.name();
        match kernel {
            Kernel::Convolution {
                input,
                out_channels,
                window,
                ..
            } => {
                format!("{name} {input}x{out_channels} {window}")
            }
            Kernel::Pointwise {
                input,
                out_channels,
                gate,
                residual,
                strip,
                ..
            } => {
                let Shape { channels, .. } = *input;
                let mut text = format!(
                    "{name} {}x{channels}x{out_channels} strip {strip}",
                    input.pixels()
                );
                if let Some(gate) = gate {
                    let mode = match gate.mode {
                        GateMode::Weights => "gate-weights",
                        GateMode::Input => "gate-input",
                    };
                    text += &format!(
                        " {mode} {} [{}]",
                        self.place(gate.values),
                        self.place(gate.scratch)
                    );
                }
                if let Some(residual) = residual {
                    text += &format!(" + {}", self.place(*residual));
                }
                text
            }
            Kernel::Depthwise {
                input,
                window,
                sums,
                ..
            } => {
                let sums = sums.map_or_else(String::new, |id| format!(" sums {}", self.place(id)));
                format!("{name} {input} {window}{sums}")
            }
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                pixels,
                scratch,
                ..
            } => {
                format!(
                    "{name} {channels}>{squeezed}>{channels} /{pixels} [{}]",
                    self.place(*scratch)
                )
            }
            Kernel::Mean { input } => format!("{name} {input}"),
            Kernel::Dense {
                in_channels,
                out_channels,
                ..
            } => {
                format!("{name} {in_channels}x{out_channels}")
            }
        }
    }

    fn place(&self, id: BufferId) -> String {
        match self.buffer(id).storage {
            Storage::Input => "input".to_owned(),
            Storage::Unplaced => format!("%{}", self.buffer(id).name),
            Storage::Arena(offset) => format!("@{offset}"),
        }
    }
}
