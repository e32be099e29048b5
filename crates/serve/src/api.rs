//! The API: what is checked of every request, and what each path does.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use cordon_assist::{
    ANALYSIS_IDS_COUNT, Analysis, Analyzed, Ask, EXCERPT_CHARS_MAX, ITEMS_COUNT_MAX,
    QUESTION_CHARS_MAX,
};
use cordon_govern::{ExposedClass, Purpose, Request as Asked};
use cordon_ledger::{Action, Session, SessionRefusal};
use cordon_redact::Page;
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use crate::answering::{self, Last, Pieces, Work};
use crate::names::same_origin;
use crate::wire::{ANALYSIS_BYTES_MAX, Destination, Wanted};
use crate::{Desk, Office, Refusal, share_api, wire};

/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const NS_PER_S: u64 = 1_000_000_000;

/// What a path is for.
#[derive(Clone, Copy)]
enum Path {
    Session,
    Preview,
    Analyze,
    Share(share_api::Act),
}

impl Path {
    fn of(path: &str) -> Option<Self> {
        Some(match path.strip_prefix("/api/")? {
            "session" => Self::Session,
            "preview" => Self::Preview,
            "analyze" => Self::Analyze,
            other => Self::Share(share_api::Act::of(other.strip_prefix("share/")?)?),
        })
    }

    const fn body_bytes_max(self) -> usize {
        match self {
            Self::Session | Self::Preview | Self::Analyze => ANALYSIS_BYTES_MAX,
            Self::Share(_) => share_api::BODY_BYTES_MAX,
        }
    }
}

/// Answers a request.
pub(crate) async fn answer(office: Arc<dyn Office>, request: Request<Body>) -> Response<Body> {
    match admitted(office.as_ref(), request).await {
        Ok((path, session, body)) => act(office, path, session, &body).await,
        Err(refusal) => refusal.answer(),
    }
}

/// What holds for every path: who may ask, from where, and how much.
async fn admitted(
    office: &dyn Office,
    request: Request<Body>,
) -> Result<(Path, Session, Vec<u8>), Refusal> {
    let (head, body) = request.into_parts();
    office.names().check(&head.headers, &head.uri)?;
    same_origin(&head.headers)?;
    let path = Path::of(head.uri.path()).ok_or(Refusal::NOT_FOUND)?;
    if head.method != Method::POST {
        return Err(Refusal::POST_ALONE);
    }
    if !is_json(&head.headers) {
        return Err(Refusal::CONTENT_TYPE);
    }
    let session = session(office, &head.headers)?;
    let bytes_max = path.body_bytes_max();
    let length = head.headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return Err(Refusal::BODY_TOO_LARGE);
    }
    let body = match timeout(BODY_TIMEOUT, to_bytes(body, bytes_max)).await {
        Ok(Ok(body)) => body,
        // With a length that it keeps to, a body can only be cut off.
        Ok(Err(_)) if length.is_some() => return Err(Refusal::BODY_INCOMPLETE),
        Ok(Err(_)) => return Err(Refusal::BODY_TOO_LARGE),
        Err(_) => return Err(Refusal::BODY_TIMEOUT),
    };
    Ok((path, session, body.to_vec()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn session(office: &dyn Office, headers: &HeaderMap) -> Result<Session, Refusal> {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.unwrap_or_default().trim();
    let found = office.ledger().session(token, now_unix_s(office));
    match found.map_err(|_| Refusal::INTERNAL)? {
        Ok(session) => Ok(session),
        Err(SessionRefusal::Unknown) => Err(Refusal::SESSION),
        Err(SessionRefusal::Expired) => Err(Refusal::SESSION_EXPIRED),
    }
}

pub(crate) fn now_unix_s(office: &dyn Office) -> u64 {
    office.now_unix_ns() / NS_PER_S
}

async fn act(office: Arc<dyn Office>, path: Path, session: Session, body: &[u8]) -> Response<Body> {
    let done = match path {
        Path::Session => told(office.as_ref(), &session),
        Path::Preview => Wanted::read(body).and_then(|w| preview(office.as_ref(), session, w)),
        Path::Analyze => match Wanted::read(body) {
            Ok(wanted) => {
                let work = move |pieces: Pieces| -> Work {
                    Box::pin(analyzed(office, session, wanted, pieces))
                };
                return answering::answer(work).await;
            }
            Err(refusal) => Err(refusal),
        },
        Path::Share(act) => share_api::answer(office.as_ref(), act, &session, body).await,
    };
    done.map_or_else(Refusal::answer, |json| given(&json))
}

fn given(json: &Json) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("{json}\n")));
    let kind = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

fn destination(office: &dyn Office) -> Destination {
    let model = office.model()?;
    Some((model.destination(), model.name().to_owned()))
}

/// Runs with what stands behind a tenant's questions.
fn with_ask<'o>(
    office: &'o dyn Office,
    desk: &'o Desk,
    uses_model: bool,
    alarm: cordon_assist::Alarm<'o>,
) -> Ask<'o> {
    Ask {
        store: office.store(),
        ledger: office.ledger(),
        redactor: &desk.redactor,
        mac: desk.mac.as_ref(),
        k_rule: desk.k_rule,
        technical_fields: &desk.technical_fields,
        model: office.model().filter(|_| uses_model),
        alarm,
    }
}

