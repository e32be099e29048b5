//! Keys, sealing, token map: the only crate that sees key bytes.
