//! The Merkle tree of RFC 6962 section 2.1 over the entries of the log.
//!
//! Appending is O(log n) on a frontier of complete subtrees; proofs are computed from the stored
//! leaf hashes.

use sha2::{Digest, Sha256};

/// A SHA-256 hash of the tree.
pub type Hash = [u8; 32];

/// Hash of a leaf (RFC 6962: `0x00 || entry`).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The complete subtrees of a tree, largest first, with their sizes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frontier {
    size: u64,
    subtrees: Vec<(u64, Hash)>,
}

impl Frontier {
    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash.
    pub(crate) fn push(&mut self, leaf: Hash) {
        self.size = self.size.saturating_add(1);
        let (mut size, mut hash) = (1, leaf);
        while let Some((_, left)) = self.subtrees.pop_if(|(left_size, _)| *left_size == size) {
            (size, hash) = (size * 2, node_hash(&left, &hash));
        }
        self.subtrees.push((size, hash));
    }

    /// Root hash; of the empty tree, SHA-256 of nothing.
    pub(crate) fn root(&self) -> Hash {
        let mut from_right = self.subtrees.iter().rev().map(|(_, hash)| *hash);
        match from_right.next() {
            None => Sha256::digest([]).into(),
            Some(last) => from_right.fold(last, |right, left| node_hash(&left, &right)),
        }
    }
}

/// Root hash of leaf hashes.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// Largest power of two below `n`; `n` is at least two.
fn split_at(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// Audit path of leaf `index` (RFC 6962 section 2.1.1), from the leaf upwards.
pub(crate) fn inclusion(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split_at(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (inclusion(left, index), root(right))
    } else {
        (inclusion(right, index - left.len()), root(left))
    };
    path.push(sibling);
    path
}

/// Consistency proof from the first `old` leaves to all (RFC 6962 section 2.1.2).
pub(crate) fn consistency(leaves: &[Hash], old: usize) -> Vec<Hash> {
    if old == 0 || old >= leaves.len() {
        Vec::new()
    } else {
        subproof(leaves, old, true)
    }
}

fn subproof(leaves: &[Hash], old: usize, whole: bool) -> Vec<Hash> {
    if old >= leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(split_at(leaves.len()));
    let (mut proof, sibling) = if old <= left.len() {
        (subproof(left, old, whole), root(right))
    } else {
        (subproof(right, old - left.len(), false), root(left))
    };
    proof.push(sibling);
    proof
}

/// Whether `leaf` is at `index` (from zero) in the tree of `size` leaves with `root`
/// (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `size` leaves with `root` begins with the tree of `old_size` leaves with
/// `old_root` (RFC 9162 section 2.1.4.2).
pub fn verify_consistency(
    (old_size, old_root): (u64, &Hash),
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if old_size == 0 || old_size > size {
        return old_size == 0 && proof.is_empty();
    }
    if old_size == size {
        return proof.is_empty() && old_root == root;
    }
    let first = if old_size.is_power_of_two() {
        Some(old_root)
    } else {
        None
    };
    let mut path = first.into_iter().chain(proof);
    let Some(start) = path.next() else {
        return false;
    };
    let (mut at, mut last) = (old_size - 1, size - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old_hash, mut hash) = (*start, *start);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && hash == *root
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// Merkle tree hash as RFC 6962 section 2.1 defines it.
    fn definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            more => {
                let k = (0..32)
                    .map(|i| 1 << i)
                    .filter(|k| *k < more.len())
                    .max()
                    .unwrap();
                node_hash(&definition(&more[..k]), &definition(&more[k..]))
            }
        }
    }

    fn leaves(n: u8) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&[i])).collect()
    }

    #[test]
    fn hashes_the_published_vectors() {
        // From the certificate-transparency reference tests.
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
        ];
        let leaves: Vec<_> = inputs
            .iter()
            .map(|hex| leaf_hash(&HEXLOWER.decode(hex.as_bytes()).unwrap()))
            .collect();
        let of = |n: usize| HEXLOWER.encode(&root(&leaves[..n]));
        assert_eq!(
            of(1),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            of(2),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
        assert_eq!(
            of(3),
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
        );
        assert_eq!(
            of(7),
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
        );
    }

    #[test]
    fn the_frontier_agrees_with_the_definition() {
        for n in 0..=70 {
            assert_eq!(root(&leaves(n)), definition(&leaves(n)), "{n}");
        }
    }

    #[test]
    fn every_inclusion_proof_holds_for_its_place_alone() {
        for n in 1..=20_u8 {
            let (all, top) = (leaves(n), root(&leaves(n)));
            for i in 0..n {
                let path = inclusion(&all, i.into());
                for at in 0..n {
                    let held =
                        verify_inclusion(all[usize::from(i)], at.into(), n.into(), &path, &top);
                    assert_eq!(held, at == i, "{n} {i} {at}");
                }
            }
        }
    }

    #[test]
    fn every_consistency_proof_holds_and_no_forged_one() {
        for n in 1..=20_u8 {
            let all = leaves(n);
            let top = root(&all);
            for old in 1..=n {
                let old_root = root(&all[..old.into()]);
                let mut proof = consistency(&all, old.into());
                let old_tree = |root| (u64::from(old), root);
                let tree = (u64::from(n), &top);
                assert!(
                    verify_consistency(old_tree(&old_root), tree, &proof),
                    "{old} {n}"
                );
                assert!(
                    !verify_consistency(old_tree(&[9; 32]), tree, &proof),
                    "{old} {n}"
                );
                if let Some(first) = proof.first_mut() {
                    first[0] ^= 1;
                    assert!(!verify_consistency(old_tree(&old_root), tree, &proof));
                }
            }
        }
    }
}
