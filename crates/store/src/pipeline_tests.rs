//! Journal and store together: what was acknowledged is applied exactly once, however often
//! either is restarted and in whatever order they run.

use std::sync::Arc;

use cordon_event::Region;
use cordon_journal::{Cursor, Journal, Limits};
use cordon_vault::Vault;
use proptest::prelude::*;

use crate::Store;
use crate::tests::{NOON_S, batch, classify, event, events, scope, tenant};

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A request arrives; some are sent twice.
    Append { resend: bool },
    /// The worker reads up to so many batches and applies them together.
    Apply(usize),
    /// The worker reads a batch and dies before applying it.
    ReadOnly,
    /// Everything is applied again from the start of what the journal still holds.
    Replay,
    /// What is consumed is deleted.
    Trim,
    /// The process ends and starts again.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<bool>().prop_map(|resend| Act::Append { resend }),
        3 => (1..5_usize).prop_map(Act::Apply),
        1 => Just(Act::ReadOnly),
        1 => Just(Act::Replay),
        1 => Just(Act::Trim),
        1 => Just(Act::Restart),
    ]
}

struct Process {
    journal: Journal,
    store: Store,
}

impl Process {
    fn start(dir: &std::path::Path, vault: &Arc<Vault>) -> Self {
        let store = Store::open(&dir.join("store.db"), vault.clone()).unwrap();
        let limits = Limits {
            segment_bytes_max: 2_000,
            reserve_bytes: 4_096,
            ..Limits::default()
        };
        let consumed = store.cursor().unwrap();
        let (journal, recovery) =
            Journal::open(&dir.join("journal"), vault.clone(), limits, consumed).unwrap();
        assert_eq!((recovery.damaged, recovery.unreadable), (0, 0));
        Self { journal, store }
    }

    fn apply(&self, from: Cursor, most: usize) -> usize {
        let mut reader = self.journal.reader(from);
        let mut read = Vec::new();
        while let Some(next) = reader.next().unwrap() {
            read.push(next);
            if read.len() == most {
                break;
            }
        }
        let batches = read.iter().map(|(cursor, batch)| (*cursor, batch));
        self.store.apply_all(batches, &classify).unwrap().len()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_acknowledged_is_applied_exactly_once(
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
        vault.create_tenant(&tenant("acme"), &Region::parse("eu").unwrap()).unwrap();
        let mut process = Process::start(dir.path(), &vault);
        let (mut distinct, mut received) = (0_u64, 0_u64);
        for act in acts {
            match act {
                Act::Append { resend } => {
                    let request = if resend { distinct.max(1) } else { distinct + 1 };
                    distinct = distinct.max(request);
                    received += 2;
                    let list = ["g", "h"].map(|g| event(g, NOON_S));
                    let batch = batch("acme", request, NOON_S, events(request * 10, list));
                    process.journal.append(&batch).unwrap().wait().unwrap();
                }
                Act::Apply(most) => {
                    process.apply(process.store.cursor().unwrap(), most);
                }
                Act::ReadOnly => {
                    process.journal.reader(process.store.cursor().unwrap()).next().unwrap();
                }
                Act::Replay => {
                    process.apply(Cursor::default(), usize::MAX);
                }
                Act::Trim => {
                    process.journal.trim(process.store.cursor().unwrap()).unwrap();
                }
                Act::Restart => {
                    drop(process);
                    process = Process::start(dir.path(), &vault);
                }
            }
        }
        process.apply(process.store.cursor().unwrap(), usize::MAX);
        let scope = scope("acme");
        let accounting = process.store.accounting(&scope).unwrap();
        prop_assert!(accounting.is_balanced());
        prop_assert_eq!(accounting.received, received);
        prop_assert_eq!(accounting.duplicate, received - distinct * 2);
        let ids = process.store.group_ids(&scope, "", 9).unwrap();
        prop_assert_eq!(ids.len(), if distinct == 0 { 0 } else { 2 });
    }
}
