//! Lengths of slices, from extents.

/// The product of extents.
///
/// # Panics
/// If it overflows: no slice is as long. A product that wrapped around could fit a short slice, and
/// what follows the comparison is unsafe.
pub(crate) const fn len<const N: usize>(extents: [usize; N]) -> usize {
    let mut product: usize = 1;
    let mut index = 0;
    while index < N {
        product = match product.checked_mul(extents[index]) {
            Some(product) => product,
            None => panic!("the shape has more values than there are addresses"),
        };
        index += 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::len;

    #[test]
    fn products() {
        assert_eq!(len([]), 1);
        assert_eq!(len([3, 4, 5]), 60);
    }

    #[test]
    #[should_panic(expected = "more values than there are addresses")]
    fn products_that_wrap_around() {
        len([1 << 63, 2]);
    }
}
