//! The wall between raw and clean, and the purity of the core, as far as names show them.
//!
//! The types hold the wall; these checks hold what the types rest on: who may lend raw data, who
//! may implement the traits that open sealed data, and who may mint a grant.

use super::source::Source;
use super::tree::{Complaint, File, Tree};

/// Crates that know no file, socket, environment, clock, entropy, task or lock.
pub(crate) const CORE: [&str; 10] = [
    "simd",
    "event",
    "detect",
    "redact",
    "fingerprint",
    "sample",
    "govern",
    "diagnose",
    "room",
    "repro",
];

/// What a core crate's sources do not name, each with what to do instead.
const IMPURE: [(&str, &str); 10] = [
    ("std::fs", "take the bytes as an argument"),
    ("std::net", "take the bytes as an argument"),
    ("std::env", "take the value as an argument"),
    ("std::process", "leave it to an edge crate"),
    ("std::thread", "leave it to an edge crate"),
    ("std::time::Instant", "take the time as an argument"),
    ("std::time::SystemTime", "take the time as an argument"),
    ("std::sync::Mutex", "take `&mut self` or return the change"),
    ("std::sync::RwLock", "take `&mut self` or return the change"),
    ("std::sync::mpsc", "return the values"),
];

/// Plain values that live in an impure module: an address is parsed without a socket.
const PURE_WITHIN: [&str; 3] = [
    "std::net::IpAddr",
    "std::net::Ipv4Addr",
    "std::net::Ipv6Addr",
];

/// Crates whose shipped code may lend raw data: `event` defines it, the others are the way from
/// raw to clean and the vault's sealed map.
const MAY_EXPOSE: [&str; 4] = ["event", "detect", "redact", "vault"];
/// The one file of `crash` that may: it feeds a dump to the worker that parses it behind walls.
const FEED: &str = "crates/crash/src/examine.rs";
/// The one file of `sample` that may: it asks a plan's questions of a raw span, and what comes out
/// is bits and keyed digests.
const QUESTIONS: &str = "crates/sample/src/raw.rs";
/// What may lend raw data beside them: the evaluation, which compares a diagnosis of made-up
/// telemetry with and without redaction and is no part of the product.
const EVALUATION: &str = "bench/diagnosis/benches/diagnosis.rs";

/// Traits over key bytes that `vault` alone implements.
const KEYED: [&str; 4] = ["Opener", "Sealer", "RawSealer", "PseudonymMac"];

/// Crates whose shipped code may mint a grant: `govern` defines it, `ledger` has the table.
const MAY_GRANT: [&str; 2] = ["govern", "ledger"];

/// Who implements one of them beside the vault: the module for a page, whose key is the page's,
/// and fuzz targets, whose key is none (decision 0014).
const KEYED_BESIDE: [(&str, &str); 4] = [
    ("crates/wasm/src/mac.rs", "PseudonymMac"),
    ("fuzz/src/lib.rs", "PseudonymMac"),
    ("fuzz/targets/segments.rs", "Opener"),
    ("fuzz/targets/segments.rs", "Sealer"),
];

/// The files that may hold unsafe code: vector loads and calls behind feature detection; names
/// that are exported to a page as they are written.
const UNSAFE: [&str; 3] = [
    "crates/simd/src/x86.rs",
    "crates/unpack/src/module.rs",
    "crates/wasm/src/abi.rs",
];

/// What a function begins with that mints a grant.
const MINTS: &str = "mint_";

/// Core sources name nothing that does I/O, reads a clock or holds a lock.
pub(crate) fn purity(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        let Some(folder) = file.crate_folder().filter(|folder| CORE.contains(folder)) else {
            continue;
        };
        for (path, instead) in IMPURE {
            for at in named(rust, path) {
                if !file.is_test(at) {
                    let message = format!("core crate `{folder}` names {path}: {instead}");
                    complaints.push(file.complain(rust.line_of(at), message));
                }
            }
        }
    }
    complaints
}

/// Where a file names `path` or what is in it: written out, or in the groups of an import.
fn named(rust: &Source, path: &str) -> Vec<usize> {
    let within = format!("{path}::");
    let is_named = |full: &str| {
        let is_pure = PURE_WITHIN.iter().any(|pure| full.starts_with(pure));
        !is_pure && (full == path || full.starts_with(&within))
    };
    let mut found: Vec<usize> = rust
        .words(path)
        .into_iter()
        .filter(|at| {
            let after = rust.code.get(*at..).unwrap_or_default();
            let full = after
                .split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)))
                .next();
            // A path that ends here goes on with the group of an import, which is read below.
            full.is_some_and(|full| !full.ends_with("::") && is_named(full))
        })
        .collect();
    let imports = rust.imports();
    let imported = |import: &str| is_named(import.strip_prefix("::").unwrap_or(import));
    found.extend(
        imports
            .iter()
            .filter(|(_, import)| imported(import))
            .map(|(at, _)| at),
    );
    found.sort_unstable();
    found.dedup_by_key(|at| rust.line_of(*at));
    found
}

