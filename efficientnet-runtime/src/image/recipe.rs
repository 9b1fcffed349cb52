//! What checkpoints were trained with: tables of facts, each with its source.
//!
//! A checkpoint's names and shapes tell the library that wrote it, not how photos were prepared, and
//! networks answer worse, not with an error, when that differs.

use crate::checkpoint::{Checkpoint, Flavour, Padding};

use super::{Interpolation, Preprocess, Resize};

use Fit::{Crop, Squash};
use Interpolation::{Bicubic, Bilinear, Nearest};

/// Whose rules photos are prepared by.
///
/// timm's checkpoints share their names, but not their training: those padded symmetrically are
/// [`Recipe::Timm`], those padded as TensorFlow does [`Recipe::TimmTf`], since timm pads in that way
/// only what Google trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipe {
    /// `efficientnet_*` of timm, which timm trained.
    Timm,
    /// `tf_efficientnet_*` of timm, which Google trained, EfficientNet-Lite among them.
    TimmTf,
    /// `torchvision.models`.
    Torchvision,
    /// `efficientnet_pytorch`.
    Lukemelas,
    /// `google/efficientnet-*` for Hugging Face transformers.
    Transformers,
    /// `keras.applications`, whose networks normalize their input themselves.
    Keras,
}

/// How an image is brought to the network's resolution.
#[derive(Clone, Copy)]
enum Fit {
    /// Resized so that the crop takes this fraction of the shorter side, numerator and denominator.
    Crop(usize, usize),
    /// Resized to the resolution, whatever its proportions.
    Squash,
}

/// Mean and standard deviation of red, green and blue, in levels of 0 to 255.
#[derive(Clone, Copy)]
struct Statistics {
    mean: [f32; 3],
    std: [f32; 3],
}

/// A rule for any resolution.
#[derive(Clone, Copy)]
struct Rule(Fit, Interpolation, Statistics);

/// Variant, resolution, rule.
type Row = (&'static str, usize, Rule);

/// What a library says of its checkpoints.
struct Table {
    /// Of several resolutions, the first is the variant's own.
    known: &'static [Row],
    /// The library's default, for variants that it does not know.
    other: Rule,
}

impl Preprocess {
    /// What a checkpoint was trained with, by its flavour and the padding of the model that it is
    /// loaded into: [`Self::of`] with [`Recipe::of_checkpoint`]. For Keras's, the input stays in levels
    /// of 0 to 255, which the network normalises itself.
    ///
    /// ```
    /// # use safetensors::{Dtype, serialize, tensor::TensorView};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let values = vec![0; 4 * 32 * 3 * 3 * 3];
    /// # let tensor = TensorView::new(Dtype::F32, vec![32, 3, 3, 3], &values)?;
    /// # let bytes = serialize([("features.0.0.weight", tensor)], None)?;
    /// use efficientnet_runtime::Padding;
    /// use efficientnet_runtime::checkpoint::Checkpoint;
    /// use efficientnet_runtime::image::{Image, Preprocess, Resize};
    ///
    /// let checkpoint = Checkpoint::from_bytes(bytes, "torchvision's B0")?;
    /// let preprocess = Preprocess::for_checkpoint(&checkpoint, Padding::Symmetric, "b0", None);
    /// let preprocess = preprocess.ok_or("B0 is known")?;
    /// assert_eq!(preprocess.resize, Resize::Cover([256, 256]));
    ///
    /// let photo = Image::new(320, 240, vec![128; 320 * 240 * 3])?; // or Image::open(path)?
    /// let input = preprocess.apply(&photo);
    /// assert_eq!(input.len(), 224 * 224 * 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_checkpoint(
        checkpoint: &Checkpoint,
        padding: Padding,
        variant: &str,
        resolution: Option<[usize; 2]>,
    ) -> Option<Self> {
        Self::of(
            Recipe::of_checkpoint(checkpoint, padding, variant),
            variant,
            resolution,
        )
    }

    /// What a library's checkpoints were trained with, for a variant such as `b0` or `lite0`, and for a
    /// resolution (height, width) other than the recipe's own, if any; then the variant's crop
    /// keeps its fraction of the image.
    ///
    /// timm has several checkpoints of a variant, told apart by a tag. Without one, what
    /// `timm.create_model(name, pretrained=True)` loads is meant; `b1.ft_in1k` is another. A tag
    /// that is not known changes nothing.
    ///
    /// A variant that is not the library's gets the library's default at its resolution; `None` if
    /// that is not given.
    pub fn of(recipe: Recipe, variant: &str, resolution: Option<[usize; 2]>) -> Option<Self> {
        let table = recipe.table();
        let untagged = variant.split('.').next().unwrap_or(variant);
        let row = [variant, untagged]
            .into_iter()
            .find_map(|name| table.find(name, resolution));
        match row {
            Some(&(_, side, rule)) => Some(rule.at(resolution.unwrap_or([side; 2]))),
            None => Some(table.other.at(resolution?)),
        }
    }
}

