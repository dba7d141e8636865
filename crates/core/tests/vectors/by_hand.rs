//! A second implementation, from docs/format.md and the primitives alone: what the vectors say is
//! held against both, and what the first would never seal is made here.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

/// `HKDF-Expand` of a uniform key.
pub fn expand<const N: usize>(key: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    Hkdf::<Sha256>::from_prk(key).unwrap().expand(info, &mut out).unwrap();
    out
}

/// `label ‖ 0 ‖ bytes`.
pub fn tag(kind: &str, bytes: &[u8]) -> Vec<u8> {
    [b"subrosa/v1/", kind.as_bytes(), &[0], bytes].concat()
}

/// A number in the shortest form, with its CBOR major type.
fn head(major: u8, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let (info, tail) = match value {
        0..24 => return vec![major << 5 | value as u8],
        24..0x100 => (24, &bytes[7..]),
        0x100..0x1_0000 => (25, &bytes[6..]),
        0x1_0000..0x1_0000_0000 => (26, &bytes[4..]),
        _ => (27, &bytes[..]),
    };
    [&[major << 5 | info], tail].concat()
}

pub fn uint(value: u64) -> Vec<u8> {
    head(0, value)
}

pub fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, value.len() as u64), value.to_vec()].concat()
}

pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

pub fn optional(value: Option<&[u8]>) -> Vec<u8> {
    value.map_or(vec![0xf6], bytes)
}

/// RFC 4648's base64, of the standard alphabet and padded.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        [18, 12, 6, 0]
            .into_iter()
            .enumerate()
            .map(move |(at, shift)| {
                let within = at <= three.len();
                if within { char::from(DIGITS[bits >> shift & 63]) } else { '=' }
            })
            .collect::<String>()
    };
    bytes.chunks(3).map(four).collect()
}

/// 0x80 and zeros up to the Padmé length, at least 256 bytes.
pub fn pad(plaintext: &[u8]) -> Vec<u8> {
    let marked = [plaintext, &[0x80]].concat();
    let mut len = marked.len().max(256);
    if len > 256 {
        let exponent = (usize::BITS - 1 - len.leading_zeros()) as usize;
        let mantissa = (usize::BITS - exponent.leading_zeros()) as usize;
        let step = 1 << (exponent - mantissa);
        len = len.div_ceil(step) * step;
    }
    let mut padded = marked;
    padded.resize(len, 0);
    padded
}

/// An envelope around bytes that are padded already, or are not.
pub fn seal(key: &[u8], kind: u8, context: &[u8], salt: &[u8; 32], padded: &[u8]) -> Vec<u8> {
    let info = tag("seal", &[&salt[..], &Sha256::digest(context)].concat());
    let derived: [u8; 76] = expand(key, &info);
    let cipher = Aes256Gcm::new_from_slice(&derived[..32]).unwrap();
    let nonce: [u8; 12] = derived[32..44].try_into().unwrap();
    let message = Payload { msg: padded, aad: context };
    let ciphertext = cipher.encrypt(&nonce.into(), message).unwrap();
    [&[1, kind], &salt[..], &derived[44..], &ciphertext].concat()
}

/// HPKE's base mode (RFC 9180, section 5.1) with HKDF-SHA256 and AES-256-GCM, from the KEM's shared
/// secret on: the plaintext of the first message.
pub fn hpke_open(shared_secret: &[u8], info: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let suite = [&b"HPKE"[..], &[0x64, 0x7a, 0, 1, 0, 2]].concat();
    let labelled = |label: &[u8], ikm: &[u8]| [&b"HPKE-v1"[..], &suite, label, ikm].concat();
    let extract = |salt: &[u8], label: &[u8], ikm: &[u8]| {
        Hkdf::<Sha256>::extract(Some(salt), &labelled(label, ikm)).0.to_vec()
    };
    let context =
        [&[0][..], &extract(b"", b"psk_id_hash", b""), &extract(b"", b"info_hash", info)].concat();
    let secret = extract(shared_secret, b"secret", b"");
    let expand_info = |len: u8, label: &[u8]| [&[0, len], &labelled(label, &context)[..]].concat();
    let key: [u8; 32] = expand(&secret, &expand_info(32, b"key"));
    let nonce: [u8; 12] = expand(&secret, &expand_info(12, b"base_nonce"));
    Aes256Gcm::new_from_slice(&key).unwrap().decrypt(&nonce.into(), ciphertext).ok()
}
