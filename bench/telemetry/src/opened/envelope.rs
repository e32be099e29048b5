//! What shippers, runtimes and collectors put around a line of this half.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::envelope::{Enveloped, Envelopes};
use crate::marked::Marked;
use crate::record::Format;

use super::FILLER;

static ENVELOPES: LazyLock<Envelopes> = LazyLock::new(|| {
    let names = ["op_head_object", "op_object_2", "op_object_3"];
    Envelopes::parse(include_str!("envelopes.txt"), &FILLER, names)
});

/// A text in an envelope, or as it is.
pub(crate) fn around(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    ENVELOPES.around(draw, inner, format)
}

/// A whole record that brings its own head: as it is, or as a shipper's object.
pub(crate) fn shipped(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    ENVELOPES.shipped(draw, inner, format)
}

/// The names of all envelopes.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    ENVELOPES.names()
}
