//! `cargo xtask schemas`: the published forms of the log contract, written from the table in code.
//!
//! *Why so:* a test of `receive` holds the files to the table; this writes them.

use std::path::Path;

use anyhow::{Context, Result};
use cordon_receive::contract;

use crate::say;

/// The schema.
const SCHEMA: &str = "docs/schema/log-1.json";
/// The page with the tables.
const PAGE: &str = "docs/log-contract.md";

/// Writes the schema, and the tables of the page between their marks.
pub(crate) fn schemas(root: &Path) -> Result<()> {
    write(root, SCHEMA, &contract::schema_json())?;
    let page = std::fs::read_to_string(root.join(PAGE)).context("read the page")?;
    let page = between(&page, "fields", &contract::fields_markdown())?;
    let page = between(&page, "codes", &contract::codes_markdown())?;
    write(root, PAGE, &page)?;
    say("schemas: written");
    Ok(())
}

fn write(root: &Path, path: &str, text: &str) -> Result<()> {
    std::fs::write(root.join(path), text).with_context(|| format!("write {path}"))
}

/// The page with a text between the marks of that name.
fn between(page: &str, name: &str, text: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let missing = || format!("find the marks of {name} in {PAGE}");
    let (head, rest) = page.split_once(&begin).with_context(missing)?;
    let (_, tail) = rest.split_once(&end).with_context(missing)?;
    Ok(format!("{head}{begin}\n{text}\n{end}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_between_its_marks() {
        let page = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n";
        let first = between(page, "x", "new\n").unwrap();
        assert_eq!(first, "a\n<!-- x -->\n\nnew\n\n<!-- end of x -->\nb\n");
        assert_eq!(between(&first, "x", "new\n").unwrap(), first);
        assert!(between(page, "y", "").is_err());
    }
}
