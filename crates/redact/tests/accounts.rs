//! Accounts and names of people in the words of logs: `‹…›` stands around what must go, and
//! nothing else may change.
#![expect(clippy::unwrap_used, reason = "a test may stop where it fails")]

use cordon_event::Raw;
use cordon_redact::{Policy, PseudonymMac, Redactor};

#[path = "accounts/notations.rs"]
mod notations;
#[path = "accounts/tools.rs"]
mod tools;

/// A MAC for tests: which value it is does not matter here.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, _: &str, canonical: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        for (slot, b) in out.iter_mut().zip(canonical) {
            *slot = *b;
        }
        out
    }
}

/// Lines of sshd, PAM, sudo, cron, mail and database servers, and what their writers would not
/// want changed.
const LINES: &[&str] = &[
    "Accepted publickey for ‹bob› from port 22 ssh2",
    "Accepted keyboard-interactive/pam for ‹bob› from port 22 ssh2",
    "Connection closed by authenticating user ‹carol› port 53 [preauth]",
    "Disconnected from user ‹carol› port 22",
    "error: maximum authentication attempts exceeded for ‹carol› from port 22",
    "pam_unix(su:session): session opened for user root by ‹alice›(uid=1000)",
    "uid=1000(‹alice›) gid=1000(‹alice›) groups=1000(‹alice›),27(sudo)",
    "uid=0(root) gid=0(root)",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=",
    "sudo:    ‹alice› : TTY=pts/0 ; USER=root ; COMMAND=/bin/ls",
    "sudo[812]: ‹alice› : user NOT in sudoers",
    "CRON[123]: (‹alice›) CMD (/usr/bin/backup)",
    "CRON[123]: (root) CMD (/usr/bin/backup)",
    "crond[2916]: (root) CMD (run-parts /etc/cron.hourly)",
    "Processed session termination for sessionid: 0x24f0557806a0010",
    "new user: name=‹bob›, UID=1001, GID=1001, shell=/bin/bash",
    "Successful su for root by ‹alice›",
    "imap-login: Login: user=<‹bob›>, method=PLAIN",
    "usage: tool --user=<user-name> --level=<LEVEL>",
    "[17] OK LOGIN: Client connected",
    "user ‹bob›: authentication failure for \"/x\": Password Mismatch",
    "user ‹CORP\\jsmith› logged on",
    "failed for CORP\\nworker is down",
    "user ‹jdoe@corp› has no role",
    "‹alice› logged in",
    "2026-11-21 10:00:00 INFO [auth] ‹alice› logged out",
    "the user was logged out",
    "Nobody logged in today",
    "logged in as ‹alice›",
    "logged in as root",
    "User ‹alice› does not exist",
    "User cart does not exist",
    "user input not found",
    "user profile does not exist",
    "arn:aws:iam::123456789012:user/‹alice› is not authorized",
    "arn:aws:iam::123456789012:role/reader is not authorized",
    "user ‹Tomasz Kowalski› logged in",
    "User '‹Tomasz Kowalski›' not found",
    "Started by user ‹Jane Doe›",
    "Approved by ‹Jane Doe›",
    "The User Profile Service service entered the running state",
    "User Mode Driver Framework started",
    "Author: ‹Maria Schmidt› pushed",
    "Requested by Load Balancer Service",
    "Last login: Fri Nov 20 03:12:44 2026",
    "lastLogin=2026-11-20 03:12:44",
    "login: POST /login 302",
    "user: logged in",
    "login: timeout after 3 s",
    "Failed login: user=‹bob›",
    "uid=‹alice›,ou=people,dc=example,dc=org",
    "su: (to root) ‹alice› on pts/0",
    "session opened for user ‹alice›(uid=1000) by (uid=0)",
    "sehr geehrte Frau ‹Lindqvist›",
    "login failed for user=‹alice›: denied",
    "login: ‹alice›: ok",
    "user_id=‹1234abcd-e5f6-4a7b-8c9d-0e1f2a3b4c5d›",
    "user: ‹will›",
    "session opened for connection 5",
    "login failed for server",
    "‹alice›:x:1001:1001:‹Alice Smith›,,,:/home/‹alice›:/bin/bash",
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
    "GRANT ALL ON x.* TO '‹alice›'@'%'",
    "db.createUser({user:\"‹alice›\",roles:[]})",
    "node-3 has left the cluster",
    "uid=1000(‹alice›) gid=10(wheel) groups=1000(‹alice›),27(sudo)",
    "WARN: Bounced mails",
    "requested by Load Balancer",
    "user cache_warmup.job not found",
    "{\"profile\":{\"first\":\"heap\",\"last\":\"goroutine\"}}",
];

