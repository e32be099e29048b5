//! Where an exporter is, in a file that is replaced as a whole.
//!
//! *Invariants:* a cursor is written beside, synced and renamed, and the folder is synced, before
//! it counts as stored. A file that cannot be read is set aside, and the caller is told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cordon_journal::Cursor;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::limits::{CURSOR_BYTES_MAX, DAMAGED_COUNT_MAX};

/// First words of the file, with the version of its form.
const HEAD: &str = "cordon export cursor 1";
/// Bytes of the digest behind the numbers.
const DIGEST_BYTES: usize = 8;

/// What an exporter finds when it opens its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// None: nothing was exported yet.
    Nothing,
    /// Where it was.
    At(Cursor),
    /// A file that is damaged. It was set aside; where to go on is the caller's to say: from the
    /// source's beginning nothing is lost, and what was taken before is sent again.
    Damaged,
}

/// The file of one exporter's cursor.
#[derive(Debug)]
pub struct CursorFile {
    path: PathBuf,
}

impl CursorFile {
    /// Opens the file at that path, which may not be there. Its folder must be.
    pub fn open(path: &Path) -> Result<(Self, Found), Error> {
        let cursor_file = Self {
            path: path.to_owned(),
        };
        let found = cursor_file.read().map_err(Error::Cursor)?;
        Ok((cursor_file, found))
    }

    fn read(&self) -> io::Result<Found> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            other => other?,
        };
        let mut bytes = Vec::new();
        file.take(CURSOR_BYTES_MAX).read_to_end(&mut bytes)?;
        if let Some(cursor) = parse(&bytes) {
            return Ok(Found::At(cursor));
        }
        let aside = (1..=DAMAGED_COUNT_MAX).map(|n| self.beside(&format!("damaged-{n}")));
        let mut aside: Vec<PathBuf> = aside.collect();
        let last = aside.pop().unwrap_or_default();
        let free = aside.into_iter().find(|path| !path.exists());
        fs::rename(&self.path, free.unwrap_or(last))?;
        self.sync_folder()?;
        Ok(Found::Damaged)
    }

    /// Stores the cursor, durably.
    pub fn store(&self, cursor: Cursor) -> Result<(), Error> {
        self.write(cursor).map_err(Error::Cursor)
    }

    fn write(&self, cursor: Cursor) -> io::Result<()> {
        let draft = self.beside("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text(cursor).as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        self.sync_folder()
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.path.with_file_name(name)
    }

    fn sync_folder(&self) -> io::Result<()> {
        let folder = self.path.parent().filter(|f| !f.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn text(cursor: Cursor) -> String {
    let said = format!("{HEAD} {} {}", cursor.segment, cursor.offset);
    let digest = digest(&said);
    format!("{said} {digest}\n")
}

/// Tells damage; nobody is kept from writing another one.
fn digest(said: &str) -> String {
    let digest = Sha256::digest(said.as_bytes());
    let short: Vec<u8> = digest.iter().copied().take(DIGEST_BYTES).collect();
    HEXLOWER.encode(&short)
}

fn parse(bytes: &[u8]) -> Option<Cursor> {
    let line = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let (said, found) = line.rsplit_once(' ')?;
    let mut numbers = said.strip_prefix(HEAD)?.strip_prefix(' ')?.split(' ');
    let cursor = Cursor {
        segment: numbers.next()?.parse().ok()?,
        offset: numbers.next()?.parse().ok()?,
    };
    (numbers.next().is_none() && found == digest(said)).then_some(cursor)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use proptest::prelude::*;

    use super::*;

    const AT: Cursor = Cursor {
        segment: 7,
        offset: 4_096,
    };

    #[test]
    fn what_was_stored_is_found_again_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otlp.cursor");
        let (file, found) = CursorFile::open(&path).unwrap();
        assert_eq!(found, Found::Nothing);
        file.store(Cursor::default()).unwrap();
        file.store(AT).unwrap();
        assert_eq!(CursorFile::open(&path).unwrap().1, Found::At(AT));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_draft_that_was_left_behind_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otlp.cursor");
        let (file, _) = CursorFile::open(&path).unwrap();
        file.store(AT).unwrap();
        fs::write(folder.path().join("otlp.cursor.new"), b"cordon exp").unwrap();
        let (file, found) = CursorFile::open(&path).unwrap();
        assert_eq!(found, Found::At(AT));
        file.store(AT).unwrap();
    }

    #[test]
    fn damage_is_set_aside_and_told_as_often_as_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("otlp.cursor");
        for _ in 0..DAMAGED_COUNT_MAX + 3 {
            fs::write(&path, b"cordon export cursor 1 9 9 0000000000000000\n").unwrap();
            let (file, found) = CursorFile::open(&path).unwrap();
            assert_eq!(found, Found::Damaged);
            assert!(!path.exists());
            file.store(AT).unwrap();
            assert_eq!(CursorFile::open(&path).unwrap().1, Found::At(AT));
        }
        let kept = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(kept, DAMAGED_COUNT_MAX as usize + 1);
    }

    proptest! {
        #[test]
        fn one_changed_byte_is_noticed(segment: u64, offset: u64, at: prop::sample::Index, to: u8) {
            let cursor = Cursor { segment, offset };
            let mut bytes = text(cursor).into_bytes();
            prop_assert_eq!(parse(&bytes), Some(cursor));
            let at = at.index(bytes.len());
            let was = std::mem::replace(&mut bytes[at], to);
            prop_assert_eq!(parse(&bytes), (was == to).then_some(cursor));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            prop_assert_eq!(parse(&bytes), None);
        }
    }
}
