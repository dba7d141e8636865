//! Bytes as people type and print them: Crockford base32 with a checksum that names mistakes.

use data_encoding::{Encoding, Specification};
use subrosa_wire::id::Hash;
use subrosa_wire::label::Label;
use zeroize::Zeroizing;

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

fn crockford() -> Option<Encoding> {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    // What people confuse, as Crockford's base32 reads it, and small letters.
    spec.translate.from.push_str("abcdefghjkmnpqrstvwxyzoOiIlL");
    spec.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    spec.encoding().ok()
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
    let digits = crockford().map(|base32| Zeroizing::new(base32.encode(&bytes)));
    Zeroizing::new([prefix, digits.as_ref().map_or("", |digits| digits)].concat())
}

/// The payload of `N` bytes. Case, blanks and dashes do not matter.
pub(crate) fn read<const N: usize>(
    prefix: &'static str,
    text: &str,
) -> Result<Zeroizing<[u8; N]>, Mistyped> {
    let shown_prefix = prefix;
    let text = text.trim();
    let begins = text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    if !begins {
        return Err(Mistyped::Prefix(shown_prefix));
    }
    let digits: Zeroizing<String> = Zeroizing::new(
        text[prefix.len()..].chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
    );
    let base32 = crockford().ok_or(Mistyped::Checksum)?;
    let known = |c: &char| c.is_ascii_alphanumeric() && !matches!(c, 'u' | 'U');
    if let Some(stranger) = digits.chars().find(|c| !known(c)) {
        return Err(Mistyped::Character(stranger));
    }
    let expected = base32.encode_len(N + CHECKSUM);
    if digits.len() != expected {
        return Err(Mistyped::Length { found: digits.len(), expected });
    }
    let bytes =
        base32.decode(digits.as_bytes()).map(Zeroizing::new).map_err(|_| Mistyped::Checksum)?;
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
        let stranger = written.replacen(&written[4..5], "!", 1);
        assert_eq!(read::<16>("SR1-", &stranger).err(), Some(Mistyped::Character('!')));
    }

    #[test]
    fn what_people_confuse_reads_the_same() {
        let written = write("SR1-", &[0; 16]);
        let sloppy = written.replace('0', "o").to_lowercase();
        assert_eq!(*read::<16>("SR1-", &format!(" {sloppy} ")).unwrap(), [0; 16]);
    }
}
