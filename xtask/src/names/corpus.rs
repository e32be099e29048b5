//! The corpora that `tools/names` writes: one text a line, entities marked.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cordon_detect::names::lists::{ENTRY_BYTES, PROBES_COUNT_MAX, place};
use cordon_detect::names::word::hash_word;

/// Begins an entity; the letter of its kind follows.
const OPEN: char = '\u{2}';
/// Ends one.
const CLOSE: char = '\u{3}';
/// Letters of the kinds, in the order of the model's.
pub(super) const KINDS: [char; 4] = ['P', 'L', 'O', 'A'];

/// A text and what is in it.
pub(super) struct Sample {
    pub(super) locale: String,
    pub(super) source: String,
    pub(super) text: String,
    /// Kind from 1, first byte, one past the last.
    pub(super) entities: Vec<(usize, usize, usize)>,
}

/// Reads a corpus.
pub(super) fn read(path: &Path) -> Result<Vec<Sample>> {
    let all = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    all.lines().map(parse).collect()
}

fn parse(line: &str) -> Result<Sample> {
    let mut parts = line.splitn(3, '\t');
    let (Some(locale), Some(source), Some(marked)) = (parts.next(), parts.next(), parts.next())
    else {
        bail!("a corpus line has locale, source and text");
    };
    let mut text = String::new();
    let mut entities = Vec::new();
    let mut open = None;
    let mut chars = marked.chars();
    while let Some(c) = chars.next() {
        match c {
            OPEN => {
                let kind = chars
                    .next()
                    .and_then(|k| KINDS.iter().position(|l| *l == k));
                open = Some((kind.context("a kind follows a mark")? + 1, text.len()));
            }
            CLOSE => {
                let (kind, start) = open
                    .take()
                    .context("a mark is opened before it is closed")?;
                entities.push((kind, start, text.len()));
            }
            c => text.push(c),
        }
    }
    Ok(Sample {
        locale: locale.to_owned(),
        source: source.to_owned(),
        text,
        entities,
    })
}

/// Reads the word lists and lays them out as the table that ships.
pub(super) fn lists(path: &Path) -> Result<Vec<u8>> {
    let all = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let mut words = Vec::new();
    for line in all.lines() {
        let (word, bits) = line
            .split_once('\t')
            .context("a list line has word and bits")?;
        words.push((hash_word(word), bits.parse::<u8>()?));
    }
    let count = (words.len() * 4 / 3).next_power_of_two();
    let mut table = vec![0_u8; count * ENTRY_BYTES];
    let mut lost = 0;
    for (hash, bits) in &words {
        lost += usize::from(!put(&mut table, count, *hash, *bits));
    }
    crate::say(&format!(
        "{} words in {count} entries, {lost} lost",
        words.len()
    ));
    Ok(table)
}

/// Puts a word into the table; false where its neighbourhood is full.
fn put(table: &mut [u8], count: usize, hash: u64, bits: u8) -> bool {
    let (slot, tag) = place(hash, count);
    for probe in 0..PROBES_COUNT_MAX {
        let at = ((slot + probe) & (count - 1)) * ENTRY_BYTES;
        let Some(entry) = table.get_mut(at..at + ENTRY_BYTES) else {
            return false;
        };
        let old = entry
            .iter()
            .rev()
            .fold(0_u32, |n, b| n << 8 | u32::from(*b));
        if old == 0 || old >> 7 == tag {
            let new = (tag << 7 | old & 0x7f | u32::from(bits)).to_le_bytes();
            entry.copy_from_slice(new.get(..ENTRY_BYTES).unwrap_or(&[0; ENTRY_BYTES]));
            return true;
        }
    }
    false
}
