//! `cargo xtask wasm`: the engine as a module for a page, the same bytes wherever it is built.
//!
//! No standard library for WebAssembly comes with the compiler that builds everything else, so
//! this takes one whose sources can be had, [`tools`], and builds its library too. Only this step
//! sees it. A panic stops the module at once, without a message: so no path of the builder is in
//! it, and no text of a panic.
//!
//! The module is checked in under `web/` with its digest and the name of its compiler, for most
//! machines that build the binary have none for it. `cargo xtask wasm --check` builds it again;
//! [`checked_in`], a step of the tests, holds what is checked in to the native engine.

mod packs;
mod tools;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzEncoder;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use sha2::{Digest as _, Sha256};

use crate::workspace::Workspace;
use crate::{bench, engines, run, say};
use tools::Tools;

/// The platform.
const TARGET: &str = "wasm32-unknown-unknown";
/// The engine: with neither the weights of the recogniser of names, which a page loads later, nor
/// what is there for speed alone.
const ENGINE: Part = Part {
    package: "cordon-wasm",
    built: "cordon_wasm.wasm",
    features: &["--no-default-features"],
};
/// The module around the packed engine.
const AROUND: Part = Part {
    package: "cordon-unpack",
    built: "cordon_unpack.wasm",
    features: &["--features", "packed"],
};
/// Where the module is checked in.
const MODULE: &str = "web/cordon.wasm";
/// The weights of the recogniser of names, which the page loads as `names.pack`.
const WEIGHTS: &str = "crates/detect/data/names.bin";
/// Bytes of the module with gzip, at most: what it has now and a little. A page and its module
/// were to have 400 kB, decision 0021 says what that would take.
const PACKED_BYTES_MAX: u64 = 745_000;
/// What a copy of the sources consists of: the workspace's members and what they include.
const SOURCES: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "rules",
    "bench",
    "xtask",
];
/// Bits of the byte before that literals are packed by, and of the place that all is: what is
/// tried with each stream. How far matches are sought.
const TRIED: [(u32, u32); 4] = [(0, 0), (3, 0), (4, 0), (2, 1)];
const SEARCH_DEPTH: i32 = 1_000;
/// Records that the module is held to in the tests.
const TESTED_COUNT: &str = "300";

/// A package that is built as a module.
struct Part {
    package: &'static str,
    built: &'static str,
    features: &'static [&'static str],
}

/// Builds the module and checks it in; with `--check` builds it in another folder, where what is
/// checked in has to come out.
pub(crate) fn wasm(root: &Path, arguments: &[&str]) -> Result<()> {
    let checked = match arguments {
        [] => false,
        ["--check"] => true,
        _ => bail!("wasm takes --check or nothing"),
    };
    let build = Workspace::read(root)?.target_dir.join("wasm");
    let tools = Tools::find(&build)?;
    if checked {
        return check(root, &build, &tools);
    }
    packs::write(root)?;
    let module = module(root, &build, &tools)?;
    put_in(root, &module)?;
    let told = format!(
        "# cordon.wasm\n\nBuilt by `cargo xtask wasm` with {}.\nAnother compiler gives other \
         bytes.\n\nIt has {} bytes, {} with gzip; the engine that it unpacks has {}.\n",
        tools::name(),
        std::fs::read(&module).context("read the module")?.len(),
        gzipped(&module)?,
        std::fs::read(build.join(ENGINE.built))
            .context("read the engine")?
            .len(),
    );
    std::fs::write(root.join(MODULE).with_extension("wasm.md"), told).context("name the compiler")
}

/// Copies the module to its place, and writes its digest beside it.
fn put_in(root: &Path, module: &Path) -> Result<()> {
    let to = root.join(MODULE);
    let bytes = std::fs::read(module).with_context(|| format!("read {}", module.display()))?;
    std::fs::write(&to, bytes).with_context(|| format!("write {MODULE}"))?;
    std::fs::write(digest_file(&to), digest_line(&to)?).context("write a digest")
}

fn digest_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sha256");
    PathBuf::from(name)
}

/// What `sha256sum` would write of a file.
fn digest_line(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("{}  {name}\n", digest(&bytes)))
}

