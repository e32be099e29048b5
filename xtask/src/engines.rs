//! What the tests need beside Rust: found where it is, installed where it can be, named where not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{run, say};

/// What the end-to-end tests import.
const REQUIREMENTS: &str = "tests/requirements.txt";
/// Where they are installed.
const VENV: &str = ".venv";
/// How deep rsyslog's modules are: below a folder of the machine's kind.
const MODULE_DEPTH_MAX: usize = 1;
/// Where the page's tests and their packages are.
const PAGE_TESTS: &str = "web/test";
/// Where the clients of Node are that the end-to-end tests run.
const CLIENTS: &str = "tests/e2e/node";

/// Finds or installs everything.
pub(crate) fn set_up(root: &Path) -> Result<()> {
    sandbox()?;
    senders()?;
    page(root)?;
    clients(root)?;
    browser()?;
    python(root)
}

/// The folder that holds the tests' Python and pytest.
pub(crate) fn venv_bin(root: &Path) -> PathBuf {
    root.join(VENV).join("bin")
}

/// Bubblewrap, in which generated tests run without a network.
fn sandbox() -> Result<()> {
    if !answers("bwrap", &["--version"]) {
        install("bubblewrap", "bwrap")?;
    }
    say("bubblewrap: found");
    Ok(())
}

/// What sends syslog: util-linux' logger and rsyslog with its TLS; openssl makes certificates.
fn senders() -> Result<()> {
    for (program, question, package) in [
        ("logger", "--version", "bsdutils"),
        ("rsyslogd", "-v", "rsyslog"),
        ("openssl", "version", "openssl"),
    ] {
        if !answers(program, &[question]) {
            install(package, program)?;
        }
    }
    let modules = ["/usr/lib", "/usr/lib64"];
    let has_tls = |folder: &&str| finds(Path::new(folder), "lmnsd_ossl.so", MODULE_DEPTH_MAX);
    if !modules.iter().any(has_tls) {
        install("rsyslog-openssl", "rsyslog's TLS")?;
    }
    say("logger, rsyslog and openssl: found");
    Ok(())
}

/// Whether a file of that name is in `rsyslog/`, so many folders deep at most.
fn finds(folder: &Path, name: &str, depth_left: usize) -> bool {
    if folder.join("rsyslog").join(name).exists() {
        return true;
    }
    let Some(depth_left) = depth_left.checked_sub(1) else {
        return false;
    };
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.any(|entry| finds(&entry.path(), name, depth_left))
}

/// Node, which runs the module of the engine; the program's name.
pub(crate) fn node() -> Result<&'static str> {
    if !answers("node", &["--version"]) {
        install("nodejs", "node")?;
    }
    Ok("node")
}

/// npm, in the folder of the page's tests.
pub(crate) fn npm(root: &Path) -> Result<Command> {
    npm_in(root, PAGE_TESTS)
}

fn npm_in(root: &Path, folder: &str) -> Result<Command> {
    node()?;
    if !answers("npm", &["--version"]) {
        install("npm", "npm")?;
    }
    let mut command = Command::new("npm");
    command.current_dir(root.join(folder)).stdin(Stdio::null());
    Ok(command)
}

/// The packages of the page's tests.
pub(crate) fn page(root: &Path) -> Result<()> {
    packages(root, PAGE_TESTS, "page")
}

/// The SDKs of Node that the end-to-end tests send with.
pub(crate) fn clients(root: &Path) -> Result<()> {
    packages(root, CLIENTS, "clients of node")
}

/// The packages of a folder, as locked; installed once and again when they change. Their scripts
/// are not run: none of them needs one.
fn packages(root: &Path, folder: &str, name: &str) -> Result<()> {
    let stamp = root.join(folder).join("node_modules/packages.installed");
    let wanted = std::fs::read_to_string(root.join(folder).join("package-lock.json"))
        .with_context(|| format!("read the packages of {folder}"))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        say(&format!("{name}: packages are up to date"));
        return Ok(());
    }
    let words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    run(npm_in(root, folder)?.args(words))?;
    std::fs::write(&stamp, wanted).context("write the packages' stamp")
}

/// Chromium, in which the page is tried, and what sets a program's clock forward.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests take another browser by environment"
)]
pub(crate) fn browser() -> Result<()> {
    let is_given = std::env::var_os("CHROMIUM").is_some();
    if !is_given && !answers("chromium", &["--version"]) {
        install("chromium", "chromium")?;
    }
    if !answers("faketime", &["--version"]) {
        install("faketime", "faketime")?;
    }
    say("chromium and faketime: found");
    Ok(())
}

/// A virtual environment with the tests' requirements, made once and again when they change.
fn python(root: &Path) -> Result<()> {
    let wanted = requirements(&root.join(REQUIREMENTS))?;
    let bin = venv_bin(root);
    let python = bin.join("python3");
    let stamp = root.join(VENV).join("requirements.installed");
    let is_installed = std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if is_installed && answers(&python.to_string_lossy(), &["-m", "pytest", "--version"]) {
        say("python: environment is up to date");
        return Ok(());
    }
    if !answers("python3", &["-c", "import venv, ensurepip"]) {
        install("python3-venv", "python3 with its venv module")?;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear", VENV])
        .current_dir(root))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--requirement", REQUIREMENTS])
        .current_dir(root))?;
    std::fs::write(&stamp, wanted).context("write the environment's stamp")?;
    say("python: environment is made");
    Ok(())
}

/// The text of a requirements file, followed by that of the files it includes with `-r`.
fn requirements(file: &Path) -> Result<String> {
    let mut text =
        std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let included: Vec<String> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix("-r ")?.trim().to_owned()))
        .collect();
    for name in included {
        let other = file.with_file_name(&name);
        let more =
            std::fs::read_to_string(&other).with_context(|| format!("read {}", other.display()))?;
        text.push_str(&more);
    }
    Ok(text)
}

/// Installs a system package where that can be done unasked, else says what to install.
fn install(package: &str, wanted: &str) -> Result<()> {
    if !is_root() || !answers("apt-get", &["--version"]) {
        bail!("{wanted} is missing: install the package {package} (Debian's name) and try again");
    }
    say(&format!("installing {package}"));
    let apt = || {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null());
        command
    };
    run(apt().args(["--quiet", "--quiet", "update"]))?;
    run(apt().args([
        "--quiet",
        "--quiet",
        "install",
        "--yes",
        "--no-install-recommends",
        package,
    ]))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether a program is there and answers a harmless question.
pub(crate) fn answers(program: &str, question: &[&str]) -> bool {
    let asked = Command::new(program)
        .args(question)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_does_not_answer() {
        assert!(answers("cargo", &["--version"]));
        assert!(!answers("cargo", &["no-such-subcommand"]));
        assert!(!answers("no-such-program-here", &["--version"]));
    }

    #[test]
    fn a_change_in_an_included_file_is_seen() {
        // This crate's own files serve as the text.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            requirements(&folder.join("Cargo.toml"))
                .unwrap()
                .contains("xtask")
        );
        assert!(requirements(&folder.join("no-such-file")).is_err());
        let scratch = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        std::fs::create_dir_all(&scratch).unwrap();
        std::fs::write(scratch.join("a.txt"), "-r b.txt\n").unwrap();
        std::fs::write(scratch.join("b.txt"), "pytest\n").unwrap();
        let text = requirements(&scratch.join("a.txt"));
        std::fs::remove_dir_all(&scratch).unwrap();
        assert_eq!(text.unwrap(), "-r b.txt\npytest\n");
    }
}
