//! How far each file was read, on disk: written anew as a whole, put in place by a rename.
//!
//! One line a file, fields in the order of [`Mark`]'s; a checksum of all ends the file. Digests are
//! keyed: neither a file's content nor its path can be guessed from them.
//! In the first version a path stood in hex; it is read once more, and stored as its digest.
//!
//! **Invariant:** what was stored is either there as a whole or was never stored; a file that is
//! damaged is set aside and told, never read in part.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// First line of the file.
const HEAD: &str = "cordon-offsets 2";
/// First line of the version that held paths.
const HEAD_OF_PATHS: &str = "cordon-offsets 1";
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
    /// Its path, keyed.
    pub(super) path: PartDigest,
    /// The patterns by which it was found, keyed.
    pub(super) watch: PartDigest,
    /// Sets files apart that had one inode, and began alike. 0 in the first version.
    pub(super) generation: u64,
}

/// What was found on disk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) marks: Vec<Mark>,
    /// The path of each of them, where they are of the version that held it.
    pub(super) paths: Vec<PathBuf>,
    /// The generation that was given last.
    pub(super) generation: u64,
    /// Whether a damaged file was set aside.
    pub(super) is_damaged: bool,
    /// Whether nothing was ever stored.
    pub(super) is_new: bool,
}

/// Reads what was stored in the folder.
pub(super) fn load(folder: &Path) -> io::Result<Stored> {
    let path = folder.join(NAME);
    let mut text = Zeroizing::new(String::new());
    let read =
        File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
    let found = match read {
        Ok(_) => parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Stored {
                is_new: true,
                ..Stored::default()
            });
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
        Err(error) => return Err(error),
    };
    if let Some(found) = found {
        return Ok(found);
    }
    std::fs::rename(&path, folder.join(format!("{NAME}.damaged")))?;
    Ok(Stored {
        is_damaged: true,
        is_new: true,
        ..Stored::default()
    })
}

/// Stores all marks, durably.
pub(super) fn store<'m>(
    folder: &Path,
    generation: u64,
    marks: impl Iterator<Item = &'m Mark>,
) -> io::Result<()> {
    let mut text = format!("{HEAD} {generation}\n");
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
        "{} {} {} {} {} {} {} {} {} {} {} {}\n",
        mark.device,
        mark.inode,
        mark.head_bytes,
        HEXLOWER.encode(&mark.head),
        mark.done,
        mark.planned,
        u8::from(mark.mid_line),
        mark.last_bytes,
        HEXLOWER.encode(&mark.last),
        HEXLOWER.encode(&mark.path),
        HEXLOWER.encode(&mark.watch),
        mark.generation,
    )
}

fn parse(text: &str) -> Option<Stored> {
    let at = text.rfind("sum ")?;
    let (body, sum) = text.split_at_checked(at)?;
    let sum = sum.strip_prefix("sum ")?.strip_suffix('\n')?;
    if sum != HEXLOWER.encode(&Sha256::digest(body.as_bytes())) {
        return None;
    }
    let mut lines = body.lines();
    let head = lines.next()?;
    let mut stored = Stored::default();
    let has_paths = head == HEAD_OF_PATHS;
    if !has_paths {
        stored.generation = head.strip_prefix(HEAD)?.strip_prefix(' ')?.parse().ok()?;
    }
    for line in lines {
        let (found, path) = mark(line, has_paths)?;
        stored.marks.push(found);
        stored.paths.extend(path);
    }
    Some(stored)
}

fn mark(line: &str, has_path: bool) -> Option<(Mark, Option<PathBuf>)> {
    let mut words = line.split(' ');
    let mut word = || words.next();
    let number = |word: Option<&str>| word?.parse::<u64>().ok();
    let digest = |word: Option<&str>| -> Option<PartDigest> {
        HEXLOWER.decode(word?.as_bytes()).ok()?.try_into().ok()
    };
    let mut found = Mark {
        device: number(word())?,
        inode: number(word())?,
        head_bytes: number(word())?,
        head: digest(word())?,
        done: number(word())?,
        planned: number(word())?,
        mid_line: number(word())? != 0,
        last_bytes: number(word())?,
        last: digest(word())?,
        ..Mark::default()
    };
    if has_path {
        let path = path(&HEXLOWER.decode(word()?.as_bytes()).ok()?)?;
        return Some((found, Some(path)));
    }
    found.path = digest(word())?;
    found.watch = digest(word())?;
    found.generation = number(word())?;
    Some((found, None))
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
            path: [n + 2; 32],
            watch: [n + 3; 32],
            generation: 40,
        };
        vec![mark(1), mark(2)]
    }

    #[test]
    fn what_is_stored_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let stored = load(folder.path()).unwrap();
        assert!(stored.is_new && stored.marks.is_empty());
        store(folder.path(), 41, some().iter()).unwrap();
        store(folder.path(), 41, some().iter()).unwrap();
        let stored = load(folder.path()).unwrap();
        let expect = Stored {
            marks: some(),
            generation: 41,
            ..Stored::default()
        };
        assert_eq!(stored, expect);
    }

    #[test]
    fn what_the_first_version_stored_is_read() {
        let paths = ["/var/log/a b1.log", "/var/log/a b2.log"].map(PathBuf::from);
        let mut text = format!("{HEAD_OF_PATHS}\n");
        let old = |mark: &Mark| Mark {
            path: [0; 32],
            watch: [0; 32],
            generation: 0,
            ..mark.clone()
        };
        for (mark, path) in some().iter().zip(&paths) {
            let line = line(mark);
            let words: Vec<&str> = line.trim().split(' ').take(9).collect();
            let path = HEXLOWER.encode(path.as_os_str().as_encoded_bytes());
            text += &format!("{} {path}\n", words.join(" "));
        }
        let sum = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        let stored = parse(&format!("{text}sum {sum}\n")).unwrap();
        assert_eq!(stored.marks, some().iter().map(old).collect::<Vec<_>>());
        assert_eq!(
            (stored.paths.as_slice(), stored.generation),
            (&paths[..], 0)
        );
    }

    #[test]
    fn what_is_damaged_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), 41, some().iter()).unwrap();
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