impl Table {
    /// The row of a variant at a resolution, otherwise its first.
    fn find(&self, variant: &str, resolution: Option<[usize; 2]>) -> Option<&Row> {
        let rows = || self.known.iter().filter(|row| row.0 == variant);
        rows()
            .find(|row| resolution == Some([row.1; 2]))
            .or_else(|| rows().next())
    }
}

impl Rule {
    fn at(self, crop: [usize; 2]) -> Preprocess {
        let Rule(fit, interpolation, statistics) = self;
        Preprocess {
            resize: match fit {
                Crop(kept, of) => Resize::Cover(crop.map(|side| side * of / kept)),
                Squash => Resize::Squash(crop),
            },
            crop,
            interpolation,
            mean: statistics.mean,
            std: statistics.std,
        }
    }
}

impl Recipe {
    /// Whose rules photos for a checkpoint are prepared by. timm's names leave two, told apart by the
    /// padding. EfficientNet-Lite is Google's, whatever the names that it was ported to: other
    /// libraries have no networks of their own of it.
    pub fn of_checkpoint(checkpoint: &Checkpoint, padding: Padding, variant: &str) -> Self {
        let recipe = match (checkpoint.flavour(), padding) {
            (Some(Flavour::Torchvision), _) => Recipe::Torchvision,
            (Some(Flavour::Lukemelas), _) => Recipe::Lukemelas,
            (Some(Flavour::Transformers), _) => Recipe::Transformers,
            (Some(Flavour::Keras), _) => Recipe::Keras,
            (Some(Flavour::Timm) | None, Padding::Same) => Recipe::TimmTf,
            (Some(Flavour::Timm) | None, Padding::Symmetric) => Recipe::Timm,
        };
        let has = |recipe: Recipe| recipe.table().find(variant, None).is_some();
        match !has(recipe) && has(Recipe::TimmTf) {
            true => Recipe::TimmTf,
            false => recipe,
        }
    }

    fn table(self) -> Table {
        match self {
            Recipe::Timm => TIMM,
            Recipe::TimmTf => TIMM_TF,
            Recipe::Torchvision => TORCHVISION,
            Recipe::Lukemelas => LUKEMELAS,
            Recipe::Transformers => TRANSFORMERS,
            Recipe::Keras => KERAS,
        }
    }
}

/// Statistics of pixels from 0 to 1.
const fn of_unit(mean: [f32; 3], std: [f32; 3]) -> Statistics {
    const fn levels(values: [f32; 3]) -> [f32; 3] {
        [values[0] * 255.0, values[1] * 255.0, values[2] * 255.0]
    }
    Statistics {
        mean: levels(mean),
        std: levels(std),
    }
}

