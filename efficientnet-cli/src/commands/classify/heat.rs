//! A photo under the heat of a map.

use efficientnet::runtime::image::{Image, Region};

use super::explain::Map;

/// Pixels on the longer side of a picture at most.
const SIDE: usize = 1024;

/// Share of the colour in the picture, the rest being the photo: where nothing speaks for the class, and
/// where most does.
const OPACITY: [f64; 2] = [0.35, 0.7];

/// What is left of the light of those parts of the photo that the network does not see.
const UNSEEN: f64 = 0.4;

/// The colours of the map "inferno", every 17th of 256 (van der Walt and Smith, "A Better Default Colormap
/// for Matplotlib", 2015; in the public domain by CC0): dark to light in even steps, also without red or
/// green.
const INFERNO: [[u8; 3]; 16] = [
    [0, 0, 4],
    [12, 8, 38],
    [36, 12, 79],
    [66, 10, 104],
    [93, 18, 110],
    [120, 28, 109],
    [147, 38, 103],
    [174, 48, 92],
    [199, 62, 76],
    [221, 81, 58],
    [237, 105, 37],
    [248, 133, 15],
    [252, 165, 10],
    [250, 198, 45],
    [242, 230, 97],
    [252, 255, 164],
];

/// The photo, fitted, with the map over the region that the network saw, grey and dark around it; below it
/// the scale of colours, from nothing (or less) that speaks for the class to the map's largest value.
pub(super) fn picture(photo: &Image, region: Region, map: &Map) -> Image {
    let photo = photo.fitted(SIDE);
    let (width, height) = (photo.width(), photo.height());
    let bar = (height / 32).max(4);
    let mut pixels = Vec::with_capacity(width * (height + bar) * 3);
    let (source, _) = photo.pixels().as_chunks::<3>();
    for (index, &pixel) in source.iter().enumerate() {
        let centre = |position: usize, side: usize| (position as f64 + 0.5) / side as f64;
        let x = (centre(index % width, width) - region.left) / region.width;
        let y = (centre(index / width, height) - region.top) / region.height;
        let seen = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        pixels.extend(match seen {
            true => heated(pixel, heat(map, x, y)),
            false => unseen(pixel),
        });
    }
    for _ in 0..bar {
        let steps = (width - 1).max(1) as f64;
        pixels.extend((0..width).flat_map(|x| colour(x as f64 / steps)));
    }
    // As many values as pixels were pushed; the photo stands in for a picture that cannot be.
    Image::new(width, height + bar, pixels).unwrap_or(photo)
}

/// The share of the map's largest value at a place of the crop, from 0 to 1.
fn heat(map: &Map, x: f64, y: f64) -> f64 {
    let most = map.most();
    match most > 0.0 {
        true => (interpolated(map, x, y) / most).clamp(0.0, 1.0),
        false => 0.0,
    }
}

/// The map at a place, bilinear between the centres of its pixels.
fn interpolated(map: &Map, x: f64, y: f64) -> f64 {
    let rows = map.values.len() / map.columns;
    let ([left, right], across) = neighbours(x, map.columns);
    let ([above, below], down) = neighbours(y, rows);
    let at = |row: usize, column: usize| map.values[row * map.columns + column];
    let row = |row| mix(at(row, left), at(row, right), across);
    mix(row(above), row(below), down)
}

/// The two pixels of so many between whose centres a place from 0 to 1 lies, and where between them.
fn neighbours(place: f64, count: usize) -> ([usize; 2], f64) {
    let position = (place * count as f64 - 0.5).clamp(0.0, (count - 1) as f64);
    let first = position as usize;
    ([first, (first + 1).min(count - 1)], position.fract())
}

fn mix(from: f64, to: f64, share: f64) -> f64 {
    from + (to - from) * share
}

/// The colour of a heat from 0 to 1.
fn colour(heat: f64) -> [u8; 3] {
    let ([from, to], share) = {
        let position = heat * (INFERNO.len() - 1) as f64;
        let first = position as usize;
        (
            [first, (first + 1).min(INFERNO.len() - 1)],
            position.fract(),
        )
    };
    let channel = |index: usize| {
        let [from, to] = [from, to].map(|stop| f64::from(INFERNO[stop][index]));
        mix(from, to, share).round() as u8
    };
    [0, 1, 2].map(channel)
}

fn heated(pixel: [u8; 3], heat: f64) -> [u8; 3] {
    let (colour, opacity) = (colour(heat), mix(OPACITY[0], OPACITY[1], heat));
    [0, 1, 2].map(|i| mix(f64::from(pixel[i]), f64::from(colour[i]), opacity).round() as u8)
}

/// Grey by the luma of ITU-R BT.601, and darker.
fn unseen([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let luma = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    [(UNSEEN * luma).round() as u8; 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_itself_at_its_pixels_centres_and_half_way_between() {
        let map = Map {
            columns: 2,
            values: vec![0.0, 4.0, 8.0, 12.0],
        };
        let found = |x, y| interpolated(&map, x, y);
        assert_eq!([found(0.25, 0.25), found(0.75, 0.25)], [0.0, 4.0]);
        assert_eq!([found(0.5, 0.25), found(0.5, 0.5)], [2.0, 6.0]);
        // The border is the outermost pixel's.
        assert_eq!([found(0.0, 0.0), found(0.999, 0.999)], [0.0, 12.0]);
    }

    #[test]
    fn heat_is_nothing_where_nothing_speaks_for_the_class() {
        let values = |values: &[f64]| Map {
            columns: 1,
            values: values.to_vec(),
        };
        assert_eq!(heat(&values(&[-3.0]), 0.5, 0.5), 0.0);
        assert_eq!(heat(&values(&[-3.0, 2.0]), 0.5, 0.1), 0.0);
        assert_eq!(heat(&values(&[-3.0, 2.0]), 0.5, 0.9), 1.0);
    }

    #[test]
    fn colours_are_the_table_s_and_grow_lighter() {
        assert_eq!((colour(0.0), colour(1.0)), (INFERNO[0], INFERNO[15]));
        let light = |[red, green, blue]: [u8; 3]| {
            0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
        };
        let lights: Vec<f64> = (0..=60)
            .map(|i| light(colour(f64::from(i) / 60.0)))
            .collect();
        assert!(lights.is_sorted(), "{lights:?}");
    }

    #[test]
    fn what_the_network_does_not_see_is_grey_and_dark() {
        let photo = Image::new(4, 2, [200, 100, 50].repeat(8)).unwrap();
        let region = Region {
            left: 0.5,
            top: 0.0,
            width: 0.5,
            height: 1.0,
        };
        let map = Map {
            columns: 1,
            values: vec![1.0],
        };
        let picture = picture(&photo, region, &map);
        assert_eq!((picture.width(), picture.height()), (4, 6));
        let (pixels, _) = picture.pixels().as_chunks::<3>();
        assert_eq!(pixels[..2], [unseen([200, 100, 50]); 2]);
        assert_eq!(pixels[2..4], [heated([200, 100, 50], 1.0); 2]);
        assert_eq!((pixels[8], pixels[11]), (INFERNO[0], INFERNO[15]));
    }
}
