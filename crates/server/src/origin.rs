//! The origin that clients dial: what sessions are signed for.

use core::fmt;
use core::str::FromStr;

use axum::http::Uri;

/// `scheme://host[:port]`, in lower case, without a default port: as browsers write it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin(String);

/// Why a text is not an origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an origin: expected something like https://secrets.example or http://127.0.0.1:7373")]
pub struct BadOrigin;

impl Origin {
    /// A server that is tried out on the same machine.
    #[must_use]
    pub fn local(port: u16) -> Self {
        match port {
            80 => Origin("http://127.0.0.1".into()),
            _ => Origin(format!("http://127.0.0.1:{port}")),
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached under TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let uri: Uri = text.to_ascii_lowercase().parse().map_err(|_| BadOrigin)?;
        let default_port = match uri.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => return Err(BadOrigin),
        };
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let authority = uri.authority().filter(|it| bare && !it.as_str().contains('@'));
        let (scheme, authority) = uri.scheme_str().zip(authority).ok_or(BadOrigin)?;
        Ok(Origin(match authority.port_u16() {
            Some(port) if port != default_port => format!("{scheme}://{}:{port}", authority.host()),
            _ => format!("{scheme}://{}", authority.host()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, origin) in [
            ("http://127.0.0.1:7373", "http://127.0.0.1:7373"),
            ("https://Secrets.Example/", "https://secrets.example"),
            ("https://secrets.example:443", "https://secrets.example"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
        for bad in ["", "secrets.example", "ftp://x", "https://x/path", "https://u@x", "http://x?q"]
        {
            assert_eq!(bad.parse::<Origin>(), Err(BadOrigin), "{bad}");
        }
    }
}
