//! Requests to the hub, and where it sends them on to.

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use ureq::http::{Method, Request, Response, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error, Timeout};

use super::environment::Environment;
use super::problem::Problem;

/// Redirections before it is called a circle.
const REDIRECTIONS: u32 = 10;
const USER_AGENT: &str = concat!("efficientnet/", env!("CARGO_PKG_VERSION"));

/// A client of the hub.
pub(super) struct Client<'a> {
    agent: Agent,
    /// The hub's own address.
    endpoint: Uri,
    environment: &'a Environment,
}

/// An answer, and whose it is.
pub(super) struct Answer {
    pub(super) address: Uri,
    pub(super) response: Response<Body>,
}

impl Answer {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// A header's number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }
}

impl<'a> Client<'a> {
    pub(super) fn new(environment: &'a Environment) -> Result<Self, Problem> {
        let endpoint = &environment.endpoint;
        let mut tls = TlsConfig::builder();
        if let Some(roots) = certificates(environment)? {
            tls = tls.root_certs(roots);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // They are followed here: who may see the token depends on where they lead.
            .max_redirects(0)
            .proxy(None)
            .tls_config(tls.build())
            .user_agent(USER_AGENT);
        Ok(Self {
            agent: config.build().new_agent(),
            endpoint: parse(endpoint).map_err(|_| {
                Problem::Refused(format!("HF_ENDPOINT: `{endpoint}` is no address"))
            })?,
            environment,
        })
    }

    /// Asks about a file. A redirection to another host is the answer: the hub has said all it knows.
    pub(super) fn ask(&self, address: &str) -> Result<Answer, Problem> {
        let timeout = self.environment.answer_timeout;
        self.follow(&Method::HEAD, address, None, timeout, |next| {
            self.is_hub(next)
        })
    }

    /// Asks for a file from an offset on.
    pub(super) fn get(&self, address: &str, offset: u64) -> Result<Answer, Problem> {
        let range = (offset > 0).then(|| format!("bytes={offset}-"));
        let timeout = self.environment.download_timeout;
        self.follow(&Method::GET, address, range.as_deref(), timeout, |_| true)
    }

    /// How long a server may be silent while it sends a file.
    pub(super) fn download_timeout(&self) -> Duration {
        self.environment.download_timeout
    }

    fn follow(
        &self,
        method: &Method,
        address: &str,
        range: Option<&str>,
        timeout: Duration,
        goes_on: impl Fn(&Uri) -> bool,
    ) -> Result<Answer, Problem> {
        let mut uri = parse(address)?;
        for _ in 0..REDIRECTIONS {
            let response = self.send(method, &uri, range, timeout)?;
            let answer = Answer {
                address: uri,
                response,
            };
            let next = match answer.header("location") {
                Some(location) if answer.response.status().is_redirection() => {
                    target(&answer.address, location)?
                }
                _ => return Ok(answer),
            };
            if !goes_on(&next) {
                return Ok(answer);
            }
            uri = next;
        }
        Err(Problem::Failed(format!(
            "{address} is redirected more than {REDIRECTIONS} times"
        )))
    }

    fn send(
        &self,
        method: &Method,
        uri: &Uri,
        range: Option<&str>,
        timeout: Duration,
    ) -> Result<Response<Body>, Problem> {
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            // Lengths and offsets are those of the file.
            .header("accept-encoding", "identity");
        if let Some(token) = self.environment.token.as_ref().filter(|_| self.is_hub(uri)) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let request = request
            .body(())
            .map_err(|error| explain(&error.into(), uri, timeout))?;
        let proxy = self.environment.proxies.of_uri(uri);
        let request = self
            .agent
            .configure_request(request)
            .proxy(proxy.cloned())
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .build();
        self.agent.run(request).map_err(|error| match proxy {
            Some(proxy) => {
                let proxy = format!("{}:{}", proxy.host(), proxy.port());
                through(explain(&error, uri, timeout), &proxy)
            }
            None => explain(&error, uri, timeout),
        })
    }

    /// Whether an address is the hub's own: scheme, host and port. Only it may see the token.
    pub(super) fn is_hub(&self, uri: &Uri) -> bool {
        origin(uri) == origin(&self.endpoint)
    }
}

/// Scheme, host and port.
fn origin(uri: &Uri) -> (Option<String>, Option<String>, Option<u16>) {
    let small = |text: Option<&str>| text.map(str::to_ascii_lowercase);
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let port = uri.port_u16().unwrap_or(usual);
    (small(uri.scheme_str()), small(uri.host()), Some(port))
}

fn parse(address: &str) -> Result<Uri, Problem> {
    let uri: Option<Uri> = address.parse().ok();
    let uri = uri.filter(|uri| uri.host().is_some() && uri.scheme().is_some());
    uri.ok_or_else(|| Problem::Failed(format!("`{address}` is no address")))
}

/// Where a redirection leads; most of the hub's own begin at its root.
fn target(from: &Uri, location: &str) -> Result<Uri, Problem> {
    let scheme = from.scheme_str().unwrap_or("https");
    let authority = from.authority().map_or("", |authority| authority.as_str());
    match location {
        _ if location.starts_with("//") => parse(&format!("{scheme}:{location}")),
        _ if location.starts_with('/') => parse(&format!("{scheme}://{authority}{location}")),
        _ => parse(location),
    }
}

/// The certificates of `SSL_CERT_FILE`.
fn certificates(environment: &Environment) -> Result<Option<RootCerts>, Problem> {
    let Some(path) = &environment.certificates else {
        return Ok(None);
    };
    let refuse =
        |reason: String| Problem::Refused(format!("SSL_CERT_FILE: {}: {reason}", path.display()));
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let items: Result<Vec<PemItem<'_>>, Error> = parse_pem(&pem).collect();
    let items = items.map_err(|error| refuse(error.to_string()))?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    match certificates.is_empty() {
        true => Err(refuse(
            "expected certificates in PEM, found none".to_owned(),
        )),
        false => Ok(Some(RootCerts::new_with_certs(&certificates))),
    }
}

/// A problem with the proxy's name in it.
fn through(problem: Problem, proxy: &str) -> Problem {
    match problem {
        Problem::Unreachable(reason) => {
            Problem::Unreachable(format!("{reason}, by the proxy {proxy}"))
        }
        other => other,
    }
}

/// What went wrong between here and a host.
pub(super) fn explain(error: &Error, uri: &Uri, timeout: Duration) -> Problem {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let unreachable =
        |reason: &str| Problem::Unreachable(format!("{host} cannot be reached: {reason}"));
    let insecure = |reason: String| {
        Problem::Failed(format!(
            "{host}: no secure connection: {reason}; check HF_ENDPOINT, \
             and SSL_CERT_FILE where a proxy has certificates of its own"
        ))
    };
    match error {
        Error::HostNotFound => unreachable("no such host is known"),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            unreachable(&format!("no connection within {timeout:?}"))
        }
        Error::Timeout(_) => Problem::passing(format!("{host} was silent for {timeout:?}")),
        Error::ConnectionFailed | Error::ConnectProxyFailed(_) => unreachable(&error.to_string()),
        Error::Io(error) => match error.kind() {
            ErrorKind::InvalidData => insecure(error.to_string()),
            // It was there, and broke off.
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Problem::passing(format!("{host}: {error}")),
            // Names that are not known have no kind of their own.
            _ => unreachable(&error.to_string()),
        },
        Error::Protocol(_) => Problem::passing(format!("{host}: {error}")),
        Error::Rustls(_) | Error::Tls(_) => insecure(error.to_string()),
        _ => Problem::Failed(format!("{host}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_is_an_address_or_a_path() {
        let from: Uri = "https://hub.org:8443/a/b".parse().unwrap();
        for (location, expected) in [
            ("https://cdn.org/x?y=1", "https://cdn.org/x?y=1"),
            ("//cdn.org/x", "https://cdn.org/x"),
            ("/api/x", "https://hub.org:8443/api/x"),
        ] {
            assert_eq!(target(&from, location).unwrap(), expected, "{location}");
        }
        assert!(target(&from, "file.bin").is_err());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |a: &str, b: &str| origin(&a.parse().unwrap()) == origin(&b.parse().unwrap());
        assert!(same("https://Hub.org/a", "https://hub.org:443/b"));
        assert!(!same("https://hub.org/", "http://hub.org/"));
        assert!(!same("https://hub.org/", "https://cdn.hub.org/"));
        assert!(!same("http://hub.org/", "http://hub.org:8080/"));
    }
}
