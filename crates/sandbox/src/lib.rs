//! Runs a generated test with no network, capped.
