use std::fs;
use std::path::PathBuf;

use super::{Image, Interpolation, Preprocess, Recipe, Resize};

fn testdata(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/image/testdata")).join(name)
}

fn open(name: &str) -> Image {
    Image::open(testdata(name)).unwrap()
}

/// Largest and mean difference of two images' values.
fn difference(a: &[u8], b: &[u8]) -> (u8, f64) {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = differences.clone().map(u64::from).sum();
    (differences.max().unwrap_or(0), sum as f64 / a.len() as f64)
}

/// Pillow's `Image.resize` (12 and 13 agree on these shapes), then torchvision's centre crop.
#[test]
fn resizing_is_pils_bit_for_bit() {
    use Interpolation::{Bicubic, Bilinear};
    for (source, resize, crop, interpolation, expected) in [
        ("patch.png", 23, [20, 33], Bicubic, "bicubic_down.png"),
        ("patch.png", 90, [84, 81], Bicubic, "bicubic_up.png"),
        (
            "patch_upright.png",
            31,
            [28, 30],
            Bilinear,
            "bilinear_down.png",
        ),
        ("patch.png", 30, [37, 50], Bilinear, "bilinear_padded.png"),
    ] {
        let preprocess = Preprocess {
            resize: Resize::Cover([resize; 2]),
            crop,
            interpolation,
            mean: [0.0; 3],
            std: [1.0; 3],
        };
        let found = preprocess.crop(&open(source));
        assert_eq!(found.as_flattened(), open(expected).pixels(), "{expected}");
    }
}

