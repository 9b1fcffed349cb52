use super::*;

/// Two stages, of one sub-block without an expansion and of two with; out of order.
const NAMES: [&str; 12] = [
    "classifier.bias",
    "conv_head.weight",
    "blocks.1.1.conv_pwl.weight",
    "blocks.1.1.bn3.running_var",
    "blocks.1.0.conv_pw.weight",
    "blocks.1.0.se.conv_reduce.bias",
    "blocks.1.0.conv_pwl.weight",
    "blocks.0.0.conv_pw.weight",
    "blocks.0.0.conv_dw.weight",
    "blocks.0.0.bn1.weight",
    "bn1.running_mean",
    "conv_stem.weight",
];

#[test]
fn roles_depend_on_the_expansion() {
    let network = Network::new(NAMES.into_iter());
    let found = NAMES.map(|name| {
        let site = network.site(name).unwrap();
        (site.role, site.parameter)
    });
    let expected = [
        (Role::Classifier, Parameter::Bias),
        (Role::Head, Parameter::Weight),
        (Role::Project, Parameter::Weight),
        (Role::ProjectNorm, Parameter::Variance),
        (Role::Expand, Parameter::Weight),
        (Role::Reduce, Parameter::Bias),
        (Role::Project, Parameter::Weight),
        (Role::Project, Parameter::Weight),
        (Role::Depthwise, Parameter::Weight),
        (Role::DepthwiseNorm, Parameter::Gamma),
        (Role::StemNorm, Parameter::Mean),
        (Role::Stem, Parameter::Weight),
    ];
    assert_eq!(found, expected);
}

#[test]
fn sub_blocks_and_layers_are_numbered_in_the_network_s_order() {
    let network = Network::new(NAMES.into_iter());
    assert_eq!(network.sub_blocks(), 3);
    let site = |name| network.site(name).unwrap();
    let squeezed = site("blocks.1.0.conv_pwl.weight").sub_block;
    let expected = SubBlock {
        stage: 1,
        index: 0,
        flat: 1,
        expands: true,
        squeezes: true,
    };
    assert_eq!(squeezed, expected);
    let last = site("blocks.1.1.conv_pwl.weight").sub_block;
    assert_eq!((last.flat, last.squeezes), (2, false));
    assert_eq!(site("conv_head.weight").stages, 2);
    // Convolutions: stem, project, expand, reduce, project, project, head.
    let convolutions = [
        "conv_stem.weight",
        "blocks.0.0.conv_pw.weight",
        "blocks.1.0.conv_pw.weight",
        "blocks.1.0.se.conv_reduce.bias",
        "blocks.1.0.conv_pwl.weight",
        "blocks.1.1.conv_pwl.weight",
        "conv_head.weight",
    ];
    assert_eq!(
        convolutions.map(|name| site(name).ordinal),
        [0, 1, 2, 3, 4, 5, 6]
    );
    let norms = [
        "bn1.running_mean",
        "blocks.0.0.bn1.weight",
        "blocks.1.1.bn3.running_var",
    ];
    assert_eq!(norms.map(|name| site(name).ordinal), [0, 1, 2]);
    assert_eq!(site("blocks.0.0.conv_dw.weight").ordinal, 0);
}

#[test]
fn other_names_have_no_place() {
    let network = Network::new(NAMES.into_iter());
    for name in [
        "conv_stem",
        "conv_stem.running_mean",
        "features.0.0.weight",
        "blocks.1.weight",
        "blocks.1.0.weight",
        "blocks.1.x.conv_pw.weight",
        "blocks.0.0.conv_pwl.weight",
        "blocks.7.0.conv_dw.weight",
        "bn1.num_batches_tracked",
    ] {
        assert_eq!(network.site(name), None, "{name}");
    }
}
