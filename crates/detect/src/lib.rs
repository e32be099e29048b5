//! Text becomes findings: key verdicts, provider tokens, validators, decoders.
