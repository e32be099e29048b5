//! Fields of a line: status, duration, route, and pairs of key and value.

/// A field of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a> {
    /// Status of HTTP; that of gRPC as the status that stands for it.
    Status(u16),
    /// How long it took, in nanoseconds.
    DurationNs(u64),
    /// What was asked for: method and path, what varies of the path as `*`.
    Route(&'a str),
    /// A key and its value; keys of nested members are joined by a dot.
    Pair {
        /// The key.
        key: &'a str,
        /// Its value, without quotes.
        value: &'a str,
    },
}

/// Gives each field of a line.
pub fn read(line: &str, each: &mut dyn FnMut(Field<'_>)) {
    for word in line.split_ascii_whitespace() {
        if let Some((key, value)) = word.split_once('=') {
            each(Field::Pair { key, value });
        }
    }
}
