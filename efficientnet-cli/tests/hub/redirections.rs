//! Files come from elsewhere, which must not see the token.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::fake::{COMMIT, FILE, Fault, Home, Hub, checkpoint, contents, described};
use crate::server::{Cut, Reply, Server};

/// A server of contents alone, whose answers go wrong.
fn store(faults: impl IntoIterator<Item = Fault>) -> Server {
    let faults: Mutex<VecDeque<Fault>> = Mutex::new(faults.into_iter().collect());
    let bytes = checkpoint();
    Server::start(move |request| {
        let fault = faults.lock().expect("no test panicked with it").pop_front();
        match fault {
            Some(Fault::Instead(reply)) => reply,
            fault => contents(Reply::new(200), &bytes, request, fault),
        }
    })
}

/// A hub that sends everybody to an address for contents.
fn hub_before(address: String) -> Server {
    let bytes = checkpoint();
    Server::start(move |_| described(302, COMMIT, &bytes).with("location", &address))
}

#[test]
fn another_host_sends_the_file_and_does_not_see_the_token() {
    let store = store([Fault::Cut(1000, Cut::Close)]);
    let hub = hub_before(format!("{}/bucket?signature=1", store.url("127.0.0.1")));
    let home = Home::at(&hub.url("localhost")).set("HF_TOKEN", "hf_secret");
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
    for request in hub.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer hf_secret"));
    }
    let requests = store.requests();
    let methods: Vec<&str> = requests
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    assert_eq!(
        methods,
        ["GET", "GET"],
        "the hub's answer says all there is to ask"
    );
    for request in &requests {
        assert_eq!(request.path, "/bucket?signature=1");
        assert_eq!(request.header("authorization"), None);
    }
    assert_eq!(requests[1].header("range"), Some("bytes=1000-"));
}

/// Another port is another server.
#[test]
fn nor_does_another_port() {
    let store = store([]);
    let hub = hub_before(store.url("127.0.0.1"));
    let home = Home::at(&hub.url("127.0.0.1")).set("HF_TOKEN", "hf_secret");
    home.inspect("hub:timm/tiny").success();
    let requests = store.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), None);
}

/// A repository that was renamed.
#[test]
fn the_hub_itself_sends_on_with_the_token() {
    let hub = Hub::new();
    let moved = |revision: &str| {
        let path = format!("/timm/tiny/resolve/{revision}/{FILE}");
        Fault::Instead(Reply::new(307).with("location", path))
    };
    hub.asks_go_wrong([moved("main")]);
    hub.gets_go_wrong([moved(COMMIT)]);
    let home = Home::of(&hub).set("HF_TOKEN", "hf_secret");
    home.inspect("hub:timm/old").success();
    let requests = hub.server.requests();
    let paths: Vec<&str> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    let expected = [
        "old/resolve/main",
        "tiny/resolve/main",
        "old/resolve/1",
        "tiny/resolve/1",
    ];
    for (path, expected) in paths.iter().zip(expected) {
        assert!(path.starts_with(&format!("/timm/{expected}")), "{path}");
    }
    assert_eq!(paths.len(), expected.len());
    for request in requests {
        assert_eq!(request.header("authorization"), Some("Bearer hf_secret"));
    }
}

/// Permission to read from elsewhere is for a while; the hub gives a new one.
#[test]
fn a_permission_that_is_over_is_asked_for_again() {
    let store = store([
        Fault::Cut(1000, Cut::Close),
        Fault::Instead(Reply::new(403)),
    ]);
    let hub = hub_before(store.url("127.0.0.1"));
    let home = Home::at(&hub.url("localhost"));
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
    let gets = hub
        .requests()
        .iter()
        .filter(|request| request.method == "GET")
        .count();
    assert_eq!(gets, 3);
}

#[test]
fn a_circle_is_left() {
    let hub = Server::start(|request| Reply::new(302).with("location", &request.path));
    let outcome = Home::at(&hub.url("127.0.0.1")).inspect("hub:timm/tiny");
    outcome.complains(
        1,
        &["/timm/tiny/resolve/main/", "redirected more than 10 times"],
    );
}
