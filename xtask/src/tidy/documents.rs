//! Documents: decision records are listed, links lead somewhere.

use super::tree::{Complaint, File, Tree};

/// Where decision records are listed.
const DECISIONS: &str = "docs/decisions/README.md";

/// Every decision record is linked from the list of decisions, under the name `NNNN-title.md`.
pub(crate) fn decisions(tree: &Tree) -> Vec<Complaint> {
    let list = tree.file(DECISIONS).map_or("", |file| file.text.as_str());
    let mut complaints = Vec::new();
    for file in &tree.files {
        let Some(name) = file.path.strip_prefix("docs/decisions/") else {
            continue;
        };
        if name == "README.md" || !file.is("md") {
            continue;
        }
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|b| b.is_ascii_digit()) {
            complaints.push(file.complain(1, "decision record is not named NNNN-title.md"));
        }
        if !list.contains(&format!("]({name})")) {
            complaints.push(file.complain(1, format!("decision is not linked from {DECISIONS}")));
        }
    }
    complaints
}

/// Every relative link of a Markdown file leads to a file or folder of the repository.
pub(crate) fn links(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in tree.files.iter().filter(|file| file.is("md")) {
        let mut fenced = false;
        for (index, line) in file.text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            for target in link_targets(line) {
                if !leads_somewhere(tree, file, target) {
                    let message = format!("link leads nowhere: {target}");
                    complaints.push(file.complain(index + 1, message));
                }
            }
        }
    }
    complaints
}

fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

fn leads_somewhere(tree: &Tree, from: &File, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.contains(':') {
        return true; // within the page, or elsewhere on the network
    }
    let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let wanted = parts.join("/");
    let within = format!("{wanted}/");
    // Files without an ending that is read are not in the tree.
    let is_unread = parts.last().is_some_and(|name| !name.contains('.'));
    is_unread
        || tree
            .files
            .iter()
            .any(|f| f.path == wanted || f.path.starts_with(&within))
}

#[cfg(test)]
mod tests {
    use super::super::tree::told;
    use super::*;

    #[test]
    fn decisions_are_listed() {
        let record = ("docs/decisions/0001-a.md", "# A\n");
        assert_eq!(
            told(decisions, &[record, (DECISIONS, "- [A](0001-a.md)\n")]),
            [""; 0]
        );
        assert_eq!(told(decisions, &[record, (DECISIONS, "# None\n")]).len(), 1);
        assert_eq!(
            told(
                decisions,
                &[("docs/decisions/a.md", ""), (DECISIONS, "[A](a.md)")]
            ),
            ["docs/decisions/a.md:1: decision record is not named NNNN-title.md"]
        );
    }

    #[test]
    fn links_lead_somewhere() {
        let page = ("docs/a.md", "# A\n");
        let good = "[a](docs/a.md#x) [b](docs/) [c](https://x.org/y.md) [d](#e) [l](LICENSE)\n";
        assert_eq!(told(links, &[page, ("README.md", good)]), [""; 0]);
        assert_eq!(
            told(links, &[page, ("docs/b/c.md", "[a](../a.md) [s](./c.md)")]),
            [""; 0]
        );
        assert_eq!(
            told(
                links,
                &[page, ("README.md", "# R\n[a](a.md)\n```\n[b](b.md)\n```\n")]
            ),
            ["README.md:2: link leads nowhere: a.md"]
        );
    }
}