/// Secrets that a sentence says, and sentences about secrets.
const SAID: &[&str] = &[
    "the password for the staging box is ‹hunter2›",
    "the password for the staging box is expired",
    "my password's ‹hunter2›, please reset it",
    "use password ‹hunter2› to log in",
    "use password authentication to log in",
    "password: ‹correct horse battery staple›",
    "passphrase: ‹quick brown fox jumps over lazy dog›",
    "pwd=‹correct horse battery staple› retries=3",
    "Password: must contain at least eight characters",
    "password: expired for this session",
    "Your code is ‹482193›",
    "exit code is 482193",
    "password_hash: ‹5f4dcc3b5aa765d61d8327deb882cf99›",
    "pw_hash = '‹5f4dcc3b5aa765d61d8327deb882cf99›'",
    "md5=5f4dcc3b5aa765d61d8327deb882cf99",
    "the default password policy applies",
    "the default password for the user \"app\" is \"‹pyne7x›\"",
    "login with password ‹s3cr3t!› failed",
    "Server=db;Password=‹Grün Tee 42!›;Encrypt=true",
    "Environment=\"DB_PASSWORD=‹a b c›\"",
    "Options[passphrase=‹a b›, port=1]",
    "secret: rotated",
    "credentials: include",
    "cookie: missing",
    "Authorization: granted",
    "mscorlib, Version=4.0.0.0, PublicKeyToken=31bf3856ad364e35",
    "token=Token{a64f992 type=2}",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
    "  ~ password = \"‹old-pw-1›\" -> \"‹new-pw-2›\"",
    "**password:** ‹hunter2Zq›",
    "map[Authorization:[Bearer ‹Xk9#mQ2$vL›] Accept:[*/*]]",
    "senha_banco=‹hunter2›",
    "mysql://app:‹Xk9#mQ2$vL›@db",
    "cfg: snmp-server community ‹s3cr3tRO› RO",
    "username admin password 7 ‹0822455D0A16›",
    "the password 5 times",
    "the answer to the security question is ‹Fluffy›",
    "the security question is missing",
    "{\"query\":{\"code\":\"‹kT9xQ2vLr8ZpWm4NcY7uHd3B›\"}}",
    "{\"code\":\"ERR_HTTP2_STREAM_CANCEL\"}",
    "password=‹Admin@2024›",
    "secret=‹Super.Secret@1234›",
    "arn:aws:lambda:eu:123456789012:function:foo:password=‹hunter2xyz›",
    "DB_PASSWORD=‹error›",
    "password=‹Success!›",
    "PublicKeyToken=‹hunter2secret›",
    "auth failed password=‹abc› retrying connection now",
    "secret: created version three",
    "secret 0 bytes",
    "enable password authentication",
    "your code took 1234 ms",
    "NetworkCredential(\"app\",\"‹hunter2›\")",
    "setx DB_PASSWORD \"‹hunter2›\"",
];

/// Lines that go wrong: what stood in them, and what came out.
fn wrong(lines: &[&'static str]) -> Vec<(&'static str, String)> {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let mut wrong = Vec::new();
    for line in lines {
        let plain: String = line.replace(['‹', '›'], "");
        let out = redactor.text(&Mac, Raw::new(plain)).clean.into_inner();
        // Outside the marks every byte is as it was, in its order.
        let mut rest = out.as_str();
        let mut pieces = line.split('›');
        let holds = pieces.all(|piece| {
            let (kept, gone) = piece
                .split_once('‹')
                .map_or((piece, None), |(k, g)| (k, Some(g)));
            let Some(behind) = rest.strip_prefix(kept) else {
                return false;
            };
            rest = behind;
            if let Some(gone) = gone {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || "_[].:".contains(c)));
                let marker = rest.find(']').filter(|_| rest.starts_with("[removed:"));
                let pseudonym = rest
                    .find('_')
                    .map(|n| n + 1 + cordon_detect::PSEUDONYM_CHARS);
                let end = marker.map(|n| n + 1).or(pseudonym).or(end);
                let (said, behind) = rest.split_at(end.unwrap_or(rest.len()).min(rest.len()));
                rest = behind;
                return said != gone && (marker.is_some() || cordon_detect::is_ours(said));
            }
            true
        });
        if !holds || !rest.is_empty() {
            wrong.push((*line, out));
        }
    }
    wrong
}

#[test]
fn accounts_go_and_the_rest_of_the_line_stays() {
    assert_eq!(wrong(LINES), []);
}

#[test]
fn composed_names_notations_and_sentences_tell_what_goes() {
    assert_eq!(wrong(notations::FIELDS), []);
    assert_eq!(wrong(notations::NOTATIONS), []);
    assert_eq!(wrong(notations::SENTENCES), []);
}

#[test]
fn what_stands_at_its_place_in_lines_of_tools_goes() {
    assert_eq!(wrong(tools::LINES), []);
}

#[test]
fn said_secrets_go_and_sentences_about_them_stay() {
    assert_eq!(wrong(SAID), []);
}

#[test]
fn the_name_before_an_address_goes() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    for (line, kept) in [
        ("From: Maria Schmidt <maria@example.com>", "From: person_"),
        ("\"Schmidt, Maria\" <maria@example.com>", "\"person_"),
        (
            "mail of Maria Schmidt <maria@example.com> bounced",
            "mail of person_",
        ),
        ("mail <maria@example.com> bounced", "mail <email_"),
        (
            "failed to reach <maria@example.com>",
            "failed to reach <email_",
        ),
    ] {
        let out = redactor
            .text(&Mac, Raw::new(line.to_owned()))
            .clean
            .into_inner();
        assert!(
            out.starts_with(kept) && !out.contains("Schmidt"),
            "{line} -> {out}"
        );
    }
}
