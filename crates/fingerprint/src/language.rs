//! One module a family of runtimes: what its stack traces look like.
//!
//! Each reads the lines of a text and returns a trace where it recognises its own; each leaves
//! what it does not recognise to the others.

mod anchor;
pub(crate) mod beam;
pub(crate) mod csharp;
pub(crate) mod dart;
pub(crate) mod go;
pub(crate) mod java;
pub(crate) mod javascript;
pub(crate) mod jvm;
pub(crate) mod kotlin;
pub(crate) mod lua;
pub(crate) mod native;
pub(crate) mod php;
pub(crate) mod python;
pub(crate) mod ruby;
pub(crate) mod rust;
pub(crate) mod swift;
