//! The processor's caches as the cost models of passes see them: those of a current server core. A core with a smaller
//! second level reads some strips from the third.

use crate::plan::ALIGNMENT;

/// Floats of a core's second-level cache: 1 MiB.
const L2: usize = 1024 * 1024 / size_of::<f32>();

/// Floats of a cache line: 64 bytes. A kernel that walks one vector of channels touches one line a pixel.
pub(crate) const LINE: usize = ALIGNMENT;

/// Floats of second-level cache that a strip's tensors may fill: half, the rest being the weight panels'
/// and the prefetcher's.
pub(crate) const STRIP: usize = L2 / 2;

/// Floats that a strip's input may fill while weights stream by that do not stay in the cache anyway: three quarters.
pub(crate) const STREAMED: usize = L2 / 4 * 3;

/// Floats that a whole map may fill to be worked on panel by panel instead of strip by strip: a quarter, since
/// every panel reads the input again, too.
pub(crate) const WHOLE: usize = L2 / 4;
