//! The compiler for the module: Debian's build of Rust for its browsers, which comes with the
//! sources of the standard library. It is unpacked beside the build, never installed.
//!
//! *Why this one:* compiler and library have to be of one version, and the usual tool chain brings
//! neither the library for WebAssembly nor its sources unless `rustup` can fetch them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{engines, run, say};

/// The version that modules are built with: another one gives other bytes.
const VERSION: &str = "1.96.0";
/// Debian's packages: compiler, sources, its library for what runs while building, LLVM.
const PACKAGES: [&str; 5] = [
    "rustc-web",
    "rust-web-src",
    "libstd-rust-web-1.96",
    "libstd-rust-web-dev",
    "libllvm22",
];
/// The compiler's name, for whoever asks what a module was built with.
pub(super) fn name() -> String {
    let [compiler, ..] = PACKAGES;
    format!("rustc {VERSION} of Debian's package `{compiler}`, linked by `rust-lld`")
}

/// What is said where it cannot be had. The code is stable.
const MISSING: &str = "wasm_tools_missing";

/// Where the compiler and what it needs are.
pub(super) struct Tools {
    /// What the packages were unpacked into.
    pub(super) root: PathBuf,
    /// The linker of the usual tool chain.
    pub(super) linker: PathBuf,
}

impl Tools {
    /// Finds the compiler beside the build, or fetches it.
    pub(super) fn find(build: &Path) -> Result<Self> {
        let tools = Self {
            root: build.join("tools"),
            linker: linker()?,
        };
        if !tools.answers() {
            fetch(build, &tools.root)?;
        }
        if !tools.answers() {
            bail!("{MISSING}: Debian's rustc-web is not version {VERSION} here");
        }
        say(&format!("wasm: rustc {VERSION} is there"));
        Ok(tools)
    }

    /// The compiler.
    pub(super) fn rustc(&self) -> PathBuf {
        self.root.join("usr/bin/rustc")
    }

    /// The search path of its libraries.
    pub(super) fn libraries(&self) -> String {
        let usr = self.root.join("usr/lib");
        let host = format!("{}-linux-gnu", std::env::consts::ARCH);
        format!("{0}/{host}:{0}/llvm-22/lib", usr.display())
    }

    fn answers(&self) -> bool {
        let asked = Command::new(self.rustc())
            .arg("--version")
            .env("LD_LIBRARY_PATH", self.libraries())
            .output();
        let sources = self
            .root
            .join("usr/lib/rustlib/src/rust/library/Cargo.lock");
        let wanted = format!("rustc {VERSION} ");
        asked.is_ok_and(|output| output.stdout.starts_with(wanted.as_bytes())) && sources.is_file()
    }
}

fn fetch(build: &Path, root: &Path) -> Result<()> {
    if !engines::answers("apt-get", &["--version"]) || !engines::answers("dpkg", &["--version"]) {
        bail!("{MISSING}: needs Debian's packages {}", PACKAGES.join(", "));
    }
    let packages = build.join("packages");
    if packages.exists() {
        std::fs::remove_dir_all(&packages).context("remove packages of another time")?;
    }
    std::fs::create_dir_all(&packages).context("make a folder for packages")?;
    let download = || {
        run(Command::new("apt-get")
            .args(["--quiet", "--quiet", "download"])
            .args(PACKAGES)
            .current_dir(&packages))
    };
    if download().is_err() {
        // The lists of packages may be old or not there; reading them again takes root.
        run(Command::new("apt-get").args(["--quiet", "--quiet", "update"]))
            .and_then(|()| download())
            .with_context(|| format!("{MISSING}: apt-get has no {}", PACKAGES.join(", ")))?;
    }
    for entry in packages.read_dir().context("read the packages")? {
        let package = entry?.path();
        run(Command::new("dpkg").arg("--extract").arg(package).arg(root))
            .with_context(|| format!("{MISSING}: a package does not unpack"))?;
    }
    std::fs::remove_dir_all(&packages).context("remove the packages")
}

/// The linker that the usual tool chain brings.
fn linker() -> Result<PathBuf> {
    let told = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("rustc").args(arguments).output();
        let output = output.context("run rustc")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let sysroot = told(&["--print", "sysroot"])?;
    let host = told(&["--print", "host-tuple"])?;
    let linker = Path::new(&sysroot).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    if !linker.is_file() {
        bail!("{MISSING}: no rust-lld beside the compiler");
    }
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_the_compiler_is_seen() {
        let tools = Tools {
            root: PathBuf::from("/nonexistent"),
            linker: linker().unwrap(),
        };
        assert!(!tools.answers());
        assert!(tools.linker.is_file());
    }
}
