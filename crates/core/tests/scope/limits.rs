//! Values that are made to take long, to become long or to go deep.

use crate::naive::{
    Action, Broken, End, Kind, MAX_BYTES, Nothing, Scope, Secret, Target, Unrendered, World,
};
use crate::script::{secret_id, shop};
use crate::staged::Staged;

fn world(secrets: impl IntoIterator<Item = (String, Kind)>) -> (World, Scope) {
    let mut world = shop();
    let scope = Scope::Project(world.projects[0].id);
    for (number, (key, kind)) in secrets.into_iter().enumerate() {
        let id = secret_id(number);
        world.secrets.push(Secret { id, scope, key, kind, deleted: false });
    }
    (world, scope)
}

/// Renders each of `keys`, in this order: as an export does, and at once, which comes to the same.
fn render(secrets: &[(&str, &str)], keys: &[&str]) -> Vec<Result<Vec<u8>, Nothing>> {
    let value = |text: &str| Kind::Value(text.as_bytes().to_vec());
    let secrets = secrets.iter().map(|(key, text)| ((*key).to_owned(), value(text)));
    let (world, scope) = world(secrets);
    let staged = Staged::new(&world);
    let outcome = |all: Vec<Result<Vec<u8>, Unrendered>>| -> Vec<_> {
        all.into_iter().map(|rendered| rendered.map_err(|(why, _)| why)).collect()
    };
    let rendered = outcome(staged.render(&world, scope, keys));
    assert!(outcome(staged.render_opened(&world, scope, keys)) == rendered);
    rendered
}

/// K00 mentions K01 so many times, that mentions K02, and so on; the last has a value.
fn chain(length: usize, times: usize, last: &str) -> Vec<(String, String)> {
    let key = |number: usize| format!("K{number:02}");
    let value = |number: usize| match number + 1 == length {
        true => last.to_owned(),
        false => format!("{{{{{}}}}}", key(number + 1)).repeat(times),
    };
    (0..length).map(|number| (key(number), value(number))).collect()
}

fn borrowed(secrets: &[(String, String)]) -> Vec<(&str, &str)> {
    secrets.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect()
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn what_doubles_with_each_reference_is_too_long_and_takes_no_time() {
    // 20 times doubled, one byte is 1 MiB.
    let secrets = chain(33, 2, "x");
    let found = render(&borrowed(&secrets), &["K12", "K11", "K00"]);
    assert_eq!(found[0].as_ref().map(Vec::len), Ok(MAX_BYTES));
    assert_eq!(found[1..], [Err(Nothing::TooLong), Err(Nothing::TooLong)]);
    // Nothing doubled 32 times is nothing, but not if it is written 2^32 times.
    let secrets = chain(33, 2, "");
    assert_eq!(render(&borrowed(&secrets), &["K00"]), [Ok(Vec::new())]);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn thirty_two_references_are_followed_and_no_more_whatever_was_rendered_before() {
    for times in [1, 2] {
        let secrets = chain(40, times, "");
        let secrets = borrowed(&secrets);
        let mut keys: Vec<&str> = secrets.iter().map(|(key, _)| *key).collect();
        for _ in 0..2 {
            for (key, found) in keys.iter().zip(render(&secrets, &keys)) {
                let expected = if *key < "K07" { Err(Nothing::TooDeep) } else { Ok(Vec::new()) };
                assert_eq!(found, expected, "{key}");
            }
            keys.reverse();
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn braces_that_are_no_references_take_no_time() {
    let key = "a".repeat(257);
    for piece in ["{", "{{", "{{a", "{{a}", "{{é}", &format!("{{{{{key}")] {
        let text = piece.repeat(MAX_BYTES / piece.len() - 3) + " }}";
        assert_eq!(render(&[("A", &text)], &["A"]), [Ok(text.into_bytes())], "{piece}");
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn many_references_in_one_value_take_no_time() {
    let text = "{{A}}".repeat(MAX_BYTES / 5);
    assert_eq!(render(&[("A", ""), ("B", &text)], &["B"]), [Ok(Vec::new())]);
    let found = render(&[("A", &"x".repeat(MAX_BYTES)), ("B", &text)], &["B"]);
    assert_eq!(found, [Err(Nothing::TooLong)]);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_value_has_at_most_1_mib() {
    let (world, scope) = world([]);
    let mut staged = Staged::new(&world);
    for mount in [None, Some("/f".to_owned())] {
        for (length, expected) in [(MAX_BYTES + 1, Err(Broken::Rule(12))), (MAX_BYTES, Ok(()))] {
            let (id, key) = (secret_id(mount.iter().count()), format!("A{}", mount.is_some()));
            let (value, mount) = (vec![b'x'; length], mount.clone());
            let action = Action::Create { id, scope, key, value, mount };
            assert_eq!(world.broken(&action).first().map_or(Ok(()), |why| Err(*why)), expected);
            assert_eq!(staged.act(&world, &action).map_err(|why| why.rule()), expected);
        }
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn aliases_of_aliases_that_nobody_may_make_end_too() {
    let alias = |number: usize| Kind::Alias(Target::Secret(secret_id(number + 1)));
    let keys = (0..1000).map(|number| (format!("A{number}"), alias(number)));
    let last = ("LAST".to_owned(), Kind::Value(b"x".to_vec()));
    let (world, scope) = world(keys.chain([last]));
    let staged = Staged::new(&world);
    let end = |key| staged.resolve(&world, scope, key).end;
    assert_eq!(end("A0"), End::Nothing(Nothing::TooDeep));
    assert_eq!(end("A967"), End::Nothing(Nothing::TooDeep));
    assert_eq!(end("A968"), End::Text(b"x".to_vec()));
    let rendered = staged.render(&world, scope, &["A968", "A967"]);
    assert_eq!(rendered[0], Ok(b"x".to_vec()));
    assert_eq!(rendered[1].as_ref().map_err(|(why, _)| *why), Err(Nothing::TooDeep));
}
