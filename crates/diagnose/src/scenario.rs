//! Synthetic telemetry for the tests: a billing service with three bugs, a web front that passes
//! one of them on, and a mail service that has always failed a little.

use cordon_event::{Event, Kind, Severity, SpanId, SpanStatus, TraceId, Value, attr};
use cordon_fingerprint::group_event;

use crate::telemetry::{Exemplar, GroupStat, Telemetry, Window};

pub(crate) const HOUR: u64 = 3_600_000_000_000;
/// 2026-11-20 22:00 UTC.
pub(crate) const FROM: u64 = 1_795_212_000_000_000_000;

const STACK: &str = "Traceback (most recent call last):
  File \"/srv/app/billing/server.py\", line 88, in handle
    return invoice.total(order)
  File \"/srv/app/billing/invoice.py\", line 57, in total
    return net + tax_for(order)
  File \"/srv/app/billing/invoice.py\", line 42, in tax_for
    return RATES[order[\"country\"]]
KeyError: 'country'
";

/// Builds telemetry event by event.
pub(crate) struct Scenario {
    pub(crate) telemetry: Telemetry,
    next: u64,
}

pub(crate) fn pairs(list: &[(&str, &str)]) -> Vec<(String, Value)> {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), Value::from(*v)))
        .collect()
}

impl Scenario {
    pub(crate) fn new(question: &str) -> Self {
        let telemetry = Telemetry {
            now_unix_ns: FROM + 10 * HOUR,
            window: Window {
                from_unix_ns: FROM,
                to_unix_ns: FROM + 8 * HOUR,
            },
            baseline: Window {
                from_unix_ns: FROM - 24 * HOUR,
                to_unix_ns: FROM,
            },
            question: question.to_owned(),
            ..Telemetry::default()
        };
        Self { telemetry, next: 0 }
    }

    /// Adds a stored event to the group that fingerprinting gives it; `count` events in all.
    pub(crate) fn event(&mut self, event: Event, count: u64) -> String {
        let group = group_event(&event);
        let (at, window) = (event.time_unix_ns, self.telemetry.window);
        let known = self.telemetry.groups.iter().position(|g| g.id == group.id);
        let place = known.unwrap_or_else(|| {
            self.telemetry.groups.push(GroupStat {
                id: group.id.clone(),
                kind: group.kind,
                title: group.title.clone(),
                template: group.message.clone(),
                failure: event.is_failure(),
                service: event.service().to_owned(),
                count_window: 0,
                count_baseline: 0,
                first_seen_unix_ns: u64::MAX,
                last_seen_unix_ns: 0,
                releases: Vec::new(),
                hourly: Vec::new(),
                relevance: 0.0,
            });
            self.telemetry.groups.len() - 1
        });
        let stat = &mut self.telemetry.groups[place];
        if window.contains(at) {
            stat.count_window += count;
            stat.hourly.push((at / HOUR, count));
        } else {
            stat.count_baseline += count;
        }
        stat.first_seen_unix_ns = stat.first_seen_unix_ns.min(at);
        stat.last_seen_unix_ns = stat.last_seen_unix_ns.max(at);
        let release = event.release().to_owned();
        if !stat.releases.contains(&release) {
            stat.releases.push(release);
        }
        self.next += 1;
        let evidence_id = format!(
            "{:032x}",
            u128::from(self.next).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        );
        let group_id = group.id;
        let id = evidence_id.clone();
        self.telemetry.exemplars.push(Exemplar {
            evidence_id,
            group_id,
            time_unix_ns: event.time_unix_ns,
            event,
            relevance: 0.0,
        });
        id
    }

    /// Normal traffic before and within the window.
    pub(crate) fn traffic(&mut self) {
        for (at, release, count) in [
            (FROM - 5 * HOUR, "1.8.1", 5_000),
            (FROM + HOUR, "1.8.2", 900),
        ] {
            for i in 0..4 {
                self.event(good_call(at + i, release, i), count / 4);
            }
            let mut mail = log(
                "mail",
                "3.0.0",
                at,
                Severity::ERROR,
                "smtp relay refused: busy",
            );
            mail.trace_id = None;
            self.event(mail, count / 100);
            self.event(
                log("mail", "3.0.0", at, Severity::INFO, "mail delivered"),
                count,
            );
        }
    }

