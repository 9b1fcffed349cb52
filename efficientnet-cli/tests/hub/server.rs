//! A small HTTP server that does as it is told, mistakes included.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// A header by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(key, _)| key == name);
        header.map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes of the body that are sent, where it is not all of them, and what happens then.
    cut: Option<(usize, Cut)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// The connection ends.
    Close,
    /// The connection ends, and how much was to come was not said.
    CloseUnannounced,
    /// Nothing more comes, until the other side has enough of it.
    Stall,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: None,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn cut(mut self, bytes: usize, cut: Cut) -> Self {
        self.cut = Some((bytes, cut));
        self
    }

    fn send(&self, stream: &mut TcpStream, is_head: bool) -> std::io::Result<()> {
        let mut head = format!(
            "HTTP/1.1 {} Some Reason\r\nConnection: close\r\n",
            self.status
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let is_said = self
            .headers
            .iter()
            .any(|(name, _)| name == "content-length");
        if !is_said && !matches!(self.cut, Some((_, Cut::CloseUnannounced))) {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        if is_head {
            return Ok(());
        }
        match self.cut {
            None => stream.write_all(&self.body),
            Some((bytes, cut)) => {
                stream.write_all(&self.body[..bytes])?;
                match cut {
                    Cut::Close | Cut::CloseUnannounced => Ok(()),
                    Cut::Stall => stream.read(&mut [0]).map(drop),
                }
            }
        }
    }
}

/// A server on a port of its own, for as long as the test runs.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { address, requests }
    }

    /// Its address, under a name of this machine.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}", self.address.port())
    }

    /// What it was asked for until now.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .expect("no test panicked with it")
            .clone()
    }
}

/// One request and its answer; a client that goes away is no mistake.
fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request) -> Reply + Send + Sync),
) {
    let Some(request) = read(&stream) else {
        let _ = Reply::new(400).send(&mut stream, false);
        return;
    };
    seen.lock()
        .expect("no test panicked with it")
        .push(request.clone());
    let is_head = request.method == "HEAD";
    let reply = answer(&request);
    if request.method == "CONNECT" && reply.status == 200 {
        let _ = tunnel(stream, &reply);
    } else {
        let _ = reply.send(&mut stream, is_head);
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
    Some(Request {
        method,
        path,
        headers: headers.collect(),
    })
}

/// A proxy's work: bytes to and fro between the client and the address in the reply's body.
fn tunnel(mut client: TcpStream, reply: &Reply) -> std::io::Result<()> {
    let address = String::from_utf8_lossy(&reply.body).into_owned();
    let mut server = TcpStream::connect(address)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(std::net::Shutdown::Both)
}
