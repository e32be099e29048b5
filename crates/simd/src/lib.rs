//! The byte-class pass: 64 bytes of text become one [`Block`] of masks, a bit for each byte, and
//! operations on masks propose places.
//!
//! The way of the data: [`pass`] goes through a text in windows. It looks two nibbles of each byte
//! up in two tables of sixteen entries; each bit of the result is a class (digit, letter,
//! separator, …), and a mask collects one class over 64 bytes. A third look-up over four
//! neighbouring bytes marks where one of the caller's words may begin ([`Prompts`]). The caller's
//! [`Masks`] are computed from these over several blocks side by side, and the bits that are set
//! become offsets into the text.
//!
//! Beside it, [`Figures`] and [`fold`] copy a text with its numbers left open.
//!
//! It only proposes: what a mask says about a byte is exact, what it means is decided by whoever
//! asks. **When not to use this crate:** for anything that needs to know more than a byte's class.
//!
//! **Architecture invariant:** the only `unsafe` blocks of the workspace are in `x86.rs`: loads and
//! stores whose bounds are checked before, and calls of functions whose processor features were
//! detected. [`scalar`] does the same without, and a property test holds both to the same masks.
//!
//! *Limits:* none but the text's length; time is linear in it, and independent of its content but
//! for the number of places.

#![expect(
    clippy::inline_always,
    reason = "what runs for every block must be compiled with the features of its caller"
)]

mod around;
mod block;
mod figures;
mod lanes;
mod prompts;
pub mod scalar;
mod tables;
mod window;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use around::{Around, Beside};
pub use block::{BLOCK_BYTES, Block, WINDOW_BLOCKS};
pub use figures::{FIGURE_BLOCKS, Figure, FigureMasks, Figures, Fold, MARKS, Plane, fold};
pub use lanes::{Lanes, Two};
pub use prompts::Prompts;
pub use window::{Masks, Window};

/// Bytes behind a block that its prompts look at.
pub(crate) const LOOK_AHEAD_BYTES: usize = 3;
/// Bytes that one block reads: its own, and the look-ahead of its prompts.
pub(crate) const READ_BYTES: usize = BLOCK_BYTES + LOOK_AHEAD_BYTES;

/// Looks a text through, and calls `each` with every window of it in turn.
///
/// Uses the widest vectors that the processor has; what is proposed is the same on every one.
pub fn pass<const K: usize>(
    text: &[u8],
    prompts: &Prompts,
    masks: &impl Masks<K>,
    window: &mut Window<K>,
    each: impl FnMut(&Window<K>),
) {
    #[cfg(target_arch = "x86_64")]
    if let Some(engine) = x86::Engine::found() {
        return through(engine, text, prompts, masks, window, each);
    }
    through(scalar::Scalar, text, prompts, masks, window, each);
}

/// Name of the implementation that [`pass`] uses here: `avx512`, `avx2` or `scalar`.
pub fn implementation() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if let Some(engine) = x86::Engine::found() {
        return engine.name();
    }
    "scalar"
}

/// One way to do the pass.
pub(crate) trait Pass: Copy {
    /// Classifies blocks of `text` from its beginning on, and writes those to planes from `range`.
    /// The text holds what every one of them reads.
    fn classify<const K: usize>(
        self,
        text: &[u8],
        prompts: &Prompts,
        range: (usize, usize),
        window: &mut Window<K>,
    );

    /// Computes what is proposed, and where.
    fn propose<const K: usize>(self, masks: &impl Masks<K>, window: &mut Window<K>);
}

pub(crate) fn through<const K: usize>(
    way: impl Pass,
    text: &[u8],
    prompts: &Prompts,
    masks: &impl Masks<K>,
    window: &mut Window<K>,
    mut each: impl FnMut(&Window<K>),
) {
    let all = text.len().div_ceil(BLOCK_BYTES);
    window.planes.put(WINDOW_BLOCKS, &Block::default());
    fill(
        way,
        text,
        0,
        prompts,
        (WINDOW_BLOCKS + 1, WINDOW_BLOCKS + 2),
        window,
    );
    let mut first = 0;
    while first < all {
        window.planes.slide();
        fill(
            way,
            text,
            first + 1,
            prompts,
            (2, WINDOW_BLOCKS + 2),
            window,
        );
        window.base = first * BLOCK_BYTES;
        window.blocks = (all - first).min(WINDOW_BLOCKS);
        way.propose(masks, window);
        each(window);
        first += WINDOW_BLOCKS;
    }
}

/// Writes the blocks of a text from block `first` on to the planes of a range.
fn fill<const K: usize>(
    way: impl Pass,
    text: &[u8],
    first: usize,
    prompts: &Prompts,
    (from, to): (usize, usize),
    window: &mut Window<K>,
) {
    let rest = text.get(first * BLOCK_BYTES..).unwrap_or(&[]);
    let whole = rest.len().saturating_sub(LOOK_AHEAD_BYTES) / BLOCK_BYTES;
    let whole = whole.min(to - from);
    way.classify(rest, prompts, (from, from + whole), window);
    if whole == to - from {
        return;
    }
    // The last, incomplete blocks, with zeros behind.
    let rest = rest.get(whole * BLOCK_BYTES..).unwrap_or(&[]);
    let mut tail = [0; 3 * BLOCK_BYTES];
    for (slot, b) in tail.iter_mut().zip(rest) {
        *slot = *b;
    }
    let next = from + whole;
    let last = next + rest.len().div_ceil(BLOCK_BYTES);
    let end = last.min(to);
    way.classify(&tail, prompts, (next, end), window);
    let used = rest.len() % BLOCK_BYTES;
    if used > 0 && end == last {
        // The zeros behind a text are no bytes of it.
        window.planes.keep(end - 1, (1 << used) - 1);
    }
    // No further: what another text left there is not asked about.
    for n in end..to.min(end + 2) {
        window.planes.put(n, &Block::default());
    }
}
