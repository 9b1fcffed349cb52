use super::*;
use crate::{
    Activation, Architecture, ArchitectureFault, Block, BlockKind, ExpandOf, Expansion, Faults,
    Head, LayerOp, Module, Padding, Rounding, ShapeFault, Stem,
};

fn expansion(ratio: f64) -> Expansion {
    Expansion {
        ratios: vec![ratio],
        of: ExpandOf::Input,
        rounding: Rounding {
            multiple: 8,
            floor: 0.9,
        },
    }
}

/// Two blocks: one whose first sub-block has a shortcut, one of three sub-blocks.
fn architecture() -> Architecture {
    let block = Block {
        kind: BlockKind::Mbconv,
        expansion: expansion(1.0),
        kernel: 3,
        stride: 1,
        in_channels: 8,
        out_channels: 8,
        repeats: 1,
        activation: Activation::Relu,
        squeeze_excite: None,
        shortcut: true,
    };
    Architecture {
        family: "test".into(),
        variant: "small".into(),
        input: Shape::Map {
            height: 9,
            width: 12,
            channels: 3,
        },
        padding: Padding::Same,
        activation: Activation::Relu,
        stem: Stem {
            kernel: 3,
            stride: 2,
            channels: 8,
        },
        blocks: vec![
            block.clone(),
            Block {
                expansion: expansion(4.0),
                stride: 2,
                out_channels: 16,
                repeats: 3,
                ..block
            },
        ],
        head: Head {
            channels: 32,
            after_pooling: false,
        },
        classes: 10,
        dropout: 0.0,
        drop_connect: 0.2,
    }
}

fn graph() -> LayerGraph {
    LayerGraph::build(&architecture(), Top::With).unwrap()
}

/// The fault of a graph that has only one.
fn only_fault(graph: &LayerGraph) -> String {
    let Faults(faults) = graph.verify().unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].to_string()
}

/// Keras: `id_skip and strides == 1 and filters_in == filters_out`, at any index, and layers of
/// rate 0 are left out.
#[test]
fn a_first_sub_block_with_equal_ends_has_a_shortcut() {
    let graph = graph();
    graph.verify().unwrap();
    let add = graph.find("block1a_add").unwrap();
    let names: Vec<_> = graph
        .inputs(add)
        .iter()
        .map(|id| &graph.layer(*id).name)
        .collect();
    assert_eq!(names, ["block1a_project_bn", "stem_activation"]);
    assert_eq!(graph.layer(add).place.module, Some(Module::Five));
    assert!(graph.find("block1a_drop").is_none() && graph.find("top_dropout").is_none());
    assert!(graph.find("block2a_add").is_none());
    let rate = |name| graph.layer(graph.find(name).unwrap()).op.clone();
    // The third and the fourth of four sub-blocks: 0.2 * 2 / 4 and 0.2 * 3 / 4.
    assert_eq!(rate("block2b_drop"), LayerOp::Dropout { rate: 0.1 });
    assert_eq!(
        rate("block2c_drop"),
        LayerOp::Dropout {
            rate: 0.2 * 3.0 / 4.0
        }
    );
}

#[test]
fn sub_blocks_after_z_have_two_letters() {
    let mut many = architecture();
    many.blocks[1].repeats = 54;
    let graph = LayerGraph::build(&many, Top::Without).unwrap();
    graph.verify().unwrap();
    for name in [
        "block2z_add",
        "block2aa_add",
        "block2az_add",
        "block2bb_add",
    ] {
        assert!(graph.find(name).is_some(), "{name}");
    }
}

#[test]
fn bypass_connects_the_producer_to_the_consumers() {
    let mut graph = graph();
    let drop = graph.find("block2b_drop").unwrap();
    let (before, norm) = (graph.consumers(drop), graph.inputs(drop)[0]);
    assert_eq!(graph.bypass(drop).unwrap().name, "block2b_drop");
    assert_eq!(graph.consumers(norm), before);
    let add = graph.find("block2b_add").unwrap();
    assert_eq!(graph.inputs(add)[0], norm);
    graph.verify().unwrap();
    assert_eq!(graph.bypass(add), None);
    assert_eq!(graph.bypass(graph.find("input_layer").unwrap()), None);
    graph.verify().unwrap();
}

#[test]
fn a_bypass_that_changes_a_shape_is_a_fault_at_the_edge() {
    let mut graph = graph();
    graph.bypass(graph.find("avg_pool").unwrap());
    assert_eq!(
        only_fault(&graph),
        "edge `top_activation` -> `predictions`: operand 0 is 3x3x32, expected a vector"
    );
}

