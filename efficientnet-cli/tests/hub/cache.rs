//! The cache: shared with Python's client, with other processes, and what there is without a network.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::common::{Outcome, command};
use crate::fake::{COMMIT, FILE, Fault, Home, Hub, NEXT, checkpoint, sha256};
use crate::server::{Cut, Reply};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A run that worked and warned.
#[track_caller]
fn warns(outcome: Outcome, parts: &[&str]) {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    for part in parts {
        assert!(
            outcome.stderr.contains(part),
            "`{part}`: {}",
            outcome.stderr
        );
    }
}

#[test]
fn offline_nothing_is_asked() {
    let hub = Hub::new();
    let home = Home::of(&hub).set("HF_HUB_OFFLINE", "1");
    let cache = home.files.path("home/hub");
    home.inspect("hub:timm/tiny").complains(
        1,
        &[
            "hub:timm/tiny: model.safetensors or pytorch_model.bin",
            &cache,
            "HF_HUB_OFFLINE",
        ],
    );
    assert_eq!(hub.counts(), (0, 0));
    let home = home.set("HF_HUB_OFFLINE", "0");
    let first = home.inspect("hub:timm/tiny").success();
    let home = home.set("HF_HUB_OFFLINE", "1");
    assert_eq!(home.inspect("hub:timm/tiny").success(), first);
    assert_eq!(
        home.inspect(&format!("hub:timm/tiny@{COMMIT}")).success(),
        first
    );
    let other = home.inspect("hub:timm/tiny@v1");
    other.complains(1, &["hub:timm/tiny@v1: ", "not in the cache"]);
    assert_eq!(hub.counts(), (1, 1));
}

#[test]
fn without_a_network_what_was_fetched_is_used_with_a_warning() {
    let hub = Hub::new();
    let home = Home::of(&hub).set("HF_ENDPOINT", NOWHERE);
    let cache = home.files.path("home/hub");
    home.inspect("hub:timm/tiny").complains(
        1,
        &[
            "hub:timm/tiny: 127.0.0.1:1 cannot be reached",
            &cache,
            "check the network",
        ],
    );
    let home = home.set("HF_ENDPOINT", &hub.server.url("127.0.0.1"));
    home.inspect("hub:timm/tiny").success();
    hub.asks_go_wrong([Fault::Instead(Reply::new(503))]);
    warns(
        home.inspect("hub:timm/tiny"),
        &["warning: ", "503", "fetched before"],
    );
    assert_eq!(
        hub.counts(),
        (2, 1),
        "asked once, since there is something to use"
    );
    let home = home.set("HF_ENDPOINT", NOWHERE);
    warns(
        home.inspect("hub:timm/tiny"),
        &["warning: 127.0.0.1:1 cannot be reached"],
    );
    let outcome = home.inspect("hub:timm/tiny@v1");
    outcome.complains(1, &["hub:timm/tiny@v1: ", "cannot be reached"]);
}

#[test]
fn a_host_that_is_not_known_is_one_line() {
    let home = Home::at("http://hub.invalid");
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(1, &["hub.invalid cannot be reached", "HF_ENDPOINT"]);
}

#[test]
fn a_hub_that_does_not_answer_is_one_line() {
    let hub = Hub::new();
    let silent = Reply::new(200).body("x").cut(0, Cut::Stall);
    let home = Home::of(&hub).set("HF_HUB_DOWNLOAD_TIMEOUT", "0.2");
    hub.gets_go_wrong(vec![Fault::Instead(silent); 5]);
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(1, &["127.0.0.1", "silent for 200ms", "5 tries"]);
}

#[test]
fn a_commit_in_full_needs_no_question() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let reference = format!("hub:timm/tiny@{COMMIT}");
    home.inspect(&reference).success();
    assert_eq!(hub.counts(), (1, 1));
    home.inspect(&reference).success();
    assert_eq!(hub.counts(), (1, 1));
    assert!(!home.cached("refs").exists(), "it is its own name");
}

#[test]
fn a_branch_that_moves_is_followed() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    home.inspect("hub:timm/tiny").success();
    let main = || fs::read_to_string(home.cached("refs/main")).expect("noted");
    assert_eq!(main(), COMMIT);
    hub.moves_to(NEXT, [(FILE, checkpoint())]);
    home.inspect("hub:timm/tiny").success();
    assert_eq!(
        (main().as_str(), hub.counts()),
        (NEXT, (2, 1)),
        "the same contents"
    );
    let mut other = checkpoint();
    *other.last_mut().expect("bytes") ^= 1;
    hub.moves_to(COMMIT, [("other.safetensors", other.clone())]);
    home.inspect("hub:timm/tiny/other.safetensors").success();
    assert_eq!((main().as_str(), hub.counts()), (COMMIT, (3, 2)));
    let mut blobs = [sha256(&checkpoint()), sha256(&other)];
    blobs.sort();
    assert_eq!(home.blobs(), blobs);
}

