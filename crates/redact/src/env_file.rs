//! Files of `NAME=value` lines, as shells and containers read them.
//!
//! `export` before a name, blanks around `=`, comments, values in quotes that may span lines: in
//! double ones `\` escapes, in single ones nothing does.

use zeroize::Zeroizing;

/// One assignment.
pub(crate) struct Assignment<'t> {
    /// Its name.
    pub(crate) name: &'t str,
    /// Its value, quotes and escapes undone.
    pub(crate) value: Zeroizing<String>,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// The assignments of a text; `None` where it holds anything else.
pub(crate) fn assignments(text: &str) -> Option<Vec<Assignment<'_>>> {
    let mut out = Vec::new();
    let mut lines = text.lines().zip(1_usize..);
    while let Some((said, line)) = lines.next() {
        let said = said.trim_start();
        if said.is_empty() || said.starts_with('#') {
            continue;
        }
        let (name, rest) = assignment(said)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            None => Zeroizing::new(bare(rest).to_owned()),
            Some(quote) => {
                let mut raw = Zeroizing::new(rest.get(1..).unwrap_or("").to_owned());
                loop {
                    if let Some(value) = quoted(&raw, quote) {
                        break value;
                    }
                    raw.push('\n');
                    raw.push_str(lines.next()?.0);
                }
            }
        };
        out.push(Assignment { name, value, line });
    }
    Some(out)
}

/// Name and what stands behind its `=`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, rest) = line.split_once('=')?;
    let name = name.trim();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let first = name.bytes().next()?;
    let begins = first.is_ascii_alphabetic() || first == b'_';
    (begins && name.bytes().all(fits)).then_some((name, rest.trim()))
}

/// A value without quotes: up to a comment.
fn bare(rest: &str) -> &str {
    rest.split(" #").next().unwrap_or(rest).trim()
}

/// A value up to its closing quote; `None` where that is still to come.
fn quoted(raw: &str, quote: char) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(raw.len()));
    let mut chars = raw.chars();
    loop {
        match chars.next()? {
            c if c == quote => return Some(out),
            '\\' if quote == '"' => match chars.next()? {
                'n' => out.push('\n'),
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &[(&str, &str, usize)]) {
        let found = assignments(text).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|a| (a.name, a.value.as_str(), a.line))
            .collect();
        assert_eq!(found, want);
    }

    #[test]
    fn values_end_where_a_shell_ends_them() {
        check(
            "A=tulip garden # a comment\nB=",
            &[("A", "tulip garden", 1), ("B", "", 2)],
        );
        check("# x\n\n  export A = 'a#b' # c", &[("A", "a#b", 3)]);
        check(r#"A="a \"b\" \\ \n" # c"#, &[("A", "a \"b\" \\ \n", 1)]);
        check(r"A='a\n'", &[("A", r"a\n", 1)]);
        check(
            "A=\"one\n two\"\nB=3",
            &[("A", "one\n two", 1), ("B", "3", 3)],
        );
        check("A=a=b==", &[("A", "a=b==", 1)]);
    }

    #[test]
    fn anything_else_is_no_such_file() {
        for text in [
            "tulip",
            "A=1\ntulip",
            "=x",
            "1A=x",
            "A='never closed\nB=1",
            "a b=c",
        ] {
            assert!(assignments(text).is_none(), "{text}");
        }
    }
}