#[test]
fn a_stale_shape_is_a_fault_at_the_layer() {
    let mut graph = graph();
    let head = graph.find("predictions").unwrap();
    graph.layer_mut(head).output = Shape::Vector { channels: 11 };
    assert_eq!(
        only_fault(&graph),
        "layer `predictions`: stored shape 11, its operands give 10"
    );
}

#[test]
fn impossible_attributes_are_faults_and_no_panic() {
    let mut graph = graph();
    let conv = graph.find("stem_conv").unwrap();
    let LayerOp::Convolution(convolution) = &mut graph.layer_mut(conv).op else {
        panic!()
    };
    (convolution.stride, convolution.pads.top) = (0, usize::MAX);
    assert!(only_fault(&graph).starts_with("edge `stem_conv_pad` -> `stem_conv`: operand 0"));
}

#[test]
fn names_are_unique() {
    let mut graph = graph();
    let [a, b] = ["top_bn", "stem_bn"].map(|name| graph.find(name).unwrap());
    graph.layer_mut(a).name = graph.layer(b).name.clone();
    assert_eq!(
        only_fault(&graph),
        format!("layers {b} and {a} are both called `stem_bn`")
    );
}

#[test]
fn edges_are_faults_by_the_names_of_their_layers() {
    let mut graph = graph();
    let [add, head] = ["block2b_add", "predictions"].map(|name| graph.find(name).unwrap());
    let shortcut = graph.inputs(add)[1];
    graph.graph.add_edge(shortcut.0, add.0, 1);
    assert_eq!(
        only_fault(&graph),
        "layer `block2b_add`: operand positions are [0, 1, 1], expected 0..2"
    );
    let edge = graph.graph.find_edge(shortcut.0, add.0).unwrap();
    graph.graph.remove_edge(edge);
    graph.verify().unwrap();

    // Without its operand the classifier is unreachable, and the pooling is a second output.
    let pool = graph.inputs(head)[0];
    let edge = graph.graph.find_edge(pool.0, head.0).unwrap();
    graph.graph.remove_edge(edge);
    let found = graph.verify().unwrap_err().to_string();
    assert!(
        found.contains("expected one output, found avg_pool, predictions"),
        "{found}"
    );
    assert!(
        found.contains("layer `predictions`: not reachable from the input"),
        "{found}"
    );
}

#[test]
fn cycles_and_order_are_faults() {
    let mut graph = graph();
    let [early, late] = ["stem_bn", "top_bn"].map(|name| graph.find(name).unwrap());
    graph.graph.add_edge(late.0, early.0, 1);
    let Faults(faults) = graph.verify().unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| matches!(fault, GraphFault::Cycle { .. }))
    );

    let mut graph = self::graph();
    let late = graph.find("predictions").unwrap();
    let mut moved = graph.layer(graph.find("stem_bn").unwrap()).clone();
    moved.name = "second_bn".into();
    let producer = graph.inputs(graph.find("stem_activation").unwrap())[0];
    let late = LayerId(graph.graph.add_node(moved)).max(late);
    graph.graph.add_edge(producer.0, late.0, 0);
    let consumer = graph.find("stem_activation").unwrap();
    let edge = graph.graph.find_edge(producer.0, consumer.0).unwrap();
    graph.graph.remove_edge(edge);
    graph.graph.add_edge(late.0, consumer.0, 0);
    assert_eq!(
        only_fault(&graph),
        "edge `second_bn` -> `stem_activation`: the operand comes later in the order of layers"
    );
}

#[test]
fn operands_are_counted() {
    let map = Shape::Map {
        height: 1,
        width: 1,
        channels: 8,
    };
    assert_eq!(
        LayerOp::Add.output_shape(&[map]),
        Err(ShapeFault::Count {
            expected: 2,
            found: 1
        })
    );
    let gate = Shape::Map {
        height: 1,
        width: 1,
        channels: 9,
    };
    let fault = LayerOp::Multiply.output_shape(&[map, gate]).unwrap_err();
    assert_eq!(fault.to_string(), "operand 1 is 1x1x9, expected 1x1x8");
}

#[test]
fn a_faulty_architecture_makes_no_graph() {
    let mut broken = architecture();
    broken.blocks[0].stride = 0;
    broken.input = Shape::Vector { channels: 3 };
    let Faults(faults) = LayerGraph::build(&broken, Top::With).unwrap_err();
    let at: Vec<_> = faults
        .iter()
        .map(|fault: &ArchitectureFault| fault.at.as_str())
        .collect();
    assert_eq!(at, ["input", "block 1"]);
}
