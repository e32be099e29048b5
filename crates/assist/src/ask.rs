//! The way of a question through the gates.

use cordon_diagnose::{Detail, Diagnosis, Verdict, diagnose, render, to_json};
use cordon_event::{Raw, TenantId};
use cordon_govern::{
    Costs, ExposedClass, Grant, KRule, Ladder, Operator, Purpose, Request, Rung as Step,
};
use cordon_ledger::{Action, Charge, EvidenceId, Ledger, Outcome, Released, Reservation};
use cordon_redact::{Clean, Page, PseudonymMac, Redactor};
use cordon_store::Store;

use crate::gate::{CLAIMS_BYTES_MAX, Gate, evidence_ids, told};
use crate::generalise::generalise;
use crate::model::{Model, ModelError};
use crate::prompt::{self, Prompt, SYSTEM};
use crate::{Error, Showable, gather, window};

/// How often a reservation that lost a race is tried again.
pub(crate) const RESERVE_TRIES_MAX: usize = 3;

/// Tells a person at once: a canary or a secret where none may be.
pub type Alarm<'a> = &'a (dyn Fn(&Page) + Sync);

/// What a question is answered from and by.
pub struct Ask<'a> {
    /// Events.
    pub store: &'a Store,
    /// Audit log and budgets.
    pub ledger: &'a Ledger,
    /// Redacts the question and what a model says.
    pub redactor: &'a Redactor,
    /// The tenant's pseudonyms.
    pub mac: &'a (dyn PseudonymMac + Sync),
    /// How many must stand behind a group for it to be used.
    pub k_rule: KRule,
    /// Names of fields that the tenant has classified as technical (class C).
    pub technical_fields: &'a [String],
    /// A model, if any.
    pub model: Option<&'a Model>,
    /// Who is told of hits in a question or in a model's output.
    pub alarm: Alarm<'a>,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people, streamed.
    Text,
    /// For programs, at the end.
    Json,
    /// What a model would be sent; nobody is asked.
    Prompt,
}

/// A question.
pub struct Question {
    /// In the operator's words: raw until redacted.
    pub text: Raw<String>,
    /// Of whom.
    pub tenant: TenantId,
    /// By whom.
    pub operator: Operator,
    /// As of when, nanoseconds since the Unix epoch.
    pub at_unix_ns: u64,
    /// The clock, seconds since the Unix epoch: what budgets count by.
    pub now_unix_s: u64,
    /// Three idempotency ids: of the answer, of the prompt, and of what a model adds.
    pub ids: [[u8; 16]; 3],
    /// How the answer is written.
    pub form: Form,
}

/// How a question ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Released.
    Done(Summary),
    /// Refused by grant or budget, with the reason code; the refusal is in the audit log.
    Refused(&'static str),
}

/// What a released answer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether the evidence carried an answer.
    pub has_evidence: bool,
    /// How much of it the budget paid for, as a reason code.
    pub ladder: &'static str,
    /// What became of the model, as a reason code; none where none is configured.
    pub model: Option<&'static str>,
    /// Claims of the model that were dropped.
    pub dropped: usize,
}

/// Takes what is released and writes it out.
pub type Emit<'e> = &'e mut (dyn FnMut(Released<String>) -> std::io::Result<()> + Send);

impl Ask<'_> {
    /// Answers; `emit` is handed what may leave, piece by piece.
    pub async fn answer(&self, question: Question, emit: Emit<'_>) -> Result<Answered, Error> {
        let Question {
            text,
            tenant,
            operator,
            at_unix_ns,
            now_unix_s,
            ids,
            form,
        } = question;
        let request = Request {
            tenant: &tenant,
            class: ExposedClass::C,
            purpose: Purpose::Debugging,
            now_unix_s,
        };
        let authorised = match self.ledger.authorise(&operator, Action::Ask, &request)? {
            Ok(authorised) => authorised,
            Err(reason) => return Ok(Answered::Refused(reason.code())),
        };
        let asked = self.redactor.text(self.mac, text);
        asked.pages.iter().for_each(self.alarm);
        let asked = asked.clean;
        let windows = window::of_question(asked.get(), at_unix_ns);
        let showable = Showable {
            k_rule: self.k_rule,
            technical_fields: self.technical(),
        };
        let scope = &authorised.scope;
        let telemetry = gather(self.store, scope, &showable, &asked, at_unix_ns, windows)?;
        let diagnosis = diagnose(&telemetry);
        let asking = Asking {
            ask: self,
            grant: authorised.grant,
            tenant,
            now_unix_s,
            ids,
            form,
        };
        match asking.choose(&diagnosis, &asked)? {
            Ok(chosen) => asking.release(chosen, emit).await,
            Err(code) => Ok(Answered::Refused(code)),
        }
    }

    /// Names of technical fields: from the configuration, and so not clean yet.
    pub(crate) fn technical(&self) -> Clean<Vec<String>> {
        let names = self.technical_fields.iter();
        let clean = |name: &String| self.redactor.text(self.mac, Raw::new(name.clone())).clean;
        Clean::join(names.map(clean))
    }
}

