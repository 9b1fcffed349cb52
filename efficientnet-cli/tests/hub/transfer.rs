//! A file arrives whole, or there is one line that says why not.

use crate::fake::{FILE, Fault, Home, Hub, checkpoint, missing, sha256};
use crate::server::{Cut, Reply};

/// What gets to the other side of a break.
const PART: usize = 100_000;

/// A server's error, after which one may come back at once.
fn busy(status: u16) -> Fault {
    Fault::Instead(Reply::new(status).with("retry-after", 0))
}

/// Runs against a hub whose answers go wrong, and the file is right all the same.
#[track_caller]
fn arrives(home: &Home, hub: &Hub, ranges: &[Option<&str>]) {
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
    assert_eq!(
        home.blobs(),
        [sha256(&checkpoint())],
        "nothing partial is left"
    );
    let found = hub.ranges();
    let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
    assert_eq!(found, ranges);
}

#[test]
fn a_file_is_fetched_once() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let first = home.inspect("hub:timm/tiny").success();
    assert!(first.contains("safetensors"), "{first}");
    assert_eq!(hub.counts(), (1, 1));
    assert_eq!(home.inspect("hub:timm/tiny").success(), first);
    assert_eq!(hub.counts(), (2, 1), "asked again, not fetched again");
    let named = format!("hub:timm/tiny@main/{FILE}");
    assert_eq!(home.inspect(&named).success(), first);
    assert_eq!(hub.counts(), (3, 1));
    assert_eq!(home.fetched(), checkpoint());
}

#[test]
fn what_is_cut_off_goes_on_where_it_ended() {
    let hub = Hub::new();
    hub.gets_go_wrong([
        Fault::Cut(PART, Cut::Close),
        Fault::Cut(PART, Cut::CloseUnannounced),
    ]);
    arrives(
        &Home::of(&hub),
        &hub,
        &[None, Some("bytes=100000-"), Some("bytes=200000-")],
    );
}

#[test]
fn what_stalls_goes_on_where_it_ended() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(PART, Cut::Stall)]);
    let home = Home::of(&hub).set("HF_HUB_DOWNLOAD_TIMEOUT", "3");
    arrives(&home, &hub, &[None, Some("bytes=100000-")]);
}

#[test]
fn a_server_that_ignores_ranges_sends_all_again() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(PART, Cut::Close), Fault::NoRange]);
    arrives(&Home::of(&hub), &hub, &[None, Some("bytes=100000-")]);
}

#[test]
fn a_range_that_was_not_asked_for_begins_anew() {
    for fault in [Fault::WrongRange, Fault::Instead(Reply::new(416))] {
        let hub = Hub::new();
        hub.gets_go_wrong([Fault::Cut(PART, Cut::Close), fault]);
        arrives(&Home::of(&hub), &hub, &[None, Some("bytes=100000-"), None]);
    }
}

#[test]
fn errors_of_the_server_pass() {
    let hub = Hub::new();
    hub.asks_go_wrong([busy(500), busy(429), busy(503)]);
    hub.gets_go_wrong([busy(502), Fault::Cut(0, Cut::Close), busy(429)]);
    arrives(&Home::of(&hub), &hub, &[None, None, None, None]);
    assert_eq!(hub.counts(), (4, 4));
}

#[test]
fn errors_of_the_server_that_stay_are_one_line() {
    let hub = Hub::new();
    hub.asks_go_wrong(vec![busy(500); 9]);
    let home = Home::of(&hub);
    let address = format!(
        "{}/timm/tiny/resolve/main/{FILE}",
        hub.server.url("127.0.0.1")
    );
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(1, &["hub:timm/tiny: ", &address, "500", "5 tries", "later"]);
    assert_eq!(hub.counts(), (5, 0));
}

/// The second command goes on where the first had to give up.
#[test]
fn what_has_come_is_kept_for_the_next_run() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(PART, Cut::Close)]);
    hub.gets_go_wrong(vec![busy(500); 4]);
    let home = Home::of(&hub);
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(1, &["hub:timm/tiny: ", "500", "5 tries", "is kept"]);
    assert_eq!(
        home.blobs(),
        [format!("{}.incomplete", sha256(&checkpoint()))]
    );
    assert_eq!(hub.ranges().len(), 5);
    home.inspect("hub:timm/tiny").success();
    assert_eq!(hub.ranges()[5].as_deref(), Some("bytes=100000-"));
    assert_eq!(home.fetched(), checkpoint());
}

