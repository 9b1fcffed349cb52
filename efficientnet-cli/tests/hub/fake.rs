//! A hub with one repository, `timm/tiny`, and a cache directory for its files.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ring::digest::{SHA256, digest};

use crate::common::{self, Files, Outcome};
use crate::server::{Cut, Reply, Request, Server};

pub(crate) const COMMIT: &str = "1111111111111111111111111111111111111111";
pub(crate) const NEXT: &str = "2222222222222222222222222222222222222222";
pub(crate) const FILE: &str = "model.safetensors";

/// One checkpoint, large enough to come in pieces.
pub(crate) fn checkpoint() -> Vec<u8> {
    let files = Files::new();
    let path = files.checkpoint(
        "x.safetensors",
        &[("some.weight".to_owned(), vec![100, 1000])],
    );
    std::fs::read(path).expect("it was written")
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in digest(&SHA256, bytes).as_ref() {
        write!(hex, "{byte:02x}").expect("text takes all");
    }
    hex
}

/// How an answer goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The body ends, or stalls, after so many bytes.
    Cut(usize, Cut),
    /// The body is all of the file, whatever was asked for.
    NoRange,
    /// The body is from another offset than asked for.
    WrongRange,
    /// A bit is another.
    Damage,
    /// There is more than was said.
    Longer,
    /// Another answer altogether.
    Instead(Reply),
}

/// What the repository is, and what goes wrong next.
struct State {
    commit: String,
    files: BTreeMap<String, Vec<u8>>,
    asks: VecDeque<Fault>,
    gets: VecDeque<Fault>,
}

pub(crate) struct Hub {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
}

impl Hub {
    /// A hub with one checkpoint, [`FILE`].
    pub(crate) fn new() -> Self {
        Self::with([(FILE, checkpoint())])
    }

    pub(crate) fn with<const N: usize>(files: [(&str, Vec<u8>); N]) -> Self {
        let state = Arc::new(Mutex::new(State {
            commit: COMMIT.to_owned(),
            files: files.map(|(name, bytes)| (name.to_owned(), bytes)).into(),
            asks: VecDeque::new(),
            gets: VecDeque::new(),
        }));
        let of_server = Arc::clone(&state);
        let server = Server::start(move |request| {
            of_server
                .lock()
                .expect("no test panicked with it")
                .answer(request)
        });
        Self { server, state }
    }

    /// What goes wrong with the next requests for contents, one after the other.
    pub(crate) fn gets_go_wrong(&self, faults: impl IntoIterator<Item = Fault>) {
        self.change(|state| state.gets.extend(faults));
    }

    /// What goes wrong with the next questions about files, one after the other.
    pub(crate) fn asks_go_wrong(&self, faults: impl IntoIterator<Item = Fault>) {
        self.change(|state| state.asks.extend(faults));
    }

    /// The branch moves to another commit with these files.
    pub(crate) fn moves_to<const N: usize>(&self, commit: &str, files: [(&str, Vec<u8>); N]) {
        self.change(|state| {
            state.commit = commit.to_owned();
            state.files = files.map(|(name, bytes)| (name.to_owned(), bytes)).into();
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("no test panicked with it"));
    }

    /// The ranges of all requests for contents.
    #[track_caller]
    pub(crate) fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.server.requests().into_iter();
        let gets = requests.filter(|request| request.method == "GET");
        gets.map(|request| request.header("range").map(str::to_owned))
            .collect()
    }

    /// How often it was asked about files, and for contents.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let requests = self.server.requests();
        let count = |method| {
            requests
                .iter()
                .filter(|request| request.method == method)
                .count()
        };
        (count("HEAD"), count("GET"))
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        let is_ask = request.method == "HEAD";
        let fault = match is_ask {
            true => self.asks.pop_front(),
            false => self.gets.pop_front(),
        };
        if let Some(Fault::Instead(reply)) = fault {
            return reply;
        }
        let Some((repository, rest)) = request.path.split_once("/resolve/") else {
            return missing("RepoNotFound");
        };
        let (revision, file) = rest.split_once('/').expect("a revision and a file");
        if repository != "/timm/tiny" {
            return missing("RepoNotFound");
        }
        if !["main", "v1", "refs%2Fpr%2F1", COMMIT, NEXT].contains(&revision) {
            return missing("RevisionNotFound");
        }
        let Some(bytes) = self.files.get(file) else {
            return missing("EntryNotFound");
        };
        let reply = described(200, &self.commit, bytes);
        match is_ask {
            true => reply.with("content-length", bytes.len()),
            false => contents(reply, bytes, request, fault),
        }
    }
}

