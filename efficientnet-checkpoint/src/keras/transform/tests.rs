use super::*;

const IMAGE: [f64; 3] = [0.0, 127.0, 255.0];

/// The image after the transform, compared with what the layers of Keras 3.15 (PyTorch backend) make
/// of it in f32.
fn assert_keras(
    model: Option<&KerasModel>,
    [mean, variance]: [[f32; 3]; 2],
    second_rescaling: Option<bool>,
    expected: [f64; 3],
) {
    let transform = InputTransform::new(model, &mean, &variance, second_rescaling).unwrap();
    for (channel, (x, expected)) in IMAGE.into_iter().zip(expected).enumerate() {
        let found = x * transform.scale[channel] + transform.shift[channel];
        let tolerance = 1e-6 * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() < tolerance,
            "channel {channel}: expected {expected}, found {found}"
        );
    }
}

fn model(input: Vec<InputLayer>) -> KerasModel {
    KerasModel {
        input,
        batch_norm_epsilon: Some(1e-3),
    }
}

fn rescaling(scale: &[f64], offset: &[f64]) -> InputLayer {
    InputLayer::Rescaling {
        scale: scale.to_vec(),
        offset: offset.to_vec(),
    }
}

const PUBLISHED: [[f32; 3]; 2] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
const ADAPTED: [[f32; 3]; 2] = [[0.5, 0.25, 0.75], [0.04, 0.01, 0.09]];

/// Of ImageNet's statistics, with the second rescaling and without.
const RESCALED: [f64; 3] = [-2.1179039478302, 0.18767520785331726, 2.6399998664855957];
const NORMALIZED: [f64; 3] = [-1.0135005712509155, 0.08882411569356918, 1.2522618770599365];
const ADAPTED_RESCALED: [f64; 3] = [-5.22422981262207, 5.240785598754883, 1.756820797920227];

#[test]
fn published_weights_are_known_by_their_statistics() {
    assert_keras(None, PUBLISHED, None, RESCALED);
    assert_keras(None, PUBLISHED, Some(true), RESCALED);
    assert_keras(None, PUBLISHED, Some(false), NORMALIZED);
}

#[test]
fn other_weights_have_no_second_rescaling_unless_asked_for() {
    // The second variance is smaller than any divisor may be.
    let degenerate = [[0.5, 0.25, 0.75], [0.04, 0.0, 0.09]];
    assert_keras(
        None,
        degenerate,
        None,
        [-2.5, 2480392.5, 0.8333333134651184],
    );
    assert_keras(None, ADAPTED, Some(true), ADAPTED_RESCALED);
    let fresh = [[0.0; 3], [1.0; 3]];
    assert_keras(None, fresh, None, [0.0, 0.49803924560546875, 1.0]);
    // Squares of ImageNet's deviations, as variances should be.
    let squares = [PUBLISHED[0], [0.229f32, 0.224, 0.225].map(|std| std * std)];
    let transform = InputTransform::new(None, &squares[0], &squares[1], None).unwrap();
    assert!((transform.scale[0] * 255.0 * 0.229 - 1.0).abs() < 1e-6);
}

#[test]
fn a_configuration_decides_whatever_the_statistics_are() {
    let first = rescaling(&[1.0 / 255.0], &[0.0]);
    let second = rescaling(&IMAGENET_STD.map(|std| 1.0 / std.sqrt()), &[0.0]);
    let plain = model(vec![first.clone(), InputLayer::Normalization]);
    let imagenet = model(vec![first, InputLayer::Normalization, second]);
    assert_keras(Some(&plain), PUBLISHED, None, NORMALIZED);
    assert_keras(Some(&plain), PUBLISHED, Some(true), RESCALED);
    assert_keras(Some(&imagenet), PUBLISHED, None, RESCALED);
    assert_keras(Some(&imagenet), PUBLISHED, Some(true), RESCALED);
    assert_keras(Some(&imagenet), PUBLISHED, Some(false), NORMALIZED);
    assert_keras(Some(&imagenet), ADAPTED, None, ADAPTED_RESCALED);
}

#[test]
fn layers_of_any_number_and_order_are_composed() {
    let layers = vec![
        rescaling(&[2.0, 3.0, 4.0], &[1.0, 2.0, 3.0]),
        InputLayer::ConstantNormalization {
            mean: vec![10.0, 20.0, 30.0],
            variance: vec![4.0, 9.0, 16.0],
        },
        rescaling(&[0.5], &[-1.0]),
    ];
    assert_keras(Some(&model(layers)), ADAPTED, None, [-3.25, 59.5, 123.125]);
}

#[test]
fn no_layers_leave_values_as_they_are() {
    let none = model(Vec::new());
    let transform = InputTransform::new(Some(&none), &ADAPTED[0], &ADAPTED[1], None).unwrap();
    assert!(transform.is_identity());
    let fresh = InputTransform::new(None, &[0.0; 3], &[1.0; 3], None).unwrap();
    assert!(!fresh.is_identity());
}

#[test]
fn layers_of_other_channels_are_errors() {
    let error = InputTransform::new(None, &[0.5], &[0.1], Some(true)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the input's Rescaling has 3 values, expected 1 or 1, one a channel"
    );
    let error = InputTransform::new(None, &[0.0; 3], &[1.0; 2], None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the input's Normalization has 2 values, expected 1 or 3, one a channel"
    );
}
