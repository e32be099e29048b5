//! `cargo xtask bench gateway`: the release binary, and another receiver beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;
use crate::{run, say};

/// The other receiver: a wheel that holds its program.
const RIVAL: &str = "rotel==0.0.1a15";
/// Where in its environment the program is.
const RIVAL_PROGRAM: &str = "rotel/rotel-agent";

/// Builds what is measured, then measures.
pub(crate) fn bench(root: &Path, arguments: &[&str]) -> Result<()> {
    let target = Workspace::read(root)?.target_dir;
    run(Command::new("cargo")
        .args(["build", "--release", "--package", "cordon"])
        .current_dir(root))?;
    let mut command = Command::new("cargo");
    command
        .args([
            "bench",
            "--package",
            "cordon-bench-gateway",
            "--bench",
            "gateway",
            "--",
        ])
        .args(arguments)
        .env("CORDON_BIN", target.join("release").join("cordon"))
        .current_dir(root);
    match rival(&target.join("rivals")) {
        Ok(program) => drop(command.env("ROTEL", program)),
        Err(error) => say(&format!("measured without {RIVAL}: {error:#}")),
    }
    run(&mut command)
}

/// The other receiver's program, installed once into an environment of its own.
fn rival(environment: &Path) -> Result<PathBuf> {
    let python = environment.join("bin").join("python3");
    if !python.exists() {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment))?;
    }
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        RIVAL,
    ]))?;
    let told = Command::new(&python)
        .args([
            "-c",
            "import sysconfig; print(sysconfig.get_path('purelib'))",
        ])
        .output()
        .context("ask where packages are")?;
    let packages = String::from_utf8(told.stdout).context("read where packages are")?;
    Ok(Path::new(packages.trim()).join(RIVAL_PROGRAM))
}
