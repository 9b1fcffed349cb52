//! A network's feature maps at strides 8, 16 and 32, each projected to the same number of channels.

use std::error::Error;

use efficientnet::Model;
use efficientnet::runtime::OutputShape;

/// Maps of photos of 192 x 256 pixels, from weights trained for classification.
#[efficientnet::model(
    spec = "lite",
    variant = "lite0",
    resolution = [192, 256],
    padding = "same",
    outputs = ["block3", "block5", "block7"],
    weights = "../../efficientnet-lite0-weights/lite0.safetensors"
)]
struct Backbone;

/// Channels of every level behind the projections.
const CHANNELS: usize = 16;

/// A 1x1 convolution: a matrix on the channels of each pixel.
struct Projection {
    /// Output channels in rows, input channels in columns.
    weights: Vec<f32>,
    in_channels: usize,
}

impl Projection {
    /// Where training would begin: small weights of both signs.
    fn new(in_channels: usize, out_channels: usize) -> Self {
        let scale = 1.0 / in_channels as f32;
        let weight = |index: usize| scale * (index as f32 * 0.7).sin();
        Self {
            weights: (0..in_channels * out_channels).map(weight).collect(),
            in_channels,
        }
    }

    /// A map of height, width, channels.
    fn apply(&self, map: &[f32]) -> Vec<f32> {
        let rows = || self.weights.chunks_exact(self.in_channels);
        let dot = |pixel: &[f32], row: &[f32]| pixel.iter().zip(row).map(|(x, w)| x * w).sum();
        map.chunks_exact(self.in_channels)
            .flat_map(|pixel| rows().map(move |row| dot(pixel, row)))
            .collect()
    }
}

/// The network and a projection a level.
struct Levels {
    backbone: Backbone,
    projections: Vec<Projection>,
}

impl Levels {
    fn new() -> Result<Self, Box<dyn Error>> {
        let projection = |shape: &OutputShape| Projection::new(shape.channels, CHANNELS);
        Ok(Self {
            backbone: Backbone::embedded()?,
            projections: Backbone::OUTPUTS.iter().map(projection).collect(),
        })
    }

    /// The projected maps of an image, from stride 8 to stride 32.
    fn forward(
        &self,
        image: &<Backbone as Model>::Input,
        workspace: &mut <Backbone as Model>::Workspace,
    ) -> Vec<Vec<f32>> {
        let maps = self.backbone.forward(image, workspace);
        let maps = [&maps.block3[..], &maps.block5[..], &maps.block7[..]];
        let projected = self.projections.iter().zip(maps);
        projected
            .map(|(projection, map)| projection.apply(map))
            .collect()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let levels = Levels::new()?;
    let mut workspace = Backbone::workspace();
    let [image_height, width, channels] = Backbone::INPUT_SHAPE;
    let image: Vec<f32> = (0..image_height * width * channels)
        .map(|index| (index as f32 * 0.01).sin())
        .collect();
    let maps = levels.forward(image.as_slice().try_into()?, &mut workspace);
    for (map, shape) in maps.iter().zip(Backbone::OUTPUTS) {
        let OutputShape {
            height,
            width,
            channels,
            ..
        } = shape;
        let (stride, projected) = (image_height / height, map.len() / (height * width));
        println!("stride {stride:2}: {height}x{width}x{channels} -> {height}x{width}x{projected}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_is_a_matrix_on_every_pixel() {
        let projection = Projection {
            weights: vec![1.0, 0.0, 0.0, 1.0, 2.0, -1.0],
            in_channels: 2,
        };
        let map = [3.0, 4.0, 5.0, 6.0];
        assert_eq!(projection.apply(&map), [3.0, 4.0, 2.0, 5.0, 6.0, 4.0]);
    }

    #[test]
    fn levels_have_the_sizes_of_their_strides() {
        let levels = Levels::new().unwrap();
        let image = vec![0.5; 192 * 256 * 3];
        let mut workspace = Backbone::workspace();
        let maps = levels.forward(image.as_slice().try_into().unwrap(), &mut workspace);
        let pixels: Vec<usize> = maps.iter().map(|map| map.len() / CHANNELS).collect();
        assert_eq!(pixels, [24 * 32, 12 * 16, 6 * 8]);
        assert!(maps.iter().flatten().all(|value| value.is_finite()));
    }
}
