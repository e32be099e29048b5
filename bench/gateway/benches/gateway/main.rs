//! `cargo xtask bench gateway`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

mod stages;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    stages::table(words.iter().any(|word| word == "quick"));
}
