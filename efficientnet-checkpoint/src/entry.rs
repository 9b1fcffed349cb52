//! Where a tensor lies, and how.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::dtype::Dtype;
use crate::source::Source;

/// One tensor of a file, not read yet.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    /// Exactly the elements' bytes where `strides` is `None`; otherwise all that they index.
    pub(crate) data: Source,
    /// Elements between neighbours along each dimension; `None` in C order without gaps.
    pub(crate) strides: Option<Vec<usize>>,
    /// Whether the most significant byte of an element comes first.
    pub(crate) big_endian: bool,
}

impl Entry {
    /// Elements in C order, little endian, in `data`.
    pub(crate) fn contiguous(dtype: Dtype, shape: Vec<usize>, data: Source) -> Self {
        Self {
            dtype,
            shape,
            data,
            strides: None,
            big_endian: false,
        }
    }

    /// The elements' bytes in C order, little endian.
    pub(crate) fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        let mut bytes = self.data.bytes()?;
        let size = self.dtype.size();
        if let Some(strides) = &self.strides {
            bytes = Cow::Owned(gather(&bytes, &self.shape, strides, size)?);
        }
        if self.big_endian && size > 1 {
            for element in bytes.to_mut().chunks_exact_mut(size) {
                element.reverse();
            }
        }
        Ok(bytes)
    }
}

/// Elements in C order from elements at any strides.
fn gather(bytes: &[u8], shape: &[usize], strides: &[usize], size: usize) -> io::Result<Vec<u8>> {
    let count: usize = shape.iter().product();
    let mut gathered = Vec::with_capacity(count * size);
    let mut position = vec![0; shape.len()];
    for _ in 0..count {
        let index: usize = position.iter().zip(strides).map(|(p, s)| p * s).sum();
        let element = bytes
            .get(index * size..)
            .and_then(|rest| rest.get(..size))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        gathered.extend_from_slice(element);
        for (place, &length) in position.iter_mut().zip(shape).rev() {
            *place += 1;
            if *place < length {
                break;
            }
            *place = 0;
        }
    }
    Ok(gathered)
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.dtype, self.shape)
    }
}
