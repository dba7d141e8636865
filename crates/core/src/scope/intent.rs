//! From what a user asks for to edits: creating by rules 3 and 4, and giving a new value to what
//! is there.

use subrosa_wire::id::{SecretId, VaultId};

use super::render::references;
use super::resolve::{Found, Resolver};
use super::rules::Broken;
use crate::contents::Scope;
use crate::manifest::{Content, Record};
use crate::secret_value::SecretValue;
use crate::vault::{Edit, NewContent};

/// A secret as somebody types it.
pub struct Creation {
    /// Used if it is new.
    pub id: SecretId,
    /// Where.
    pub scope: Scope,
    /// Key.
    pub key: String,
    /// Value.
    pub value: SecretValue,
    /// Mount path, for a file.
    pub mount: Option<String>,
    /// Note, may be empty.
    pub note: String,
}

/// The edit that creates a secret, or gives a new version to the one that this scope has under the
/// key (rule 3). A value that is exactly `{{KEY}}` of a visible secret makes an alias (rule 4).
///
/// # Errors
/// [`Broken`]. The other rules are judged with the whole change.
pub fn create(resolver: &Resolver<'_>, new: Creation) -> Result<(VaultId, Edit), Broken> {
    let (vault, level) = resolver.contents().locate(new.scope).ok_or(Broken::NotFound)?;
    let there = resolver.live(new.scope, &new.key);
    let content = match (there.and_then(|record| record.content.as_ref()), new.mount) {
        (Some(Content::Alias(_)), _) => return Err(Broken::AliasThere(new.key)),
        // An override stays one, and a file stays a file: their values are no aliases.
        (Some(Content::Override { of, mount: before, .. }), mount) => {
            let mount = mount.or_else(|| before.clone());
            NewContent::Override { of: *of, value: new.value, mount }
        }
        (Some(Content::File { mount, .. }), None) => NewContent::File(new.value, mount.clone()),
        (_, Some(mount)) => NewContent::File(new.value, mount),
        (_, None) => match alias_target(resolver, new.scope, &new.value) {
            Some(target) => NewContent::Alias(target),
            None => NewContent::Value(new.value),
        },
    };
    let edit = match there {
        Some(record) => Edit::Change {
            id: record.id,
            base: record.version,
            key: None,
            content: Some(content),
            note: (!new.note.is_empty()).then_some(new.note),
        },
        None => Edit::Create { id: new.id, level, key: new.key, content, note: new.note },
    };
    Ok((vault.id(), edit))
}

/// A secret as it is, with another value.
///
/// # Errors
/// [`Broken::AliasValue`] (rule 5); [`Broken::NotFound`] if it is deleted.
pub fn replace_value(record: &Record, value: SecretValue) -> Result<NewContent, Broken> {
    match &record.content {
        Some(Content::Value(_)) => Ok(NewContent::Value(value)),
        Some(Content::File { mount, .. }) => Ok(NewContent::File(value, mount.clone())),
        Some(Content::Override { of, mount, .. }) => {
            Ok(NewContent::Override { of: *of, value, mount: mount.clone() })
        }
        Some(Content::Alias(_)) => Err(Broken::AliasValue(record.key.clone())),
        Some(Content::NamedKey(_)) | None => Err(Broken::NotFound),
    }
}

/// The secret whose reference, and nothing else, a value is.
fn alias_target(resolver: &Resolver<'_>, scope: Scope, value: &SecretValue) -> Option<SecretId> {
    let value = value.expose();
    let keys = references(value);
    let [key] = keys.as_slice() else { return None };
    if value.len() != key.len() + 4 {
        return None;
    }
    let view = resolver.view(scope)?;
    let resolved = view.resolve(key);
    resolved.trace.iter().rev().find_map(|step| match step.found {
        Found::BuiltIn(built_in) => Some(built_in.id),
        Found::Secret(record) => Some(record.id),
        Found::Absent | Found::NoAccess => None,
    })
}
