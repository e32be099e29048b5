//! Synthetic telemetry for the tests: a billing service with three bugs, and its neighbours.
