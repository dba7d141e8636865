//! Every message that comes from outside: what decodes is canonical CBOR, and is written as it was
//! read. The first byte picks the type.

use subrosa_core::account::AccountContents;
use subrosa_core::manifest::{History, Page, RootPage, Summary};
use subrosa_wire::api::{
    AccountBlob, Challenge, CheckSetup, EndSessions, FetchObjects, FoundTeam, Joins, LastUses,
    LogPage, Missing, Objects, OpenSession, PostJoin, Push, Pushed, PutAccount, RecoverTeam,
    SessionClaim, SessionOpened, Sessions, Wraps,
};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::keyset::PublicKeyset;
use subrosa_wire::log::{Entry, Head, RootClaim, SignedEntry};
use subrosa_wire::people::{Join, KeysClaim};

use crate::input::Input;

macro_rules! readers {
    ($($name:ident),*) => {
        /// The types, in the order of the byte that picks them.
        pub const READERS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), read::<$name>)),*];
    };
}

// New ones come last: the corpus names them by place.
readers!(
    Head,
    Entry,
    SignedEntry,
    PublicKeyset,
    RootClaim,
    Challenge,
    SessionClaim,
    OpenSession,
    SessionOpened,
    AccountBlob,
    PutAccount,
    CheckSetup,
    FoundTeam,
    Push,
    Pushed,
    LogPage,
    Wraps,
    FetchObjects,
    Objects,
    RootPage,
    Page,
    History,
    Summary,
    AccountContents,
    KeysClaim,
    RecoverTeam,
    Join,
    PostJoin,
    Joins,
    Missing,
    LastUses,
    Sessions,
    EndSessions
);

/// One input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (_, read) = input.one_of(READERS);
    read(input.rest());
}

fn read<T: Canonical>(bytes: &[u8]) {
    let Ok(value) = decode_strict::<T>(bytes) else { return };
    assert!(encode(&value) == bytes, "written otherwise than it was read");
    assert!(bytes.len() <= T::MAX_BYTES, "over the cap");
    let mut rest = bytes;
    assert!(canonical(&mut rest) && rest.is_empty(), "decoded, and is not canonical");
}

/// Whether an item is as docs/format.md has it, whatever it means: shortest heads, definite
/// lengths, UTF-8, and none of the types that no message has.
fn canonical(rest: &mut &[u8]) -> bool {
    let Some((&first, after)) = rest.split_first() else { return false };
    *rest = after;
    if matches!(first, 0xf4..=0xf6) {
        return true;
    }
    let value = match first & 0x1f {
        small @ 0..24 => u64::from(small),
        size @ 24..28 => {
            let len = 1 << (size - 24);
            let Some((head, after)) = rest.split_at_checked(len) else { return false };
            *rest = after;
            let value = head.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
            let least = [24, 0x100, 0x1_0000, 0x1_0000_0000][usize::from(size - 24)];
            if value < least {
                return false;
            }
            value
        }
        _ => return false,
    };
    match first >> 5 {
        0 => true,
        major @ (2 | 3) => {
            let Some((body, after)) = rest.split_at_checked(value as usize) else { return false };
            *rest = after;
            major == 2 || core::str::from_utf8(body).is_ok()
        }
        4 => (0..value).all(|_| canonical(rest)),
        _ => false,
    }
}
