//! Screens that wait to be used again: their windows are larger than most texts.
//!
//! *Limits:* [`KEPT_COUNT_MAX`] wait; whoever finds none makes one.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use crate::screen::Screen;

/// Screens that wait.
const KEPT_COUNT_MAX: usize = 16;

/// The screens that wait. Holds nothing to be printed.
#[derive(Default)]
pub(crate) struct Pool {
    free: Mutex<Vec<Screen>>,
}

impl Pool {
    /// A screen, which comes back when it is dropped.
    pub(crate) fn lend(&self) -> Lent<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = free.pop();
        drop(free);
        Lent {
            pool: self,
            screen: screen.unwrap_or_default(),
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// A screen that was lent.
pub(crate) struct Lent<'p> {
    pool: &'p Pool,
    screen: Screen,
}

impl Deref for Lent<'_> {
    type Target = Screen;

    fn deref(&self) -> &Screen {
        &self.screen
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Screen {
        &mut self.screen
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut free = self
            .pool
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if free.len() < KEPT_COUNT_MAX {
            free.push(std::mem::take(&mut self.screen));
        }
    }
}
