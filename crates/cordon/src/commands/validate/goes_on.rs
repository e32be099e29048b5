//! What is kept of traces, and where it goes on to.

use super::Problem;
use super::named::failed;
use crate::config::sampling::{ExportSection, Sampling};
use crate::config::{Config, SecretRef};
use crate::{environment, exporting, sampling};

/// Everything that is wrong with plans and exports.
pub(super) fn check(config: &Config, all: &mut Vec<Problem>) {
    plan("sampling", &config.sampling, all);
    for (tenant, own) in &config.tenant {
        if let Some(section) = &own.sampling {
            // What it takes from the general section is told there.
            let own = config.sampling.with(section);
            if section.plan.is_some() {
                plan(&format!("tenant.{tenant}.sampling"), &own, all);
            }
        }
    }
    for (at, section) in config.export.iter().enumerate() {
        export(&format!("export[{at}]"), section, all);
    }
}

fn plan(at: &str, section: &Sampling, all: &mut Vec<Problem>) {
    match sampling::plan(section) {
        Err(error) => {
            let key = format!("{at}.plan");
            all.push(Problem::of(&key, "config_sampling", failed(&error)));
        }
        // What was said and has no effect.
        Ok(Some(plan)) => {
            for note in plan.notes() {
                let key = format!("{at}.plan");
                all.push(Problem::warning(&key, "config_sampling", note.to_string()));
            }
        }
        Ok(None) => {}
    }
}

/// Opens what an export names, but for the connection and the folder that it would make. Its
/// secrets may be in an environment that is not here.
fn export(at: &str, section: &ExportSection, all: &mut Vec<Problem>) {
    let is_missing = |secret: &SecretRef| {
        let name = secret.env.as_deref();
        name.is_some_and(|name| environment::secret(name).is_none())
    };
    let mut section = section.clone();
    for (header, secret) in std::mem::take(&mut section.headers) {
        if is_missing(&secret) {
            let key = format!("{at}.headers.{header}");
            let name = secret.env.as_deref().unwrap_or_default();
            let message = format!("variable {name} is not set here");
            all.push(Problem::warning(&key, "config_secret", message));
        } else {
            section.headers.insert(header, secret);
        }
    }
    if section.endpoint.is_some()
        && let Err(error) = exporting::client(&section)
    {
        all.push(Problem::of(at, "config_export", failed(&error)));
    }
}
