//! A scene as pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::colour::Theme;
use super::scene::Scene;
use super::svg::{self, Use};

/// Pixels of a file at most: 256 MiB while it is drawn.
const MOST: f64 = 67_108_864.0;
/// Pixels of the file for one of the scene, on each axis: as many as there is room for, the first that is.
const SCALES: [f64; 2] = [2.0, 1.0];

/// Why there is no file.
#[derive(Debug)]
pub(crate) enum PngError {
    /// The picture is larger than what a viewer would open.
    TooLarge { width: f64, height: f64 },
    /// The renderer does not accept our own SVG.
    Render(String),
}

/// The picture as a PNG file, two pixels for one of the scene on each axis where that is not too many.
///
/// # Errors
/// If even one pixel for one is too many.
pub(crate) fn write(scene: &Scene, theme: Theme) -> Result<Vec<u8>, PngError> {
    let (width, height) = (scene.width, scene.height);
    let fits = |scale: &f64| width * height * scale * scale <= MOST;
    let Some(scale) = SCALES.into_iter().find(fits) else {
        return Err(PngError::TooLarge { width, height });
    };
    let text = svg::write(scene, Use::Raster(theme));
    let tree = Tree::from_str(&text, &Options::default())
        .map_err(|error| PngError::Render(error.to_string()))?;
    // At most 2^13 squared or so: exact as integers.
    let (columns, rows) = ((width * scale) as u32, (height * scale) as u32);
    let mut pixels = Pixmap::new(columns, rows)
        .ok_or_else(|| PngError::Render(format!("no picture has {columns} x {rows} pixels")))?;
    let transform = Transform::from_scale(scale as f32, scale as f32);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    let encoded = pixels.encode_png();
    encoded.map_err(|error| PngError::Render(error.to_string()))
}
