//! Files of the code that the exceptions of a log name.

use std::collections::BTreeSet;

use super::gather::Gathered;
use crate::incident;

/// Names of the files that frames of exceptions are in.
pub(super) fn file_names(gathered: &Gathered) -> BTreeSet<String> {
    let faults = gathered.stacks.faults.values();
    let frames = faults.flat_map(|fault| &fault.failure.frames);
    let files = frames.filter(|frame| !frame.file.is_empty());
    files
        .map(|frame| incident::file_name(&frame.file).to_owned())
        .collect()
}
