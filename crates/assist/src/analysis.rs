//! An analysis: evidence out of a page, beside what the tenant's store knows, through the gates.
//!
//! It goes the way of a question ([`crate::Ask::answer`]) under a person's session. What differs:
//! pseudonyms of what was pasted may stay, where the session reaches class B and the budget for
//! them holds; then they are charged as class B. What is the store's is told without them, as ever.
//!
//! *Invariants:* everything that is shown or sent is reserved together before any of it is, and
//! each piece has its audit entry before it leaves. A preview sends nothing; what it shows of the
//! store is charged like an answer, and its pseudonyms are charged in any case, else it would be a
//! way around the budget. What a user saw in a preview is what is sent, or nothing is.

use cordon_diagnose::{Detail, Diagnosis, diagnose, render};
use cordon_event::Raw;
use cordon_govern::{Costs, ExposedClass, Grant, Ladder, Purpose, Request, Rung as Step};
use cordon_ledger::{
    Action, Charge, ContentDigest, Entry, EvidenceId, Outcome, Released, Reservation, Session,
    digest_of,
};
use cordon_redact::{BUILT_IN_RULES_VERSION, Clean};

use crate::ask::RESERVE_TRIES_MAX;
use crate::gate::{CLAIMS_BYTES_MAX, Gate, evidence_ids, told};
use crate::generalise::{generalise, pseudonym_bytes};
use crate::model::ModelError;
use crate::pasted::{Given, Pasted, Removed};
use crate::prompt::{Prompt, SYSTEM, build_beside};
use crate::{Ask, Emit, Error, Showable, gather, window};

/// Bytes of pseudonyms that a model's claims may repeat.
const CLAIMS_PSEUDONYMS_BYTES_MAX: u64 = 1_000;
/// Idempotency ids of one analysis: two classes each of answer, prompt and claims.
pub const ANALYSIS_IDS_COUNT: usize = 6;

/// What is to be analysed.
pub struct Analysis {
    /// By whom, about whom, up to which class.
    pub session: Session,
    /// In the operator's words.
    pub question: Raw<String>,
    /// What was pasted, most useful first.
    pub evidence: Vec<Pasted>,
    /// Whether the tenant's store is looked at as well.
    pub uses_store: bool,
    /// As of when, nanoseconds since the Unix epoch.
    pub at_unix_ns: u64,
    /// SHA-256 of the prompt that the user saw: another one is not sent.
    pub seen: Option<ContentDigest>,
    /// The clock, seconds since the Unix epoch.
    pub now_unix_s: u64,
    /// Idempotency ids.
    pub ids: [[u8; 16]; ANALYSIS_IDS_COUNT],
}

/// Bytes by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Pseudonyms.
    pub class_b: u64,
    /// The rest.
    pub class_c: u64,
}

impl Bytes {
    fn of(text: &str) -> Self {
        let class_b = pseudonym_bytes(text);
        Self {
            class_b,
            class_c: (text.len() as u64).saturating_sub(class_b),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            class_b: self.class_b.saturating_add(other.class_b),
            class_c: self.class_c.saturating_add(other.class_c),
        }
    }

    /// Of both classes.
    pub fn sum(self) -> u64 {
        self.class_b.saturating_add(self.class_c)
    }
}

/// What the user can hold the log against.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Version of the built-in rules.
    pub rules_version: u32,
    /// What this side removed although the page had redacted.
    pub removed: Removed,
    /// Bytes of the prompt that went to the model; none where none was asked.
    pub sent: Bytes,
    /// Bytes of what was shown.
    pub shown: Bytes,
    /// What was charged for both.
    pub charged: Bytes,
    /// What may still be exposed today.
    pub left: Bytes,
    /// What became of the budget's ladder, as a reason code.
    pub ladder: &'static str,
    /// What became of the model, as a reason code.
    pub outcome: Option<&'static str>,
    /// Claims of the model that were dropped.
    pub dropped: usize,
    /// Number of the audit entry of the prompt, or of the answer where none was sent.
    pub seq: u64,
    /// SHA-256 of that content.
    pub digest: ContentDigest,
}

