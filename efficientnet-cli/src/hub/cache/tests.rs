use super::*;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const GIT_OF_HELLO: &str = "ce013625030ba8dba906f756967f9e9ca394464a";

fn cache(directory: &Path) -> (Cache, Checksum) {
    let cache = Cache::of(directory, "timm/b0.ra");
    (cache, Checksum::of_etag(GIT_OF_HELLO).unwrap())
}

/// The contents, as if fetched.
fn fetched(cache: &Cache, checksum: &Checksum) {
    drop(cache.lock(checksum, || ()).unwrap());
    fs::write(cache.blob(checksum), "hello\n").unwrap();
}

#[test]
fn a_published_file_is_a_relative_link_to_its_contents() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, checksum) = cache(directory.path());
    fetched(&cache, &checksum);
    let repository = directory.path().join("models--timm--b0.ra");
    for (file, target) in [
        ("model.bin", "../../blobs/"),
        ("deep/er/model.bin", "../../../../blobs/"),
    ] {
        assert_eq!(cache.file(COMMIT, file), None);
        let path = cache.publish(&checksum, COMMIT, file).unwrap();
        assert_eq!(path, repository.join("snapshots").join(COMMIT).join(file));
        assert_eq!(fs::read_to_string(&path).unwrap(), "hello\n");
        assert_eq!(cache.file(COMMIT, file), Some(path.clone()));
        #[cfg(unix)]
        {
            let expected = PathBuf::from(format!("{target}{GIT_OF_HELLO}"));
            assert_eq!(fs::read_link(&path).unwrap(), expected);
        }
        // Twice is once.
        assert_eq!(cache.publish(&checksum, COMMIT, file).unwrap(), path);
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_no_file_and_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, checksum) = cache(directory.path());
    fetched(&cache, &checksum);
    let path = cache.publish(&checksum, COMMIT, "f").unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("../../blobs/gone", &path).unwrap();
    assert_eq!(cache.file(COMMIT, "f"), None);
    cache.publish(&checksum, COMMIT, "f").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "hello\n");
}

#[test]
fn where_there_are_no_links_the_contents_get_the_name() {
    let directory = tempfile::tempdir().unwrap();
    let blob = directory.path().join("blob");
    fs::write(&blob, "hello\n").unwrap();
    // No link can be longer.
    let target = PathBuf::from("x".repeat(1 << 17));
    let path = directory.path().join("f");
    link(&target, &path, &blob).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "hello\n");
    assert!(!blob.exists());
}

#[test]
fn a_revision_is_the_commit_that_was_noted() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, _) = cache(directory.path());
    for revision in ["main", "refs/pr/3"] {
        assert_eq!(cache.commit(revision), None);
        cache.note_commit(revision, COMMIT);
        assert_eq!(cache.commit(revision).as_deref(), Some(COMMIT));
        let path = directory
            .path()
            .join("models--timm--b0.ra/refs")
            .join(revision);
        assert_eq!(fs::read_to_string(path).unwrap(), COMMIT);
    }
    assert_eq!(cache.commit(COMMIT).as_deref(), Some(COMMIT), "of itself");
    let path = directory.path().join("models--timm--b0.ra/refs/main");
    fs::write(path, "../../elsewhere").unwrap();
    assert_eq!(cache.commit("main"), None, "no commit, no path");
}

#[test]
fn what_a_commit_lacks_is_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, _) = cache(directory.path());
    assert!(!cache.lacks(COMMIT, "model.safetensors"));
    cache.note_absence(COMMIT, "model.safetensors");
    assert!(cache.lacks(COMMIT, "model.safetensors"));
    assert!(!cache.lacks(COMMIT, "pytorch_model.bin"));
}

#[test]
fn a_cache_that_cannot_be_written_names_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "no directory").unwrap();
    let (cache, checksum) = cache(&file);
    cache.note_commit("main", COMMIT);
    let Err(Problem::Failed(reason)) = cache.lock(&checksum, || ()) else {
        panic!("a lock in a file");
    };
    assert!(reason.contains("cannot be written"), "{reason}");
    assert!(reason.starts_with(file.to_str().unwrap()), "{reason}");
}
