//! What may be done: every change is judged by these rules before it is staged, and again on a newer
//! state after a lost race.

use subrosa_wire::id::{SecretId, VaultId};

use super::built_in::built_in;
use super::resolve::Resolver;
use crate::contents::{Contents, Scope};
use crate::key_name::{BadKey, check_key, check_shape, is_mount};
use crate::manifest::{Content, Record};
use crate::order;
use crate::vault::{Edit, NewContent, OpenVault};

/// A rule that a change would break. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// Rule 2.
    #[error("{0}: {1}")]
    Key(String, BadKey),
    /// Rule 3: the key is taken at this very scope.
    #[error("{0} exists at this scope already")]
    Taken(String),
    /// Rule 3: an alias has the key.
    #[error("{0} is an alias here, and has no value of its own: delete it first")]
    AliasThere(String),
    /// Rule 3: a higher scope has the key.
    #[error("{0} exists at a higher scope: use an override")]
    Higher(String, Option<Box<Scope>>),
    /// Rule 5: the target is at a lower scope, or on another path.
    #[error("an alias is for a secret at the same or a higher scope")]
    AliasScope,
    /// Rule 5: the target is an alias.
    #[error("an alias is not for another alias: use what that one is for")]
    AliasOfAlias,
    /// Rule 5.
    #[error("{0} is an alias: change what it is for, or delete it and make a secret")]
    AliasValue(String),
    /// Rule 6: the target is not at a strictly higher scope of the same path.
    #[error("an override is for a secret at a higher scope")]
    OverrideScope,
    /// Rule 6.
    #[error("{0} is an override: its key is that of the secret that it overrides")]
    OverrideKey(String),
    /// Rule 7.
    #[error("this is built in: it can be aliased and overridden, not changed")]
    BuiltIn,
    /// What an alias or an override is for is not there.
    #[error("there is no such secret to alias or override")]
    NoTarget,
    /// Rule 8, and 6: these hang on what is deleted or renamed, and the change leaves them out.
    #[error("others hang on it")]
    Hanging(Vec<SecretId>),
    /// Rule 8: who asks may not write in this vault.
    #[error("not allowed to write in all vaults that this touches")]
    NotWriter(VaultId),
    /// Rule 12.
    #[error("{0}: a mount path is absolute, without '..', and at most 1,024 bytes long")]
    Mount(String),
    /// No such secret.
    #[error("there is no such secret any more")]
    NotFound,
}

impl Broken {
    /// The status that the HTTP contract of scoped secrets has for it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Broken::Key(..)
            | Broken::AliasScope
            | Broken::AliasOfAlias
            | Broken::AliasValue(_)
            | Broken::OverrideScope
            | Broken::OverrideKey(_)
            | Broken::Mount(_) => 400,
            Broken::BuiltIn | Broken::NotWriter(_) => 403,
            Broken::NoTarget | Broken::NotFound => 404,
            Broken::Taken(_) | Broken::AliasThere(_) | Broken::Higher(..) | Broken::Hanging(_) => {
                409
            }
        }
    }
}

/// Judges a change: edits, each with the vault that it is for. `may_write` tells where the author
/// may commit.
///
/// # Errors
/// [`Broken`]: the first rule that the state after the change would not keep.
pub fn judge(
    contents: &Contents,
    edits: &[(VaultId, &Edit)],
    may_write: &dyn Fn(VaultId) -> bool,
) -> Result<(), Broken> {
    let change = Change::of(contents, edits, may_write)?;
    for after in &change.after {
        change.judge(after)?;
    }
    let mut left = Vec::new();
    for id in &change.deleted {
        left.extend(change.left_by_deleting(*id));
    }
    for after in &change.after {
        left.extend(change.left_by_changing(after)?);
    }
    hanging(left)
}

/// The secrets of a change that break a rule, each with the first that it breaks: without them the
/// others may keep all.
///
/// # Errors
/// [`Broken`] where a rule is broken whatever is left out.
pub fn refused(
    contents: &Contents,
    edits: &[(VaultId, &Edit)],
    may_write: &dyn Fn(VaultId) -> bool,
) -> Result<Vec<(SecretId, Broken)>, Broken> {
    let change = Change::of(contents, edits, may_write)?;
    let deleted = change.deleted.iter().map(|id| (*id, hanging(change.left_by_deleting(*id))));
    let changed = change.after.iter().map(|after| {
        let left = || change.left_by_changing(after).and_then(hanging);
        (after.id, change.judge(after).and_then(|()| left()))
    });
    let broken = deleted.chain(changed).filter_map(|(id, judged)| Some((id, judged.err()?)));
    Ok(broken.collect())
}

