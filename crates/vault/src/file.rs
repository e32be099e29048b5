//! The root key's file: 32 random bytes, for the owner alone.
//!
//! *Invariants:* written in full before it has its name, so that a crash leaves no short key;
//! never replaced; refused when anybody else could have read it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::Error;
use crate::secret::{KEY_BYTES, Secret};

/// Name of the root key's file in the key directory.
pub(crate) const ROOT_FILE: &str = "root.key";
/// Name of the database of wrapped keys in the key directory.
pub(crate) const DATABASE_FILE: &str = "keys.db";

const OWNER_ONLY: u32 = 0o600;

/// Reads the root key, or makes one where there is neither a key nor a key database.
pub(crate) fn root(dir: &Path) -> Result<Secret, Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let path = dir.join(ROOT_FILE);
    if let Some(secret) = read(&path, dir)? {
        return Ok(secret);
    }
    if dir.join(DATABASE_FILE).try_exists()? {
        // Another process may have made both between the two looks.
        return read(&path, dir)?.ok_or(Error::RootMissing { path });
    }
    create(&path, dir)?;
    read(&path, dir)?.ok_or(Error::RootMissing { path })
}

/// Makes an empty file that only its owner may read, where there is none.
///
/// *Why so:* SQLite would make it with the process's umask.
pub(crate) fn reserve_private(path: &Path) -> Result<(), Error> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn create(path: &Path, dir: &Path) -> Result<(), Error> {
    let secret = Secret::random()?;
    let (draft, mut file) = draft(dir)?;
    let written = file
        .write_all(secret.bytes())
        .and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(File::open(dir)?.sync_all()?),
        // Another process was first; its key counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A new file in the directory that belongs to this process's user.
fn draft(dir: &Path) -> Result<(PathBuf, File), Error> {
    let name = HEXLOWER.encode(&Secret::random()?.public(b"cordon/draft/v1"));
    let path = dir.join(format!(".draft-{name}"));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&path)?;
    Ok((path, file))
}

fn read(path: &Path, dir: &Path) -> Result<Option<Secret>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => {
            return Err(Error::KeyFile {
                path: path.to_owned(),
            });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.uid() != own_uid(dir)? {
        return Err(Error::Owner {
            path: path.to_owned(),
        });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
    file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let secret = Secret::from_slice(&bytes).ok_or(Error::KeyFile {
        path: path.to_owned(),
    })?;
    Ok(Some(secret))
}

/// User that this process acts as: the owner of a file that it makes.
fn own_uid(dir: &Path) -> Result<u32, Error> {
    let (path, file) = draft(dir)?;
    let uid = file.metadata().map(|m| m.uid());
    fs::remove_file(path)?;
    Ok(uid?)
}
