// Maps: x between sub-blocks, e expanded, d after the depthwise; vectors: s pooled, g gate.
// Shapes: <height, width, channels, out channels, out height, out width, kernel, stride>, where they
// differ, then the strip of pixels or output rows that a tile takes, and what threads share; of a
// depth-first call (stem_depthwise, expand_depthwise) both kernels'; squeeze_excite: <channels,
// squeezed, pixels>. The numbers behind the operands are arena addresses in floats.

use ::efficientnet::runtime::shaped::*;

/// lite-lite0, 224x224x3 -> logits 1000, 4652008 parameters, 385 million multiply-accumulates.
pub struct Lite0 {
    weights: ::efficientnet::runtime::shaped::Weights,
}

impl Model for Lite0 {
    const NAME: &'static str = "lite-lite0";
    const INPUT_SHAPE: [usize; 3] = [224, 224, 3];
    const CLASSES: usize = 1000;
    const OUTPUTS: &'static [OutputShape] = &[OutputShape::new("logits", 1, 1, 1000)];
    const PARAMETERS: u64 = 4652008;
    const MACS: u64 = 385187552;
    const WORKSPACE_BYTES: usize = <Self::Workspace>::BYTES;
    const PADDING: Padding = Padding::Same;
    const LAYERS: &'static [Layer<'static>] = &LAYERS;
    type Input = [f32; 150528];
    type Output<'w> = &'w [f32; 1000];
    type Workspace = Workspace<602112, 103632>;
    fn from_weights(weights: Weights) -> Self {
        Self { weights }
    }
    fn workspace_with(threads: &Threads) -> Self::Workspace {
        Workspace::with_threads(threads)
    }
    fn forward<'w>(
        &self,
        x: &[f32; 150528],
        workspace: &'w mut Self::Workspace,
    ) -> &'w [f32; 1000] {
        let (w, a) = (&self.weights, workspace.arena());
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

