//! Screens that wait to be used again: their windows are larger than most texts.
//!
//! They are the thread's own: what a scan finds does not depend on them, and no lock is needed.
//! They remember names of fields that were judged, and are wiped at the end of the thread.
//!
//! *Limits:* [`KEPT_COUNT_MAX`] wait on a thread; whoever finds none makes one.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use crate::screen::Screen;

/// Screens that wait: as many as texts are looked at within each other.
const KEPT_COUNT_MAX: usize = 8;

thread_local! {
    /// The screens that wait.
    static KEPT: RefCell<Vec<Screen>> = const { RefCell::new(Vec::new()) };
}

/// A screen, which waits again when it is dropped.
pub(crate) struct Lent(Screen);

/// One of the screens that wait.
pub(crate) fn lend() -> Lent {
    let kept = KEPT.try_with(|kept| kept.try_borrow_mut().ok()?.pop());
    Lent(kept.ok().flatten().unwrap_or_default())
}

impl Deref for Lent {
    type Target = Screen;

    fn deref(&self) -> &Screen {
        &self.0
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Screen {
        &mut self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let screen = std::mem::take(&mut self.0);
        // At the end of its thread, nothing waits any more.
        let _ = KEPT.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut()
                && kept.len() < KEPT_COUNT_MAX
            {
                kept.push(screen);
            }
        });
    }
}
