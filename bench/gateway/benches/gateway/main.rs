//! `cargo xtask bench gateway`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

mod stages;

fn main() {
    stages::table();
}
