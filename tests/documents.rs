//! Pages for people: what they link to is there.

use std::fs;
use std::path::{Path, PathBuf};

/// Every page of the repository that is written for people.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "specs", "tests", "tests/goldens", "examples"];
    let mut pages: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| entries(&root.join(folder)))
        .collect();
    pages.extend(
        entries(&root.join("examples"))
            .iter()
            .flat_map(|p| entries(p)),
    );
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages
}

/// What is in a folder; nothing in a file.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.expect("readable").path())
        .collect()
}

/// Targets of a page's links, without the parts behind `#`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?;
        target.split('#').next().filter(|path| !path.is_empty())
    })
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut count = 0;
    for page in &pages {
        let text = fs::read_to_string(page).expect("readable");
        let folder = page.parent().expect("a folder");
        for link in links(&text).filter(|link| !link.contains("://")) {
            assert!(folder.join(link).exists(), "{}: {link}", page.display());
            count += 1;
        }
    }
    assert!(
        pages.len() > 12 && count >= 20,
        "{count} links in {pages:?}"
    );
}
