//! Attribute names this project reads or defines.
//!
//! Names without a prefix of ours are those of the OpenTelemetry semantic conventions.

/// Fully qualified type of an exception.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Message of an exception.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Stack trace of an exception, in the language's own rendering.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// Fully qualified name of the function that ran.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";
/// Name of the service that emitted the event (resource).
pub const SERVICE_NAME: &str = "service.name";
/// Version of the service that emitted the event (resource).
pub const SERVICE_VERSION: &str = "service.version";
/// Arguments of the recorded call: a JSON object of keyword arguments, or
/// `{"args": [..], "kwargs": {..}}`.
pub const CALL_ARGUMENTS: &str = "cordon.call.arguments";
/// What the recorded call returned, as JSON, where it returned.
pub const CALL_RESULT: &str = "cordon.call.result";
/// Expectation that the recorded call violated: a Python expression over `result` and the
/// arguments, such as `result >= 0`.
pub const CALL_EXPECTATION: &str = "cordon.call.expectation";
/// Feature flags in force during the call: a JSON object.
pub const CALL_FLAGS: &str = "cordon.call.flags";
/// Environment variables that the call depends on: a JSON object; default-deny at the producer.
pub const CALL_ENVIRONMENT: &str = "cordon.call.environment";
/// Wall clock of the call, RFC 3339.
pub const CALL_TIME: &str = "cordon.call.time";
/// Seed of the pseudo-random generator at the call.
pub const CALL_SEED: &str = "cordon.call.seed";
