//! The packs of rules as a page needs them: without comments, cases and words.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// Where the packs are, and where they are written without what a page does not need.
const PACKS: &str = "rules";
const BARE: &str = "crates/detect/data/rules.txt";
/// Keys that are left out, each at the beginning of its line.
const LEFT_OUT: [&str; 5] = [
    "broken = ",
    "description = ",
    "near_misses = ",
    "positives = ",
    "provider = ",
];

/// Writes the packs.
pub(super) fn write(root: &Path) -> Result<()> {
    std::fs::write(root.join(BARE), bare_packs(root)?).context("write the packs of a page")
}

/// Whether they are what the packs give.
pub(super) fn check(root: &Path) -> Result<()> {
    let written = std::fs::read_to_string(root.join(BARE)).context("read the packs of a page")?;
    if written != bare_packs(root)? {
        bail!("wasm_packs: {BARE} is not what {PACKS}/ gives; run `cargo xtask wasm`");
    }
    Ok(())
}

fn bare_packs(root: &Path) -> Result<String> {
    let mut files = Vec::new();
    for entry in root.join(PACKS).read_dir().context("list the packs")? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            files.push(file);
        }
    }
    files.sort();
    let packs = files.iter().map(|file| {
        let text = std::fs::read_to_string(file).context("read a pack")?;
        Ok(bare(&text))
    });
    Ok(packs.collect::<Result<Vec<_>>>()?.join("\u{c}"))
}

/// A pack without what a page does not need. Lists of cases begin and end with lines of their own.
fn bare(pack: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    for line in pack.lines() {
        let left_out = LEFT_OUT.iter().any(|key| line.starts_with(key));
        if within {
            within = line != "]";
        } else if left_out {
            within = line.ends_with('[');
        } else if !(line.is_empty() || line.starts_with('#')) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_loses_its_cases_and_nothing_else() {
        let pack = "# A pack.\npack = \"a\"\n\n[[rule]]\nid = \"x\"\ndescription = \"Key.\"\n\
                    prefix = [\n    \"ab\",\n]\npositives = [\n    \"[\",\n]\nbroken = []\n\
                    checksum_broken = \"refuse\"\n";
        let want = "pack = \"a\"\n[[rule]]\nid = \"x\"\nprefix = [\n    \"ab\",\n]\n\
                    checksum_broken = \"refuse\"\n";
        assert_eq!(bare(pack), want);
    }
}
