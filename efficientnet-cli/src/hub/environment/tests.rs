use super::*;

fn with(pairs: &[(&str, &str)]) -> Result<Environment, Failure> {
    let get = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| value.into())
    };
    Environment::of(&Variables(&get))
}

fn cache(pairs: &[(&str, &str)]) -> PathBuf {
    with(pairs).unwrap().cache
}

#[test]
fn the_cache_is_where_pythons_is() {
    let home = ("HOME", "/home/me");
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[home], "/home/me/.cache/huggingface/hub"),
        (&[home, ("XDG_CACHE_HOME", "/c")], "/c/huggingface/hub"),
        (
            &[home, ("XDG_CACHE_HOME", "")],
            "/home/me/.cache/huggingface/hub",
        ),
        (
            &[home, ("XDG_CACHE_HOME", "/c"), ("HF_HOME", "/h")],
            "/h/hub",
        ),
        (&[home, ("HF_HOME", "~/h")], "/home/me/h/hub"),
        (
            &[home, ("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")],
            "/old",
        ),
        (
            &[
                home,
                ("HUGGINGFACE_HUB_CACHE", "/old"),
                ("HF_HUB_CACHE", "/new"),
            ],
            "/new",
        ),
    ];
    for (pairs, expected) in cases {
        assert_eq!(cache(pairs), Path::new(expected), "{pairs:?}");
    }
}

#[test]
fn the_token_is_a_variable_or_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let home = ("HF_HOME", directory.path().to_str().unwrap());
    let token = |pairs: &[(&str, &str)]| with(pairs).unwrap().token;
    assert_eq!(token(&[home]), None);
    std::fs::write(directory.path().join("token"), "of_file\n").unwrap();
    std::fs::write(directory.path().join("other"), "other").unwrap();
    let other = directory.path().join("other");
    let (file, old, new) = (
        ("HF_TOKEN_PATH", other.to_str().unwrap()),
        ("HUGGING_FACE_HUB_TOKEN", "old"),
        ("HF_TOKEN", " new\n"),
    );
    let never = ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    assert_eq!(token(&[home]).as_deref(), Some("of_file"));
    assert_eq!(token(&[home, file]).as_deref(), Some("other"));
    assert_eq!(token(&[home, file, old]).as_deref(), Some("old"));
    assert_eq!(token(&[home, file, old, new]).as_deref(), Some("new"));
    assert_eq!(token(&[home, file, old, new, never]), None);
}

#[test]
fn words_and_seconds_are_read_as_python_reads_them() {
    let home = ("HF_HOME", "/nowhere");
    for (value, expected) in [
        ("1", true),
        ("yes", true),
        ("True", true),
        ("0", false),
        ("", false),
    ] {
        assert_eq!(
            with(&[home, ("HF_HUB_OFFLINE", value)]).unwrap().offline,
            expected,
            "{value}"
        );
    }
    let read = with(&[
        home,
        ("HF_HUB_DOWNLOAD_TIMEOUT", "0.5"),
        ("HF_HUB_ETAG_TIMEOUT", "0"),
    ]);
    let read = read.unwrap();
    assert_eq!(read.download_timeout, Duration::from_millis(500));
    assert_eq!(read.answer_timeout, TIMEOUT);
    assert_eq!(read.endpoint, ENDPOINT);
    let mirror = with(&[home, ("HF_ENDPOINT", "http://mirror:8080/")]).unwrap();
    assert_eq!(mirror.endpoint, "http://mirror:8080");
}

#[test]
fn a_wrong_value_is_a_mistake_that_names_the_variable() {
    let home = ("HF_HOME", "/nowhere");
    for (name, value) in [
        ("HF_ENDPOINT", "huggingface.example"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "soon"),
        ("HF_HUB_ETAG_TIMEOUT", "-1"),
        ("HF_TOKEN", "two words"),
        ("HTTPS_PROXY", "ftp://proxy"),
    ] {
        let Err(Failure::Mistake(reason)) = with(&[home, (name, value)]) else {
            panic!("{name}={value} is taken");
        };
        assert!(reason.starts_with(name), "{reason}");
        assert_eq!(
            reason.contains(value),
            name != "HF_TOKEN" && name != "HTTPS_PROXY",
            "{reason}"
        );
    }
}
