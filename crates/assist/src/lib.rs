//! Ask: gates, evidence, prompt, model client, answer gate.
