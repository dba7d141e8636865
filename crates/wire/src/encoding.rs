//! Deterministic CBOR: one byte string for each value, and nothing else decodes.
//!
//! `minicbor` alone accepts overlong integers, indefinite arrays and trailing bytes. So what comes
//! from outside goes through [`decode_strict`]: size cap, decode, re-encode, compare.

use minicbor::bytes::ByteVec;
use minicbor::data::Type;
use minicbor::decode::Error;
use minicbor::{Decoder, Encode, Encoder};

/// A type with a canonical encoding and a cap on it.
pub trait Canonical: Encode<()> + Read {
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
    let value = read::<T>(bytes).ok_or(Malformed::Shape)?;
    if encode_with_room(&value, bytes.len()) != bytes {
        return Err(Malformed::NotCanonical);
    }
    Ok(value)
}

/// What is read from CBOR. `minicbor`'s own trait hands an error with a text in it through each field
/// of each type, of which nobody learns more than that the shape is wrong: in the keyholder that were
/// 3.6 KB.
pub trait Read: Sized {
    /// Reads one; `None` if something else comes.
    fn read(d: &mut Decoder<'_>) -> Option<Self>;

    /// What one is that is left out at the end of an array, if that may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads one from these bytes, canonical or not.
#[must_use]
pub fn read<T: Read>(bytes: &[u8]) -> Option<T> {
    T::read(&mut Decoder::new(bytes))
}

impl Read for u64 {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        d.u64().ok()
    }
}

macro_rules! smaller {
    ($($number:ty),*) => {$(
        impl Read for $number {
            fn read(d: &mut Decoder<'_>) -> Option<Self> {
                u64::read(d)?.try_into().ok()
            }
        }
    )*};
}

smaller!(u8, u16, u32);

impl Read for bool {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        d.bool().ok()
    }
}

impl Read for String {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        d.str().ok().map(str::to_owned)
    }
}

impl Read for ByteVec {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        Some(d.bytes().ok()?.to_vec().into())
    }
}

impl<const N: usize> Read for [u8; N] {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        d.bytes().ok()?.try_into().ok()
    }
}

impl<T: Read> Read for Box<T> {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        T::read(d).map(Box::new)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        if d.datatype().ok()? == Type::Null {
            return d.null().ok().map(|()| None);
        }
        T::read(d).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        list(d, usize::MAX)
    }
}

fn list<T: Read>(d: &mut Decoder<'_>, most: usize) -> Option<Vec<T>> {
    let mut fields = Fields::of(d)?;
    let mut items = Vec::new();
    while fields.more()? {
        if items.len() == most {
            return None;
        }
        items.push(T::read(fields.d)?);
    }
    fields.end()?;
    Some(items)
}

/// The fields of an array that is being read.
pub struct Fields<'d, 'b> {
    d: &'d mut Decoder<'b>,
    /// How many are to come; unknown in an array of indefinite length.
    left: Option<u64>,
}

impl<'d, 'b> Fields<'d, 'b> {
    /// Of the array that comes next, if one does.
    pub fn of(d: &'d mut Decoder<'b>) -> Option<Self> {
        let left = d.array().ok()?;
        Some(Fields { d, left })
    }

    /// Of the variant that comes next, if one does, with its number.
    pub fn of_variant(d: &'d mut Decoder<'b>) -> Option<(u64, Self)> {
        if d.array().ok()? != Some(2) {
            return None;
        }
        let number = u64::read(d)?;
        Some((number, Fields::of(d)?))
    }

    /// The next field; `None` if it is not of its type, or missing where it may not be.
    pub fn take<T: Read>(&mut self) -> Option<T> {
        if self.more()? { T::read(self.d) } else { T::absent() }
    }

