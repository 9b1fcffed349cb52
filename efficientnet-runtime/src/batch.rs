//! Many images at once: one thread a workspace, each computing whole images by itself.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The results of `count` images, in their order: `compute` is called once for each with its number and a
/// workspace that no other image has at that time. The calling thread takes the first workspace, a thread of its
/// own each other; whoever is free takes the next image.
///
/// ```
/// use efficientnet_runtime::batch;
///
/// // Two workspaces, two threads.
/// let mut workspaces = [Vec::new(), Vec::new()];
/// let squares = batch::run(5, &mut workspaces, |image, seen| {
///     seen.push(image);
///     image * image
/// });
/// assert_eq!(squares, [0, 1, 4, 9, 16]);
/// assert_eq!(workspaces.concat().len(), 5);
/// ```
///
/// # Panics
/// If there are images and no workspaces, or `compute` panics.
pub fn run<W: Send, R: Send>(
    count: usize,
    workspaces: &mut [W],
    compute: impl Fn(usize, &mut W) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let images = |workspace: &mut W| {
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&image| image < count);
        let results = std::iter::from_fn(|| take().map(|image| (image, compute(image, workspace))));
        results.collect::<Vec<_>>()
    };
    let Some((own, others)) = workspaces.split_first_mut() else {
        assert_eq!(count, 0, "images, and no workspace to compute them in");
        return Vec::new();
    };
    let mut results = thread::scope(|scope| {
        let others = others.iter_mut().take(count.saturating_sub(1));
        let others: Vec<_> = others
            .map(|workspace| scope.spawn(|| images(workspace)))
            .collect();
        let mut results = images(own);
        for other in others {
            match other.join() {
                Ok(theirs) => results.extend(theirs),
                Err(panic) => resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|&(image, _)| image);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn every_image_once_and_in_order() {
        for (count, workspaces) in [(0, 0), (0, 3), (1, 4), (17, 1), (100, 3)] {
            let mut images_of = vec![0; workspaces];
            let results = run(count, &mut images_of, |image, images| {
                *images += 1;
                image * image
            });
            assert_eq!(results, (0..count).map(|i| i * i).collect::<Vec<_>>());
            assert_eq!(images_of.iter().sum::<usize>(), count);
        }
    }

    #[test]
    #[should_panic(expected = "no workspace to compute them in")]
    fn images_without_workspaces() {
        run(1, &mut [(); 0], |_, ()| ());
    }

    #[test]
    #[should_panic(expected = "image 3")]
    fn a_panic_of_any_thread_is_the_callers() {
        run(9, &mut [(); 3], |image, ()| {
            assert!(image != 3, "image {image}")
        });
    }
}