/// What the session may do, and what is left to it.
fn told(office: &dyn Office, session: &Session) -> Result<Json, Refusal> {
    let now_unix_s = now_unix_s(office);
    let request = Asked {
        tenant: &session.tenant,
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        now_unix_s,
    };
    let ledger = office.ledger();
    let may = ledger.authorise_session(session, Action::Preview, &request);
    if let Err(reason) = may.map_err(|_| Refusal::INTERNAL)? {
        return Err(Refusal::gate(reason.code()));
    }
    let desk = office.desk(&session.tenant);
    let desk = desk.map_err(|_| Refusal::INTERNAL)?;
    let silent = |_: &Page| {};
    let ask = with_ask(office, &desk, true, &silent);
    let left = ask.left(session, now_unix_s);
    let left = left.map_err(|_| Refusal::INTERNAL)?;
    Ok(json!({
        "schema": "cordon.session",
        "version": 1,
        "operator": session.operator.as_str(),
        "tenant": session.tenant.as_str(),
        "class": session.class.as_str(),
        "expires_unix_s": session.expires_unix_s,
        "destination": wire::destination(&destination(office)),
        "budget_left": wire::bytes(left),
        "limits": {
            "items": ITEMS_COUNT_MAX,
            "excerpt_chars": EXCERPT_CHARS_MAX,
            "question_chars": QUESTION_CHARS_MAX,
            "body_bytes": ANALYSIS_BYTES_MAX,
        },
    }))
}

/// The analysis that is wanted, and whether a model is.
fn analysis(office: &dyn Office, session: Session, wanted: Wanted) -> Result<Analysis, Refusal> {
    let mut ids = [[0_u8; 16]; ANALYSIS_IDS_COUNT];
    for id in &mut ids {
        let random = cordon_vault::random_bytes().map_err(|_| Refusal::INTERNAL)?;
        for (to, from) in id.iter_mut().zip(random.iter()) {
            *to = *from;
        }
    }
    let now_unix_ns = office.now_unix_ns();
    Ok(Analysis {
        session,
        question: wanted.question,
        evidence: wanted.evidence,
        uses_store: wanted.uses_store,
        at_unix_ns: wanted.at_unix_ns.unwrap_or(now_unix_ns),
        seen: wanted.previewed.map(|previewed| previewed.digest),
        now_unix_s: now_unix_ns / NS_PER_S,
        ids,
    })
}

fn preview(office: &dyn Office, session: Session, wanted: Wanted) -> Result<Json, Refusal> {
    let desk = office.desk(&session.tenant);
    let desk = desk.map_err(|_| Refusal::INTERNAL)?;
    let tenant = session.tenant.clone();
    let alarm = |page: &Page| office.page(&tenant, page);
    let uses_model = wanted.uses_model;
    let ask = with_ask(office, &desk, uses_model, &alarm);
    let previewed = ask.preview(analysis(office, session, wanted)?);
    let preview = previewed.map_err(|_| Refusal::INTERNAL)?;
    let preview = preview.map_err(Refusal::gate)?;
    let to = destination(office).filter(|_| uses_model);
    Ok(wire::preview(&preview, &to))
}

async fn analyzed(
    office: Arc<dyn Office>,
    session: Session,
    wanted: Wanted,
    pieces: Pieces,
) -> Last {
    let office = office.as_ref();
    match analyze(office, session, wanted, pieces).await {
        Ok(receipt) => Last::Receipt(receipt),
        Err(refusal) => Last::Refused(refusal),
    }
}

async fn analyze(
    office: &dyn Office,
    session: Session,
    wanted: Wanted,
    pieces: Pieces,
) -> Result<Json, Refusal> {
    let desk = office.desk(&session.tenant);
    let desk = desk.map_err(|_| Refusal::INTERNAL)?;
    let tenant = session.tenant.clone();
    let alarm = |page: &Page| office.page(&tenant, page);
    let ask = with_ask(office, &desk, wanted.uses_model, &alarm);
    if let Some(previewed) = &wanted.previewed {
        let to = destination(office).filter(|_| wanted.uses_model);
        if previewed.destination != to {
            return Err(Refusal::PREVIEW_STALE);
        }
    }
    let analysis = analysis(office, session, wanted)?;
    let mut emit = |part: cordon_ledger::Released<String>| {
        let sent = pieces.send(answering::piece(part.get()));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    };
    let analyzed = ask.analyze(analysis, &mut emit).await;
    match analyzed.map_err(|_| Refusal::INTERNAL)? {
        Analyzed::Done(receipt) => Ok(wire::receipt(&receipt, &destination(office))),
        Analyzed::Refused(code) => Err(Refusal::gate(code)),
        Analyzed::Stale => Err(Refusal::PREVIEW_STALE),
    }
}
