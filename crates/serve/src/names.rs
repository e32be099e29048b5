//! The names that the room answers to: loopback's, addresses, and what the configuration names.
//!
//! *Why so:* a page of somebody else's can have its own name point here (DNS rebinding), and is
//! then of one origin with what it reads. Its name is still in `Host`. An address is nobody's name:
//! a page whose address is ours came from here.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header, uri::Authority};

use crate::Refusal;

/// The names beside loopback's.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Those that the configuration names; case makes no difference.
    pub fn new(configured: &[String]) -> Self {
        Self(configured.iter().map(|n| n.to_ascii_lowercase()).collect())
    }

    /// Whether a request is for a name that the room answers to.
    pub(crate) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
        let hosts: Vec<_> = headers.get_all(header::HOST).iter().collect();
        if hosts.len() > 1 {
            return Err(Refusal::HOST);
        }
        let host = hosts.first().map(|host| host.to_str().unwrap_or_default());
        let named = [host, uri.authority().map(Authority::as_str)];
        let mut named = named.into_iter().flatten().peekable();
        if named.peek().is_some() && named.all(|name| self.admits(name)) {
            Ok(())
        } else {
            Err(Refusal::HOST)
        }
    }

    fn admits(&self, authority: &str) -> bool {
        let Some(name) = name_of(authority) else {
            return false;
        };
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || bare.parse::<IpAddr>().is_ok() || self.0.contains(&name)
    }
}

/// Host name of `host[:port]`, in lower case; none for what is neither.
fn name_of(authority: &str) -> Option<String> {
    let parsed: Authority = authority.parse().ok()?;
    // An authority may hold a user; a Host header may not.
    let plain = !authority.contains('@') && !parsed.host().is_empty();
    plain.then(|| parsed.host().to_ascii_lowercase())
}

/// Whether a request that does something comes from the room's own page, or from no page at all.
pub(crate) fn same_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or_default());
    let site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let host = text("host").unwrap_or_default();
    let own = |origin: &str| {
        let schemes = ["http://", "https://"];
        let mut bare = schemes.iter().filter_map(|s| origin.strip_prefix(s));
        bare.any(|bare| bare.eq_ignore_ascii_case(host))
    };
    let origins = headers.get_all(header::ORIGIN).iter().count();
    if site && origins <= 1 && text("origin").is_none_or(own) {
        Ok(())
    } else {
        Err(Refusal::ORIGIN)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        let names = Names::new(&["Room.example.org".to_owned()]);
        names.check(&headers, &Uri::from_static("/")).is_ok()
    }

    #[test]
    fn loopback_addresses_and_configured_names_are_answered() {
        for host in [
            "localhost",
            "LOCALHOST:4318",
            "127.0.0.1:4318",
            "127.8.8.8",
            "[::1]:1",
            "10.0.0.7:4318",
            "room.example.org",
            "room.EXAMPLE.org:443",
        ] {
            assert!(check(host), "{host}");
        }
    }

    #[test]
    fn any_other_name_is_refused() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "room.example.org.evil.example",
            "evil.example@localhost",
            "localhost@evil.example",
            "localhost:4318@evil.example",
            "",
            "local host",
            "[::1",
        ] {
            assert!(!check(host), "{host}");
        }
        let names = Names::default();
        let none = HeaderMap::new();
        assert!(names.check(&none, &Uri::from_static("/")).is_err());
        let uri = Uri::from_static("http://evil.example/");
        assert!(names.check(&none, &uri).is_err());
        let mut both = HeaderMap::new();
        both.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(names.check(&both, &uri).is_err());
        both.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(names.check(&both, &Uri::from_static("/")).is_err());
    }

    fn from(origin: Option<&str>, site: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:4318"));
        let mut put = |name: &'static str, value: Option<&str>| {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        };
        put("origin", origin);
        put("sec-fetch-site", site);
        same_origin(&headers).is_ok()
    }

    #[test]
    fn another_page_is_refused() {
        let own = Some("http://localhost:4318");
        assert!(from(None, None) && from(own, None) && from(own, Some("same-origin")));
        assert!(from(Some("https://localhost:4318"), None));
        for origin in [
            "null",
            "http://localhost",
            "http://localhost:4319",
            "http://evil.example",
            "http://localhost:4318.evil.example",
            "http://localhost:4318/",
            "localhost:4318",
            "",
        ] {
            assert!(!from(Some(origin), None), "{origin}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!from(own, Some(site)), "{site}");
        }
    }
}
