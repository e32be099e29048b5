//! Habits: what a test, a comment and an attribute do not do here.

use super::source::Source;
use super::tree::{Complaint, File, Tree};

/// Words that leave work behind, and so need the issue that will do it.
const LEFT_WORK: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Attributes that hide something, each with what to do instead.
const HIDING: [(&str, &str); 4] = [
    ("#[ignore", "a test runs or does not exist"),
    (
        "#[should_panic",
        "assert on the value that tells of the failure",
    ),
    ("#[allow(", "use `#[expect(…, reason = \"…\")]`"),
    ("#![allow(", "use `#![expect(…, reason = \"…\")]`"),
];

/// Starts of paths that exist on one machine.
const MACHINE_PATHS: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// Crates whose subject is paths in people's logs, and folders that hold such logs.
const MAY_SHOW_PATHS: [&str; 6] = [
    "crates/detect/",
    "crates/redact/",
    "crates/fingerprint/",
    "crates/repro/",
    "examples/",
    "rules/",
];

/// No attribute hides a test or a warning.
pub(crate) fn attributes(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        for (attribute, instead) in HIDING {
            for (at, _) in rust.code.match_indices(attribute) {
                let name = attribute.trim_end_matches('(');
                complaints.push(file.complain(rust.line_of(at), format!("{name}: {instead}")));
            }
        }
    }
    complaints
}

/// No test sleeps: it waits for what it wants to see.
pub(crate) fn sleeps(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        let calls = rust.words("sleep").into_iter().filter(|at| {
            let rest = rust.code.get(at + "sleep".len()..).unwrap_or_default();
            rest.starts_with('(') && file.is_test(*at)
        });
        for at in calls {
            let message = "test sleeps: wait for the event, with a limit";
            complaints.push(file.complain(rust.line_of(at), message));
        }
    }
    complaints
}

/// Work that is left behind names its issue, as `#12` on the same line.
pub(crate) fn left_work(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        let comments = match &file.rust {
            Some(rust) => rust.comments.as_str(),
            None if ["py", "sh", "toml", "yml", "yaml"]
                .iter()
                .any(|ending| file.is(ending)) =>
            {
                &file.text
            }
            None => continue,
        };
        for (index, line) in comments.lines().enumerate() {
            for word in LEFT_WORK {
                if has_word(line, word) && !names_issue(line) {
                    let message = format!("{word} without an issue number");
                    complaints.push(file.complain(index + 1, message));
                }
            }
        }
    }
    complaints
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|part| part == word)
}

fn names_issue(line: &str) -> bool {
    line.split('#')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// No path of one machine, outside tests and the crates whose subject such paths are.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        let is_apart = MAY_SHOW_PATHS
            .iter()
            .any(|folder| file.path.starts_with(folder));
        if is_apart || file.is_test_file() {
            continue;
        }
        let mut offset = 0;
        for (index, line) in file.text.split('\n').enumerate() {
            if MACHINE_PATHS.iter().any(|start| has_path(line, start)) && !file.is_test(offset) {
                complaints.push(file.complain(index + 1, "path of one machine"));
            }
            offset += line.len() + 1;
        }
    }
    complaints
}

/// Whether `line` has a path that begins with `start` and goes on with a name.
fn has_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().chars().next_back();
        let after = line
            .get(at + start.len()..)
            .unwrap_or_default()
            .chars()
            .next();
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || "._-~$}".contains(c));
        begins && after.is_some_and(char::is_alphanumeric)
    })
}

/// A `cfg(test)` module is the way to test code, not a `cfg` that ships it.
pub(crate) fn shipped_tests(tree: &Tree) -> Vec<Complaint> {
    tree.rust()
        .filter(|(file, _)| !file.is_test_file())
        .flat_map(|(file, rust)| unguarded_tests(file, rust))
        .collect()
}

fn unguarded_tests<'a>(file: &'a File, rust: &'a Source) -> impl Iterator<Item = Complaint> + 'a {
    rust.code
        .match_indices("mod tests {")
        .filter(|(at, _)| !rust.is_test(*at))
        .map(|(at, _)| file.complain(rust.line_of(at), "`mod tests` without `#[cfg(test)]`"))
}

#[cfg(test)]
mod tests {
    use super::super::tree::told;
    use super::*;

    #[test]
    fn attributes_hide_nothing() {
        let good = "#[expect(unused, reason = \"x\")]\nfn f() { g(\"#[ignore]\") } // #[allow(x)]";
        assert_eq!(told(attributes, &[("a.rs", good)]), [""; 0]);
        for bad in [
            "#[ignore]",
            "#[ignore = \"slow\"]",
            "#[allow(x)]",
            "#![allow(x)]",
        ] {
            assert_eq!(told(attributes, &[("a.rs", bad)]).len(), 1, "{bad}");
        }
    }

    #[test]
    fn tests_do_not_sleep() {
        let sleep = "fn f() { std::thread::sleep(d); }";
        assert_eq!(told(sleeps, &[("crates/a/src/a.rs", sleep)]), [""; 0]);
        assert_eq!(told(sleeps, &[("crates/a/tests/a.rs", sleep)]).len(), 1);
        let test = "#[cfg(test)]\nmod tests {\n    fn f() { tokio::time::sleep(d).await; }\n}\n";
        assert_eq!(
            told(sleeps, &[("a.rs", test)]),
            ["a.rs:3: test sleeps: wait for the event, with a limit"]
        );
    }

    #[test]
    fn left_work_names_its_issue() {
        let word = LEFT_WORK.first().unwrap();
        let good = format!("// {word}(#12): later\nlet s = \"{word}\";\n");
        assert_eq!(told(left_work, &[("a.rs", &good)]), [""; 0]);
        let bad = format!("// {word}: later\n");
        assert_eq!(told(left_work, &[("a.rs", &bad)]).len(), 1);
        assert_eq!(
            told(left_work, &[("a.py", &format!("x = 1  # {word} later\n"))]).len(),
            1
        );
    }

    #[test]
    fn no_path_of_one_machine() {
        let path = format!("{}alice/app", MACHINE_PATHS.last().unwrap());
        let text = format!("let p = \"{path}\";\n");
        assert_eq!(
            told(machine_paths, &[("crates/detect/src/a.rs", &text)]),
            [""; 0]
        );
        assert_eq!(
            told(machine_paths, &[("crates/store/tests/a.rs", &text)]),
            [""; 0]
        );
        assert_eq!(
            told(
                machine_paths,
                &[("a.md", &format!("https://x.org{path}\n"))]
            ),
            [""; 0]
        );
        assert_eq!(
            told(
                machine_paths,
                &[("crates/store/src/a.rs", &text), ("README.md", &text)]
            ),
            [
                "crates/store/src/a.rs:1: path of one machine",
                "README.md:1: path of one machine"
            ]
        );
        let prefix = format!("let p = \"{}\";\n", MACHINE_PATHS.last().unwrap());
        assert_eq!(
            told(machine_paths, &[("crates/store/src/a.rs", &prefix)]),
            [""; 0]
        );
    }

    #[test]
    fn test_modules_are_not_shipped() {
        let good = "#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(told(shipped_tests, &[("a.rs", good)]), [""; 0]);
        assert_eq!(
            told(shipped_tests, &[("a.rs", "mod tests {\n}\n")]).len(),
            1
        );
    }
}
