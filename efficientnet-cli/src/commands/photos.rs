//! The photos of files and folders, in an order that does not change.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use walkdir::{DirEntry, WalkDir};

/// How names of photos end, in any case.
const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Something to classify.
#[derive(Debug, PartialEq)]
pub(super) struct Photo {
    pub(super) path: PathBuf,
    /// Why it cannot be reached, where that is known already.
    pub(super) error: Option<String>,
}

/// What was found, and what of it is left out.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Photos {
    /// Each path once: files as they are given, those of a folder in order of names.
    pub(super) list: Vec<Photo>,
    /// Files of folders that are hidden, or no photos by their names.
    pub(super) others: usize,
    /// Folders in folders that were not gone into.
    pub(super) folders: usize,
    /// Links to a folder that they lie in.
    pub(super) loops: usize,
}

impl Photos {
    /// Looks through files and folders. Links are followed.
    pub(super) fn find(inputs: &[PathBuf], recursive: bool) -> Self {
        let mut photos = Self::default();
        for input in inputs {
            if input.is_dir() {
                photos.walk(input, recursive);
            } else {
                photos.push(input.clone(), None);
            }
        }
        let mut seen = HashSet::new();
        photos.list.retain(|photo| seen.insert(photo.path.clone()));
        photos
    }

    fn push(&mut self, path: PathBuf, error: Option<String>) {
        self.list.push(Photo { path, error });
    }

    fn walk(&mut self, folder: &Path, recursive: bool) {
        let entries = WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name()
            .max_depth(if recursive { usize::MAX } else { 1 });
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) if entry.file_type().is_dir() => {
                    if is_hidden(&entry) || !recursive {
                        self.folders += usize::from(!is_hidden(&entry));
                        // At the greatest depth there is nothing to skip but the rest of the folder.
                        if recursive {
                            entries.skip_current_dir();
                        }
                    }
                }
                Ok(entry) if is_photo(entry.path()) && entry.file_type().is_file() => {
                    self.push(entry.into_path(), None);
                }
                Ok(_) => self.others += 1,
                Err(error) if error.loop_ancestor().is_some() => self.loops += 1,
                Err(error) => self.unreachable(folder, &error),
            }
        }
    }

    /// A row for what cannot be looked at, but for links to nothing that are no photos by their names.
    fn unreachable(&mut self, folder: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(folder);
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link && !is_photo(path) {
            self.others += 1;
            return;
        }
        let reason = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        self.push(path.to_owned(), Some(format!("cannot be read: {reason}")));
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    starts_with_a_dot(entry.path())
}

fn starts_with_a_dot(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// By its name.
fn is_photo(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    let known = EXTENSIONS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    known && !starts_with_a_dot(path)
}

/// A bar on standard error, where that is a terminal.
pub(super) fn progress(done: usize, count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64).with_position(done as u64);
    let style = "{wide_bar} {pos}/{len} photos, {rate}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        let rate = |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = write!(text, "{:.1}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate));
    }
    // Rows of an earlier run took no time of this one.
    bar.reset_eta();
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes files and folders, the latter with a slash at the end.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            if name.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::write(path, "").unwrap();
            }
        }
        folder
    }

    /// Paths below the folder.
    fn paths(photos: &Photos, folder: &Path) -> Vec<String> {
        let list = photos.list.iter();
        list.map(|photo| photo.path.strip_prefix(folder).unwrap())
            .map(|path| path.to_str().unwrap().to_owned())
            .collect()
    }

    const NAMES: [&str; 13] = [
        "b/",
        "b/deep/",
        ".hidden/",
        "jpg.jpg/",
        "b/deep/z.png",
        "b/a.webp",
        ".hidden/a.jpg",
        "jpg.jpg/c.jpg",
        "c.JPG",
        "a.jpeg",
        ".a.jpg",
        "notes.txt",
        "jpg",
    ];

    #[test]
    fn a_folder_s_photos_are_sorted_and_the_rest_is_counted() {
        let folder = folder(&NAMES);
        let photos = Photos::find(&[folder.path().to_owned()], false);
        assert_eq!(paths(&photos, folder.path()), ["a.jpeg", "c.JPG"]);
        assert_eq!((photos.others, photos.folders), (3, 2));
        let photos = Photos::find(&[folder.path().to_owned()], true);
        let expected = [
            "a.jpeg",
            "b/a.webp",
            "b/deep/z.png",
            "c.JPG",
            "jpg.jpg/c.jpg",
        ];
        assert_eq!(paths(&photos, folder.path()), expected);
        assert_eq!((photos.others, photos.folders), (3, 0));
    }

    #[test]
    fn a_path_is_listed_once_and_files_are_what_they_are_given_as() {
        let folder = folder(&NAMES);
        let at = |name: &str| folder.path().join(name);
        let inputs = [
            at("notes.txt"),
            at("c.JPG"),
            at(""),
            at("c.JPG"),
            at("none"),
        ];
        let photos = Photos::find(&inputs, false);
        let expected = ["notes.txt", "c.JPG", "a.jpeg", "none"];
        assert_eq!(paths(&photos, folder.path()), expected);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        use std::os::unix::fs::symlink;
        let folder = folder(&["b/", "b/a.jpg"]);
        let at = |name: &str| folder.path().join(name);
        symlink(at("b/a.jpg"), at("link.jpg")).unwrap();
        symlink(folder.path(), at("b/up")).unwrap();
        symlink(at("b"), at("c")).unwrap();
        symlink("nowhere", at("dead.jpg")).unwrap();
        symlink("nowhere", at("dead")).unwrap();
        let photos = Photos::find(&[folder.path().to_owned()], true);
        let found = paths(&photos, folder.path());
        assert_eq!(found, ["b/a.jpg", "c/a.jpg", "dead.jpg", "link.jpg"]);
        let errors: Vec<bool> = photos.list.iter().map(|p| p.error.is_some()).collect();
        assert_eq!(errors, [false, false, true, false]);
        assert_eq!((photos.others, photos.loops), (1, 2));
    }
}