fn hanging(mut left: Vec<SecretId>) -> Result<(), Broken> {
    order::sort(&mut left);
    left.dedup();
    if left.is_empty() { Ok(()) } else { Err(Broken::Hanging(left)) }
}

/// What is wrong with changing a secret that is in no vault: that there is none, or that it is built
/// in.
#[must_use]
pub fn absent(contents: &Contents, id: SecretId) -> Broken {
    let projects = contents.projects().map(|project| Scope::Project(project.id));
    let environments = contents.environments().flat_map(|environment| {
        let applications = environment.applications.iter().map(|it| Scope::Application(it.id));
        std::iter::once(Scope::Environment(environment.id)).chain(applications)
    });
    let mut scopes = projects.chain(environments);
    match scopes.any(|scope| built_in(contents, scope).iter().any(|it| it.id == id)) {
        true => Broken::BuiltIn,
        false => Broken::NotFound,
    }
}

/// All that hangs on `ids`, directly or by way of others, without `ids` themselves.
#[must_use]
pub fn hanging_on(contents: &Contents, ids: &[SecretId]) -> Vec<SecretId> {
    let mut all = ids.to_vec();
    let mut next = 0;
    while let Some(id) = all.get(next).copied() {
        for record in direct(contents, id) {
            if !all.contains(&record.id) {
                all.push(record.id);
            }
        }
        next += 1;
    }
    all.split_off(ids.len())
}

/// The overrides of a secret, of those, and so on: they get another key when it does.
#[must_use]
pub fn overrides_of(contents: &Contents, id: SecretId) -> Vec<SecretId> {
    let mut all = vec![id];
    let mut next = 0;
    while let Some(id) = all.get(next).copied() {
        for record in direct(contents, id) {
            let is_override = matches!(record.content, Some(Content::Override { .. }));
            if is_override && !all.contains(&record.id) {
                all.push(record.id);
            }
        }
        next += 1;
    }
    all.split_off(1)
}

fn direct(contents: &Contents, on: SecretId) -> impl Iterator<Item = &Record> {
    contents.vaults().flat_map(OpenVault::records).filter(move |record| {
        record.content.as_ref().and_then(Content::hangs_on).is_some_and(|it| it == on)
    })
}

/// A change, seen from after it.
struct Change<'a> {
    resolver: Resolver<'a>,
    /// By scope and key.
    after: Vec<After<'a>>,
    /// Ascending.
    deleted: Vec<SecretId>,
}

/// A secret as the change leaves it.
struct After<'a> {
    id: SecretId,
    scope: Scope,
    key: &'a str,
    shape: Shape<'a>,
    /// As it is now; none for a new one.
    before: Option<&'a Record>,
}

