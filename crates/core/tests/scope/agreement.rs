//! Whatever the world and whatever is asked for, the rules and their naive implementation agree.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::generate::{Draft, action, all_keys, all_scopes, drafts, trees, worlds};
use crate::invariants::{unsound, unsound_step};
use crate::naive::{Kind, Scope, Secret, World};
use crate::staged::Staged;

pub fn config(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(1);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// All secrets by id. What is deleted is shown as a value without bytes.
fn secrets(world: &World) -> Vec<Secret> {
    let mut secrets = world.secrets.clone();
    secrets.sort_by_key(|secret| secret.id);
    for secret in secrets.iter_mut().filter(|it| it.deleted) {
        secret.kind = Kind::Value(Vec::new());
    }
    secrets
}

fn reads_alike(world: &World, staged: &Staged) -> Result<(), TestCaseError> {
    for scope in all_scopes(world) {
        for key in all_keys() {
            let (naive, real) = (world.resolve(scope, key), staged.resolve(world, scope, key));
            prop_assert_eq!(naive, real, "{:?} {}", scope, key);
            if let Some(real) = staged.trace(world, scope, key) {
                prop_assert_eq!(world.trace(scope, key), real, "{:?} {}", scope, key);
            }
        }
        if let Some(real) = staged.at(world, scope) {
            let here = world.secrets.iter().filter(|secret| secret.scope == scope);
            let mut naive: Vec<_> = here.map(|secret| secret.id).collect();
            naive.sort_unstable();
            prop_assert_eq!(naive, real, "{:?}", scope);
        }
        if let Some(real) = staged.keys(world, scope) {
            prop_assert_eq!(world.keys(scope), real, "{:?}", scope);
        }
        renders_alike(world, staged, scope)?;
    }
    for secret in &world.secrets {
        let (mut naive, mut real) = (world.hanging(secret.id), staged.hanging(world, secret.id));
        naive.sort_unstable();
        real.sort_unstable();
        prop_assert_eq!(naive, real, "{:?}", secret.id);
    }
    Ok(())
}

fn renders_alike(world: &World, staged: &Staged, scope: Scope) -> Result<(), TestCaseError> {
    let mut keys: Vec<&str> = all_keys().collect();
    for _ in 0..2 {
        let naive: Vec<_> = keys.iter().map(|key| world.render(scope, key)).collect();
        prop_assert_eq!(&naive, &staged.render_opened(world, scope, &keys), "{:?}", scope);
        // What is not needed for the first thing that is wrong is not asked for.
        let asked = staged.render(world, scope, &keys).into_iter().map(Result::ok);
        prop_assert!(asked.eq(naive.into_iter().map(Result::ok)), "{:?}", scope);
        keys.reverse();
    }
    Ok(())
}

/// Judges one thing after the other, and does what is allowed. Who asks can open what `open` says.
fn acts_alike(
    world: &mut World,
    staged: &mut Staged,
    drafts: &[Draft],
) -> Result<(), TestCaseError> {
    for draft in drafts {
        let action = action(world, draft);
        let broken = world.broken(&action);
        match staged.act(world, &action) {
            Ok(()) => {
                prop_assert_eq!(&broken, &[], "{:?}", action);
                let after = world.after(&action);
                prop_assert_eq!(secrets(&after), staged.secrets(), "{:?}", action);
                *world = after;
            }
            Err(why) => {
                prop_assert!(broken.contains(&why.rule()), "{:?}: {:?}, {:?}", action, why, broken);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn any_world_reads_alike(world in worlds(false)) {
        reads_alike(&world, &Staged::new(&world))?;
    }

    #[test]
    fn what_is_asked_for_is_judged_alike(world in worlds(true), drafts in drafts(8)) {
        let mut world = world;
        let mut staged = Staged::new(&world);
        acts_alike(&mut world, &mut staged, &drafts)?;
        reads_alike(&world, &staged)?;
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn what_comes_about_by_the_rules_is_sound(tree in trees(true), drafts in drafts(40)) {
        let mut world = tree;
        let mut staged = Staged::new(&world);
        for draft in &drafts {
            let before = world.clone();
            acts_alike(&mut world, &mut staged, std::slice::from_ref(draft))?;
            prop_assert_eq!(unsound(&world), Vec::<String>::new());
            prop_assert_eq!(unsound_step(&before, &world), Vec::<String>::new());
        }
        reads_alike(&world, &staged)?;
    }

    /// Each of several people does something, and none can open everything.
    #[test]
    fn many_who_see_different_things_are_judged_alike(
        tree in trees(true),
        turns in prop::collection::vec((0..64u8, drafts(8)), 1..6),
    ) {
        let mut world = tree;
        let mut staged = Staged::new(&world);
        for (open, drafts) in turns {
            for (number, project) in world.projects.iter_mut().enumerate() {
                project.open = open >> number & 1 == 1;
            }
            for (number, environment) in world.environments.iter_mut().enumerate() {
                environment.open = open >> (number + 2) & 1 == 1;
            }
            acts_alike(&mut world, &mut staged, &drafts)?;
            reads_alike(&world, &staged)?;
        }
    }
}
