//! Bytes as people type and print them: Crockford base32 with a checksum that names mistakes.

use base32::Alphabet::Crockford;
use subrosa_wire::id::Hash;
use subrosa_wire::label::Label;
use zeroize::Zeroizing;

use crate::unicode::split;

const CHECKSUM: usize = 4;

/// A key that was not typed as it was printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Mistyped {
    /// It does not begin as such a key does.
    #[error("this does not begin with {0}")]
    Prefix(&'static str),
    /// Characters are missing, or there are too many.
    #[error("characters are missing or too many: {found} instead of {expected}")]
    Length {
        /// How many were found after the prefix.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// A character that no such key has.
    #[error("`{0}` is in no such key")]
    Character(char),
    /// The checksum does not fit: one or more characters are wrong.
    #[error("the checksum does not fit: look for a mistyped character")]
    Checksum,
}

fn checksum(prefix: &str, payload: &[u8]) -> [u8; CHECKSUM] {
    let input = Zeroizing::new([prefix.as_bytes(), &[0], payload].concat());
    let hash = Hash::of(&Zeroizing::new(Label::Checksum.tag(&input)));
    [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
}

/// `prefix` and base32 of `payload ‖ checksum`.
pub(crate) fn write(prefix: &'static str, payload: &[u8]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(payload.to_vec());
    bytes.extend_from_slice(&checksum(prefix, payload));
    let digits = Zeroizing::new(base32::encode(Crockford, &bytes));
    Zeroizing::new([prefix, &digits].concat())
}

/// The payload of `N` bytes. Case, blanks and dashes do not matter.
pub(crate) fn read<const N: usize>(
    prefix: &'static str,
    text: &str,
) -> Result<Zeroizing<[u8; N]>, Mistyped> {
    let text = text.trim();
    let mark = prefix.trim_end_matches('-');
    let begins = text.get(..mark.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mark));
    if !begins {
        return Err(Mistyped::Prefix(prefix));
    }
    let digits: Zeroizing<String> = Zeroizing::new(
        split(text, mark.len()).1.chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
    );
    let known = |c: &char| c.is_ascii_alphanumeric() && !matches!(c, 'u' | 'U');
    if let Some(stranger) = digits.chars().find(|c| !known(c)) {
        return Err(Mistyped::Character(stranger));
    }
    let expected = ((N + CHECKSUM) * 8).div_ceil(5);
    if digits.len() != expected {
        return Err(Mistyped::Length { found: digits.len(), expected });
    }
    let bytes = base32::decode(Crockford, &digits).map(Zeroizing::new).ok_or(Mistyped::Checksum)?;
    // The last digit may have bits to spare: they are zero, or the key would have two spellings.
    let last = digits.chars().next_back().map(|c| c.to_ascii_uppercase());
    let spelled = Zeroizing::new(base32::encode(Crockford, &bytes));
    let same = |c: char| match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    if last.map(same) != spelled.chars().next_back() {
        return Err(Mistyped::Checksum);
    }
    let (payload, sum) = bytes.split_at(N);
    if checksum(prefix, payload) != sum {
        return Err(Mistyped::Checksum);
    }
    let mut out = Zeroizing::new([0; N]);
    out.copy_from_slice(payload);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_mistake_is_named() {
        let written = write("SR1-", &[7; 16]);
        assert_eq!(*read::<16>("SR1-", &written).unwrap(), [7; 16]);
        let digits: Vec<char> = written.chars().collect();
        for at in 4..digits.len() {
            for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|c| *c != digits[at]) {
                let mut typed = digits.clone();
                typed[at] = other;
                let typed: String = typed.into_iter().collect();
                assert_eq!(read::<16>("SR1-", &typed).err(), Some(Mistyped::Checksum), "{typed}");
            }
        }
        let short = &written[..written.len() - 1];
        let length = Mistyped::Length { found: 31, expected: 32 };
        assert_eq!(read::<16>("SR1-", short).err(), Some(length));
        assert_eq!(read::<16>("SR1-", "SX1-").err(), Some(Mistyped::Prefix("SR1-")));
        let root = write("srk1_", &[7; 104]);
        let (_, last) = root.split_at(root.len() - 1);
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|c| !last.contains(*c)) {
            let typed = format!("{}{other}", &root[..root.len() - 1]);
            assert_eq!(read::<104>("srk1_", &typed).err(), Some(Mistyped::Checksum), "{other}");
        }
        let stranger = written.replacen(&written[4..5], "!", 1);
        assert_eq!(read::<16>("SR1-", &stranger).err(), Some(Mistyped::Character('!')));
    }

    #[test]
    fn what_people_confuse_reads_the_same() {
        let written = write("SR1-", &[0; 16]);
        let sloppy = written.replace('0', "o").to_lowercase();
        assert_eq!(*read::<16>("SR1-", &format!(" {sloppy} ")).unwrap(), [0; 16]);
        for between in ["", " ", " - "] {
            let typed = sloppy.replacen('-', between, 1);
            assert_eq!(*read::<16>("SR1-", &typed).unwrap(), [0; 16], "{typed}");
        }
    }
}
