//! What is known of 64 bytes, of one block or of several side by side.

use crate::lanes::Lanes;

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 64;
/// Blocks that are looked at together.
pub const WINDOW_BLOCKS: usize = 32;
/// Blocks of a window, and its two neighbours.
pub(crate) const KEPT_BLOCKS: usize = WINDOW_BLOCKS + 2;

/// Declares the classes once, for what needs all of them.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident,)*) => {
        /// Masks over 64 bytes: bit `i` speaks of byte `i`. With wide lanes, over several blocks
        /// side by side.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Block<L = u64> {
            $($(#[$doc])* pub $class: L,)*
        }

        /// The masks of a window's blocks, each class by itself: the block before the window, its
        /// own, and the one behind.
        #[derive(Clone, Debug)]
        pub(crate) struct Planes {
            $(pub(crate) $class: [u64; KEPT_BLOCKS],)*
        }

        impl Planes {
            pub(crate) const fn new() -> Self {
                Self { $($class: [0; KEPT_BLOCKS],)* }
            }

            /// Makes the last two blocks the first two, those before the next window.
            pub(crate) fn slide(&mut self) {
                $(self.$class.copy_within(WINDOW_BLOCKS.., 0);)*
            }

            /// Keeps of a block what speaks of the bytes of a mask.
            pub(crate) fn keep(&mut self, n: usize, mask: u64) {
                $(if let Some(slot) = self.$class.get_mut(n) {
                    *slot &= mask;
                })*
            }

            /// Writes a block; one that is out of range is left out.
            #[inline(always)]
            pub(crate) fn put(&mut self, n: usize, block: &Block) {
                $(if let Some(slot) = self.$class.get_mut(n) {
                    *slot = block.$class;
                })*
            }

            /// The blocks from `n` on, as many as there are lanes; zeros where there are none.
            #[inline(always)]
            pub(crate) fn blocks<L: Lanes>(&self, n: usize) -> Block<L> {
                Block { $($class: L::load(&self.$class, n),)* }
            }
        }
    };
}

classes! {
    /// ASCII letters and digits.
    word,
    /// ASCII digits.
    digit,
    /// ASCII upper-case letters.
    upper,
    /// `:` and `=`.
    separator,
    /// `:`.
    colon,
    /// Space, `-`, `.` and `/`: what parts the groups of a number.
    grouping,
    /// `+`, `-`, `.` and `/`: what a token may hold beside word bytes, `_`, `:` and `=`.
    joint,
    /// `-`.
    dash,
    /// `.`.
    dot,
    /// `_`.
    under,
    /// `"` and `'`.
    quote,
    /// `,`.
    comma,
    /// `@`.
    at,
    /// `\`.
    backslash,
    /// `$`, `%` and `&`.
    sigil,
    /// `;`, `<` and `?`.
    mark,
    /// `(` and `+`.
    opening,
    /// `[` and `{`.
    bracket,
    /// ESC and NUL.
    control,
    /// Line feed.
    newline,
    /// Space and tab.
    blank,
    /// Bytes of 0x80 and above.
    high,
    /// Where a word of the first buckets of [`Prompts`](crate::Prompts) may begin.
    prompt,
    /// Where one of the last bucket but one may begin.
    prompt_two,
    /// Where one of the last bucket may begin.
    prompt_three,
}
