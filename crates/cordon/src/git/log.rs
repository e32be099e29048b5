//! The lines of `git log` become commits, with the files that they touch and where.
//!
//! *Invariant:* no line makes it stop. What it cannot read tells nothing.
//!
//! *Limits:* [`COMMITS_COUNT_MAX`] commits, [`HUNKS_COUNT_MAX`] hunks of a file. The work of a
//! line is linear in its bytes, but for the line that names the file of a patch: that is looked
//! for among the commit's files, of which there are [`FILES_COUNT_MAX`].

use cordon_diagnose::incident::Hunk;
use cordon_receive::FILES_COUNT_MAX;

/// Commits that are read.
pub(crate) const COMMITS_COUNT_MAX: usize = 5_000;
/// Hunks of one file that are kept.
pub(crate) const HUNKS_COUNT_MAX: usize = 1_000;

/// A commit, raw.
#[derive(Default)]
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) parents: Vec<String>,
    /// Seconds since the Unix epoch.
    pub(crate) time_unix_s: u64,
    pub(crate) author: String,
    pub(crate) summary: String,
    pub(crate) tags: Vec<String>,
    pub(crate) touched: Vec<Touched>,
    /// Files that it touches, those that are not kept included.
    pub(crate) touched_count: usize,
    /// Files that were wanted, and are not kept since there are more than [`FILES_COUNT_MAX`].
    pub(crate) files_left_out: usize,
}

/// A file that a commit touches, raw.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) path: String,
    /// Its path before, where it was moved.
    pub(crate) was: Option<String>,
    pub(crate) hunks: Vec<Hunk>,
}

/// The output of `git log` on its way into commits.
pub(crate) struct Reading<'k> {
    /// The commits so far; files of the last one may follow.
    pub(crate) commits: Vec<Commit>,
    /// Whether a file had more hunks than are kept.
    pub(crate) hunks_left_out: bool,
    keep: Option<&'k dyn Fn(&str) -> bool>,
    /// File of the commit whose hunks are being read.
    file: Option<usize>,
    /// Lines of a hunk that are left: a line of content may look like anything.
    left: u64,
}

impl<'k> Reading<'k> {
    /// Files of which `keep` says so are kept; without it all are.
    pub(crate) fn new(keep: Option<&'k dyn Fn(&str) -> bool>) -> Self {
        Self {
            commits: Vec::new(),
            hunks_left_out: false,
            keep,
            file: None,
            left: 0,
        }
    }

    /// Reads the next line; whether more are wanted. One commit more than is kept is taken, which
    /// tells that there are more.
    pub(crate) fn line(&mut self, line: &[u8]) -> bool {
        if self.left > 0 && matches!(line.first(), Some(b'+' | b'-')) {
            self.left -= 1;
            return true;
        }
        if let Some(head) = line.strip_prefix(b"\x01") {
            if self.commits.len() > COMMITS_COUNT_MAX {
                return false;
            }
            self.commits.extend(commit(head));
            (self.file, self.left) = (None, 0);
            return true;
        }
        if let Some(raw) = line.strip_prefix(b":") {
            self.touch(raw);
        } else if line.starts_with(b"diff --git ") {
            (self.file, self.left) = (None, 0);
        } else if let Some(path) = line.strip_prefix(b"+++ ") {
            let path = unquote(path);
            let path = path.strip_prefix("b/").unwrap_or(&path);
            let touched = self.commits.last().map(|commit| &commit.touched);
            self.file = touched.and_then(|all| all.iter().position(|file| file.path == path));
        } else if line.starts_with(b"@@ ") {
            self.hunk(line);
        }
        true
    }

    /// A file that the commit touches.
    fn touch(&mut self, raw: &[u8]) {
        let Some(commit) = self.commits.last_mut() else {
            return;
        };
        commit.touched_count += 1;
        let wanted = |file: &Touched| self.keep.is_none_or(|keep| keep(&file.path));
        match touched(raw).filter(wanted) {
            Some(file) if commit.touched.len() < FILES_COUNT_MAX => commit.touched.push(file),
            Some(_) => commit.files_left_out += 1,
            None => {}
        }
    }

