//! The module that a page loads first: it holds the packed one and unpacks it.
//!
//! - `cordon_unpack()`: unpacks; the address of the engine's module, or 0 where it is not whole.
//! - `cordon_unpacked_bytes()`: its length.
#![expect(
    unsafe_code,
    reason = "an exported name could collide with another; each here begins with cordon_"
)]

use std::sync::LazyLock;

/// What the chore packed.
static PACKED: &[u8] = include_bytes!(env!("CORDON_PACKED"));
static UNPACKED: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| crate::unpack(PACKED));

/// Unpacks the module; its address, or null.
// SAFETY: of both functions: the name is this crate's own.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_unpack() -> *const u8 {
    UNPACKED.as_ref().map_or(std::ptr::null(), Vec::as_ptr)
}

/// Length of the module in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_unpacked_bytes() -> usize {
    UNPACKED.as_ref().map_or(0, Vec::len)
}
