// Maps: x between sub-blocks, e expanded, d after the depthwise; vectors: s pooled sums, g gate.
// Shapes: <height, width, channels, out height, out width, out channels, kernel, stride>, where
// they differ, then the strip of pixels a tile takes; squeeze_excite: <channels, squeezed, pixels>.
// The numbers behind the operands are arena addresses in floats.

use ::efficientnet::runtime::shaped::*;

/// lite-lite0, 224x224x3 -> logits 1000, 4652008 parameters, 385 million multiply-accumulates.
pub struct Lite0 {
    weights: ::efficientnet::runtime::shaped::Weights,
}

type Arena = [f32; 1505280];

impl Model for Lite0 {
    const NAME: &'static str = "lite-lite0";
    const INPUT_SHAPE: [usize; 3] = [224, 224, 3];
    const CLASSES: usize = 1000;
    const OUTPUTS: &'static [OutputShape] = &[OutputShape::new("logits", 1, 1, 1000)];
    const PARAMETERS: u64 = 4652008;
    const MACS: u64 = 385187552;
    const WORKSPACE_BYTES: usize = ::core::mem::size_of::<Arena>();
    const PADDING: Padding = Padding::Same;
    const LAYERS: &'static [Layer<'static>] = &LAYERS;
    type Input = [f32; 150528];
    type Output<'w> = &'w [f32; 1000];
    type Workspace = Workspace<1505280>;
    fn from_weights(weights: Weights) -> Self {
        Self { weights }
    }
    fn forward<'w>(
        &self,
        x: &[f32; 150528],
        workspace: &'w mut Self::Workspace,
    ) -> &'w [f32; 1000] {
        let (w, a) = (&self.weights, workspace.arena());
        let x = stem(w, a, x);
        let x = block1(w, a, x);
        let x = block2(w, a, x);
        let x = block3(w, a, x);
        let x = block4(w, a, x);
        let x = block5(w, a, x);
        let x = block6(w, a, x);
        let x = block7(w, a, x);
        let x = head(w, a, x);
        x.values(a)
    }
}

impl Lite0 {
    /// Reads a checkpoint and packs its weights; see `Model::load`.
    pub fn load(
        path: impl AsRef<::std::path::Path>,
    ) -> ::core::result::Result<Self, LoadError> {
        Model::load(path)
    }
    /// The one allocation that `forward` needs; see `Model::workspace`.
    pub fn workspace() -> <Self as Model>::Workspace {
        <Self as Model>::workspace()
    }
    /// Image (NHWC) to logits, without allocating; see `Model::forward`.
    pub fn forward<'w>(
        &self,
        input: &<Self as Model>::Input,
        workspace: &'w mut <Self as Model>::Workspace,
    ) -> <Self as Model>::Output<'w> {
        Model::forward(self, input, workspace)
    }
}

