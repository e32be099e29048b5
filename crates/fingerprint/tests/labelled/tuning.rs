//! Formats on which the merge was tuned, in a file for each kind of program that writes them.

mod clusters;
mod hosts;
mod services;

use super::Set;
use super::draw::Draw;
use clusters::{BLOCKS, QUORUM, SCHEDULER};
use hosts::{LOGIN, MACHINE, PHONE};
use services::{SHOP, WEB};

/// Every set.
pub(crate) const SETS: [&Set; 8] = [
    &LOGIN, &BLOCKS, &SCHEDULER, &QUORUM, &MACHINE, &PHONE, &WEB, &SHOP,
];

fn clock(draw: &mut Draw) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        draw.below(24),
        draw.below(60),
        draw.below(60)
    )
}
