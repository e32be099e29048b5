//! The byte-class pass: 64 bytes of text become one [`Block`] of masks, a bit for each byte.
//!
//! The way of the data: [`classify`] looks two nibbles of each byte up in two tables of sixteen
//! entries; each bit of the result is a class (digit, letter, separator, …), and a mask collects
//! one class over 64 bytes. A third look-up over four neighbouring bytes marks where one of the
//! caller's words may begin ([`Prompts`]).
//!
//! It only proposes: what a mask says about a byte is exact, what it means is decided by whoever
//! asks. **When not to use this crate:** for anything that needs to know more than a byte's class.
//!
//! **Architecture invariant:** the only `unsafe` blocks of the workspace are in `x86.rs`: loads
//! whose bounds are checked before, and calls of functions whose processor features were detected.
//! [`scalar`] does the same without, and a property test holds both to the same masks.
//!
//! *Limits:* none but the text's length; time is linear in it, and independent of its content.

#![expect(
    clippy::inline_always,
    reason = "what runs for every block must be compiled with the features of its caller"
)]

mod around;
mod block;
mod places;
mod prompts;
pub mod scalar;
mod tables;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use around::Around;
pub use block::{BLOCK_BYTES, Block};
pub use places::{Masks, Places, collect};
pub use prompts::Prompts;

/// Bytes behind a block that its prompts look at.
pub(crate) const LOOK_AHEAD_BYTES: usize = 3;

/// Fills `out` with the blocks of a text: `text.len().div_ceil(64)` of them. Bytes beyond the end
/// read as 0, and belong to no class.
///
/// Uses the widest vectors that the processor has; the masks are the same on every one.
pub fn classify(text: &[u8], prompts: &Prompts, out: &mut Vec<Block>) {
    out.clear();
    #[cfg(target_arch = "x86_64")]
    if x86::classify(text, prompts, out) {
        return;
    }
    scalar::classify(text, prompts, out);
}

/// Name of the implementation that [`classify`] uses here: `avx512`, `avx2` or `scalar`.
pub fn implementation() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if let Some(name) = x86::implementation() {
        return name;
    }
    "scalar"
}

/// The last, incomplete blocks of a text, with zeros behind.
pub(crate) struct Tail {
    bytes: [u8; 3 * BLOCK_BYTES],
    blocks: usize,
}

impl Tail {
    /// Copies what is left of a text: at most two blocks, or less than a look-ahead more.
    pub(crate) fn new(rest: &[u8]) -> Self {
        let mut bytes = [0; 3 * BLOCK_BYTES];
        for (slot, b) in bytes.iter_mut().zip(rest) {
            *slot = *b;
        }
        let blocks = rest.len().div_ceil(BLOCK_BYTES);
        Self { bytes, blocks }
    }

    /// Number of blocks that hold text.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// The bytes, zeros included.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Number of blocks from the beginning of a text of that length whose look-ahead is still text.
pub(crate) fn whole_blocks(len: usize) -> usize {
    len.saturating_sub(LOOK_AHEAD_BYTES) / BLOCK_BYTES
}
