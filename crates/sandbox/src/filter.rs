//! A program that reads its standard input and writes its standard output, and can do nothing else:
//! for parsers of input that may be hostile.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::command::{self, Bwrap};
use crate::{Error, Exit, Limits, Mode, child, python};

/// Where a filter runs.
const FOLDER: &str = "/";
/// Does nothing: shows whether a filter can be run at all.
const NOTHING: &str = "/bin/true";

/// What a filter did.
#[derive(Debug)]
pub struct FilterReport {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote, up to [`Limits::output_bytes_max`].
    pub stdout: Vec<u8>,
    /// Whether it wrote more.
    pub cut: bool,
}

/// A way to run filters.
#[derive(Clone, Debug)]
pub struct Filter {
    bwrap: Option<Bwrap>,
}

impl Filter {
    /// Finds what the mode needs in `path`, as [`crate::Sandbox::detect`] does.
    pub fn detect(mode: Mode, path: &[PathBuf]) -> Result<Self, Error> {
        let bwrap = match mode {
            Mode::Process => None,
            Mode::Bubblewrap => {
                let program = python::find("bwrap", path).ok_or(Error::NoBubblewrap)?;
                Some(Bwrap::of(program))
            }
        };
        let filter = Self { bwrap };
        let nothing = Box::new(std::io::empty());
        let end = filter.run(Path::new(NOTHING), &[], nothing, &Limits::default())?;
        if filter.bwrap.is_some() && end.exit != Exit::Code(0) {
            return Err(Error::NamespacesRefused);
        }
        Ok(filter)
    }

    /// Runs the program on that input. What it says on stderr is dropped: it may quote the input.
    pub fn run(
        &self,
        program: &Path,
        arguments: &[&str],
        input: Box<dyn Read + Send>,
        limits: &Limits,
    ) -> Result<FilterReport, Error> {
        let words = command::filter(self.bwrap.as_ref(), program, arguments);
        let end = child::run(&words, Path::new(FOLDER), limits, Some(input))?;
        Ok(FilterReport {
            exit: end.exit,
            stdout: end.stdout.kept,
            cut: end.stdout.cut,
        })
    }
}
