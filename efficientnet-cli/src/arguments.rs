//! The command line.

mod bench;
mod classify;
mod compare;
mod completions;
mod explain;
mod generate;
mod man;
mod plot;
mod profile;
mod quantize;
mod report;
mod run;
mod scale;
mod shared;
mod source;
mod spec;
mod summary;
mod table;
mod verify;
mod weights;

use clap::{Parser, Subcommand};

pub(crate) use bench::{Bench, Measured};
pub(crate) use classify::{Classify, Format};
pub(crate) use compare::Compare;
pub(crate) use completions::Completions;
pub(crate) use explain::Explain;
pub(crate) use generate::Generate;
pub(crate) use man::Man;
pub(crate) use plot::{Level, Plot};
pub(crate) use profile::{Profile, Sort};
pub(crate) use quantize::Quantize;
pub(crate) use report::Report;
pub(crate) use run::{Layout, Run};
pub(crate) use scale::Scale;
pub(crate) use shared::{Switch, Training};
pub(crate) use source::Source;
pub(crate) use spec::{Check, Spec};
pub(crate) use summary::{Column, Summary, View};
pub(crate) use table::Table;
pub(crate) use verify::Verify;
pub(crate) use weights::{Convert, Inspect, Pack, Weights};

/// EfficientNet from the command line: classify photos, run tensors, look into architectures and
/// checkpoints.
///
/// The weights of lite0 are built in, so that `efficientnet classify photo.jpg` works as it is.
///
/// Exit codes: 0 success, 1 a check does not agree, the system failed (such as a full disk) or this
/// program has a fault, 2 a mistake in what was given, with the reason on stderr.
#[derive(Debug, Parser)]
#[command(name = "efficientnet", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Classify photos with the built-in model or a checkpoint.
    ///
    /// Prints the most probable classes of each photo. A photo that cannot be read gets a line on
    /// stderr and the exit code 2; the others are classified all the same.
    ///
    /// Of a folder, or with --jobs, --format or -o, each photo becomes a row, in order of names, with
    /// its error where it cannot be read. In folders, files are photos by their names (.jpg, .jpeg,
    /// .png, .webp); hidden ones are left out.
    #[command(verbatim_doc_comment)]
    Classify(Classify),
    /// Run a tensor through a variant: .npy in, logits or features as .npy out.
    ///
    /// The tensor is preprocessed already, of any size: np.save in Python, run, np.load, compare.
    #[command(verbatim_doc_comment)]
    Run(Run),
    /// Show a variant's layers, blocks, kernels or plan, with shapes and costs.
    #[command(verbatim_doc_comment)]
    Summary(Summary),
    /// Show all variants of a spec side by side: sizes per stage, layers, parameters, costs.
    Table(Table),
    /// Say why a variant has its sizes: from coefficients to numbers, every rounding shown.
    ///
    /// Channels, repeats, expansions, squeeze widths, sides of maps and rates of training, and what
    /// they come to in parameters and multiply-accumulates.
    #[command(verbatim_doc_comment)]
    Explain(Explain),
    /// Say what differs between two variants, stage by stage, and what does not.
    ///
    /// MBConv6 5x5/2, 40 is a block of inverted bottlenecks with expansion 6, kernel 5, stride 2 and
    /// 40 channels. What is said to differ, or to be the same, is computed. With -o, both variants are
    /// drawn beside each other, too.
    #[command(verbatim_doc_comment)]
    Compare(Compare),
    /// Draw a variant: blocks on a page, its modules, every layer, or the kernel calls.
    ///
    /// A .html is one file without links: zoom, fold, search, and what there is to know about each
    /// box. .dot is for Graphviz.
    #[command(verbatim_doc_comment)]
    Plot(Plot),
    /// Write one page about a family: its blocks, how it scales, accuracy, modules, diagrams, latency.
    ///
    /// The page is one file without anything to fetch. Layers, shapes and counts are computed; accuracy
    /// is what the family's authors published, with the source. Latency is what bench --json measured.
    #[command(verbatim_doc_comment)]
    Report(Report),
    /// Write the Rust source of variants, one file each, or check that it is up to date.
    ///
    /// The files need the crate efficientnet-runtime alone and are what the macro makes. All are
    /// generated before the first is written, and each is the old one or the new one at any moment.
    ///
    /// With --check, differences are printed instead, and the exit code is 1 if there are any.
    #[command(verbatim_doc_comment)]
    Generate(Generate),
    /// Scale a spec's baseline to a new variant, or search coefficients to scale it with.
    ///
    /// By compound scaling (Tan and Le, 2019, equation 3) with --phi, by sizes with --width, --depth
    /// and --resolution. Channels and repeats are rounded as those of published variants; the
    /// resolution of --phi is rounded to an even number of pixels from the baseline's.
    ///
    /// --search goes over the paper's grid (section 3.3): alpha, beta and gamma from 1 in steps of
    /// 0.05, alpha * beta^2 * gamma^2 within 0.1 of 2, phi = 1. It shows what is largest within the
    /// budget. Which of these is best only training tells: accuracy decides, and is not computed.
    #[command(verbatim_doc_comment, override_usage = scale::USAGE)]
    Scale(Scale),
    /// Check specs; print the schema of their language.
    #[command(subcommand)]
    Spec(Spec),
    /// Look into checkpoints and convert them.
    #[command(subcommand)]
    Weights(Weights),
    /// Check a checkpoint: names, shapes, values, and what every instruction set computes with it.
    ///
    /// With --reference, logits are compared with another framework's; without, with a scalar
    /// computation in f64. Exit code 0 if all agrees, 1 if something does not.
    #[command(verbatim_doc_comment)]
    Verify(Verify),
    /// Quantise a checkpoint: weights and maps of 8 bits, with scales that photos calibrate.
    ///
    /// For networks of plain convolutions with ReLU or ReLU6, such as lite0 to lite4. The photos are
    /// prepared as the checkpoint was trained; they should be like those that it will see, a few
    /// hundred of them. Those that cannot be read are reported and left out.
    #[command(verbatim_doc_comment)]
    Quantize(Quantize),
    /// Time a variant on synthetic weights, and compare with what the processor can do at most.
    ///
    /// The bound is the time of the multiply-accumulates alone, at the rate of multiply-adds in
    /// registers that is measured in the same run. EFFICIENTNET_ISA chooses the instruction set.
    #[command(verbatim_doc_comment)]
    Bench(Bench),
    /// Time every kernel call of a variant on synthetic weights, and hold each against its bound.
    ///
    /// A call is bound by its multiply-accumulates (fma), at the rate of multiply-adds in registers,
    /// or by its weights (read), at the rate at which memory gives as much as all weights take;
    /// whichever takes longer. Both rates are measured first.
    #[command(verbatim_doc_comment)]
    Profile(Profile),
    /// Print a script that completes this command's arguments in a shell.
    ///
    /// For bash: efficientnet completions bash > ~/.local/share/bash-completion/completions/efficientnet
    #[command(verbatim_doc_comment)]
    Completions(Completions),
    /// Print the manual page, or write one page a command.
    ///
    /// For man to find them: efficientnet man --out ~/.local/share/man/man1
    #[command(verbatim_doc_comment)]
    Man(Man),
}