/// Raw data is lent in the crates that turn it into clean data, and nowhere else.
pub(crate) fn raw_exposure(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        for at in rust.prefixes("expose_raw") {
            let allowed = match file.crate_folder() {
                Some("receive" | "export") => file.is_test(at),
                Some(folder) => MAY_EXPOSE.contains(&folder),
                None => false,
            };
            if !allowed && ![EVALUATION, FEED, QUESTIONS].contains(&file.path.as_str()) {
                let message = "raw data is lent outside detect, redact and vault: \
                               take `Clean` or leave it `Raw`";
                complaints.push(file.complain(rust.line_of(at), message));
            }
        }
    }
    complaints
}

/// Only the vault implements the traits over key bytes, but for [`KEYED_BESIDE`].
pub(crate) fn keyed_traits(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        if file.crate_folder() == Some("vault") {
            continue;
        }
        for name in KEYED {
            if KEYED_BESIDE.contains(&(file.path.as_str(), name)) {
                continue;
            }
            complaints.extend(implementations(file, rust, name));
        }
    }
    complaints
}

/// Unsafe code stands in few audited files.
pub(crate) fn unsafe_code(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let audited = |file: &File| UNSAFE.contains(&file.path.as_str());
    for (file, rust) in tree.rust().filter(|(file, _)| !audited(file)) {
        for at in rust.words("unsafe") {
            let message = format!("unsafe code outside {}", UNSAFE.join(", "));
            complaints.push(file.complain(rust.line_of(at), message));
        }
    }
    complaints
}

/// A grant comes from the ledger's table: whoever could mint one could read any tenant's data.
pub(crate) fn minted_grants(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in tree.rust() {
        if file
            .crate_folder()
            .is_some_and(|folder| MAY_GRANT.contains(&folder))
        {
            continue;
        }
        for at in rust.prefixes(MINTS) {
            if !file.is_test(at) {
                let message = "a grant is minted outside govern and ledger: ask the ledger";
                complaints.push(file.complain(rust.line_of(at), message));
            }
        }
    }
    complaints
}

fn implementations<'a>(
    file: &'a File,
    rust: &'a Source,
    name: &'a str,
) -> impl Iterator<Item = Complaint> + 'a {
    rust.words(name)
        .into_iter()
        .filter(|at| {
            let after = rust.code.get(at + name.len()..).unwrap_or_default();
            after.trim_start().starts_with("for ") && !file.is_test(*at)
        })
        .map(move |at| {
            let message = format!("`{name}` is implemented outside vault");
            file.complain(rust.line_of(at), message)
        })
}

#[cfg(test)]
mod tests {
    use super::super::tree::told;
    use super::*;

    fn purity_of(path: &str, text: &str) -> usize {
        told(purity, &[(path, text)]).len()
    }

    #[test]
    fn the_core_is_pure() {
        let lib = "crates/detect/src/lib.rs";
        assert_eq!(purity_of(lib, "use std::time::Duration;\n// std::fs\n"), 0);
        assert_eq!(purity_of(lib, "use std::net::{IpAddr, Ipv4Addr};"), 0);
        assert_eq!(
            purity_of(lib, "fn f() { s.parse::<std::net::IpAddr>(); }"),
            0
        );
        assert_eq!(purity_of(lib, "use std::net::{IpAddr, TcpStream};"), 1);
        assert_eq!(purity_of(lib, "fn f() { std::fs::read(p); }"), 1);
        assert_eq!(purity_of(lib, "use std::{fmt, net::TcpStream};"), 1);
        assert_eq!(purity_of(lib, "use std::time::{Duration, Instant};"), 1);
        assert_eq!(purity_of(lib, "use std::sync::{Arc, Mutex as Lock};"), 1);
    }

    #[test]
    fn edges_and_tests_may_do_io() {
        assert_eq!(
            purity_of("crates/journal/src/lib.rs", "use std::fs::File;"),
            0
        );
        assert_eq!(
            purity_of("crates/detect/tests/a.rs", "use std::fs::File;"),
            0
        );
        let test = "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        assert_eq!(purity_of("crates/detect/src/lib.rs", test), 0);
    }

