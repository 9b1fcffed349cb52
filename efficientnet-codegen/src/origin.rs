//! Where a generated file came from: the comment at its top, and the command that makes it again.

use std::path::Path;

use efficientnet_spec::{Padding, Resolution, Spec, bundled};

use crate::generate::ModelOptions;
use crate::plan::Precision;

/// What a generated file begins with.
pub(crate) const MARK: &str = "// @generated";

/// The comment at the top of a variant's file. It is the same wherever the file is made: a spec's file
/// goes by its name alone.
pub(crate) fn header(
    spec: &Spec,
    name: &str,
    (variant, module): (&str, &str),
    options: &ModelOptions,
) -> String {
    let hash = hash(spec, variant, options);
    let name = bundled(name).map_or_else(|| file_name(name), |_| name);
    let command = command(name, &[variant.to_owned()], options, "DIR");
    let name = word(name);
    format!(
        "{MARK} by efficientnet from spec {name}, variant {variant}; hash of both and the options: {hash:016x}.\n\
         // Do not edit: regenerate with\n\
         //     {command}\n\
         // As a module: `#[rustfmt::skip] mod {module};`, because rustfmt would break its lines.\n"
    )
}

/// The command that generates variants of a spec (all if none is named) into a directory.
pub fn command(spec: &str, variants: &[String], options: &ModelOptions, directory: &str) -> String {
    let (spec, arguments) = (word(spec), arguments(variants, options));
    let directory = word(directory);
    format!("efficientnet generate --spec {spec}{arguments} --out {directory}")
}

/// Names the spec, the variant and the options, whatever the spec's file is called and how it is
/// written.
fn hash(spec: &Spec, variant: &str, options: &ModelOptions) -> u64 {
    let arguments = arguments(&[variant.to_owned()], options);
    fnv1a64(&format!("{arguments}\n{spec}"))
}

/// The arguments of variants and options, each with a space before it.
fn arguments(variants: &[String], model: &ModelOptions) -> String {
    let options = &model.options;
    let resolution = options.resolution.map(|resolution| match resolution {
        Resolution { height, width } if height == width => height.to_string(),
        Resolution { height, width } => format!("{height}x{width}"),
    });
    let padding = match options.padding {
        Padding::Symmetric => None,
        Padding::Same => Some("same".to_owned()),
    };
    let variants = variants.iter().map(|name| ("variant", word(name)));
    let outputs = model.outputs.iter().map(|name| ("output", word(name)));
    let single = [
        ("padding", padding),
        ("resolution", resolution),
        ("classes", options.classes.map(|number| number.to_string())),
        (
            "in-channels",
            options.in_channels.map(|number| number.to_string()),
        ),
        (
            "precision",
            (model.precision != Precision::F32).then(|| model.precision.to_string()),
        ),
        (
            "bn-eps",
            model.batch_norm_epsilon.map(|value| format!("{value:?}")),
        ),
    ];
    let single = single
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let all = variants.chain(single).chain(outputs);
    all.map(|(name, value)| format!(" --{name} {value}"))
        .collect()
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    name.unwrap_or(path)
}

/// A word of a command, in quotes unless it is plain; always one line.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+=:@,".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("{text:?}"),
    }
}

/// FNV-1a, 64 bits (Fowler, Noll and Vo): a name of a text, no protection against forgery.
fn fnv1a64(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use efficientnet_spec::Options;

    use super::*;

    fn spec() -> Spec {
        Spec::parse(bundled("lite").unwrap(), "lite").unwrap()
    }

    fn everything() -> ModelOptions {
        ModelOptions {
            options: Options {
                resolution: Some(Resolution {
                    height: 192,
                    width: 256,
                }),
                classes: Some(7),
                in_channels: Some(1),
                padding: Padding::Same,
            },
            outputs: vec!["block3".to_owned(), "logits".to_owned()],
            batch_norm_epsilon: Some(1e-3),
            precision: Precision::Bf16,
        }
    }

    /// The test vectors of the algorithm's authors.
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a64(""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(fnv1a64("foobar"), 0x8594_4171_F739_67E8);
    }

    #[test]
    fn the_command_has_what_is_not_by_itself() {
        let variants = ["lite0".to_owned(), "lite1".to_owned()];
        assert_eq!(
            command("lite", &[], &ModelOptions::default(), "src/models"),
            "efficientnet generate --spec lite --out src/models"
        );
        assert_eq!(
            command("my specs/a.yaml", &variants, &everything(), "out"),
            "efficientnet generate --spec \"my specs/a.yaml\" --variant lite0 --variant lite1 \
             --padding same --resolution 192x256 --classes 7 --in-channels 1 --precision bf16 --bn-eps 0.001 \
             --output block3 --output logits --out out"
        );
    }

    #[test]
    fn headers_name_no_folder_and_are_comments_whatever_the_name() {
        let text = |name| header(&spec(), name, ("lite0", "lite0"), &ModelOptions::default());
        assert_eq!(text("/home/me/lite.yaml"), text("lite.yaml"));
        for name in ["lite", "specs/a\nfn main() {}", "specs/\u{2028}.yaml", ".."] {
            let text = text(name);
            assert_eq!(text.lines().count(), 4, "{text}");
            assert!(text.lines().all(|line| line.starts_with("// ")), "{text}");
        }
    }

    #[test]
    fn the_hash_follows_spec_variant_and_options_alone() {
        let (spec, default) = (spec(), ModelOptions::default());
        let own = hash(&spec, "lite0", &default);
        assert_ne!(own, hash(&spec, "lite1", &default));
        assert_ne!(own, hash(&spec, "lite0", &everything()));
        let text = bundled("lite").unwrap();
        let parsed = |text: String| Spec::parse(&text, "lite").unwrap();
        let commented = parsed(format!("# A comment.\n{text}"));
        assert_eq!(own, hash(&commented, "lite0", &default));
        let other = parsed(text.replace("classes: 1000", "classes: 10"));
        assert_ne!(own, hash(&other, "lite0", &default));
    }
}
