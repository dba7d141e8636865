//! A choice of one among several.

use leptos::prelude::*;

/// A native list: of texts that are told when chosen, with the names that are shown. `label` names
/// it where no label with its `id` does.
pub fn select(
    id: Option<&'static str>,
    label: Option<&'static str>,
    options: Vec<(String, String)>,
    now: Signal<String>,
    choose: Callback<String>,
) -> AnyView {
    let options = options.into_iter().map(|(value, name)| {
        let here = value.clone();
        let selected = Signal::derive(move || now.with(|now| *now == here));
        view! { <option value=value prop:selected=selected>{name}</option> }.into_any()
    });
    let options: Vec<AnyView> = options.collect();
    view! {
        <select id=id aria-label=label on:change=move |event| choose.run(event_target_value(&event))>
            {options}
        </select>
    }
    .into_any()
}

/// Things by their place in a list, as [`select`] takes them.
pub fn by_place(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    names.into_iter().enumerate().map(|(at, name)| (at.to_string(), name)).collect()
}
