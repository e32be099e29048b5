//! A clean event becomes a failing test; shrinking against an oracle.
