//! `cordon features`: what is counted of a tenant's failures and templates, by component, release,
//! region and module; what occurs together; rates around a release. A release, so audited.

use anyhow::{Context as _, anyhow};
use cordon_diagnose::{Counts, Exposure, RateAround, Turn, rates_around};
use cordon_govern::{KDecision, KRule, Purpose, TenantScope};
use cordon_journal::KeyError;
use cordon_ledger::{Action, EvidenceId};
use cordon_redact::Clean;
use cordon_store::{
    Dimension, Error, Features, GroupRow, GroupText, Moment, ROWS_COUNT_MAX, Side, Store, Window,
};

use crate::cli::{Cli, FeaturesArgs, FeaturesCommand};
use crate::commands::ask::parse_time;
use crate::commands::{across, features_form};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::release::{enter, refused};
use crate::{environment, log};

const NS_PER_S: u64 = 1_000_000_000;
/// Fingerprints that the audit entry names: those that come first.
const EVIDENCE_COUNT_MAX: usize = 64;
/// Groups that are shown.
const GROUPS_COUNT_MAX: usize = 50;
/// Groups that one is shown to occur with.
const TOGETHER_COUNT_MAX: usize = 10;
/// Releases whose rates are shown: those first seen last.
const DEPLOYS_COUNT_MAX: usize = 20;
/// Groups whose rate around a moment is shown.
const RATES_COUNT_MAX: usize = 20;
/// How far around a moment it is looked, nanoseconds.
const AROUND_NS_MAX: u64 = 24 * 3_600 * NS_PER_S;

/// A group as it is shown: id; kind, failure, count and times; text, and features.
pub(crate) type Shown = (
    (String, ((u8, bool), (u64, (u64, u64)))),
    ((GroupText, Features), Vec<Met>),
);
/// A group that another occurred with: id; occasions with both; share of its own, and lift.
pub(crate) type Met = (String, (u64, (f64, f64)));
/// A rate: id; events and events a minute before, the same after; p, and the turn's place.
pub(crate) type Rate = (String, ((Events, Events), (f64, u8)));
/// Events, and how many a minute.
pub(crate) type Events = (u64, f64);
/// A moment as it is shown, what its component sent before and after, and the rates.
pub(crate) type Rated = ((Deploy, (Sent, Sent)), Vec<Rate>);
/// Events of a component, and the time that they were seen in, seconds.
pub(crate) type Sent = (u64, u64);

/// What a component sent before and after a moment, and the rates that are shown.
type AroundMoment = ((Sent, Sent), Vec<Clean<Rate>>);

/// The turns, in the order of their numbers.
pub(crate) const TURNS: [Turn; 5] = [Turn::New, Turn::Up, Turn::Down, Turn::Gone, Turn::Unchanged];

/// A moment of a component: when a release was first seen, or one that the caller names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deploy {
    /// The component.
    pub(crate) component: String,
    /// The release; empty where the caller named the moment.
    pub(crate) release: String,
    /// When.
    pub(crate) at_unix_ns: u64,
    /// When the release before it was first seen.
    since_unix_ns: u64,
    /// When the next was.
    until_unix_ns: u64,
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &FeaturesArgs) -> Outcome {
    match args.command {
        Some(FeaturesCommand::Grant) => return across::set_grant(cli, true),
        Some(FeaturesCommand::Revoke) => return across::set_grant(cli, false),
        None => {}
    }
    if args.across {
        return across::run(cli, args.json);
    }
    let since_ns = time(args.since.as_deref(), "--since").or_exit(Exit::Usage)?;
    let at_ns = time(args.at.as_deref(), "--at").or_exit(Exit::Usage)?;
    let tenant = args.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let within = Within {
        store: &home.store,
        scope: &granted.scope,
        k_rule: home.config.k_rule(granted.scope.tenant()),
    };
    let groups = within.groups(args.group.as_deref(), since_ns.unwrap_or_default());
    let groups = groups.or_exit(Exit::Usage)?;
    let named = at_ns.zip(args.component.as_deref());
    let rated = within.rated(named, since_ns.unwrap_or_default(), args.group.as_deref());
    let rated = rated.or_exit(Exit::Usage)?;
    let ids = groups
        .iter()
        .map(|shown| EvidenceId::parse(&shown.get().0.0));
    let evidence: Vec<EvidenceId> = ids.flatten().take(EVIDENCE_COUNT_MAX).collect();
    let content = Clean::join(groups).pair(Clean::join(rated));
    let content = if args.json {
        content.map(|(groups, rated)| features_form::written(&groups, &rated))
    } else {
        content.map(|(groups, rated)| features_form::table(&groups, &rated))
    };
    let released = match granted.release(&home, content, "featured", &evidence)? {
        Ok(released) => released,
        Err(code) => return Ok(refused(code)),
    };
    log::data(released.get().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    Ok(Exit::Done)
}

fn time(text: Option<&str>, flag: &str) -> anyhow::Result<Option<u64>> {
    let read = |text: &str| {
        parse_time(text)
            .with_context(|| format!("read {flag} {text}: expected 2026-01-31T23:59:59Z"))
    };
    text.map(read).transpose()
}

/// What is read of one tenant, under its scope and k rule.
struct Within<'a> {
    store: &'a Store,
    scope: &'a TenantScope,
    k_rule: KRule,
}

