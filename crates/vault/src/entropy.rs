//! Random bytes from the operating system (getrandom(2) and its like).
//!
//! *Why not the cipher library's generator:* it gathers timing noise for fifty milliseconds before
//! its first byte, in every process, and is seeded from this one beside.

use crate::Error;

/// Fills bytes at random.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::Entropy)
}
