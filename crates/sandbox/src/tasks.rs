//! How many processes and threads a run has at the moment.
//!
//! *Why so:* the limit that a kernel keeps (`RLIMIT_NPROC`) counts all processes of a user, and
//! none of root's; so what belongs to one run is counted, and the run is ended when it is too much.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// What one line of `/proc/<pid>/stat` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Task {
    pid: u32,
    parent: u32,
    group: u32,
    threads: u64,
}

/// Threads of the process, of all below it and of its group. Zero where the system does not say.
pub(crate) fn count_below(pid: u32) -> u64 {
    below(pid, &all()).map(|task| task.threads).sum()
}

/// The processes that [`count_below`] counts.
pub(crate) fn pids_below(pid: u32) -> Vec<u32> {
    below(pid, &all()).map(|task| task.pid).collect()
}

fn all() -> Vec<Task> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| read(&entry.path())).collect()
}

fn read(dir: &Path) -> Option<Task> {
    let pid = dir.file_name()?.to_str()?.parse().ok()?;
    parse(pid, &fs::read_to_string(dir.join("stat")).ok()?)
}

/// The name stands in brackets and may hold anything; the fields are counted after it.
fn parse(pid: u32, stat: &str) -> Option<Task> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Task {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        threads: fields.get(17)?.parse().ok()?,
    })
}

fn below(root: u32, tasks: &[Task]) -> impl Iterator<Item = &Task> {
    let parents: HashMap<u32, u32> = tasks.iter().map(|task| (task.pid, task.parent)).collect();
    let descends = move |pid: u32| {
        let mut at = pid;
        // No line of parents is longer than there are processes.
        for _ in 0..=parents.len() {
            if at == root {
                return true;
            }
            match parents.get(&at) {
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    };
    let ours = move |task: &&Task| task.group == root || descends(task.pid);
    tasks.iter().filter(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_what_is_below_it_and_in_its_group() {
        let stat = |pid: u32, parent: u32, group: u32, threads: u32| {
            let text = format!(
                "{pid} (a) b) S {parent} {group} 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 {threads} 0 9"
            );
            parse(pid, &text).unwrap()
        };
        let tasks = [
            stat(1, 0, 1, 1),
            stat(10, 1, 10, 2),
            stat(11, 10, 10, 1),
            stat(12, 11, 12, 3),
            stat(13, 1, 10, 1),
            stat(14, 1, 14, 50),
        ];
        let pids: Vec<u32> = below(10, &tasks).map(|task| task.pid).collect();
        assert_eq!(pids, [10, 11, 12, 13]);
        assert_eq!(below(10, &tasks).map(|task| task.threads).sum::<u64>(), 7);
        assert_eq!(parse(1, "1 (x"), None);
    }
}
