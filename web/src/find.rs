//! Ranks what the palette offers.

use crate::text::{find, lower_case};

/// How well `text` answers `wanted`: lower is better, `None` is not at all. Every word of `wanted`
/// must occur; the start of the text beats the start of a word, which beats the middle of one.
pub fn rank(text: &str, wanted: &str) -> Option<usize> {
    let text = lower_case(text);
    let mut total = 0;
    for word in lower_case(wanted).split_whitespace() {
        let place = find(&text, word)?;
        total += match place {
            0 => 0,
            _ if starts_word(&text, place) => 1,
            _ => 2,
        };
    }
    Some(total)
}

fn starts_word(text: &str, place: usize) -> bool {
    text[..place].chars().next_back().is_some_and(|before| !before.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_places_rank_better() {
        let start = rank("Settings", "set");
        let word = rank("Open settings", "set");
        let middle = rank("Reset", "set");
        assert!(start < word && word < middle);
    }

    #[test]
    fn every_word_must_occur() {
        assert_eq!(rank("billing / production", "bil prod"), Some(1));
        assert_eq!(rank("billing / production", "bil staging"), None);
        assert_eq!(rank("anything", ""), Some(0));
    }
}
