//! Named limits, unit last.

/// Longest text that is searched for a stack trace or templated, in bytes; the rest is ignored.
pub const TEXT_BYTES_MAX: usize = 256 << 10;
/// Lines of a text that are read.
pub const LINES_COUNT_MAX: usize = 8_192;
/// Frames that are kept of one exception; a deeper stack loses its middle.
pub const FRAMES_COUNT_MAX: usize = 256;
/// Exceptions that are kept of one chain.
pub const CHAIN_COUNT_MAX: usize = 16;
/// In-app frames of an exception that go into an id: the innermost, and what called it where that
/// has no name or only raises for others.
pub const ID_FRAMES_COUNT_MAX: usize = 3;
/// Longest template in bytes; a longer one ends in `<*>`.
pub const TEMPLATE_BYTES_MAX: usize = 2_048;
/// Longest title in characters.
pub const TITLE_CHARS_MAX: usize = 160;
/// Different shapes of lines that are merged; where there are more, all become coarser.
pub const SHAPES_COUNT_MAX: usize = 65_536;
