//! The one place that reads the environment, the wall clock and entropy.
//!
//! Variables: `CORDON_DATA` and `CORDON_CONFIG` are read by the command line's definition.

use std::path::PathBuf;

/// A secret that the configuration names by variable.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary is the crate that reads the environment"
)]
pub(crate) fn secret(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Nanoseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary is the crate that reads the clock"
)]
pub(crate) fn now_unix_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
}

/// Seconds since the Unix epoch.
pub(crate) fn now_unix_s() -> u64 {
    now_unix_ns() / 1_000_000_000
}

/// The data directory where none was named: `$XDG_DATA_HOME/cordon`, or
/// `$HOME/.local/share/cordon`, or `cordon-data` here.
pub(crate) fn default_data_dir() -> PathBuf {
    let base = secret("XDG_DATA_HOME").map(PathBuf::from);
    let home = || secret("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    base.or_else(home)
        .map_or_else(|| PathBuf::from("cordon-data"), |dir| dir.join("cordon"))
}

/// Name of the person at the keyboard, for the audit log.
pub(crate) fn local_operator() -> String {
    secret("USER")
        .or_else(|| secret("LOGNAME"))
        .unwrap_or_else(|| "local".to_owned())
}

/// Directories that programs are looked for in.
pub(crate) fn search_path() -> Vec<PathBuf> {
    secret("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}
