//! Who sends, by the ways in which a Sentry client says it. The key of the DSN is the tenant's
//! bearer token: `http://TOKEN@host:4318/1`.

use axum::http::{HeaderMap, Uri, header};

/// The header in which most SDKs authenticate.
const AUTH_HEADER: &str = "x-sentry-auth";
/// The parameter of the query in which browsers and Node do, and of the header.
const KEY: &str = "sentry_key";
/// Longest key worth asking about.
const KEY_BYTES_MAX: usize = 256;

/// The key that the header of a request or its query holds.
pub(super) fn of_request<'r>(headers: &'r HeaderMap, uri: &'r Uri) -> Option<&'r str> {
    let value = |name: &str| headers.get(name)?.to_str().ok();
    value(AUTH_HEADER)
        .and_then(of_auth)
        .or_else(|| value(header::AUTHORIZATION.as_str()).and_then(of_auth))
        .or_else(|| uri.query().and_then(of_query))
}

/// `Sentry sentry_key=…, sentry_version=7`; also `Bearer …`.
fn of_auth(value: &str) -> Option<&str> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return bounded(rest.trim());
    }
    if !scheme.eq_ignore_ascii_case("sentry") {
        return None;
    }
    rest.split(',').find_map(pair)
}

fn of_query(query: &str) -> Option<&str> {
    query.split('&').find_map(pair)
}

fn pair(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    (name.trim() == KEY).then(|| bounded(value.trim()))?
}

/// The user of a DSN.
pub(super) fn of_dsn(dsn: &str) -> Option<&str> {
    let (_, rest) = dsn.split_once("://")?;
    let authority = rest.split('/').next()?;
    let (user, _) = authority.rsplit_once('@')?;
    // An old DSN has a secret too, which means nothing any more.
    bounded(user.split(':').next()?)
}

fn bounded(key: &str) -> Option<&str> {
    (!key.is_empty() && key.len() <= KEY_BYTES_MAX).then_some(key)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(header: &'static str, value: &'static str, uri: &'static str, expect: Option<&str>) {
        let mut headers = HeaderMap::new();
        if !header.is_empty() {
            headers.insert(header, HeaderValue::from_static(value));
        }
        assert_eq!(of_request(&headers, &Uri::from_static(uri)), expect);
    }

    #[test]
    fn a_key_is_found_wherever_clients_put_it() {
        let plain = "/api/1/envelope/";
        let query = "/api/1/envelope/?sentry_version=7&sentry_key=abc&sentry_client=x";
        check("", "", query, Some("abc"));
        check("", "", plain, None);
        check("x-sentry-auth", "Sentry sentry_key=abc", plain, Some("abc"));
        check(
            "x-sentry-auth",
            "sentry sentry_version=7, sentry_client=x/1, sentry_key=abc, sentry_secret=z",
            plain,
            Some("abc"),
        );
        check("authorization", "Sentry sentry_key=abc", plain, Some("abc"));
        check("authorization", "Bearer abc", plain, Some("abc"));
        check("authorization", "Basic abc", plain, None);
        check("x-sentry-auth", "Sentry sentry_key=", plain, None);
        check("x-sentry-auth", "Sentry", query, Some("abc"));
    }

    #[test]
    fn a_dsn_holds_a_key() {
        assert_eq!(of_dsn("http://abc@host:1/2"), Some("abc"));
        assert_eq!(of_dsn("https://abc:def@host/p/2"), Some("abc"));
        for bad in ["", "abc", "http://host/1", "http://@host/1", "http:///a@b"] {
            assert_eq!(of_dsn(bad), None, "{bad}");
        }
    }
}
