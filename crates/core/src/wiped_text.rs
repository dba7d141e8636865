//! Texts made of secrets: allocated once, wiped when dropped.

use zeroize::Zeroizing;

/// Takes one piece of a text.
pub(crate) type Push<'a> = dyn FnMut(&str) + 'a;

/// The text that `pieces` pushes, piece by piece.
///
/// It is asked twice, first to count: a text that grew would leave its earlier, smaller copies
/// behind in memory.
pub(crate) fn write(pieces: impl Fn(&mut Push<'_>)) -> Zeroizing<String> {
    let mut length = 0;
    pieces(&mut |piece| length += piece.len());
    let mut text = Zeroizing::new(String::with_capacity(length));
    pieces(&mut |piece| text.push_str(piece));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_exactly_the_room_it_needs() {
        let text = write(|push| (0..1000).for_each(|_| push("ä'")));
        assert_eq!(*text, "ä'".repeat(1000));
        assert_eq!(text.capacity(), text.len());
    }
}
