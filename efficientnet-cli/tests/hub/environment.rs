//! Variables that people know from other programs.

use crate::fake::{COMMIT, FILE, Home, Hub, checkpoint};
use crate::server::{Reply, Server};

/// A proxy that leads everybody to one server.
fn proxy(to: &Hub) -> Server {
    let address = to.server.url("127.0.0.1").replace("http://", "");
    Server::start(move |request| match request.method.as_str() {
        "CONNECT" => Reply::new(200).body(address.clone()),
        _ => Reply::new(405),
    })
}

#[test]
fn the_token_is_sent_to_the_hub() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    std::fs::create_dir_all(home.files.path("home")).expect("made");
    home.inspect("hub:timm/tiny").success();
    home.files.write("home/token", "hf_of_login\n");
    home.inspect("hub:timm/tiny").success();
    let home = home.set("HF_TOKEN", "hf_given");
    home.inspect("hub:timm/tiny").success();
    let requests = hub.server.requests();
    let asks = requests.iter().filter(|request| request.method == "HEAD");
    let tokens: Vec<Option<&str>> = asks
        .map(|request| request.header("authorization"))
        .collect();
    assert_eq!(
        tokens,
        [None, Some("Bearer hf_of_login"), Some("Bearer hf_given")]
    );
    for request in &requests {
        let agent = request.header("user-agent").expect("a name");
        assert!(agent.starts_with("efficientnet/"), "{agent}");
    }
}

#[test]
fn a_proxy_leads_to_the_hub() {
    let hub = Hub::new();
    let proxy = proxy(&hub);
    let home = Home::at("http://hub.invalid").set("http_proxy", &proxy.url("me:secret@127.0.0.1"));
    home.inspect("hub:timm/tiny").success();
    assert_eq!(home.fetched(), checkpoint());
    let requests = proxy.requests();
    assert_eq!(requests[0].path, "hub.invalid:80");
    // `printf me:secret | base64`
    let credentials = requests[0].header("proxy-authorization");
    assert_eq!(credentials, Some("Basic bWU6c2VjcmV0"));
    assert_eq!(hub.server.requests()[0].header("proxy-authorization"), None);
}

#[test]
fn all_proxy_and_no_proxy() {
    let hub = Hub::new();
    let proxy = proxy(&hub);
    let home = Home::of(&hub).set("ALL_PROXY", &proxy.url("127.0.0.1"));
    home.inspect("hub:timm/tiny").success();
    let used = proxy.requests().len();
    assert!(used > 0);
    let home = home.set("NO_PROXY", "elsewhere.org,127.0.0.1");
    home.inspect("hub:timm/tiny").success();
    assert_eq!(proxy.requests().len(), used, "the hub is asked directly");
}

#[test]
fn a_proxy_that_does_not_work_is_named() {
    let refuses = Server::start(|_| Reply::new(407));
    let addresses = [
        "http://me:secret@127.0.0.1:1".to_owned(),
        refuses.url("me:secret@127.0.0.1"),
    ];
    for address in addresses {
        let home = Home::at("http://hub.invalid").set("HTTP_PROXY", &address);
        let outcome = home.inspect("hub:timm/tiny");
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
        outcome.complains(1, &["hub.invalid cannot be reached", "proxy 127.0.0.1:"]);
    }
    let home = Home::at("http://hub.invalid").set("HTTP_PROXY", "ftp://x");
    home.inspect("hub:timm/tiny")
        .complains(2, &["HTTP_PROXY", "http://proxy:3128"]);
}

#[test]
fn the_cache_is_where_it_is_said_to_be() {
    let hub = Hub::new();
    let home = Home::of(&hub);
    let cache = home.files.path("elsewhere");
    let home = home.set("HF_HUB_CACHE", &cache);
    let text = home.inspect("hub:timm/tiny").success();
    let path = format!("{cache}/models--timm--tiny/snapshots/{COMMIT}/{FILE}");
    assert!(text.contains(&path), "{text}");
    assert!(!home.cached("").exists());
}

/// TLS is there, and takes no server without it.
#[test]
fn a_server_without_tls_is_no_https() {
    let hub = Hub::new();
    let home = Home::at(&hub.server.url("127.0.0.1").replace("http", "https"));
    let outcome = home.inspect("hub:timm/tiny");
    outcome.complains(1, &["no secure connection", "HF_ENDPOINT", "SSL_CERT_FILE"]);
}

#[test]
fn wrong_values_are_mistakes() {
    let hub = Hub::new();
    for (name, value) in [
        ("HF_ENDPOINT", "hub"),
        ("HF_ENDPOINT", "http://"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "soon"),
        ("HF_TOKEN", "two words"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
    ] {
        let home = Home::of(&hub).set(name, value);
        home.inspect("hub:timm/tiny").complains(2, &[name]);
    }
    assert_eq!(hub.counts(), (0, 0));
}
