//! From what a key comes to, to its bytes: references to other keys filled in.

use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::object::{MAX_PLAINTEXT, ObjectId};
use zeroize::Zeroizing;

use super::resolve::{Nothing, Outcome, View};
use crate::envelope::CannotOpen;
use crate::index::Index;
use crate::key_name::{MAX_KEY, check_shape};
use crate::manifest::ValueRef;
use crate::order;
use crate::secret_value::SecretValue;

/// How many references may lead from one to the next.
pub const MAX_DEPTH: usize = 32;

/// Values that were fetched and opened, or do not open.
#[derive(Default)]
pub struct Values(Index<ObjectId, Result<SecretValue, CannotOpen>>);

/// A value that is to be fetched and opened first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Need {
    /// In which vault.
    pub vault: VaultId,
    /// Whose.
    pub secret: SecretId,
    /// Which.
    pub value: ValueRef,
}

/// Why a key has no bytes here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unrendered {
    /// These are to be put into [`Values`] first, and then perhaps others.
    Need(Vec<Need>),
    /// The last key of this path, each mentioned by the one before, comes to nothing.
    Unresolved(Vec<String>, Nothing),
    /// The last key of this path mentions one before it.
    Cycle(Vec<String>),
    /// The last key of this path has a value that does not open.
    Damaged(Vec<String>),
    /// The last key of this path is over [`MAX_DEPTH`] references from the first, or leads that far.
    TooDeep(Vec<String>),
    /// With everything filled in the value of the last key of this path is over 1 MiB.
    TooLong(Vec<String>),
}

/// Fills in the references of a scope's values, each value once.
pub struct Rendering<'v> {
    view: &'v View<'v>,
    values: Values,
    /// Each key is worked out once, or a few values that mention each other twice would take for
    /// ever. `None` is a key that needs a value first, which was asked for.
    done: Index<&'v str, Option<Done>>,
}

struct Done {
    bytes: Zeroizing<Vec<u8>>,
    /// How many references lead on from here, from one to the next.
    depth: usize,
}

impl Values {
    /// Adds a value that was opened, or the fact that it cannot be.
    pub fn insert(&mut self, value: &ValueRef, opened: Result<SecretValue, CannotOpen>) {
        self.0.insert(value.object, opened);
    }
}

impl<'v> Rendering<'v> {
    /// Of what `view` sees.
    #[must_use]
    pub fn new(view: &'v View<'v>, values: Values) -> Self {
        Rendering { view, values, done: Index::default() }
    }

    /// The values again, to put more in.
    #[must_use]
    pub fn into_values(self) -> Values {
        self.values
    }

    /// The bytes of `key`.
    ///
    /// # Errors
    /// [`Unrendered`].
    pub fn render(&mut self, key: &'v str) -> Result<SecretValue, Unrendered> {
        self.fill(key, &mut Vec::new())?;
        Ok(SecretValue::new(self.bytes_of(key).to_vec()))
    }

