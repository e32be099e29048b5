//! `cordon.toml`: one file, unknown keys are errors, secrets only by reference.

mod file;
mod limits;
pub(crate) mod listen;
mod quarantine;
pub(crate) mod sampling;
pub(crate) mod source;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use cordon_assist::model::{ApiKey, Model, Terms};
use cordon_event::TenantId;
use cordon_govern::KRule;
use cordon_store::SUBJECTS_COUNT_MAX;
use serde::Deserialize;

use limits::LimitsSection;
use listen::{Listen, TlsSection};
use quarantine::QuarantineSection;
use sampling::{ExportSection, Sampling};
use source::Unparsed;

/// Longest time that a server goes on after it was told to stop.
const STOP_NOTICE_S_MAX: u64 = 300;

pub(crate) use limits::TenantLimits;

/// The configuration with its defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Listeners.
    pub(crate) server: Server,
    /// Sources beside them: syslog, lines of JSON, files.
    pub(crate) listen: Listen,
    /// What is sensitive to every tenant beyond the built-in rules.
    pub(crate) redaction: Redaction,
    /// How much each tenant may send.
    pub(crate) limits: LimitsSection,
    /// Tenants' own sections, by name.
    pub(crate) tenant: BTreeMap<String, TenantSection>,
    /// Which traces are kept.
    pub(crate) sampling: Sampling,
    /// Where what is kept goes on to.
    pub(crate) export: Vec<ExportSection>,
    /// What makes failures alike.
    pub(crate) fingerprint: Fingerprint,
    /// How long what is kept.
    pub(crate) store: Store,
    /// How much may be exposed.
    pub(crate) budget: Budget,
    /// How many must stand behind what is shown.
    pub(crate) privacy: Privacy,
    /// Who is paged on a canary or late hit.
    pub(crate) pages: Pages,
    /// A language model, if any.
    pub(crate) model: Option<ModelSection>,
}

/// What a server does with what it takes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Stores it, and exports what an `[[export]]` says.
    #[default]
    Gateway,
    /// Stores no event: redacts beside the service, and forwards by each `[[export]]`.
    Agent,
}

/// Listeners.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// What this process does with what it takes in.
    pub(crate) role: Role,
    /// OTLP/HTTP and JSON lines.
    pub(crate) listen: SocketAddr,
    /// OTLP/gRPC.
    pub(crate) grpc: SocketAddr,
    /// Names that the war room answers to, beside loopback's and addresses.
    pub(crate) room_names: Vec<String>,
    /// What both speak, if not plain.
    pub(crate) tls: Option<TlsSection>,
    /// Seconds between the signal to stop, from which on `/readyz` says 503, and the end of
    /// listening: as long as a load balancer takes to notice.
    pub(crate) stop_notice_s: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            role: Role::Gateway,
            listen: SocketAddr::from(([127, 0, 0, 1], 4318)),
            grpc: SocketAddr::from(([127, 0, 0, 1], 4317)),
            room_names: Vec::new(),
            tls: None,
            stop_notice_s: 0,
        }
    }
}

/// What one tenant has of its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TenantSection {
    /// On top of what is sensitive to every tenant; a switch said here overrides.
    pub(crate) redaction: Redaction,
    /// A larger k than elsewhere; a smaller one has no effect.
    pub(crate) privacy: Privacy,
    /// Which of its traces are kept, instead of what holds for all.
    pub(crate) sampling: Option<Sampling>,
    /// How much it may send; what is left out is as for all.
    pub(crate) limits: LimitsSection,
    /// Names in certificates of clients that are its: URIs and DNS names of the alternative name,
    /// common names.
    pub(crate) certificates: Vec<String>,
    /// Whether raw events that are held back are sealed, and to whom.
    pub(crate) quarantine: QuarantineSection,
}

