//! The column of the logger: the word before a message that names a part of the software.
//!
//! A word before a message may as well be who did something: `marta.lind signed in`. So a name is
//! one of a logger where a part of it is a word of software, or where it has three parts and
//! begins several messages.

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 48;
/// Parts of a name that holds no word of software, and messages that it begins, at least.
const PARTS_COUNT_MIN: usize = 3;
const MESSAGES_COUNT_MIN: usize = 2;

/// Words of software, in order.
const SOFTWARE: &str = " \
    access agent aiohttp airflow akka alembic apache api app apps asterisk asyncio auditd \
    auth backend backends backup bgpd billing bind bird boto3 botocore broker cache caddy \
    cart cassandra catalog celery channels checkout chronyd client clients cluster config \
    consul consumer containerd controller controllers core cron crond cupsd daemon database \
    db dispatch dispatcher django dns dnsmasq docker dockerd dovecot driver drivers \
    elasticsearch engine envoy error errors etcd event events executor express fastapi \
    firewalld flask flink freeswitch gateway grafana grpc gunicorn hadoop handler handlers \
    haproxy hbase health hibernate hikari hive http https httpx imap index indexer internal \
    inventory jetty job jobs kafka kernel keycloak kombu kubelet lib listener loader logger \
    logging loki mail mailer main manager mariadb metrics middleware models module mongo \
    mongod monitor mysql mysqld named net netty network nginx nmbd node nomad ntpd opensearch \
    orders ospfd parser payment payments pika pipeline plugin plugins pool postfix postgres \
    postgresql producer prometheus proxy puma pymongo quartz queue rabbitmq rails redis \
    replication request requests response router rpc rsyslogd runtime samba scheduler search \
    security server servers service services session sessions shop sidekiq slapd smbd smtp \
    snmpd spark spring sql sqlalchemy squid sshd ssl starlette storage store sync system \
    systemd task tasks template templates thread threads tls tomcat tornado traefik twisted \
    unbound urllib3 util utils uvicorn varnish vault view views web werkzeug winbindd worker \
    workers zebra ";

/// The dotted word that a message begins with, such as `django.request`, or a single one such as
/// `chronyd` with the two blanks of a column behind it.
pub(super) fn column(content: &str) -> Option<&str> {
    let (word, behind) = content.split_once(' ')?;
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    let set_apart = word.contains('.') || behind.starts_with(' ');
    (set_apart && word.len() <= NAME_BYTES_MAX && word.split('.').all(part)).then_some(word)
}

/// Whether a name that begins so many different messages is one of software.
pub(super) fn is_software(name: &str, messages: usize) -> bool {
    let known = |part: &str| SOFTWARE.contains(&format!(" {part} "));
    let parts = name.split(['.', '_', '-']);
    let dotted = name.split('.').count();
    parts.into_iter().any(known) || dotted >= PARTS_COUNT_MIN && messages >= MESSAGES_COUNT_MIN
}

#[cfg(test)]
mod tests {
    use super::{column, is_software};

    #[track_caller]
    fn check(content: &str, messages: usize, expected: Option<&str>) {
        let found = column(content).filter(|name| is_software(name, messages));
        assert_eq!(found, expected, "{content}");
    }

    #[test]
    fn software_is_a_logger() {
        check("django.request lost", 1, Some("django.request"));
        check("chronyd  clock set", 1, Some("chronyd"));
        check("org.acme.Ledger lost", 2, Some("org.acme.Ledger"));
    }

    #[test]
    fn people_are_none() {
        check("marta.lindqvist signed in", 9, None);
        check("Marta  signed in", 9, None);
        check("marta  signed in", 9, None);
        check("Web  served", 9, None);
        check("marta.von.lind signed in", 1, None);
        check("chronyd clock set", 9, None);
    }
}
