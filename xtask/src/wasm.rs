//! `cargo xtask wasm`: the engine as a module for a page, the same bytes wherever it is built.
//!
//! No standard library for WebAssembly comes with the compiler that builds everything else, so
//! this takes one whose sources can be had, [`tools`], and builds its library too. Only this step
//! sees it. A panic stops the module at once, without a message: so no path of the builder is in
//! it, and no text of a panic.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;
use crate::{bench, engines, run, say};
use tools::Tools;

/// The platform.
const TARGET: &str = "wasm32-unknown-unknown";
/// A module: its name, what it is built with, and what it is.
const MODULES: [(&str, &[&str], &str); 2] = [
    ("cordon", &[], "with the recogniser of names"),
    ("cordon-small", &["--no-default-features"], "without it"),
];
/// What a copy of the sources consists of: the workspace's members and what they include.
const SOURCES: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "rules",
    "bench",
    "xtask",
];

/// Builds the modules and says what they are; with `--check` once more in another folder, where
/// the same bytes have to come out.
pub(crate) fn wasm(root: &Path, arguments: &[&str]) -> Result<()> {
    let checked = match arguments {
        [] => false,
        ["--check"] => true,
        _ => bail!("wasm takes --check or nothing"),
    };
    let build = Workspace::read(root)?.target_dir.join("wasm");
    let tools = Tools::find(&build)?;
    let modules = modules(root, &build, &tools)?;
    if checked {
        check(root, &build, &tools, &modules)?;
    }
    Ok(())
}

/// The benchmark: builds the module and draws the records first.
pub(crate) fn bench(root: &Path, package: &str, name: &str) -> Result<()> {
    let node = engines::node()?;
    let build = Workspace::read(root)?.target_dir.join("wasm");
    let tools = Tools::find(&build)?;
    let modules = modules(root, &build, &tools)?;
    let module = modules.first().context("no module is built")?;
    let records = build.join("records.ndjson");
    let (records, module) = (records.to_string_lossy(), module.to_string_lossy());
    bench::target(
        root,
        "cordon-bench-telemetry",
        "redaction",
        &["--half", "tuning", "--records", &records],
    )?;
    bench::target(
        root,
        package,
        name,
        &["--records", &records, "--module", &module, "--node", node],
    )
}

/// Builds every module of the sources at `root`; their files.
fn modules(root: &Path, build: &Path, tools: &Tools) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (name, features, what) in MODULES {
        module(root, build, tools, features)?;
        let built = build.join(TARGET).join("wasm").join("cordon_wasm.wasm");
        let file = build.join(format!("{name}.wasm"));
        std::fs::copy(&built, &file).with_context(|| format!("copy {}", built.display()))?;
        let bytes = std::fs::read(&file).context("read the module")?;
        let packed = GzEncoder::new(&*bytes, Compression::best());
        let packed = std::io::copy(&mut { packed }, &mut std::io::sink())?;
        say(&format!(
            "{}: {what}: {} bytes, {packed} with gzip, sha256 {}",
            file.display(),
            bytes.len(),
            digest(&bytes)
        ));
        files.push(file);
    }
    Ok(files)
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn module(root: &Path, build: &Path, tools: &Tools, features: &[&str]) -> Result<()> {
    let from = |path: &Path, name: &str| format!("--remap-path-prefix={}={name}", path.display());
    let flags = [
        "-Zunstable-options".to_owned(),
        "-Cpanic=immediate-abort".to_owned(),
        from(&tools.root, "/rust"),
        from(build, "/build"),
        from(root, "/cordon"),
    ];
    run(Command::new("cargo")
        .args([
            "rustc",
            "--package",
            "cordon-wasm",
            "--lib",
            "--crate-type",
            "cdylib",
        ])
        .args(["--locked", "--profile", "wasm", "--target", TARGET])
        .args(["-Zbuild-std=std,panic_abort", "--target-dir"])
        .arg(build)
        .args(features)
        .current_dir(root)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &tools.linker)
        .env("RUSTC", tools.rustc())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("LD_LIBRARY_PATH", tools.libraries()))
    .context("wasm_build: the module does not build")
}

/// Builds a copy of the sources in a folder of its own, and compares.
fn check(root: &Path, build: &Path, tools: &Tools, modules_here: &[PathBuf]) -> Result<()> {
    let copy = build.join("elsewhere").join("copy");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).context("remove the last copy")?;
    }
    std::fs::create_dir_all(&copy).context("make a folder for the copy")?;
    for source in SOURCES {
        copy_all(&root.join(source), &copy.join(source))?;
    }
    let there = modules(&copy, &build.join("elsewhere").join("target"), tools)?;
    for (here, there) in modules_here.iter().zip(&there) {
        if std::fs::read(here)? != std::fs::read(there)? {
            bail!("wasm_differs: {} is another one elsewhere", here.display());
        }
    }
    say("built twice in different folders: the same bytes");
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
        for entry in from.read_dir().context("read a folder of sources")? {
            let entry = entry?;
            copy_all(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    std::fs::copy(from, to).with_context(|| format!("copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(b"abc"), abc);
    }

    #[test]
    fn only_a_check_is_taken() {
        let refusal = wasm(Path::new("."), &["--chek"]).unwrap_err().to_string();
        assert!(refusal.contains("--check"), "{refusal}");
    }
}
