//! Clean telemetry becomes evidence, ranked hypotheses and a rendered answer.