/// One question, past the grant.
struct Asking<'a> {
    ask: &'a Ask<'a>,
    grant: Grant,
    tenant: TenantId,
    now_unix_s: u64,
    ids: [[u8; 16]; 3],
    form: Form,
}

/// One rung of the ladder: what would be shown, and what a model would be sent first.
struct Rung {
    diagnosis: Clean<Diagnosis>,
    text: Clean<String>,
    prompt: Option<Prompt>,
}

impl Rung {
    /// Bytes of the engine's answer.
    fn answer_bytes(&self) -> u64 {
        self.text.get().len() as u64
    }

    /// Bytes that the model is sent.
    fn prompt_bytes(&self) -> u64 {
        self.prompt.as_ref().map_or(0, |p| p.text.get().len()) as u64
    }

    /// Upper bound in bytes of what is shown and sent.
    fn bytes(&self) -> u64 {
        let claims = if self.prompt.is_some() {
            CLAIMS_BYTES_MAX
        } else {
            0
        };
        self.answer_bytes() + self.prompt_bytes() + claims as u64
    }
}

/// What the ladder picked, paid for in full before any of it is released.
struct Chosen {
    rung: Rung,
    reserved: Reserved,
    ladder: &'static str,
}

/// What an answer is paid from.
struct Reserved {
    answer: Reservation,
    /// The model's: of the prompt, and of the claims.
    model: Option<[Reservation; 2]>,
}

