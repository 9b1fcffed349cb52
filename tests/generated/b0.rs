// Maps: x between sub-blocks, e expanded, d after the depthwise; vectors: s pooled, g gate.
// Shapes: <height, width, channels, out channels, out height, out width, kernel, stride>, where they
// differ, then the strip of pixels or output rows that a tile takes, and what threads share; of a
// depth-first call (stem_depthwise, expand_depthwise) both kernels'; squeeze_excite: <channels,
// squeezed, pixels>. The numbers behind the operands are arena addresses in floats.

use ::efficientnet::runtime::shaped::*;

/// efficientnet-b0, 224x224x3 -> logits 1000, 5288548 parameters, 386 million multiply-accumulates.
pub struct B0 {
    weights: ::efficientnet::runtime::shaped::Weights,
}

impl Model for B0 {
    const NAME: &'static str = "efficientnet-b0";
    const INPUT_SHAPE: [usize; 3] = [224, 224, 3];
    const CLASSES: usize = 1000;
    const OUTPUTS: &'static [OutputShape] = &[OutputShape::new("logits", 1, 1, 1000)];
    const PARAMETERS: u64 = 5288548;
    const MACS: u64 = 385814752;
    const WORKSPACE_BYTES: usize = <Self::Workspace>::BYTES;
    const PADDING: Padding = Padding::Symmetric;
    const LAYERS: &'static [Layer<'static>] = &LAYERS;
    type Input = [f32; 150528];
    type Output<'w> = &'w [f32; 1000];
    type Workspace = Workspace<602256, 103632>;
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
impl B0 {
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
static LAYERS: [Layer; 66] = [
    Layer::stem("conv_stem", Norm("bn1"), 3, 32, 3),
    Layer::depthwise("blocks.0.0.conv_dw", Norm("blocks.0.0.bn1"), 32, 3),
    Layer::squeeze_excite("blocks.0.0.se.conv_reduce", "blocks.0.0.se.conv_expand", 32, 8),
    Layer::pointwise("blocks.0.0.conv_pw", Norm("blocks.0.0.bn2"), 32, 16),
    Layer::pointwise("blocks.1.0.conv_pw", Norm("blocks.1.0.bn1"), 16, 96),
    Layer::depthwise("blocks.1.0.conv_dw", Norm("blocks.1.0.bn2"), 96, 3),
    Layer::squeeze_excite("blocks.1.0.se.conv_reduce", "blocks.1.0.se.conv_expand", 96, 4),
    Layer::pointwise("blocks.1.0.conv_pwl", Norm("blocks.1.0.bn3"), 96, 24),
    Layer::pointwise("blocks.1.1.conv_pw", Norm("blocks.1.1.bn1"), 24, 144),
    Layer::depthwise("blocks.1.1.conv_dw", Norm("blocks.1.1.bn2"), 144, 3),
    Layer::squeeze_excite("blocks.1.1.se.conv_reduce", "blocks.1.1.se.conv_expand", 144, 6),
    Layer::pointwise("blocks.1.1.conv_pwl", Norm("blocks.1.1.bn3"), 144, 24),
    Layer::pointwise("blocks.2.0.conv_pw", Norm("blocks.2.0.bn1"), 24, 144),
    Layer::depthwise("blocks.2.0.conv_dw", Norm("blocks.2.0.bn2"), 144, 5),
    Layer::squeeze_excite("blocks.2.0.se.conv_reduce", "blocks.2.0.se.conv_expand", 144, 6),
    Layer::pointwise("blocks.2.0.conv_pwl", Norm("blocks.2.0.bn3"), 144, 40),
    Layer::pointwise("blocks.2.1.conv_pw", Norm("blocks.2.1.bn1"), 40, 240),
    Layer::depthwise("blocks.2.1.conv_dw", Norm("blocks.2.1.bn2"), 240, 5),
    Layer::squeeze_excite("blocks.2.1.se.conv_reduce", "blocks.2.1.se.conv_expand", 240, 10),
    Layer::pointwise("blocks.2.1.conv_pwl", Norm("blocks.2.1.bn3"), 240, 40),
    Layer::pointwise("blocks.3.0.conv_pw", Norm("blocks.3.0.bn1"), 40, 240),
    Layer::depthwise("blocks.3.0.conv_dw", Norm("blocks.3.0.bn2"), 240, 3),
    Layer::squeeze_excite("blocks.3.0.se.conv_reduce", "blocks.3.0.se.conv_expand", 240, 10),
    Layer::pointwise("blocks.3.0.conv_pwl", Norm("blocks.3.0.bn3"), 240, 80),
    Layer::pointwise("blocks.3.1.conv_pw", Norm("blocks.3.1.bn1"), 80, 480),
    Layer::depthwise("blocks.3.1.conv_dw", Norm("blocks.3.1.bn2"), 480, 3),
    Layer::squeeze_excite("blocks.3.1.se.conv_reduce", "blocks.3.1.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.3.1.conv_pwl", Norm("blocks.3.1.bn3"), 480, 80),
    Layer::pointwise("blocks.3.2.conv_pw", Norm("blocks.3.2.bn1"), 80, 480),
    Layer::depthwise("blocks.3.2.conv_dw", Norm("blocks.3.2.bn2"), 480, 3),
    Layer::squeeze_excite("blocks.3.2.se.conv_reduce", "blocks.3.2.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.3.2.conv_pwl", Norm("blocks.3.2.bn3"), 480, 80),
    Layer::pointwise("blocks.4.0.conv_pw", Norm("blocks.4.0.bn1"), 80, 480),
    Layer::depthwise("blocks.4.0.conv_dw", Norm("blocks.4.0.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.4.0.se.conv_reduce", "blocks.4.0.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.4.0.conv_pwl", Norm("blocks.4.0.bn3"), 480, 112),
    Layer::pointwise("blocks.4.1.conv_pw", Norm("blocks.4.1.bn1"), 112, 672),
    Layer::depthwise("blocks.4.1.conv_dw", Norm("blocks.4.1.bn2"), 672, 5),
    Layer::squeeze_excite("blocks.4.1.se.conv_reduce", "blocks.4.1.se.conv_expand", 672, 28),
    Layer::pointwise("blocks.4.1.conv_pwl", Norm("blocks.4.1.bn3"), 672, 112),
    Layer::pointwise("blocks.4.2.conv_pw", Norm("blocks.4.2.bn1"), 112, 672),
    Layer::depthwise("blocks.4.2.conv_dw", Norm("blocks.4.2.bn2"), 672, 5),
    Layer::squeeze_excite("blocks.4.2.se.conv_reduce", "blocks.4.2.se.conv_expand", 672, 28),
    Layer::pointwise("blocks.4.2.conv_pwl", Norm("blocks.4.2.bn3"), 672, 112),
    Layer::pointwise("blocks.5.0.conv_pw", Norm("blocks.5.0.bn1"), 112, 672),
    Layer::depthwise("blocks.5.0.conv_dw", Norm("blocks.5.0.bn2"), 672, 5),
    Layer::squeeze_excite("blocks.5.0.se.conv_reduce", "blocks.5.0.se.conv_expand", 672, 28),
    Layer::pointwise("blocks.5.0.conv_pwl", Norm("blocks.5.0.bn3"), 672, 192),
    Layer::pointwise("blocks.5.1.conv_pw", Norm("blocks.5.1.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.1.conv_dw", Norm("blocks.5.1.bn2"), 1152, 5),
    Layer::squeeze_excite("blocks.5.1.se.conv_reduce", "blocks.5.1.se.conv_expand", 1152, 48),
    Layer::pointwise("blocks.5.1.conv_pwl", Norm("blocks.5.1.bn3"), 1152, 192),
    Layer::pointwise("blocks.5.2.conv_pw", Norm("blocks.5.2.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.2.conv_dw", Norm("blocks.5.2.bn2"), 1152, 5),
    Layer::squeeze_excite("blocks.5.2.se.conv_reduce", "blocks.5.2.se.conv_expand", 1152, 48),
    Layer::pointwise("blocks.5.2.conv_pwl", Norm("blocks.5.2.bn3"), 1152, 192),
    Layer::pointwise("blocks.5.3.conv_pw", Norm("blocks.5.3.bn1"), 192, 1152),
    Layer::depthwise("blocks.5.3.conv_dw", Norm("blocks.5.3.bn2"), 1152, 5),
    Layer::squeeze_excite("blocks.5.3.se.conv_reduce", "blocks.5.3.se.conv_expand", 1152, 48),
    Layer::pointwise("blocks.5.3.conv_pwl", Norm("blocks.5.3.bn3"), 1152, 192),
    Layer::pointwise("blocks.6.0.conv_pw", Norm("blocks.6.0.bn1"), 192, 1152),
    Layer::depthwise("blocks.6.0.conv_dw", Norm("blocks.6.0.bn2"), 1152, 3),
    Layer::squeeze_excite("blocks.6.0.se.conv_reduce", "blocks.6.0.se.conv_expand", 1152, 48),
    Layer::pointwise("blocks.6.0.conv_pwl", Norm("blocks.6.0.bn3"), 1152, 320),
    Layer::pointwise("conv_head", Norm("bn2"), 320, 1280),
    Layer::dense("classifier", 1280, 1000),
];

/// Stem and block 1, 224x224x3 -> 112x112x16, 1 sub-block.
fn block1(w: &Weights, a: &mut Arena, x: &[f32; 150528]) -> Map<112, 112, 16> {
    // Stem and sub-block 1a (kind 1), 224x224x3 -> 112x112x16
    let (d, s) = stem_depthwise_sums::<224, 224, 3, 112, 112, 32, 3, 2, 112, 112, 3, 1, 14, Rows, Symmetric, Symmetric, Silu, Silu, f32>(&w[0], &w[1], a, x, 0, 401408);
    let g = squeeze_excite::<32, 8, 12544, Silu, Sigmoid>(&w[2], a, s, 602112);
    project::<112, 112, 32, 16, 2112, Rows, f32>(&w[3], a, d, 401408, gate_weights(g), None)
}

/// Block 2, 112x112x16 -> 56x56x24, 2 sub-blocks.
fn block2(w: &Weights, a: &mut Arena, x: Map<112, 112, 16>) -> Map<56, 56, 24> {
    // Sub-block 2a (kind 2), 112x112x16 -> 56x56x24
    let (d, s) = expand_depthwise_sums::<112, 112, 16, 96, 56, 56, 3, 2, 7, Rows, Symmetric, Silu, Silu, f32>(&w[4], &w[5], a, x, 0, 301056);
    let g = squeeze_excite::<96, 4, 3136, Silu, Sigmoid>(&w[6], a, s, 301824);
    let x = project::<56, 56, 96, 24, 792, Rows, f32>(&w[7], a, d, 451584, gate_weights(g), None);
    // Sub-block 2b (kind 3), 56x56x24 -> 56x56x24
    let (d, s) = expand_depthwise_sums::<56, 56, 24, 144, 56, 56, 3, 1, 14, Rows, Symmetric, Silu, Silu, f32>(&w[8], &w[9], a, x, 0, 526848);
    let g = squeeze_excite::<144, 6, 3136, Silu, Sigmoid>(&w[10], a, s, 602112);
    project::<56, 56, 144, 24, 528, Rows, f32>(&w[11], a, d, 526848, gate_weights(g), shortcut(x))
}

/// Block 3, 56x56x24 -> 28x28x40, 2 sub-blocks.
fn block3(w: &Weights, a: &mut Arena, x: Map<56, 56, 24>) -> Map<28, 28, 40> {
    // Sub-block 3a (kind 2), 56x56x24 -> 28x28x40
    let (d, s) = expand_depthwise_sums::<56, 56, 24, 144, 28, 28, 5, 2, 7, Rows, Symmetric, Silu, Silu, f32>(&w[12], &w[13], a, x, 0, 112896);
    let g = squeeze_excite::<144, 6, 784, Silu, Sigmoid>(&w[14], a, s, 113472);
    let x = project::<28, 28, 144, 40, 408, Rows, f32>(&w[15], a, d, 188160, gate_weights(g), None);
    // Sub-block 3b (kind 3), 28x28x40 -> 28x28x40
    let (d, s) = expand_depthwise_sums::<28, 28, 40, 240, 28, 28, 5, 1, 28, Channels, Symmetric, Silu, Silu, f32>(&w[16], &w[17], a, x, 0, 219520);
    let g = squeeze_excite::<240, 10, 784, Silu, Sigmoid>(&w[18], a, s, 250880);
    project::<28, 28, 240, 40, 408, Rows, f32>(&w[19], a, d, 219520, gate_weights(g), shortcut(x))
}

/// Block 4, 28x28x40 -> 14x14x80, 3 sub-blocks.
fn block4(w: &Weights, a: &mut Arena, x: Map<28, 28, 40>) -> Map<14, 14, 80> {
    // Sub-block 4a (kind 2), 28x28x40 -> 14x14x80
    let (d, s) = expand_depthwise_sums::<28, 28, 40, 240, 14, 14, 3, 2, 14, Channels, Symmetric, Silu, Silu, f32>(&w[20], &w[21], a, x, 0, 47040);
    let g = squeeze_excite::<240, 10, 196, Silu, Sigmoid>(&w[22], a, s, 47280);
    let x = project::<14, 14, 240, 80, 104, Rows, f32>(&w[23], a, d, 94080, gate_weights(g), None);
    // Sub-block 4b (kind 3), 14x14x80 -> 14x14x80
    let (d, s) = expand_depthwise_sums::<14, 14, 80, 480, 14, 14, 3, 1, 14, Channels, Symmetric, Silu, Silu, f32>(&w[24], &w[25], a, x, 0, 109760);
    let g = squeeze_excite::<480, 20, 196, Silu, Sigmoid>(&w[26], a, s, 125440);
    let x = project::<14, 14, 480, 80, 104, Rows, f32>(&w[27], a, d, 109760, gate_weights(g), shortcut(x));
    // Sub-block 4c (kind 3), 14x14x80 -> 14x14x80
    let (d, s) = expand_depthwise_sums::<14, 14, 80, 480, 14, 14, 3, 1, 14, Channels, Symmetric, Silu, Silu, f32>(&w[28], &w[29], a, x, 0, 94080);
    let g = squeeze_excite::<480, 20, 196, Silu, Sigmoid>(&w[30], a, s, 125440);
    project::<14, 14, 480, 80, 104, Rows, f32>(&w[31], a, d, 94080, gate_weights(g), shortcut(x))
}

/// Block 5, 14x14x80 -> 14x14x112, 3 sub-blocks.
fn block5(w: &Weights, a: &mut Arena, x: Map<14, 14, 80>) -> Map<14, 14, 112> {
    // Sub-block 5a (kind 2), 14x14x80 -> 14x14x112
    let (d, s) = expand_depthwise_sums::<14, 14, 80, 480, 14, 14, 5, 1, 14, Channels, Symmetric, Silu, Silu, f32>(&w[32], &w[33], a, x, 0, 109760);
    let g = squeeze_excite::<480, 20, 196, Silu, Sigmoid>(&w[34], a, s, 94080);
    let x = project::<14, 14, 480, 112, 104, Rows, f32>(&w[35], a, d, 131712, gate_input(g), None);
    // Sub-block 5b (kind 3), 14x14x112 -> 14x14x112
    let (d, s) = expand_depthwise_sums::<14, 14, 112, 672, 14, 14, 5, 1, 14, Channels, Symmetric, Silu, Silu, f32>(&w[36], &w[37], a, x, 0, 153664);
    let g = squeeze_excite::<672, 28, 196, Silu, Sigmoid>(&w[38], a, s, 175616);
    let x = project::<14, 14, 672, 112, 104, Rows, f32>(&w[39], a, d, 153664, gate_input(g), shortcut(x));
    // Sub-block 5c (kind 3), 14x14x112 -> 14x14x112
    let (d, s) = expand_depthwise_sums::<14, 14, 112, 672, 14, 14, 5, 1, 14, Channels, Symmetric, Silu, Silu, f32>(&w[40], &w[41], a, x, 0, 131712);
    let g = squeeze_excite::<672, 28, 196, Silu, Sigmoid>(&w[42], a, s, 175616);
    project::<14, 14, 672, 112, 104, Rows, f32>(&w[43], a, d, 131712, gate_input(g), shortcut(x))
}

/// Block 6, 14x14x112 -> 7x7x192, 4 sub-blocks.
fn block6(w: &Weights, a: &mut Arena, x: Map<14, 14, 112>) -> Map<7, 7, 192> {
    // Sub-block 6a (kind 2), 14x14x112 -> 7x7x192
    let (d, s) = expand_depthwise_sums::<14, 14, 112, 672, 7, 7, 5, 2, 7, Channels, Symmetric, Silu, Silu, f32>(&w[44], &w[45], a, x, 0, 32928);
    let g = squeeze_excite::<672, 28, 49, Silu, Sigmoid>(&w[46], a, s, 33600);
    let x = project::<7, 7, 672, 192, 49, Channels, f32>(&w[47], a, d, 56448, gate_input(g), None);
    // Sub-block 6b (kind 3), 7x7x192 -> 7x7x192
    let (d, s) = expand_depthwise_sums::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Symmetric, Silu, Silu, f32>(&w[48], &w[49], a, x, 0, 65856);
    let g = squeeze_excite::<1152, 48, 49, Silu, Sigmoid>(&w[50], a, s, 75264);
    let x = project::<7, 7, 1152, 192, 49, Channels, f32>(&w[51], a, d, 65856, gate_input(g), shortcut(x));
    // Sub-block 6c (kind 3), 7x7x192 -> 7x7x192
    let (d, s) = expand_depthwise_sums::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Symmetric, Silu, Silu, f32>(&w[52], &w[53], a, x, 0, 56448);
    let g = squeeze_excite::<1152, 48, 49, Silu, Sigmoid>(&w[54], a, s, 75264);
    let x = project::<7, 7, 1152, 192, 49, Channels, f32>(&w[55], a, d, 56448, gate_input(g), shortcut(x));
    // Sub-block 6d (kind 3), 7x7x192 -> 7x7x192
    let (d, s) = expand_depthwise_sums::<7, 7, 192, 1152, 7, 7, 5, 1, 7, Channels, Symmetric, Silu, Silu, f32>(&w[56], &w[57], a, x, 0, 65856);
    let g = squeeze_excite::<1152, 48, 49, Silu, Sigmoid>(&w[58], a, s, 75264);
    project::<7, 7, 1152, 192, 49, Channels, f32>(&w[59], a, d, 65856, gate_input(g), shortcut(x))
}

/// Block 7, 7x7x192 -> 7x7x320, 1 sub-block.
fn block7(w: &Weights, a: &mut Arena, x: Map<7, 7, 192>) -> Map<7, 7, 320> {
    // Sub-block 7a (kind 2), 7x7x192 -> 7x7x320
    let (d, s) = expand_depthwise_sums::<7, 7, 192, 1152, 7, 7, 3, 1, 7, Channels, Symmetric, Silu, Silu, f32>(&w[60], &w[61], a, x, 0, 56448);
    let g = squeeze_excite::<1152, 48, 49, Silu, Sigmoid>(&w[62], a, s, 72128);
    project::<7, 7, 1152, 320, 49, Channels, f32>(&w[63], a, d, 56448, gate_input(g), None)
}

/// Final layers, 7x7x320 -> 1x1x1000.
fn head(w: &Weights, a: &mut Arena, x: Map<7, 7, 320>) -> Vector<1000> {
    let x = pooled_pointwise::<7, 7, 320, 1280, Silu, f32>(&w[64], a, x, 0);
    dense::<1280, 1000, Linear>(&w[65], a, x, 1280)
}
