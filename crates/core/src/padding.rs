//! Lengths say less: 0x80 and zeros, up to the Padmé length and at least [`MIN`] bytes.
//!
//! Padmé is from 'Reducing Metadata Leakage from Encrypted Files and Communication with PURBs'
//! (Nikitin et al., PoPETs 2019): at most 12% more, and log log n bits about the length.

/// The shortest padded length, in bytes.
pub(crate) const MIN: usize = 256;

/// The length to which `len` bytes and the mark are padded.
pub(crate) fn padded_len(len: usize) -> usize {
    let marked = len + 1;
    if marked <= MIN {
        return MIN;
    }
    let exponent = marked.ilog2();
    let mantissa = exponent.ilog2() + 1;
    marked.next_multiple_of(1 << (exponent - mantissa))
}

/// Appends the mark and the zeros.
pub(crate) fn pad(plaintext: &mut Vec<u8>) {
    let len = padded_len(plaintext.len());
    plaintext.push(0x80);
    plaintext.resize(len, 0);
}

/// Takes the padding off; `None` if it is not what [`pad`] makes.
pub(crate) fn unpad(mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let mark = padded.iter().rposition(|byte| *byte != 0)?;
    if padded[mark] != 0x80 || padded_len(mark) != padded.len() {
        return None;
    }
    padded.truncate(mark);
    Some(padded)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_those_of_the_paper() {
        for (len, padded) in [(0, 256), (255, 256), (256, 272), (1000, 1024), (1 << 20, 1_081_344)]
        {
            assert_eq!(padded_len(len), padded, "{len}");
        }
    }

    proptest! {
        #[test]
        fn what_was_padded_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut padded = bytes.clone();
            pad(&mut padded);
            prop_assert!(padded.len() >= MIN && padded.len() <= MIN.max(bytes.len() * 9 / 8 + 1));
            prop_assert_eq!(unpad(padded), Some(bytes));
        }

        #[test]
        fn another_amount_of_zeros_is_refused(len in 0usize..2000, more in 1usize..9) {
            let mut padded = vec![1; len];
            pad(&mut padded);
            let longer = [padded.clone(), vec![0; more]].concat();
            prop_assert_eq!(unpad(longer), None);
        }
    }

    #[test]
    fn no_mark_is_refused() {
        assert_eq!(unpad(vec![0; 256]), None);
        assert_eq!(unpad(vec![1; 256]), None);
        assert_eq!(unpad(Vec::new()), None);
    }
}
