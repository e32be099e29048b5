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

/// A number that nobody can guess; the time where the system gives none.
pub(crate) fn random() -> u64 {
    let drawn = cordon_vault::random_bytes().ok();
    let number = drawn.and_then(|bytes| bytes.first_chunk::<8>().map(|n| u64::from_be_bytes(*n)));
    number.unwrap_or_else(now_unix_ns)
}

/// Seconds since the Unix epoch.
pub(crate) fn now_unix_s() -> u64 {
    now_unix_ns() / 1_000_000_000
}

/// Days since the Unix epoch.
pub(crate) fn today() -> u32 {
    u32::try_from(now_unix_s() / 86_400).unwrap_or(u32::MAX)
}

/// The data directory where none was named: `$XDG_DATA_HOME/cordon`, or
/// `$HOME/.local/share/cordon`, or `cordon-data` here.
pub(crate) fn default_data_dir() -> PathBuf {
    let base = secret("XDG_DATA_HOME").map(PathBuf::from);
    let home = || secret("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    base.or_else(home)
        .map_or_else(|| PathBuf::from("cordon-data"), |dir| dir.join("cordon"))
}

/// Name of the person at the keyboard, for the audit log. It identifies and does not authenticate:
/// that is the operating system's, by who may open the data directory.
pub(crate) fn local_operator() -> Option<String> {
    secret("USER").or_else(|| secret("LOGNAME"))
}

/// The user that the process runs as, where the system tells: `uid:1000`.
pub(crate) fn user_id() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let own = std::fs::metadata("/proc/self").ok()?;
    Some(format!("uid:{}", own.uid()))
}

/// This program's own file.
pub(crate) fn own_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

/// Directories that programs are looked for in.
pub(crate) fn search_path() -> Vec<PathBuf> {
    secret("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}
