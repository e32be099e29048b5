//! Names of tenants, read without opening the ledger: for whoever must write nothing.

use std::path::Path;

use cordon_event::TenantId;
use rusqlite::{Connection, OpenFlags};

use crate::Error;

/// Names of the tenants of a ledger's file, which is not written to.
///
/// *Why so:* SQLite keeps files of its own beside a database that is in WAL mode, and makes them
/// even for a reader. Where none are there, nobody has it open and nothing waits in them: then it
/// is read as one that does not change.
pub fn tenant_names(path: &Path) -> Result<Vec<TenantId>, Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    let how = if Path::new(&beside).exists() {
        "mode=ro"
    } else {
        "immutable=1"
    };
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(format!("{uri}?{how}"), flags)?;
    let mut query = db.prepare("SELECT name FROM tenants ORDER BY name")?;
    let rows = query.query_map([], |row| row.get::<_, String>(0))?;
    let mut names = Vec::new();
    for row in rows {
        names.extend(TenantId::parse(&row?).ok());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use cordon_event::Region;
    use cordon_vault::Vault;

    use super::*;
    use crate::Ledger;

    #[test]
    fn names_are_read_beside_an_open_ledger_and_from_a_closed_one_without_a_trace() {
        let dir = tempfile::tempdir().unwrap();
        let vault = std::sync::Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
        let home = dir.path().join("a b%#?");
        std::fs::create_dir(&home).unwrap();
        let path = home.join("ledger.db");
        assert!(tenant_names(&path).is_err());
        let ledger = Ledger::open(&path, vault, cordon_govern::Caps::default()).unwrap();
        let acme = TenantId::parse("acme").unwrap();
        let eu = Region::parse("eu").unwrap();
        let local = cordon_govern::Operator::parse("local").unwrap();
        let _token = ledger.add_tenant(&acme, &eu, &local, 1).unwrap();
        assert_eq!(tenant_names(&path).unwrap(), std::slice::from_ref(&acme));
        drop(ledger);
        let files = || std::fs::read_dir(&home).unwrap().count();
        let before = files();
        assert_eq!(tenant_names(&path).unwrap(), [acme]);
        assert_eq!(files(), before);
    }
}
