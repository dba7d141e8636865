//! What holds of a world in which nothing was ever done that the rules do not allow.

use crate::naive::{Kind, Secret, Target, World, is_key};

/// All that is wrong with a world.
pub fn unsound(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let live = || world.secrets.iter().filter(|it| !it.deleted);
    for secret in live() {
        let mut say = |what: &str| wrong.push(format!("{what}: {secret:?}"));
        let twin = |it: &Secret| it.scope == secret.scope && it.key == secret.key;
        if live().filter(|it| twin(it)).count() != 1 {
            say("a key at two records of one scope");
        }
        if !is_key(&secret.key) {
            say("no key");
        }
        let path = world.path(secret.scope);
        let of = match &secret.kind {
            Kind::Value(_) | Kind::File(..) => None,
            Kind::Alias(of) | Kind::Override(of, ..) => Some(of),
        };
        match of {
            Some(Target::Secret(id)) => match world.secret(*id) {
                Some(target) if !target.deleted => {
                    let is_override = matches!(secret.kind, Kind::Override(..));
                    let is_alias = matches!(secret.kind, Kind::Alias(_));
                    if is_override && secret.key != target.key {
                        say("another key than its target's");
                    }
                    if is_alias && matches!(target.kind, Kind::Alias(_)) {
                        say("an alias of an alias");
                    }
                    if !path.contains(&target.scope) || is_override && target.scope == path[0] {
                        say("its target is not above it");
                    }
                }
                _ => say("hangs on what is gone"),
            },
            Some(Target::BuiltIn(name)) => {
                if world.built_in(secret.scope, name).is_none() {
                    say("hangs on a built-in that it cannot see");
                }
                if matches!(secret.kind, Kind::Override(..)) && secret.key != *name {
                    say("another key than its target's");
                }
            }
            None => {}
        }
        let reserved = secret.key.starts_with("SUBROSA_");
        if reserved && !matches!(secret.kind, Kind::Override(..)) {
            say("a reserved key");
        }
    }
    wrong
}

/// All that is wrong with what came new: a key that is taken above, and no override of that.
pub fn unsound_step(before: &World, after: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_override = |secret: &Secret| matches!(secret.kind, Kind::Override(..));
    for secret in after.secrets.iter().filter(|it| !it.deleted && !is_override(it)) {
        if before.live(secret.scope, &secret.key).is_some_and(|before| !is_override(before)) {
            continue;
        }
        let above = &after.path(secret.scope)[1..];
        if above.iter().any(|at| after.live(*at, &secret.key).is_some()) {
            wrong.push(format!("under a key of a higher scope: {secret:?}"));
        }
    }
    wrong
}
