//! What environment variables say, as for Python's client of the hub (`huggingface_hub`, its
//! reference page "Environment variables").

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use super::proxy::Proxies;
use crate::failure::Failure;

/// The public hub.
const ENDPOINT: &str = "https://huggingface.co";
/// How long a server may be silent.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the hub and the cache are, and how to get at them.
#[derive(Debug)]
pub(super) struct Environment {
    /// `HF_ENDPOINT`, without a slash at the end.
    pub(super) endpoint: String,
    /// `HF_TOKEN`, or what is in the file that login writes.
    pub(super) token: Option<String>,
    /// `HF_HUB_CACHE`.
    pub(super) cache: PathBuf,
    /// `HF_HUB_OFFLINE`.
    pub(super) offline: bool,
    /// `HF_HUB_ETAG_TIMEOUT`: for an answer about a file.
    pub(super) answer_timeout: Duration,
    /// `HF_HUB_DOWNLOAD_TIMEOUT`: for the next bytes of a file.
    pub(super) download_timeout: Duration,
    /// `HTTPS_PROXY` and its like.
    pub(super) proxies: Proxies,
    /// `SSL_CERT_FILE`: certificates to trust instead of the public ones.
    pub(super) certificates: Option<PathBuf>,
}

impl Environment {
    /// # Errors
    /// If a variable is not what it is for; if the token's file is there and cannot be read.
    pub(super) fn read() -> Result<Self, Failure> {
        Self::of(&Variables(&|name| env::var_os(name)))
    }

    fn of(variables: &Variables<'_>) -> Result<Self, Failure> {
        let endpoint = variables.text("HF_ENDPOINT")?;
        let endpoint = endpoint.unwrap_or_else(|| ENDPOINT.to_owned());
        if !["http://", "https://"]
            .iter()
            .any(|scheme| endpoint.starts_with(scheme))
        {
            return Err(Failure::Mistake(format!(
                "HF_ENDPOINT: expected an address, such as {ENDPOINT}, found `{endpoint}`"
            )));
        }
        let home = home(variables)?;
        let cache = variables.path(&["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"]);
        Ok(Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: token(variables, &home)?,
            cache: cache.unwrap_or_else(|| home.join("hub")),
            offline: variables.is_true("HF_HUB_OFFLINE")
                || variables.is_true("TRANSFORMERS_OFFLINE"),
            answer_timeout: variables.seconds("HF_HUB_ETAG_TIMEOUT")?,
            download_timeout: variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT")?,
            proxies: Proxies::of(|name| variables.text(name))?,
            certificates: variables.path(&["SSL_CERT_FILE"]),
        })
    }
}

/// The directory of everything: `HF_HOME`, or `huggingface` in the user's cache.
fn home(variables: &Variables<'_>) -> Result<PathBuf, Failure> {
    if let Some(home) = variables.path(&["HF_HOME"]) {
        return Ok(home);
    }
    let caches = variables.path(&["XDG_CACHE_HOME"]);
    let caches = caches.or_else(|| Some(variables.home()?.join(".cache")));
    let caches = caches.ok_or_else(|| {
        Failure::mistake("there is no home directory to cache in; set HF_HOME to a directory")
    })?;
    Ok(caches.join("huggingface"))
}

fn token(variables: &Variables<'_>, home: &Path) -> Result<Option<String>, Failure> {
    if variables.is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
        return Ok(None);
    }
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
        if let Some(token) = variables.text(name)? {
            return clean(&token, name);
        }
    }
    let path = variables.path(&["HF_TOKEN_PATH"]);
    let path = path.unwrap_or_else(|| home.join("token"));
    let name = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(token) => clean(&token, &name),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::System(format!(
            "{name}: the hub's token cannot be read: {error}"
        ))),
    }
}

/// A token fit for a header. It is not shown.
fn clean(token: &str, source: &str) -> Result<Option<String>, Failure> {
    let token = token.trim();
    match token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Some(token.to_owned()).filter(|token| !token.is_empty())),
        false => Err(Failure::Mistake(format!(
            "{source}: expected a token of the hub, found other than letters and digits"
        ))),
    }
}

/// Variables by name; an empty one is none.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let text = self.get(name).map(OsString::into_string).transpose();
        text.map_err(|_| Failure::Mistake(format!("{name}: expected text")))
    }

    /// The first that is set, a `~` in front being the home directory.
    fn path(&self, names: &[&str]) -> Option<PathBuf> {
        let path = PathBuf::from(names.iter().find_map(|name| self.get(name))?);
        match (path.strip_prefix("~"), self.home()) {
            (Ok(rest), Some(home)) => Some(home.join(rest)),
            _ => Some(path),
        }
    }

    fn home(&self) -> Option<PathBuf> {
        let home = self.get("HOME").map(PathBuf::from);
        home.or_else(env::home_dir)
    }

    fn is_true(&self, name: &str) -> bool {
        let value = self.get(name).unwrap_or_default().to_ascii_uppercase();
        ["1", "ON", "YES", "TRUE"].iter().any(|word| value == *word)
    }

    fn seconds(&self, name: &str) -> Result<Duration, Failure> {
        let Some(text) = self.text(name)? else {
            return Ok(TIMEOUT);
        };
        let seconds = text.trim().parse().ok();
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // Python takes 0 for the default.
        match duration {
            Some(Duration::ZERO) => Ok(TIMEOUT),
            Some(duration) => Ok(duration),
            None => Err(Failure::Mistake(format!(
                "{name}: expected seconds, such as 10, found `{text}`"
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