#[allow(dead_code, reason = "a program may need few of them")]
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
    /// A workspace whose forwards several threads compute together; see `Model::workspace_with`.
    pub fn workspace_with(threads: &Threads) -> <Self as Model>::Workspace {
        <Self as Model>::workspace_with(threads)
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

/// What the calls' weights are packed from.
static LAYERS: [Layer; 50] = [
    Layer::stem("conv_stem", Norm("bn1"), 3, 32, 3),
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

/// Stem and block 1, 224x224x3 -> 112x112x16, 1 sub-block.
fn block1(w: &Weights, a: &mut Arena, x: &[f32; 150528]) -> Map<112, 112, 16> {
    // Stem and sub-block 1a (kind 1), 224x224x3 -> 112x112x16
    let d = stem_depthwise::<224, 224, 3, 112, 112, 32, 3, 2, 112, 112, 3, 1, 14, Rows, Same, Same, Relu6, Relu6, f32>(&w[0], &w[1], a, x, 0);
    pointwise::<112, 112, 32, 16, 2112, Rows, Linear, f32>(&w[2], a, d, 401408)
}

/// Block 2, 112x112x16 -> 56x56x24, 2 sub-blocks.
fn block2(w: &Weights, a: &mut Arena, x: Map<112, 112, 16>) -> Map<56, 56, 24> {
    // Sub-block 2a (kind 2), 112x112x16 -> 56x56x24
    let d = expand_depthwise::<112, 112, 16, 96, 56, 56, 3, 2, 7, Rows, Same, Relu6, Relu6, f32>(&w[3], &w[4], a, x, 0);
    let x = pointwise::<56, 56, 96, 24, 792, Rows, Linear, f32>(&w[5], a, d, 451584);
    // Sub-block 2b (kind 3), 56x56x24 -> 56x56x24
    let d = expand_depthwise::<56, 56, 24, 144, 56, 56, 3, 1, 14, Rows, Same, Relu6, Relu6, f32>(&w[6], &w[7], a, x, 0);
    project::<56, 56, 144, 24, 528, Rows, f32>(&w[8], a, d, 526848, None, shortcut(x))
}

/// Block 3, 56x56x24 -> 28x28x40, 2 sub-blocks.
fn block3(w: &Weights, a: &mut Arena, x: Map<56, 56, 24>) -> Map<28, 28, 40> {
    // Sub-block 3a (kind 2), 56x56x24 -> 28x28x40
    let d = expand_depthwise::<56, 56, 24, 144, 28, 28, 5, 2, 7, Rows, Same, Relu6, Relu6, f32>(&w[9], &w[10], a, x, 0);
    let x = pointwise::<28, 28, 144, 40, 408, Rows, Linear, f32>(&w[11], a, d, 188160);
    // Sub-block 3b (kind 3), 28x28x40 -> 28x28x40
    let d = expand_depthwise::<28, 28, 40, 240, 28, 28, 5, 1, 28, Channels, Same, Relu6, Relu6, f32>(&w[12], &w[13], a, x, 0);
    project::<28, 28, 240, 40, 408, Rows, f32>(&w[14], a, d, 219520, None, shortcut(x))
}

/// Block 4, 28x28x40 -> 14x14x80, 3 sub-blocks.
fn block4(w: &Weights, a: &mut Arena, x: Map<28, 28, 40>) -> Map<14, 14, 80> {
    // Sub-block 4a (kind 2), 28x28x40 -> 14x14x80
    let d = expand_depthwise::<28, 28, 40, 240, 14, 14, 3, 2, 14, Channels, Same, Relu6, Relu6, f32>(&w[15], &w[16], a, x, 0);
    let x = pointwise::<14, 14, 240, 80, 104, Rows, Linear, f32>(&w[17], a, d, 94080);
    // Sub-block 4b (kind 3), 14x14x80 -> 14x14x80
    let d = expand_depthwise::<14, 14, 80, 480, 14, 14, 3, 1, 14, Channels, Same, Relu6, Relu6, f32>(&w[18], &w[19], a, x, 0);
    let x = project::<14, 14, 480, 80, 104, Rows, f32>(&w[20], a, d, 109760, None, shortcut(x));
    // Sub-block 4c (kind 3), 14x14x80 -> 14x14x80
    let d = expand_depthwise::<14, 14, 80, 480, 14, 14, 3, 1, 14, Channels, Same, Relu6, Relu6, f32>(&w[21], &w[22], a, x, 0);
    project::<14, 14, 480, 80, 104, Rows, f32>(&w[23], a, d, 94080, None, shortcut(x))
}

/// Block 5, 14x14x80 -> 14x14x112, 3 sub-blocks.
fn block5(w: &Weights, a: &mut Arena, x: Map<14, 14, 80>) -> Map<14, 14, 112> {
    // Sub-block 5a (kind 2), 14x14x80 -> 14x14x112
    let d = expand_depthwise::<14, 14, 80, 480, 14, 14, 5, 1, 14, Channels, Same, Relu6, Relu6, f32>(&w[24], &w[25], a, x, 0);
    let x = pointwise::<14, 14, 480, 112, 104, Rows, Linear, f32>(&w[26], a, d, 131712);
    // Sub-block 5b (kind 3), 14x14x112 -> 14x14x112
    let d = expand_depthwise::<14, 14, 112, 672, 14, 14, 5, 1, 14, Channels, Same, Relu6, Relu6, f32>(&w[27], &w[28], a, x, 0);
    let x = project::<14, 14, 672, 112, 104, Rows, f32>(&w[29], a, d, 153664, None, shortcut(x));
    // Sub-block 5c (kind 3), 14x14x112 -> 14x14x112
    let d = expand_depthwise::<14, 14, 112, 672, 14, 14, 5, 1, 14, Channels, Same, Relu6, Relu6, f32>(&w[30], &w[31], a, x, 0);
    project::<14, 14, 672, 112, 104, Rows, f32>(&w[32], a, d, 131712, None, shortcut(x))
}

/// Block 6, 14x14x112 -> 7x7x192, 4 sub-blocks.
fn block6(w: &Weights, a: &mut Arena, x: Map<14, 14, 112>) -> Map<7, 7, 192> {
    // Sub-block 6a (kind 2), 14x14x112 -> 7x7x192
    let d = expand_depthwise::<14, 14, 112, 672, 7, 7, 5, 2, 7, Channels, Same, Relu6, Relu6, f32>(&w[33], &w[34], a, x, 0);
    let x = pointwise::<7, 7, 672, 192, 49, Channels, Linear, f32>(&w[35], a, d, 56448);
    // Sub-block 6b (kind 3), 7x7x192 -> 7x7x192
    let d = expand_depthwise::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Same, Relu6, Relu6, f32>(&w[36], &w[37], a, x, 0);
    let x = project::<7, 7, 1152, 192, 49, Channels, f32>(&w[38], a, d, 65856, None, shortcut(x));
    // Sub-block 6c (kind 3), 7x7x192 -> 7x7x192
    let d = expand_depthwise::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Same, Relu6, Relu6, f32>(&w[39], &w[40], a, x, 0);
    let x = project::<7, 7, 1152, 192, 49, Channels, f32>(&w[41], a, d, 56448, None, shortcut(x));
    // Sub-block 6d (kind 3), 7x7x192 -> 7x7x192
    let d = expand_depthwise::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Same, Relu6, Relu6, f32>(&w[42], &w[43], a, x, 0);
    project::<7, 7, 1152, 192, 49, Channels, f32>(&w[44], a, d, 65856, None, shortcut(x))
}

/// Block 7, 7x7x192 -> 7x7x320, 1 sub-block.
fn block7(w: &Weights, a: &mut Arena, x: Map<7, 7, 192>) -> Map<7, 7, 320> {
    // Sub-block 7a (kind 2), 7x7x192 -> 7x7x320
    let d = expand_depthwise::<7, 7, 192, 1152, 7, 7, 3, 1, 7, Channels, Same, Relu6, Relu6, f32>(&w[45], &w[46], a, x, 0);
    pointwise::<7, 7, 1152, 320, 49, Channels, Linear, f32>(&w[47], a, d, 56448)
}

/// Final layers, 7x7x320 -> 1x1x1000.
fn head(w: &Weights, a: &mut Arena, x: Map<7, 7, 320>) -> Vector<1000> {
    let x = pooled_pointwise::<7, 7, 320, 1280, Relu6, f32>(&w[48], a, x, 0);
    dense::<1280, 1000, Linear>(&w[49], a, x, 1280)
}