/// A step of the tests: the digest fits what is checked in, which behaves as the native engine.
pub(crate) fn checked_in(root: &Path) -> Result<()> {
    let node = engines::node()?;
    let file = root.join(MODULE);
    let written = std::fs::read_to_string(digest_file(&file)).context("read a digest")?;
    if written != digest_line(&file)? {
        bail!("wasm_digest: {MODULE} is not what its digest says; run `cargo xtask wasm`");
    }
    packs::check(root)?;
    bounded(&file)?;
    let draw = ["--count", TESTED_COUNT];
    behaves(root, &IN_TESTS, node, None, &file, &draw)
}

/// What is checked in behaves in Chromium as the native engine does.
pub(crate) fn in_browser(root: &Path) -> Result<()> {
    let draw = ["--count", TESTED_COUNT];
    let (node, module) = (engines::node()?, root.join(MODULE));
    behaves(root, &IN_TESTS, node, Some(BROWSER_HOST), &module, &draw)
}

/// The benchmark: builds the module and draws the records first. With `--browser` it is what is
/// checked in, in Chromium.
pub(crate) fn bench(root: &Path, arguments: &[&str]) -> Result<()> {
    let node = engines::node()?;
    match arguments {
        [] => {
            let build = Workspace::read(root)?.target_dir.join("wasm");
            let module = module(root, &build, &Tools::find(&build)?)?;
            behaves(root, &[], node, None, &module, &[])
        }
        ["--browser"] => {
            engines::page(root)?;
            engines::browser()?;
            behaves(root, &[], node, Some(BROWSER_HOST), &root.join(MODULE), &[])
        }
        _ => bail!("wasm_bench: only --browser is known"),
    }
}

/// How what the tests compare with is built.
const IN_TESTS: [&str; 2] = ["--profile", "dev"];
/// What runs the module in Chromium.
const BROWSER_HOST: &str = "web/test/browser/answers.mjs";

/// Draws records, and lets the benchmark compare what a module makes of them with what the engine
/// of this build makes.
fn behaves(
    root: &Path,
    build: &[&str],
    node: &str,
    host: Option<&str>,
    module: &Path,
    draw: &[&str],
) -> Result<()> {
    let folder = Workspace::read(root)?.target_dir.join("wasm");
    std::fs::create_dir_all(&folder).context("make a folder for records")?;
    let records = folder.join("records.ndjson");
    let (records, module) = (records.to_string_lossy(), module.to_string_lossy());
    let names = root.join(WEIGHTS);
    let names = names.to_string_lossy();
    let drawn = ["--half", "tuning", "--records", &records];
    bench::target_of(
        root,
        build,
        ("cordon-bench-telemetry", "redaction"),
        &[&drawn, draw].concat(),
    )?;
    let mut given = vec!["--records", &records, "--module", &module];
    given.extend(["--names", &names, "--node", node]);
    let host = host.map(|host| root.join(host).to_string_lossy().into_owned());
    given.extend(host.iter().flat_map(|host| ["--host", host]));
    bench::target_of(root, build, ("cordon-wasm", "wasm"), &given)
}

/// Builds the module of the sources at `root`; its file.
fn module(root: &Path, build: &Path, tools: &Tools) -> Result<PathBuf> {
    let packed_file = build.join("cordon.packed");
    let engine = compile(root, build, tools, &ENGINE, &packed_file)?;
    packed(&engine)?;
    let engine = std::fs::read(&engine).context("read the engine")?;
    std::fs::write(&packed_file, pack(&engine)?).context("write the packed engine")?;
    let around = compile(root, build, tools, &AROUND, &packed_file)?;
    bounded(&around)?;
    Ok(around)
}

/// The engine as `cordon-unpack` reads it.
fn pack(engine: &[u8]) -> Result<Vec<u8>> {
    let mut streams = Vec::new();
    let packed = cordon_unpack::pack(engine, |stream| {
        let packed = TRIED
            .iter()
            .filter_map(|tried| stream_by(stream, *tried).ok());
        let packed = packed.min_by_key(Vec::len)?;
        streams.push((stream.len(), packed.len()));
        Some(packed)
    });
    let packed = packed.context("wasm_pack: the engine has what the packer does not know of")?;
    say(&format!("streams, of bytes in bytes: {streams:?}"));
    if cordon_unpack::unpack(&packed).as_deref() != Some(engine) {
        bail!("wasm_pack: the packed engine does not come out as it went in");
    }
    Ok(packed)
}

