//! Patterns are read as they are meant.
use super::{Piece, Take, pieces};

#[test]
fn a_pattern_is_pieces() {
    assert!(
        pieces("\"(&{*}(uid={user})")
            == [
                Piece::Quote,
                Piece::Literal("(&"),
                Piece::Any,
                Piece::Literal("(uid="),
                Piece::Take(Take::User),
                Piece::Literal(")"),
            ]
    );
}
