//! The command line: one definition makes parser, help and usage errors.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Role;

pub(crate) use changes::{ChangesAddArgs, ChangesCommand, ChangesGitArgs, ChangesListArgs};
pub(crate) use operate::{TapArgs, TestArgs, TopArgs, ValidateArgs};
pub(crate) use quarantine::{DropReasonArg, QuarantineCommand, QuarantineListArgs};
pub(crate) use room::{RoomArgs, SessionClass};
pub(crate) use rules::{RulesArgs, RulesCommand, RulesFormat, RulesListArgs};
pub(crate) use schema::{ApproveArgs, DiffArgs, LearnArgs, SchemaCommand};
pub(crate) use secrets::{CanaryCommand, CanaryShape, KnownCommand, KnownFormat};

mod changes;
mod operate;
mod quarantine;
mod room;
mod rules;
mod schema;
mod secrets;

/// Debug production without production data getting out.
#[derive(Parser)]
#[command(
    name = "cordon",
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 done, 1 findings, 2 usage or configuration, \
    3 could not reach or serve, 4 refused by policy or budget, 70 internal"
)]
pub(crate) struct Cli {
    /// Where keys, journal, store and audit log live
    #[arg(long, global = true, value_name = "DIR", env = "CORDON_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file; without it the defaults hold
    #[arg(long, global = true, value_name = "FILE", env = "CORDON_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Redact lines: stdin to stdout, line by line, no configuration needed
    Redact(RedactArgs),
    /// Report secrets and personal data in files or stdin, without their values; exit 1 when any
    Scan(ScanArgs),
    /// Run the gateway: OTLP over HTTP and gRPC, JSON lines, Sentry's clients, alerts, changes, the
    /// war room; syslog, lines of JSON over TCP, and files that are followed
    ///
    /// What comes without a request is configured: `[[listen.syslog]]`, `[[listen.json]]`,
    /// `[[listen.file]]`.
    Serve(ServeArgs),
    /// Check a configuration and every file that it names, without starting anything; exit 2 on
    /// problems
    Validate(ValidateArgs),
    /// Run the cases of a configuration: an input, and what is to become of it; exit 1 when one
    /// does not come out
    ///
    /// Each goes the way of what a server receives, under the policy of its tenant, with a random
    /// key. Needs no data directory. Nothing of an input is printed but what redaction left of it.
    Test(TestArgs),
    /// Watch what a tenant sends, redacted, as a server on this data directory receives it
    ///
    /// Ends by itself. Audited before the first line and after the last, charged to the budget of
    /// class C; fields that nobody classified are counted, not shown.
    Tap(TapArgs),
    /// Watch how a running server is doing: rates, refusals, backlog, readiness, each second
    Top(TopArgs),
    /// Open a session of the war room and print its address; list and end sessions; write the room
    /// as one file
    Room(RoomArgs),
    /// Answers one request of a page on its standard input: what `serve` starts for it
    #[command(hide = true)]
    RoomWorker,
    /// Ingest JSON lines, log lines or a journal from files or stdin
    ///
    /// A line of a file that was ingested before, under the same name and at the same number, is
    /// recognised and counted as a duplicate. Lines from stdin never are.
    Ingest(IngestArgs),
    /// Manage tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Ask what failed and why; works without a language model
    Ask(AskArgs),
    /// Find what fails in a folder of telemetry, or in logs (files, or stdin), without a server
    ///
    /// `cordon diagnose DIR` compares `DIR/baseline` with `DIR/incident` and names the service at
    /// fault. `cordon diagnose app.log` and `cordon diagnose < app.log` read logs as they are: what
    /// fails, since when, what its lines have in common, and what changed before.
    Diagnose(DiagnoseArgs),
    /// Write a failing test from a stored failure
    Repro(ReproArgs),
    /// Report a crash from its minidump, without what the process held in memory
    ///
    /// The dump is read in a process of its own, without network and under limits. With --tenant it
    /// is read with the tenant's symbols, which needs the grant that `cordon symbols grant` gives.
    Crash(CrashArgs),
    /// Reads one dump from stdin: what `crash` starts behind walls
    #[command(hide = true)]
    CrashWorker,
    /// Keep Breakpad symbol files, sealed, for `crash`
    #[command(subcommand)]
    Symbols(SymbolsCommand),
    /// Check the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Learn which fields there are, compare with those approved, and approve
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Values that must never arrive: drawn, planted by you, looked for
    #[command(subcommand)]
    Canary(CanaryCommand),
    /// Tell of deploys, flags and settings, take commits from git, and list what was told
    #[command(subcommand)]
    Changes(ChangesCommand),
    /// Secrets that are known to be live, kept as keyed digests
    #[command(subcommand)]
    Known(KnownCommand),
    /// See what was held back, and let it in, drop it or run it again
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Show what was received, kept, removed and quarantined
    Status(TenantArg),
    /// List a tenant's failures and templates with their counts
    List(TenantArg),
    /// Count a tenant's failures and templates by component, release, region and module
    ///
    /// Tells too what occurs together, and which rates changed when a release was first seen. With
    /// --across it tells what many tenants share, and nothing that fewer than five have.
    Features(FeaturesArgs),
    /// List what a tenant's metrics add up to: last values, sums and rates by service and metric
    Metrics(MetricsArgs),
    /// Stack traces (`{"id","text"}`) or events (`{"id","event"}`), one JSON object a line, to
    /// fingerprints; exit 1 when a line could not be read
    Fingerprint(FingerprintArgs),
    /// Log lines to templates, one JSON object a line, when all lines were read
    Templates(TemplatesArgs),
    /// List, explain, test, compare and import the rules that tokens are found by
    #[command(subcommand)]
    Rules(RulesCommand),
    /// The whole way on a shipped sample workload
    Demo(DemoArgs),
}

