//! How far each file was read, on disk: written anew as a whole, put in place by a rename.
//!
//! One line a file, fields in the order of [`Mark`]'s, the path in hex; a checksum of all ends the
//! file. Digests are keyed: nothing of a file's content can be guessed from them.
//! The path can be read.
//!
//! **Invariant:** what was stored is either there as a whole or was never stored; a file that is
//! damaged is set aside and told, never read in part.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// First line of the file.
const HEAD: &str = "cordon-offsets 1";
/// Name of the file.
const NAME: &str = "offsets";
/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Digest of a part of a file, keyed.
pub(super) type PartDigest = [u8; 32];

/// How far a file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) device: u64,
    pub(super) inode: u64,
    /// Bytes of the file's beginning that its digest covers.
    pub(super) head_bytes: u64,
    pub(super) head: PartDigest,
    /// Bytes that are durable.
    pub(super) done: u64,
    /// Bytes behind them that were begun; 0 where none were.
    pub(super) planned: u64,
    /// Whether `done` stands within a line whose rest is left out.
    pub(super) mid_line: bool,
    /// Bytes before `done` that the next digest covers.
    pub(super) last_bytes: u64,
    pub(super) last: PartDigest,
    pub(super) path: PathBuf,
}

/// What was found on disk.
pub(super) struct Stored {
    pub(super) marks: Vec<Mark>,
    /// Whether a damaged file was set aside.
    pub(super) is_damaged: bool,
    /// Whether nothing was ever stored.
    pub(super) is_new: bool,
}

/// Reads what was stored in the folder.
pub(super) fn load(folder: &Path) -> io::Result<Stored> {
    let path = folder.join(NAME);
    let mut text = String::new();
    let read =
        File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
    let marks = match read {
        Ok(_) => parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Stored {
                marks: Vec::new(),
                is_damaged: false,
                is_new: true,
            });
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
        Err(error) => return Err(error),
    };
    let is_damaged = marks.is_none();
    if is_damaged {
        std::fs::rename(&path, folder.join(format!("{NAME}.damaged")))?;
    }
    Ok(Stored {
        marks: marks.unwrap_or_default(),
        is_damaged,
        is_new: is_damaged,
    })
}

/// Stores all marks, durably.
pub(super) fn store<'m>(folder: &Path, marks: impl Iterator<Item = &'m Mark>) -> io::Result<()> {
    let mut text = format!("{HEAD}\n");
    for mark in marks {
        text += &line(mark);
    }
    let sum = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    text += &format!("sum {sum}\n");
    let (path, fresh) = (folder.join(NAME), folder.join(format!("{NAME}.new")));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, &path)?;
    // The name itself is durable when its folder is.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn line(mark: &Mark) -> String {
    format!(
        "{} {} {} {} {} {} {} {} {} {}\n",
        mark.device,
        mark.inode,
        mark.head_bytes,
        HEXLOWER.encode(&mark.head),
        mark.done,
        mark.planned,
        u8::from(mark.mid_line),
        mark.last_bytes,
        HEXLOWER.encode(&mark.last),
        HEXLOWER.encode(mark.path.as_os_str().as_encoded_bytes()),
    )
}

fn parse(text: &str) -> Option<Vec<Mark>> {
    let at = text.rfind("sum ")?;
    let (body, sum) = text.split_at_checked(at)?;
    let sum = sum.strip_prefix("sum ")?.strip_suffix('\n')?;
    if sum != HEXLOWER.encode(&Sha256::digest(body.as_bytes())) {
        return None;
    }
    let mut lines = body.lines();
    (lines.next()? == HEAD).then_some(())?;
    lines.map(mark).collect()
}

fn mark(line: &str) -> Option<Mark> {
    let mut words = line.split(' ');
    let mut word = || words.next();
    let number = |word: Option<&str>| word?.parse::<u64>().ok();
    let digest = |word: Option<&str>| -> Option<PartDigest> {
        HEXLOWER.decode(word?.as_bytes()).ok()?.try_into().ok()
    };
    Some(Mark {
        device: number(word())?,
        inode: number(word())?,
        head_bytes: number(word())?,
        head: digest(word())?,
        done: number(word())?,
        planned: number(word())?,
        mid_line: number(word())? != 0,
        last_bytes: number(word())?,
        last: digest(word())?,
        path: path(&HEXLOWER.decode(word()?.as_bytes()).ok()?)?,
    })
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    let text: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(bytes);
    (!text.is_empty()).then(|| text.into())
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Mark> {
        let mark = |n: u8| Mark {
            device: 1,
            inode: u64::from(n),
            head_bytes: 12,
            head: [n; 32],
            done: 77,
            planned: 5,
            mid_line: n == 2,
            last_bytes: 9,
            last: [n + 1; 32],
            path: PathBuf::from(format!("/var/log/a b{n}.log")),
        };
        vec![mark(1), mark(2)]
    }

    #[test]
    fn what_is_stored_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let stored = load(folder.path()).unwrap();
        assert!(stored.is_new && stored.marks.is_empty());
        store(folder.path(), some().iter()).unwrap();
        store(folder.path(), some().iter()).unwrap();
        let stored = load(folder.path()).unwrap();
        assert_eq!(
            (stored.marks, stored.is_damaged, stored.is_new),
            (some(), false, false)
        );
    }

    #[test]
    fn what_is_damaged_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), some().iter()).unwrap();
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(parse(&String::from_utf8_lossy(&damaged)).is_none(), "{at}");
            assert!(
                parse(&String::from_utf8_lossy(&whole[..at])).is_none(),
                "{at}"
            );
        }
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let stored = load(folder.path()).unwrap();
        assert!(stored.is_damaged && stored.marks.is_empty());
        assert!(!path.exists() && folder.path().join("offsets.damaged").exists());
    }
}
