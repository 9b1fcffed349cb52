// Maps: x between sub-blocks, e expanded, d after the depthwise; vectors: s pooled, g gate.
// Shapes: <height, width, channels, out channels, out height, out width, kernel, stride>, where they
// differ, then the strip of pixels or output rows that a tile takes, and what threads share; of a
// depth-first call (stem_depthwise, expand_depthwise) both kernels'; squeeze_excite: <channels,
// squeezed, pixels>. The numbers behind the operands are arena addresses in floats.

use ::efficientnet::runtime::shaped::*;

/// efficientnet-b7, 600x600x3 -> logits 1000, 66347960 parameters, 37746 million multiply-accumulates.
pub struct B7 {
    weights: ::efficientnet::runtime::shaped::Weights,
}

impl Model for B7 {
    const NAME: &'static str = "efficientnet-b7";
    const INPUT_SHAPE: [usize; 3] = [600, 600, 3];
    const CLASSES: usize = 1000;
    const OUTPUTS: &'static [OutputShape] = &[OutputShape::new("logits", 1, 1, 1000)];
    const PARAMETERS: u64 = 66347960;
    const MACS: u64 = 37745884192;
    const WORKSPACE_BYTES: usize = <Self::Workspace>::BYTES;
    const PADDING: Padding = Padding::Symmetric;
    const LAYERS: &'static [Layer<'static>] = &LAYERS;
    type Input = [f32; 1080000];
    type Output<'w> = &'w [f32; 1000];
    type Workspace = Workspace<11520000, 301280>;
    fn from_weights(weights: Weights) -> Self {
        Self { weights }
    }
    fn workspace_with(threads: &Threads) -> Self::Workspace {
        Workspace::with_threads(threads)
    }
    fn forward<'w>(
        &self,
        x: &[f32; 1080000],
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
impl B7 {
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
static LAYERS: [Layer; 219] = [
    Layer::stem("conv_stem", Norm("bn1"), 3, 64, 3),
    Layer::depthwise("blocks.0.0.conv_dw", Norm("blocks.0.0.bn1"), 64, 3),
    Layer::squeeze_excite("blocks.0.0.se.conv_reduce", "blocks.0.0.se.conv_expand", 64, 16),
    Layer::pointwise("blocks.0.0.conv_pw", Norm("blocks.0.0.bn2"), 64, 32),
    Layer::depthwise("blocks.0.1.conv_dw", Norm("blocks.0.1.bn1"), 32, 3),
    Layer::squeeze_excite("blocks.0.1.se.conv_reduce", "blocks.0.1.se.conv_expand", 32, 8),
    Layer::pointwise("blocks.0.1.conv_pw", Norm("blocks.0.1.bn2"), 32, 32),
    Layer::depthwise("blocks.0.2.conv_dw", Norm("blocks.0.2.bn1"), 32, 3),
    Layer::squeeze_excite("blocks.0.2.se.conv_reduce", "blocks.0.2.se.conv_expand", 32, 8),
    Layer::pointwise("blocks.0.2.conv_pw", Norm("blocks.0.2.bn2"), 32, 32),
    Layer::depthwise("blocks.0.3.conv_dw", Norm("blocks.0.3.bn1"), 32, 3),
    Layer::squeeze_excite("blocks.0.3.se.conv_reduce", "blocks.0.3.se.conv_expand", 32, 8),
    Layer::pointwise("blocks.0.3.conv_pw", Norm("blocks.0.3.bn2"), 32, 32),
    Layer::pointwise("blocks.1.0.conv_pw", Norm("blocks.1.0.bn1"), 32, 192),
    Layer::depthwise("blocks.1.0.conv_dw", Norm("blocks.1.0.bn2"), 192, 3),
    Layer::squeeze_excite("blocks.1.0.se.conv_reduce", "blocks.1.0.se.conv_expand", 192, 8),
    Layer::pointwise("blocks.1.0.conv_pwl", Norm("blocks.1.0.bn3"), 192, 48),
    Layer::pointwise("blocks.1.1.conv_pw", Norm("blocks.1.1.bn1"), 48, 288),
    Layer::depthwise("blocks.1.1.conv_dw", Norm("blocks.1.1.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.1.se.conv_reduce", "blocks.1.1.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.1.conv_pwl", Norm("blocks.1.1.bn3"), 288, 48),
    Layer::pointwise("blocks.1.2.conv_pw", Norm("blocks.1.2.bn1"), 48, 288),
    Layer::depthwise("blocks.1.2.conv_dw", Norm("blocks.1.2.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.2.se.conv_reduce", "blocks.1.2.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.2.conv_pwl", Norm("blocks.1.2.bn3"), 288, 48),
    Layer::pointwise("blocks.1.3.conv_pw", Norm("blocks.1.3.bn1"), 48, 288),
    Layer::depthwise("blocks.1.3.conv_dw", Norm("blocks.1.3.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.3.se.conv_reduce", "blocks.1.3.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.3.conv_pwl", Norm("blocks.1.3.bn3"), 288, 48),
    Layer::pointwise("blocks.1.4.conv_pw", Norm("blocks.1.4.bn1"), 48, 288),
    Layer::depthwise("blocks.1.4.conv_dw", Norm("blocks.1.4.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.4.se.conv_reduce", "blocks.1.4.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.4.conv_pwl", Norm("blocks.1.4.bn3"), 288, 48),
    Layer::pointwise("blocks.1.5.conv_pw", Norm("blocks.1.5.bn1"), 48, 288),
    Layer::depthwise("blocks.1.5.conv_dw", Norm("blocks.1.5.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.5.se.conv_reduce", "blocks.1.5.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.5.conv_pwl", Norm("blocks.1.5.bn3"), 288, 48),
    Layer::pointwise("blocks.1.6.conv_pw", Norm("blocks.1.6.bn1"), 48, 288),
    Layer::depthwise("blocks.1.6.conv_dw", Norm("blocks.1.6.bn2"), 288, 3),
    Layer::squeeze_excite("blocks.1.6.se.conv_reduce", "blocks.1.6.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.1.6.conv_pwl", Norm("blocks.1.6.bn3"), 288, 48),
    Layer::pointwise("blocks.2.0.conv_pw", Norm("blocks.2.0.bn1"), 48, 288),
    Layer::depthwise("blocks.2.0.conv_dw", Norm("blocks.2.0.bn2"), 288, 5),
    Layer::squeeze_excite("blocks.2.0.se.conv_reduce", "blocks.2.0.se.conv_expand", 288, 12),
    Layer::pointwise("blocks.2.0.conv_pwl", Norm("blocks.2.0.bn3"), 288, 80),
    Layer::pointwise("blocks.2.1.conv_pw", Norm("blocks.2.1.bn1"), 80, 480),
    Layer::depthwise("blocks.2.1.conv_dw", Norm("blocks.2.1.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.1.se.conv_reduce", "blocks.2.1.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.1.conv_pwl", Norm("blocks.2.1.bn3"), 480, 80),
    Layer::pointwise("blocks.2.2.conv_pw", Norm("blocks.2.2.bn1"), 80, 480),
    Layer::depthwise("blocks.2.2.conv_dw", Norm("blocks.2.2.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.2.se.conv_reduce", "blocks.2.2.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.2.conv_pwl", Norm("blocks.2.2.bn3"), 480, 80),
    Layer::pointwise("blocks.2.3.conv_pw", Norm("blocks.2.3.bn1"), 80, 480),
    Layer::depthwise("blocks.2.3.conv_dw", Norm("blocks.2.3.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.3.se.conv_reduce", "blocks.2.3.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.3.conv_pwl", Norm("blocks.2.3.bn3"), 480, 80),
    Layer::pointwise("blocks.2.4.conv_pw", Norm("blocks.2.4.bn1"), 80, 480),
    Layer::depthwise("blocks.2.4.conv_dw", Norm("blocks.2.4.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.4.se.conv_reduce", "blocks.2.4.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.4.conv_pwl", Norm("blocks.2.4.bn3"), 480, 80),
    Layer::pointwise("blocks.2.5.conv_pw", Norm("blocks.2.5.bn1"), 80, 480),
    Layer::depthwise("blocks.2.5.conv_dw", Norm("blocks.2.5.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.5.se.conv_reduce", "blocks.2.5.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.5.conv_pwl", Norm("blocks.2.5.bn3"), 480, 80),
    Layer::pointwise("blocks.2.6.conv_pw", Norm("blocks.2.6.bn1"), 80, 480),
    Layer::depthwise("blocks.2.6.conv_dw", Norm("blocks.2.6.bn2"), 480, 5),
    Layer::squeeze_excite("blocks.2.6.se.conv_reduce", "blocks.2.6.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.2.6.conv_pwl", Norm("blocks.2.6.bn3"), 480, 80),
    Layer::pointwise("blocks.3.0.conv_pw", Norm("blocks.3.0.bn1"), 80, 480),
    Layer::depthwise("blocks.3.0.conv_dw", Norm("blocks.3.0.bn2"), 480, 3),
    Layer::squeeze_excite("blocks.3.0.se.conv_reduce", "blocks.3.0.se.conv_expand", 480, 20),
    Layer::pointwise("blocks.3.0.conv_pwl", Norm("blocks.3.0.bn3"), 480, 160),
    Layer::pointwise("blocks.3.1.conv_pw", Norm("blocks.3.1.bn1"), 160, 960),
    Layer::depthwise("blocks.3.1.conv_dw", Norm("blocks.3.1.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.1.se.conv_reduce", "blocks.3.1.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.1.conv_pwl", Norm("blocks.3.1.bn3"), 960, 160),
    Layer::pointwise("blocks.3.2.conv_pw", Norm("blocks.3.2.bn1"), 160, 960),
    Layer::depthwise("blocks.3.2.conv_dw", Norm("blocks.3.2.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.2.se.conv_reduce", "blocks.3.2.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.2.conv_pwl", Norm("blocks.3.2.bn3"), 960, 160),
    Layer::pointwise("blocks.3.3.conv_pw", Norm("blocks.3.3.bn1"), 160, 960),
    Layer::depthwise("blocks.3.3.conv_dw", Norm("blocks.3.3.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.3.se.conv_reduce", "blocks.3.3.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.3.conv_pwl", Norm("blocks.3.3.bn3"), 960, 160),
    Layer::pointwise("blocks.3.4.conv_pw", Norm("blocks.3.4.bn1"), 160, 960),
    Layer::depthwise("blocks.3.4.conv_dw", Norm("blocks.3.4.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.4.se.conv_reduce", "blocks.3.4.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.4.conv_pwl", Norm("blocks.3.4.bn3"), 960, 160),
    Layer::pointwise("blocks.3.5.conv_pw", Norm("blocks.3.5.bn1"), 160, 960),
    Layer::depthwise("blocks.3.5.conv_dw", Norm("blocks.3.5.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.5.se.conv_reduce", "blocks.3.5.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.5.conv_pwl", Norm("blocks.3.5.bn3"), 960, 160),
    Layer::pointwise("blocks.3.6.conv_pw", Norm("blocks.3.6.bn1"), 160, 960),
    Layer::depthwise("blocks.3.6.conv_dw", Norm("blocks.3.6.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.6.se.conv_reduce", "blocks.3.6.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.6.conv_pwl", Norm("blocks.3.6.bn3"), 960, 160),
    Layer::pointwise("blocks.3.7.conv_pw", Norm("blocks.3.7.bn1"), 160, 960),
    Layer::depthwise("blocks.3.7.conv_dw", Norm("blocks.3.7.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.7.se.conv_reduce", "blocks.3.7.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.7.conv_pwl", Norm("blocks.3.7.bn3"), 960, 160),
    Layer::pointwise("blocks.3.8.conv_pw", Norm("blocks.3.8.bn1"), 160, 960),
    Layer::depthwise("blocks.3.8.conv_dw", Norm("blocks.3.8.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.8.se.conv_reduce", "blocks.3.8.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.8.conv_pwl", Norm("blocks.3.8.bn3"), 960, 160),
    Layer::pointwise("blocks.3.9.conv_pw", Norm("blocks.3.9.bn1"), 160, 960),
    Layer::depthwise("blocks.3.9.conv_dw", Norm("blocks.3.9.bn2"), 960, 3),
    Layer::squeeze_excite("blocks.3.9.se.conv_reduce", "blocks.3.9.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.3.9.conv_pwl", Norm("blocks.3.9.bn3"), 960, 160),
    Layer::pointwise("blocks.4.0.conv_pw", Norm("blocks.4.0.bn1"), 160, 960),
    Layer::depthwise("blocks.4.0.conv_dw", Norm("blocks.4.0.bn2"), 960, 5),
    Layer::squeeze_excite("blocks.4.0.se.conv_reduce", "blocks.4.0.se.conv_expand", 960, 40),
    Layer::pointwise("blocks.4.0.conv_pwl", Norm("blocks.4.0.bn3"), 960, 224),
    Layer::pointwise("blocks.4.1.conv_pw", Norm("blocks.4.1.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.1.conv_dw", Norm("blocks.4.1.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.1.se.conv_reduce", "blocks.4.1.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.1.conv_pwl", Norm("blocks.4.1.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.2.conv_pw", Norm("blocks.4.2.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.2.conv_dw", Norm("blocks.4.2.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.2.se.conv_reduce", "blocks.4.2.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.2.conv_pwl", Norm("blocks.4.2.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.3.conv_pw", Norm("blocks.4.3.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.3.conv_dw", Norm("blocks.4.3.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.3.se.conv_reduce", "blocks.4.3.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.3.conv_pwl", Norm("blocks.4.3.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.4.conv_pw", Norm("blocks.4.4.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.4.conv_dw", Norm("blocks.4.4.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.4.se.conv_reduce", "blocks.4.4.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.4.conv_pwl", Norm("blocks.4.4.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.5.conv_pw", Norm("blocks.4.5.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.5.conv_dw", Norm("blocks.4.5.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.5.se.conv_reduce", "blocks.4.5.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.5.conv_pwl", Norm("blocks.4.5.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.6.conv_pw", Norm("blocks.4.6.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.6.conv_dw", Norm("blocks.4.6.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.6.se.conv_reduce", "blocks.4.6.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.6.conv_pwl", Norm("blocks.4.6.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.7.conv_pw", Norm("blocks.4.7.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.7.conv_dw", Norm("blocks.4.7.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.7.se.conv_reduce", "blocks.4.7.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.7.conv_pwl", Norm("blocks.4.7.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.8.conv_pw", Norm("blocks.4.8.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.8.conv_dw", Norm("blocks.4.8.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.8.se.conv_reduce", "blocks.4.8.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.8.conv_pwl", Norm("blocks.4.8.bn3"), 1344, 224),
    Layer::pointwise("blocks.4.9.conv_pw", Norm("blocks.4.9.bn1"), 224, 1344),
    Layer::depthwise("blocks.4.9.conv_dw", Norm("blocks.4.9.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.4.9.se.conv_reduce", "blocks.4.9.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.4.9.conv_pwl", Norm("blocks.4.9.bn3"), 1344, 224),
    Layer::pointwise("blocks.5.0.conv_pw", Norm("blocks.5.0.bn1"), 224, 1344),
    Layer::depthwise("blocks.5.0.conv_dw", Norm("blocks.5.0.bn2"), 1344, 5),
    Layer::squeeze_excite("blocks.5.0.se.conv_reduce", "blocks.5.0.se.conv_expand", 1344, 56),
    Layer::pointwise("blocks.5.0.conv_pwl", Norm("blocks.5.0.bn3"), 1344, 384),
    Layer::pointwise("blocks.5.1.conv_pw", Norm("blocks.5.1.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.1.conv_dw", Norm("blocks.5.1.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.1.se.conv_reduce", "blocks.5.1.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.1.conv_pwl", Norm("blocks.5.1.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.2.conv_pw", Norm("blocks.5.2.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.2.conv_dw", Norm("blocks.5.2.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.2.se.conv_reduce", "blocks.5.2.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.2.conv_pwl", Norm("blocks.5.2.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.3.conv_pw", Norm("blocks.5.3.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.3.conv_dw", Norm("blocks.5.3.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.3.se.conv_reduce", "blocks.5.3.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.3.conv_pwl", Norm("blocks.5.3.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.4.conv_pw", Norm("blocks.5.4.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.4.conv_dw", Norm("blocks.5.4.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.4.se.conv_reduce", "blocks.5.4.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.4.conv_pwl", Norm("blocks.5.4.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.5.conv_pw", Norm("blocks.5.5.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.5.conv_dw", Norm("blocks.5.5.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.5.se.conv_reduce", "blocks.5.5.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.5.conv_pwl", Norm("blocks.5.5.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.6.conv_pw", Norm("blocks.5.6.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.6.conv_dw", Norm("blocks.5.6.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.6.se.conv_reduce", "blocks.5.6.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.6.conv_pwl", Norm("blocks.5.6.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.7.conv_pw", Norm("blocks.5.7.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.7.conv_dw", Norm("blocks.5.7.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.7.se.conv_reduce", "blocks.5.7.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.7.conv_pwl", Norm("blocks.5.7.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.8.conv_pw", Norm("blocks.5.8.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.8.conv_dw", Norm("blocks.5.8.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.8.se.conv_reduce", "blocks.5.8.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.8.conv_pwl", Norm("blocks.5.8.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.9.conv_pw", Norm("blocks.5.9.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.9.conv_dw", Norm("blocks.5.9.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.9.se.conv_reduce", "blocks.5.9.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.9.conv_pwl", Norm("blocks.5.9.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.10.conv_pw", Norm("blocks.5.10.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.10.conv_dw", Norm("blocks.5.10.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.10.se.conv_reduce", "blocks.5.10.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.10.conv_pwl", Norm("blocks.5.10.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.11.conv_pw", Norm("blocks.5.11.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.11.conv_dw", Norm("blocks.5.11.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.11.se.conv_reduce", "blocks.5.11.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.11.conv_pwl", Norm("blocks.5.11.bn3"), 2304, 384),
    Layer::pointwise("blocks.5.12.conv_pw", Norm("blocks.5.12.bn1"), 384, 2304),
    Layer::depthwise("blocks.5.12.conv_dw", Norm("blocks.5.12.bn2"), 2304, 5),
    Layer::squeeze_excite("blocks.5.12.se.conv_reduce", "blocks.5.12.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.5.12.conv_pwl", Norm("blocks.5.12.bn3"), 2304, 384),
    Layer::pointwise("blocks.6.0.conv_pw", Norm("blocks.6.0.bn1"), 384, 2304),
    Layer::depthwise("blocks.6.0.conv_dw", Norm("blocks.6.0.bn2"), 2304, 3),
    Layer::squeeze_excite("blocks.6.0.se.conv_reduce", "blocks.6.0.se.conv_expand", 2304, 96),
    Layer::pointwise("blocks.6.0.conv_pwl", Norm("blocks.6.0.bn3"), 2304, 640),
    Layer::pointwise("blocks.6.1.conv_pw", Norm("blocks.6.1.bn1"), 640, 3840),
    Layer::depthwise("blocks.6.1.conv_dw", Norm("blocks.6.1.bn2"), 3840, 3),
    Layer::squeeze_excite("blocks.6.1.se.conv_reduce", "blocks.6.1.se.conv_expand", 3840, 160),
    Layer::pointwise("blocks.6.1.conv_pwl", Norm("blocks.6.1.bn3"), 3840, 640),
    Layer::pointwise("blocks.6.2.conv_pw", Norm("blocks.6.2.bn1"), 640, 3840),
    Layer::depthwise("blocks.6.2.conv_dw", Norm("blocks.6.2.bn2"), 3840, 3),
    Layer::squeeze_excite("blocks.6.2.se.conv_reduce", "blocks.6.2.se.conv_expand", 3840, 160),
    Layer::pointwise("blocks.6.2.conv_pwl", Norm("blocks.6.2.bn3"), 3840, 640),
    Layer::pointwise("blocks.6.3.conv_pw", Norm("blocks.6.3.bn1"), 640, 3840),
    Layer::depthwise("blocks.6.3.conv_dw", Norm("blocks.6.3.bn2"), 3840, 3),
    Layer::squeeze_excite("blocks.6.3.se.conv_reduce", "blocks.6.3.se.conv_expand", 3840, 160),
    Layer::pointwise("blocks.6.3.conv_pwl", Norm("blocks.6.3.bn3"), 3840, 640),
    Layer::pointwise("conv_head", Norm("bn2"), 640, 2560),
    Layer::dense("classifier", 2560, 1000),
];

/// Stem and block 1, 600x600x3 -> 300x300x32, 4 sub-blocks.
fn block1(w: &Weights, a: &mut Arena, x: &[f32; 1080000]) -> Map<300, 300, 32> {
    // Stem and sub-block 1a (kind 1), 600x600x3 -> 300x300x32
    let (d, s) = stem_depthwise_sums::<600, 600, 3, 300, 300, 64, 3, 2, 300, 300, 3, 1, 5, Rows, Symmetric, Symmetric, Silu, Silu, f32>(&w[0], &w[1], a, x, 0, 5760000);
    let g = squeeze_excite::<64, 16, 90000, Silu, Sigmoid>(&w[2], a, s, 8640000);
    let x = project::<300, 300, 64, 32, 1364, Rows, f32>(&w[3], a, d, 5760000, gate_weights(g), None);
    // Sub-block 1b (kind 3), 300x300x32 -> 300x300x32
    let (d, s) = depthwise_sums::<300, 300, 32, 300, 300, 3, 1, 25, Rows, Symmetric, Silu, f32>(&w[4], a, x, 0, 2880000);
    let g = squeeze_excite::<32, 8, 90000, Silu, Sigmoid>(&w[5], a, s, 8640000);
    let x = project::<300, 300, 32, 32, 2048, Rows, f32>(&w[6], a, d, 2880000, gate_weights(g), shortcut(x));
    // Sub-block 1c (kind 3), 300x300x32 -> 300x300x32
    let (d, s) = depthwise_sums::<300, 300, 32, 300, 300, 3, 1, 25, Rows, Symmetric, Silu, f32>(&w[7], a, x, 0, 5760000);
    let g = squeeze_excite::<32, 8, 90000, Silu, Sigmoid>(&w[8], a, s, 8640000);
    let x = project::<300, 300, 32, 32, 2048, Rows, f32>(&w[9], a, d, 5760000, gate_weights(g), shortcut(x));
    // Sub-block 1d (kind 3), 300x300x32 -> 300x300x32
    let (d, s) = depthwise_sums::<300, 300, 32, 300, 300, 3, 1, 25, Rows, Symmetric, Silu, f32>(&w[10], a, x, 0, 2880000);
    let g = squeeze_excite::<32, 8, 90000, Silu, Sigmoid>(&w[11], a, s, 2880384);
    project::<300, 300, 32, 32, 2048, Rows, f32>(&w[12], a, d, 8640000, gate_weights(g), shortcut(x))
}

/// Block 2, 300x300x32 -> 150x150x48, 7 sub-blocks.
fn block2(w: &Weights, a: &mut Arena, x: Map<300, 300, 32>) -> Map<150, 150, 48> {
    // Sub-block 2a (kind 2), 300x300x32 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<300, 300, 32, 192, 150, 150, 3, 2, 1, Rows, Symmetric, Silu, Silu, f32>(&w[13], &w[14], a, x, 0, 4320000);
    let g = squeeze_excite::<192, 8, 22500, Silu, Sigmoid>(&w[15], a, s, 4348800);
    let x = project::<150, 150, 192, 48, 536, Rows, f32>(&w[16], a, d, 6480000, gate_weights(g), None);
    // Sub-block 2b (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[17], &w[18], a, x, 0, 7560000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[19], a, s, 8640000);
    let x = project::<150, 150, 288, 48, 388, Rows, f32>(&w[20], a, d, 7560000, gate_weights(g), shortcut(x));
    // Sub-block 2c (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[21], &w[22], a, x, 0, 6480000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[23], a, s, 8640000);
    let x = project::<150, 150, 288, 48, 388, Rows, f32>(&w[24], a, d, 6480000, gate_weights(g), shortcut(x));
    // Sub-block 2d (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[25], &w[26], a, x, 0, 7560000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[27], a, s, 8640000);
    let x = project::<150, 150, 288, 48, 388, Rows, f32>(&w[28], a, d, 7560000, gate_weights(g), shortcut(x));
    // Sub-block 2e (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[29], &w[30], a, x, 0, 6480000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[31], a, s, 8640000);
    let x = project::<150, 150, 288, 48, 388, Rows, f32>(&w[32], a, d, 6480000, gate_weights(g), shortcut(x));
    // Sub-block 2f (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[33], &w[34], a, x, 0, 7560000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[35], a, s, 8640000);
    let x = project::<150, 150, 288, 48, 388, Rows, f32>(&w[36], a, d, 7560000, gate_weights(g), shortcut(x));
    // Sub-block 2g (kind 3), 150x150x48 -> 150x150x48
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 150, 150, 3, 1, 5, Rows, Symmetric, Silu, Silu, f32>(&w[37], &w[38], a, x, 0, 6480000);
    let g = squeeze_excite::<288, 12, 22500, Silu, Sigmoid>(&w[39], a, s, 8640000);
    project::<150, 150, 288, 48, 388, Rows, f32>(&w[40], a, d, 6480000, gate_weights(g), shortcut(x))
}

/// Block 3, 150x150x48 -> 75x75x80, 7 sub-blocks.
fn block3(w: &Weights, a: &mut Arena, x: Map<150, 150, 48>) -> Map<75, 75, 80> {
    // Sub-block 3a (kind 2), 150x150x48 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<150, 150, 48, 288, 75, 75, 5, 2, 2, Rows, Symmetric, Silu, Silu, f32>(&w[41], &w[42], a, x, 0, 1620000);
    let g = squeeze_excite::<288, 12, 5625, Silu, Sigmoid>(&w[43], a, s, 1630944);
    let x = project::<75, 75, 288, 80, 352, Rows, f32>(&w[44], a, d, 2700000, gate_weights(g), None);
    // Sub-block 3b (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[45], &w[46], a, x, 0, 3150000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[47], a, s, 3600000);
    let x = project::<75, 75, 480, 80, 217, Rows, f32>(&w[48], a, d, 3150000, gate_weights(g), shortcut(x));
    // Sub-block 3c (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[49], &w[50], a, x, 0, 2700000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[51], a, s, 3600000);
    let x = project::<75, 75, 480, 80, 217, Rows, f32>(&w[52], a, d, 2700000, gate_weights(g), shortcut(x));
    // Sub-block 3d (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[53], &w[54], a, x, 0, 3150000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[55], a, s, 3600000);
    let x = project::<75, 75, 480, 80, 217, Rows, f32>(&w[56], a, d, 3150000, gate_weights(g), shortcut(x));
    // Sub-block 3e (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[57], &w[58], a, x, 0, 2700000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[59], a, s, 3600000);
    let x = project::<75, 75, 480, 80, 217, Rows, f32>(&w[60], a, d, 2700000, gate_weights(g), shortcut(x));
    // Sub-block 3f (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[61], &w[62], a, x, 0, 3150000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[63], a, s, 3600000);
    let x = project::<75, 75, 480, 80, 217, Rows, f32>(&w[64], a, d, 3150000, gate_weights(g), shortcut(x));
    // Sub-block 3g (kind 3), 75x75x80 -> 75x75x80
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 75, 75, 5, 1, 8, Rows, Symmetric, Silu, Silu, f32>(&w[65], &w[66], a, x, 0, 2700000);
    let g = squeeze_excite::<480, 20, 5625, Silu, Sigmoid>(&w[67], a, s, 3600000);
    project::<75, 75, 480, 80, 217, Rows, f32>(&w[68], a, d, 2700000, gate_weights(g), shortcut(x))
}

/// Block 4, 75x75x80 -> 38x38x160, 10 sub-blocks.
fn block4(w: &Weights, a: &mut Arena, x: Map<75, 75, 80>) -> Map<38, 38, 160> {
    // Sub-block 4a (kind 2), 75x75x80 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<75, 75, 80, 480, 38, 38, 3, 2, 5, Rows, Symmetric, Silu, Silu, f32>(&w[69], &w[70], a, x, 0, 693120);
    let g = squeeze_excite::<480, 20, 1444, Silu, Sigmoid>(&w[71], a, s, 696960);
    let x = project::<38, 38, 480, 160, 181, Rows, f32>(&w[72], a, d, 1386240, gate_weights(g), None);
    // Sub-block 4b (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[73], &w[74], a, x, 0, 1617280);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[75], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[76], a, d, 1617280, gate_weights(g), shortcut(x));
    // Sub-block 4c (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[77], &w[78], a, x, 0, 1386240);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[79], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[80], a, d, 1386240, gate_weights(g), shortcut(x));
    // Sub-block 4d (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[81], &w[82], a, x, 0, 1617280);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[83], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[84], a, d, 1617280, gate_weights(g), shortcut(x));
    // Sub-block 4e (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[85], &w[86], a, x, 0, 1386240);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[87], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[88], a, d, 1386240, gate_weights(g), shortcut(x));
    // Sub-block 4f (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[89], &w[90], a, x, 0, 1617280);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[91], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[92], a, d, 1617280, gate_weights(g), shortcut(x));
    // Sub-block 4g (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[93], &w[94], a, x, 0, 1386240);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[95], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[96], a, d, 1386240, gate_weights(g), shortcut(x));
    // Sub-block 4h (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[97], &w[98], a, x, 0, 1617280);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[99], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[100], a, d, 1617280, gate_weights(g), shortcut(x));
    // Sub-block 4i (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[101], &w[102], a, x, 0, 1386240);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[103], a, s, 1848320);
    let x = project::<38, 38, 960, 160, 181, Rows, f32>(&w[104], a, d, 1386240, gate_weights(g), shortcut(x));
    // Sub-block 4j (kind 3), 38x38x160 -> 38x38x160
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 3, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[105], &w[106], a, x, 0, 1617280);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[107], a, s, 1848320);
    project::<38, 38, 960, 160, 181, Rows, f32>(&w[108], a, d, 1617280, gate_weights(g), shortcut(x))
}

/// Block 5, 38x38x160 -> 38x38x224, 10 sub-blocks.
fn block5(w: &Weights, a: &mut Arena, x: Map<38, 38, 160>) -> Map<38, 38, 224> {
    // Sub-block 5a (kind 2), 38x38x160 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 160, 960, 38, 38, 5, 1, 10, Rows, Symmetric, Silu, Silu, f32>(&w[109], &w[110], a, x, 0, 1386240);
    let g = squeeze_excite::<960, 40, 1444, Silu, Sigmoid>(&w[111], a, s, 1390080);
    let x = project::<38, 38, 960, 224, 181, Rows, f32>(&w[112], a, d, 1940736, gate_weights(g), None);
    // Sub-block 5b (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[113], &w[114], a, x, 0, 2264192);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[115], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[116], a, d, 2264192, gate_weights(g), shortcut(x));
    // Sub-block 5c (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[117], &w[118], a, x, 0, 1940736);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[119], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[120], a, d, 1940736, gate_weights(g), shortcut(x));
    // Sub-block 5d (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[121], &w[122], a, x, 0, 2264192);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[123], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[124], a, d, 2264192, gate_weights(g), shortcut(x));
    // Sub-block 5e (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[125], &w[126], a, x, 0, 1940736);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[127], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[128], a, d, 1940736, gate_weights(g), shortcut(x));
    // Sub-block 5f (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[129], &w[130], a, x, 0, 2264192);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[131], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[132], a, d, 2264192, gate_weights(g), shortcut(x));
    // Sub-block 5g (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[133], &w[134], a, x, 0, 1940736);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[135], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[136], a, d, 1940736, gate_weights(g), shortcut(x));
    // Sub-block 5h (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[137], &w[138], a, x, 0, 2264192);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[139], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[140], a, d, 2264192, gate_weights(g), shortcut(x));
    // Sub-block 5i (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[141], &w[142], a, x, 0, 1940736);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[143], a, s, 2587648);
    let x = project::<38, 38, 1344, 224, 145, Rows, f32>(&w[144], a, d, 1940736, gate_weights(g), shortcut(x));
    // Sub-block 5j (kind 3), 38x38x224 -> 38x38x224
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 38, 38, 5, 1, 7, Rows, Symmetric, Silu, Silu, f32>(&w[145], &w[146], a, x, 0, 2264192);
    let g = squeeze_excite::<1344, 56, 1444, Silu, Sigmoid>(&w[147], a, s, 2587648);
    project::<38, 38, 1344, 224, 145, Rows, f32>(&w[148], a, d, 2264192, gate_weights(g), shortcut(x))
}

/// Block 6, 38x38x224 -> 19x19x384, 13 sub-blocks.
fn block6(w: &Weights, a: &mut Arena, x: Map<38, 38, 224>) -> Map<19, 19, 384> {
    // Sub-block 6a (kind 2), 38x38x224 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<38, 38, 224, 1344, 19, 19, 5, 2, 2, Rows, Symmetric, Silu, Silu, f32>(&w[149], &w[150], a, x, 0, 485184);
    let g = squeeze_excite::<1344, 56, 361, Silu, Sigmoid>(&w[151], a, s, 498624);
    let x = project::<19, 19, 1344, 384, 91, Rows, f32>(&w[152], a, d, 831744, gate_input(g), None);
    // Sub-block 6b (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[153], &w[154], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[155], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[156], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6c (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[157], &w[158], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[159], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[160], a, d, 831744, gate_input(g), shortcut(x));
    // Sub-block 6d (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[161], &w[162], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[163], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[164], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6e (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[165], &w[166], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[167], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[168], a, d, 831744, gate_input(g), shortcut(x));
    // Sub-block 6f (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[169], &w[170], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[171], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[172], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6g (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[173], &w[174], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[175], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[176], a, d, 831744, gate_input(g), shortcut(x));
    // Sub-block 6h (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[177], &w[178], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[179], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[180], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6i (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[181], &w[182], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[183], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[184], a, d, 831744, gate_input(g), shortcut(x));
    // Sub-block 6j (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[185], &w[186], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[187], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[188], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6k (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[189], &w[190], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[191], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[192], a, d, 831744, gate_input(g), shortcut(x));
    // Sub-block 6l (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[193], &w[194], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[195], a, s, 1108992);
    let x = project::<19, 19, 2304, 384, 61, Rows, f32>(&w[196], a, d, 970368, gate_input(g), shortcut(x));
    // Sub-block 6m (kind 3), 19x19x384 -> 19x19x384
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 5, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[197], &w[198], a, x, 0, 831744);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[199], a, s, 1108992);
    project::<19, 19, 2304, 384, 61, Rows, f32>(&w[200], a, d, 831744, gate_input(g), shortcut(x))
}

/// Block 7, 19x19x384 -> 19x19x640, 4 sub-blocks.
fn block7(w: &Weights, a: &mut Arena, x: Map<19, 19, 384>) -> Map<19, 19, 640> {
    // Sub-block 7a (kind 2), 19x19x384 -> 19x19x640
    let (d, s) = expand_depthwise_sums::<19, 19, 384, 2304, 19, 19, 3, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[201], &w[202], a, x, 0, 970368);
    let g = squeeze_excite::<2304, 96, 361, Silu, Sigmoid>(&w[203], a, s, 831744);
    let x = project::<19, 19, 2304, 640, 61, Rows, f32>(&w[204], a, d, 1386240, gate_input(g), None);
    // Sub-block 7b (kind 3), 19x19x640 -> 19x19x640
    let (d, s) = expand_depthwise_sums::<19, 19, 640, 3840, 19, 19, 3, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[205], &w[206], a, x, 0, 1617280);
    let g = squeeze_excite::<3840, 160, 361, Silu, Sigmoid>(&w[207], a, s, 1848320);
    let x = project::<19, 19, 3840, 640, 46, Rows, f32>(&w[208], a, d, 1617280, gate_input(g), shortcut(x));
    // Sub-block 7c (kind 3), 19x19x640 -> 19x19x640
    let (d, s) = expand_depthwise_sums::<19, 19, 640, 3840, 19, 19, 3, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[209], &w[210], a, x, 0, 1386240);
    let g = squeeze_excite::<3840, 160, 361, Silu, Sigmoid>(&w[211], a, s, 1848320);
    let x = project::<19, 19, 3840, 640, 46, Rows, f32>(&w[212], a, d, 1386240, gate_input(g), shortcut(x));
    // Sub-block 7d (kind 3), 19x19x640 -> 19x19x640
    let (d, s) = expand_depthwise_sums::<19, 19, 640, 3840, 19, 19, 3, 1, 19, Channels, Symmetric, Silu, Silu, f32>(&w[213], &w[214], a, x, 0, 1617280);
    let g = squeeze_excite::<3840, 160, 361, Silu, Sigmoid>(&w[215], a, s, 1848320);
    project::<19, 19, 3840, 640, 46, Rows, f32>(&w[216], a, d, 1617280, gate_input(g), shortcut(x))
}

/// Final layers, 19x19x640 -> 1x1x1000.
fn head(w: &Weights, a: &mut Arena, x: Map<19, 19, 640>) -> Vector<1000> {
    let x = pooled_pointwise::<19, 19, 640, 2560, Silu, f32>(&w[217], a, x, 0);
    dense::<2560, 1000, Linear>(&w[218], a, x, 2560)
}
