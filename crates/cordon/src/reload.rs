//! Reading the configuration again while the server runs.
//!
//! *Invariants:* a configuration that is wrong in any part changes nothing; the one before stays in
//! force. No listener is closed and no request ends early. What is said of a refusal names its
//! code and its place, never a line of the file: a dictionary holds names of customers, and the
//! log of a server is read by others than its configuration. `cordon validate` shows the line.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::home::Home;
use crate::listeners::{self, Certificates};
use crate::log;
use crate::spine::Spine;

/// What is read again, and where it is put in force.
pub(crate) struct Reload {
    /// The file, if there is one.
    pub(crate) path: Option<PathBuf>,
    /// The configuration that the listeners were opened with.
    pub(crate) started: Config,
    /// Where it is put in force.
    pub(crate) spine: Arc<Spine>,
    /// Certificates of the listeners that are open.
    pub(crate) certificates: Certificates,
}

/// Why the configuration before stays in force.
struct Refused {
    code: &'static str,
    cause: String,
}

impl Reload {
    /// Reads everything again and says on stderr what came of it.
    ///
    /// Certificates are files of their own: one that is renewed is taken whatever the
    /// configuration has become.
    pub(crate) fn run(&self, home: &Home) {
        match &self.path {
            None => log::line("no configuration file to read again"),
            Some(path) => match self.configuration(path, home) {
                Ok((generation, later)) => {
                    log::line(&format!("reloaded configuration generation={generation}"));
                    if !later.is_empty() {
                        let later = later.join(", ");
                        log::line(&format!(
                            "not changed while running, restart to change: {later}"
                        ));
                    }
                }
                Err(Refused { code, cause }) => log::line(&format!(
                    "kept the configuration code={code}: failed to {cause}; `cordon validate` \
                     shows where"
                )),
            },
        }
        self.certificates.reload();
    }

    /// Puts the file in force: its generation, and the keys that only a restart changes.
    fn configuration(
        &self,
        path: &std::path::Path,
        home: &Home,
    ) -> Result<(u64, Vec<&'static str>), Refused> {
        let new = Config::load(Some(path)).map_err(|error| {
            self.spine.refuse_config();
            of_file(&error)
        })?;
        let known =
            listeners::check_tenants(home, &new).inspect_err(|_| self.spine.refuse_config());
        known.map_err(|error| refused("config_tenant", &error))?;
        let later = self.only_by_restart(&new);
        let generation = self.spine.apply(Arc::new(new));
        let generation = generation.map_err(|error| refused("config_policy", &error))?;
        Ok((generation, later))
    }

    /// Keys that differ from those at the start, and that nothing reads again.
    fn only_by_restart(&self, new: &Config) -> Vec<&'static str> {
        let old = &self.started;
        let (was, is) = (&old.server, &new.server);
        [
            ("server.role", was.role != is.role),
            ("server.listen", was.listen != is.listen),
            ("server.grpc", was.grpc != is.grpc),
            ("server.room_names", was.room_names != is.room_names),
            ("server.tls", was.tls != is.tls),
            ("listen", old.listen != new.listen),
            ("pages", old.pages != new.pages),
            ("export", old.export != new.export),
            (
                "privacy.technical_fields of exports",
                !new.export.is_empty() && old.classifies() != new.classifies(),
            ),
            // Who decides runs where somebody sampled or exported at the start.
            ("sampling", !self.spine.decides() && new.samples()),
        ]
        .into_iter()
        .filter_map(|(key, differs)| differs.then_some(key))
        .collect()
    }
}

fn refused(code: &'static str, error: &anyhow::Error) -> Refused {
    // What comes after may quote a pack.
    let cause = format!("{error:#}");
    let cause = cause.lines().next().unwrap_or_default();
    let cause = cause.trim_end_matches(':').to_owned();
    Refused { code, cause }
}

/// The refusal of a file; of one that is no TOML or has another shape, the place alone.
fn of_file(error: &anyhow::Error) -> Refused {
    if let Some(read) = error.downcast_ref::<std::io::Error>() {
        return Refused {
            code: "config_unreadable",
            cause: format!("read the configuration: {}", read.kind()),
        };
    }
    match error.downcast_ref::<crate::config::source::Unparsed>() {
        Some(unparsed) => Refused {
            code: "config_syntax",
            cause: format!(
                "parse the configuration at line {} column {}",
                unparsed.line, unparsed.column
            ),
        },
        None => refused("config_value", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_a_file_tells_its_place_and_no_line_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cordon.toml");
        let told = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let refused = of_file(&Config::load(Some(&path)).unwrap_err());
            (refused.code, refused.cause)
        };
        let (code, cause) = told("[redaction.dictionary]\ncustomers = 'Zebra Ltd'\n");
        assert_eq!(code, "config_syntax");
        assert!(cause.ends_with("line 2 column 13"), "{cause}");
        let (code, cause) = told("[redaction]\nkeep = [\n'Zebra Ltd'\n");
        assert_eq!(code, "config_syntax");
        assert!(!cause.contains("Zebra"), "{cause}");
        let (code, cause) = told("[privacy]\nown_tenant_k = 65\n");
        assert_eq!(code, "config_value");
        assert!(cause.contains("own_tenant_k"), "{cause}");
        let gone = Config::load(Some(&dir.path().join("none"))).unwrap_err();
        assert_eq!(of_file(&gone).code, "config_unreadable");
    }
}