/// Details in each kind of coding; the PNG files are what PIL decodes, converted to RGB. The last
/// scans of one are left out, where libjpeg smooths from block to block.
#[test]
fn jpeg_is_decoded_as_pil_does_bit_for_bit() {
    for name in [
        "jpeg_progressive",
        "jpeg_restarts",
        "jpeg_unrefined",
        "jpeg_inks",
    ] {
        let [found, expected] = ["jpg", "png"].map(|kind| open(&format!("{name}.{kind}")));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_kind_of_file_becomes_rgb() {
    let colour = [200, 100, 50];
    // Values as PIL's `convert("RGB")` gives them; for lossy WebP, within rounding.
    for (name, size, expected, tolerance) in [
        ("grey.jpg", (6, 4), [77; 3], 0),
        ("grey_alpha.png", (6, 4), [77; 3], 0),
        ("alpha.png", (6, 4), colour, 0),
        ("alpha.webp", (6, 4), colour, 0),
        ("palette.png", (6, 4), colour, 0),
        ("deep.png", (6, 4), colour, 0),
        ("cmyk.jpg", (16, 16), [207, 119, 49], 0),
        // The orientation in its EXIF data is not applied.
        ("rotated.jpg", (24, 16), [10; 3], 0),
        ("progressive.jpg", (24, 16), [10; 3], 0),
        ("lossy.webp", (24, 16), [10; 3], 4),
    ] {
        let image = open(name);
        assert_eq!((image.width(), image.height()), size, "{name}");
        let pixel = &image.pixels()[..3];
        let (largest, _) = difference(pixel, &expected);
        assert!(
            largest <= tolerance,
            "{name}: {pixel:?}, expected {expected:?}"
        );
    }
}

#[test]
fn input_is_normalized_channel_by_channel() {
    let image = Image::new(2, 1, vec![127, 255, 0, 127, 255, 0]).unwrap();
    let of = |recipe, variant| Preprocess {
        resize: Resize::Squash([1, 2]),
        ..Preprocess::of(recipe, variant, Some([1, 2])).unwrap()
    };
    let lite = of(Recipe::TimmTf, "lite0");
    assert_eq!(
        lite.apply(&image),
        [0.0, 1.0, -127.0 / 128.0, 0.0, 1.0, -127.0 / 128.0]
    );
    // torchvision: (pixel / 255 - mean) / std.
    let imagenet = of(Recipe::Torchvision, "b0");
    let expected = [
        (127.0 / 255.0 - 0.485) / 0.229,
        (1.0 - 0.456) / 0.224,
        (0.0 - 0.406f32) / 0.225,
    ];
    for (found, expected) in imagenet.apply(&image).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
    }
}

#[test]
fn a_thread_of_pixels_costs_no_more_than_its_crop() {
    let image = Image::new(100_000, 1, vec![9; 300_000]).unwrap();
    let preprocess = Preprocess::of(Recipe::TimmTf, "b0", None).unwrap();
    let crop = preprocess.crop(&image);
    assert!(crop.len() == 224 * 224 && crop.iter().all(|&pixel| pixel == [9; 3]));
}

#[test]
fn bad_files_are_explained() {
    let refusal = |bytes: &[u8]| Image::decode(bytes, "a.jpg").unwrap_err().to_string();
    // A PNG that claims 60000 x 60000 pixels.
    let mut bomb = fs::read(testdata("alpha.png")).unwrap();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = 0x80d2_7542u32.to_be_bytes();
    bomb[29..33].copy_from_slice(&checksum);
    // A frame's header: marker, length, bits, height, width, and three bytes a component, of which
    // the middle one is its sampling.
    let inks = fs::read(testdata("cmyk.jpg")).unwrap();
    let frame = inks
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .unwrap();
    let with = |offset: usize, value: u8| {
        let mut bytes = inks.clone();
        bytes[frame + offset] = value;
        bytes
    };
    for (bytes, reason) in [
        (&b""[..], "found no image"),
        (b"{\"error\": 404}", "found no image"),
        (
            b"GIF89a\x01\0\x01\0",
            "expected JPEG, PNG or WebP, found Gif",
        ),
        (&bomb, "60000 x 60000 pixels are too many"),
        (&with(4, 12), "12 bits a sample is not supported"),
        (&with(6, 0), "16 x 0 pixels"),
        (&with(5, 0xFF), "damaged image: "),
        (&with(14, 0x22), "colours in these resolutions"),
    ] {
        let message = refusal(bytes);
        assert!(
            message.starts_with("a.jpg: ") && message.contains(reason),
            "{message}"
        );
    }
    let missing = Image::open("no/such.jpg").unwrap_err().to_string();
    assert!(
        missing.starts_with("no/such.jpg: cannot be read: "),
        "{missing}"
    );
    assert!(Image::new(2, 2, vec![0; 11]).is_err());
    assert!(Image::new(0, 2, Vec::new()).is_err());
    assert!(Image::new(usize::MAX, 2, Vec::new()).is_err());
}

/// Few bytes that claim to be large images: refused before there is memory for them.
#[test]
fn images_that_claim_to_be_large_are_refused() {
    let refusal = |bytes: &[u8]| Image::decode(bytes, "a").unwrap_err().to_string();
    let mut jpeg = fs::read(testdata("grey.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]);
    jpeg[frame.unwrap() + 5..][..4].fill(0xFF);
    // Lossless: 14 bits each for width and height, less one, behind the signature.
    let mut webp = fs::read(testdata("alpha.webp")).unwrap();
    webp[21..25].copy_from_slice(&0x1fff_bffeu32.to_le_bytes());
    for (bytes, reason) in [
        (
            &jpeg,
            "a: 65535 x 65535 pixels are too many: to decode them takes 16383 MB",
        ),
        (
            &webp,
            "a: 16383 x 16383 pixels are too many: to decode them takes 3071 MB",
        ),
    ] {
        let message = refusal(bytes);
        assert!(message.starts_with(reason), "{message}");
        assert!(
            message.ends_with("the limit is 480; shrink it first"),
            "{message}"
        );
    }
}

/// Each scan takes a few bytes, and time for all pixels.
#[test]
fn jpegs_of_very_many_scans_are_refused() {
    let mut jpeg = fs::read(testdata("progressive.jpg")).unwrap();
    let scans: Vec<_> = (0..jpeg.len() - 1)
        .filter(|&place| jpeg[place..].starts_with(&[0xFF, 0xDA]))
        .collect();
    let last = jpeg[*scans.last().unwrap()..jpeg.len() - 2].to_vec();
    let end = jpeg.len() - 2;
    jpeg.splice(end..end, last.repeat(100));
    let message = Image::decode(&jpeg, "a").unwrap_err().to_string();
    assert!(
        message.contains("scan") && message.contains("100"),
        "{message}"
    );
}

/// A palette of part of a colour, and of one too many, which the decoder would index beyond.
#[test]
fn palettes_of_no_whole_number_of_colours_are_refused() {
    let png = fs::read(testdata("palette.png")).unwrap();
    let place = png.windows(4).position(|kind| kind == b"PLTE").unwrap();
    for length in [0, 1, 4, 771] {
        let mut bytes = png[..place - 4].to_vec();
        bytes.extend((length as u32).to_be_bytes());
        bytes.extend(b"PLTE");
        bytes.extend(vec![0; length + 4]);
        bytes.extend(&png[place + 12..]);
        let message = Image::decode(&bytes, "a").unwrap_err().to_string();
        let expected = format!("a: damaged image: a palette of {length} bytes");
        assert_eq!(message, expected);
    }
}

/// A device without end is refused by its beginning.
#[cfg(target_os = "linux")]
#[test]
fn devices_are_not_read_to_their_end() {
    let message = Image::open("/dev/zero").unwrap_err().to_string();
    assert!(message.ends_with("found no image"), "{message}");
}

/// A file cut short is refused, not classified as what its first rows show.
#[test]
fn files_cut_anywhere_are_refused() {
    // The last chunk of PNG holds no pixels, the last bytes of WebP hardly any.
    for (name, spare) in [
        ("rotated.jpg", 0),
        ("progressive.jpg", 0),
        ("grey.jpg", 0),
        ("alpha.png", 12),
        ("alpha.webp", 1),
        ("lossy.webp", 3),
    ] {
        let whole = fs::read(testdata(name)).unwrap();
        for length in 0..whole.len() - spare {
            let cut = Image::decode(&whole[..length], name);
            assert!(cut.is_err(), "{length} of {} bytes of {name}", whole.len());
        }
    }
}

proptest::proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        file in proptest::sample::select(
            &["rotated.jpg", "jpeg_progressive.jpg", "jpeg_restarts.jpg", "cmyk.jpg", "alpha.png", "palette.png", "alpha.webp"][..]
        ),
        edits in proptest::collection::vec(
            (proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()),
            1..6,
        ),
    ) {
        let mut bytes = fs::read(testdata(file)).unwrap();
        for (index, value) in edits {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        let _ = Image::decode(&bytes, file);
    }
}

/// A photo of 451 x 300 whose shorter side becomes 256 and whose middle 224 pixels are taken.
#[test]
fn the_region_is_where_the_crop_lies_in_the_photo() {
    let preprocess = |resize, crop| Preprocess {
        resize,
        crop: [crop; 2],
        interpolation: Interpolation::Bicubic,
        mean: [0.0; 3],
        std: [1.0; 3],
    };
    let region = preprocess(Resize::Cover([256; 2]), 224).region(451, 300);
    let found = [region.left, region.top, region.width, region.height];
    assert_eq!(
        found,
        [80.0 / 384.0, 16.0 / 256.0, 224.0 / 384.0, 224.0 / 256.0]
    );

    let region = preprocess(Resize::Squash([224; 2]), 224).region(451, 300);
    let found = [region.left, region.top, region.width, region.height];
    assert_eq!(found, [0.0, 0.0, 1.0, 1.0]);

    // A border of 8 pixels around 16.
    let region = preprocess(Resize::Cover([16; 2]), 32).region(100, 100);
    let found = [region.left, region.top, region.width, region.height];
    assert_eq!(found, [-0.5, -0.5, 2.0, 2.0]);
}

#[test]
fn an_image_is_fitted_and_survives_png() {
    let photo = open("patch.png");
    let (width, height) = (photo.width(), photo.height());
    assert_eq!(photo.fitted(width.max(height)), photo);
    let small = photo.fitted(10);
    assert_eq!(small.width().max(small.height()), 10);
    let mut bytes = Vec::new();
    small.write_png(&mut bytes).unwrap();
    assert_eq!(Image::decode(&bytes, "png").unwrap(), small);
}
