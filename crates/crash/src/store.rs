//! Symbol files of one tenant, sealed, in a folder of their own.
//!
//! ```text
//! DIR/<debug id>.sealed: magic, day, then frames: length, sealed bytes
//! frame 0: what the first line says;  frame 1…: the file, in pieces
//! ```
//!
//! *Invariants:* every frame is bound to its file, its place, and to being the last or not: frames
//! cannot be changed, exchanged, left out or cut off. A file has its name when it is whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cordon_redact::{Opener, Sealer};
use serde_json::json;

use crate::Error;
use crate::limits::{SYMBOL_FILE_BYTES_MAX, SYMBOLS_STORED_COUNT_MAX};
use crate::symbols::{SymbolId, canonical};

const MAGIC: &[u8; 8] = b"CORDONS1";
const CONTEXT: &[u8] = b"cordon/symbols/v1";
const SUFFIX: &str = ".sealed";
const DRAFT: &str = ".draft";
/// Bytes of a piece, in clear.
const PIECE_BYTES: usize = 1 << 20;
/// Bytes that sealing may add to one.
const SEAL_BYTES_MAX: usize = 1 << 10;

/// Gives what opens what was sealed on a day; none where its key is gone.
pub type OpenerOf<'k> = &'k dyn Fn(u32) -> Option<Box<dyn Opener + Send>>;

/// A symbol file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSymbols {
    /// What its first line says.
    pub id: SymbolId,
    /// Bytes in clear.
    pub bytes: u64,
    /// When it was added, in days since the Unix epoch.
    pub day: u32,
}

/// Sealed symbol files in a folder.
pub struct SymbolStore {
    dir: PathBuf,
}

impl SymbolStore {
    /// Opens the folder, making it (0700) where there is none.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// Seals a symbol file. One of the same debug id is replaced.
    pub fn add(
        &self,
        source: impl Read,
        sealer: &dyn Sealer,
        day: u32,
    ) -> Result<StoredSymbols, Error> {
        if self.paths()?.len() >= SYMBOLS_STORED_COUNT_MAX {
            return Err(Error::TooManySymbols);
        }
        let mut source = source.take(SYMBOL_FILE_BYTES_MAX + 1);
        let mut piece = next_piece(&mut source)?;
        let id = SymbolId::read(&piece)?;
        let draft = self.dir.join(format!("{}{DRAFT}", id.debug_id));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&draft)?;
        let written = (|| {
            let mut frames = Frames {
                out: &mut file,
                sealer,
                debug_id: &id.debug_id,
                index: 0,
            };
            frames.out.write_all(MAGIC)?;
            frames.out.write_all(&day.to_le_bytes())?;
            frames.write(told(&id).as_bytes(), false)?;
            let mut bytes = 0;
            loop {
                bytes += piece.len() as u64;
                if bytes > SYMBOL_FILE_BYTES_MAX {
                    return Err(Error::SymbolsTooLarge);
                }
                let next = next_piece(&mut source)?;
                frames.write(&piece, next.is_empty())?;
                if next.is_empty() {
                    return Ok(bytes);
                }
                piece = next;
            }
        })();
        let bytes = written.and_then(|bytes| {
            file.sync_all()?;
            fs::rename(&draft, self.path(&id.debug_id))?;
            File::open(&self.dir)?.sync_all()?;
            Ok(bytes)
        });
        if bytes.is_err() {
            let _ = fs::remove_file(&draft);
        }
        Ok(StoredSymbols {
            bytes: bytes?,
            id,
            day,
        })
    }

    /// The files, by debug id, and how many do not open. Each is read to its end.
    pub fn list(&self, opener_of: OpenerOf<'_>) -> Result<(Vec<StoredSymbols>, usize), Error> {
        let (mut files, mut closed) = (Vec::new(), 0);
        for debug_id in self.paths()? {
            match self.stored(&debug_id, opener_of) {
                Ok(Some(stored)) => files.push(stored),
                Ok(None) => {}
                Err(Error::Io(error)) => return Err(error.into()),
                Err(_) => closed += 1,
            }
        }
        Ok((files, closed))
    }

    /// What is kept under a debug id; checked to its end.
    pub fn stored(
        &self,
        debug_id: &str,
        opener_of: OpenerOf<'_>,
    ) -> Result<Option<StoredSymbols>, Error> {
        let Some(mut reader) = self.read(debug_id, opener_of)? else {
            return Ok(None);
        };
        let bytes = io::copy(&mut reader, &mut io::sink()).map_err(|_| Error::Sealed)?;
        Ok(Some(StoredSymbols {
            id: reader.id.clone(),
            bytes,
            day: reader.day,
        }))
    }

    /// Reads a symbol file in clear; none where there is none of that debug id.
    pub fn read(
        &self,
        debug_id: &str,
        opener_of: OpenerOf<'_>,
    ) -> Result<Option<SymbolReader>, Error> {
        let Some(debug_id) = canonical(debug_id) else {
            return Ok(None);
        };
        let file = match File::open(self.path(&debug_id)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        SymbolReader::begin(file, debug_id, opener_of).map(Some)
    }

    /// Forgets one; whether there was one.
    pub fn remove(&self, debug_id: &str) -> Result<bool, Error> {
        let Some(debug_id) = canonical(debug_id) else {
            return Ok(false);
        };
        match fs::remove_file(self.path(&debug_id)) {
            Ok(()) => {
                File::open(&self.dir)?.sync_all()?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn path(&self, debug_id: &str) -> PathBuf {
        self.dir.join(format!("{debug_id}{SUFFIX}"))
    }

    /// Debug ids of all files, sorted.
    fn paths(&self) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            ids.extend(id.and_then(canonical));
        }
        ids.sort_unstable();
        Ok(ids)
    }
}

/// What the first frame holds.
fn told(id: &SymbolId) -> String {
    json!([id.debug_file, id.os, id.cpu]).to_string()
}

/// The next piece, full but for the last; empty at the end.
fn next_piece(source: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut piece = Vec::new();
    source.take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

/// Binds a frame to its file, its place, and to being the last.
fn context(debug_id: &str, index: u64, is_last: bool) -> Vec<u8> {
    let mut context = CONTEXT.to_vec();
    context.extend(debug_id.as_bytes());
    context.push(0);
    context.extend(index.to_le_bytes());
    context.push(u8::from(is_last));
    context
}

/// Frames being written.
struct Frames<'f> {
    out: &'f mut File,
    sealer: &'f dyn Sealer,
    debug_id: &'f str,
    index: u64,
}

impl Frames<'_> {
    fn write(&mut self, plain: &[u8], is_last: bool) -> Result<(), Error> {
        let sealed = self
            .sealer
            .seal(&context(self.debug_id, self.index, is_last), plain)?;
        self.out.write_all(&(sealed.len() as u32).to_le_bytes())?;
        self.out.write_all(&sealed)?;
        self.index += 1;
        Ok(())
    }
}