impl Asking<'_> {
    /// Picks the fullest answer that the budget pays for and reserves it, the model's prompt
    /// included: a refusal blocks the model and the model-free answer alike.
    fn choose(
        &self,
        diagnosis: &Clean<Diagnosis>,
        asked: &Clean<String>,
    ) -> Result<Result<Chosen, &'static str>, Error> {
        let full = diagnosis.project(|d| d.clone().reduce(Detail::Full));
        let essential = diagnosis.project(|d| d.clone().reduce(Detail::Essential));
        let statistics = diagnosis.project(|d| d.clone().reduce(Detail::StatisticsOnly));
        let rungs = [full, essential, statistics].map(|d| self.rung(d, asked));
        let bytes = |at: usize| rungs.get(at).map_or(0, Rung::bytes);
        let costs = Costs {
            full_bytes: bytes(0),
            essential_bytes: bytes(1),
            statistics_bytes: bytes(2),
        };
        let mut rungs = Vec::from(rungs);
        let mut code = "budget_exhausted";
        for _ in 0..RESERVE_TRIES_MAX {
            let (operator, class) = (self.grant.operator(), ExposedClass::C);
            let ledger = self.ask.ledger;
            let left = ledger.remaining_bytes(operator, &self.tenant, class, self.now_unix_s)?;
            let choice = Ladder.choose(left, &costs);
            let at = match choice.rung {
                Step::Full => 0,
                Step::Essential => 1,
                // Asked for all the same where it is refused, so that this is in the audit log.
                Step::StatisticsOnly | Step::Refused => 2,
            };
            let Some(rung) = rungs.get(at) else {
                break;
            };
            match self.reserve(rung)? {
                Ok(reserved) => {
                    return Ok(Ok(Chosen {
                        rung: rungs.swap_remove(at),
                        reserved,
                        ladder: choice.reason.code(),
                    }));
                }
                Err(reason) => code = reason,
            }
            if at == 2 {
                break;
            }
        }
        Ok(Err(code))
    }

    fn rung(&self, diagnosis: Clean<Diagnosis>, asked: &Clean<String>) -> Rung {
        let has_evidence = matches!(diagnosis.get().verdict, Verdict::Answered);
        let text = match self.form {
            Form::Text => diagnosis.project(|d| generalise(&render(d))),
            Form::Json => diagnosis.project(|d| generalise(&format!("{:#}\n", to_json(d)))),
            Form::Prompt => {
                let prompt = built(&diagnosis, asked);
                prompt.text.map(|text| format!("{SYSTEM}\n\n{text}\n"))
            }
        };
        let prompt = (has_evidence && self.model().is_some()).then(|| built(&diagnosis, asked));
        Rung {
            diagnosis,
            text,
            prompt,
        }
    }

    /// A model adds to an answer for people; JSON is the engine's alone.
    fn model(&self) -> Option<&Model> {
        self.ask.model.filter(|_| self.form == Form::Text)
    }

    /// Reserves a rung: answer, prompt and claims together, or none of them.
    fn reserve(&self, rung: &Rung) -> Result<Result<Reserved, &'static str>, Error> {
        let charge = |id, bytes_max| Charge {
            id,
            tenant: self.tenant.clone(),
            class: ExposedClass::C,
            purpose: Purpose::Debugging,
            action: Action::Ask,
            bytes_max,
            now_unix_s: self.now_unix_s,
        };
        let (ledger, grant) = (self.ask.ledger, &self.grant);
        let [answer, prompt, claims] = self.ids;
        let answer = charge(answer, rung.answer_bytes());
        let reserved = if rung.prompt.is_some() {
            let prompt = charge(prompt, rung.prompt_bytes());
            let claims = charge(claims, CLAIMS_BYTES_MAX as u64);
            let all = ledger.reserve_all(grant, [&answer, &prompt, &claims])?;
            all.map(|[answer, prompt, claims]| Reserved {
                answer,
                model: Some([prompt, claims]),
            })
        } else {
            let reserved = ledger.reserve(grant, &answer)?;
            reserved.map(|answer| Reserved {
                answer,
                model: None,
            })
        };
        Ok(reserved.map_err(|refusal| refusal.reason.code()))
    }

    async fn release(&self, chosen: Chosen, emit: Emit<'_>) -> Result<Answered, Error> {
        let Chosen {
            rung,
            reserved,
            ladder,
        } = chosen;
        let mut summary = Summary {
            has_evidence: matches!(rung.diagnosis.get().verdict, Verdict::Answered),
            ladder,
            model: None,
            dropped: 0,
        };
        let evidence = evidence_ids(rung.diagnosis.get().evidence.iter().map(|e| &e.id));
        // What the entry says is durable before a byte is shown, whatever ends the process after.
        emit(self.audited(rung.text, reserved.answer, ladder, evidence)?)?;
        let asked = (self.model(), rung.prompt, reserved.model);
        if let (Some(model), Some(prompt), Some([reserved, claims])) = asked {
            let ids = prompt.sent.get().values().flat_map(|seen| &seen.ids);
            let evidence = evidence_ids(ids);
            let sent = self.audited(prompt.text.clone(), reserved, "prompt_sent", evidence)?;
            let added = self.add_claims(model, &prompt, &sent, claims, emit).await?;
            summary.model = Some(added.code);
            summary.dropped = added.dropped;
        }
        Ok(Answered::Done(summary))
    }

    /// What may leave, its outcome durable in the audit log.
    fn audited(
        &self,
        text: Clean<String>,
        reserved: Reservation,
        decision: &'static str,
        evidence: Vec<EvidenceId>,
    ) -> Result<Released<String>, Error> {
        let bytes = text.get().as_bytes();
        let outcome = Outcome {
            time_unix_s: self.now_unix_s,
            decision,
            evidence,
            digest: cordon_ledger::digest_of(bytes),
        };
        let ledger = self.ask.ledger;
        let receipt = ledger.settle(reserved, bytes.len() as u64, &outcome)?;
        Ok(Released::new(text, receipt)?)
    }

    /// Sends the prompt and releases the claims that hold.
    async fn add_claims(
        &self,
        model: &Model,
        prompt: &Prompt,
        sent: &Released<String>,
        reserved: Reservation,
        emit: Emit<'_>,
    ) -> Result<Added, Error> {
        let mut gate = Gate::new(self.ask, prompt);
        let answered = model
            .stream(SYSTEM, sent, &mut |line| gate.push(line))
            .await;
        let (claims, dropped, stopped) = gate.finish();
        let code = match (answered, stopped) {
            (_, Some(reason)) => reason,
            (Err(error), None) if claims.is_empty() => ModelError::code(&error),
            (_, None) if claims.is_empty() => "model_without_evidence",
            (_, None) => "model_answered",
        };
        // A stopped answer is not shown at all: what came before the stop came from the same mouth.
        let shown = if stopped.is_some() {
            Vec::new()
        } else {
            claims
        };
        // A standing grant is for class C: no pseudonym is told.
        let (text, evidence) = told(shown, prompt.sent.get(), 0);
        let is_empty = text.get().is_empty();
        let released = self.audited(text, reserved, code, evidence)?;
        if !is_empty {
            emit(released)?;
        }
        Ok(Added { code, dropped })
    }
}

fn built(diagnosis: &Clean<Diagnosis>, asked: &Clean<String>) -> Prompt {
    let prompt = prompt::build(diagnosis, asked);
    Prompt {
        text: prompt.text.project(|text| generalise(text)),
        sent: prompt.sent,
    }
}

/// What a model's answer came to.
struct Added {
    code: &'static str,
    dropped: usize,
}
