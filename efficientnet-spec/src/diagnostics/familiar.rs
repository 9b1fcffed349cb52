//! Names that timm, torchvision, Keras and the papers have for what is called otherwise here.

/// Others' names of keys, and ours.
const KEYS: &[(&str, &str)] = &[
    ("act", "activation"),
    ("act_layer", "activation"),
    ("c", "channels"),
    ("depth_coefficient", "depth"),
    ("depth_divisor", "channel_multiple"),
    ("depth_multiplier", "depth"),
    ("drop_connect_rate", "drop_connect"),
    ("drop_path_rate", "drop_connect"),
    ("drop_rate", "dropout"),
    ("dropout_rate", "dropout"),
    ("e", "expand_ratio"),
    ("exp_ratio", "expand_ratio"),
    ("expand", "expand_ratio"),
    ("expansion", "expand_ratio"),
    ("filters", "channels"),
    ("filters_out", "channels"),
    ("id_skip", "shortcut"),
    ("image_size", "resolution"),
    ("in_chans", "in_channels"),
    ("input_size", "resolution"),
    ("k", "kernel"),
    ("kernel_size", "kernel"),
    ("layers", "repeats"),
    ("name", "family"),
    ("num_classes", "classes"),
    ("num_repeat", "repeats"),
    ("out_channels", "channels"),
    ("r", "repeats"),
    ("residual", "shortcut"),
    ("round_limit", "channel_floor"),
    ("s", "stride"),
    ("se", "squeeze_excite"),
    ("se_ratio", "ratio"),
    ("size", "resolution"),
    ("skip", "shortcut"),
    ("stages", "blocks"),
    ("strides", "stride"),
    ("t", "expand_ratio"),
    ("type", "kind"),
    ("width_coefficient", "width"),
    ("width_multiplier", "width"),
];

/// Others' names of values, and ours.
const WORDS: &[(&str, &str)] = &[
    ("cn", "convolution"),
    ("conv", "convolution"),
    ("conv2d", "convolution"),
    ("ds", "mbconv"),
    ("er", "fused_mbconv"),
    ("fused", "fused_mbconv"),
    ("fusedmbconv", "fused_mbconv"),
    ("h_sigmoid", "hard_sigmoid"),
    ("h_swish", "hard_swish"),
    ("hardsigmoid", "hard_sigmoid"),
    ("hardswish", "hard_swish"),
    ("hsigmoid", "hard_sigmoid"),
    ("hswish", "hard_swish"),
    ("inverted_residual", "mbconv"),
    ("ir", "mbconv"),
    ("logistic", "sigmoid"),
    ("swish", "silu"),
];

/// Our name for another's, where it is one of `known`.
fn ours<'n>(table: &[(&str, &str)], found: &str, known: &[&'n str]) -> Option<&'n str> {
    let found = found.to_lowercase().replace('-', "_");
    let (_, ours) = table.iter().find(|(others, _)| *others == found)?;
    known.iter().find(|known| *known == ours).copied()
}

/// Our key for another's name.
pub(crate) fn key<'n>(found: &str, known: &[&'n str]) -> Option<&'n str> {
    ours(KEYS, found, known)
}

/// Our value for another's name.
pub(super) fn word<'n>(found: &str, known: &[&'n str]) -> Option<&'n str> {
    ours(WORDS, found, known)
}
