//! What a repository tells of its commits, as plain data: nobody here runs a program.

/// Commits that lead to what ran, the latest first: none before those that it is a parent of.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// The commits.
    pub commits: Vec<Commit>,
    /// Paths of the tree by whose last parts a frame's file is known; none where it was not read.
    pub paths: Vec<String>,
}

/// A commit, redacted.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// Its id, hex.
    pub id: String,
    /// Those that it follows.
    pub parents: Vec<String>,
    /// When it was made, nanoseconds since the Unix epoch.
    pub time_unix_ns: u64,
    /// First line of its message.
    pub summary: String,
    /// Who made it: a pseudonym.
    pub author: String,
    /// Tags that point to it.
    pub tags: Vec<String>,
    /// Files that it touches, as far as a frame may be in them.
    pub touched: Vec<Touched>,
    /// Files that it touches, all of them.
    pub touched_count: usize,
}

/// A file that a commit touches.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Its path after the commit.
    pub path: String,
    /// Its path before, where it was moved.
    pub was: Option<String>,
    /// Lines that changed, without context; none where git compared no lines.
    pub hunks: Vec<Hunk>,
}

/// Lines of a file that a commit replaced: `-old_start,old_lines +new_start,new_lines`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// First line before; the line above where there was none.
    pub old_start: u32,
    /// Lines before.
    pub old_lines: u32,
    /// First line after; the line above where there is none.
    pub new_start: u32,
    /// Lines after.
    pub new_lines: u32,
}

/// How far a commit's lines are from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Lines between it and the nearest hunk; 0 where one holds it.
    pub(crate) distance: u32,
    /// Where the line was before the commit; `None` where the commit wrote it.
    pub(crate) before: Option<u32>,
}

/// Looks at a line of the file after the commit. `None` where it has no hunks.
pub(crate) fn look(hunks: &[Hunk], line: u32) -> Option<Seen> {
    let mut distance = None;
    let mut shift = 0_i64;
    let mut written = false;
    for hunk in hunks {
        let (first, lines) = (i64::from(hunk.new_start), i64::from(hunk.new_lines));
        let (line, old) = (i64::from(line), i64::from(hunk.old_lines));
        // What only takes lines away stands between two of those that are left.
        let (from, to) = if lines == 0 {
            (first, first + 1)
        } else {
            (first, first + lines - 1)
        };
        let far = (from - line).max(line - to).max(0);
        // A line beside one that was taken away is next to the hunk, not in it.
        let far = if lines == 0 { far.max(1) } else { far };
        written |= far == 0;
        if to < line || lines == 0 && first < line {
            shift += old - lines;
        }
        let far = u32::try_from(far).unwrap_or(u32::MAX);
        distance = Some(distance.map_or(far, |least: u32| least.min(far)));
    }
    let before = u32::try_from(i64::from(line) + shift).ok();
    distance.map(|distance| Seen {
        distance,
        before: before.filter(|_| !written),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(old_start: u32, old_lines: u32, new_start: u32, new_lines: u32) -> Hunk {
        Hunk {
            old_start,
            old_lines,
            new_start,
            new_lines,
        }
    }

    #[test]
    fn a_line_is_followed_back_through_a_commit() {
        // Line 3 is new, lines 10 and 11 became 11, line 20 (now 20) went away after 19.
        let hunks = [hunk(2, 0, 3, 1), hunk(10, 2, 11, 1), hunk(20, 1, 19, 0)];
        for (line, distance, before) in [
            (1, 2, Some(1)),
            (2, 1, Some(2)),
            (3, 0, None),
            (4, 1, Some(3)),
            (11, 0, None),
            (12, 1, Some(12)),
            (19, 1, Some(19)),
            (20, 1, Some(21)),
            (30, 10, Some(31)),
        ] {
            assert_eq!(
                look(&hunks, line),
                Some(Seen { distance, before }),
                "{line}"
            );
        }
        assert_eq!(look(&[], 7), None);
    }
}
