//! One tenant's index.

use cordon_redact::Clean;

use crate::bm25::Bm25;
use crate::fuse::{fuse, rank};
use crate::grams::Grams;

/// Least cosine of n-grams that counts as a match where no token does: below it lie documents
/// that share endings and little words with anything.
const COSINE_MIN: f64 = 0.15;

/// A document that matches a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Id of the document, as given to [`TenantIndex::build`].
    pub doc: u64,
    /// Fused score, above zero; comparable within one search only.
    pub score: f64,
}

/// The documents of one tenant.
#[derive(Debug, Default)]
pub struct TenantIndex {
    /// Ids, rising; the position is the document's number within the index.
    ids: Vec<u64>,
    words: Bm25,
    grams: Grams,
}

impl TenantIndex {
    /// Indexes one tenant's documents. Of two with the same id the first counts. The order in
    /// which they come does not matter otherwise.
    pub fn build(mut docs: Vec<(u64, Clean<String>)>) -> Self {
        docs.sort_by_key(|(id, _)| *id);
        docs.dedup_by_key(|(id, _)| *id);
        let texts = || docs.iter().map(|(_, text)| text.get().as_str());
        Self {
            words: Bm25::build(texts()),
            grams: Grams::build(texts()),
            ids: docs.iter().map(|(id, _)| *id).collect(),
        }
    }

    /// Documents in the index.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether the index has no document.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The `n` documents that match best, best first; ties by rising id. A document that shares
    /// nothing with the question is no hit.
    pub fn search(&self, question: &Clean<String>, n: usize) -> Vec<Hit> {
        let words = self.words.scores(question.get());
        let mut grams = self.grams.scores(question.get());
        grams.retain(|position, cosine| *cosine >= COSINE_MIN || words.contains_key(position));
        let fused = fuse(&[rank(&words), rank(&grams)]);
        let hit = |position: &usize| {
            let doc = *self.ids.get(*position)?;
            Some(Hit {
                doc,
                score: *fused.get(position)?,
            })
        };
        rank(&fused).iter().filter_map(hit).take(n).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: [&str; 8] = [
        "PaymentError: charge declined for invoice <num> in billing.charge.charge_card",
        "KeyError: 'customer_id' in billing.store.load_customer",
        "upstream request timed out after <duration> in gateway.proxy",
        "connection refused by postgres at <ip>:<num>",
        "user <user> logged in from <ip>",
        "cache miss ratio <num> for catalogue",
        "TLS handshake failed: certificate has expired",
        "worker OOM killed, heap <size>",
    ];

    fn index() -> TenantIndex {
        let docs = DOCS.iter().enumerate();
        TenantIndex::build(
            docs.map(|(id, text)| (id as u64, Clean::of_static(text)))
                .collect(),
        )
    }

    fn first(question: &'static str) -> Option<u64> {
        index()
            .search(&Clean::of_static(question), 3)
            .first()
            .map(|hit| hit.doc)
    }

    #[test]
    fn paraphrases_find_their_document() {
        for (question, doc) in [
            ("why did billing fail last night?", 0),
            ("card declines on invoices", 0),
            ("loadCustomer missing key", 1),
            ("why is the gateway slow", 2),
            ("database connections", 3),
            ("sign in", 4),
            ("ssl certificates", 6),
            ("out of memory", 7),
            ("conection refussed", 3),
        ] {
            assert_eq!(first(question), Some(doc), "{question}");
        }
    }

    #[test]
    fn unrelated_question_has_no_hit() {
        for question in ["weather tomorrow zebra", "", "???", "12345", "why is it"] {
            assert_eq!(first(question), None, "{question}");
        }
    }

    #[test]
    fn order_of_documents_does_not_matter() {
        let docs = || {
            DOCS.iter()
                .enumerate()
                .map(|(id, t)| (id as u64, Clean::of_static(t)))
        };
        let forward = TenantIndex::build(docs().collect());
        let backward = TenantIndex::build(docs().rev().collect());
        let question = Clean::of_static("billing charge failed for customer");
        assert_eq!(forward.search(&question, 8), backward.search(&question, 8));
        assert!(!forward.search(&question, 8).is_empty());
    }

    #[test]
    fn ties_go_by_id_and_n_bounds() {
        let same = |id| (id, Clean::of_static("charge failed"));
        let index = TenantIndex::build(vec![same(9), same(3), same(5)]);
        let hits = index.search(&Clean::of_static("charge failed"), 2);
        assert_eq!(hits.iter().map(|hit| hit.doc).collect::<Vec<_>>(), [3, 5]);
        assert!(
            index
                .search(&Clean::of_static("charge failed"), 0)
                .is_empty()
        );
    }

    #[test]
    fn empty_index_has_no_hit() {
        let index = TenantIndex::build(Vec::new());
        assert!(index.is_empty() && index.search(&Clean::of_static("charge"), 3).is_empty());
    }

    #[test]
    fn hits_are_sorted_and_above_zero() {
        let hits = index().search(&Clean::of_static("failed connection to billing"), 8);
        assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(hits.len() > 1 && hits.iter().all(|hit| hit.score > 0.0));
    }

    #[test]
    fn another_index_changes_nothing() {
        // The statistics of one tenant's index do not depend on another's being there.
        let alone = index().search(&Clean::of_static("charge"), 8);
        let _other = TenantIndex::build(vec![(1, Clean::of_static("charge charge charge"))]);
        assert_eq!(index().search(&Clean::of_static("charge"), 8), alone);
    }
}
