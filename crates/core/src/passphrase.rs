//! Words: generated passphrases, and hashes as people compare them.

use subrosa_wire::id::Hash;
use subrosa_wire::label::Label;
use zeroize::Zeroizing;

use crate::randomness::{Randomness, draw};

/// BIP-39's English list, a word a line. One text: a table of pointers would be longer than it.
const LIST: &str = include_str!("words.txt");
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
    let chosen: Vec<&str> = random
        .chunks_exact(2)
        .take(WORDS)
        .filter_map(|pair| LIST.lines().nth((u16::from_be_bytes([pair[0], pair[1]]) % 2048).into()))
        .collect();
    chosen.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn the_list_is_bip_39s() {
        assert!(LIST.lines().eq(bip39::Language::English.word_list().iter().copied()));
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
