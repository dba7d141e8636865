//! What a named key encrypts, as text: `subrosa:v<N>:` and base64.

use base64ct::{Base64, Encoding};
use subrosa_wire::object::MAX_PLAINTEXT;

use crate::envelope::OVERHEAD;

const PREFIX: &str = "subrosa:v";
/// The longest base64, in characters.
const MAX_BASE64: usize = (OVERHEAD + MAX_PLAINTEXT).div_ceil(3) * 4;

/// Why a text is no ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadText {
    /// It does not begin as a ciphertext does.
    #[error("a ciphertext begins with `subrosa:v1:`, or a later version")]
    Prefix,
    /// The version is no number of 32 bits from 1 on, in digits alone and without a zero before it.
    #[error("the ciphertext's version is no number from 1 on, as `subrosa:v1:` has it")]
    Version,
    /// What follows is shorter or longer than any ciphertext.
    #[error("the ciphertext was cut, or is of more than 1 MiB: copy the whole of it")]
    Length,
    /// What follows is not base64, or not in its one spelling.
    #[error(
        "what follows the ciphertext's version is not base64 of the standard alphabet, with its \
         padding and without blanks: copy it as it was given"
    )]
    Base64,
}

/// A ciphertext taken apart.
pub(super) struct Ciphertext {
    pub(super) version: u32,
    pub(super) sealed: Vec<u8>,
}

impl Ciphertext {
    /// The one reading of a text that has no other spelling.
    pub(super) fn read(text: &str) -> Result<Self, BadText> {
        let (version, base64) = split(text)?;
        if base64.len() > MAX_BASE64 {
            return Err(BadText::Length);
        }
        let sealed = Base64::decode_vec(base64).map_err(|_| BadText::Base64)?;
        if (OVERHEAD..=OVERHEAD + MAX_PLAINTEXT).contains(&sealed.len()) {
            Ok(Ciphertext { version, sealed })
        } else {
            Err(BadText::Length)
        }
    }

    pub(super) fn write(&self) -> String {
        format!("{PREFIX}{}:{}", self.version, Base64::encode_string(&self.sealed))
    }
}

/// The version of the key that a ciphertext says it was made with.
///
/// # Errors
/// [`BadText`]: a prefix or a version that no ciphertext has. What follows is not looked at.
pub fn version_of(text: &str) -> Result<u32, BadText> {
    split(text).map(|(version, _)| version)
}

fn split(text: &str) -> Result<(u32, &str), BadText> {
    let rest = text.strip_prefix(PREFIX).ok_or(BadText::Prefix)?;
    let (digits, base64) = rest.split_once(':').ok_or(BadText::Version)?;
    // `parse` takes a plus sign and zeros before the number, which would be second spellings.
    let plain = !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
    let version = digits.parse().ok().filter(|_| plain).ok_or(BadText::Version)?;
    Ok((version, base64))
}
