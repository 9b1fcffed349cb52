//! Pages in a headless Chromium: loads them, presses keys, clicks, and reads what there is to see and to hear.
//!
//! The browser is told what to do over the DevTools protocol, as JSON with a zero byte behind each message, on its
//! file descriptors 3 and 4 (`--remote-debugging-pipe`): no port, no socket, and it ends with the test.

use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names of the browser; the variable `CHROMIUM` has precedence.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS: [&str; 7] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // Containers run as root, which the sandbox refuses. The pages are ours.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
];

/// A page in a browser of its own.
pub(crate) struct Page {
    browser: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    /// What happened meanwhile, from the first event on.
    events: VecDeque<Value>,
    session: Option<String>,
    sent: u64,
    address: String,
    /// Removed when the browser has ended.
    _profile: TempDir,
}

/// What is named by a role in the tree that screen readers read.
#[derive(Debug)]
pub(crate) struct Spoken {
    pub(crate) role: String,
    pub(crate) name: String,
}

impl Page {
    /// Loads a file in a window of so many pixels.
    pub(crate) fn open(file: &Path, fragment: &str, size: [u32; 2]) -> Self {
        let mut page = Self::start();
        let path = file.canonicalize().expect("the page is there");
        page.address = format!("file://{}{fragment}", path.display());
        page.resize(size);
        page.load();
        page
    }

    fn start() -> Self {
        let profile = tempfile::tempdir().expect("a temporary directory");
        let name = browser();
        let mut browser = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null", "sh"])
            .arg(&name)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let commands = browser.stdin.take().expect("it is piped");
        let answers = browser.stdout.take().expect("it is piped");
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let message = message.ok().map(|bytes| serde_json::from_slice(&bytes));
                let Some(Ok(message)) = message else { return };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut page = Self {
            browser,
            commands,
            messages,
            events: VecDeque::new(),
            session: None,
            sent: 0,
            address: String::new(),
            _profile: profile,
        };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = page.call("Target.attachToTarget", attach);
        page.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page
    }

    /// Loads the page again.
    pub(crate) fn load(&mut self) {
        // Another page in between: a fragment alone would not load it.
        for address in ["about:blank".to_owned(), self.address.clone()] {
            self.events
                .retain(|event| event["method"] != "Page.loadEventFired");
            let answer = self.call("Page.navigate", json!({ "url": address }));
            assert_eq!(answer["errorText"], Value::Null, "{address}");
            self.wait_for("Page.loadEventFired");
        }
    }

    pub(crate) fn resize(&mut self, [width, height]: [u32; 2]) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// `light` or `dark`, as the reader likes it better.
    pub(crate) fn prefer(&mut self, theme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    pub(crate) fn allow_scripts(&mut self, allowed: bool) {
        let disabled = json!({ "value": !allowed });
        self.call("Emulation.setScriptExecutionDisabled", disabled);
    }

    /// The value of a JavaScript expression.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let arguments = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", arguments);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    #[track_caller]
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("{expression} is no text but {value}"))
    }

    #[track_caller]
    pub(crate) fn number(&mut self, expression: &str) -> f64 {
        let value = self.value(expression);
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{expression} is no number but {value}"))
    }

    /// Comes back when an expression is true.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.value(expression) != true {
            assert!(Instant::now() < deadline, "never: {expression}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses and releases a key, given by its name in JavaScript.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "End" => (35, ""),
            "Home" => (36, ""),
            "ArrowLeft" => (37, ""),
            "ArrowUp" => (38, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            letter => (0, letter),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types a text into what has the focus.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Clicks with the mouse into the middle of an element, which has to be in the window.
    #[track_caller]
    pub(crate) fn click(&mut self, element: &str) {
        let place = format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const box = element.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let place = self.value(&place);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// What screen readers find, in order.
    pub(crate) fn spoken(&mut self) -> Vec<Spoken> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("nodes").iter();
        let nodes = nodes.filter(|node| node["ignored"] == false);
        let text = |value: &Value| {
            value["value"]
                .as_str()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        nodes
            .map(|node| Spoken {
                role: text(&node["role"]),
                name: text(&node["name"]),
            })
            .collect()
    }

    /// Whatever the page complained about, and what it asked the network for.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // All events until now are there when this is answered.
        self.value("0");
        let own = self
            .address
            .split('#')
            .next()
            .unwrap_or_default()
            .to_owned();
        let complaint = |event: &Value| {
            let told = &event["params"];
            let is_complaint = match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => told["type"] != "log",
                "Log.entryAdded" => told["entry"]["level"] != "verbose",
                "Network.requestWillBeSent" => {
                    let address = told["request"]["url"].as_str().unwrap_or_default();
                    address != own && address != "about:blank"
                }
                _ => false,
            };
            is_complaint.then(|| event.to_string())
        };
        self.events.iter().filter_map(complaint).collect()
    }

    #[track_caller]
    fn call(&mut self, method: &str, arguments: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": arguments });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes);
        sent.and_then(|()| self.commands.flush())
            .expect("the browser runs");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.receive(deadline, method);
            match message["id"] == self.sent {
                true if message["error"].is_null() => return message["result"].clone(),
                true => panic!("{method}: {}", message["error"]),
                false => self.events.push_back(message),
            }
        }
    }

    fn wait_for(&mut self, event: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.events.iter().any(|known| known["method"] == event) {
            let message = self.receive(deadline, event);
            self.events.push_back(message);
        }
    }

    #[track_caller]
    fn receive(&self, deadline: Instant, what: &str) -> Value {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = self.messages.recv_timeout(left);
        message.unwrap_or_else(|error| panic!("{what}: the browser says nothing: {error}"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

/// The first browser that there is.
fn browser() -> String {
    if let Ok(name) = env::var("CHROMIUM") {
        return name;
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&folders).collect();
    let is_there = |name: &&&str| folders.iter().any(|folder| folder.join(name).is_file());
    let found = NAMES.iter().find(is_there);
    let found = found.expect("a browser: install Debian's package chromium, or set CHROMIUM");
    (*found).to_owned()
}
