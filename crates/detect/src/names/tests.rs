//! Tests of the recogniser of names.
