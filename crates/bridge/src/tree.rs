//! Messages as trees of what JavaScript has. One reader and one writer of trees do for all messages
//! what serde would do with a copy of its code for each: 5 KB less in the keyholder, 8 in the page.

use std::borrow::Cow;
use std::vec;

use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};

use crate::{Hidden, HiddenBytes};

/// A value of JavaScript. No `Debug`: it may hold what is secret.
pub enum Tree {
    /// `undefined`.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A number: a count or a time, whole and below 2^53.
    Number(u64),
    /// A string.
    Text(Hidden),
    /// A `Uint8Array`.
    Bytes(HiddenBytes),
    /// An array.
    List(Vec<Tree>),
    /// An object.
    Fields(Fields),
}

/// The fields of an object.
pub struct Fields(Vec<(Cow<'static, str>, Tree)>);

impl Fields {
    /// Fields with their names.
    #[must_use]
    pub fn new(fields: Vec<(&'static str, Tree)>) -> Self {
        Fields(fields.into_iter().map(|(name, tree)| (Cow::Borrowed(name), tree)).collect())
    }

    /// Reads the field of this name; where there is none, nothing.
    pub fn read<T: Message>(&mut self, name: &str) -> Option<T> {
        T::from_tree(self.take(name))
    }

    /// Reads the field of this name as a part of a message.
    pub fn part<T: Message>(&mut self, name: &str, wrong: &mut bool) -> T {
        T::read(self.take(name), wrong)
    }

    fn take(&mut self, name: &str) -> Tree {
        let at = self.0.iter().position(|field| field.0 == name);
        at.map_or(Tree::Nothing, |at| self.0.swap_remove(at).1)
    }
}

impl FromIterator<(String, Tree)> for Fields {
    /// Fields with names that were read.
    fn from_iter<T: IntoIterator<Item = (String, Tree)>>(fields: T) -> Self {
        Fields(fields.into_iter().map(|(name, tree)| (Cow::Owned(name), tree)).collect())
    }
}

impl Tree {
    /// An object's fields.
    #[must_use]
    pub fn fields(self) -> Option<Fields> {
        if let Tree::Fields(fields) = self { Some(fields) } else { None }
    }

    /// An object's fields, of which others are none.
    #[must_use]
    pub fn into_fields(self, wrong: &mut bool) -> Fields {
        or_wrong(self.fields(), wrong, || Fields(Vec::new()))
    }

    /// An array's items, of which others are none.
    pub fn into_list(self, wrong: &mut bool) -> vec::IntoIter<Tree> {
        let list = if let Tree::List(list) = self { Some(list) } else { None };
        or_wrong(list, wrong, Vec::new).into_iter()
    }

    /// An object of fields with these names. One function for all messages: to build each field's
    /// tree in place takes five times the code.
    #[must_use]
    pub fn object(names: &[&'static str], fields: &[&dyn Message]) -> Tree {
        let named = names.iter().zip(fields);
        let named = named.map(|(name, field)| (Cow::Borrowed(*name), field.to_tree()));
        Tree::Fields(Fields(named.collect()))
    }

    /// An array of these.
    #[must_use]
    pub fn list(items: &[&dyn Message]) -> Tree {
        Tree::List(items.iter().map(|item| item.to_tree()).collect())
    }

    /// A variant with nothing inside: its name.
    #[must_use]
    pub fn name(name: &'static str) -> Tree {
        Tree::Text(Hidden::new(name.to_owned()))
    }

    /// A variant with something inside: an object with that under its name.
    #[must_use]
    pub fn variant(name: &'static str, inside: Tree) -> Tree {
        Tree::Fields(Fields::new(vec![(name, inside)]))
    }

    /// The name of a variant, and what is inside.
    #[must_use]
    pub fn into_variant(self) -> Option<(Hidden, Tree)> {
        match self {
            Tree::Text(name) => Some((name, Tree::Nothing)),
            Tree::Fields(Fields(mut fields)) => {
                let (name, inside) = fields.pop().filter(|_| fields.is_empty())?;
                Some((Hidden::new(name.into_owned()), inside))
            }
            _ => None,
        }
    }
}

/// What travels between page and keyholder.
pub trait Message {
    /// As a tree.
    fn to_tree(&self) -> Tree;

    /// Out of a tree. Something is read out of each: whether it is one of these, `wrong` says, so that
    /// not each field of each message has to look.
    fn read(tree: Tree, wrong: &mut bool) -> Self
    where
        Self: Sized;

    /// Out of a tree; `None` if it is none of these.
    fn from_tree(tree: Tree) -> Option<Self>
    where
        Self: Sized,
    {
        let mut wrong = false;
        let read = Self::read(tree, &mut wrong);
        (!wrong).then_some(read)
    }
}

/// What there is, or that something is wrong.
pub fn or_wrong<T>(there: Option<T>, wrong: &mut bool, otherwise: impl FnOnce() -> T) -> T {
    there.unwrap_or_else(|| {
        *wrong = true;
        otherwise()
    })
}

/// Lets a struct travel by its fields, an enum by its variants. All must be named: one that is
/// missing does not compile.
#[macro_export]
macro_rules! message {
    ($name:ident { $($field:ident),* $(,)? } $(but $($left:ident),*)?) => {
        impl $crate::tree::Message for $name {
            fn to_tree(&self) -> $crate::tree::Tree {
                $crate::tree::Tree::object(&[$(stringify!($field)),*], &[$(&self.$field),*])
            }

            fn read(tree: $crate::tree::Tree, wrong: &mut bool) -> Self {
                let mut fields = tree.into_fields(wrong);
                $name {
                    $($field: fields.part(stringify!($field), wrong),)*
                    $($($left: Default::default(),)*)?
                }
            }
        }
    };
    (enum $name:ident:
        $($variant:ident $(($($value:ident),*))? $({ $($field:ident),* })?),*
    ) => {
        impl $crate::tree::Message for $name {
            fn to_tree(&self) -> $crate::tree::Tree {
                match self {
                    $($name::$variant $(($($value),*))? $({ $($field),* })? => {
                        $crate::message!(@variant $variant $(($($value),*))? $({ $($field),* })?)
                    })*
                }
            }

            #[allow(unused_variables, reason = "a variant may have nothing inside")]
            fn read(tree: $crate::tree::Tree, wrong: &mut bool) -> Self {
                // What has no name, or one that is unknown, is read as the first of them.
                let first = || ($crate::Hidden::default(), $crate::tree::Tree::Nothing);
                let (name, inside) = $crate::tree::or_wrong(tree.into_variant(), wrong, first);
                match name.expose() {
                    $(stringify!($variant) => {
                        $($crate::message!(@read inside wrong $($value)*);)?
                        $(
                            let mut fields = inside.into_fields(wrong);
                            $(let $field = fields.part(stringify!($field), wrong);)*
                        )?
                        $name::$variant $(($($value),*))? $({ $($field),* })?
                    })*
                    _ => {
                        *wrong = true;
                        let first = [$(stringify!($variant)),*][0];
                        Self::read($crate::tree::Tree::name(first), wrong)
                    }
                }
            }
        }
    };
    (@variant $name:ident) => { $crate::tree::Tree::name(stringify!($name)) };
    (@variant $name:ident ($one:ident)) => {
        $crate::tree::Tree::variant(stringify!($name), $crate::tree::Message::to_tree($one))
    };
    (@variant $name:ident ($($value:ident),*)) => {
        $crate::tree::Tree::variant(stringify!($name), $crate::tree::Tree::list(&[$($value),*]))
    };
    (@variant $name:ident { $($field:ident),* }) => {
        $crate::tree::Tree::variant(
            stringify!($name),
            $crate::tree::Tree::object(&[$(stringify!($field)),*], &[$($field),*]),
        )
    };
    (@read $inside:ident $wrong:ident $one:ident) => {
        let $one = $crate::tree::Message::read($inside, $wrong);
    };
    (@read $inside:ident $wrong:ident $($value:ident)*) => {
        let mut list = $inside.into_list($wrong);
        $(let $value = $crate::tree::next(&mut list, $wrong);)*
    };
}

/// The next item of an array.
pub fn next<T: Message>(list: &mut vec::IntoIter<Tree>, wrong: &mut bool) -> T {
    let next = or_wrong(list.next(), wrong, || Tree::Nothing);
    T::read(next, wrong)
}

impl Message for String {
    fn to_tree(&self) -> Tree {
        Tree::Text(Hidden::new(self.clone()))
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        Hidden::read(tree, wrong).into_inner()
    }
}

impl Message for Hidden {
    fn to_tree(&self) -> Tree {
        Tree::Text(self.clone())
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let text = if let Tree::Text(text) = tree { Some(text) } else { None };
        or_wrong(text, wrong, Hidden::default)
    }
}

impl Message for HiddenBytes {
    fn to_tree(&self) -> Tree {
        Tree::Bytes(self.clone())
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        match tree {
            Tree::Bytes(bytes) => bytes,
            // As JSON has them.
            other => HiddenBytes::new(Vec::read(other, wrong)),
        }
    }
}

impl Message for bool {
    fn to_tree(&self) -> Tree {
        Tree::Truth(*self)
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let truth = if let Tree::Truth(truth) = tree { Some(truth) } else { None };
        or_wrong(truth, wrong, || false)
    }
}

impl Message for u64 {
    fn to_tree(&self) -> Tree {
        Tree::Number(*self)
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let number = if let Tree::Number(number) = tree { Some(number) } else { None };
        or_wrong(number, wrong, || 0)
    }
}

macro_rules! smaller {
    ($($number:ty),*) => {$(
        impl Message for $number {
            fn to_tree(&self) -> Tree {
                u64::try_from(*self).unwrap_or(u64::MAX).to_tree()
            }

            fn read(tree: Tree, wrong: &mut bool) -> Self {
                or_wrong(u64::read(tree, wrong).try_into().ok(), wrong, || 0)
            }
        }
    )*};
}

smaller!(u8, u16, u32, usize);

impl<T: Message> Message for Option<T> {
    fn to_tree(&self) -> Tree {
        self.as_ref().map_or(Tree::Nothing, T::to_tree)
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        match tree {
            Tree::Nothing => None,
            tree => Some(T::read(tree, wrong)),
        }
    }
}

impl<T: Message> Message for Vec<T> {
    fn to_tree(&self) -> Tree {
        Tree::List(self.iter().map(T::to_tree).collect())
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        tree.into_list(wrong).map(|item| T::read(item, wrong)).collect()
    }
}

impl<T: Message, const N: usize> Message for [T; N] {
    fn to_tree(&self) -> Tree {
        Tree::List(self.iter().map(T::to_tree).collect())
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let mut list = tree.into_list(wrong);
        let read = core::array::from_fn(|_| next(&mut list, wrong));
        *wrong |= list.len() > 0;
        read
    }
}

impl<T: Message> Message for Box<T> {
    fn to_tree(&self) -> Tree {
        T::to_tree(self)
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        Box::new(T::read(tree, wrong))
    }
}

impl<T: Message, E: Message> Message for Result<T, E> {
    fn to_tree(&self) -> Tree {
        match self {
            Ok(it) => Tree::variant("Ok", it.to_tree()),
            Err(it) => Tree::variant("Err", it.to_tree()),
        }
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let none = || (Hidden::default(), Tree::Nothing);
        let (name, inside) = or_wrong(tree.into_variant(), wrong, none);
        if name.expose() == "Err" {
            return Err(E::read(inside, wrong));
        }
        *wrong |= name.expose() != "Ok";
        Ok(T::read(inside, wrong))
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Nothing => serializer.serialize_unit(),
            Tree::Truth(truth) => serializer.serialize_bool(*truth),
            Tree::Number(number) => serializer.serialize_u64(*number),
            Tree::Text(text) => serializer.serialize_str(text.expose()),
            Tree::Bytes(bytes) => serializer.serialize_bytes(bytes.expose()),
            Tree::List(list) => serializer.collect_seq(list),
            Tree::Fields(Fields(fields)) => {
                let mut object = serializer.serialize_struct("", fields.len())?;
                for (name, tree) in fields {
                    // What was read is not sent on.
                    let Cow::Borrowed(name) = name else { return Err(S::Error::custom("a name")) };
                    object.serialize_field(name, tree)?;
                }
                object.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Both {
        list: Vec<u16>,
        text: Option<String>,
    }

    message!(Both { list, text });

    #[derive(Debug, PartialEq)]
    enum Either {
        Neither,
        One(Box<Both>),
        Two(bool, u64),
        Named { either: bool },
    }

    message!(enum Either: Neither, One(one), Two(one, other), Named { either });

    fn both(text: Option<&str>) -> Either {
        let text = text.map(str::to_owned);
        Either::One(Box::new(Both { list: vec![1, 65_535], text }))
    }

    #[test]
    fn what_is_written_is_read() {
        let all = [
            Either::Neither,
            both(Some("é")),
            both(None),
            Either::Two(true, 1 << 52),
            Either::Named { either: false },
        ];
        for message in all {
            assert_eq!(Either::from_tree(message.to_tree()), Some(message));
        }
        let bytes = HiddenBytes::new(vec![0, 255]);
        assert_eq!(HiddenBytes::from_tree(bytes.to_tree()), Some(bytes.clone()));
        let listed = Tree::List(vec![Tree::Number(0), Tree::Number(255)]);
        assert_eq!(HiddenBytes::from_tree(listed), Some(bytes));
        for result in [Ok(7_u32), Err(true)] {
            assert_eq!(Result::from_tree(result.to_tree()), Some(result));
        }
    }

    #[test]
    fn what_is_no_message_is_none() {
        let fields = |fields| Tree::Fields(Fields::new(fields));
        let text = |text: &str| Tree::Text(Hidden::new(text.to_owned()));
        let nothing: Vec<Tree> = vec![
            Tree::Nothing,
            text("Nobody"),
            text("One"),
            fields(vec![]),
            fields(vec![("Neither", Tree::Nothing), ("One", Tree::Nothing)]),
            fields(vec![("Named", fields(vec![("other", Tree::Truth(true))]))]),
            fields(vec![("Named", fields(vec![("either", Tree::Number(1))]))]),
            fields(vec![("One", fields(vec![("list", Tree::List(vec![Tree::Number(65_536)]))]))]),
            fields(vec![("Two", Tree::List(vec![Tree::Truth(true)]))]),
        ];
        for tree in nothing {
            assert_eq!(Either::from_tree(tree), None);
        }
        // What is not asked for does no harm, and what may be absent may.
        let more = fields(vec![("either", Tree::Truth(true)), ("more", Tree::Nothing)]);
        assert!(Either::from_tree(fields(vec![("Named", more)])).is_some());
        let list = fields(vec![("list", Tree::List(vec![]))]);
        assert_eq!(Both::from_tree(list), Some(Both { list: vec![], text: None }));
        assert!(<[u8; 2]>::from_tree(vec![1_u8].to_tree()).is_none());
    }
}