/// What is sensitive beyond the built-in rules.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Redaction {
    /// Words and fields that are sensitive here and nowhere else.
    pub(crate) dictionary: Dictionary,
    /// Field names that give no verdict by themselves: their values are scanned as free text.
    pub(crate) keep_fields: Vec<String>,
    /// Replace IP addresses by pseudonyms.
    pub(crate) ip_addresses: Option<bool>,
    /// Replace host names by pseudonyms.
    pub(crate) host_names: Option<bool>,
    /// Replace directories of file paths.
    pub(crate) file_paths: Option<bool>,
    /// Which texts are searched for names of persons and addresses.
    pub(crate) names: Option<Names>,
    /// Replace names of places that are found in them.
    pub(crate) places: Option<bool>,
    /// Replace names of organisations that are found in them.
    pub(crate) organisations: Option<bool>,
    /// Further fields whose values are searched for names.
    pub(crate) name_fields: Vec<String>,
    /// File with canary values, one a line; mode 0600.
    pub(crate) canaries: Option<PathBuf>,
    /// File with known secrets, one a line; mode 0600.
    pub(crate) known_secrets: Option<PathBuf>,
    /// What is done with a kind of class B (`email`, `card`, …) or with `class_b` as a whole:
    /// `remove`, `mask`, `pseudonym` or `keep`.
    pub(crate) actions: BTreeMap<String, String>,
    /// Field names whose values survive: nothing of class B is taken out of them.
    pub(crate) survive: Vec<String>,
    /// File of approved fields, as `cordon schema approve` writes it.
    pub(crate) schema: Option<PathBuf>,
    /// What becomes of a field that is not in it: `scan`, `template` or `drop`.
    pub(crate) unknown: Option<String>,
    /// What becomes of a body that is free text: `scan`, `template` or `drop`.
    pub(crate) free_text: Option<String>,
    /// Packs of rules beside the built-in ones.
    pub(crate) rules: Vec<PathBuf>,
}

/// Texts that are searched for names.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Names {
    /// None.
    Off,
    /// Values of fields that hold prose.
    Fields,
    /// Raw log lines as well.
    Lines,
}

/// Words that are replaced wherever they stand as whole words, ASCII case ignored; the kind of
/// their pseudonyms is their list's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Dictionary {
    /// Names of internal services.
    pub(crate) services: Vec<String>,
    /// Names of internal hosts.
    pub(crate) hosts: Vec<String>,
    /// Identifiers of customers.
    pub(crate) customers: Vec<String>,
    /// Code names and whatever else.
    pub(crate) terms: Vec<String>,
    /// Names of fields whose values are replaced whatever they hold; case and separators make no
    /// difference.
    pub(crate) fields: Vec<String>,
}

/// What makes failures alike.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fingerprint {
    /// Grouping rules that `cordon fingerprint` reads.
    pub(crate) rules_file: Option<PathBuf>,
}

/// Retention.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// Days after which events are deleted and their keys destroyed.
    pub(crate) ttl_days: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self { ttl_days: 30 }
    }
}

/// Exposure caps of a tenant and operator in 24 hours.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Budget {
    /// Bytes of technical metadata that answers may hold.
    pub(crate) class_c_bytes: Option<u64>,
    /// Bytes of pseudonyms that answers may hold.
    pub(crate) class_b_bytes: Option<u64>,
}

/// What may be shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Privacy {
    /// Distinct subjects that must stand behind a group of failures before it is shown; without
    /// it one occurrence is enough. At most 64.
    pub(crate) own_tenant_k: Option<u64>,
    /// Names of fields whose values are technical metadata and may be shown in answers, beside
    /// those of the OpenTelemetry semantic conventions.
    pub(crate) technical_fields: Vec<String>,
}

/// Paging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pages {
    /// URL that gets a POST with counts, rule and tenant: never a value.
    pub(crate) webhook: Option<String>,
}

/// A secret by reference.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRef {
    /// Name of the environment variable that holds it.
    pub(crate) env: Option<String>,
    /// File that holds it.
    pub(crate) file: Option<PathBuf>,
}