/// How input is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Decided line by line.
    #[default]
    Auto,
    /// One stream of log lines; a secret may span them.
    Text,
    /// Each line one JSON value.
    Json,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// `cordon templates`.
#[derive(Args)]
pub(crate) struct TemplatesArgs {
    /// The shape of each line at once, which depends on no other line: what is stored with an event
    #[arg(long)]
    pub(crate) shape: bool,
}

/// Flags of `redact`.
#[derive(Args)]
pub(crate) struct RedactArgs {
    /// What comes in
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Use this tenant's pseudonyms instead of a random key for this run
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Search raw lines for names of persons and addresses, as the values of fields are
    #[arg(long)]
    pub(crate) names: bool,
    /// Write findings (rule, class, offset, length; no values) as JSON lines
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// Flags of `scan`.
#[derive(Args)]
pub(crate) struct ScanArgs {
    /// Files; stdin when none is given
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output_format: OutputFormat,
    /// Short for --output-format json
    #[arg(long, conflicts_with = "output_format")]
    pub(crate) json: bool,
}

/// Flags of `diagnose`.
#[derive(Args)]
pub(crate) struct DiagnoseArgs {
    /// Folder with `baseline/` and `incident/` (OTLP/JSON lines of traces, logs and metrics), or
    /// log files, which may be compressed with gzip; without any, logs are read from stdin
    #[arg(value_name = "DIR|FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Git repository of what failed: names the commit that touched the place, if one stands out
    #[arg(long, value_name = "DIR")]
    pub(crate) repository: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output_format: AnswerFormat,
    /// Short for --output-format json
    #[arg(long, conflicts_with = "output_format")]
    pub(crate) json: bool,
}

/// Flags of `fingerprint`.
#[derive(Args)]
pub(crate) struct FingerprintArgs {
    /// Tell what contributed to each fingerprint, what did not, and why
    #[arg(long)]
    pub(crate) explain: bool,
    /// Grouping rules beside those of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Name near duplicates: `merged_into` is the fingerprint that a failure has, too; waits for
    /// the end of the input
    #[arg(long)]
    pub(crate) merge: bool,
    /// How results are written: JSON lines, or text for people
    #[arg(long, value_enum, default_value = "json")]
    pub(crate) output_format: RowFormat,
    /// Short for --output-format json
    #[arg(long, conflicts_with = "output_format")]
    pub(crate) json: bool,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    #[default]
    Text,
    /// For a page or a ticket.
    Markdown,
    /// For programs.
    Json,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Flags of `serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// OTLP/HTTP, JSON lines, Sentry's clients, alerts, changes, the war room
    /// [default: 127.0.0.1:4318]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// OTLP/gRPC [default: 127.0.0.1:4317]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) grpc: Option<SocketAddr>,
    /// What is done with what comes in [default: gateway]
    #[arg(long)]
    pub(crate) role: Option<Role>,
}

/// Flags of `ingest`.
#[derive(Args)]
pub(crate) struct IngestArgs {
    /// Files; stdin when none is given
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Tenant to ingest for
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: String,
    /// What the input is
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: IngestFormat,
    /// Service of lines that do not name one; not with events and journals
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Offset from UTC of times in text that do not tell theirs, such as +02:00; not with events
    /// and journals
    #[arg(
        long,
        value_name = "OFFSET",
        value_parser = zone_offset_s,
        allow_hyphen_values = true
    )]
    pub(crate) zone: Option<i32>,
    /// File that the cursor of the last durable journal entry is written to; with journals alone
    #[arg(long, value_name = "FILE")]
    pub(crate) cursor_file: Option<PathBuf>,
}

fn zone_offset_s(text: &str) -> anyhow::Result<i32> {
    crate::config::listen::zone_offset_s(text)
}

/// What `ingest` reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum IngestFormat {
    /// A JSON object a line, as POST /v1/events takes; another line is refused.
    #[default]
    Events,
    /// Decided line by line: Docker's, CRI's, JSON or text.
    Auto,
    /// Lines of text; those of a stack trace are one event.
    Text,
    /// A JSON object a line; another line is text.
    Json,
    /// What Docker's `json-file` driver writes.
    Docker,
    /// What containerd and CRI-O write.
    Cri,
    /// `journalctl -o export`.
    Journald,
    /// `journalctl -o json`.
    JournaldJson,
}

/// `tenant add|grant|revoke|list`.
#[derive(Subcommand)]
pub(crate) enum TenantCommand {
    /// Add a tenant and print its token, once
    Add {
        /// 1 to 63 of a-z, 0-9 and '-', beginning with a letter
        name: String,
        /// Where the tenant's data lives
        #[arg(long)]
        region: String,
    },
    /// Make another person an operator of a tenant, as its first one is; audited
    Grant {
        /// Name of the person, as the system has it (USER)
        operator: String,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// Take that back; audited
    Revoke {
        /// Name of the person
        operator: String,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// List tenants
    List,
}

/// The tenant a command is about.
#[derive(Args)]
pub(crate) struct TenantArg {
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `features`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct FeaturesArgs {
    /// The grant for --across
    #[command(subcommand)]
    pub(crate) command: Option<FeaturesCommand>,
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// One fingerprint alone, or an unambiguous beginning of it
    #[arg(long, value_name = "ID")]
    pub(crate) group: Option<String>,
    /// What was seen since this time (RFC 3339, UTC)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Rates before and after this time (RFC 3339, UTC) instead of those around releases
    #[arg(long, value_name = "TIME", requires = "component")]
    pub(crate) at: Option<String>,
    /// The component that --at is about
    #[arg(long, value_name = "NAME", requires = "at")]
    pub(crate) component: Option<String>,
    /// What many tenants share: it takes no filter, and needs `cordon features grant`
    #[arg(long, conflicts_with_all = ["tenant", "group", "since", "at", "component"])]
    pub(crate) across: bool,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `metrics`.
#[derive(Args)]
pub(crate) struct MetricsArgs {
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Metrics whose name has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) series: Option<String>,
    /// What came since this time (RFC 3339, UTC)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `features grant|revoke`.
#[derive(Subcommand)]
pub(crate) enum FeaturesCommand {
    /// Give yourself the grant for what many tenants share; audited
    Grant,
    /// Give the grant back; audited
    Revoke,
}

/// Flags of `ask`.
#[derive(Args)]
pub(crate) struct AskArgs {
    /// The question, in your words
    pub(crate) question: String,
    /// Tenant and output
    #[command(flatten)]
    pub(crate) tenant: TenantArg,
    /// Ask as of this time (RFC 3339, UTC) [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Do not use the configured model
    #[arg(long)]
    pub(crate) no_model: bool,
    /// Print what a model would be sent, and stop
    #[arg(long)]
    pub(crate) show_prompt: bool,
}

/// Flags of `repro`.
#[derive(Args)]
pub(crate) struct ReproArgs {
    /// Fingerprint as `ask` prints it, or an unambiguous beginning of it
    #[arg(required_unless_present = "event")]
    pub(crate) fingerprint: Option<String>,
    /// Reproduce from NDJSON events instead of the store; redacted first
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,
    /// Source tree of the failing service
    #[arg(long, value_name = "DIR")]
    pub(crate) source: PathBuf,
    /// Where to write the test
    #[arg(long, value_name = "DIR", default_value = "repro")]
    pub(crate) out: PathBuf,
    /// Python to run the test with [default: python3 on the path]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) python: Option<PathBuf>,
    /// Isolation of the test run
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sandbox: SandboxMode,
    /// Tenant and output
    #[command(flatten)]
    pub(crate) tenant: TenantArg,
}

/// Flags of `crash`.
#[derive(Args)]
pub(crate) struct CrashArgs {
    /// The minidump; a dump of the whole memory is refused
    #[arg(value_name = "FILE")]
    pub(crate) dump: PathBuf,
    /// Write the dump without its values; its report is the same
    #[arg(long, value_name = "OUT")]
    pub(crate) strip: Option<PathBuf>,
    /// Breakpad symbol file; may be given again
    #[arg(long, value_name = "FILE", conflicts_with = "tenant")]
    pub(crate) symbols: Vec<PathBuf>,
    /// Use this tenant's symbols and pseudonyms instead of a random key for this run
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Keep the crash as an event of the tenant's: its report, never the dump
    #[arg(long, requires = "tenant")]
    pub(crate) ingest: bool,
    /// Service that crashed [default: the program's name]
    #[arg(long, value_name = "NAME", requires = "ingest")]
    pub(crate) service: Option<String>,
    /// Release that crashed
    #[arg(long, value_name = "VERSION", requires = "ingest")]
    pub(crate) release: Option<String>,
    /// Isolation of the process that reads the dump
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sandbox: SandboxMode,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `symbols add|list|remove|grant|revoke`.
#[derive(Subcommand)]
pub(crate) enum SymbolsCommand {
    /// Keep symbol files, as `dump_syms` writes them
    Add {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// List debug ids, names, systems and sizes
    List(TenantArg),
    /// Forget symbol files
    Remove {
        /// Debug ids, as listed
        #[arg(required = true)]
        ids: Vec<String>,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// Give yourself the grant for a tenant's symbols; audited
    Grant {
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// Give the grant back; audited
    Revoke {
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
}

/// Isolation of a test run, or of reading a dump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxMode {
    /// No network, read-only system; refuses where bubblewrap is missing.
    #[default]
    Bubblewrap,
    /// A plain child process with resource limits: the network is reachable.
    Process,
}

impl SandboxMode {
    /// As the sandbox calls it.
    pub(crate) const fn mode(self) -> cordon_sandbox::Mode {
        match self {
            Self::Bubblewrap => cordon_sandbox::Mode::Bubblewrap,
            Self::Process => cordon_sandbox::Mode::Process,
        }
    }
}

/// `audit verify|show`.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Detect edits, deletions, reordering, truncation and older copies; exit 1 when any
    Verify {
        /// A checkpoint that was kept elsewhere: the log has to hold what it says
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Print the signed checkpoint, to be kept elsewhere
    Checkpoint,
    /// Print the entries
    Show,
}

/// Flags of `demo`.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Python with pytest, to run the written tests [default: found on the path]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) python: Option<PathBuf>,
    /// Isolation of the test runs; where it cannot be had, tests are written and not run
    #[arg(long, value_enum, default_value_t)]
    pub(crate) sandbox: SandboxMode,
}
