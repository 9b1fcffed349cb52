//! Names, shapes and order of the tensors against timm 1.0.31's `state_dict`.

mod common;

use common::{graph, rows};
use efficientnet_spec::{Padding, Top};

#[test]
fn tensors_are_timm_s() {
    let cases = [
        ("efficientnet", "b0", include_str!("data/b0_tensors.tsv")),
        ("efficientnet", "b1", include_str!("data/b1_tensors.tsv")),
        ("lite", "lite0", include_str!("data/lite0_tensors.tsv")),
    ];
    for (family, variant, table) in cases {
        let graph = graph(family, variant, Padding::Symmetric, Top::With);
        let found: Vec<_> = graph
            .all_tensors()
            .into_iter()
            .map(|tensor| vec![tensor.name, format!("{:?}", tensor.shape)])
            .collect();
        assert_eq!(found, rows(table), "{variant}");
    }
}
