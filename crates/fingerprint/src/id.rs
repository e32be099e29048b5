//! Ids: a named prefix and the hash of the parts that make it.

use data_encoding::{Encoding, Specification};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Hash bytes in an id: 120 bits, 24 characters without padding.
const ID_BYTES: usize = 15;

/// Base32 in lower case, so that an id survives systems that fold case.
static BASE32_LOWER: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.encoding().ok()
});

/// `prefix` and the base32 of the hash of `parts`, each bound with its length.
pub(crate) fn of(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"cordon/fingerprint/1");
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let head = digest.get(..ID_BYTES).unwrap_or_default();
    let text = BASE32_LOWER.as_ref().map_or_else(
        || data_encoding::HEXLOWER.encode(head),
        |base32| base32.encode(head),
    );
    format!("{prefix}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_binds_the_bounds_of_its_parts() {
        assert_ne!(of("fp_", &["ab", "c"]), of("fp_", &["a", "bc"]));
        assert_eq!(of("fp_", &["ab", "c"]), of("fp_", &["ab", "c"]));
    }

    #[test]
    fn id_is_prefix_and_24_characters() {
        let id = of("tpl_", &["x"]);
        assert_eq!(id.len(), 28);
        assert!(
            id.bytes()
                .skip(4)
                .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        );
    }
}
