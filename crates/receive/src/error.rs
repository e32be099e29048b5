//! Why a request was not taken: stable codes, their statuses on HTTP and gRPC, and the error.
//!
//! *`RESOURCE_EXHAUSTED` over gRPC is for a tenant's rate alone*, with `RetryInfo`, and so is 429
//! over HTTP, with `Retry-After`. The OTLP specification calls it retryable when `RetryInfo` is
//! present, and several SDKs retry it without looking. A body over a limit will be over it again,
//! so it is `INVALID_ARGUMENT`, which nobody retries. Pressure is `UNAVAILABLE` with `RetryInfo`,
//! HTTP 503 with `Retry-After`.

use std::path::PathBuf;

use thiserror::Error;

/// Stable reason for which telemetry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// No bearer token, or one that names no tenant.
    Unauthenticated,
    /// No such path.
    NotFound,
    /// The path exists, for another method.
    Method,
    /// A content type other than the path takes.
    ContentType,
    /// A content encoding other than identity, gzip, deflate, zstd or br.
    ContentEncoding,
    /// The body is longer than allowed.
    BodyTooLarge,
    /// The body inflates to more than allowed.
    InflatedTooLarge,
    /// The body inflates to more than allowed for its compressed length.
    InflateRatio,
    /// The decoded events would take more memory than allowed.
    DecodedTooLarge,
    /// More attributes on one record, scope or resource than allowed.
    AttributesCount,
    /// More events in one request than allowed.
    EventsCount,
    /// A value is nested deeper than allowed.
    Depth,
    /// The compressed body is damaged or cut off.
    CompressionMalformed,
    /// The protobuf message is damaged or cut off.
    ProtobufMalformed,
    /// The gRPC message framing is damaged or cut off.
    GrpcFrame,
    /// Text that is not UTF-8.
    InvalidUtf8,
    /// The JSON text is damaged or cut off.
    JsonMalformed,
    /// JSON of another shape than the schema's.
    JsonShape,
    /// An object that tells of no change, or of one at a time that cannot be read.
    ChangeShape,
    /// The body was cut off by the sender.
    BodyIncomplete,
    /// The body came too slowly.
    BodyTimeout,
    /// Too many bytes are in flight.
    InFlightFull,
    /// The queue behind is full.
    Full,
    /// What is behind cannot be reached.
    Unavailable,
    /// Storage failed in a way that must not be retried on the same file.
    Poisoned,
    /// A defect on this side.
    Internal,
    /// Names of the certificate, or it and the token, are of different tenants.
    CertificateTenant,
    /// What was sent to Sentry's path is no envelope.
    EnvelopeMalformed,
    /// A body of several parts is damaged, cut off, or has too many of them.
    MultipartMalformed,
    /// What was sent as a minidump holds none, or one in a container that is not opened.
    MinidumpMissing,
    /// The minidump could not be read.
    MinidumpRefused,
    /// Crashes cannot be looked at: an operator must install the sandbox.
    CrashUnavailable,
    /// An object that tells of no alert.
    AlertShape,
    /// A record that names another tenant than the token does.
    TenantMismatch,
    /// The tenant is over its events a second.
    EventsRate,
    /// The tenant is over its bytes a second.
    BytesRate,
    /// As many requests of the tenant wait as may.
    TenantQueue,
}

struct Row(&'static str, &'static str, u16, u32);

impl Code {
    /// All codes, in order of declaration.
    pub const ALL: [Self; 37] = [
        Self::Unauthenticated,
        Self::NotFound,
        Self::Method,
        Self::ContentType,
        Self::ContentEncoding,
        Self::BodyTooLarge,
        Self::InflatedTooLarge,
        Self::InflateRatio,
        Self::DecodedTooLarge,
        Self::AttributesCount,
        Self::EventsCount,
        Self::Depth,
        Self::CompressionMalformed,
        Self::ProtobufMalformed,
        Self::GrpcFrame,
        Self::InvalidUtf8,
        Self::JsonMalformed,
        Self::JsonShape,
        Self::ChangeShape,
        Self::BodyIncomplete,
        Self::BodyTimeout,
        Self::InFlightFull,
        Self::Full,
        Self::Unavailable,
        Self::Poisoned,
        Self::Internal,
        Self::CertificateTenant,
        Self::EnvelopeMalformed,
        Self::MultipartMalformed,
        Self::MinidumpMissing,
        Self::MinidumpRefused,
        Self::CrashUnavailable,
        Self::AlertShape,
        Self::TenantMismatch,
        Self::EventsRate,
        Self::BytesRate,
        Self::TenantQueue,
    ];

