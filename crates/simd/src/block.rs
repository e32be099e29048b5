//! What is known of 64 bytes.

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 64;

/// Masks over 64 bytes: bit `i` speaks of byte `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// ASCII letters and digits.
    pub word: u64,
    /// ASCII digits.
    pub digit: u64,
    /// ASCII upper-case letters.
    pub upper: u64,
    /// `:` and `=`.
    pub separator: u64,
    /// `:`.
    pub colon: u64,
    /// Space, `-`, `.` and `/`: what parts the groups of a number.
    pub grouping: u64,
    /// `+`, `-`, `.` and `/`: what a token may hold beside word bytes, `_`, `:` and `=`.
    pub joint: u64,
    /// `-`.
    pub dash: u64,
    /// `.`.
    pub dot: u64,
    /// `_`.
    pub under: u64,
    /// `"` and `'`.
    pub quote: u64,
    /// `,`.
    pub comma: u64,
    /// `@`.
    pub at: u64,
    /// `\`.
    pub backslash: u64,
    /// `$`, `%` and `&`.
    pub sigil: u64,
    /// `;`, `<` and `?`.
    pub mark: u64,
    /// `(` and `+`.
    pub opening: u64,
    /// `[` and `{`.
    pub bracket: u64,
    /// ESC and NUL.
    pub control: u64,
    /// Line feed.
    pub newline: u64,
    /// Space and tab.
    pub blank: u64,
    /// Bytes of 0x80 and above.
    pub high: u64,
    /// Where one of the [`Prompts`](crate::Prompts) may begin.
    pub prompt: u64,
}
