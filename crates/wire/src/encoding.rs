//! Deterministic CBOR: one byte string for each value, and nothing else decodes.
//!
//! `minicbor` alone accepts overlong integers, indefinite arrays and trailing bytes. So what comes
//! from outside goes through [`decode_strict`]: size cap, decode, re-encode, compare.

use minicbor::data::Type;
use minicbor::decode::Error;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A type with a canonical encoding and a cap on it.
pub trait Canonical: Encode<()> + for<'b> Decode<'b, ()> {
    /// The longest encoding that is looked at, in bytes. Checked before anything is allocated.
    const MAX_BYTES: usize;
}

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// Longer than the type's cap.
    #[error("longer than {cap} bytes")]
    TooLong {
        /// The cap that was passed, in bytes.
        cap: usize,
    },
    /// Not CBOR of this shape.
    #[error("not of the expected shape")]
    Shape,
    /// A second spelling of a value: overlong integer, indefinite length, trailing bytes.
    #[error("not the canonical encoding")]
    NotCanonical,
}

/// The canonical encoding of `value`.
#[must_use]
pub fn encode<T: Canonical>(value: &T) -> Vec<u8> {
    encode_with_room(value, 128)
}

/// The same, into so much room from the start: what has to grow is copied.
fn encode_with_room<T: Canonical>(value: &T, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(room);
    // Writing into a Vec cannot fail, and derived encoders have no errors of their own.
    let written = value.encode(&mut Encoder::new(&mut bytes), &mut ());
    debug_assert!(written.is_ok());
    bytes
}

/// Decodes `bytes` and accepts them only if they are the canonical encoding.
///
/// # Errors
/// [`Malformed`], which says nothing of the content.
pub fn decode_strict<T: Canonical>(bytes: &[u8]) -> Result<T, Malformed> {
    if bytes.len() > T::MAX_BYTES {
        return Err(Malformed::TooLong { cap: T::MAX_BYTES });
    }
    let value = T::decode(&mut Decoder::new(bytes), &mut ()).map_err(|_| Malformed::Shape)?;
    if encode_with_room(&value, bytes.len()) != bytes {
        return Err(Malformed::NotCanonical);
    }
    Ok(value)
}

/// The fields of an array that is being decoded. `minicbor`'s derive does the same, with the code for
/// it, once more for arrays of indefinite length, in each type: in the keyholder that were 65 KB.
pub struct Fields<'d, 'b> {
    d: &'d mut Decoder<'b>,
    /// How many are to come; unknown in an array of indefinite length.
    left: Option<u64>,
}

impl<'d, 'b> Fields<'d, 'b> {
    /// Of the array that comes next.
    ///
    /// # Errors
    /// If none does.
    pub fn of(d: &'d mut Decoder<'b>) -> Result<Self, Error> {
        let left = d.array()?;
        Ok(Fields { d, left })
    }

    /// Of the variant that comes next, with its number.
    ///
    /// # Errors
    /// If none does.
    pub fn of_variant(d: &'d mut Decoder<'b>) -> Result<(i64, Self), Error> {
        if d.array()? != Some(2) {
            return Err(Error::message("a variant is an array of two"));
        }
        let number = d.i64()?;
        Ok((number, Fields::of(d)?))
    }

    /// The next field. Where the array has ended: none, if the field may be left out.
    ///
    /// # Errors
    /// If it is not of its type, or missing.
    pub fn take<T: Decode<'b, ()>>(&mut self) -> Result<T, Error> {
        if self.more()? {
            return T::decode(self.d, &mut ());
        }
        T::nil().ok_or(Error::message("a field is missing"))
    }

    /// The next field, decoded by `decode`.
    ///
    /// # Errors
    /// Those of `decode`, or if it is missing.
    pub fn take_by<T>(
        &mut self,
        decode: fn(&mut Decoder<'b>, &mut ()) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.more()? {
            decode(self.d, &mut ())
        } else {
            Err(Error::message("a field is missing"))
        }
    }

    /// Passes over what follows, which is not canonical.
    ///
    /// # Errors
    /// If it is no CBOR.
    pub fn end(mut self) -> Result<(), Error> {
        while self.more()? {
            self.d.skip()?;
        }
        if self.left.is_none() { self.d.skip() } else { Ok(()) }
    }

    fn more(&mut self) -> Result<bool, Error> {
        match &mut self.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None => Ok(self.d.datatype()? != Type::Break),
        }
    }
}