    /// What rendering all of `keys` still needs; what cannot be rendered needs nothing.
    pub fn needs(&mut self, keys: &[&'v str]) -> Vec<Need> {
        let mut needs = Vec::new();
        for key in keys {
            if let Err(Unrendered::Need(more)) = self.fill(key, &mut Vec::new()) {
                needs.extend(more);
            }
        }
        order::sort_by_key(&mut needs, |need| (need.vault, need.value.object));
        needs.dedup();
        needs
    }

    fn bytes_of(&self, key: &'v str) -> &[u8] {
        match self.done.get(&key) {
            Some(Some(done)) => &done.bytes,
            _ => &[],
        }
    }

    /// Puts the bytes of `key` among those that are done, and yields how many references lead on
    /// from it. `path` are the keys that led here.
    fn fill(&mut self, key: &'v str, path: &mut Vec<&'v str>) -> Result<usize, Unrendered> {
        let known = self.done.get(&key);
        if let Some(None) = known {
            return Err(Unrendered::Need(Vec::new()));
        }
        let depth = known.and_then(Option::as_ref).map(|done| done.depth);
        let so_far = path.len();
        if let Some(depth) = depth.filter(|depth| so_far + depth <= MAX_DEPTH) {
            return Ok(depth);
        }
        let cycle = path.contains(&key);
        path.push(key);
        if cycle {
            return Err(Unrendered::Cycle(owned(path)));
        }
        if depth.is_some() || so_far > MAX_DEPTH {
            return Err(Unrendered::TooDeep(owned(path)));
        }
        match self.bytes(key, path) {
            Ok(done) => {
                path.pop();
                let depth = done.depth;
                self.done.insert(key, Some(done));
                Ok(depth)
            }
            Err(Unrendered::Need(needs)) => {
                self.done.insert(key, None);
                Err(Unrendered::Need(needs))
            }
            Err(other) => Err(other),
        }
    }

    fn bytes(&mut self, key: &'v str, path: &mut Vec<&'v str>) -> Result<Done, Unrendered> {
        let as_is = |bytes: &[u8]| Done { bytes: Zeroizing::new(bytes.to_vec()), depth: 0 };
        let view = self.view;
        let resolved = view.resolve(key);
        let (vault, record) = match resolved.outcome {
            Outcome::BuiltIn(text) => return Ok(as_is(text.as_bytes())),
            Outcome::Value(vault, record) => (vault, record),
            Outcome::Nothing(why) => return Err(Unrendered::Unresolved(owned(path), why)),
            Outcome::Through(next) => {
                let depth = self.fill(next.key, path)? + 1;
                return Ok(Done { depth, ..as_is(self.bytes_of(next.key)) });
            }
        };
        let Some((content, value)) = record.content.as_ref().and_then(|it| Some((it, it.value()?)))
        else {
            return Err(Unrendered::Unresolved(owned(path), Nothing::Missing));
        };
        let template = match self.values.0.get(&value.object) {
            None => {
                let need = Need { vault, secret: record.id, value: *value };
                return Err(Unrendered::Need(vec![need]));
            }
            Some(Err(CannotOpen)) => return Err(Unrendered::Damaged(owned(path))),
            Some(Ok(value)) => value.clone(),
        };
        if content.mount().is_some() {
            return Ok(as_is(template.expose()));
        }
        self.fill_in(template.expose(), path)
    }

    /// `template` with its references replaced. All that is needed for that is asked for at once.
    fn fill_in(&mut self, template: &[u8], path: &mut Vec<&'v str>) -> Result<Done, Unrendered> {
        let mut filled = Zeroizing::new(Vec::with_capacity(template.len()));
        let (mut waiting, mut needs) = (false, Vec::new());
        let (mut rest, so_far, mut depth) = (template, path.len(), 0);
        while let Some((before, key, after)) = next_reference(rest) {
            filled.extend_from_slice(before);
            rest = after;
            let Some(known) = self.view.key(key) else {
                let mut path = owned(path);
                path.push(key.to_owned());
                let whole = self.view.is_whole();
                let why = if whole { Nothing::Missing } else { Nothing::NoAccess };
                return Err(Unrendered::Unresolved(path, why));
            };
            match self.fill(known, path) {
                Ok(further) => depth = depth.max(further + 1),
                Err(Unrendered::Need(more)) => {
                    waiting = true;
                    needs.extend(more);
                    path.truncate(so_far);
                }
                Err(other) => return Err(other),
            }
            filled.extend_from_slice(self.bytes_of(known));
            if filled.len() > MAX_PLAINTEXT {
                return Err(Unrendered::TooLong(owned(path)));
            }
        }
        filled.extend_from_slice(rest);
        match waiting {
            true => Err(Unrendered::Need(needs)),
            false if filled.len() > MAX_PLAINTEXT => Err(Unrendered::TooLong(owned(path))),
            false => Ok(Done { bytes: filled, depth }),
        }
    }
}

/// The keys that a value refers to, in its order, repeated ones too.
#[must_use]
pub fn references(value: &[u8]) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut rest = value;
    while let Some((_, key, after)) = next_reference(rest) {
        keys.push(key);
        rest = after;
    }
    keys
}

/// What precedes the first `{{KEY}}`, its key, and what follows. Braces around anything else than a
/// key are no reference.
fn next_reference(text: &[u8]) -> Option<(&[u8], &str, &[u8])> {
    let mut from = 0;
    loop {
        let open = from + find(text.get(from..)?, b"{{")?;
        let inner = text.get(open + 2..)?;
        // No further than a key goes, or many braces would take for ever.
        let of_key = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let len = inner.iter().take(MAX_KEY + 1).take_while(of_key).count();
        let (key, after) = inner.split_at_checked(len)?;
        let key = core::str::from_utf8(key).ok().filter(|key| check_shape(key).is_ok());
        match (key, after.strip_prefix(b"}}")) {
            (Some(key), Some(after)) => return Some((text.get(..open)?, key, after)),
            // One brace on: in `{{{KEY}}` the reference begins at the second.
            _ => from = open + 1,
        }
    }
}

fn find(text: &[u8], pair: &[u8; 2]) -> Option<usize> {
    text.windows(2).position(|window| window == pair)
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}
