//! A choice of one among several.

use leptos::prelude::*;

use crate::element::el;

/// A native list: of texts that are told when chosen, with the names that are shown. `label` names
/// it where no label with its `id` does.
pub fn select(
    id: Option<&'static str>,
    label: Option<String>,
    options: Vec<(String, String)>,
    now: Signal<String>,
    choose: Callback<String>,
) -> AnyView {
    let mut select = el("select");
    if let Some(id) = id {
        select = select.is("id", id);
    }
    if let Some(label) = label {
        select = select.is("aria-label", label);
    }
    for (value, name) in options {
        let here = value.clone();
        let selected = move || now.with(|now| *now == here).into();
        select =
            select.put(el("option").is("value", value).property("selected", selected).put(name));
    }
    select.on("change", move |event| choose.run(event_target_value(&event))).any()
}

/// Things by their place in a list, as [`select`] takes them.
pub fn by_place(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    names.into_iter().enumerate().map(|(at, name)| (at.to_string(), name)).collect()
}