/// As many tries as it takes, as long as each gets further.
#[test]
fn a_server_that_always_breaks_is_not_given_up_while_more_comes() {
    let hub = Hub::new();
    hub.gets_go_wrong(vec![Fault::Cut(PART / 2, Cut::Close); 6]);
    let home = Home::of(&hub);
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
    assert_eq!(hub.counts(), (1, 7));
}

#[test]
fn one_that_breaks_and_begins_anew_is_given_up() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Cut(PART, Cut::Close)]);
    hub.gets_go_wrong(vec![Fault::Instead(Reply::new(416)); 99]);
    let home = Home::of(&hub).set("HF_HUB_DOWNLOAD_TIMEOUT", "0.3");
    home.inspect("hub:timm/tiny")
        .complains(1, &["127.0.0.1", "5 tries"]);
    assert_eq!(hub.counts(), (1, 5));
}

#[test]
fn contents_with_another_checksum_are_not_kept() {
    let expected = format!("sha256 {}", sha256(&checkpoint()));
    for fault in [Fault::Damage, Fault::Longer] {
        let hub = Hub::new();
        hub.gets_go_wrong([fault]);
        let home = Home::of(&hub);
        let outcome = home.inspect("hub:timm/tiny");
        outcome.complains(1, &["damaged", &expected, "found sha256 ", "try again"]);
        assert_eq!(home.blobs(), [""; 0]);
        assert!(!home.cached("snapshots").exists());
        assert_eq!(hub.counts(), (1, 1), "the same would come again");
        home.inspect("hub:timm/tiny").success();
        assert_eq!(home.fetched(), checkpoint());
    }
}

/// A part of something else is found out when the rest has come.
#[test]
fn a_part_that_is_damaged_is_not_kept_either() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let part = home.cached(&format!("blobs/{}.incomplete", sha256(&checkpoint())));
    std::fs::create_dir_all(part.parent().expect("blobs")).expect("a directory");
    std::fs::write(&part, "something else").expect("written");
    home.inspect("hub:timm/tiny").complains(1, &["damaged"]);
    assert_eq!(hub.ranges()[0].as_deref(), Some("bytes=14-"));
    home.inspect("hub:timm/tiny").success();
    // One that is longer than the file says by itself that it is none.
    std::fs::remove_dir_all(home.cached("")).expect("removed");
    std::fs::create_dir_all(part.parent().expect("blobs")).expect("a directory");
    std::fs::write(&part, vec![0; checkpoint().len() + 1]).expect("written");
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
}

/// Small files have git's checksum and come as they are.
#[test]
fn a_file_that_git_keeps_has_gits_checksum() {
    // `printf 'hello\n' | git hash-object --stdin`
    let checksum = "ce013625030ba8dba906f756967f9e9ca394464a";
    for (contents, fits) in [("hello\n", true), ("hullo\n", false)] {
        let hub = Hub::with([]);
        let reply = Reply::new(200)
            .with("x-repo-commit", crate::fake::COMMIT)
            .with("etag", format!("\"{checksum}\""));
        hub.asks_go_wrong([Fault::Instead(reply.clone().with("content-length", 6))]);
        hub.gets_go_wrong([Fault::Instead(reply.body(contents))]);
        let home = Home::of(&hub);
        let outcome = home.inspect("hub:timm/tiny/hello.txt");
        match fits {
            // It is whole, and no checkpoint.
            true => outcome.complains(2, &["hello.txt", "no known format"]),
            false => outcome.complains(1, &[&format!("git blob {checksum}")]),
        }
    }
}

#[test]
fn a_file_that_vanishes_before_it_is_fetched_is_missing() {
    let hub = Hub::new();
    hub.gets_go_wrong([Fault::Instead(missing("EntryNotFound"))]);
    let named = format!("hub:timm/tiny/{FILE}");
    Home::of(&hub)
        .inspect(&named)
        .complains(2, &["no file model.safetensors"]);
}