/// Decodes structs from arrays of their fields, in this order; `field by path` names the function
/// that decodes a field.
#[macro_export]
macro_rules! decode_fields {
    ($($type:ident { $($field:ident $(by $by:expr)?),+ $(,)? })+) => {$(
        impl<'b, C> ::minicbor::Decode<'b, C> for $type {
            fn decode(
                d: &mut ::minicbor::Decoder<'b>,
                _: &mut C,
            ) -> ::core::result::Result<Self, ::minicbor::decode::Error> {
                let mut fields = $crate::encoding::Fields::of(d)?;
                let value = $type { $($field: $crate::decode_fields!(@ fields $(, $by)?)),+ };
                fields.end()?;
                Ok(value)
            }
        }
    )+};
    (@ $fields:ident) => { $fields.take()? };
    (@ $fields:ident, $by:expr) => { $fields.take_by($by)? };
}

/// Decodes enums from arrays of a variant's number and the array of its fields.
#[macro_export]
macro_rules! decode_variants {
    ($($type:ident { $($number:literal: $variant:ident
        $(($($item:ident),+))? $({ $($field:ident),+ })?),+ $(,)? })+) => {$(
        impl<'b, C> ::minicbor::Decode<'b, C> for $type {
            fn decode(
                d: &mut ::minicbor::Decoder<'b>,
                _: &mut C,
            ) -> ::core::result::Result<Self, ::minicbor::decode::Error> {
                let (number, mut fields) = $crate::encoding::Fields::of_variant(d)?;
                let value = match number {
                    $($number => {
                        $($(let $item = fields.take()?;)+)?
                        $($(let $field = fields.take()?;)+)?
                        $type::$variant $(($($item),+))? $({ $($field),+ })?
                    })+
                    other => return Err(::minicbor::decode::Error::unknown_variant(other)),
                };
                fields.end()?;
                Ok(value)
            }
        }
    )+};
}

/// Decodes an array of at most `MAX` items: what is short in bytes may be long in memory.
///
/// # Errors
/// Those of `minicbor`.
pub fn at_most<'b, const MAX: usize, C, T: Decode<'b, C>>(
    d: &mut Decoder<'b>,
    context: &mut C,
) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    for item in d.array_iter_with(context)? {
        if items.len() == MAX {
            return Err(Error::message("too many items"));
        }
        items.push(item?);
    }
    Ok(items)
}

/// Whether `items` are in strictly ascending order: how sets are written.
pub fn strictly_ascending<T: Ord>(items: impl IntoIterator<Item = T>) -> bool {
    let mut items = items.into_iter();
    let Some(mut last) = items.next() else { return true };
    for item in items {
        if item <= last {
            return false;
        }
        last = item;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use minicbor::bytes::ByteVec;

    #[derive(Encode, Decode, PartialEq, Debug)]
    struct Pair(#[n(0)] u64, #[n(1)] ByteVec);
    impl Canonical for Pair {
        const MAX_BYTES: usize = 64;
    }

    #[test]
    fn only_the_canonical_spelling_decodes() {
        let bytes = encode(&Pair(7, ByteVec::from(vec![1, 2])));
        assert_eq!(bytes, [0x82, 7, 0x42, 1, 2]);
        assert!(decode_strict::<Pair>(&bytes).is_ok());
        let overlong = [0x82, 0x18, 7, 0x42, 1, 2];
        let indefinite = [0x9f, 7, 0x42, 1, 2, 0xff];
        let trailing = [0x82, 7, 0x42, 1, 2, 0];
        for bad in [&overlong[..], &indefinite, &trailing] {
            assert_eq!(decode_strict::<Pair>(bad), Err(Malformed::NotCanonical));
        }
        assert_eq!(decode_strict::<Pair>(&bytes[..4]), Err(Malformed::Shape));
        let [most, more] = [60, 61].map(|len| encode(&Pair(7, vec![0; len].into())));
        assert_eq!((most.len(), decode_strict::<Pair>(&most).is_ok()), (64, true));
        assert_eq!(decode_strict::<Pair>(&more), Err(Malformed::TooLong { cap: 64 }));
    }

    #[test]
    fn sets_ascend_without_repeats() {
        assert!(strictly_ascending(Vec::<u8>::new()));
        assert!(strictly_ascending([1, 2, 9]));
        assert!(!strictly_ascending([1, 1]));
        assert!(!strictly_ascending([2, 1]));
    }
}
