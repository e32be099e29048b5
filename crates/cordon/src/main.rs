//! The binary: configuration, clock, entropy, supervision, command line.
//!
//! **Architecture invariant:** the only crate that reads the environment and the wall clock
//! (`environment`).
//!
//! **Architecture invariant:** data goes to stdout, the rest to stderr; nothing raw goes to either,
//! panic messages included.

mod accounts;
mod applier;
mod carries;
mod cli;
mod commands;
mod config;
mod crashes;
mod environment;
mod exit;
mod exporting;
mod git;
mod hangup;
mod home;
mod input;
mod intake;
mod lines;
mod listeners;
mod live;
mod log;
mod metrics;
mod packs;
mod pager;
mod policy;
mod progress;
mod rates;
mod release;
mod reload;
mod repository;
mod reproduction;
mod sampling;
mod schema_file;
mod sifting;
mod spine;
mod tokens;
mod turns;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command, TenantCommand};
use crate::exit::{Exit, Failure, Outcome};

fn main() -> ExitCode {
    quiet_panics();
    let cli = Cli::parse();
    let outcome = std::panic::catch_unwind(|| run(&cli)).unwrap_or(Ok(Exit::Internal));
    match outcome {
        Ok(exit) => exit.into(),
        Err(Failure { exit, cause }) => {
            log::line(&format!("error: failed to {cause:#}"));
            exit.into()
        }
    }
}

fn run(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Redact(args) => commands::redact::run(cli, args),
        Command::Scan(args) => commands::scan::run(cli, args),
        Command::Serve(args) => commands::serve::run(cli, args),
        Command::Validate(args) => commands::validate::run(cli, args),
        Command::Test(args) => commands::test::run(cli, args),
        Command::Tap(args) => commands::tap::run(cli, args),
        Command::Top(args) => commands::top::run(cli, args),
        Command::Room(args) => commands::room::run(cli, args),
        Command::RoomWorker => commands::room_worker::run(cli),
        Command::Ingest(args) => commands::ingest::run(cli, args),
        Command::Tenant(TenantCommand::Add { name, region }) => {
            commands::tenant::add(cli, name, region)
        }
        Command::Tenant(TenantCommand::Grant { operator, tenant }) => {
            commands::tenant::set_operator(cli, operator, tenant.as_deref(), true)
        }
        Command::Tenant(TenantCommand::Revoke { operator, tenant }) => {
            commands::tenant::set_operator(cli, operator, tenant.as_deref(), false)
        }
        Command::Tenant(TenantCommand::List) => commands::tenant::list(cli),
        Command::Ask(args) => commands::ask::run(cli, args),
        Command::Diagnose(args) => commands::diagnose::run(cli, args),
        Command::Repro(args) => commands::repro::run(cli, args),
        Command::Crash(args) => commands::crash::run(cli, args),
        Command::CrashWorker => commands::crash::work(),
        Command::Symbols(command) => commands::symbols::run(cli, command),
        Command::Audit(command) => commands::audit::run(cli, command),
        Command::Schema(command) => commands::schema::run(cli, command),
        Command::Canary(command) => commands::canary::run(cli, command),
        Command::Changes(command) => commands::changes::run(cli, command),
        Command::Known(command) => commands::known::run(cli, command),
        Command::Quarantine(command) => commands::quarantine::run(cli, command),
        Command::Status(args) => commands::tenant::status(cli, args),
        Command::List(args) => commands::list::run(cli, args),
        Command::Metrics(args) => commands::metrics::run(cli, args),
        Command::Features(args) => commands::features::run(cli, args),
        Command::Fingerprint(args) => commands::fingerprint::fingerprint(cli, args),
        Command::Templates(args) => commands::templates::run(cli, args),
        Command::Rules(command) => commands::rules::run(cli, command),
        Command::Demo(args) => commands::demo::run(cli, args),
    }
}

/// A panic message may quote what it choked on, so only the place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, ToString::to_string);
        log::line(&format!("panic at {place}"));
    }));
}