#[test]
fn two_processes_fetch_it_once() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(1000, Cut::Close)]);
    let home = Home::of(&hub);
    let start = || {
        let mut command = home.command(&["weights", "inspect", "hub:timm/tiny"]);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().expect("the command starts")
    };
    for child in [start(), start(), start()] {
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    }
    assert_eq!(hub.counts().1, 2, "one of them, in two parts");
    assert_eq!(home.fetched(), checkpoint());
    assert_eq!(home.blobs(), [sha256(&checkpoint())]);
}

/// SIGKILL in the middle: nothing can be cleaned up, and nothing has to be.
#[test]
fn a_killed_process_has_left_what_it_had() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(100_000, Cut::Stall)]);
    let home = Home::of(&hub).set("HF_HUB_DOWNLOAD_TIMEOUT", "600");
    let mut command = home.command(&["weights", "inspect", "hub:timm/tiny"]);
    let mut child = command.spawn().expect("the command starts");
    let partial = home.cached(&format!("blobs/{}.incomplete", sha256(&checkpoint())));
    while fs::metadata(&partial).map_or(0, |metadata| metadata.len()) < 100_000 {
        assert!(
            child.try_wait().expect("its state").is_none(),
            "it still waits"
        );
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    assert!(!home.cached("snapshots").exists());
    home.inspect("hub:timm/tiny").success();
    assert_eq!(hub.ranges(), [None, Some("bytes=100000-".to_owned())]);
    assert_eq!(home.fetched(), checkpoint());
}

/// As `huggingface_hub.hf_hub_download("timm/tiny", "model.safetensors")` leaves it.
#[cfg(unix)]
#[test]
fn what_python_has_fetched_is_not_fetched_again() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let checksum = sha256(&checkpoint());
    let write = |path: &str, bytes: &[u8]| {
        let path = home.cached(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, bytes).expect("written");
    };
    write(&format!("blobs/{checksum}"), &checkpoint());
    write("refs/main", COMMIT.as_bytes());
    let link = home.cached(&format!("snapshots/{COMMIT}/{FILE}"));
    fs::create_dir_all(link.parent().expect("a directory")).expect("made");
    std::os::unix::fs::symlink(format!("../../blobs/{checksum}"), link).expect("linked");
    home.inspect("hub:timm/tiny").success();
    assert_eq!(hub.counts(), (1, 0));
    let home = home.set("HF_HUB_OFFLINE", "1");
    home.inspect("hub:timm/tiny").success();
}

#[cfg(unix)]
#[test]
fn a_cache_that_can_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let hub = Hub::new();
    let home = Home::of(&hub);
    home.inspect("hub:timm/tiny").success();
    let mode = |mode| {
        for path in ["", "refs", "snapshots", "blobs"] {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(home.cached(path), permissions).expect("set");
        }
    };
    mode(0o555);
    home.inspect("hub:timm/tiny").success();
    home.inspect("hub:timm/tiny@v1").success();
    mode(0o755);
}

#[test]
fn a_cache_that_cannot_be_is_one_line() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let file = home.files.write("file", "no directory");
    let home = home.set("HF_HUB_CACHE", &format!("{file}/cache"));
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(
        1,
        &[
            "hub:timm/tiny: ",
            &file,
            "cannot be written",
            "HF_HUB_CACHE",
        ],
    );
}

/// A disk that is full, as a limit of the shell: no file gets longer than 100 blocks.
#[cfg(unix)]
#[test]
fn a_full_disk_is_one_line_and_what_fitted_is_kept() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let inspect = home.command(&["weights", "inspect", "hub:timm/tiny"]);
    let mut limited = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
    limited
        .args(["-c", script])
        .arg(inspect.get_program())
        .args(inspect.get_args());
    for (name, value) in inspect.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let output = limited.output().expect("the shell starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains(".incomplete: cannot be written"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    home.inspect("hub:timm/tiny").success();
    let ranges = hub.ranges();
    assert!(ranges.len() == 2 && ranges[1].is_some(), "{ranges:?}");
    assert_eq!(home.fetched(), checkpoint());
}

#[test]
fn files_of_this_machine_need_no_hub() {
    let home = Home::at("no address at all");
    let file = home.files.write("x.safetensors", checkpoint());
    home.inspect(&file).success();
    let outcome = command(&["weights", "inspect", &file])
        .output()
        .expect("starts");
    assert_eq!(outcome.status.code(), Some(0));
}
