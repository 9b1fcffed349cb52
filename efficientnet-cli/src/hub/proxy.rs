//! Which proxy leads to an address, as curl and Python's `requests` choose it.

use ureq::Proxy;
use ureq::http::Uri;

use crate::failure::Failure;

/// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in small letters or large.
#[derive(Debug)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// Hosts that are reached directly.
    direct: Vec<String>,
}

impl Proxies {
    /// # Errors
    /// If a proxy is no address. The value, which may have a password, is not shown.
    pub(super) fn of(
        variable: impl Fn(&str) -> Result<Option<String>, Failure>,
    ) -> Result<Self, Failure> {
        let first = |names: &[&'static str]| -> Result<Option<(&'static str, String)>, Failure> {
            for &name in names {
                if let Some(value) = variable(name)? {
                    return Ok(Some((name, value)));
                }
            }
            Ok(None)
        };
        let proxy = |names| {
            first(names)?
                .map(|(name, value)| parse(name, &value))
                .transpose()
        };
        let direct = first(&["no_proxy", "NO_PROXY"])?.map_or_else(String::new, |(_, value)| value);
        Ok(Self {
            http: proxy(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
            https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
            direct: direct
                .split(',')
                .map(|host| host.trim().to_ascii_lowercase())
                .collect(),
        })
    }

    /// The proxy to an address, if any.
    pub(super) fn of_uri(&self, uri: &Uri) -> Option<&Proxy> {
        let host = uri.host()?.to_ascii_lowercase();
        let port = uri.port_u16();
        if self
            .direct
            .iter()
            .any(|entry| is_direct(entry, &host, port))
        {
            return None;
        }
        match uri.scheme_str() {
            Some("https") => self.https.as_ref(),
            _ => self.http.as_ref(),
        }
    }
}

fn parse(name: &str, value: &str) -> Result<Proxy, Failure> {
    Proxy::new(value).map_err(|_| {
        Failure::Mistake(format!(
            "{name}: expected a proxy's address, such as http://proxy:3128"
        ))
    })
}

/// Whether an entry of `NO_PROXY` is for a host: `*`, the host, or a domain that it is in, with or
/// without a dot in front, with or without a port.
fn is_direct(entry: &str, host: &str, port: Option<u16>) -> bool {
    if entry == "*" {
        return true;
    }
    let (name, of_port) = match entry
        .rsplit_once(':')
        .map(|(name, text)| (name, text.parse()))
    {
        Some((name, Ok(number))) => (name, Some(number)),
        _ => (entry, None),
    };
    if of_port.is_some() && of_port != port {
        return false;
    }
    let domain = name.trim_start_matches('*').trim_start_matches('.');
    let rest = host.strip_suffix(domain).filter(|_| !domain.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(pairs: &[(&str, &str)], address: &str) -> Option<String> {
        let variable = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            Ok(pair.map(|(_, value)| (*value).to_owned()))
        };
        let proxies = Proxies::of(variable).unwrap();
        let proxy = proxies.of_uri(&address.parse().unwrap())?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn the_scheme_chooses_and_all_proxy_is_for_the_rest() {
        let all = ("ALL_PROXY", "http://all:1");
        let https = ("HTTPS_PROXY", "http://secure:2");
        let small = ("https_proxy", "http://small:3");
        let (web, secure) = ("http://hub.org/x", "https://hub.org/x");
        assert_eq!(chosen(&[], secure), None);
        assert_eq!(chosen(&[all], secure).as_deref(), Some("all:1"));
        assert_eq!(chosen(&[all, https], secure).as_deref(), Some("secure:2"));
        assert_eq!(chosen(&[all, https], web).as_deref(), Some("all:1"));
        assert_eq!(chosen(&[https], web), None);
        assert_eq!(chosen(&[https, small], secure).as_deref(), Some("small:3"));
        let bare = [("http_proxy", "me:secret@web:4")];
        assert_eq!(chosen(&bare, web).as_deref(), Some("web:4"));
    }

    #[test]
    fn no_proxy_names_hosts_and_domains() {
        let through = |list: &str, address: &str| {
            chosen(
                &[("ALL_PROXY", "http://all:1"), ("NO_PROXY", list)],
                address,
            )
            .is_some()
        };
        for (list, direct, proxied) in [
            ("hub.org", "https://hub.org/", "https://myhub.org/"),
            (
                "hub.org",
                "https://cdn.HUB.org/",
                "https://hub.org.evil.com/",
            ),
            (".hub.org", "https://cdn.hub.org/", "https://hub.com/"),
            ("a.b, *.hub.org ,c", "https://cdn.hub.org/", "https://b/"),
            ("127.0.0.1", "http://127.0.0.1:8080/", "http://127.0.0.2/"),
            ("hub:8080", "http://hub:8080/", "http://hub:8081/"),
        ] {
            assert!(!through(list, direct), "{list}: {direct}");
            assert!(through(list, proxied), "{list}: {proxied}");
        }
        assert!(!through("*", "https://hub.org/"));
        assert!(through("", "https://hub.org/"));
    }
}
