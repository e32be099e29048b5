//! Breakpad symbols for the unwinder, found by debug id alone.
//!
//! *Why by id:* it names one build of one file; and a module whose name is not told has symbols all
//! the same.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use async_trait::async_trait;
use breakpad_symbols::{FileError, FileKind, FillSymbolError, FrameSymbolizer, FrameWalker};
use breakpad_symbols::{Module, SymbolFile};
use minidump_unwind::SymbolProvider;

use crate::Error;

/// First word of a symbol file.
const MODULE: &str = "MODULE";
/// Longest first line.
const LINE_BYTES_MAX: usize = 1_024;
/// Longest debug id: a GUID of 32 digits and an age of up to eight.
const ID_CHARS: std::ops::RangeInclusive<usize> = 33..=40;

/// What the first line of a symbol file says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SymbolId {
    /// Debug id, in upper case.
    pub debug_id: String,
    /// Name of the file that was linked or of its program database.
    pub debug_file: String,
    /// Operating system.
    pub os: String,
    /// Processor.
    pub cpu: String,
}

impl SymbolId {
    /// Reads the first line: `MODULE os cpu id name`.
    pub fn read(beginning: &[u8]) -> Result<Self, Error> {
        let line = beginning.split(|byte| *byte == b'\n').next();
        let line = line.filter(|line| line.len() <= LINE_BYTES_MAX);
        let line = line.and_then(|line| std::str::from_utf8(line).ok());
        let mut words = line.ok_or(Error::NotSymbols)?.trim_end().splitn(5, ' ');
        let mut word = || words.next().filter(|word| !word.is_empty());
        let read = (word(), word(), word(), word(), word());
        let (Some(MODULE), Some(os), Some(cpu), Some(id), Some(name)) = read else {
            return Err(Error::NotSymbols);
        };
        let short = |word: &str| {
            word.len() <= 16 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let debug_id = canonical(id).filter(|_| short(os) && short(cpu));
        Ok(Self {
            debug_id: debug_id.ok_or(Error::NotSymbols)?,
            debug_file: crate::names::Names::default().module(name, 0),
            os: os.to_owned(),
            cpu: cpu.to_owned(),
        })
    }
}

/// A debug id in its one spelling; none where it is no debug id.
pub(crate) fn canonical(id: &str) -> Option<String> {
    let fits = ID_CHARS.contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| id.to_ascii_uppercase())
}

/// The debug id of a module, as symbol files spell it.
pub(crate) fn id_of(module: &(dyn Module + Sync)) -> Option<String> {
    let id = module.debug_identifier()?;
    canonical(&id.breakpad().to_string())
}

struct Held {
    bytes: Vec<u8>,
    parsed: OnceLock<Option<SymbolFile>>,
}

/// Symbol files in memory, parsed when they are first asked for.
#[derive(Default)]
pub(crate) struct Symbols {
    files: HashMap<String, Held>,
}

impl Symbols {
    /// Files whose first line can be read; the others are left out.
    pub(crate) fn new(files: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let held = files.into_iter().filter_map(|bytes| {
            let id = SymbolId::read(&bytes).ok()?;
            let parsed = OnceLock::new();
            Some((id.debug_id, Held { bytes, parsed }))
        });
        Self {
            files: held.collect(),
        }
    }

    /// Whether there are symbols for the module.
    pub(crate) fn has(&self, module: &(dyn Module + Sync)) -> bool {
        self.of(module).is_some()
    }

    fn of(&self, module: &(dyn Module + Sync)) -> Option<&SymbolFile> {
        let held = self.files.get(&id_of(module)?)?;
        let parsed = held
            .parsed
            .get_or_init(|| SymbolFile::from_bytes(&held.bytes).ok());
        parsed.as_ref()
    }
}

#[async_trait]
impl SymbolProvider for Symbols {
    async fn fill_symbol(
        &self,
        module: &(dyn Module + Sync),
        frame: &mut (dyn FrameSymbolizer + Send),
    ) -> Result<(), FillSymbolError> {
        let symbols = self.of(module).ok_or(FillSymbolError {})?;
        symbols.fill_symbol(module, frame);
        Ok(())
    }

    async fn walk_frame(
        &self,
        module: &(dyn Module + Sync),
        walker: &mut (dyn FrameWalker + Send),
    ) -> Option<()> {
        self.of(module)?.walk_frame(module, walker)
    }

    async fn get_file_path(
        &self,
        _: &(dyn Module + Sync),
        _: FileKind,
    ) -> Result<PathBuf, FileError> {
        Err(FileError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_the_file() {
        let id = "5A9832E5287241C1838ED98914E9B7FF1";
        let read = |line: &str| SymbolId::read(line.as_bytes());
        let found = read(&format!(
            "MODULE windows x86 {} test app.pdb\r\nFILE 0 x",
            id.to_lowercase()
        ));
        let found = found.unwrap();
        assert_eq!(
            (found.debug_id.as_str(), found.debug_file.as_str()),
            (id, "test app.pdb")
        );
        for bad in [
            String::new(),
            "MODULE Linux x86_64".to_owned(),
            format!("MODULES Linux x86_64 {id} a"),
            format!("MODULE Linux x86_64 {} a", id.replace("5A", "A")),
            format!("MODULE Linux x86_64 {} a", id.replace("5A", "5G")),
            format!("MODULE Linux {} {id} a", "x".repeat(40)),
            format!("MODULE Linux x86_64 {id} {}", "x".repeat(2_000)),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