impl Within<'_> {
    fn is_usable(&self, row: &GroupRow) -> bool {
        self.k_rule.decide(row.reach()) == KDecision::Usable
    }

    /// The group of that id where it may be shown.
    fn usable(&self, group_id: &str) -> anyhow::Result<Option<GroupRow>> {
        match self.store.group(self.scope, group_id) {
            Ok(row) => Ok(row.filter(|row| self.is_usable(row))),
            // Its text cannot be opened any more: it is told nowhere.
            Err(Error::Open(_) | Error::Key(KeyError::Gone | KeyError::Damaged)) => Ok(None),
            Err(error) => Err(anyhow!(error).context("read group")),
        }
    }

    /// The groups to show: the one asked for by the beginning of its id, or those seen since.
    fn groups(&self, wanted: Option<&str>, since_ns: u64) -> anyhow::Result<Vec<Clean<Shown>>> {
        let rows = if let Some(prefix) = wanted {
            self.wanted(prefix)?
        } else {
            let (window, none) = (window(since_ns, u64::MAX), window(0, 0));
            let found = self.store.groups(self.scope, window, none, ROWS_COUNT_MAX);
            found.context("list groups")?.rows
        };
        let usable = rows.into_iter().filter(|row| self.is_usable(row));
        // What may not be shown takes no place of what may.
        let shown = usable.filter_map(|row| self.shown(&row).transpose());
        shown.take(GROUPS_COUNT_MAX).collect()
    }

    fn wanted(&self, prefix: &str) -> anyhow::Result<Vec<GroupRow>> {
        let ids = self.store.group_ids(self.scope, prefix, 2);
        let ids = ids.context("find group")?;
        let [id] = ids.as_slice() else {
            let found = if ids.is_empty() { "none" } else { "several" };
            return Err(anyhow!("find --group: {found} begin with what was given"));
        };
        Ok(self.usable(id)?.into_iter().collect())
    }

    fn shown(&self, row: &GroupRow) -> anyhow::Result<Option<Clean<Shown>>> {
        let Some(id) = Clean::digest_id(&row.group_id) else {
            return Ok(None);
        };
        let features = self.store.features(self.scope, &row.group_id);
        let features = features.context("read features")?;
        let features = features.unwrap_or_default();
        let kind = match row.kind {
            cordon_store::GroupKind::Exception => 0,
            cordon_store::GroupKind::Expectation => 1,
            cordon_store::GroupKind::Template => 2,
        };
        let times = (row.first_unix_ns, row.last_unix_ns);
        let facts = Clean::technical(((kind, row.failure), (row.count, times)));
        let together = self.together(&row.group_id)?;
        let text = row.text.clone().pair(features);
        Ok(Some(id.pair(facts).pair(text.pair(together))))
    }

    fn together(&self, group_id: &str) -> anyhow::Result<Clean<Vec<Met>>> {
        let found = self.store.together(self.scope, group_id, ROWS_COUNT_MAX);
        let mut met = Vec::new();
        for pair in found.context("read what occurs together")? {
            if met.len() >= TOGETHER_COUNT_MAX {
                break;
            }
            if let Some(id) = Clean::digest_id(&pair.with)
                && self.usable(&pair.with)?.is_some()
            {
                let numbers = (pair.both, (pair.share(), pair.lift()));
                met.push(id.pair(Clean::technical(numbers)));
            }
        }
        Ok(Clean::join(met))
    }

    /// The rates around the moment that was named, or around the releases first seen since.
    fn rated(
        &self,
        named: Option<(u64, &str)>,
        since_ns: u64,
        group: Option<&str>,
    ) -> anyhow::Result<Vec<Clean<Rated>>> {
        let features = self.store.tenant_features(self.scope);
        let Some(features) = features.context("read features")? else {
            return Ok(Vec::new());
        };
        let moments: Vec<Clean<Deploy>> = match named {
            None => {
                let all = features.project(deploys_of).split();
                let since = all.filter(|d| d.get().at_unix_ns >= since_ns);
                since.take(DEPLOYS_COUNT_MAX).collect()
            }
            Some((at_ns, component)) => {
                let of = features.project(components_of).split();
                let found = of.into_iter().find(|c| c.get() == component);
                let found = found.context("find --component: none of that name was seen")?;
                vec![found.pair(Clean::technical(at_ns)).map(named_moment)]
            }
        };
        let mut rated = Vec::new();
        for moment in moments {
            let (sent, rates) = self.rates(moment.get(), group)?;
            rated.push(moment.pair(Clean::technical(sent)).pair(Clean::join(rates)));
        }
        Ok(rated)
    }

    fn rates(&self, deploy: &Deploy, wanted: Option<&str>) -> anyhow::Result<AroundMoment> {
        let at = deploy.at_unix_ns;
        let from = at.saturating_sub(AROUND_NS_MAX).max(deploy.since_unix_ns);
        let to = at.saturating_add(AROUND_NS_MAX).min(deploy.until_unix_ns);
        let moment = Moment {
            at_unix_ns: at,
            within: window(from, to),
            now_unix_ns: environment::now_unix_ns(),
        };
        let around = self.store.around(self.scope, &deploy.component, moment);
        let Some(around) = around.context("read rates")? else {
            return Ok(Default::default());
        };
        let sent = |side: Side| (side.events, side.span_s);
        let sent = (sent(around.before), sent(around.after));
        let counts = around
            .groups
            .into_iter()
            .map(|(group_id, before, after)| Counts {
                group_id,
                before,
                after,
            });
        let side = |side: Side| Exposure {
            events: side.events,
            span_s: side.span_s,
        };
        // Tested are all: how many are asked for does not change what is found.
        let rates = rates_around(side(around.before), side(around.after), counts.collect());
        let of_wanted = |rate: &&RateAround| match wanted {
            Some(prefix) => rate.counts.group_id.starts_with(prefix),
            None => rate.turn != Turn::Unchanged,
        };
        let mut shown = Vec::new();
        for rate in rates.iter().filter(of_wanted) {
            if shown.len() >= RATES_COUNT_MAX {
                break;
            }
            if self.usable(&rate.counts.group_id)?.is_some() {
                shown.extend(told(rate));
            }
        }
        Ok((sent, shown))
    }
}

