//! Words: generated passphrases, and hashes as people compare them.

use subrosa_wire::id::Hash;
use subrosa_wire::label::Label;
use zeroize::Zeroizing;

use crate::randomness::{Randomness, draw};

/// BIP-39's English list: before what is new in a word, how many letters it has in common with the
/// word before. So written it is a fifth less to download than with a word a line.
const LIST: &str = include_str!("words.txt");
const LIST_WORDS: u16 = 2048;
const WORDS: usize = 8;

/// Eight words of a list of 2,048, drawn evenly: 88 bits.
#[must_use]
pub fn generate(rng: Randomness<'_>) -> Zeroizing<String> {
    Zeroizing::new(words(&*Zeroizing::new(draw::<16>(rng)), "-"))
}

/// Eight words of a hash over `bytes`, for people to compare aloud: 88 bits.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    words(&Hash::of(&Label::Words.tag(bytes)).0[..16], " ")
}

fn words(random: &[u8], between: &str) -> String {
    // Two bytes a word, of which eleven bits are used: 2,048 divides 65,536, so each is as likely.
    let numbers = random.chunks_exact(2).take(WORDS);
    let numbers = numbers.map(|pair| u16::from_be_bytes([pair[0], pair[1]]) % LIST_WORDS);
    let mut chosen = String::with_capacity(WORDS * 9);
    for number in numbers {
        if !chosen.is_empty() {
            chosen.push_str(between);
        }
        chosen.push_str(&word(number));
    }
    chosen
}

/// A word of the list, by its number from 0.
fn word(number: u16) -> Zeroizing<String> {
    // None is longer.
    let mut word = Zeroizing::new(String::with_capacity(8));
    let mut begun = 0;
    for letter in LIST.trim_end().chars() {
        match letter.to_digit(10) {
            Some(_) if begun > number => break,
            Some(common) => {
                begun += 1;
                word.truncate(common as usize);
            }
            None => word.push(letter),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn the_list_is_bip_39s() {
        let list = bip39::Language::English.word_list();
        assert!((0..LIST_WORDS).map(|number| word(number).to_string()).eq(list.iter().copied()));
    }

    #[test]
    fn eight_words() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [a, b] = [(); 2].map(|()| generate(&mut rng));
        assert_eq!(a.split('-').count(), 8);
        assert_ne!(*a, *b);
        assert_eq!(fingerprint(b"x"), fingerprint(b"x"));
        assert_ne!(fingerprint(b"x"), fingerprint(b"y"));
    }
}
