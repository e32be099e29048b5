//! The limit: passes that look at every byte and do nothing.
#![expect(
    clippy::inline_always,
    reason = "the masks are computed within the vector loop or not at all"
)]

use std::hint::black_box;

use cordon_simd::{Around, Lanes, Masks, Prompts, Window, pass};

use crate::clock::Reader;

/// Proposes nothing.
struct Nothing;

impl Masks<1> for Nothing {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Around<L>) -> [L; 1] {
        [v.here.control & v.here.newline]
    }
}

/// The engine's own classing of bytes, and nothing behind it.
pub(crate) struct Classes {
    prompts: Prompts,
    window: Window<1>,
}

impl Default for Classes {
    fn default() -> Self {
        Self {
            prompts: Prompts::none(),
            window: Window::default(),
        }
    }
}

impl Reader for Classes {
    fn name(&self) -> String {
        "limit: classing bytes".to_owned()
    }

    fn read(&mut self, blocks: Vec<String>, _: &mut dyn FnMut(String)) {
        for block in blocks {
            let bytes = block.as_bytes();
            pass(bytes, &self.prompts, &Nothing, &mut self.window, |window| {
                black_box(window.places(0));
            });
        }
    }
}

/// A search for one byte that does not occur.
pub(crate) struct OneByte;

impl Reader for OneByte {
    fn name(&self) -> String {
        "limit: `memchr` for a byte that does not occur".to_owned()
    }

    fn read(&mut self, blocks: Vec<String>, _: &mut dyn FnMut(String)) {
        for block in blocks {
            black_box(memchr::memchr(0, black_box(block.as_bytes())));
        }
    }
}