    /// The next field, decoded by `decode`.
    pub fn take_by<T>(
        &mut self,
        decode: fn(&mut Decoder<'b>, &mut ()) -> Result<T, Error>,
    ) -> Option<T> {
        if self.more()? { decode(self.d, &mut ()).ok() } else { None }
    }

    /// Passes over what follows, which is not canonical; `None` if it is no CBOR.
    pub fn end(mut self) -> Option<()> {
        while self.more()? {
            self.d.skip().ok()?;
        }
        if self.left.is_none() { self.d.skip().ok() } else { Some(()) }
    }

    fn more(&mut self) -> Option<bool> {
        match &mut self.left {
            Some(0) => Some(false),
            Some(left) => {
                *left -= 1;
                Some(true)
            }
            None => Some(self.d.datatype().ok()? != Type::Break),
        }
    }
}

/// Reads structs from arrays of their fields, in this order; `field by path` names the function that
/// decodes a field.
#[macro_export]
macro_rules! decode_fields {
    ($($type:ident { $($field:ident $(by $by:expr)?),+ $(,)? })+) => {$(
        impl $crate::encoding::Read for $type {
            fn read(d: &mut ::minicbor::Decoder<'_>) -> ::core::option::Option<Self> {
                let mut fields = $crate::encoding::Fields::of(d)?;
                let value = $type { $($field: $crate::decode_fields!(@ fields $(, $by)?)),+ };
                fields.end()?;
                Some(value)
            }
        }
    )+};
    (@ $fields:ident) => { $fields.take()? };
    (@ $fields:ident, $by:expr) => { $fields.take_by($by)? };
}

/// Reads structs that are written as the one thing in them.
#[macro_export]
macro_rules! decode_transparent {
    ($($type:ident),+) => {$(
        impl $crate::encoding::Read for $type {
            fn read(d: &mut ::minicbor::Decoder<'_>) -> ::core::option::Option<Self> {
                $crate::encoding::Read::read(d).map($type)
            }
        }
    )+};
}

/// Reads enums from arrays of a variant's number and the array of its fields.
#[macro_export]
macro_rules! decode_variants {
    ($($type:ident { $($number:literal: $variant:ident
        $(($($item:ident),+))? $({ $($field:ident),+ })?),+ $(,)? })+) => {$(
        impl $crate::encoding::Read for $type {
            fn read(d: &mut ::minicbor::Decoder<'_>) -> ::core::option::Option<Self> {
                let (number, mut fields) = $crate::encoding::Fields::of_variant(d)?;
                let value = match number {
                    $($number => {
                        $($(let $item = fields.take()?;)+)?
                        $($(let $field = fields.take()?;)+)?
                        $type::$variant $(($($item),+))? $({ $($field),+ })?
                    })+
                    _ => return None,
                };
                fields.end()?;
                Some(value)
            }
        }
    )+};
}

/// Decodes an array of at most `MAX` items: what is short in bytes may be long in memory.
///
/// # Errors
/// If there are more, or others.
pub fn at_most<const MAX: usize, T: Read, C>(
    d: &mut Decoder<'_>,
    _: &mut C,
) -> Result<Vec<T>, Error> {
    list(d, MAX).ok_or(Error::message("not such a list"))
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

    #[derive(Encode, PartialEq, Debug)]
    struct Pair {
        #[n(0)]
        number: u64,
        #[n(1)]
        bytes: ByteVec,
    }
    crate::decode_fields! {
        Pair { number, bytes }
    }
    impl Canonical for Pair {
        const MAX_BYTES: usize = 64;
    }

    fn pair(bytes: Vec<u8>) -> Pair {
        Pair { number: 7, bytes: bytes.into() }
    }

    #[test]
    fn only_the_canonical_spelling_decodes() {
        let bytes = encode(&pair(vec![1, 2]));
        assert_eq!(bytes, [0x82, 7, 0x42, 1, 2]);
        assert!(decode_strict::<Pair>(&bytes).is_ok());
        let overlong = [0x82, 0x18, 7, 0x42, 1, 2];
        let indefinite = [0x9f, 7, 0x42, 1, 2, 0xff];
        let trailing = [0x82, 7, 0x42, 1, 2, 0];
        for bad in [&overlong[..], &indefinite, &trailing] {
            assert_eq!(decode_strict::<Pair>(bad), Err(Malformed::NotCanonical));
        }
        assert_eq!(decode_strict::<Pair>(&bytes[..4]), Err(Malformed::Shape));
        let [most, more] = [60, 61].map(|len| encode(&pair(vec![0; len])));
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
