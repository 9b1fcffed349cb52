//! Instructions that kernels take, counted by callgrind: the same from run to run, on a busy machine as on an
//! idle one, so that a change by a per mille is a change of the code.
//!
//! Needs valgrind, and once the runner, in the version of `gungraun` in `Cargo.lock`:
//!
//! ```text
//! cargo install --locked gungraun-runner --version 0.20.0
//! ```
//!
//! From the workspace's root, with `benches/instructions.rs` of the whole network (`-p` chooses one of both):
//!
//! ```text
//! cargo bench --bench instructions                               counts, and the change since the last run
//! cargo bench --bench instructions -- --save-baseline=before     on one commit
//! cargo bench --bench instructions -- --baseline=before          on another: the change since then
//! ```
//!
//! All kernels are of AVX2: valgrind knows nothing wider, and counts shall not depend on the machine. They
//! do depend on the compiler, so that a baseline is of the same toolchain.

#![allow(missing_docs, unreachable_pub, reason = "what macros generate")]

mod cases;

use cases::{CASES, Call};
use efficientnet_runtime::Isa;
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};

fn setup(name: &str) -> Call {
    let isa: Isa = "avx2".parse().expect("counts are of AVX2");
    let case = CASES.iter().find(|(known, _)| *known == name);
    let (_, shape) = case.expect("a case of the table");
    shape.call(isa)
}

#[library_benchmark(setup = setup)]
#[bench::pointwise_early("block1a_project")]
#[bench::pointwise_middle("block4b_project")]
#[bench::pointwise_late("block7a_project")]
#[bench::expand("expand_alone_5b")]
#[bench::depth_first_3x3("block2b_dwconv")]
#[bench::depth_first_3x3_2("block2a_dwconv")]
#[bench::depth_first_5x5("block5b_dwconv")]
#[bench::depth_first_5x5_2("block3a_dwconv")]
#[bench::depth_first_stem("block1a_dwconv")]
#[bench::stem("stem_alone")]
#[bench::depthwise_3x3("depthwise_alone_2b")]
#[bench::depthwise_5x5_2("depthwise_alone_3a")]
#[bench::squeeze_excite("block4b_se")]
#[bench::pooled("avg_pool")]
#[bench::dense("predictions")]
fn kernel(mut call: Call) -> Call {
    call();
    // Freed outside.
    call
}

library_benchmark_group!(name = kernels, benchmarks = kernel);
main!(
    config = LibraryBenchmarkConfig::default()
        .tool(Callgrind::with_args(["--cache-sim=no"]).format([EventKind::Ir])),
    library_benchmark_groups = kernels
);
