//! Changes made of any edits, as no page asks for them: what is let through leaves all sound.

use proptest::prelude::*;
use subrosa_core::contents::Contents;
use subrosa_core::scope::{built_in, hanging_on, overrides_of};
use subrosa_core::vault::{Edit, NewContent};
use subrosa_wire::id::{SecretId, VaultId};

use crate::agreement::config;
use crate::generate::{Draft, KEYS, all_scopes, choose, drafts, trees};
use crate::invariants::{unsound, unsound_step};
use crate::naive::World;
use crate::script::secret_id;
use crate::staged::{Staged, bytes, real};

/// The edit that is meant by a draft, and what goes along with it, or a part of that.
fn edits(world: &World, contents: &Contents, draft: &Draft, fresh: usize) -> Vec<(VaultId, Edit)> {
    let note = String::new();
    let ids: Vec<SecretId> = world.secrets.iter().map(|it| it.id).collect();
    let scope = real(choose(&all_scopes(world), draft.scope));
    let any = || choose(&ids, draft.target);
    if draft.what % 10 < 4 || ids.is_empty() {
        let (vault, level) = contents.locate(scope).unwrap();
        let (key, content) = content(contents, draft, scope, &ids);
        let id = secret_id(fresh);
        return vec![(vault.id(), Edit::Create { id, level, key, content, note })];
    }
    let at = |id: SecretId| {
        let (vault, scope, record) = contents.find(id).unwrap();
        (vault.id(), scope, record)
    };
    let id = any();
    let (vault, scope, record) = at(id);
    let base = record.version;
    let mut edits = Vec::new();
    if draft.what % 10 < 8 {
        let (key, content) = content(contents, draft, scope, &ids);
        let content = (!draft.what.is_multiple_of(3)).then_some(content);
        let key = (!draft.what.is_multiple_of(4)).then_some(key);
        edits.push((vault, Edit::Change { id, base, key: key.clone(), content, note: None }));
        if let Some(key) = key.filter(|_| !draft.deleted) {
            for id in overrides_of(contents, id) {
                let (vault, _, record) = at(id);
                let (base, key) = (record.version, Some(key.clone()));
                edits.push((vault, Edit::Change { id, base, key, content: None, note: None }));
            }
        }
    } else {
        edits.push((vault, Edit::Delete { id, base }));
        for id in hanging_on(contents, &[id]) {
            let (vault, _, record) = at(id);
            if record.is_live() && !draft.deleted {
                edits.push((vault, Edit::Delete { id, base: record.version }));
            }
        }
    }
    edits
}

fn content(
    contents: &Contents,
    draft: &Draft,
    scope: subrosa_core::contents::Scope,
    ids: &[SecretId],
) -> (String, NewContent) {
    let built_in = built_in(contents, scope);
    let of = match ids {
        ids if draft.wild || ids.is_empty() => choose(&built_in, draft.key).id,
        ids => choose(ids, draft.key * 7 + draft.what),
    };
    let mut key = KEYS[draft.key].to_owned();
    let value = bytes(&draft.value);
    let mount = draft.mount.map(|_| "/etc/file".to_owned());
    let content = match draft.target % 6 {
        0 | 1 => NewContent::Alias(of),
        2 | 3 => {
            let secret = contents.find(of).map(|(.., record)| record.key.clone());
            let built_in = built_in.iter().find(|it| it.id == of).map(|it| it.key.to_owned());
            key = secret.or(built_in).filter(|_| draft.scope < 56).unwrap_or(key);
            NewContent::Override { of, value, mount }
        }
        _ => match mount {
            Some(mount) => NewContent::File(value, mount),
            None => NewContent::Value(value),
        },
    };
    (key, content)
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn whatever_is_let_through_leaves_all_sound(
        tree in trees(true),
        changes in prop::collection::vec(drafts(3), 0..40),
    ) {
        let mut world = tree;
        let mut staged = Staged::new(&world);
        for (number, drafts) in changes.iter().enumerate() {
            let contents = staged.open(&world);
            let edits: Vec<_> = drafts
                .iter()
                .enumerate()
                .flat_map(|(at, draft)| edits(&world, &contents, draft, number * 3 + at))
                .collect();
            if staged.change(&world, &edits).is_ok() {
                let after = World { secrets: staged.secrets(), ..world.clone() };
                let told: Vec<_> = edits.iter().map(|(_, edit)| told(edit)).collect();
                let wrong = [unsound(&after), unsound_step(&world, &after)].concat();
                prop_assert_eq!(wrong, Vec::<String>::new(), "{:?}", told);
                world = after;
            }
        }
    }
}

fn told(edit: &Edit) -> String {
    let of = |content: &NewContent| match content {
        NewContent::Value(_) => "value".to_owned(),
        NewContent::File(..) => "file".to_owned(),
        NewContent::Alias(of) => format!("alias of {of}"),
        NewContent::Override { of, .. } => format!("override of {of}"),
    };
    match edit {
        Edit::Create { id, level, key, content, .. } => {
            format!("create {id} {level:?} {key} {}", of(content))
        }
        Edit::Change { id, key, content, .. } => {
            format!("change {id} {key:?} {:?}", content.as_ref().map(of))
        }
        Edit::Fresh { id, .. } => format!("fresh {id}"),
        Edit::Delete { id, .. } => format!("delete {id}"),
        Edit::NamedKey { .. } | Edit::AddApplication(_) | Edit::Cards(_) | Edit::RotateAfter(_) => {
            unreachable!()
        }
    }
}
