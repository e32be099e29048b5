//! A sample of many things, of bounded size and without chance: every one at first; when it is
//! full, every second is let go, and of the further ones only every second is taken.

/// Things that were taken.
#[derive(Clone, Debug)]
pub(super) struct Sample<T> {
    pub(super) taken: Vec<T>,
    seen: u64,
    stride: u64,
}

impl<T> Default for Sample<T> {
    fn default() -> Self {
        Self {
            taken: Vec::new(),
            seen: 0,
            stride: 1,
        }
    }
}

impl<T> Sample<T> {
    /// Counts one; whether it is its turn.
    pub(super) fn turn(&mut self) -> bool {
        let turn = self.seen.is_multiple_of(self.stride);
        self.seen += 1;
        turn
    }

    /// Takes one.
    pub(super) fn push(&mut self, one: T, count_max: usize) {
        if self.taken.len() >= count_max {
            let mut at = 0;
            self.taken.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.stride *= 2;
        }
        self.taken.push(one);
    }

    /// Changes the last that was taken.
    pub(super) fn change_last(&mut self, change: impl FnOnce(&mut T)) {
        if let Some(last) = self.taken.last_mut() {
            change(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_even_and_bounded() {
        let mut sample = Sample::default();
        for n in 0..10_000 {
            if sample.turn() {
                sample.push(n, 100);
            }
        }
        assert!((50..=100).contains(&sample.taken.len()));
        let late = sample.taken.iter().filter(|n| **n >= 5_000).count();
        assert!((20..=60).contains(&late), "{late}");
    }
}
