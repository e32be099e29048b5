//! `[sampling]` and `[[export]]`: what is kept of traces, and where what is kept goes on to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use serde::Deserialize;

use super::SecretRef;

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
    /// What the file is.
    pub(crate) form: PlanForm,
    /// Keep everything, and say what would be.
    pub(crate) dry_run: Option<bool>,
    /// Whether this tenant keeps everything, whatever holds for the others.
    pub(crate) off: bool,
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

/// What single values cannot show.
pub(super) fn check(exports: &[ExportSection]) -> anyhow::Result<()> {
    if exports.len() > EXPORTS_COUNT_MAX {
        bail!("read [[export]]: at most {EXPORTS_COUNT_MAX}");
    }
    let mut names = BTreeSet::new();
    for export in exports {
        let name = &export.name;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_plain) {
            bail!("read name of [[export]]: letters, digits, - and _, at most {NAME_BYTES_MAX}");
        }
        if !names.insert(name) {
            bail!("read [[export]] {name}: the name is taken");
        }
        for tenant in export.tenants.iter().flatten() {
            TenantId::parse(tenant)
                .with_context(|| format!("read tenant {tenant} of [[export]] {name}"))?;
        }
        let is_files = export.to == Destination::Files;
        if is_files != export.folder.is_some() || is_files == export.endpoint.is_some() {
            bail!("read [[export]] {name}: files take `folder`, OTLP takes `endpoint`");
        }
    }
    Ok(())
}