    /// Name, text, HTTP status and gRPC status: 3 invalid argument, 7 permission denied,
    /// 8 resource exhausted, 12 unimplemented, 13 internal, 14 unavailable, 16 unauthenticated.
    const fn row(self) -> Row {
        match self {
            Self::Unauthenticated => Row("unauthenticated", "bearer token not known", 401, 16),
            Self::NotFound => Row("not_found", "no such path", 404, 12),
            Self::Method => Row("method", "method not allowed on this path", 405, 12),
            Self::ContentType => Row("content_type", "content type not accepted here", 415, 3),
            Self::ContentEncoding => Row(
                "content_encoding",
                "expected identity, gzip, deflate, zstd or br",
                415,
                12,
            ),
            Self::BodyTooLarge => Row("body_too_large", "body over the limit", 413, 3),
            Self::InflatedTooLarge => Row(
                "inflated_too_large",
                "decompressed body over the limit",
                413,
                3,
            ),
            Self::InflateRatio => Row("inflate_ratio", "compression ratio over the limit", 413, 3),
            Self::DecodedTooLarge => Row(
                "decoded_too_large",
                "decoded events over the memory limit",
                413,
                3,
            ),
            Self::AttributesCount => Row(
                "attributes_count",
                "attributes of one record over the limit",
                413,
                3,
            ),
            Self::EventsCount => Row("events_count", "events of a request over the limit", 413, 3),
            Self::Depth => Row("depth", "nesting over the limit", 400, 3),
            Self::CompressionMalformed => Row(
                "compression_malformed",
                "compressed body damaged or cut off",
                400,
                3,
            ),
            Self::ProtobufMalformed => Row(
                "protobuf_malformed",
                "protobuf message damaged or cut off",
                400,
                3,
            ),
            Self::GrpcFrame => Row("grpc_frame", "message framing damaged or cut off", 400, 3),
            Self::InvalidUtf8 => Row("invalid_utf8", "text is not UTF-8", 400, 3),
            Self::JsonMalformed => Row("json_malformed", "JSON damaged or cut off", 400, 3),
            Self::JsonShape => Row("json_shape", "JSON of an unexpected shape", 400, 3),
            Self::ChangeShape => Row("change_shape", "change or time not understood", 400, 3),
            Self::BodyIncomplete => Row("body_incomplete", "body cut off", 400, 3),
            Self::BodyTimeout => Row("body_timeout", "body came too slowly", 408, 14),
            Self::InFlightFull => Row("in_flight_full", "too many bytes in flight", 503, 14),
            Self::Full => Row("full", "queue full", 503, 14),
            Self::Unavailable => Row("unavailable", "cannot take telemetry now", 503, 14),
            Self::Poisoned => Row("poisoned", "storage failed; an operator is needed", 503, 14),
            Self::CertificateTenant => Row(
                "certificate_tenant",
                "certificate of several tenants, or token of another",
                403,
                7,
            ),
            _ => self.further_row(),
        }
    }

    /// The rows of what came later, and of the last resort.
    const fn further_row(self) -> Row {
        match self {
            Self::EnvelopeMalformed => Row("envelope_malformed", "envelope damaged", 400, 3),
            Self::MultipartMalformed => Row(
                "multipart_malformed",
                "parts of the body damaged, cut off or too many",
                400,
                3,
            ),
            Self::MinidumpMissing => Row("minidump_missing", "no minidump in the body", 400, 3),
            Self::MinidumpRefused => Row("minidump_refused", "minidump not readable", 400, 3),
            Self::CrashUnavailable => Row(
                "crash_unavailable",
                "crashes cannot be looked at; an operator is needed",
                503,
                14,
            ),
            Self::AlertShape => Row("alert_shape", "alert not understood", 400, 3),
            Self::TenantMismatch => Row(
                "tenant_mismatch",
                "record names another tenant than the token",
                403,
                7,
            ),
            Self::EventsRate => Row("events_rate", "tenant over its events a second", 429, 8),
            Self::BytesRate => Row("bytes_rate", "tenant over its bytes a second", 429, 8),
            Self::TenantQueue => Row("tenant_queue", "requests of the tenant wait", 503, 14),
            _ => Row("internal", "internal error", 500, 13),
        }
    }

    /// Stable name, as in responses and metrics.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What it means, for people.
    pub const fn text(self) -> &'static str {
        self.row().1
    }

    /// HTTP status.
    pub const fn http_status(self) -> u16 {
        self.row().2
    }

    /// gRPC status.
    pub const fn grpc_status(self) -> u32 {
        self.row().3
    }

    /// The refusal of a line, counted from 1.
    pub(crate) const fn at_line(self, line: u64) -> Error {
        Error::Refused {
            code: self,
            line: Some(line),
            retry_after_s: None,
        }
    }

    /// Whether the sender should send the same again later.
    pub const fn is_retryable(self) -> bool {
        matches!(self.row().2, 429 | 503)
    }
}

/// What can go wrong in receiving.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The telemetry was refused.
    #[error("accept telemetry: {} ({})", code.text(), code.as_str())]
    Refused {
        /// Why.
        code: Code,
        /// Number of the line it is about, from 1, where the input has lines.
        line: Option<u64>,
        /// Seconds to wait before sending again, where that helps.
        retry_after_s: Option<u32>,
    },
    /// A certificate or key cannot be used.
    #[error("use {}: {what}", path.display())]
    Tls {
        /// What is wrong with it.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The listener failed.
    #[error("serve: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused {
            code,
            line: None,
            retry_after_s: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_in_order() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for (at, code) in Code::ALL.iter().enumerate() {
            assert_eq!(*code as usize, at, "{}", code.as_str());
        }
    }

    #[test]
    fn only_pressure_is_retryable_on_both_protocols() {
        for code in Code::ALL {
            let is_rate = matches!(code, Code::EventsRate | Code::BytesRate);
            if code.is_retryable() {
                let expect = if is_rate { 8 } else { 14 };
                assert_eq!(code.grpc_status(), expect, "{}", code.as_str());
            }
            // Resource exhausted is retried by some SDKs, whatever is said beside it.
            let told = (code.grpc_status() == 8, code.http_status() == 429);
            assert_eq!(told, (is_rate, is_rate), "{}", code.as_str());
        }
    }
}