    #[test]
    fn raw_data_is_lent_behind_the_wall_alone() {
        let lend = "fn f(r: &Raw<String>) { r.expose_raw(); }";
        assert_eq!(
            told(raw_exposure, &[("crates/redact/src/a.rs", lend)]),
            [""; 0]
        );
        assert_eq!(
            told(raw_exposure, &[("crates/receive/tests/a.rs", lend)]),
            [""; 0]
        );
        assert_eq!(
            told(raw_exposure, &[("crates/store/src/a.rs", "// expose_raw")]),
            [""; 0]
        );
        for path in [EVALUATION, FEED, QUESTIONS] {
            assert_eq!(told(raw_exposure, &[(path, lend)]), [""; 0], "{path}");
        }
        for path in [
            "crates/receive/src/a.rs",
            "crates/sample/src/plan.rs",
            "crates/store/src/a.rs",
            "xtask/src/a.rs",
        ] {
            assert_eq!(told(raw_exposure, &[(path, lend)]).len(), 1, "{path}");
        }
        let lend = "fn f(r: &mut Raw<String>) { r.expose_raw_mut(); }";
        assert_eq!(
            told(raw_exposure, &[("crates/assist/src/a.rs", lend)]).len(),
            1
        );
    }

    #[test]
    fn unsafe_code_stands_in_audited_files() {
        let text = "//! H.\nfn f() { unsafe { g() } }\n";
        for path in UNSAFE {
            assert_eq!(told(unsafe_code, &[(path, text)]), [""; 0]);
        }
        for path in [
            "crates/simd/src/lib.rs",
            "crates/wasm/src/lib.rs",
            "xtask/src/main.rs",
        ] {
            assert_eq!(told(unsafe_code, &[(path, text)]).len(), 1, "{path}");
        }
        let said = "//! H.\n// unsafe\nfn f() { g(\"unsafe\") }\n";
        assert_eq!(
            told(unsafe_code, &[("crates/vault/src/a.rs", said)]),
            [""; 0]
        );
    }

    #[test]
    fn the_ledger_alone_mints_grants() {
        let mint = "//! H.\nfn f() { cordon_govern::Grant::mint_standing(o, t, p); }\n";
        let test = format!("#[cfg(test)]\nmod tests {{\n{mint}}}\n");
        for (path, text) in [
            ("crates/ledger/src/a.rs", mint),
            ("crates/store/src/tests.rs", mint),
            ("crates/store/src/a.rs", &test),
            (
                "crates/store/src/a.rs",
                "// mint_session\nfn f(g: Grant) {}\n",
            ),
        ] {
            assert_eq!(told(minted_grants, &[(path, text)]), [""; 0], "{path}");
        }
        assert_eq!(
            told(minted_grants, &[("crates/cordon/src/a.rs", mint)]),
            [
                "crates/cordon/src/a.rs:2: a grant is minted outside govern and ledger: \
                 ask the ledger"
            ]
        );
        let aliased = "use cordon_govern::Grant as G;\nfn f() { G::mint_session(o); }\n";
        assert_eq!(
            told(minted_grants, &[("crates/cordon/src/a.rs", aliased)]).len(),
            1
        );
    }

    #[test]
    fn the_vault_alone_implements_keyed_traits() {
        let forged = "//! H.\nimpl<T> cordon_redact::Opener for Forged<T> {}\n";
        assert_eq!(
            told(keyed_traits, &[("crates/vault/src/a.rs", forged)]),
            [""; 0]
        );
        assert_eq!(
            told(keyed_traits, &[("crates/store/src/a.rs", forged)]),
            ["crates/store/src/a.rs:2: `Opener` is implemented outside vault"]
        );
        for (path, name) in KEYED_BESIDE {
            let own = format!("//! H.\nimpl cordon_redact::{name} for PageMac {{}}\n");
            assert_eq!(told(keyed_traits, &[(path, &own)]), [""; 0]);
            // What they may is their own trait's, and no other.
            let other = "//! H.\nimpl<T> cordon_redact::RawSealer for Forged<T> {}\n";
            assert_eq!(told(keyed_traits, &[(path, other)]).len(), 1);
        }
        let fake = format!("#[cfg(test)]\nmod tests {{\n{forged}}}\n");
        assert_eq!(
            told(keyed_traits, &[("crates/store/src/a.rs", &fake)]),
            [""; 0]
        );
        let uses = "fn f(o: &dyn Opener) { g::<dyn Sealer>(o) }";
        assert_eq!(
            told(keyed_traits, &[("crates/store/src/a.rs", uses)]),
            [""; 0]
        );
    }
}
