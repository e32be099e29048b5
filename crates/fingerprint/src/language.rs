//! One module a family of runtimes: what its stack traces look like.
//!
//! Each reads the lines of a text and returns a trace where it recognises its own; each leaves
//! what it does not recognise to the others.

pub(crate) mod go;
pub(crate) mod java;
pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod rust;
