//! What neither an example nor chance comes upon: what a refusal is over HTTP, what is built in, and
//! braces that only look like references.

use subrosa_core::contents::Contents;
use subrosa_core::key_name::check_key;
use subrosa_core::manifest::Level;
use subrosa_core::scope::{Broken, Creation, Resolver, absent, create, judge, references};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, NewContent};
use subrosa_wire::id::{SecretId, VaultId};

use crate::naive::{Action, Kind, MAX_BYTES, Scope, Secret, Target};
use crate::script::{secret_id, shop};
use crate::staged::{Staged, real};

/// `shop A = x` and `shop B, alias of shop A`.
fn with_an_alias() -> (Contents, subrosa_core::contents::Scope) {
    let mut world = shop();
    let mut staged = Staged::new(&world);
    let scope = Scope::Project(world.projects[0].id);
    let (key, value) = ("A".to_owned(), b"x".to_vec());
    for action in [
        Action::Create { id: secret_id(0), scope, key, value, mount: None },
        Action::Alias {
            id: secret_id(1),
            scope,
            key: "B".to_owned(),
            of: Target::Secret(secret_id(0)),
        },
    ] {
        staged.act(&world, &action).unwrap();
        world = world.after(&action);
    }
    (staged.open(&world), real(scope))
}

fn change(id: SecretId, content: NewContent) -> Edit {
    Edit::Change { id, base: 1, key: None, content: Some(content), note: None }
}

