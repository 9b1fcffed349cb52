//! Options of `scale`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use efficientnet::spec::{Coefficient, Name, Rate, Side, ValueError};

/// The three ways to a variant.
pub(super) const USAGE: &str = "efficientnet scale [OPTIONS] --phi <X>
       efficientnet scale [OPTIONS] --width <W> --depth <D> --resolution <R>
       efficientnet scale [OPTIONS] --search --flops <F>";

/// Options of `scale`: one of three ways to a variant, and what becomes of it.
#[derive(Args, Debug)]
pub(crate) struct Scale {
    /// YAML file, or name of a bundled spec.
    #[arg(
        long,
        value_name = "SPEC",
        value_hint = ValueHint::FilePath,
        default_value = "efficientnet"
    )]
    pub(crate) spec: String,
    /// Any number: depth alpha^X, width beta^X, resolution gamma^X times the baseline's; 0 is the
    /// baseline itself
    #[arg(
        long,
        value_name = "X",
        value_parser = phi,
        allow_hyphen_values = true,
        conflicts_with_all = ["width", "depth", "resolution", "search", "flops"],
        verbatim_doc_comment
    )]
    pub(crate) phi: Option<f64>,
    /// Factor of the channels; with --depth and --resolution.
    #[arg(
        long,
        value_name = "W",
        value_parser = number::<Coefficient>,
        requires_all = ["depth", "resolution"],
        conflicts_with_all = ["search", "flops"]
    )]
    pub(crate) width: Option<Coefficient>,
    /// Factor of the repeats.
    #[arg(long, value_name = "D", value_parser = number::<Coefficient>, requires = "width")]
    pub(crate) depth: Option<Coefficient>,
    /// Rows and columns of the input in pixels.
    #[arg(long, value_name = "R", value_parser = side, requires = "width")]
    pub(crate) resolution: Option<Side>,
    /// Grid search for alpha, beta and gamma at phi = 1; with --flops.
    #[arg(long, requires = "flops")]
    pub(crate) search: bool,
    /// Multiply-accumulates (the paper's FLOPs) at most, such as 800M or 1.5G.
    #[arg(long, value_name = "F", value_parser = flops, requires = "search")]
    pub(crate) flops: Option<u64>,
    /// Name of the variant [default: phi and the number, such as phi1_5, or custom].
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<Name>,
    /// Dropout of the variant [default: the baseline's].
    #[arg(long, value_name = "RATE", value_parser = number::<Rate>)]
    pub(crate) dropout: Option<Rate>,
    /// Spec to write: the baseline and the variant, for --spec of any command.
    #[arg(short, long, value_name = "FILE.yaml")]
    pub(crate) output: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

fn phi(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let expected = || "expected a finite number, such as 1.5 or -0.5".to_owned();
    number.filter(|x| x.is_finite()).ok_or_else(expected)
}

/// A number of a spec.
fn number<T: TryFrom<f64, Error = ValueError>>(text: &str) -> Result<T, String> {
    // What is no number is in no range.
    let number = text.parse().unwrap_or(f64::NAN);
    T::try_from(number).map_err(|error| error.to_string())
}

fn side(text: &str) -> Result<Side, String> {
    // No side has 0 pixels either.
    Side::try_from(text.parse().unwrap_or(0)).map_err(|error| error.to_string())
}

fn name(text: &str) -> Result<Name, String> {
    Name::try_from(text.to_owned()).map_err(|error| error.to_string())
}

/// Suffixes of large numbers.
const SUFFIXES: [(char, f64); 4] = [('K', 1e3), ('M', 1e6), ('G', 1e9), ('T', 1e12)];
/// Multiply-accumulates at most: whole numbers are exact up to here.
const MOST: f64 = (1_u64 << 53) as f64;

fn flops(text: &str) -> Result<u64, String> {
    let suffix = SUFFIXES.iter().find_map(|(letter, factor)| {
        let digits = text.strip_suffix([*letter, letter.to_ascii_lowercase()])?;
        Some((digits, *factor))
    });
    let (digits, factor) = suffix.unwrap_or((text, 1.0));
    let number: Option<f64> = digits.parse().ok();
    let number = number.map(|number| (number * factor).round());
    match number.filter(|number| (1.0..=MOST).contains(number)) {
        Some(number) => Ok(number as u64),
        None => Err(
            "expected a number of multiply-accumulates of at least 1, such as 800M, 1.5G or \
             800000000"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_have_suffixes() {
        let budgets = [
            ("800M", 800_000_000),
            ("1.5G", 1_500_000_000),
            ("0.39g", 390_000_000),
            ("12k", 12_000),
            ("2T", 2_000_000_000_000),
            ("386000000", 386_000_000),
            ("8e8", 800_000_000),
            ("0.0015k", 2),
        ];
        for (text, number) in budgets {
            assert_eq!(flops(text), Ok(number), "{text}");
        }
        for text in [
            "", "M", "800MB", "8 00", "0", "-1G", "nan", "inf", "infM", "1e300",
        ] {
            assert!(flops(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_finite_and_within_bounds() {
        assert_eq!(phi("-1.5"), Ok(-1.5));
        for text in ["", "x", "nan", "inf", "-inf", "1e999"] {
            assert!(phi(text).is_err(), "{text}");
            assert!(number::<Coefficient>(text).is_err(), "{text}");
            assert!(number::<Rate>(text).is_err(), "{text}");
            assert!(side(text).is_err(), "{text}");
        }
        assert!(side("1.5").is_err() && side("70000").is_err());
        assert_eq!(
            number::<Coefficient>("0").unwrap_err(),
            "expected a number more than 0 and at most 100"
        );
    }
}