/// How an analysis ended.
#[derive(Debug)]
pub enum Analyzed {
    /// Released.
    Done(Receipt),
    /// Refused by grant or budget, with the reason code; the refusal is in the audit log.
    Refused(&'static str),
    /// The prompt is not the one that the user saw; nothing was charged, sent or shown.
    Stale,
}

/// What an analysis would send and cost.
pub struct Preview {
    /// The exact prompt, and its audit entry; none where no model would be asked.
    pub prompt: Option<Released<String>>,
    /// Its SHA-256.
    pub digest: Option<ContentDigest>,
    /// Its bytes by class.
    pub bytes: Bytes,
    /// What this side removed although the page had redacted.
    pub removed: Removed,
    /// What would be reserved.
    pub cost: Bytes,
    /// What may still be exposed today.
    pub left: Bytes,
    /// What the budget's ladder says, as a reason code.
    pub ladder: &'static str,
    /// Whether the budget pays for it.
    pub fits: bool,
}

impl Ask<'_> {
    /// Analyses; `emit` is handed what may leave, piece by piece.
    pub async fn analyze(&self, analysis: Analysis, emit: Emit<'_>) -> Result<Analyzed, Error> {
        let seen = analysis.seen;
        let (drafting, ids) = match self.drafting(analysis, Action::Analyze)? {
            Ok(drafting) => drafting,
            Err(code) => return Ok(Analyzed::Refused(code)),
        };
        match drafting.choose(ids, seen)? {
            Err(STALE) => Ok(Analyzed::Stale),
            Ok(chosen) => drafting.release(chosen, emit).await,
            Err(code) => Ok(Analyzed::Refused(code)),
        }
    }

    /// What [`Ask::analyze`] would send: nothing is, and nobody is asked.
    pub fn preview(&self, analysis: Analysis) -> Result<Result<Preview, &'static str>, Error> {
        let uses_store = analysis.uses_store;
        let (drafting, ids) = match self.drafting(analysis, Action::Preview)? {
            Ok(drafting) => drafting,
            Err(code) => return Ok(Err(code)),
        };
        let (_, pick) = drafting.pick()?;
        let bytes = Bytes::of(pick.draft.prompt.as_ref().map_or("", |p| p.text.get()));
        let digest = pick.draft.prompt.as_ref().map(Prompt::digest);
        let mut cost = pick.draft.cost();
        if uses_store {
            cost.class_c = cost.class_c.next_multiple_of(COST_STEP_BYTES);
        }
        let prompt = if let Some(prompt) = pick.draft.prompt {
            match drafting.shown(prompt, uses_store, ids)? {
                Ok(released) => Some(released),
                Err(code) => return Ok(Err(code)),
            }
        } else {
            // Receipts of what shows nothing release nothing.
            drop(drafting.noted(None)?);
            None
        };
        Ok(Ok(Preview {
            digest,
            prompt,
            bytes,
            cost,
            left: drafting.left()?,
            ladder: pick.ladder,
            fits: pick.fits,
            removed: drafting.given.removed,
        }))
    }

    /// What may still be exposed to the session today.
    pub fn left(&self, session: &Session, now_unix_s: u64) -> Result<Bytes, Error> {
        let (operator, tenant) = (&session.operator, &session.tenant);
        let of = |class| {
            self.ledger
                .remaining_bytes(operator, tenant, class, now_unix_s)
        };
        let class_b = if session.class.covers(ExposedClass::B) {
            of(ExposedClass::B)?
        } else {
            0
        };
        Ok(Bytes {
            class_b,
            class_c: of(ExposedClass::C)?,
        })
    }

    /// Checks the grant, redacts, and reads what the store knows.
    fn drafting(
        &self,
        analysis: Analysis,
        action: Action,
    ) -> Result<Result<(Drafting<'_>, Ids), &'static str>, Error> {
        let Analysis {
            session,
            question,
            evidence,
            uses_store,
            at_unix_ns,
            now_unix_s,
            ids,
            seen: _,
        } = analysis;
        let request = Request {
            tenant: &session.tenant,
            class: session.class,
            purpose: Purpose::Debugging,
            now_unix_s,
        };
        let authorised = match self.ledger.authorise_session(&session, action, &request)? {
            Ok(authorised) => authorised,
            Err(reason) => return Ok(Err(reason.code())),
        };
        let given = Given::redact(self, question, evidence);
        let diagnosis = if uses_store {
            let sought = given.sought();
            let windows = window::of_question(given.question.get(), at_unix_ns);
            let showable = Showable {
                k_rule: self.k_rule,
                technical_fields: self.technical(),
            };
            let scope = &authorised.scope;
            let telemetry = gather(self.store, scope, &showable, &sought, at_unix_ns, windows)?;
            Some(diagnose(&telemetry))
        } else {
            None
        };
        let drafting = Drafting {
            ask: self,
            grant: authorised.grant,
            session,
            given,
            diagnosis,
            now_unix_s,
            action,
        };
        Ok(Ok((drafting, ids)))
    }
}

