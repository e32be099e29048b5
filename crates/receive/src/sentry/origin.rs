//! What emitted an event, by Sentry's names, becomes resource attributes by the semantic
//! conventions.

use cordon_event::{Value, attr};

use super::members::{put, take_map, take_text};
use crate::sink::Pairs;

/// Longest release or service name that is taken apart.
const NAME_BYTES_MAX: usize = 256;

/// Tags that name the service.
const SERVICE_TAGS: [&str; 3] = ["service.name", "service", "service_name"];

/// Takes release, environment, host and SDK out of an event's members; `contexts` and `tags` are
/// read, and lent to whoever keeps them.
pub(super) fn resource(pairs: &mut Pairs, contexts: &mut Pairs, tags: Option<&Value>) -> Pairs {
    let mut out = Pairs::new();
    let release = take_text(pairs, "release");
    let (package, version) = release.as_deref().map_or((None, None), parts);
    let by_tag = SERVICE_TAGS
        .iter()
        .find_map(|key| tags?.get(key)?.as_str().map(str::to_owned));
    let context = |of: &str, key: &str| {
        let (_, found) = contexts.iter().find(|(name, _)| name == of)?;
        found.get(key)
    };
    let by_otel = context("otel", "resource")
        .and_then(|resource| resource.get(attr::SERVICE_NAME)?.as_str())
        .map(str::to_owned);
    let by_app = context("app", "app_name")
        .and_then(Value::as_str)
        .map(str::to_owned);
    // What OpenTelemetry calls it comes last but one: Node's default there is `node`.
    let service = by_tag.or_else(|| package.map(str::to_owned));
    let service = service.or(by_otel).or(by_app);
    put(&mut out, attr::SERVICE_NAME, service);
    put(&mut out, attr::SERVICE_VERSION, version.map(str::to_owned));
    put(
        &mut out,
        "sentry.release",
        release.clone().filter(|_| package.is_some()),
    );
    put(
        &mut out,
        "deployment.environment.name",
        take_text(pairs, "environment"),
    );
    put(&mut out, "host.name", take_text(pairs, "server_name"));
    sdk(&mut out, pairs);
    for (of, name, version) in [
        ("runtime", "process.runtime.name", "process.runtime.version"),
        ("os", "os.name", "os.version"),
    ] {
        if let Some(mut inner) = take_map(contexts, of) {
            put(&mut out, name, take_text(&mut inner, "name"));
            put(&mut out, version, take_text(&mut inner, "version"));
            if !inner.is_empty() {
                contexts.push((of.to_owned(), Value::Map(inner)));
            }
        }
    }
    out
}

/// `package@version`, as Sentry writes releases: the package and the version.
pub(super) fn parts(release: &str) -> (Option<&str>, Option<&str>) {
    if release.len() > NAME_BYTES_MAX {
        return (None, Some(release));
    }
    match release.rsplit_once('@') {
        Some((package, version)) if !package.is_empty() && !version.is_empty() => {
            (Some(package), Some(version))
        }
        _ => (None, Some(release)),
    }
}

fn sdk(out: &mut Pairs, pairs: &mut Pairs) {
    let Some(mut sdk) = take_map(pairs, "sdk") else {
        return;
    };
    put(out, "telemetry.sdk.name", take_text(&mut sdk, "name"));
    put(out, "telemetry.sdk.version", take_text(&mut sdk, "version"));
    if !sdk.is_empty() {
        pairs.push(("sdk".to_owned(), Value::Map(sdk)));
    }
}

/// Resource attributes of a log or a session, which names them flat.
pub(super) fn rename(key: &str) -> Option<&'static str> {
    Some(match key {
        "sentry.environment" | "environment" => "deployment.environment.name",
        "sentry.sdk.name" => "telemetry.sdk.name",
        "sentry.sdk.version" => "telemetry.sdk.version",
        "server.address" | "sentry.server_name" => "host.name",
        "service.name" => attr::SERVICE_NAME,
        _ => return None,
    })
}

/// Adds what a flat release says.
pub(super) fn put_release(out: &mut Pairs, release: String) {
    let (package, version) = parts(&release);
    let has = |out: &Pairs, key: &str| out.iter().any(|(name, _)| name == key);
    if !has(out, attr::SERVICE_NAME) {
        put(out, attr::SERVICE_NAME, package.map(str::to_owned));
    }
    put(out, attr::SERVICE_VERSION, version.map(str::to_owned));
    if package.is_some() {
        put(out, "sentry.release", Some(release));
    }
}
