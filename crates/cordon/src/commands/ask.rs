//! `cordon ask`: what failed and why.

use anyhow::{Context as _, anyhow};
use cordon_assist::model::Model;
use cordon_assist::{Answered, Ask, Form, Question, Summary};
use cordon_event::Raw;

use crate::cli::{AskArgs, Cli};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::pager::Pager;
use crate::release::{fresh_id, refused};
use crate::{environment, log};

const NS_PER_S: u64 = 1_000_000_000;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &AskArgs) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let at_unix_ns = match &args.at {
        Some(time) => parse_time(time)
            .with_context(|| format!("read --at {time}: expected 2026-01-31T23:59:59Z"))
            .or_exit(Exit::Usage)?,
        None => environment::now_unix_ns(),
    };
    let form = match (args.show_prompt, args.tenant.json) {
        (true, _) => Form::Prompt,
        (false, true) => Form::Json,
        (false, false) => Form::Text,
    };
    let section = home.config.model.as_ref().filter(|_| !args.no_model);
    let model = section
        .map(crate::config::ModelSection::open)
        .transpose()
        .or_exit(Exit::Usage)?;
    let tenant = args.tenant.tenant.as_deref();
    answer(
        &home,
        tenant,
        args.question.clone(),
        at_unix_ns,
        form,
        model.as_ref(),
    )
}

/// Asks and prints.
pub(crate) fn answer(
    home: &Home,
    tenant: Option<&str>,
    question: String,
    at_unix_ns: u64,
    form: Form,
    model: Option<&Model>,
) -> Outcome {
    let tenant = home.tenant_id(tenant).or_exit(Exit::Usage)?;
    let mac = home.vault.tenant(&tenant).context("open tenant keys")?;
    let redactor = home.redactor(&mac).or_exit(Exit::Usage)?;
    let question = Question {
        text: Raw::new(question),
        tenant: tenant.clone(),
        operator: operator(),
        at_unix_ns,
        now_unix_s: environment::now_unix_s(),
        ids: [fresh_id()?, fresh_id()?, fresh_id()?],
        form,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("start runtime")?;
    let technical_fields = home.technical_fields(&tenant).or_exit(Exit::Usage)?;
    let mut emit = |part: cordon_ledger::Released<String>| log::data(part.get().as_bytes());
    let answered = Pager::with(home.config.pages.webhook.clone(), |pager| {
        let ask = Ask {
            store: &home.store,
            ledger: &home.ledger,
            redactor: &redactor,
            mac: &mac,
            k_rule: home.config.k_rule(&tenant),
            technical_fields: &technical_fields,
            model,
            alarm: &|page| pager.page(Some(&tenant), page, 0),
        };
        runtime.block_on(ask.answer(question, &mut emit))
    })?;
    match answered.map_err(|error| anyhow!(error).context("answer"))? {
        Answered::Done(summary) => {
            home.tell_unreadable();
            tell(&summary);
            Ok(Exit::Done)
        }
        Answered::Refused(reason) => Ok(refused(reason)),
    }
}

fn tell(summary: &Summary) {
    if summary.ladder != "budget_within" {
        log::line(&format!("note: answer reduced: {}", summary.ladder));
    }
    if let Some(code) = summary.model {
        let dropped = summary.dropped;
        log::line(&format!(
            "note: model: {code}, {dropped} of its lines dropped"
        ));
    }
}

/// Nanoseconds since the Unix epoch of an RFC 3339 time in UTC: `2026-01-31T23:59:59Z`.
pub(crate) fn parse_time(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let time = time.split('.').next()?;
    let mut parts = time.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute, second) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let fits = (1970..=2500).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    if !fits {
        return None;
    }
    // Days from the civil calendar: H. Hinnant, "chrono-compatible low-level date algorithms".
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second) * NS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(parse_time("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            parse_time("2023-11-14T22:13:20Z"),
            Some(1_700_000_000 * NS_PER_S)
        );
        assert_eq!(
            parse_time("2024-02-29T00:00:00.5Z"),
            Some(1_709_164_800 * NS_PER_S)
        );
        for bad in [
            "",
            "2023-11-14",
            "2023-13-14T00:00:00Z",
            "2023-11-14T25:00:00Z",
            "x-y-zTa:b:cZ",
        ] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }
}