/// timm's `IMAGENET_DEFAULT_MEAN` and `_STD` (`timm/data/constants.py`); torchvision's
/// `ImageClassification` (`transforms/_presets.py`) and efficientnet_pytorch's README have the same.
const IMAGENET: Statistics = of_unit([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/// timm's `IMAGENET_INCEPTION_MEAN` and `_STD` (`timm/data/constants.py`).
const HALF: Statistics = of_unit([0.5; 3], [0.5; 3]);

/// `MEAN_RGB` and `STDDEV_RGB` of Google's
/// `models/official/efficientnet/lite/efficientnet_lite_builder.py`, with which EfficientNet-Lite
/// was trained. timm evaluates it with [`HALF`], which is half a level off.
const LITE: Statistics = Statistics {
    mean: [127.0; 3],
    std: [128.0; 3],
};

/// `image_mean` and `image_std` of transformers' `convert_efficientnet_to_pytorch.py`. With
/// `include_top`, its image processor divides by the deviation twice.
const TWICE: Statistics = of_unit(
    [0.485, 0.456, 0.406],
    [
        0.478_539_44 * 0.478_539_44,
        0.473_286_4 * 0.473_286_4,
        0.474_341_63 * 0.474_341_63,
    ],
);

/// The levels themselves: `preprocess_input` of `keras/src/applications/efficientnet.py` returns
/// its argument.
const RAW: Statistics = Statistics {
    mean: [0.0; 3],
    std: [1.0; 3],
};

/// timm 1.0.31, `default_cfgs` of `timm/models/efficientnet.py`: `input_size`, `crop_pct` (or
/// `crop_mode`), `interpolation`, `mean` and `std`; `test_input_size` and `test_crop_pct` are a
/// variant's second resolution. The default is `DEFAULT_CROP_PCT` of `timm/data/constants.py`.
#[rustfmt::skip]
const TIMM: Table = Table {
    known: &[
        ("b0", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b0.ra4_e3600_r224_in1k", 224, Rule(Crop(900, 1000), Bicubic, HALF)),
        ("b0.ra4_e3600_r224_in1k", 256, Rule(Crop(1, 1), Bicubic, HALF)),
        ("b1", 240, Rule(Crop(900, 1000), Bicubic, HALF)),
        ("b1", 288, Rule(Crop(1, 1), Bicubic, HALF)),
        ("b1.ft_in1k", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b1.ft_in1k", 256, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b2", 256, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b2", 288, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b3", 288, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b3", 320, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b4", 320, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b4", 384, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b5", 448, Rule(Squash, Bicubic, IMAGENET)),
        ("b5.sw_in12k", 416, Rule(Crop(950, 1000), Bicubic, IMAGENET)),
        ("b6", 528, Rule(Crop(942, 1000), Bicubic, IMAGENET)),
        ("b7", 600, Rule(Crop(949, 1000), Bicubic, IMAGENET)),
        ("lite0", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("lite1", 240, Rule(Crop(882, 1000), Bicubic, IMAGENET)),
        ("lite2", 260, Rule(Crop(890, 1000), Bicubic, IMAGENET)),
        ("lite3", 300, Rule(Crop(904, 1000), Bicubic, IMAGENET)),
        ("lite4", 380, Rule(Crop(922, 1000), Bicubic, IMAGENET)),
        ("es", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("em", 240, Rule(Crop(882, 1000), Bicubic, IMAGENET)),
        ("el", 300, Rule(Crop(904, 1000), Bicubic, IMAGENET)),
        ("semnasnet_100", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("mobilenetv2_100", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("mobilenetv3_small_100", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("mobilenetv3_large_100", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
    ],
    other: Rule(Crop(875, 1000), Bicubic, IMAGENET),
};

/// As [`TIMM`]. The tags `in1k`, `aa_in1k`, `ra_in1k` and `ns_jft_in1k` are prepared alike, those
/// trained with adversarial examples (`ap_in1k`) are not. EfficientNet-Lite has Google's statistics.
#[rustfmt::skip]
const TIMM_TF: Table = Table {
    known: &[
        ("b0", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("b1", 240, Rule(Crop(882, 1000), Bicubic, IMAGENET)),
        ("b2", 260, Rule(Crop(890, 1000), Bicubic, IMAGENET)),
        ("b3", 300, Rule(Crop(904, 1000), Bicubic, IMAGENET)),
        ("b4", 380, Rule(Crop(922, 1000), Bicubic, IMAGENET)),
        ("b5", 456, Rule(Crop(934, 1000), Bicubic, IMAGENET)),
        ("b6", 528, Rule(Crop(942, 1000), Bicubic, IMAGENET)),
        ("b7", 600, Rule(Crop(949, 1000), Bicubic, IMAGENET)),
        ("b0.ap_in1k", 224, Rule(Crop(875, 1000), Bicubic, HALF)),
        ("b1.ap_in1k", 240, Rule(Crop(882, 1000), Bicubic, HALF)),
        ("b2.ap_in1k", 260, Rule(Crop(890, 1000), Bicubic, HALF)),
        ("b3.ap_in1k", 300, Rule(Crop(904, 1000), Bicubic, HALF)),
        ("b4.ap_in1k", 380, Rule(Crop(922, 1000), Bicubic, HALF)),
        ("b5.ap_in1k", 456, Rule(Crop(934, 1000), Bicubic, HALF)),
        ("b6.ap_in1k", 528, Rule(Crop(942, 1000), Bicubic, HALF)),
        ("b7.ap_in1k", 600, Rule(Crop(949, 1000), Bicubic, HALF)),
        ("b8", 672, Rule(Crop(954, 1000), Bicubic, HALF)),
        ("l2", 475, Rule(Crop(936, 1000), Bicubic, IMAGENET)),
        ("v2_b0", 192, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("v2_b0", 224, Rule(Crop(875, 1000), Bicubic, IMAGENET)),
        ("v2_b1", 192, Rule(Crop(882, 1000), Bicubic, IMAGENET)),
        ("v2_b1", 240, Rule(Crop(882, 1000), Bicubic, IMAGENET)),
        ("v2_b2", 208, Rule(Crop(890, 1000), Bicubic, IMAGENET)),
        ("v2_b2", 260, Rule(Crop(890, 1000), Bicubic, IMAGENET)),
        ("v2_b3", 240, Rule(Crop(900, 1000), Bicubic, HALF)),
        ("v2_b3", 300, Rule(Crop(900, 1000), Bicubic, HALF)),
        ("v2_s", 300, Rule(Crop(1, 1), Bicubic, HALF)),
        ("v2_s", 384, Rule(Crop(1, 1), Bicubic, HALF)),
        ("v2_m", 384, Rule(Crop(1, 1), Bicubic, HALF)),
        ("v2_m", 480, Rule(Crop(1, 1), Bicubic, HALF)),
        ("v2_l", 384, Rule(Crop(1, 1), Bicubic, HALF)),
        ("v2_l", 480, Rule(Crop(1, 1), Bicubic, HALF)),
        ("lite0", 224, Rule(Crop(875, 1000), Bicubic, LITE)),
        ("lite1", 240, Rule(Crop(882, 1000), Bicubic, LITE)),
        ("lite2", 260, Rule(Crop(890, 1000), Bicubic, LITE)),
        ("lite3", 300, Rule(Crop(904, 1000), Bilinear, LITE)),
        ("lite4", 380, Rule(Crop(920, 1000), Bilinear, LITE)),
    ],
    other: Rule(Crop(875, 1000), Bicubic, IMAGENET),
};

/// torchvision 0.29, `EfficientNet_B0_Weights` to `_B7_Weights` (`models/efficientnet.py`):
/// `crop_size`, `resize_size` and `interpolation` of each `DEFAULT`. `b1.v1` is the older weights of
/// B1, `IMAGENET1K_V1`. The default is that of `ImageClassification` (`transforms/_presets.py`).
#[rustfmt::skip]
const TORCHVISION: Table = Table {
    known: &[
        ("b0", 224, Rule(Crop(224, 256), Bicubic, IMAGENET)),
        ("b1", 240, Rule(Crop(240, 255), Bilinear, IMAGENET)),
        ("b1.v1", 240, Rule(Crop(240, 256), Bicubic, IMAGENET)),
        ("b2", 288, Rule(Crop(288, 288), Bicubic, IMAGENET)),
        ("b3", 300, Rule(Crop(300, 320), Bicubic, IMAGENET)),
        ("b4", 380, Rule(Crop(380, 384), Bicubic, IMAGENET)),
        ("b5", 456, Rule(Crop(456, 456), Bicubic, IMAGENET)),
        ("b6", 528, Rule(Crop(528, 528), Bicubic, IMAGENET)),
        ("b7", 600, Rule(Crop(600, 600), Bicubic, IMAGENET)),
    ],
    other: Rule(Crop(224, 256), Bilinear, IMAGENET),
};

/// efficientnet_pytorch 0.7.1: the resolutions of `efficientnet_params` (`utils.py`), resized and
/// cropped as `val_transforms` of `examples/imagenet/main.py` does, without its `--advprop`.
#[rustfmt::skip]
const LUKEMELAS: Table = Table {
    known: &[
        ("b0", 224, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b1", 240, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b2", 260, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b3", 300, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b4", 380, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b5", 456, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b6", 528, Rule(Crop(1, 1), Bicubic, IMAGENET)),
        ("b7", 600, Rule(Crop(1, 1), Bicubic, IMAGENET)),
    ],
    other: Rule(Crop(1, 1), Bicubic, IMAGENET),
};

/// transformers, `CONFIG_MAP` and `convert_image_processor` of `convert_efficientnet_to_pytorch.py`,
/// which wrote the image processors of `google/efficientnet-b0` to `-b7`. They keep the `NEAREST`
/// that was `EfficientNetImageProcessor`'s default then; its default today is `BICUBIC`.
#[rustfmt::skip]
const TRANSFORMERS: Table = Table {
    known: &[
        ("b0", 224, Rule(Squash, Nearest, TWICE)),
        ("b1", 240, Rule(Squash, Nearest, TWICE)),
        ("b2", 260, Rule(Squash, Nearest, TWICE)),
        ("b3", 300, Rule(Squash, Nearest, TWICE)),
        ("b4", 380, Rule(Squash, Nearest, TWICE)),
        ("b5", 456, Rule(Squash, Nearest, TWICE)),
        ("b6", 528, Rule(Squash, Nearest, TWICE)),
        ("b7", 600, Rule(Squash, Nearest, TWICE)),
    ],
    other: Rule(Squash, Nearest, TWICE),
};

/// Keras 3, `default_size` of `keras/src/applications/efficientnet.py`. Keras has no transform of
/// its own for these weights: photos are read as its tests of them do (`applications_test.py`), by
/// `load_img(path, target_size=..)`, which squashes and takes the nearest pixel by default
/// (`keras/src/utils/image_utils.py`).
#[rustfmt::skip]
const KERAS: Table = Table {
    known: &[
        ("b0", 224, Rule(Squash, Nearest, RAW)),
        ("b1", 240, Rule(Squash, Nearest, RAW)),
        ("b2", 260, Rule(Squash, Nearest, RAW)),
        ("b3", 300, Rule(Squash, Nearest, RAW)),
        ("b4", 380, Rule(Squash, Nearest, RAW)),
        ("b5", 456, Rule(Squash, Nearest, RAW)),
        ("b6", 528, Rule(Squash, Nearest, RAW)),
        ("b7", 600, Rule(Squash, Nearest, RAW)),
    ],
    other: Rule(Squash, Nearest, RAW),
};

#[cfg(test)]
mod tests {
    use super::{Padding, Recipe};
    use crate::checkpoint::Checkpoint;
    use crate::synthetic;

    /// A checkpoint whose first tensor has a library's name.
    fn named(stem: &str) -> Checkpoint {
        synthetic::checkpoint(&[(stem.to_owned(), vec![8, 3, 3, 3])], 0).unwrap()
    }

    #[test]
    fn recipes_follow_names_padding_and_variant() {
        let cases = [
            ("conv_stem.weight", Padding::Symmetric, "b0", Recipe::Timm),
            ("conv_stem.weight", Padding::Same, "b0", Recipe::TimmTf),
            (
                "features.0.0.weight",
                Padding::Symmetric,
                "b0",
                Recipe::Torchvision,
            ),
            ("_conv_stem.weight", Padding::Same, "b0", Recipe::Lukemelas),
            ("_conv_stem.weight", Padding::Same, "lite0", Recipe::TimmTf),
            (
                "_conv_stem.weight",
                Padding::Same,
                "my_own",
                Recipe::Lukemelas,
            ),
        ];
        for (stem, padding, variant, expected) in cases {
            let found = Recipe::of_checkpoint(&named(stem), padding, variant);
            assert_eq!(found, expected, "{stem}, {padding:?}, {variant}");
        }
    }
}
