//! Sealed store of exemplars, fingerprints and counts, with expiry.
