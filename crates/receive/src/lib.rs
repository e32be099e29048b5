//! Listeners and wire formats, back-pressure.

mod decode;
mod error;
mod json;
mod limits;
mod meter;
mod ndjson;
mod otlp_json;
mod otlp_proto;
mod proto;
mod sink;
mod time;

pub use decode::{Format, LineReader, decode};
pub use error::{Code, Error};
pub use limits::Limits;
pub use sink::Decoded;
