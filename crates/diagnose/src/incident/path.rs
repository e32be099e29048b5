//! A frame's file in a repository: by as many last parts of the path as agree.
//!
//! *Why not by equality:* a stack tells the path of the machine that built it, of the container it
//! runs in, or the name alone.

use std::collections::BTreeSet;

use cordon_fingerprint::Frame;

use super::repository::Repository;

/// How sure a file is that agrees in its name alone, where the frame says more.
const NAME_ALONE: f64 = 0.35;
/// How sure one is where the frame says no more than the name.
const NAME_ONLY: f64 = 0.9;

/// Paths of the repository that a frame may be in, ordered.
pub(crate) fn known(repository: &Repository) -> BTreeSet<&str> {
    // What the tree has comes first: a path that is only in an old commit is gone.
    if !repository.paths.is_empty() {
        return repository.paths.iter().map(String::as_str).collect();
    }
    let touched = repository.commits.iter().flat_map(|commit| &commit.touched);
    touched.map(|touched| touched.path.as_str()).collect()
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect()
}

/// The files that a frame may be in, each with how sure that is.
pub(crate) fn resolve(frame: &Frame, service: &str, all: &BTreeSet<&str>) -> Vec<(String, f64)> {
    let mut wanted = parts(&frame.file);
    // Java and its kin tell the file's name and the package that is its folder.
    if wanted.len() == 1 && frame.module.contains('.') {
        let mut package: Vec<&str> = frame.module.split('.').collect();
        package.pop();
        package.append(&mut wanted);
        wanted = package;
    }
    let Some(name) = wanted.last() else {
        return Vec::new();
    };
    let mut best: Vec<(&str, usize, bool)> = Vec::new();
    for path in all.iter().filter(|path| file_name(path) == *name) {
        let own = parts(path);
        let pairs = own.iter().rev().zip(wanted.iter().rev());
        let agree = pairs.take_while(|(a, b)| a == b).count();
        let whole = agree == own.len() || agree == wanted.len() || agree >= 3;
        match best.first().map(|(_, most, _)| agree.cmp(most)) {
            Some(std::cmp::Ordering::Less) => {}
            Some(std::cmp::Ordering::Equal) => best.push((path, agree, whole)),
            _ => best = vec![(path, agree, whole)],
        }
    }
    // In a repository of many services the one that fails is meant.
    if best.len() > 1 && best.iter().any(|(path, ..)| names(path, service)) {
        best.retain(|(path, ..)| names(path, service));
    }
    let count = best.len() as f64;
    let sure = |agree: usize, whole: bool| match (whole, agree) {
        (true, 1) if wanted.len() == 1 => NAME_ONLY,
        (true, _) => 1.0,
        (false, 1) => NAME_ALONE,
        (false, _) => NAME_ONLY,
    };
    best.iter()
        .map(|(path, agree, whole)| ((*path).to_owned(), sure(*agree, *whole) / count))
        .collect()
}

/// Whether a folder of the path is named as the service.
fn names(path: &str, service: &str) -> bool {
    let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
    let service = plain(service);
    !service.is_empty() && parts(path).iter().any(|part| plain(part) == service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, module: &str, expected: &[(&str, f64)]) {
        let all = BTreeSet::from([
            "README.md",
            "services/billing/app.py",
            "services/billing/shop/money.py",
            "services/orders/app.py",
            "src/main/java/org/example/shop/Bank.java",
            "src/main/java/org/example/util/Bank.java",
            "web/src/cart.ts",
        ]);
        let frame = Frame {
            file: file.to_owned(),
            module: module.to_owned(),
            ..Frame::default()
        };
        let found = resolve(&frame, "billing", &all);
        let expected: Vec<_> = expected
            .iter()
            .map(|(p, s)| ((*p).to_owned(), *s))
            .collect();
        assert_eq!(found, expected, "{file} {module}");
    }

    #[test]
    fn files_are_known_by_their_last_parts() {
        check(
            "shop/money.py",
            "",
            &[("services/billing/shop/money.py", 1.0)],
        );
        check(
            "/app/shop/money.py",
            "",
            &[("services/billing/shop/money.py", 0.9)],
        );
        check(
            "other/money.py",
            "",
            &[("services/billing/shop/money.py", 0.35)],
        );
        check("app.py", "", &[("services/billing/app.py", 0.9)]);
        check("src\\cart.ts", "", &[("web/src/cart.ts", 1.0)]);
        let java = "src/main/java/org/example/shop/Bank.java";
        check("Bank.java", "org.example.shop.Bank", &[(java, 1.0)]);
        let util = "src/main/java/org/example/util/Bank.java";
        check("Bank.java", "", &[(java, 0.45), (util, 0.45)]);
        check("gone.py", "", &[]);
        check("", "", &[]);
    }
}
