//! The raw side of the wall.

use zeroize::Zeroize;

/// Data as it arrived: memory only.
///
/// It cannot be printed, compared, serialised or cloned, and it does not dereference:
///
/// ```compile_fail,E0277
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// println!("{raw:?}");
/// ```
/// ```compile_fail,E0277
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// println!("{raw}");
/// ```
/// ```compile_fail,E0599
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// let copy = raw.clone();
/// ```
/// ```compile_fail,E0369
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// assert!(raw == cordon_event::Raw::new(String::from("secret")));
/// ```
/// ```compile_fail,E0614
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// let text: &str = &*raw;
/// ```
/// ```compile_fail,E0616
/// let raw = cordon_event::Raw::new(String::from("secret"));
/// let text: &str = &raw.0;
/// ```
///
/// What it holds is wiped when it is dropped.
pub struct Raw<T: Zeroize>(T);

impl<T: Zeroize> Raw<T> {
    /// Takes data in.
    pub fn new(data: T) -> Self {
        Self(data)
    }

    /// Lends the data to a detector.
    ///
    /// INVARIANT: called only in the crates that turn raw into clean (`detect`, `redact`), in
    /// `vault` for the value column of the token map, and in one file each of `crash` and `sample`;
    /// `cargo xtask tidy` holds the list of crates that may name this function.
    pub fn expose_raw(&self) -> &T {
        &self.0
    }

    /// Lends the data for in-place replacement. Same invariant as [`Raw::expose_raw`].
    pub fn expose_raw_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Raw<Vec<T>> {
    /// How many there are: the only thing about raw data that may be said aloud.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Raw items, each on its own.
    pub fn split(mut self) -> impl Iterator<Item = Raw<T>> {
        std::mem::take(&mut self.0).into_iter().map(Raw)
    }
}

impl Raw<Vec<crate::Event>> {
    /// Whether all events are of that kind, which is their source's and no data.
    pub fn are_all(&self, kind: crate::Kind) -> bool {
        self.0.iter().all(|event| event.kind == kind)
    }
}

impl Raw<String> {
    /// Length in bytes: the only thing about raw data that may be said aloud.
    pub fn len_bytes(&self) -> usize {
        self.0.len()
    }
}

impl<T: Zeroize> Drop for Raw<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// Records that it was wiped.
    struct Probe(Rc<RefCell<u32>>);

    impl Zeroize for Probe {
        fn zeroize(&mut self) {
            *self.0.borrow_mut() += 1;
        }
    }

    #[test]
    fn wipes_on_drop_once() {
        let wiped = Rc::new(RefCell::new(0));
        drop(Raw::new(Probe(Rc::clone(&wiped))));
        assert_eq!(*wiped.borrow(), 1);
    }
}