fn judged(contents: &Contents, edits: &[(VaultId, Edit)]) -> Result<(), Broken> {
    let edits: Vec<_> = edits.iter().map(|(vault, edit)| (*vault, edit)).collect();
    judge(contents, &edits, &|_| true)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_refusal_has_its_status() {
    let key = |key: &str| Broken::Key(key.to_owned(), check_key("1").unwrap_err());
    let text = String::new;
    for (status, all) in [
        (
            400,
            vec![
                key("1"),
                Broken::AliasScope,
                Broken::AliasOfAlias,
                Broken::AliasValue(text()),
                Broken::OverrideScope,
                Broken::OverrideKey(text()),
                Broken::Mount(text()),
            ],
        ),
        (403, vec![Broken::BuiltIn]),
        (404, vec![Broken::NoTarget, Broken::NotFound]),
        (
            409,
            vec![Broken::Taken(text()), Broken::AliasThere(text()), Broken::Higher(text(), None)],
        ),
    ] {
        for broken in all {
            assert_eq!(broken.status(), status, "{broken:?}");
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn what_is_built_in_is_known_from_what_is_gone() {
    let (contents, scope) = with_an_alias();
    let resolver = Resolver::new(&contents);
    let view = resolver.view(scope).unwrap();
    let keys: Vec<&str> = view.built_in().iter().map(|it| it.key).collect();
    assert!(keys.contains(&"SUBROSA_PROJECT_NAME"), "{keys:?}");
    for built_in in view.built_in() {
        assert!(matches!(absent(&contents, built_in.id), Broken::BuiltIn), "{}", built_in.key);
    }
    assert!(matches!(absent(&contents, secret_id(7)), Broken::NotFound));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn an_alias_stays_what_it_is() {
    let (contents, scope) = with_an_alias();
    let (vault, _) = contents.locate(scope).unwrap();
    let vault = vault.id();
    let same = change(secret_id(1), NewContent::Alias(secret_id(0)));
    assert_eq!(judged(&contents, &[(vault, same)]), Ok(()));
    for other in [
        NewContent::Alias(secret_id(1)),
        NewContent::Alias(secret_id(7)),
        NewContent::Value(SecretValue::new(b"y".to_vec())),
    ] {
        let refused = judged(&contents, &[(vault, change(secret_id(1), other))]);
        assert_eq!(refused, Err(Broken::AliasValue("B".to_owned())));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn an_override_whose_target_is_gone_keeps_its_key() {
    let mut world = shop();
    let scope = Scope::Environment(world.environments[0].id);
    let kind = Kind::Override(Target::Secret(secret_id(7)), b"x".to_vec(), None);
    let (id, key) = (secret_id(0), "A".to_owned());
    world.secrets.push(Secret { id, scope, key, kind, deleted: false });
    let contents = Staged::new(&world).open(&world);
    let vault = contents.locate(real(scope)).unwrap().0.id();
    let renamed = |key: &str| {
        let key = Some(key.to_owned());
        judged(&contents, &[(vault, Edit::Change { id, base: 1, key, content: None, note: None })])
    };
    assert_eq!(renamed("A"), Ok(()));
    assert_eq!(renamed("B"), Err(Broken::OverrideKey("B".to_owned())));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_key_that_a_change_lets_go_of_is_free_in_it() {
    let (contents, scope) = with_an_alias();
    let vault = contents.locate(scope).unwrap().0.id();
    let create = |key: &str| Edit::Create {
        id: secret_id(9),
        level: Level::Own,
        key: key.to_owned(),
        content: NewContent::Value(SecretValue::new(b"y".to_vec())),
        note: String::new(),
    };
    let delete = |number| Edit::Delete { id: secret_id(number), base: 1 };
    let rename = |number, key: &str| {
        let key = Some(key.to_owned());
        Edit::Change { id: secret_id(number), base: 1, key, content: None, note: None }
    };
    let judge = |edits: Vec<Edit>| {
        judged(&contents, &edits.into_iter().map(|edit| (vault, edit)).collect::<Vec<_>>())
    };
    let taken = |key: &str| Err(Broken::Taken(key.to_owned()));
    assert_eq!(judge(vec![create("B")]), taken("B"));
    assert_eq!(judge(vec![delete(1), create("B")]), Ok(()));
    assert_eq!(judge(vec![rename(1, "C"), create("B")]), Ok(()));
    assert_eq!(judge(vec![rename(1, "C"), create("C")]), taken("C"));
    assert_eq!(judge(vec![rename(0, "C"), rename(1, "A")]), Ok(()));
    assert_eq!(judge(vec![rename(1, "A")]), taken("A"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn an_override_goes_along_when_its_target_gets_another_key() {
    let mut world = shop();
    let [project, prod] =
        [Scope::Project(world.projects[0].id), Scope::Environment(world.environments[0].id)];
    let mut put = |number, scope, kind| {
        let (id, key) = (secret_id(number), "A".to_owned());
        world.secrets.push(Secret { id, scope, key, kind, deleted: false });
    };
    put(0, project, Kind::Value(b"x".to_vec()));
    put(1, prod, Kind::Override(Target::Secret(secret_id(0)), b"y".to_vec(), None));
    let contents = Staged::new(&world).open(&world);
    let vault = |scope| contents.locate(real(scope)).unwrap().0.id();
    let rename = |number, scope, key: &str| {
        let (id, key) = (secret_id(number), Some(key.to_owned()));
        (vault(scope), Edit::Change { id, base: 1, key, content: None, note: None })
    };
    let hanging = Err(Broken::Hanging(vec![secret_id(1)]));
    assert_eq!(judged(&contents, &[rename(0, project, "C")]), hanging);
    let other = [rename(0, project, "C"), rename(1, prod, "D")];
    assert!(judged(&contents, &other).is_err());
    let both = [rename(0, project, "C"), rename(1, prod, "C")];
    assert_eq!(judged(&contents, &both), Ok(()));
    // Another value changes nothing for it.
    let value = change(secret_id(0), NewContent::Value(SecretValue::new(b"z".to_vec())));
    assert_eq!(judged(&contents, &[(vault(project), value)]), Ok(()));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_key_that_is_set_again_keeps_its_note_unless_there_is_another() {
    let (contents, scope) = with_an_alias();
    let resolver = Resolver::new(&contents);
    let again = |note: &str| {
        let value = SecretValue::new(b"y".to_vec());
        let (id, key, note) = (secret_id(9), "A".to_owned(), note.to_owned());
        let (_, edit) =
            create(&resolver, Creation { id, scope, key, value, mount: None, note }).unwrap();
        let Edit::Change { id, note, .. } = edit else { panic!("a change") };
        assert_eq!(id, secret_id(0));
        note
    };
    assert_eq!((again(""), again("why").as_deref()), (None, Some("why")));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn braces_around_no_key_are_passed_over() {
    let text = b"{{ {{A}} {{{B}} {{c d}} {{1}} {{{{C}}}} {{D} {{E}}{{F}} {{";
    assert_eq!(references(text), ["A", "B", "C", "E", "F"]);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn what_follows_the_last_reference_counts_too() {
    let mut world = shop();
    let mut staged = Staged::new(&world);
    let scope = Scope::Project(world.projects[0].id);
    let half = "x".repeat(MAX_BYTES / 2);
    for (number, key, value) in [
        (0, "A", half.clone()),
        (1, "FITS", format!("{{{{A}}}}{half}")),
        (2, "NOT", format!("{{{{A}}}}{half}x")),
    ] {
        let (id, key, value) = (secret_id(number), key.to_owned(), value.into_bytes());
        let action = Action::Create { id, scope, key, value, mount: None };
        staged.act(&world, &action).unwrap();
        world = world.after(&action);
    }
    let rendered = staged.render(&world, scope, &["FITS", "NOT"]);
    assert_eq!(rendered[0].as_ref().map(Vec::len), Ok(MAX_BYTES));
    assert!(matches!(rendered[1], Err((crate::naive::Nothing::TooLong, _))));
}
