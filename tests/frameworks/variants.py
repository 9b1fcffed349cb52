"""The variants that the frameworks build, as tables."""

from dataclasses import dataclass

# Kernel size, stride, expand ratio, channels before scaling and repeats before scaling of every block.
# B0's is Table 1 of the paper; tiny's is that of tiny.yaml.
B0_BLOCKS = [
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
]
TINY_BLOCKS = [
    (3, 1, 1, 320, 1),
    (3, 2, 6, 160, 2),
    (5, 2, 6, 160, 3),
    (5, 1, 6, 320, 1),
]
STEM = 32


@dataclass(frozen=True)
class Variant:
    """Coefficients of a variant, as in the paper's reference implementation."""

    name: str
    width: float
    depth: float
    resolution: int
    dropout: float

    @property
    def blocks(self):
        return TINY_BLOCKS if self.name == "tiny" else B0_BLOCKS

    @property
    def head(self):
        """Channels of the head: a multiple of 8 in every variant."""
        return int(1280 * self.width + 4) // 8 * 8


VARIANTS = {
    variant.name: variant
    for variant in [
        Variant("tiny", 0.05, 0.5, 64, 0.2),
        Variant("b0", 1.0, 1.0, 224, 0.2),
        Variant("b1", 1.0, 1.1, 240, 0.2),
        Variant("b2", 1.1, 1.2, 260, 0.3),
        Variant("b3", 1.2, 1.4, 300, 0.3),
        Variant("b4", 1.4, 1.8, 380, 0.4),
        Variant("b5", 1.6, 2.2, 456, 0.4),
        Variant("b6", 1.8, 2.6, 528, 0.5),
        Variant("b7", 2.0, 3.1, 600, 0.5),
    ]
}
