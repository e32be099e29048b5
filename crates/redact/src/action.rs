//! What is done with what was found, class by class and kind by kind.
//!
//! *Invariant:* class A is removed, whatever a policy says: no action here is ever asked for it.
//!
//! A mask keeps the shape of a value: letters become `x` or `X`, digits `0`, everything else stays.
//! Of a card number the last four digits stay. Masking a mask changes nothing, and a value that is
//! its own mask says nothing, so it is not found again. A number in a numeric field stays a number
//! of as many digits: `1` and zeros, which no checksum accepts (decision 0009).

use std::collections::BTreeMap;

use cordon_detect::TokenKind;

use crate::PolicyError;

/// Digits of a card number that a mask leaves.
const CARD_DIGITS_KEPT: usize = 4;
/// Kinds beside those that the detector knows: of a tenant's dictionary, of marked values, of
/// fields that a schema calls personal.
const OTHER_KINDS: [&str; 6] = ["service", "customer", "term", "field", "marked", "unknown"];

/// What is done with one finding of class B.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// `[removed:<rule>]` stands in its place.
    Remove,
    /// Its shape stands in its place.
    Mask,
    /// A typed pseudonym stands in its place.
    #[default]
    Pseudonym,
    /// It stays.
    Keep,
}

impl Action {
    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "remove" => Some(Self::Remove),
            "mask" => Some(Self::Mask),
            "pseudonym" => Some(Self::Pseudonym),
            "keep" => Some(Self::Keep),
            _ => None,
        }
    }
}

/// A tenant's actions for class B: for all of it, and for single kinds. What is not said is
/// replaced by a pseudonym.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    class_b: Action,
    kinds: BTreeMap<String, Action>,
}

impl Actions {
    /// Names of the kinds that may have an action of their own.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        let known = TokenKind::REPLACEABLE.iter().map(|kind| kind.as_str());
        known.chain(OTHER_KINDS)
    }

    /// Sets the action of a kind (`email`, `card`, …), or of all class B that has none of its own
    /// under `class_b`. `class_a` can be removed and nothing else.
    pub fn set(&mut self, name: &str, action: Action) -> Result<(), PolicyError> {
        match name {
            "class_a" if action == Action::Remove => {}
            "class_a" => return Err(PolicyError::ClassA),
            "class_b" => self.class_b = action,
            _ if Self::kinds().any(|kind| kind == name) => {
                self.kinds.insert(name.to_owned(), action);
            }
            _ => return Err(PolicyError::ActionKind(name.to_owned())),
        }
        Ok(())
    }

    /// What is done with a finding of class B of that kind.
    pub fn of(&self, kind: TokenKind) -> Action {
        if kind == TokenKind::Secret {
            return Action::Remove;
        }
        let own = self.kinds.get(kind.as_str()).copied();
        own.unwrap_or(self.class_b)
    }

    /// Whether anything is masked or kept, so that findings have to be looked at again.
    pub(crate) fn leaves_some(&self) -> bool {
        let leaves = |action: &Action| matches!(action, Action::Mask | Action::Keep);
        leaves(&self.class_b) || self.kinds.values().any(leaves)
    }

    /// Whether a value of class B stays as it is: kept, or already its own mask.
    pub(crate) fn stays(&self, kind: TokenKind, value: &str) -> bool {
        match self.of(kind) {
            Action::Keep => true,
            Action::Mask => masked(kind, value) == value,
            _ => false,
        }
    }
}

/// The shape of a value, in one line.
pub(crate) fn masked(kind: TokenKind, value: &str) -> String {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let kept = if kind == TokenKind::Card {
        CARD_DIGITS_KEPT
    } else {
        0
    };
    let mut before_kept = digits.saturating_sub(kept);
    let shape = |c: char| match c {
        '\n' => None,
        c if c.is_ascii_digit() => {
            let stays = before_kept == 0 && kept > 0;
            before_kept = before_kept.saturating_sub(1);
            Some(if stays { c } else { '0' })
        }
        c if c.is_uppercase() => Some('X'),
        c if c.is_alphabetic() => Some('x'),
        c if c.is_numeric() => Some('0'),
        c => Some(c),
    };
    value.chars().filter_map(shape).collect()
}

/// A number of as many digits that says nothing: `1` and zeros. Luhn's sum of it is 1 or 2, so no
/// rule takes it for a card. An exponent goes.
pub(crate) fn masked_number(number: &str) -> String {
    let number = number.split(['e', 'E']).next().unwrap_or(number);
    let mut first = true;
    let shape = |c: char| match c {
        c if c.is_ascii_digit() => Some(if std::mem::take(&mut first) { '1' } else { '0' }),
        '-' | '.' => Some(c),
        _ => None,
    };
    number.chars().filter_map(shape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_the_shape_and_a_cards_last_digits() {
        for (kind, value, want) in [
            (TokenKind::Phone, "+49 30 123456-7", "+00 00 000000-0"),
            (TokenKind::Email, "Ann.Bö@mail.de", "Xxx.Xx@xxxx.xx"),
            (
                TokenKind::Card,
                "4111-1111-1111-1234",
                "0000-0000-0000-1234",
            ),
            (TokenKind::Card, "123", "123"),
            (TokenKind::Person, "Ærø\nLi", "XxxXx"),
        ] {
            let once = masked(kind, value);
            assert_eq!(once, want, "{value}");
            assert_eq!(masked(kind, &once), once);
        }
    }

    #[test]
    fn a_masked_number_keeps_its_digits_and_is_no_card() {
        for (number, want) in [
            ("4111111111111111", "1000000000000000"),
            ("-12.50", "-10.00"),
            ("0.5", "1.0"),
            ("7", "1"),
            ("1.25e-9", "1.00"),
        ] {
            assert_eq!(masked_number(number), want);
            assert_eq!(masked_number(want), want);
            assert!(!cordon_detect::is_card(want));
        }
    }

    #[test]
    fn class_a_can_only_be_removed_and_kinds_have_names() {
        let mut actions = Actions::default();
        assert_eq!(
            actions.set("class_a", Action::Keep),
            Err(PolicyError::ClassA)
        );
        assert_eq!(actions.set("class_a", Action::Remove), Ok(()));
        let unknown = PolicyError::ActionKind("mails".to_owned());
        assert_eq!(actions.set("mails", Action::Mask), Err(unknown));
        actions.set("class_b", Action::Mask).unwrap();
        actions.set("ip", Action::Keep).unwrap();
        assert_eq!(actions.of(TokenKind::Ip), Action::Keep);
        assert_eq!(actions.of(TokenKind::Email), Action::Mask);
        assert_eq!(actions.of(TokenKind::Custom("marked")), Action::Mask);
        assert_eq!(actions.of(TokenKind::Secret), Action::Remove);
    }
}
