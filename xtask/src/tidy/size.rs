//! Heads and sizes: `//!` on every file, functions of at most 70 lines, files of at most 800, lines
//! of at most 100 columns.

use super::tree::{Complaint, File, Tree};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 800;
const LINE_COLUMNS_MAX: usize = 100;

/// Every file says in its first lines what it is.
pub(crate) fn heads(tree: &Tree) -> Vec<Complaint> {
    tree.files.iter().filter_map(head).collect()
}

fn head(file: &File) -> Option<Complaint> {
    let first = file
        .text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!/"))
        .unwrap_or_default();
    let (good, wanted) = if file.is("rs") {
        (first.starts_with("//! ") && first.len() > 4, "a `//!` line")
    } else if file.is("py") && file.path.starts_with("crates/") && file.path.contains("/src/") {
        (true, "") // text that a crate writes; the file that includes it says what it is
    } else if file.is("py") {
        let docstring = ["\"\"\"", "r\"\"\"", "'''"]
            .iter()
            .any(|quote| first.starts_with(quote));
        (
            docstring || first.starts_with("# "),
            "a docstring or a comment",
        )
    } else if file.is("sh") || file.path.starts_with(".ci/") {
        (first.starts_with("# "), "a comment")
    } else {
        (true, "")
    };
    // An empty `__init__.py` says all there is to say.
    let empty_package = file.path.ends_with("__init__.py") && file.text.trim().is_empty();
    (!good && !empty_package)
        .then(|| file.complain(1, format!("opens with no head: {wanted} saying what it is")))
}

/// Functions, files and lines keep to their limits.
pub(crate) fn sizes(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        let is_table = file.path.ends_with("_table.rs");
        for function in rust.functions().into_iter().filter(|_| !is_table) {
            if function.line_count > FUNCTION_LINES_MAX {
                let (name, count) = (function.name, function.line_count);
                let message =
                    format!("function `{name}` has {count} lines, more than {FUNCTION_LINES_MAX}");
                complaints.push(file.complain(function.line, message));
            }
        }
        // Of a file that is a test as a whole every line counts.
        let (count, of) = if file.is_test_file() {
            (file.text.lines().count(), "")
        } else {
            (rust.shipped_line_count(), " outside tests")
        };
        if count > FILE_LINES_MAX && !is_table {
            let message = format!("file has {count} lines{of}, more than {FILE_LINES_MAX}");
            complaints.push(file.complain(FILE_LINES_MAX + 1, message));
        }
        for (index, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > LINE_COLUMNS_MAX {
                let message = format!("line has {columns} columns, more than {LINE_COLUMNS_MAX}");
                complaints.push(file.complain(index + 1, message));
            }
        }
    }
    complaints
}

/// A crate root holds more than its head.
pub(crate) fn empty_crates(tree: &Tree) -> Vec<Complaint> {
    tree.rust()
        .filter(|(file, _)| {
            ["src/lib.rs", "src/main.rs"]
                .iter()
                .any(|root| file.path.ends_with(root))
        })
        .filter(|(_, rust)| {
            let code: String = rust.code.split_whitespace().collect();
            code.is_empty() || code == "fnmain(){}"
        })
        .map(|(file, _)| file.complain(1, "crate is empty: it appears when it is needed"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::told;
    use super::*;

    #[test]
    fn a_file_opens_with_a_head() {
        let good = [
            ("a.rs", "//! What it is.\n"),
            ("b.py", "#!/usr/bin/env python3\n\"\"\"What it is.\"\"\"\n"),
            ("c.sh", "#!/bin/sh\n# What it is.\n"),
            ("d/__init__.py", ""),
            ("crates/repro/src/pytest/clock.py", "import time\n"),
            ("e.toml", "x = 1\n"),
        ];
        assert_eq!(told(heads, &good), [""; 0]);
        let bad = [
            ("a.rs", "// no\n"),
            ("b.py", "import os\n"),
            (".ci/run", "#!/bin/sh\nset -e\n"),
        ];
        assert_eq!(told(heads, &bad).len(), 3);
    }

    #[test]
    fn a_function_has_at_most_70_lines() {
        let of = |lines: usize| format!("//! H.\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines));
        assert_eq!(told(sizes, &[("a.rs", &of(68))]), [""; 0]);
        let complaints = told(sizes, &[("a.rs", &of(69))]);
        assert_eq!(
            complaints,
            ["a.rs:2: function `f` has 71 lines, more than 70"]
        );
    }

    #[test]
    fn a_file_has_at_most_800_lines_tables_and_inner_tests_apart() {
        let long = "//! H.\n".repeat(801);
        let tables = [("iin_table.rs", &*long), ("x/tests/y_table.rs", &long)];
        assert_eq!(told(sizes, &tables), [""; 0]);
        let test = format!("//! H.\n#[test]\nfn t() {{\n}}\n{}", "// x\n".repeat(797));
        let tests = [("x/tests/y.rs", &*long), ("x/z_tests.rs", &test)];
        let said = |path: &str| format!("{path}:801: file has 801 lines, more than 800");
        assert_eq!(told(sizes, &tests), tests.map(|(path, _)| said(path)));
        let outside = "a.rs:801: file has 801 lines outside tests, more than 800";
        assert_eq!(told(sizes, &[("a.rs", &long)]), [outside]);
        let tested = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// x\n".repeat(900));
        assert_eq!(told(sizes, &[("a.rs", &tested)]), [""; 0]);
    }

    #[test]
    fn a_line_has_at_most_100_columns() {
        let line = |columns: usize| "ä".repeat(columns);
        assert_eq!(told(sizes, &[("a.rs", &line(100))]), [""; 0]);
        assert_eq!(
            told(sizes, &[("a.rs", &line(101))]),
            ["a.rs:1: line has 101 columns, more than 100"]
        );
    }

    #[test]
    fn a_crate_root_holds_something() {
        let good = [("crates/a/src/lib.rs", "//! H.\nmod b;\n")];
        assert_eq!(told(empty_crates, &good), [""; 0]);
        let bad = [
            ("crates/a/src/lib.rs", "//! H.\n"),
            ("x/src/main.rs", "//! H.\nfn main() {}\n"),
        ];
        assert_eq!(told(empty_crates, &bad).len(), 2);
    }
}