    /// A hunk of the file, whose lines follow.
    fn hunk(&mut self, line: &[u8]) {
        let (Some(commit), Some(hunk)) = (self.commits.last_mut(), hunk(line)) else {
            return;
        };
        self.left = u64::from(hunk.old_lines) + u64::from(hunk.new_lines);
        let file = self.file.and_then(|at| commit.touched.get_mut(at));
        match file {
            Some(file) if file.hunks.len() < HUNKS_COUNT_MAX => file.hunks.push(hunk),
            Some(_) => self.hunks_left_out = true,
            None => {}
        }
    }
}

/// The line that begins a commit.
fn commit(head: &[u8]) -> Option<Commit> {
    let text = String::from_utf8_lossy(head);
    let mut parts = text.splitn(6, '\0');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (id, parents, time, mail, name, summary) = (next(), next(), next(), next(), next(), next());
    let is_id = (40..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| Commit {
        id,
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        time_unix_s: time.parse().unwrap_or_default(),
        author: if mail.is_empty() { name } else { mail },
        summary,
        ..Commit::default()
    })
}

/// `100644 100644 <id> <id> M\tpath`, and `… R090\told\tnew`.
fn touched(raw: &[u8]) -> Option<Touched> {
    let mut parts = raw.split(|b| *b == b'\t');
    let _modes = parts.next()?;
    let first = unquote(parts.next()?);
    Some(match parts.next() {
        Some(second) => Touched {
            path: unquote(second),
            was: Some(first),
            hunks: Vec::new(),
        },
        None => Touched {
            path: first,
            ..Touched::default()
        },
    })
}

