//! Named limits, unit last.

/// Sources of a room; the lines of further ones are counted and left out.
pub const SOURCES_COUNT_MAX: usize = 256;
/// Longest name of a source, in characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest line that is read, in bytes; the rest of it is ignored.
pub const LINE_BYTES_MAX: usize = 256 << 10;
/// What is looked at to tell a source's kind: lines, and bytes.
pub const BEGINNING_LINES_MAX: usize = 200;
/// See [`BEGINNING_LINES_MAX`].
pub const BEGINNING_BYTES_MAX: usize = 64 << 10;
/// Longest document that is collected, in bytes; further lines are left out.
pub const DOCUMENT_BYTES_MAX: usize = 24 << 20;
/// Values of a document that are read.
pub const DOCUMENT_VALUES_MAX: usize = 2_000_000;
/// How deep they nest.
pub const DOCUMENT_DEPTH_MAX: usize = 64;
/// Records of logs that are kept for themes, all sources together.
pub const RECORDS_COUNT_MAX: usize = 4 << 20;
/// Names of components that are told apart.
pub const COMPONENTS_COUNT_MAX: usize = 4_096;
/// Messages that are kept, all sources together.
pub const MESSAGES_COUNT_MAX: usize = 50_000;
/// Longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 8 << 10;
/// Bytes of all messages.
pub const MESSAGES_BYTES_MAX: usize = 32 << 20;
/// Alerts that are kept.
pub const ALERTS_COUNT_MAX: usize = 2_000;
/// Different stack traces that are kept.
pub const STACKS_COUNT_MAX: usize = 100;
/// Blocks of lines that are read as stack traces.
pub const BLOCKS_COUNT_MAX: usize = 2_000;
/// Lines of such a block, and its bytes.
pub const BLOCK_LINES_MAX: usize = 400;
/// See [`BLOCK_LINES_MAX`].
pub const BLOCK_BYTES_MAX: usize = 64 << 10;
/// Frames that are told of a stack.
pub const FRAMES_COUNT_MAX: usize = 32;
/// Themes that are told.
pub const THEMES_COUNT_MAX: usize = 200;
/// Parts of the whole time that a theme's lines are counted in.
pub const BUCKETS_COUNT: usize = 48;
/// First lines of a theme that are told.
pub const THEME_LINES_MAX: usize = 5;
/// Entries of the timeline.
pub const TIMELINE_COUNT_MAX: usize = 500;
/// Notes of each list.
pub const NOTES_COUNT_MAX: usize = 60;
/// Steps of the ladder.
pub const STEPS_COUNT_MAX: usize = 20;
/// Longest quotation in a report, in characters.
pub const QUOTE_CHARS_MAX: usize = 400;
/// Templates of a comparison that are told under each heading.
pub const COMPARED_COUNT_MAX: usize = 200;
