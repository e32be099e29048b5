//! The paths of shared rooms: who may, and how long a reader waits.

use std::time::Duration;

use cordon_govern::{ExposedClass, Purpose, Request};
use cordon_ledger::{Action, Entry, EvidenceId, Session};
use data_encoding::BASE64;
use serde_json::{Map, Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::api::now_unix_s;
use crate::share::{HOURS_MAX, SEALED_BYTES_MAX, ShareError};
use crate::wire::{all_known, number, object, text};
use crate::{Office, Refusal, Shares};

/// Bytes of a body: a sealed message in base64, and what names it.
pub(crate) const BODY_BYTES_MAX: usize = SEALED_BYTES_MAX / 3 * 4 + 4_096;
/// How long a reader may wait for a message, in seconds.
const WAIT_S_MAX: u64 = 20;
/// How often it is looked whether there is one.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Create,
    Append,
    Read,
    Opened,
    Revoke,
}

impl Act {
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "create" => Self::Create,
            "append" => Self::Append,
            "read" => Self::Read,
            "opened" => Self::Opened,
            "revoke" => Self::Revoke,
            _ => return None,
        })
    }
}

/// Does it, under the session's grant.
pub(crate) async fn answer(
    office: &dyn Office,
    act: Act,
    session: &Session,
    body: &[u8],
) -> Result<Json, Refusal> {
    authorised(office, session)?;
    let now_unix_s = now_unix_s(office);
    let mut given = object(body)?;
    let shares = Shares::open(office.shares(), now_unix_s).map_err(refusal)?;
    match act {
        Act::Create => create(office, shares, session, given),
        Act::Append => {
            let room = room(&mut given)?;
            let sealed = text(&mut given, "sealed")?.ok_or(Refusal::JSON_SHAPE)?;
            all_known(&given)?;
            let sealed = BASE64.decode(sealed.as_bytes());
            let sealed = sealed.map_err(|_| Refusal::JSON_SHAPE)?;
            if sealed.len() > SEALED_BYTES_MAX {
                return Err(Refusal::BODY_TOO_LARGE);
            }
            let mut shares = shares;
            let sequence = shares.append(session, &room, &sealed, now_unix_s);
            Ok(json!({ "sequence": sequence.map_err(refusal)? }))
        }
        Act::Read => read(office, shares, session, given).await,
        Act::Opened => {
            let room = room(&mut given)?;
            all_known(&given)?;
            let opened = shares.opened(session, &room, now_unix_s);
            let rows = opened.map_err(refusal)?.into_iter().map(|one| {
                json!({
                    "operator": one.operator,
                    "session": one.session,
                    "first_unix_s": one.first_unix_s,
                    "last_unix_s": one.last_unix_s,
                    "reads": one.reads,
                })
            });
            Ok(json!({ "opened": rows.collect::<Vec<_>>() }))
        }
        Act::Revoke => {
            let room = room(&mut given)?;
            all_known(&given)?;
            let mut shares = shares;
            let may = shares.may_revoke(session, &room, now_unix_s);
            may.map_err(refusal)?;
            audited(office, session, "room_revoked", &room)?;
            shares.revoke(session, &room, now_unix_s).map_err(refusal)?;
            Ok(json!({}))
        }
    }
}

/// The session is open still, and its grant stands.
fn authorised(office: &dyn Office, session: &Session) -> Result<(), Refusal> {
    let (ledger, now_unix_s) = (office.ledger(), now_unix_s(office));
    let open = ledger.sessions(&session.operator, now_unix_s);
    let open = open.map_err(|_| Refusal::INTERNAL)?;
    if !open.iter().any(|other| other.id == session.id) {
        return Err(Refusal::SESSION);
    }
    let request = Request {
        tenant: &session.tenant,
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        now_unix_s,
    };
    let may = ledger.authorise_session(session, Action::Share, &request);
    match may.map_err(|_| Refusal::INTERNAL)? {
        Ok(_) => Ok(()),
        Err(reason) => Err(Refusal::gate(reason.code())),
    }
}

fn create(
    office: &dyn Office,
    mut shares: Shares,
    session: &Session,
    mut given: Map<String, Json>,
) -> Result<Json, Refusal> {
    let hours = number(&mut given, "hours")?.ok_or(Refusal::JSON_SHAPE)?;
    all_known(&given)?;
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(Refusal::JSON_SHAPE);
    }
    let id = Shares::draw_name().map_err(refusal)?;
    audited(office, session, "room_created", &id)?;
    let made = shares.create(session, id, hours, now_unix_s(office));
    let made = made.map_err(refusal)?;
    Ok(json!({ "room": made.id, "expires_unix_s": made.expires_unix_s }))
}

/// Messages after a number; where there are none, waits for one, for so long and no longer.
async fn read(
    office: &dyn Office,
    mut shares: Shares,
    session: &Session,
    mut given: Map<String, Json>,
) -> Result<Json, Refusal> {
    let room = room(&mut given)?;
    let since = number(&mut given, "since")?.unwrap_or_default();
    let wait_s = number(&mut given, "wait_s")?.unwrap_or_default();
    all_known(&given)?;
    let until = Instant::now() + Duration::from_secs(wait_s.min(WAIT_S_MAX));
    loop {
        let last = shares.last(session, &room, now_unix_s(office));
        if last.map_err(refusal)? > since || Instant::now() >= until {
            break;
        }
        sleep(LOOK_EVERY).await;
    }
    // Grant and session may have ended while this waited.
    authorised(office, session)?;
    let opened = shares.has_opened(session, &room, now_unix_s(office));
    // The log tells of it first: a row too many rather than none.
    if !opened.map_err(refusal)? {
        audited(office, session, "room_opened", &room)?;
    }
    let read = shares.read(session, &room, since, now_unix_s(office));
    let read = read.map_err(refusal)?;
    let next = read.messages.last().map_or(since, |last| last.sequence);
    let messages = read.messages.iter().map(|message| {
        json!({
            "sequence": message.sequence,
            "unix_s": message.unix_s,
            "operator": message.operator,
            "session": message.session,
            "sealed": BASE64.encode(&message.sealed),
        })
    });
    Ok(json!({
        "messages": messages.collect::<Vec<_>>(),
        "next": next,
        "more": read.more,
        "expires_unix_s": read.expires_unix_s,
    }))
}

fn room(given: &mut Map<String, Json>) -> Result<String, Refusal> {
    text(given, "room")?.ok_or(Refusal::JSON_SHAPE)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "reads as a function of an error"
)]
fn refusal(error: ShareError) -> Refusal {
    match error {
        ShareError::Unknown => Refusal::SHARE_UNKNOWN,
        ShareError::Full => Refusal::SHARE_FULL,
        ShareError::NotOwner => Refusal::SHARE_OWNER,
        ShareError::Database(_) | ShareError::Io(_) | ShareError::Random => Refusal::INTERNAL,
    }
}

fn audited(
    office: &dyn Office,
    session: &Session,
    decision: &'static str,
    room: &str,
) -> Result<(), Refusal> {
    let entry = Entry {
        time_unix_s: now_unix_s(office),
        actor: session.operator.clone(),
        tenant: Some(session.tenant.clone()),
        action: Action::Share,
        decision,
        class: None,
        amount_bytes: 0,
        evidence: EvidenceId::parse(&format!("room:{room}"))
            .into_iter()
            .collect(),
        digest: None,
    };
    // What leaves is ciphertext of the page's own making: its receipt releases nothing.
    let recorded = office.ledger().record(&entry);
    recorded.map(drop).map_err(|_| Refusal::INTERNAL)
}