/// `@@ -12,3 +14 @@`: a count that is not there is one.
fn hunk(line: &[u8]) -> Option<Hunk> {
    // Behind the second `@@` stands a line of content, in whatever encoding.
    let ranges = line.strip_prefix(b"@@ ")?;
    let len = ranges.windows(2).position(|pair| pair == b"@@")?;
    let mut words = std::str::from_utf8(ranges.get(..len)?).ok()?.split(' ');
    let mut range = |sign: char| -> Option<(u32, u32)> {
        let word = words.next()?.strip_prefix(sign)?;
        let (start, count) = word.split_once(',').unwrap_or((word, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((old_start, old_lines), (new_start, new_lines)) = (range('-')?, range('+')?);
    Some(Hunk {
        old_start,
        old_lines,
        new_start,
        new_lines,
    })
}

/// A path as git writes it: in quotes, with escapes as in C, where it has odd characters.
fn unquote(path: &[u8]) -> String {
    let inner = path.strip_prefix(b"\"").and_then(|p| p.strip_suffix(b"\""));
    let Some(inner) = inner else {
        // Behind a path with a blank git writes a tab.
        let path = path.strip_suffix(b"\t").unwrap_or(path);
        return String::from_utf8_lossy(path).into_owned();
    };
    let mut out = Vec::new();
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(more) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) {
                        value = value * 8 + u32::from(more - b'0');
                    }
                }
                out.push(value as u8);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, keep: Option<&dyn Fn(&str) -> bool>) -> Vec<Commit> {
        let mut reading = Reading::new(keep);
        for line in text.split('\n') {
            reading.line(line.as_bytes());
        }
        reading.commits
    }

    #[test]
    fn content_that_looks_like_a_header_is_content() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "\x01{a}\0{b}\01700000000\0m@example.org\0M\0fix: round\n\n\
             :100644 100644 1 2 M\tsrc/money.py\n:100644 100644 1 2 R090\told.py\tnew name.py\n\n\
             diff --git a/src/money.py b/src/money.py\n--- a/src/money.py\n+++ b/src/money.py\n\
             @@ -3,2 +3,3 @@ def f():\n--- a/x\n-@@ -1 +1 @@\n\
             +++ b/forged.py\n+@@ -9 +9 @@\n+\x01{b}\n\
             @@ -20 +22 @@\n-x\n+y\n\\ No newline at end of file\n\
             diff --git a/old.py b/new name.py\n--- a/old.py\n+++ b/new name.py\t\n\
             @@ -1,0 +2 @@\n+z\n"
        );
        let all = |_: &str| true;
        let commits = read(&text, Some(&all));
        assert_eq!(commits.len(), 1);
        let commit = &commits[0];
        assert_eq!(
            (commit.author.as_str(), commit.time_unix_s),
            ("m@example.org", 1_700_000_000)
        );
        assert_eq!(commit.parents, [b]);
        let hunks = |at: usize| -> Vec<_> {
            let hunk = |h: &Hunk| (h.old_start, h.old_lines, h.new_start, h.new_lines);
            commit.touched[at].hunks.iter().map(hunk).collect()
        };
        assert_eq!(hunks(0), [(3, 2, 3, 3), (20, 1, 22, 1)]);
        assert_eq!(hunks(1), [(1, 0, 2, 1)]);
        assert_eq!(commit.touched[1].was.as_deref(), Some("old.py"));
        let none = |path: &str| path.ends_with("README");
        assert_eq!(read(&text, Some(&none))[0].touched.len(), 0);
        assert_eq!(read(&text, Some(&none))[0].touched_count, 2);
    }

    #[test]
    fn paths_are_unquoted() {
        assert_eq!(unquote(b"plain path.py"), "plain path.py");
        assert_eq!(
            unquote(br#""tab\there \"q\" \303\251\\""#),
            "tab\there \"q\" é\\"
        );
        assert_eq!(unquote(b"\"\\"), "\"\\");
        assert_eq!(unquote(b""), "");
    }

    #[test]
    fn a_hunk_is_read_whatever_its_function_is_called() {
        let want = |hunk: Hunk| {
            (
                hunk.old_start,
                hunk.old_lines,
                hunk.new_start,
                hunk.new_lines,
            )
        };
        for shift in 0..100 {
            let line = format!("@@ -3,2 +4 @@ {}{}", "x".repeat(shift), "é".repeat(60));
            assert_eq!(hunk(line.as_bytes()).map(want), Some((3, 2, 4, 1)));
        }
        let latin = [b"@@ -3,2 +4 @@ ".as_slice(), b"caf\xe9"].concat();
        assert_eq!(hunk(&latin).map(want), Some((3, 2, 4, 1)));
        for bad in [
            "@@ -3,2 +4",
            "@@ -3",
            "@@ ",
            "@@ +3 -4 @@",
            "@@@ -1 -1 +1 @@@",
        ] {
            assert!(hunk(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    /// Lines as git writes them, whole or broken, and others.
    fn any_line() -> impl Strategy<Value = Vec<u8>> {
        let shaped = prop_oneof![
            "\\x01[0-9a-f]{38,42}(\\x00[0-9a-f ]{0,41}){0,2}(\\x00.{0,6}){0,4}",
            ":[0-9]{6} [0-9]{6} 1 2 [MRAD][0-9]{0,3}(\\t.{0,4}){0,3}",
            ":100644 100644 1 2 R090\\t\"(\\\\[0-9nt\\\\\"]|[a-z]){0,6}\"?\\t[a-c]",
            ":100644 100644 1 2 M\\t[a-c]",
            "diff --git .{0,12}",
            "(---|\\+\\+\\+) [ab]/[a-c]\\t?",
            "@@ -[0-9]{0,12}(,[0-9]{0,2})? \\+[0-9]{1,4}(,[0-9]{1,12})? @@.{0,4}",
            "[+-].{0,8}",
        ];
        prop_oneof![
            6 => shaped.prop_map(String::into_bytes),
            1 => prop::collection::vec(any::<u8>(), 0..24),
        ]
    }

    proptest! {
        #[test]
        fn any_lines_are_read_within_the_limits(lines in prop::collection::vec(any_line(), 0..64)) {
            let keep = |path: &str| path != "b";
            for keep in [None, Some(&keep as &dyn Fn(&str) -> bool)] {
                let mut reading = Reading::new(keep);
                for line in &lines {
                    prop_assert!(reading.line(line));
                }
                let heads = lines.iter().filter(|line| line.starts_with(b"\x01")).count();
                prop_assert!(reading.commits.len() <= heads);
                let mut bytes_count = 0;
                for commit in &reading.commits {
                    let known = commit.touched.len() + commit.files_left_out;
                    prop_assert!(known <= commit.touched_count);
                    let hunks = commit.touched.iter().map(|file| file.hunks.len());
                    prop_assert!(hunks.sum::<usize>() <= lines.len());
                    for file in &commit.touched {
                        prop_assert!(keep.is_none_or(|keep| keep(&file.path)));
                        bytes_count += file.path.len() + file.was.as_ref().map_or(0, String::len);
                    }
                    bytes_count += commit.author.len() + commit.summary.len();
                }
                // What is no UTF-8 is replaced by a mark of three bytes.
                prop_assert!(bytes_count <= 3 * lines.iter().map(Vec::len).sum::<usize>());
            }
        }

        /// A path is read as it is, however git writes it.
        #[test]
        fn a_quoted_path_is_read_back(path in "[a-zé\\t\\n \"\\\\\u{1}\u{7f}]{1,12}") {
            let mut quoted = b"\"".to_vec();
            for byte in path.bytes() {
                match byte {
                    b'"' | b'\\' => quoted.extend([b'\\', byte]),
                    b'\t' => quoted.extend(b"\\t"),
                    b'\n' => quoted.extend(b"\\n"),
                    0..0x20 | 0x7f.. => quoted.extend(format!("\\{byte:03o}").bytes()),
                    _ => quoted.push(byte),
                }
            }
            quoted.push(b'"');
            prop_assert_eq!(unquote(&quoted), path);
        }

        /// A commit is read as it was written, whatever stands in its patch.
        #[test]
        fn a_log_is_read_back(
            files in prop::collection::btree_set("[a-z]{1,4}/[a-z ]{0,3}[a-z]", 1..6),
            contents in prop::collection::vec(
                "[^\n]{0,12}|@@ -1 \\+1 @@|\\+\\+ b/a|\u{1}[0-9a-f]{40}",
                0..5,
            ),
            summary in "[^\n\u{0}]{0,20}",
        ) {
            let id = "a".repeat(40);
            let mut text = format!("\x01{id}\0{id} {id}\x007\0m@example.org\0M\0{summary}\n\n");
            for file in &files {
                text += &format!(":100644 100644 1 2 M\t{file}\n");
            }
            for file in &files {
                let (tab, count) = (if file.contains(' ') { "\t" } else { "" }, contents.len());
                text += &format!("\ndiff --git a/{file} b/{file}\n");
                text += &format!("--- a/{file}{tab}\n+++ b/{file}{tab}\n");
                text += &format!("@@ -7,{count} +8,{count} @@\n");
                for sign in ["-", "+"] {
                    text.extend(contents.iter().map(|content| format!("{sign}{content}\n")));
                }
            }
            let all = |_: &str| true;
            let commits = read(&text, Some(&all));
            prop_assert_eq!(commits.len(), 1);
            let commit = &commits[0];
            prop_assert_eq!((&commit.summary, commit.parents.len()), (&summary, 2));
            let paths: Vec<&String> = commit.touched.iter().map(|file| &file.path).collect();
            prop_assert_eq!(paths, files.iter().collect::<Vec<_>>());
            for file in &commit.touched {
                let [hunk] = file.hunks.as_slice() else {
                    return Err(TestCaseError::fail("not one hunk"));
                };
                let count = contents.len() as u32;
                prop_assert_eq!((hunk.old_start, hunk.old_lines), (7, count));
                prop_assert_eq!((hunk.new_start, hunk.new_lines), (8, count));
            }
        }
    }

    #[test]
    fn commits_beyond_the_limit_are_not_wanted() {
        let head = format!("\x01{}\0\x007\0m@example.org\0M\0s", "a".repeat(40));
        let mut reading = Reading::new(None);
        for n in 0..2 * COMMITS_COUNT_MAX {
            assert_eq!(reading.line(head.as_bytes()), n <= COMMITS_COUNT_MAX);
        }
        assert_eq!(reading.commits.len(), COMMITS_COUNT_MAX + 1);
    }
}
