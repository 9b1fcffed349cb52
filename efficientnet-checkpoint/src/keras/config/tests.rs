use serde_json::{Value, json};

use super::{InputLayer, KerasModel, MAX_CONFIG};

fn parse(layers: Value) -> Option<KerasModel> {
    let network = json!({"class_name": "Functional", "config": {"name": "b0", "layers": layers}});
    KerasModel::parse(&network.to_string())
}

fn convolution() -> Value {
    json!({"class_name": "Conv2D", "config": {"name": "stem_conv"}})
}

fn rescaling(scale: Value, offset: Value) -> Value {
    json!({"class_name": "Rescaling", "config": {"scale": scale, "offset": offset}})
}

fn batch_norm(epsilon: f64) -> Value {
    json!({"class_name": "BatchNormalization", "config": {"axis": 3, "epsilon": epsilon}})
}

/// The input layers in front of a convolution.
fn input(layer: Value) -> Option<Vec<InputLayer>> {
    parse(json!([{"class_name": "InputLayer", "config": {}}, layer, convolution()]))
        .map(|model| model.input)
}

fn rescaled(scale: &[f64], offset: &[f64]) -> Option<Vec<InputLayer>> {
    let [scale, offset] = [scale, offset].map(<[f64]>::to_vec);
    Some(vec![InputLayer::Rescaling { scale, offset }])
}

#[test]
fn numbers_are_read_in_every_form_that_keras_writes() {
    let numpy = json!({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "float64"}});
    let tensor =
        json!({"class_name": "__tensor__", "config": {"value": [[3.0]], "dtype": "float32"}});
    let tuple = json!({"class_name": "__tuple__", "items": [4, 5]});
    assert_eq!(
        input(rescaling(json!(0.5), json!(-1))),
        rescaled(&[0.5], &[-1.0])
    );
    assert_eq!(
        input(rescaling(json!([1, 2.5]), numpy)),
        rescaled(&[1.0, 2.5], &[1.0, 2.0])
    );
    assert_eq!(
        input(rescaling(tensor, tuple)),
        rescaled(&[3.0], &[4.0, 5.0])
    );
}

#[test]
fn a_normalization_has_tensors_or_constants() {
    let layer = |mean: Value, variance: Value, invert: bool| {
        input(json!({"class_name": "Normalization", "config": {
            "axis": [3], "invert": invert, "mean": mean, "variance": variance,
        }}))
    };
    assert_eq!(
        layer(Value::Null, Value::Null, false),
        Some(vec![InputLayer::Normalization])
    );
    assert_eq!(
        layer(json!([1.0, 2.0]), json!(4), false),
        Some(vec![InputLayer::ConstantNormalization {
            mean: vec![1.0, 2.0],
            variance: vec![4.0],
        }])
    );
    assert_eq!(layer(Value::Null, Value::Null, true), None);
}

/// As TensorFlow 2.9 serialises `x / tf.math.sqrt(IMAGENET_STDDEV_RGB)`.
#[test]
fn a_division_is_a_rescaling() {
    let division = |function: &str| {
        input(json!({
            "class_name": "TFOpLambda",
            "config": {"name": "tf.math.truediv", "trainable": true, "function": function},
            "inbound_nodes": [["normalization", 0, 0, {"y": [0.5, 0.25], "name": null}]],
        }))
    };
    assert_eq!(division("math.truediv"), rescaled(&[2.0, 4.0], &[0.0]));
    assert_eq!(division("math.add"), None);
}

#[test]
fn only_layers_in_front_of_the_first_convolution_count() {
    let after = parse(json!([
        rescaling(json!(2), json!(0)),
        convolution(),
        rescaling(json!(3), json!(0)),
        {"class_name": "Lambda", "config": {}},
    ]));
    assert_eq!(after.map(|model| model.input), rescaled(&[2.0], &[0.0]));
}

#[test]
fn networks_inside_of_networks_are_followed() {
    let inner = json!({"class_name": "Functional", "config": {"layers": [
        rescaling(json!(3), json!(0)), convolution(), batch_norm(1e-3),
    ]}});
    let flip = json!({"class_name": "RandomFlip", "config": {"mode": "horizontal"}});
    let outer = [
        flip,
        rescaling(json!(2), json!(0)),
        inner,
        rescaling(json!(4), json!(0)),
    ];
    // The list of Keras 2's first sequential networks, too.
    for config in [json!({"layers": outer}), json!(outer)] {
        let network = json!({"class_name": "Sequential", "config": config});
        let model = KerasModel::parse(&network.to_string()).unwrap();
        let expected = [rescaled(&[2.0], &[0.0]), rescaled(&[3.0], &[0.0])];
        assert_eq!(model.input, expected.map(Option::unwrap).concat());
        assert_eq!(model.batch_norm_epsilon, Some(1e-3));
    }
}

#[test]
fn an_epsilon_is_that_of_all_batch_normalizations() {
    let epsilon = |layers: Value| parse(layers).unwrap().batch_norm_epsilon;
    assert_eq!(
        epsilon(json!([convolution(), batch_norm(1e-5), batch_norm(1e-5)])),
        Some(1e-5)
    );
    assert_eq!(
        epsilon(json!([convolution(), batch_norm(1e-5), batch_norm(1e-3)])),
        None
    );
    assert_eq!(epsilon(json!([convolution()])), None);
}

#[test]
fn what_is_not_known_is_left_alone() {
    assert_eq!(input(json!({"class_name": "Lambda", "config": {}})), None);
    assert_eq!(input(json!({"class_name": "my>Scale", "config": {}})), None);
    assert_eq!(input(rescaling(json!("1/255"), json!(0))), None);
    assert_eq!(input(rescaling(json!([]), json!(0))), None);
    for config in [
        "",
        "{",
        "3",
        "null",
        r#"{"class_name": "MyModel", "config": {"layers": []}}"#,
        r#"{"class_name": "Functional", "config": {}}"#,
        r#"{"class_name": "Functional", "config": {"layers": [3]}}"#,
        &"[".repeat(1 << 20),
        &" ".repeat(MAX_CONFIG + 1),
    ] {
        assert_eq!(KerasModel::parse(config), None);
    }
}
