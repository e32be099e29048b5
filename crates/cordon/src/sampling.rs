//! From the configuration to each tenant's sampling plan.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use cordon_event::TenantId;
use cordon_sample::{Plan, Problem, import};
use cordon_sift::Plans;

use crate::config::Config;
use crate::config::sampling::{PlanForm, Sampling};

/// Reads every plan that is named.
pub(crate) fn plans(config: &Config) -> anyhow::Result<Plans> {
    let general = plan(&config.sampling).context("read [sampling]")?;
    let mut plans = Plans {
        general: general.map(Arc::new),
        ..Plans::default()
    };
    for (name, section) in &config.tenant {
        let Some(own) = &section.sampling else {
            continue;
        };
        let tenant = TenantId::parse(name).with_context(|| format!("read [tenant.{name}]"))?;
        let own = config.sampling.with(own);
        let read = plan(&own).with_context(|| format!("read [tenant.{name}.sampling]"))?;
        plans.own.insert(tenant, read.map(Arc::new));
    }
    Ok(plans)
}

/// The plan of a section, if it has one.
pub(crate) fn plan(section: &Sampling) -> anyhow::Result<Option<Plan>> {
    let Some(path) = section.plan.as_ref().filter(|_| !section.off) else {
        return Ok(None);
    };
    let plan = read(path, section.form.unwrap_or_default())?;
    match section.dry_run {
        Some(is_dry) => plan
            .with_dry_run(is_dry)
            .map_err(|all| problems(path, &all)),
        None => Ok(plan),
    }
    .map(Some)
}

/// Reads a plan.
pub(crate) fn read(path: &Path, form: PlanForm) -> anyhow::Result<Plan> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("read plan {shown}"))?;
    let read = match form {
        PlanForm::Native => Plan::parse_native(&text),
        PlanForm::Collector => import::contrib(&text),
        PlanForm::Refinery => import::refinery(&text),
    };
    read.map_err(|all| problems(path, &all))
}

/// A plan is configuration, so its problems may quote it.
fn problems(path: &Path, all: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = all.iter().map(|problem| format!("  {problem}")).collect();
    anyhow!("read plan {}:\n{}", path.display(), lines.join("\n"))
}