type Ids = [[u8; 16]; ANALYSIS_IDS_COUNT];

/// The prompt is another one than the user saw.
const STALE: &str = "preview_stale";
/// What a preview says that the store's answer costs is rounded up to a multiple of this, in bytes:
/// its size is not told before it is paid for.
const COST_STEP_BYTES: u64 = 2_048;

/// An analysis past the grant.
struct Drafting<'a> {
    ask: &'a Ask<'a>,
    grant: Grant,
    session: Session,
    given: Given,
    diagnosis: Option<Clean<Diagnosis>>,
    now_unix_s: u64,
    action: Action,
}

/// One rung of the ladder: what would be shown, and what a model would be sent.
struct Draft {
    answer: Clean<String>,
    prompt: Option<Prompt>,
    evidence: Vec<EvidenceId>,
    /// Bytes of pseudonyms that claims may repeat.
    claims_b: u64,
}

impl Draft {
    fn answer(&self) -> Bytes {
        Bytes::of(self.answer.get())
    }

    fn prompt(&self) -> Bytes {
        Bytes::of(self.prompt.as_ref().map_or("", |prompt| prompt.text.get()))
    }

    fn claims(&self) -> Bytes {
        let class_c = self.prompt.as_ref().map_or(0, |_| CLAIMS_BYTES_MAX as u64);
        Bytes {
            class_b: self.claims_b,
            class_c,
        }
    }

    /// Upper bound of what is shown and sent.
    fn cost(&self) -> Bytes {
        self.answer().plus(self.prompt()).plus(self.claims())
    }
}

/// What the budget pays for.
struct Pick {
    draft: Draft,
    ladder: &'static str,
    fits: bool,
}

/// What one piece is paid from.
struct Held {
    class_c: Reservation,
    class_b: Option<Reservation>,
}

/// What the ladder picked, paid for in full before any of it is released.
struct Chosen {
    draft: Draft,
    ladder: &'static str,
    answer: Held,
    /// Of the prompt, and of the claims.
    model: Option<(Held, Held)>,
}