/// A language model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelSection {
    /// Base URL of an OpenAI-compatible server, such as `http://127.0.0.1:8080/v1`.
    pub(crate) base_url: String,
    /// Model name.
    pub(crate) model: String,
    /// Credential.
    pub(crate) api_key: Option<SecretRef>,
    /// Who runs a server that is not on loopback.
    pub(crate) vendor: Option<String>,
    /// Where it runs.
    pub(crate) region: Option<String>,
    /// Reference of the data processing agreement.
    pub(crate) agreement: Option<String>,
    /// The vendor's commitment not to train on what is sent.
    #[serde(default)]
    pub(crate) no_training: bool,
    /// Seconds before the model-free answer is given instead.
    #[serde(default = "default_timeout_s")]
    pub(crate) timeout_s: u64,
}

const fn default_timeout_s() -> u64 {
    60
}

impl Config {
    /// Reads the file, or the defaults where there is none.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read configuration {}", path.display()))?;
        // toml's error shows the line with a caret and lists the known keys.
        let config: Self = toml::from_str(&text)
            .map_err(|error| Unparsed::new(&text, error))
            .with_context(|| format!("parse configuration {}", path.display()))?;
        config.check()?;
        Ok(config)
    }

    /// The k rule of a tenant: the larger of what holds for all and for it.
    pub(crate) fn k_rule(&self, tenant: &TenantId) -> KRule {
        let mut rule = KRule::default();
        for privacy in self.privacy(Some(tenant)) {
            let k = privacy.own_tenant_k.unwrap_or_default();
            rule.own_tenant_k = rule.own_tenant_k.max(k);
        }
        rule
    }

    /// Fields that are technical for a tenant: those that are for all, and its own.
    pub(crate) fn technical_fields(&self, tenant: Option<&TenantId>) -> Vec<String> {
        let sections = self.privacy(tenant);
        let fields = sections.flat_map(|section| &section.technical_fields);
        fields.cloned().collect()
    }

    /// How much a tenant may send.
    pub(crate) fn limits(&self, tenant: &TenantId) -> TenantLimits {
        let own = self.tenant.get(tenant.as_str());
        self.limits.of(own.map(|section| &section.limits))
    }

    fn privacy(&self, tenant: Option<&TenantId>) -> impl Iterator<Item = &Privacy> {
        let own = tenant.and_then(|tenant| self.tenant.get(tenant.as_str()));
        std::iter::once(&self.privacy).chain(own.map(|own| &own.privacy))
    }

    /// Whose a name in a client's certificate is; a name is one tenant's.
    pub(crate) fn certified(&self) -> anyhow::Result<BTreeMap<String, TenantId>> {
        let mut all = BTreeMap::new();
        for (tenant, section) in &self.tenant {
            let id = TenantId::parse(tenant).with_context(|| format!("read [tenant.{tenant}]"))?;
            for name in &section.certificates {
                if let Some(other) = all.insert(name.clone(), id.clone())
                    && other != id
                {
                    bail!("read certificates: {name:?} is of {other} and of {id}");
                }
            }
        }
        Ok(all)
    }

    /// What single values cannot show: names are names, and no k is beyond what is counted.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let first = self.problems().into_iter().next();
        first.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Each thing that is wrong beyond single values, with its key.
    pub(crate) fn problems(&self) -> Vec<(String, anyhow::Error)> {
        let mut all = Vec::new();
        for (name, section) in &self.tenant {
            let parsed = TenantId::parse(name).with_context(|| format!("read [tenant.{name}]"));
            all.extend(parsed.err().map(|error| (format!("tenant.{name}"), error)));
            let approvers = section.quarantine.approvers();
            let approvers = approvers.with_context(|| format!("read [tenant.{name}]"));
            let key = || format!("tenant.{name}.quarantine");
            all.extend(approvers.err().map(|error| (key(), error)));
        }
        let everybody = [("limits".to_owned(), self.limits.check())];
        let own = |(name, own): (&String, &TenantSection)| {
            (format!("tenant.{name}.limits"), own.limits.check())
        };
        for (key, checked) in self.tenant.iter().map(own).chain(everybody) {
            let checked = checked.with_context(|| format!("read [{key}]"));
            all.extend(checked.err().map(|error| (key, error)));
        }
        all.extend(self.listen.problems());
        let forwards_all = self.export.iter().any(|export| export.tenants.is_none());
        if self.server.role == Role::Agent && !forwards_all {
            let error = anyhow!(
                "start as an agent: it forwards, and there is no [[export]] of all tenants"
            );
            all.push(("server.role".to_owned(), error));
        }
        all.extend(sampling::problems(self));
        let tls = listen::check_server(self.server.tls.as_ref());
        all.extend(tls.err().map(|error| ("server.tls".to_owned(), error)));
        let max = STOP_NOTICE_S_MAX;
        if self.server.stop_notice_s > max {
            let error = anyhow!("read stop_notice_s of [server]: at most {max}");
            all.push(("server.stop_notice_s".to_owned(), error));
        }
        let certified = self.certified();
        all.extend(certified.err().map(|error| ("tenant".to_owned(), error)));
        let own = |(name, own): (&String, &TenantSection)| {
            (
                format!("tenant.{name}.privacy.own_tenant_k"),
                own.privacy.own_tenant_k,
            )
        };
        let everybody = ("privacy.own_tenant_k".to_owned(), self.privacy.own_tenant_k);
        let max = SUBJECTS_COUNT_MAX as u64;
        for (key, k) in self.tenant.iter().map(own).chain([everybody]) {
            if k.is_some_and(|k| k > max) {
                let error =
                    anyhow!("read own_tenant_k: at most {max} subjects of a group are told apart");
                all.push((key, error));
            }
        }
        all
    }

    /// What says which fields are classified: names, and files of approved ones.
    pub(crate) fn classifies(&self) -> Vec<(&[String], Option<&PathBuf>)> {
        let own = self.tenant.values();
        let own = own.map(|own| (&own.privacy, &own.redaction));
        let all = own.chain([(&self.privacy, &self.redaction)]);
        all.map(|(privacy, redaction)| {
            let names = privacy.technical_fields.as_slice();
            (names, redaction.schema.as_ref())
        })
        .collect()
    }

    /// Whether somebody samples.
    pub(crate) fn samples(&self) -> bool {
        let own = self.tenant.values().filter_map(|own| own.sampling.as_ref());
        let own = own.map(|own| self.sampling.with(own));
        let mut all = own.chain([self.sampling.clone()]);
        all.any(|section| section.plan.is_some() && !section.off)
    }

    /// What is sensitive to a tenant, the general first.
    pub(crate) fn redaction(&self, tenant: Option<&TenantId>) -> Vec<&Redaction> {
        let own = tenant.and_then(|tenant| self.tenant.get(tenant.as_str()));
        let own = own.map(|section| &section.redaction);
        std::iter::once(&self.redaction).chain(own).collect()
    }
}