/// Reads a sealed symbol file in clear. An error of it means that the file was changed.
pub struct SymbolReader {
    id: SymbolId,
    day: u32,
    file: BufReader<File>,
    opener: Box<dyn Opener + Send>,
    index: u64,
    piece: Vec<u8>,
    read: usize,
    is_done: bool,
}

impl SymbolReader {
    fn begin(file: File, debug_id: String, opener_of: OpenerOf<'_>) -> Result<Self, Error> {
        let mut file = BufReader::new(file);
        let mut magic = [0; 8];
        let mut day = [0; 4];
        let begun = file
            .read_exact(&mut magic)
            .and_then(|()| file.read_exact(&mut day));
        if begun.is_err() || &magic != MAGIC {
            return Err(Error::Sealed);
        }
        let day = u32::from_le_bytes(day);
        let mut reader = Self {
            id: SymbolId {
                debug_id,
                debug_file: String::new(),
                os: String::new(),
                cpu: String::new(),
            },
            day,
            file,
            opener: opener_of(day).ok_or(Error::Sealed)?,
            index: 0,
            piece: Vec::new(),
            read: 0,
            is_done: false,
        };
        let told = reader.next_frame().ok_or(Error::Sealed)?;
        let [debug_file, os, cpu]: [String; 3] =
            serde_json::from_slice(&told).map_err(|_| Error::Sealed)?;
        reader.id.debug_file = debug_file;
        reader.id.os = os;
        reader.id.cpu = cpu;
        if reader.is_done {
            Err(Error::Sealed)
        } else {
            Ok(reader)
        }
    }

    /// The next frame in clear.
    fn next_frame(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length).ok()?;
        let length = u32::from_le_bytes(length) as usize;
        if length > PIECE_BYTES + SEAL_BYTES_MAX {
            return None;
        }
        let mut sealed = Vec::new();
        let whole = (&mut self.file)
            .take(length as u64)
            .read_to_end(&mut sealed)
            .ok()?;
        let is_last = self.file.fill_end()?;
        if whole != length {
            return None;
        }
        let context = context(&self.id.debug_id, self.index, is_last);
        let plain = self.opener.open(&context, &sealed).ok()?;
        self.index += 1;
        self.is_done = is_last;
        Some(plain)
    }
}

/// Whether a file has been read to its end.
trait FillEnd {
    fn fill_end(&mut self) -> Option<bool>;
}

impl FillEnd for BufReader<File> {
    fn fill_end(&mut self) -> Option<bool> {
        io::BufRead::fill_buf(self).ok().map(<[u8]>::is_empty)
    }
}

impl Read for SymbolReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read >= self.piece.len() {
            if self.is_done {
                return Ok(0);
            }
            let changed = || io::Error::from(ErrorKind::InvalidData);
            self.piece = self.next_frame().ok_or_else(changed)?;
            self.read = 0;
        }
        let rest = self.piece.get(self.read..).unwrap_or_default();
        let length = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.read += length;
        Ok(length)
    }
}