/// What a secret is, its value aside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape<'a> {
    Value,
    File(&'a str),
    Alias(SecretId),
    Override(SecretId, Option<&'a str>),
}

impl<'a> Change<'a> {
    fn of(
        contents: &'a Contents,
        edits: &[(VaultId, &'a Edit)],
        may_write: &dyn Fn(VaultId) -> bool,
    ) -> Result<Self, Broken> {
        let foreign = edits.iter().find(|(vault, _)| !may_write(*vault));
        if let Some((vault, _)) = foreign {
            return Err(Broken::NotWriter(*vault));
        }
        for (vault, _) in edits {
            if let Some(vault) = contents.vault(*vault) {
                vault.expect_questions(edits.len());
            }
        }
        let resolver = Resolver::new(contents);
        let mut change = Change { resolver, after: vec![], deleted: vec![] };
        for (vault, edit) in edits {
            change.take(*vault, edit)?;
        }
        order::sort_by_key(&mut change.after, |it| (it.scope, it.key));
        order::sort(&mut change.deleted);
        Ok(change)
    }

    fn take(&mut self, vault: VaultId, edit: &'a Edit) -> Result<(), Broken> {
        let opened = self.resolver.contents().vault(vault).ok_or(Broken::NotFound)?;
        match edit {
            Edit::Create { id, level, key, content, .. } => {
                let scope = Scope::of(opened, *level).ok_or(Broken::NotFound)?;
                let shape = Shape::of_new(content);
                self.after.push(After { id: *id, scope, key, shape, before: None });
            }
            Edit::Change { id, key, content, .. } => {
                let record =
                    opened.record(*id).ok_or_else(|| absent(self.resolver.contents(), *id))?;
                let scope = Scope::of(opened, record.level).ok_or(Broken::NotFound)?;
                let now = record.content.as_ref().and_then(Shape::of);
                let shape = content.as_ref().map(Shape::of_new).or(now);
                let shape = shape.ok_or(Broken::NotFound)?;
                let was_alias = matches!(now, Some(Shape::Alias(_)));
                if was_alias && content.is_some() && Some(shape) != now {
                    return Err(Broken::AliasValue(record.key.clone()));
                }
                let key = key.as_deref().unwrap_or(&record.key);
                self.after.push(After { id: *id, scope, key, shape, before: Some(record) });
            }
            Edit::Delete { id, .. } => {
                let record =
                    opened.record(*id).ok_or_else(|| absent(self.resolver.contents(), *id))?;
                Scope::of(opened, record.level).ok_or(Broken::NotFound)?;
                self.deleted.push(*id);
            }
            // At no scope: no rule of scopes is about it.
            Edit::NamedKey { .. }
            | Edit::Fresh { .. }
            | Edit::AddApplication(_)
            | Edit::Cards(_)
            | Edit::RotateAfter(_) => {}
        }
        Ok(())
    }

    fn judge(&self, after: &After<'_>) -> Result<(), Broken> {
        let key = after.key;
        match after.shape {
            // The key is the target's, which may be BUILT_IN's.
            Shape::Override(..) => check_shape(key),
            Shape::Value | Shape::File(_) | Shape::Alias(_) => check_key(key),
        }
        .map_err(|why| Broken::Key(key.to_owned(), why))?;
        if let Shape::File(mount) | Shape::Override(_, Some(mount)) = after.shape
            && !is_mount(mount)
        {
            return Err(Broken::Mount(mount.to_owned()));
        }
        // Whatever came above it or became of its target: what stays as it is may have a new value.
        let before = after.before.filter(|before| before.is_live());
        let was = before.and_then(|before| before.content.as_ref()).and_then(Shape::of);
        let renamed = before.is_none_or(|before| before.key != key);
        let path = self.resolver.contents().path(after.scope);
        match (was, after.shape) {
            (Some(Shape::Override(was, _)), Shape::Override(of, _)) if was == of && !renamed => {}
            (_, Shape::Override(of, _)) => self.judge_override(after, of, &path)?,
            // Of the same target: another was refused when the change was taken.
            (Some(Shape::Alias(_)), Shape::Alias(_)) => {}
            (_, Shape::Alias(target)) => self.judge_alias(after, target, &path)?,
            (_, Shape::Value | Shape::File(_)) => {}
        }
        if self.at(after.scope, key, Some(after.id)) {
            return Err(Broken::Taken(key.to_owned()));
        }
        let was_override = matches!(was, Some(Shape::Override(..)));
        if (renamed || was_override) && !matches!(after.shape, Shape::Override(..)) {
            let above = path.iter().skip(1).find(|scope| self.at(**scope, key, None));
            if let Some(above) = above {
                return Err(Broken::Higher(key.to_owned(), Some(Box::new(*above))));
            }
        }
        Ok(())
    }

    fn judge_alias(
        &self,
        after: &After<'_>,
        target: SecretId,
        path: &[Scope],
    ) -> Result<(), Broken> {
        if built_in(self.resolver.contents(), after.scope).iter().any(|it| it.id == target) {
            return Ok(());
        }
        let (scope, _, shape) = self.secret(target).ok_or(Broken::NoTarget)?;
        if target == after.id || matches!(shape, Shape::Alias(_)) {
            return Err(Broken::AliasOfAlias);
        }
        if path.contains(&scope) { Ok(()) } else { Err(Broken::AliasScope) }
    }

    fn judge_override(
        &self,
        after: &After<'_>,
        of: SecretId,
        path: &[Scope],
    ) -> Result<(), Broken> {
        let built_in = built_in(self.resolver.contents(), after.scope);
        let named = |key: &str| {
            let same = key == after.key;
            if same { Ok(()) } else { Err(Broken::OverrideKey(after.key.to_owned())) }
        };
        if let Some(target) = built_in.iter().find(|it| it.id == of) {
            return named(target.key);
        }
        match self.secret(of) {
            Some((scope, key, _)) if path.iter().skip(1).any(|above| *above == scope) => named(key),
            Some(_) => Err(Broken::OverrideScope),
            // Where it may be cannot be looked into, or it is gone.
            None => match after.before.filter(|before| before.is_live()) {
                Some(before) if before.key != after.key => named(&before.key),
                Some(_) | None => Err(Broken::NoTarget),
            },
        }
    }

    /// Whether a secret other than `except` has `key` at `scope` after the change.
    fn at(&self, scope: Scope, key: &str, except: Option<SecretId>) -> bool {
        let from = self.after.partition_point(|it| (it.scope, it.key) < (scope, key));
        let new = self.after.iter().skip(from).take_while(|it| (it.scope, it.key) == (scope, key));
        new.map(|it| it.id).any(|id| Some(id) != except)
            || self.resolver.live(scope, key).is_some_and(|there| {
                let moved = self.deleted.binary_search(&there.id).is_ok()
                    || self.after.iter().any(|after| after.id == there.id);
                !moved && Some(there.id) != except
            })
    }

    /// Where a secret is after the change, under which key, and what it is.
    fn secret(&self, id: SecretId) -> Option<(Scope, &str, Shape<'_>)> {
        if self.deleted.binary_search(&id).is_ok() {
            return None;
        }
        if let Some(after) = self.after.iter().find(|after| after.id == id) {
            return Some((after.scope, after.key, after.shape));
        }
        let (_, scope, record) = self.resolver.contents().find(id)?;
        Some((scope, &record.key, Shape::of(record.content.as_ref()?)?))
    }

    /// What would hang on a secret that the change deletes.
    fn left_by_deleting(&self, id: SecretId) -> Vec<SecretId> {
        let gone = |record: &Record| self.deleted.binary_search(&record.id).is_ok();
        let on_it = direct(self.resolver.contents(), id);
        on_it.filter(|it| !gone(it)).map(|record| record.id).collect()
    }

    /// What would not hang on a changed secret any more as it must.
    fn left_by_changing(&self, after: &After<'_>) -> Result<Vec<SecretId>, Broken> {
        let mut left = Vec::new();
        let Some(before) = after.before.filter(|before| before.is_live()) else { return Ok(left) };
        let alias = matches!(after.shape, Shape::Alias(_));
        if before.key == after.key && !alias {
            return Ok(left);
        }
        for record in direct(self.resolver.contents(), after.id) {
            let Some((_, key, shape)) = self.secret(record.id) else { continue };
            match shape {
                // An override has the key of what it overrides.
                Shape::Override(of, _) if of == after.id && key != after.key => {
                    left.push(record.id);
                }
                Shape::Alias(target) if target == after.id && alias => {
                    return Err(Broken::AliasOfAlias);
                }
                _ => {}
            }
        }
        Ok(left)
    }
}

impl<'a> Shape<'a> {
    /// None for a named key.
    fn of(content: &'a Content) -> Option<Self> {
        Some(match content {
            Content::Value(_) => Shape::Value,
            Content::File { mount, .. } => Shape::File(mount),
            Content::Alias(target) => Shape::Alias(*target),
            Content::Override { of, mount, .. } => Shape::Override(*of, mount.as_deref()),
            Content::NamedKey(_) => return None,
        })
    }

    fn of_new(content: &'a NewContent) -> Self {
        match content {
            NewContent::Value(_) => Shape::Value,
            NewContent::File(_, mount) => Shape::File(mount),
            NewContent::Alias(target) => Shape::Alias(*target),
            NewContent::Override { of, mount, .. } => Shape::Override(*of, mount.as_deref()),
        }
    }
}