impl SecretRef {
    /// The secret; `what` names it in errors.
    pub(crate) fn resolve(&self, what: &str) -> anyhow::Result<String> {
        match (&self.env, &self.file) {
            (Some(name), None) => crate::environment::secret(name)
                .with_context(|| format!("read {what}: variable {name} is not set")),
            (None, Some(path)) => Ok(std::fs::read_to_string(path)
                .with_context(|| format!("read {what} from {}", path.display()))?
                .trim()
                .to_owned()),
            _ => bail!("read {what}: give either env or file"),
        }
    }
}

impl ModelSection {
    /// The model, or what its section lacks.
    pub(crate) fn open(&self) -> anyhow::Result<Model> {
        let key = self.api_key.as_ref().map(|key| key.resolve("api_key"));
        let key = key.transpose()?;
        let terms = Terms {
            vendor: self.vendor.clone(),
            region: self.region.clone(),
            agreement: self.agreement.clone(),
            no_training: self.no_training,
        };
        let timeout = Duration::from_secs(self.timeout_s);
        let name = self.model.clone();
        Ok(Model::new(
            &self.base_url,
            name,
            key.map(ApiKey::new),
            &terms,
            timeout,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_shown_with_what_is_known() {
        let error = toml::from_str::<Config>("[server]\nlisten_on = \"x\"\n").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("listen_on") && text.contains("`listen`"),
            "{text}"
        );
    }

    #[test]
    fn a_tenant_may_raise_k_and_not_lower_it() {
        let text = "[privacy]\nown_tenant_k = 3\n[tenant.high.privacy]\nown_tenant_k = 5\n\
                    [tenant.low.privacy]\nown_tenant_k = 2\n";
        let config: Config = toml::from_str(text).unwrap();
        let k = |name| config.k_rule(&TenantId::parse(name).unwrap()).own_tenant_k;
        assert_eq!((k("high"), k("low"), k("other")), (5, 3, 3));
        assert_eq!(
            Config::default()
                .k_rule(&TenantId::parse("acme").unwrap())
                .own_tenant_k,
            1
        );
        let beyond = "[tenant.high.privacy]\nown_tenant_k = 65\n";
        assert!(toml::from_str::<Config>(beyond).unwrap().check().is_err());
    }

    #[test]
    fn limits_are_a_tenants_own_or_those_of_all() {
        let text = "[limits]\nevents_per_s = 100\nburst_s = 5\n\
                    [tenant.high.limits]\nevents_per_s = 900\nbytes_per_s = 7\nweight = 4\n";
        let config: Config = toml::from_str(text).unwrap();
        config.check().unwrap();
        let of = |name| config.limits(&TenantId::parse(name).unwrap());
        let other = TenantLimits {
            events_per_s: Some(100),
            bytes_per_s: None,
            burst_s: 5,
            weight: 1,
        };
        assert_eq!(of("other"), other);
        let high = TenantLimits {
            events_per_s: Some(900),
            bytes_per_s: Some(7),
            weight: 4,
            ..other
        };
        assert_eq!(of("high"), high);
        for bad in [
            "events_per_s = 0",
            "burst_s = 0",
            "weight = 101",
            "bytes_per_s = 0",
        ] {
            for section in ["limits", "tenant.a.limits"] {
                let config: Config = toml::from_str(&format!("[{section}]\n{bad}\n")).unwrap();
                assert!(config.check().is_err(), "{section} {bad}");
            }
        }
    }

    #[test]
    fn the_example_is_accepted_and_shows_every_key() {
        let text = include_str!("../../../examples/cordon.toml");
        let config: Config = toml::from_str(text).unwrap();
        config.check().unwrap();
        let acme = TenantId::parse("acme").unwrap();
        assert_eq!(config.k_rule(&acme).own_tenant_k, 3);
        assert_eq!(config.technical_fields(Some(&acme)), ["queue.name", "plan"]);
        assert_eq!(config.redaction(Some(&acme)).len(), 2);
        // With every comment sign before a key taken off it is accepted too.
        let all: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .collect();
        toml::from_str::<Config>(&all.join("\n")).unwrap();
        let source = concat!(
            include_str!("config.rs"),
            include_str!("config/limits.rs"),
            include_str!("config/listen.rs"),
            include_str!("config/sampling.rs"),
            include_str!("config/quarantine.rs"),
        );
        let keys = source.lines().filter_map(|line| {
            let rest = line.strip_prefix("    pub(crate) ")?;
            let (key, _) = rest.split_once(": ")?;
            (!key.contains(' ')).then_some(key)
        });
        for key in keys {
            assert!(text.contains(key), "{key} is not in the example");
        }
    }

    #[test]
    fn a_certificates_name_is_of_one_tenant() {
        let text =
            "[tenant.a]\ncertificates = [\"x\", \"y\"]\n[tenant.b]\ncertificates = [\"y\"]\n";
        let config: Config = toml::from_str(text).unwrap();
        let told = config.check().unwrap_err().to_string();
        assert!(told.contains("\"y\" is of a and of b"), "{told}");
        let config: Config = toml::from_str(&text.replace("[\"y\"]", "[\"z\"]")).unwrap();
        assert_eq!(config.certified().unwrap().len(), 3);
    }

    #[test]
    fn a_credential_cannot_stand_in_the_file() {
        let inline = "[model]\nbase_url='http://127.0.0.1/v1'\nmodel='m'\napi_key='k'\n";
        assert!(toml::from_str::<Config>(inline).is_err());
    }
}
