//! What the hub does not give, and what is said then.

use crate::fake::{Fault, Home, Hub, missing};
use crate::server::{Reply, Server};

/// A hub that has one answer.
fn only(reply: Reply) -> Server {
    Server::start(move |_| reply.clone())
}

fn coded(status: u16, code: &str, message: &str) -> Reply {
    let reply = Reply::new(status).with("x-error-message", message);
    match code {
        "" => reply,
        code => reply.with("x-error-code", code),
    }
}

#[test]
fn a_refusal_is_one_line_that_says_what_to_do() {
    let cases: [(Reply, &str, &[&str]); 9] = [
        (
            coded(404, "RepoNotFound", ""),
            "",
            &["/timm/tiny is no repository (404)", "set HF_TOKEN"],
        ),
        (
            coded(401, "RepoNotFound", ""),
            "",
            &["/timm/tiny is no repository (401)", "set HF_TOKEN"],
        ),
        (
            coded(401, "RepoNotFound", ""),
            "hf_x",
            &["no repository", "token of HF_TOKEN"],
        ),
        (
            coded(404, "RevisionNotFound", ""),
            "",
            &["no revision `main`", "@REVISION"],
        ),
        (
            coded(404, "EntryNotFound", ""),
            "",
            &["no model.safetensors or pytorch_model.bin", "/FILE"],
        ),
        (
            coded(401, "GatedRepo", ""),
            "",
            &["gated (401)", "accept its terms", "set HF_TOKEN"],
        ),
        (
            coded(403, "GatedRepo", ""),
            "hf_x",
            &["gated (403)", "token of HF_TOKEN"],
        ),
        (
            coded(401, "", "Invalid credentials"),
            "hf_x",
            &["401 (Invalid credentials)", "is not taken"],
        ),
        (
            coded(403, "", "Not in your region"),
            "",
            &["403 (Not in your region)", "set HF_TOKEN"],
        ),
    ];
    for (reply, token, parts) in cases {
        let hub = only(reply);
        let home = Home::at(&hub.url("127.0.0.1")).set("HF_TOKEN", token);
        let outcome = home.inspect("hub:timm/tiny");
        assert!(!outcome.stderr.contains("hf_x"), "{}", outcome.stderr);
        let parts = [&["hub:timm/tiny: "], parts].concat();
        outcome.complains(2, &parts);
        assert!(!home.cached("blobs").exists());
    }
}

#[test]
fn other_revisions_and_files_are_named() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    home.inspect("hub:timm/tiny@v1").success();
    home.inspect("hub:timm/tiny@refs/pr/1").success();
    home.inspect("hub:timm/tiny@v2")
        .complains(2, &["hub:timm/tiny@v2: ", "no revision `v2`"]);
    let outcome = home.inspect("hub:timm/tiny@v1/a/b c.h5");
    outcome.complains(2, &["no file a/b c.h5 at revision v1"]);
    let last = hub.server.requests().pop().expect("a request");
    assert_eq!(last.path, "/timm/tiny/resolve/v1/a/b%20c.h5");
    home.inspect("hub:timm/other")
        .complains(2, &["/timm/other is no repository"]);
}

#[test]
fn what_is_no_hub_is_said_to_be_none() {
    let page = Reply::new(200).body("<html>Log in to the hotel's network</html>");
    let with_commit = Reply::new(200).with("x-repo-commit", crate::fake::COMMIT);
    for (reply, part) in [
        (page, "no commit"),
        (with_commit.clone(), "no checksum"),
        (with_commit.with("etag", "\"../../x\""), "no checksum"),
        (Reply::new(200).with("x-repo-commit", "../x"), "no commit"),
    ] {
        let hub = only(reply);
        let outcome = Home::at(&hub.url("127.0.0.1")).inspect("hub:timm/tiny");
        outcome.complains(1, &[part, "no model hub", "HF_ENDPOINT"]);
    }
}

#[test]
fn servers_words_stay_in_the_line() {
    let long = "word ".repeat(1000);
    let hub = only(coded(400, "", &long));
    let outcome = Home::at(&hub.url("127.0.0.1")).inspect("hub:timm/tiny");
    assert!(outcome.stderr.len() < 500, "{}", outcome.stderr);
    outcome.complains(1, &["400"]);
}

#[test]
fn a_wrong_reference_is_a_mistake_before_anything_is_asked() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    for reference in [
        "hub:",
        "hub:timm",
        "hub:timm/../x",
        "hub:timm/tiny@",
        "hub:timm/tiny/",
    ] {
        let complaint = home.inspect(reference).failure(2);
        assert!(complaint.contains(reference), "{complaint}");
        assert!(
            complaint.contains("hub:OWNER/NAME[@REVISION][/FILE]"),
            "{complaint}"
        );
    }
    assert_eq!(hub.counts(), (0, 0));
    // A file can have such a name.
    let outcome = home.inspect("./hub:timm");
    outcome.complains(2, &["./hub:timm", "cannot be read"]);
}

#[test]
fn the_first_usual_file_that_is_there_is_taken() {
    let hub = Hub::with([("pytorch_model.bin", crate::fake::checkpoint())]);
    let home = Home::of(&hub);
    let text = home.inspect("hub:timm/tiny").success();
    assert!(text.contains("pytorch_model.bin"), "{text}");
    assert_eq!(hub.counts(), (2, 1));
    let commit = format!("hub:timm/tiny@{}", crate::fake::COMMIT);
    home.inspect(&commit).success();
    assert_eq!(hub.counts(), (3, 1), "asked for the file that is not there");
    home.inspect(&commit).success();
    assert_eq!(hub.counts(), (3, 1), "which a commit never gets");
}

#[test]
fn a_file_that_a_branch_has_no_more_is_missing() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    home.inspect("hub:timm/tiny").success();
    hub.asks_go_wrong(vec![Fault::Instead(missing("EntryNotFound")); 2]);
    home.inspect("hub:timm/tiny")
        .complains(2, &["no model.safetensors or"]);
}