impl Drafting<'_> {
    /// Picks the fullest answer that the budget pays for and reserves it.
    fn choose(
        &self,
        ids: Ids,
        seen: Option<ContentDigest>,
    ) -> Result<Result<Chosen, &'static str>, Error> {
        let mut code = "budget_exhausted";
        for _ in 0..RESERVE_TRIES_MAX {
            let (is_last, pick) = self.pick()?;
            let digest = pick.draft.prompt.as_ref().map(Prompt::digest);
            if seen.is_some() && seen != digest {
                return Ok(Err(STALE));
            }
            match self.reserve(&pick.draft, ids)? {
                Ok((answer, model)) => {
                    return Ok(Ok(Chosen {
                        draft: pick.draft,
                        ladder: pick.ladder,
                        answer,
                        model,
                    }));
                }
                Err(reason) => code = reason,
            }
            if is_last {
                break;
            }
        }
        Ok(Err(code))
    }

    /// The fullest draft that fits now, or the smallest, and whether that is the smallest.
    fn pick(&self) -> Result<(bool, Pick), Error> {
        let left = self.left()?;
        let mut rungs = self.rungs(true);
        let mut dropped = None;
        let has_pseudonyms = rungs.iter().any(|draft| draft.cost().class_b > 0);
        let affords = rungs
            .iter()
            .all(|draft| draft.cost().class_b <= left.class_b);
        if has_pseudonyms && !affords {
            rungs = self.rungs(false);
            dropped = Some("budget_pseudonyms_dropped");
        }
        let bytes = |at: usize| {
            let rung = rungs.get(at).or(rungs.last());
            rung.map_or(0, |draft| draft.cost().class_c)
        };
        let costs = Costs {
            full_bytes: bytes(0),
            essential_bytes: bytes(1),
            statistics_bytes: bytes(2),
        };
        let choice = Ladder.choose(left.class_c, &costs);
        let (at, fits) = match choice.rung {
            Step::Full => (0, true),
            Step::Essential => (1, true),
            Step::StatisticsOnly => (2, true),
            // Asked for all the same where it is refused, so that this is in the audit log.
            Step::Refused => (2, false),
        };
        let at = at.min(rungs.len().saturating_sub(1));
        let is_last = at + 1 >= rungs.len();
        let pick = Pick {
            draft: rungs.swap_remove(at),
            ladder: dropped
                .filter(|_| choice.rung == Step::Full)
                .unwrap_or(choice.reason.code()),
            fits,
        };
        Ok((is_last, pick))
    }

    fn left(&self) -> Result<Bytes, Error> {
        self.ask.left(&self.session, self.now_unix_s)
    }

    /// The drafts, fullest first: one without the store, three with it.
    fn rungs(&self, keeps_pseudonyms: bool) -> Vec<Draft> {
        let keeps = keeps_pseudonyms && self.session.class.covers(ExposedClass::B);
        let Some(diagnosis) = &self.diagnosis else {
            return vec![self.draft(None, keeps)];
        };
        let full = diagnosis.project(|d| d.clone().reduce(Detail::Full));
        let essential = diagnosis.project(|d| d.clone().reduce(Detail::Essential));
        let statistics = diagnosis.project(|d| d.clone().reduce(Detail::StatisticsOnly));
        let rungs = [full, essential, statistics];
        rungs.map(|d| self.draft(Some(&d), keeps)).into()
    }

    fn draft(&self, diagnosis: Option<&Clean<Diagnosis>>, keeps: bool) -> Draft {
        let mut answer = self.given.items.project(|items| {
            let mut text = String::from("From the evidence given\n");
            if items.is_empty() {
                text.push_str("- nothing was given\n");
            }
            let lines = items
                .iter()
                .zip(1..)
                .map(|(item, number)| item.line(number));
            text.extend(lines);
            text
        });
        if let Some(diagnosis) = diagnosis {
            let stored = diagnosis.project(|d| generalise(&render(d)));
            answer = answer
                .pair(stored)
                .map(|(given, stored)| format!("{given}\nFrom the tenant's store\n{stored}"));
        }
        let asks =
            self.ask.model.is_some() && (!self.given.items.get().is_empty() || diagnosis.is_some());
        let prompt = asks.then(|| {
            let (items, question) = (&self.given.items, &self.given.question);
            build_beside(items, diagnosis, question)
        });
        let (answer, prompt) = if keeps {
            (answer, prompt)
        } else {
            let general = |prompt: Prompt| Prompt {
                text: prompt.text.project(|text| generalise(text)),
                sent: prompt.sent,
            };
            (answer.project(|text| generalise(text)), prompt.map(general))
        };
        let repeats = prompt.as_ref().map_or(0, |p| pseudonym_bytes(p.text.get()));
        let ids = diagnosis.map(|d| evidence_ids(d.get().evidence.iter().map(|e| &e.id)));
        Draft {
            answer,
            prompt,
            evidence: ids.unwrap_or_default(),
            claims_b: if repeats > 0 {
                CLAIMS_PSEUDONYMS_BYTES_MAX
            } else {
                0
            },
        }
    }

    fn charge(&self, id: [u8; 16], class: ExposedClass, bytes_max: u64) -> Charge {
        Charge {
            id,
            tenant: self.session.tenant.clone(),
            class,
            purpose: Purpose::Debugging,
            action: self.action,
            bytes_max,
            now_unix_s: self.now_unix_s,
        }
    }

    /// Reserves a draft: answer, prompt and claims in both classes together, or none of them.
    fn reserve(&self, draft: &Draft, ids: Ids) -> Result<Result<Paid, &'static str>, Error> {
        let [answer_c, answer_b, prompt_c, prompt_b, claims_c, claims_b] = ids;
        let mut pieces = vec![(draft.answer(), answer_c, answer_b)];
        if draft.prompt.is_some() {
            pieces.push((draft.prompt(), prompt_c, prompt_b));
            pieces.push((draft.claims(), claims_c, claims_b));
        }
        let mut charges = Vec::new();
        for (bytes, id_c, id_b) in &pieces {
            charges.push(self.charge(*id_c, ExposedClass::C, bytes.class_c));
            if bytes.class_b > 0 {
                charges.push(self.charge(*id_b, ExposedClass::B, bytes.class_b));
            }
        }
        let charges: Vec<&Charge> = charges.iter().collect();
        let taken = match self.ask.ledger.reserve_each(&self.grant, &charges)? {
            Ok(taken) => taken,
            Err(refusal) => return Ok(Err(refusal.reason.code())),
        };
        let mut taken = taken.into_iter();
        let mut held = pieces.iter().filter_map(|(bytes, ..)| {
            Some(Held {
                class_c: taken.next()?,
                class_b: if bytes.class_b > 0 {
                    taken.next()
                } else {
                    None
                },
            })
        });
        let (answer, prompt, claims) = (held.next(), held.next(), held.next());
        Ok(answer
            .map(|answer| (answer, prompt.zip(claims)))
            .ok_or("budget_exhausted"))
    }

    async fn release(&self, chosen: Chosen, emit: Emit<'_>) -> Result<Analyzed, Error> {
        let Chosen {
            draft,
            ladder,
            answer,
            model,
        } = chosen;
        let mut receipt = Receipt {
            rules_version: BUILT_IN_RULES_VERSION,
            removed: self.given.removed.clone(),
            sent: Bytes::default(),
            shown: draft.answer(),
            charged: draft.answer(),
            left: Bytes::default(),
            ladder,
            outcome: None,
            dropped: 0,
            seq: 0,
            digest: digest_of(draft.answer.get().as_bytes()),
        };
        let released = self.audited(draft.answer, answer, ladder, draft.evidence)?;
        receipt.seq = released.seq();
        emit(released)?;
        if let (Some(prompt), Some((sent, claims))) = (draft.prompt, model) {
            let asked = (prompt, sent, claims, draft.claims_b);
            self.ask_model(asked, &mut receipt, emit).await?;
        }
        receipt.left = self.left()?;
        Ok(Analyzed::Done(receipt))
    }

    /// Sends the prompt and releases the claims that hold.
    async fn ask_model(
        &self,
        (prompt, sent, claims, claims_b): (Prompt, Held, Held, u64),
        receipt: &mut Receipt,
        emit: Emit<'_>,
    ) -> Result<(), Error> {
        let Some(model) = self.ask.model else {
            return Ok(());
        };
        let bytes = Bytes::of(prompt.text.get());
        receipt.digest = prompt.digest();
        let ids = prompt.sent.get().values().flat_map(|seen| &seen.ids);
        let evidence = evidence_ids(ids);
        let released = self.audited(prompt.text.clone(), sent, "prompt_sent", evidence)?;
        receipt.seq = released.seq();
        (receipt.sent, receipt.charged) = (bytes, receipt.charged.plus(bytes));
        let mut gate = Gate::new(self.ask, &prompt);
        let answered = model
            .stream(SYSTEM, &released, &mut |line| gate.push(line))
            .await;
        let (kept, dropped, stopped) = gate.finish();
        let code = match (answered, stopped) {
            (_, Some(reason)) => reason,
            (Err(error), None) if kept.is_empty() => ModelError::code(&error),
            (Err(_), None) => "model_cut_off",
            (_, None) if kept.is_empty() => "model_without_evidence",
            (_, None) => "model_answered",
        };
        // A stopped answer is not shown at all: what came before the stop came from the same mouth.
        let shown = if stopped.is_some() { Vec::new() } else { kept };
        let (text, evidence) = told(shown, prompt.sent.get(), claims_b);
        let bytes = Bytes::of(text.get());
        let released = self.audited(text, claims, code, evidence)?;
        if bytes.sum() > 0 {
            emit(released)?;
        }
        receipt.outcome = Some(code);
        receipt.dropped = dropped;
        receipt.shown = receipt.shown.plus(bytes);
        receipt.charged = receipt.charged.plus(bytes);
        Ok(())
    }

    /// What may leave, its outcome durable in the audit log in each class that it has.
    fn audited(
        &self,
        text: Clean<String>,
        held: Held,
        decision: &'static str,
        evidence: Vec<EvidenceId>,
    ) -> Result<Released<String>, Error> {
        let bytes = Bytes::of(text.get());
        let outcome = Outcome {
            time_unix_s: self.now_unix_s,
            decision,
            evidence,
            digest: digest_of(text.get().as_bytes()),
        };
        let ledger = self.ask.ledger;
        if let Some(class_b) = held.class_b {
            // The content is released under the entry of class C, which comes last.
            drop(ledger.settle(class_b, bytes.class_b, &outcome)?);
        }
        let receipt = ledger.settle(held.class_c, bytes.class_c, &outcome)?;
        Ok(Released::new(text, receipt)?)
    }

    /// That something was previewed, in the audit log.
    fn noted(&self, digest: Option<ContentDigest>) -> Result<cordon_ledger::AuditReceipt, Error> {
        let entry = Entry {
            time_unix_s: self.now_unix_s,
            actor: self.session.operator.clone(),
            tenant: Some(self.session.tenant.clone()),
            action: self.action,
            decision: "previewed",
            class: None,
            amount_bytes: 0,
            evidence: Vec::new(),
            digest,
        };
        Ok(self.ask.ledger.record(&entry)?)
    }

    /// A prompt, shown to the user. What is stored is charged like an answer. Of the user's own
    /// material pseudonyms alone are charged: who may see them without end could try every value.
    fn shown(
        &self,
        prompt: Prompt,
        of_store: bool,
        ids: Ids,
    ) -> Result<Result<Released<String>, &'static str>, Error> {
        let bytes = Bytes::of(prompt.text.get());
        let digest = prompt.digest();
        if !of_store && bytes.class_b == 0 {
            let receipt = self.noted(Some(digest))?;
            return Ok(Ok(Released::new(prompt.text, receipt)?));
        }
        let ids_of = prompt.sent.get().values().flat_map(|seen| &seen.ids);
        let evidence = evidence_ids(ids_of);
        let [id_c, id_b, ..] = ids;
        let pieces = [
            (id_b, ExposedClass::B, bytes.class_b),
            (
                id_c,
                ExposedClass::C,
                if of_store { bytes.class_c } else { 0 },
            ),
        ];
        let pieces: Vec<_> = pieces.into_iter().filter(|piece| piece.2 > 0).collect();
        let charges = pieces
            .iter()
            .map(|(id, class, n)| self.charge(*id, *class, *n));
        let charges: Vec<Charge> = charges.collect();
        let charges: Vec<&Charge> = charges.iter().collect();
        let taken = match self.ask.ledger.reserve_each(&self.grant, &charges)? {
            Ok(taken) => taken,
            Err(refusal) => return Ok(Err(refusal.reason.code())),
        };
        let outcome = Outcome {
            time_unix_s: self.now_unix_s,
            decision: "previewed",
            evidence,
            digest,
        };
        let mut last = None;
        for (held, (_, _, amount)) in taken.into_iter().zip(pieces) {
            last = Some(self.ask.ledger.settle(held, amount, &outcome)?);
        }
        match last {
            Some(receipt) => Ok(Ok(Released::new(prompt.text, receipt)?)),
            None => Ok(Err("budget_exhausted")),
        }
    }
}

/// What the answer, and what a model's prompt and claims are paid from.
type Paid = (Held, Option<(Held, Held)>);