/// A stream by LZMA, behind its length and properties.
fn stream_by(stream: &[u8], (lc, pb): (u32, u32)) -> Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (lc, 0, pb);
    options.nice_len = LzmaOptions::NICE_LEN_MAX;
    options.depth_limit = SEARCH_DEPTH;
    let mut out = u32::try_from(stream.len())?.to_le_bytes().to_vec();
    out.push((pb * 45 + lc) as u8);
    let mut writer = LzmaWriter::new_no_header(out, &options, false)?;
    writer.write_all(stream)?;
    Ok(writer.finish()?)
}

/// Refuses a module that is larger than a page may be given.
fn bounded(file: &Path) -> Result<()> {
    packed(file)?;
    let packed = gzipped(file)?;
    if packed > PACKED_BYTES_MAX {
        bail!("wasm_large: {packed} bytes with gzip, at most {PACKED_BYTES_MAX}");
    }
    Ok(())
}

/// Says how large a module is.
fn packed(file: &Path) -> Result<()> {
    let bytes = std::fs::read(file).context("read the module")?;
    say(&format!(
        "{}: {} bytes, {} with gzip, sha256 {}",
        file.display(),
        bytes.len(),
        gzipped(file)?,
        digest(&bytes)
    ));
    Ok(())
}

/// Bytes of a file with gzip.
fn gzipped(file: &Path) -> Result<u64> {
    let bytes = std::fs::read(file).context("read the module")?;
    let mut packed = GzEncoder::new(&*bytes, Compression::best());
    Ok(std::io::copy(&mut packed, &mut std::io::sink())?)
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn compile(
    root: &Path,
    build: &Path,
    tools: &Tools,
    part: &Part,
    packed: &Path,
) -> Result<PathBuf> {
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
            part.package,
            "--lib",
            "--crate-type",
            "cdylib",
        ])
        .args(["--locked", "--profile", "wasm", "--target", TARGET])
        .args(["-Zbuild-std=std,panic_abort"])
        // Sorting is a tenth of the code otherwise.
        .args(["-Zbuild-std-features=optimize_for_size", "--target-dir"])
        .arg(build)
        .args(part.features)
        // Places in the module are written as short as they are.
        .args(["--", "-Clink-arg=--compress-relocations"])
        .current_dir(root)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &tools.linker)
        .env("CORDON_PACKED", packed)
        .env("RUSTC", tools.rustc())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("LD_LIBRARY_PATH", tools.libraries()))
    .context("wasm_build: the module does not build")?;
    let file = build.join(part.built);
    let built = build.join(TARGET).join("wasm").join(part.built);
    std::fs::copy(&built, &file).with_context(|| format!("copy {}", built.display()))?;
    Ok(file)
}

/// Builds a copy of the sources in a folder of its own, and compares with what is checked in.
fn check(root: &Path, build: &Path, tools: &Tools) -> Result<()> {
    let copy = build.join("elsewhere").join("copy");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).context("remove the last copy")?;
    }
    std::fs::create_dir_all(&copy).context("make a folder for the copy")?;
    for source in SOURCES {
        copy_all(&root.join(source), &copy.join(source))?;
    }
    let there = module(&copy, &build.join("elsewhere").join("target"), tools)?;
    if std::fs::read(root.join(MODULE))? != std::fs::read(&there)? {
        bail!("wasm_differs: {MODULE} is not what these sources give; run `cargo xtask wasm`");
    }
    say("built in another folder: the bytes that are checked in");
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
    fn a_digest_stands_beside_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        std::fs::write(&file, "abc").unwrap();
        std::fs::create_dir(folder.path().join("web")).unwrap();
        put_in(folder.path(), &file).unwrap();
        let written = std::fs::read_to_string(digest_file(&folder.path().join(MODULE))).unwrap();
        assert_eq!(written, format!("{}  cordon.wasm\n", digest(b"abc")));
    }

    #[test]
    fn only_a_check_is_taken() {
        let refusal = wasm(Path::new("."), &["--chek"]).unwrap_err().to_string();
        assert!(refusal.contains("--check"), "{refusal}");
    }
}
