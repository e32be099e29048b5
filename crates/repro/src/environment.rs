//! Which recorded variables of the environment a test restores.
//!
//! *Why so:* whoever sends an event writes its environment, and some variables steer the loader,
//! the interpreter, a shell or where requests go on the machine of whoever runs the test. Those
//! stay as they are there, and the test says so.

use crate::plan::Variables;
use crate::synthetic::{self, Form};

/// Beginnings of names that steer a program and not the application.
const PREFIXES: &[&str] = &[
    "LD_", "DYLD_", "PYTHON", "PYTEST", "REPRO_", "MALLOC_", "GCONV_", "GLIBC_", "BASH_", "SSL_",
    "PERL5",
];
/// Names that steer a program and not the application.
const NAMES: &[&str] = &[
    "PATH",
    "ENV",
    "IFS",
    "HOME",
    "TMPDIR",
    "TMP",
    "TEMP",
    "SHELL",
    "SHELLOPTS",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "TERMINFO",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "CDPATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "RUBYOPT",
    "RUBYLIB",
    "GIT_SSH_COMMAND",
    "JAVA_TOOL_OPTIONS",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "CLASSPATH",
];

/// Whose variables they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The recorded environment: its names are capitals.
    Environment,
    /// A flag without a home in code; any plain name.
    Flags,
}

/// Takes the variables that are restored, and adds the names of the others to `left_out`.
pub(crate) fn restored(
    variables: Variables,
    origin: Origin,
    left_out: &mut Vec<String>,
) -> Variables {
    let (kept, left): (Variables, Variables) = variables
        .into_iter()
        .partition(|(name, _)| restores(name, origin));
    let name = |(name, _): (String, String)| synthetic::replace_text(&name, Form::Natural).0;
    left_out.extend(left.into_iter().map(name));
    kept
}

fn restores(name: &str, origin: Origin) -> bool {
    let plain = |b: u8| {
        b.is_ascii_uppercase()
            || b.is_ascii_digit()
            || b == b'_'
            || (origin == Origin::Flags && b.is_ascii_lowercase())
    };
    let upper = name.to_ascii_uppercase();
    let steers = PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
        || NAMES.contains(&upper.as_str())
        || upper.ends_with("_PROXY");
    let head = name.starts_with(|c: char| c.is_ascii_alphabetic());
    head && name.bytes().all(plain) && !steers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_program_is_not_restored() {
        for bad in [
            "LD_PRELOAD",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "PATH",
            "BASH_ENV",
            "ENV",
            "IFS",
            "HOME",
            "TMPDIR",
            "GCONV_PATH",
            "MALLOC_CHECK_",
            "HTTPS_PROXY",
            "REPRO_SOURCE",
            "_X",
            "region",
            "Region",
            "",
        ] {
            assert!(!restores(bad, Origin::Environment), "{bad}");
        }
        for good in [
            "REGION",
            "DATABASE_URL",
            "FEATURE_2",
            "ENVIRONMENT",
            "HOMEPAGE",
        ] {
            assert!(restores(good, Origin::Environment), "{good}");
        }
        assert!(restores("beta", Origin::Flags) && !restores("ld_preload", Origin::Flags));
    }
}