/// An answer that says what a file is, as the hub says it of large ones.
pub(crate) fn described(status: u16, commit: &str, bytes: &[u8]) -> Reply {
    Reply::new(status)
        .with("x-repo-commit", commit)
        .with("x-linked-etag", format!("\"{}\"", sha256(bytes)))
        .with("x-linked-size", bytes.len())
        .with("etag", "\"0123-of-a-pointer\"")
}

/// Contents from where they are asked for, with what goes wrong.
pub(crate) fn contents(
    reply: Reply,
    bytes: &[u8],
    request: &Request,
    fault: Option<Fault>,
) -> Reply {
    let range = request.header("range").and_then(|range| {
        let first = range.strip_prefix("bytes=")?.strip_suffix('-')?;
        first.parse::<usize>().ok()
    });
    let first = match (range, &fault) {
        (Some(_), Some(Fault::WrongRange)) => Some(0),
        (_, Some(Fault::NoRange)) => None,
        (range, _) => range,
    };
    let reply = match first {
        None => reply.body(bytes),
        Some(first) => {
            let (last, all) = (bytes.len() - 1, bytes.len());
            let range = format!("bytes {first}-{last}/{all}");
            Reply::new(206)
                .with("content-range", range)
                .body(&bytes[first..])
        }
    };
    let sent = &bytes[first.unwrap_or(0)..];
    match fault {
        Some(Fault::Cut(bytes, cut)) => reply.cut(bytes, cut),
        Some(Fault::Damage) => {
            let mut damaged = sent.to_vec();
            damaged[1000] ^= 1;
            reply.body(damaged)
        }
        Some(Fault::Longer) => reply.body([sent, b"more"].concat()),
        _ => reply,
    }
}

pub(crate) fn missing(code: &str) -> Reply {
    Reply::new(404)
        .with("x-error-code", code)
        .with("x-error-message", "Not here")
}

/// A cache directory, and commands that use it.
pub(crate) struct Home {
    pub(crate) files: Files,
    variables: Vec<(String, String)>,
}

/// Variables that would lead out of the test.
const FOREIGN: [&str; 20] = [
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE",
    "HF_HUB_ETAG_TIMEOUT",
    "HF_HUB_DOWNLOAD_TIMEOUT",
    "SSL_CERT_FILE",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "XDG_CACHE_HOME",
];

impl Home {
    /// An empty one, whose hub is at an address.
    pub(crate) fn at(endpoint: &str) -> Self {
        let files = Files::new();
        let variables = [
            ("HF_HOME", files.path("home")),
            ("HF_ENDPOINT", endpoint.to_owned()),
        ];
        Self {
            files,
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        }
    }

    pub(crate) fn of(hub: &Hub) -> Self {
        Self::at(&hub.server.url("127.0.0.1"))
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(key, _)| key != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = common::command(arguments);
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self
            .command(arguments)
            .output()
            .expect("the command starts");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }

    /// Has a file fetched, and a look taken at it.
    pub(crate) fn inspect(&self, reference: &str) -> Outcome {
        self.run(&["weights", "inspect", reference])
    }

    /// A path in the repository's part of the cache.
    pub(crate) fn cached(&self, path: &str) -> PathBuf {
        let repository = "home/hub/models--timm--tiny";
        PathBuf::from(self.files.path(&format!("{repository}/{path}")))
    }

    /// The file of the first commit, as the cache has it.
    #[track_caller]
    pub(crate) fn fetched(&self) -> Vec<u8> {
        let path = self.cached(&format!("snapshots/{COMMIT}/{FILE}"));
        std::fs::read(path).expect("it is in the cache")
    }

    /// Names of all contents, whole and partial.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.cached("blobs"))
            .into_iter()
            .flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("readable").file_name())
            .map(|name| name.into_string().expect("names are text"))
            .collect();
        names.sort();
        names
    }
}
