//! `cargo xtask bench gateway`: what the way in costs, stage by stage in one thread, and as
//! processes beside each other.
//!
//! `stages`, `processes` and `live` choose a table; `quick` makes fewer rounds, for a profiler.
//! `CORDON_BIN` names the gateway's program, `ROTEL` another product's.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

mod live;
mod load;
mod processes;
mod receivers;
mod stages;

use std::path::PathBuf;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|said| said == word);
    if has(receivers::DISCARD) {
        return receivers::serve_discard();
    }
    if !has("processes") && !has("live") {
        stages::table(has("quick"));
    }
    if has("stages") || has("quick") {
        return;
    }
    let binary = std::env::var_os("CORDON_BIN").map(PathBuf::from);
    let Some(binary) = binary else {
        println!("CORDON_BIN is not set: `cargo xtask bench gateway` sets it");
        return;
    };
    let below = std::env::temp_dir();
    if !has("live") {
        processes::table(&binary, &below);
    }
    if !has("processes") {
        live::table(&binary, &below);
    }
}