/// What each call's weights are packed from.
static LAYERS: [Layer; 50] = [
    Layer::convolution("conv_stem", Norm("bn1"), 3, 32, 3),
    Layer::depthwise("blocks.0.0.conv_dw", Norm("blocks.0.0.bn1"), 32, 3),
    Layer::pointwise("blocks.0.0.conv_pw", Norm("blocks.0.0.bn2"), 32, 16),
    Layer::pointwise("blocks.1.0.conv_pw", Norm("blocks.1.0.bn1"), 16, 96),
    Layer::depthwise("blocks.1.0.conv_dw", Norm("blocks.1.0.bn2"), 96, 3),
    Layer::pointwise("blocks.1.0.conv_pwl", Norm("blocks.1.0.bn3"), 96, 24),
    Layer::pointwise("blocks.1.1.conv_pw", Norm("blocks.1.1.bn1"), 24, 144),
    Layer::depthwise("blocks.1.1.conv_dw", Norm("blocks.1.1.bn2"), 144, 3),
    Layer::pointwise("blocks.1.1.conv_pwl", Norm("blocks.1.1.bn3"), 144, 24),
    Layer::pointwise("blocks.2.0.conv_pw", Norm("blocks.2.0.bn1"), 24, 144),
    Layer::depthwise("blocks.2.0.conv_dw", Norm("blocks.2.0.bn2"), 144, 5),
    Layer::pointwise("blocks.2.0.conv_pwl", Norm("blocks.2.0.bn3"), 144, 40),
    Layer::pointwise("blocks.2.1.conv_pw", Norm("blocks.2.1.bn1"), 40, 240),
    Layer::depthwise("blocks.2.1.conv_dw", Norm("blocks.2.1.bn2"), 240, 5),
    Layer::pointwise("blocks.2.1.conv_pwl", Norm("blocks.2.1.bn3"), 240, 40),
    Layer::pointwise("blocks.3.0.conv_pw", Norm("blocks.3.0.bn1"), 40, 240),
    Layer::depthwise("blocks.3.0.conv_dw", Norm("blocks.3.0.bn2"), 240, 3),
    Layer::pointwise("blocks.3.0.conv_pwl", Norm("blocks.3.0.bn3"), 240, 80),
    Layer::pointwise("blocks.3.1.conv_pw", Norm("blocks.3.1.bn1"), 80, 480),
    Layer::depthwise("blocks.3.1.conv_dw", Norm("blocks.3.1.bn2"), 480, 3),
    Layer::pointwise("blocks.3.1.conv_pwl", Norm("blocks.3.1.bn3"), 480, 80),
    Layer::pointwise("blocks.3.2.conv_pw", Norm("blocks.3.2.bn1"), 80, 480),
    Layer::depthwise("blocks.3.2.conv_dw", Norm("blocks.3.2.bn2"), 480, 3),
    Layer::pointwise("blocks.3.2.conv_pwl", Norm("blocks.3.2.bn3"), 480, 80),
    Layer::pointwise("blocks.4.0.conv_pw", Norm("blocks.4.0.bn1"), 80, 480),
    Layer::depthwise("blocks.4.0.conv_dw", Norm("blocks.4.0.bn2"), 480, 5),
    Layer::pointwise("blocks.4.0.conv_pwl", Norm("blocks.4.0.bn3"), 480, 112),
    Layer::pointwise("blocks.4.1.conv_pw", Norm("blocks.4.1.bn1"), 112, 672),
    Layer::depthwise("blocks.4.1.conv_dw", Norm("blocks.4.1.bn2"), 672, 5),
    Layer::pointwise("blocks.4.1.conv_pwl", Norm("blocks.4.1.bn3"), 672, 112),
    Layer::pointwise("blocks.4.2.conv_pw", Norm("blocks.4.2.bn1"), 112, 672),
    Layer::depthwise("blocks.4.2.conv_dw", Norm("blocks.4.2.bn2"), 672, 5),
    Layer::pointwise("blocks.4.2.conv_pwl", Norm("blocks.4.2.bn3"), 672, 112),
    Layer::pointwise("blocks.5.0.conv_pw", Norm("blocks.5.0.bn1"), 112, 672),
    Layer::depthwise("blocks.5.0.conv_dw", Norm("blocks.5.0.bn2"), 672, 5),
    Layer::pointwise("blocks.5.0.conv_pwl", Norm("blocks.5.0.bn3"), 672, 192),
    Layer::pointwise("blocks.5.1.conv_pw", Norm("blocks.5.1.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.1.conv_dw", Norm("blocks.5.1.bn2"), 1152, 5),
    Layer::pointwise("blocks.5.1.conv_pwl", Norm("blocks.5.1.bn3"), 1152, 192),
    Layer::pointwise("blocks.5.2.conv_pw", Norm("blocks.5.2.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.2.conv_dw", Norm("blocks.5.2.bn2"), 1152, 5),
    Layer::pointwise("blocks.5.2.conv_pwl", Norm("blocks.5.2.bn3"), 1152, 192),
    Layer::pointwise("blocks.5.3.conv_pw", Norm("blocks.5.3.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.3.conv_dw", Norm("blocks.5.3.bn2"), 1152, 5),
    Layer::pointwise("blocks.5.3.conv_pwl", Norm("blocks.5.3.bn3"), 1152, 192),
    Layer::pointwise("blocks.6.0.conv_pw", Norm("blocks.6.0.bn1"), 192, 1152),
    Layer::depthwise("blocks.6.0.conv_dw", Norm("blocks.6.0.bn2"), 1152, 3),
    Layer::pointwise("blocks.6.0.conv_pwl", Norm("blocks.6.0.bn3"), 1152, 320),
    Layer::pointwise("conv_head", Norm("bn2"), 320, 1280),
    Layer::dense("classifier", 1280, 1000),
];

/// Stem, 224x224x3 -> 112x112x32.
fn stem(w: &Weights, a: &mut Arena, x: &[f32; 150528]) -> Map<112, 112, 32> {
    convolution::<224, 224, 3, 112, 112, 32, 3, 2, Same, Relu6>(&w[0], a, x, 0)
}

/// Block 1, 112x112x32 -> 112x112x16, 1 sub-block.
fn block1(w: &Weights, a: &mut Arena, x: Map<112, 112, 32>) -> Map<112, 112, 16> {
    // Sub-block 1a (kind 1), 112x112x32 -> 112x112x16
    let d = depthwise::<112, 112, 32, 112, 112, 3, 1, Same, Relu6>(&w[1], a, x, 401408);
    pointwise::<112, 112, 32, 16, 2544, Linear>(&w[2], a, d, 1204224)
}

/// Block 2, 112x112x16 -> 56x56x24, 2 sub-blocks.
fn block2(w: &Weights, a: &mut Arena, x: Map<112, 112, 16>) -> Map<56, 56, 24> {
    // Sub-block 2a (kind 2), 112x112x16 -> 56x56x24
    let e = pointwise::<112, 112, 16, 96, 1152, Relu6>(&w[3], a, x, 0);
    let d = depthwise::<112, 112, 96, 56, 56, 3, 2, Same, Relu6>(&w[4], a, e, 1204224);
    let x = pointwise::<56, 56, 96, 24, 1056, Linear>(&w[5], a, d, 903168);
    // Sub-block 2b (kind 3), 56x56x24 -> 56x56x24
    let e = pointwise::<56, 56, 24, 144, 672, Relu6>(&w[6], a, x, 0);
    let d = depthwise::<56, 56, 144, 56, 56, 3, 1, Same, Relu6>(&w[7], a, e, 451584);
    project::<56, 56, 144, 24, 672>(&w[8], a, d, 978432, None, Some(x))
}

/// Block 3, 56x56x24 -> 28x28x40, 2 sub-blocks.
fn block3(w: &Weights, a: &mut Arena, x: Map<56, 56, 24>) -> Map<28, 28, 40> {
    // Sub-block 3a (kind 2), 56x56x24 -> 28x28x40
    let e = pointwise::<56, 56, 24, 144, 672, Relu6>(&w[9], a, x, 0);
    let d = depthwise::<56, 56, 144, 28, 28, 5, 2, Same, Relu6>(&w[10], a, e, 451584);
    let x = pointwise::<28, 28, 144, 40, 432, Linear>(&w[11], a, d, 376320);
    // Sub-block 3b (kind 3), 28x28x40 -> 28x28x40
    let e = pointwise::<28, 28, 40, 240, 432, Relu6>(&w[12], a, x, 0);
    let d = depthwise::<28, 28, 240, 28, 28, 5, 1, Same, Relu6>(&w[13], a, e, 188160);
    project::<28, 28, 240, 40, 432>(&w[14], a, d, 407680, None, Some(x))
}

/// Block 4, 28x28x40 -> 14x14x80, 3 sub-blocks.
fn block4(w: &Weights, a: &mut Arena, x: Map<28, 28, 40>) -> Map<14, 14, 80> {
    // Sub-block 4a (kind 2), 28x28x40 -> 14x14x80
    let e = pointwise::<28, 28, 40, 240, 432, Relu6>(&w[15], a, x, 0);
    let d = depthwise::<28, 28, 240, 14, 14, 3, 2, Same, Relu6>(&w[16], a, e, 188160);
    let x = pointwise::<14, 14, 240, 80, 196, Linear>(&w[17], a, d, 235200);
    // Sub-block 4b (kind 3), 14x14x80 -> 14x14x80
    let e = pointwise::<14, 14, 80, 480, 196, Relu6>(&w[18], a, x, 0);
    let d = depthwise::<14, 14, 480, 14, 14, 3, 1, Same, Relu6>(&w[19], a, e, 94080);
    let x = project::<14, 14, 480, 80, 196>(&w[20], a, d, 188160, None, Some(x));
    // Sub-block 4c (kind 3), 14x14x80 -> 14x14x80
    let e = pointwise::<14, 14, 80, 480, 196, Relu6>(&w[21], a, x, 0);
    let d = depthwise::<14, 14, 480, 14, 14, 3, 1, Same, Relu6>(&w[22], a, e, 94080);
    project::<14, 14, 480, 80, 196>(&w[23], a, d, 203840, None, Some(x))
}

/// Block 5, 14x14x80 -> 14x14x112, 3 sub-blocks.
fn block5(w: &Weights, a: &mut Arena, x: Map<14, 14, 80>) -> Map<14, 14, 112> {
    // Sub-block 5a (kind 2), 14x14x80 -> 14x14x112
    let e = pointwise::<14, 14, 80, 480, 196, Relu6>(&w[24], a, x, 0);
    let d = depthwise::<14, 14, 480, 14, 14, 5, 1, Same, Relu6>(&w[25], a, e, 94080);
    let x = pointwise::<14, 14, 480, 112, 196, Linear>(&w[26], a, d, 263424);
    // Sub-block 5b (kind 3), 14x14x112 -> 14x14x112
    let e = pointwise::<14, 14, 112, 672, 144, Relu6>(&w[27], a, x, 0);
    let d = depthwise::<14, 14, 672, 14, 14, 5, 1, Same, Relu6>(&w[28], a, e, 131712);
    let x = project::<14, 14, 672, 112, 144>(&w[29], a, d, 285376, None, Some(x));
    // Sub-block 5c (kind 3), 14x14x112 -> 14x14x112
    let e = pointwise::<14, 14, 112, 672, 144, Relu6>(&w[30], a, x, 0);
    let d = depthwise::<14, 14, 672, 14, 14, 5, 1, Same, Relu6>(&w[31], a, e, 131712);
    project::<14, 14, 672, 112, 144>(&w[32], a, d, 263424, None, Some(x))
}

/// Block 6, 14x14x112 -> 7x7x192, 4 sub-blocks.
fn block6(w: &Weights, a: &mut Arena, x: Map<14, 14, 112>) -> Map<7, 7, 192> {
    // Sub-block 6a (kind 2), 14x14x112 -> 7x7x192
    let e = pointwise::<14, 14, 112, 672, 144, Relu6>(&w[33], a, x, 0);
    let d = depthwise::<14, 14, 672, 7, 7, 5, 2, Same, Relu6>(&w[34], a, e, 131712);
    let x = pointwise::<7, 7, 672, 192, 49, Linear>(&w[35], a, d, 112896);
    // Sub-block 6b (kind 3), 7x7x192 -> 7x7x192
    let e = pointwise::<7, 7, 192, 1152, 49, Relu6>(&w[36], a, x, 0);
    let d = depthwise::<7, 7, 1152, 7, 7, 5, 1, Same, Relu6>(&w[37], a, e, 56448);
    let x = project::<7, 7, 1152, 192, 49>(&w[38], a, d, 122304, None, Some(x));
    // Sub-block 6c (kind 3), 7x7x192 -> 7x7x192
    let e = pointwise::<7, 7, 192, 1152, 49, Relu6>(&w[39], a, x, 0);
    let d = depthwise::<7, 7, 1152, 7, 7, 5, 1, Same, Relu6>(&w[40], a, e, 56448);
    let x = project::<7, 7, 1152, 192, 49>(&w[41], a, d, 112896, None, Some(x));
    // Sub-block 6d (kind 3), 7x7x192 -> 7x7x192
    let e = pointwise::<7, 7, 192, 1152, 49, Relu6>(&w[42], a, x, 0);
    let d = depthwise::<7, 7, 1152, 7, 7, 5, 1, Same, Relu6>(&w[43], a, e, 56448);
    project::<7, 7, 1152, 192, 49>(&w[44], a, d, 122304, None, Some(x))
}

/// Block 7, 7x7x192 -> 7x7x320, 1 sub-block.
fn block7(w: &Weights, a: &mut Arena, x: Map<7, 7, 192>) -> Map<7, 7, 320> {
    // Sub-block 7a (kind 2), 7x7x192 -> 7x7x320
    let e = pointwise::<7, 7, 192, 1152, 49, Relu6>(&w[45], a, x, 0);
    let d = depthwise::<7, 7, 1152, 7, 7, 3, 1, Same, Relu6>(&w[46], a, e, 56448);
    pointwise::<7, 7, 1152, 320, 49, Linear>(&w[47], a, d, 112896)
}

/// Final layers, 7x7x320 -> 1x1x1000.
fn head(w: &Weights, a: &mut Arena, x: Map<7, 7, 320>) -> Vector<1000> {
    let x = pointwise::<7, 7, 320, 1280, 49, Relu6>(&w[48], a, x, 0);
    let x = mean::<7, 7, 1280>(w, a, x, 62720);
    dense::<1280, 1000>(&w[49], a, x, 0)
}
