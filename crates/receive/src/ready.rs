//! `/readyz`: one word, or with `?verbose` one line a check, as Kubernetes' API server writes it.
//!
//! ```text
//! [+]journal ok
//! [-]applying failed: applying_fails
//! readyz check failed
//! ```
//!
//! *Why the status alone is for machines:* an orchestrator looks at 200 or 503; the lines are for
//! the person who asks why.

use axum::body::Body;
use axum::http::{Response, StatusCode, Uri};

use crate::admit::{Check, Readiness};
use crate::intake::State;
use crate::reply::respond;

/// Name of the check that this process is not about to end, as Kubernetes' API server calls it.
const SHUTDOWN: &str = "shutdown";
/// Its code.
const STOPPING: &str = "stopping";

/// Answers `/readyz`.
pub(crate) fn answer(app: &State, uri: &Uri) -> Response<Body> {
    if is_verbose(uri) {
        let mut checks = app.admit.checks();
        checks.push(Check {
            name: SHUTDOWN,
            failed: app.is_stopping().then_some(STOPPING),
        });
        let (status, text) = verbose(&checks);
        return respond(status, "text/plain", text.into_bytes());
    }
    let failed = match app.admit.ready() {
        _ if app.is_stopping() => Some(STOPPING),
        Readiness::Ready => None,
        Readiness::NotReady(code) => Some(code),
    };
    match failed {
        None => respond(StatusCode::OK, "text/plain", b"ready\n".to_vec()),
        Some(code) => {
            let body = format!("not ready: {code}\n").into_bytes();
            respond(StatusCode::SERVICE_UNAVAILABLE, "text/plain", body)
        }
    }
}

/// Whether the query names `verbose`, with or without a value.
fn is_verbose(uri: &Uri) -> bool {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.any(|pair| pair.split('=').next() == Some("verbose"))
}

fn verbose(checks: &[Check]) -> (StatusCode, String) {
    let mut text = String::new();
    let mut holds = true;
    for Check { name, failed } in checks {
        match failed {
            None => text.push_str(&format!("[+]{name} ok\n")),
            Some(code) => {
                holds = false;
                text.push_str(&format!("[-]{name} failed: {code}\n"));
            }
        }
    }
    let (status, end) = if holds {
        (StatusCode::OK, "passed")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "failed")
    };
    text.push_str(&format!("readyz check {end}\n"));
    (status, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_a_line_and_one_that_fails_fails_all() {
        let check = |name, failed| Check { name, failed };
        let (status, text) = verbose(&[check("journal", None), check("vault", Some("gone"))]);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            text,
            "[+]journal ok\n[-]vault failed: gone\nreadyz check failed\n"
        );
        let (status, text) = verbose(&[check("journal", None)]);
        assert_eq!(status, StatusCode::OK);
        assert_eq!(text, "[+]journal ok\nreadyz check passed\n");
    }

    #[test]
    fn verbose_is_a_key_of_the_query() {
        for (path, expect) in [
            ("/readyz", false),
            ("/readyz?verbose", true),
            ("/readyz?verbose=1", true),
            ("/readyz?a=b&verbose", true),
            ("/readyz?verbosely", false),
            ("/readyz?a=verbose", false),
        ] {
            assert_eq!(is_verbose(&path.parse().unwrap()), expect, "{path}");
        }
    }
}
