//! `cordon room`: sessions of the war room, and the room as one file.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use cordon_govern::ExposedClass;
use cordon_ledger::{Opening, Session};
use cordon_serve::Assets;
use serde_json::json;

use crate::cli::{Cli, RoomArgs, SessionClass};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::refused;
use crate::{environment, log};

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &RoomArgs) -> Outcome {
    match (&args.export, &args.end, args.list) {
        (Some(path), ..) => export(path),
        (None, Some(id), _) => end(cli, id),
        (None, None, true) => list(cli, args.json),
        (None, None, false) => open(cli, args),
    }
}

/// Opens a session and prints the address of the room with its token, once.
fn open(cli: &Cli, args: &RoomArgs) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home
        .tenant_id(args.tenant.as_deref())
        .or_exit(Exit::Usage)?;
    let opened = home.ledger.open_session(&Opening {
        operator: &operator(),
        tenant: &tenant,
        class: match args.class {
            SessionClass::B => ExposedClass::B,
            SessionClass::C => ExposedClass::C,
        },
        hours: args.hours,
        now_unix_s: environment::now_unix_s(),
    });
    let opened = match opened.context("open session")? {
        Ok(opened) => opened,
        Err(reason) => return Ok(refused(reason.code())),
    };
    let listen = args.listen.unwrap_or(home.config.server.listen);
    let url = format!("{}#session={}", address(listen), opened.token());
    let session = &opened.session;
    let out = if args.json {
        let mut told = told(session);
        if let Some(members) = told.as_object_mut() {
            members.insert("url".to_owned(), json!(url));
        }
        format!("{told}\n")
    } else {
        log::line(&format!(
            "session {} for tenant {tenant}, class {}, for {} hours; its address follows and \
             cannot be shown again",
            session.id,
            session.class.as_str(),
            args.hours
        ));
        format!("{url}\n")
    };
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// The address that a browser on this machine reaches a listener by.
pub(crate) fn address(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}/", SocketAddr::new(ip, listen.port()))
}

fn told(session: &Session) -> serde_json::Value {
    json!({
        "session": session.id,
        "tenant": session.tenant.as_str(),
        "class": session.class.as_str(),
        "opened_unix_s": session.opened_unix_s,
        "expires_unix_s": session.expires_unix_s,
    })
}

fn list(cli: &Cli, as_json: bool) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let now_unix_s = environment::now_unix_s();
    let sessions = home.ledger.sessions(&operator(), now_unix_s);
    let sessions = sessions.context("list sessions")?;
    let mut out = String::new();
    for session in &sessions {
        if as_json {
            out.push_str(&format!("{}\n", told(session)));
        } else {
            let (id, tenant, class) = (&session.id, &session.tenant, session.class.as_str());
            let minutes = session.expires_unix_s.saturating_sub(now_unix_s) / 60;
            out.push_str(&format!("{id}\t{tenant}\t{class}\t{minutes} min left\n"));
        }
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

fn end(cli: &Cli, id: &str) -> Outcome {
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let ended = home
        .ledger
        .end_session(&operator(), id, environment::now_unix_s());
    let ended = ended.context("end session")?;
    log::line(if ended {
        "session ended"
    } else {
        "no session of yours has that name"
    });
    Ok(if ended { Exit::Done } else { Exit::Usage })
}

fn export(path: &Path) -> Outcome {
    let page = cordon_serve::export(&Assets::built_in()).or_exit(Exit::Usage)?;
    fs::write(path, page)
        .with_context(|| format!("write {}", path.display()))
        .or_exit(Exit::Usage)?;
    log::line("the room is in the file: it redacts and diagnoses, and can send nothing");
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_be_opened() {
        for (listen, expected) in [
            ("127.0.0.1:4318", "http://127.0.0.1:4318/"),
            ("0.0.0.0:80", "http://127.0.0.1:80/"),
            ("[::]:80", "http://[::1]:80/"),
            ("10.0.0.7:80", "http://10.0.0.7:80/"),
        ] {
            assert_eq!(address(listen.parse().unwrap()), expected);
        }
    }
}