    /// KeyError in tax_for, passed on by the handler's log and the web front.
    pub(crate) fn missing_key(&mut self) -> String {
        let mut first = String::new();
        for i in 0..4_u64 {
            let at = FROM + 3 * HOUR + i * 60_000_000_000;
            let trace = TraceId([i as u8 + 1; 16]);
            let mut event = base(Kind::SpanException, "billing", "1.8.2", at);
            event.trace_id = Some(trace);
            event.span_id = Some(SpanId([2; 8]));
            event.attributes = pairs(&[
                (attr::EXCEPTION_TYPE, "KeyError"),
                (attr::EXCEPTION_MESSAGE, "'country'"),
                (attr::EXCEPTION_STACKTRACE, STACK),
                (attr::CODE_FUNCTION_NAME, "billing.invoice.tax_for"),
                (
                    attr::CALL_ARGUMENTS,
                    "{\"order\": {\"id\": 7, \"net\": 120.5}}",
                ),
            ]);
            let id = self.event(event, 3);
            first = if first.is_empty() { id } else { first };
            let mut line = log(
                "billing",
                "1.8.2",
                at + 1,
                Severity::ERROR,
                "request failed: 'country'",
            );
            line.trace_id = Some(trace);
            line.span_id = Some(SpanId([2; 8]));
            self.event(line, 3);
            for (service, span, parent, name) in [
                ("billing", 2, Some(1), "POST /invoice"),
                ("web", 1, None, "GET /checkout"),
            ] {
                let mut failed = base(Kind::Span, service, "1.8.2", at);
                failed.end_unix_ns = at + 40_000_000;
                failed.name = name.to_owned();
                failed.status = SpanStatus::Error;
                failed.trace_id = Some(trace);
                failed.span_id = Some(SpanId([span; 8]));
                failed.parent_span_id = parent.map(|p| SpanId([p; 8]));
                self.event(failed, 3);
            }
        }
        first
    }

    /// A refund of a negative amount is accepted: the result violates an expectation.
    pub(crate) fn wrong_sign(&mut self) -> String {
        let mut first = String::new();
        for i in 0..3_u64 {
            let mut event = base(
                Kind::Span,
                "billing",
                "1.8.2",
                FROM + 4 * HOUR + i * HOUR / 2,
            );
            event.name = "refund".into();
            event.trace_id = Some(TraceId([0x40 + i as u8; 16]));
            event.span_id = Some(SpanId([9; 8]));
            let arguments = format!("{{\"amount\": -{}.5}}", i + 12);
            event.attributes = pairs(&[
                (attr::CODE_FUNCTION_NAME, "billing.refunds.apply_refund"),
                (attr::CALL_ARGUMENTS, &arguments),
                (attr::CALL_EXPECTATION, "result >= 0"),
                (attr::CALL_RESULT, "-12.5"),
            ]);
            let id = self.event(event, 1);
            first = if first.is_empty() { id } else { first };
        }
        first
    }

    /// A discount tier is off by one at the boundary: seen once.
    pub(crate) fn off_by_one(&mut self) -> String {
        let mut event = base(Kind::Span, "billing", "1.8.2", FROM + 6 * HOUR);
        event.name = "discount".into();
        event.attributes = pairs(&[
            (attr::CODE_FUNCTION_NAME, "billing.discounts.tier_for"),
            (attr::CALL_ARGUMENTS, "{\"quantity\": 100}"),
            (attr::CALL_EXPECTATION, "result == 'gold'"),
            (attr::CALL_RESULT, "\"silver\""),
        ]);
        self.event(event, 1)
    }
}

pub(crate) fn base(kind: Kind, service: &str, release: &str, at: u64) -> Event {
    Event {
        kind,
        time_unix_ns: at,
        resource: pairs(&[
            (attr::SERVICE_NAME, service),
            (attr::SERVICE_VERSION, release),
        ])
        .into(),
        ..Event::default()
    }
}

pub(crate) fn log(service: &str, release: &str, at: u64, severity: Severity, body: &str) -> Event {
    Event {
        severity,
        body: body.into(),
        ..base(Kind::Log, service, release, at)
    }
}

fn good_call(at: u64, release: &str, i: u64) -> Event {
    let (function, arguments) = match i % 2 {
        0 => ("billing.refunds.apply_refund", "{\"amount\": 20.0}"),
        _ => (
            "billing.invoice.tax_for",
            "{\"order\": {\"id\": 3, \"net\": 9.5, \"country\": \"NL\"}}",
        ),
    };
    let mut event = base(Kind::Span, "billing", release, at);
    event.name = if i.is_multiple_of(2) {
        "refund".into()
    } else {
        "POST /invoice".into()
    };
    event.end_unix_ns = at + 30_000_000;
    event.status = SpanStatus::Ok;
    event.trace_id = Some(TraceId([0x80 + i as u8; 16]));
    event.span_id = Some(SpanId([3; 8]));
    event.attributes = pairs(&[
        (attr::CODE_FUNCTION_NAME, function),
        (attr::CALL_ARGUMENTS, arguments),
    ]);
    event
}
