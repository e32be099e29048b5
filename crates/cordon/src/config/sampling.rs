//! `[sampling]` and `[[export]]`: what is kept of traces, and where what is kept goes on to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use cordon_event::TenantId;
use serde::Deserialize;

use super::{Config, SecretRef};

/// Exports that may be configured.
const EXPORTS_COUNT_MAX: usize = 16;
/// Longest name of an export in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Which traces are kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sampling {
    /// File with the plan; without one everything is kept.
    pub(crate) plan: Option<PathBuf>,
    /// What the file is; the native form where nothing is said.
    pub(crate) form: Option<PlanForm>,
    /// Keep everything, and say what would be.
    pub(crate) dry_run: Option<bool>,
    /// Whether this tenant keeps everything, whatever holds for the others.
    pub(crate) off: bool,
}

impl Sampling {
    /// A tenant's section on top of this one: what it does not say is as here.
    pub(crate) fn with(&self, own: &Self) -> Self {
        let plan = if own.plan.is_some() { own } else { self };
        Self {
            plan: plan.plan.clone(),
            form: plan.form,
            dry_run: own.dry_run.or(self.dry_run),
            off: own.off,
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.form.is_some() && self.plan.is_none() {
            bail!("read form: it is of a plan, and there is none");
        }
        Ok(())
    }
}

/// What a plan is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlanForm {
    /// TOML, as docs/sampling.md has it.
    #[default]
    Native,
    /// YAML of the OpenTelemetry Collector, with a `tail_sampling` processor.
    Collector,
    /// Rules of Refinery, YAML or TOML.
    Refinery,
}

/// Where clean telemetry goes on to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportSection {
    /// Its name: of its cursor, in metrics and in the audit log.
    pub(crate) name: String,
    /// How it goes.
    pub(crate) to: Destination,
    /// Base URL of a receiver of OTLP.
    pub(crate) endpoint: Option<String>,
    /// Folder for files.
    pub(crate) folder: Option<PathBuf>,
    /// Whose events; without it, everybody's.
    pub(crate) tenants: Option<Vec<String>>,
    /// Headers to send, such as a token.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, SecretRef>,
    /// PEM file of the authorities that the receiver's certificate may be from.
    pub(crate) authority: Option<PathBuf>,
    /// PEM file of the client's certificate, its chain and its key.
    pub(crate) identity: Option<PathBuf>,
    /// Whether plain text may go to another machine.
    #[serde(default)]
    pub(crate) plain_text: bool,
    /// Folder for what the receiver refuses for good; without it, that is counted and given up.
    pub(crate) aside: Option<PathBuf>,
    /// Which fields go out.
    #[serde(default)]
    pub(crate) fields: Fields,
}

/// How an export goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Destination {
    /// OTLP over HTTP, protobuf.
    #[serde(rename = "otlp-http")]
    OtlpHttp,
    /// OTLP over gRPC.
    #[serde(rename = "otlp-grpc")]
    OtlpGrpc,
    /// Files of OTLP/JSON, one request a line.
    #[serde(rename = "files")]
    Files,
}

/// Which fields of an event go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fields {
    /// Those that are classified; of the others, the names.
    #[default]
    Classified,
    /// All of them, as they are stored.
    All,
}

/// Each thing that single values cannot show, with its key.
pub(super) fn problems(config: &Config) -> Vec<(String, anyhow::Error)> {
    let mut all = Vec::new();
    let own = config.tenant.iter().filter_map(|(name, own)| {
        let section = own.sampling.as_ref()?;
        Some((format!("tenant.{name}.sampling"), section))
    });
    for (key, section) in own.chain([("sampling".to_owned(), &config.sampling)]) {
        let checked = section.check().with_context(|| format!("read [{key}]"));
        all.extend(checked.err().map(|error| (format!("{key}.form"), error)));
    }
    if config.export.len() > EXPORTS_COUNT_MAX {
        let error = anyhow!("read [[export]]: at most {EXPORTS_COUNT_MAX}");
        all.push(("export".to_owned(), error));
    }
    let (mut names, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for (at, export) in config.export.iter().enumerate() {
        let name = &export.name;
        let told = |key: &str, error| {
            let error = Err::<(), _>(error).with_context(|| format!("read [[export]] {name:?}"));
            error
                .err()
                .map(|error| (format!("export[{at}].{key}"), error))
        };
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_plain) {
            let error = anyhow!("read name: letters, digits, - and _, at most {NAME_BYTES_MAX}");
            all.extend(told("name", error));
        }
        if !names.insert(name) {
            all.extend(told("name", anyhow!("read name: another export has it")));
        }
        for tenant in export.tenants.iter().flatten() {
            let parsed = TenantId::parse(tenant).with_context(|| format!("read {tenant:?}"));
            all.extend(parsed.err().and_then(|error| told("tenants", error)));
        }
        for folder in [&export.folder, &export.aside].into_iter().flatten() {
            if !folders.insert(folder) {
                let error = anyhow!("read folder: another one of the exports is the same");
                all.extend(told("folder", error));
            }
        }
        all.extend(export.unfit().and_then(|(key, error)| told(key, error)));
    }
    all
}

impl ExportSection {
    /// A key that does not go with where it goes.
    fn unfit(&self) -> Option<(&'static str, anyhow::Error)> {
        let is_files = self.to == Destination::Files;
        if is_files != self.folder.is_some() {
            return Some(("folder", anyhow!("read folder: files take one, OTLP none")));
        }
        if is_files == self.endpoint.is_some() {
            return Some((
                "endpoint",
                anyhow!("read endpoint: OTLP takes one, files none"),
            ));
        }
        let of_otlp = [
            ("headers", !self.headers.is_empty()),
            ("authority", self.authority.is_some()),
            ("identity", self.identity.is_some()),
            ("plain_text", self.plain_text),
            ("aside", self.aside.is_some()),
        ];
        let unused = of_otlp
            .into_iter()
            .find(|(_, is_said)| is_files && *is_said);
        unused.map(|(key, _)| {
            (
                key,
                anyhow!("read {key}: it goes with OTLP, not with files"),
            )
        })
    }
}