fn told(rate: &RateAround) -> Option<Clean<Rate>> {
    let id = Clean::digest_id(&rate.counts.group_id)?;
    let before = (rate.counts.before, rate.per_minute.0);
    let after = (rate.counts.after, rate.per_minute.1);
    let turn = TURNS.iter().position(|turn| *turn == rate.turn)?;
    let numbers = ((before, after), (rate.p, turn as u8));
    Some(id.pair(Clean::technical(numbers)))
}

const fn window(from_unix_ns: u64, to_unix_ns: u64) -> Window {
    Window {
        from_unix_ns,
        to_unix_ns,
    }
}

fn components_of(features: &Features) -> Vec<String> {
    let values = features.of(Dimension::Component).into_iter();
    let named = values.filter(|(value, _)| !value.is_other());
    named.map(|(value, _)| value.text.clone()).collect()
}

fn named_moment((component, at_unix_ns): (String, u64)) -> Deploy {
    Deploy {
        component,
        release: String::new(),
        at_unix_ns,
        since_unix_ns: 0,
        until_unix_ns: u64::MAX,
    }
}

/// Releases of which the component knew one before, the latest first.
fn deploys_of(features: &Features) -> Vec<Deploy> {
    let mut deploys = Vec::new();
    for component in components_of(features) {
        let seen = features.deploys_of(&component).into_iter();
        deploys.extend(seen.map(|first| Deploy {
            component: component.clone(),
            release: first.release,
            at_unix_ns: first.at_unix_ns,
            since_unix_ns: first.since_unix_ns,
            until_unix_ns: first.until_unix_ns,
        }));
    }
    deploys.sort_by(|a, b| {
        let key = |d: &Deploy| std::cmp::Reverse(d.at_unix_ns);
        (key(a), &a.component, &a.release).cmp(&(key(b), &b.component, &b.release))
    });
    deploys
}
