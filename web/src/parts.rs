//! Elements with what is in them. A view of Leptos' is a type of its own, with all that builds and
//! updates it compiled anew; what is put together of these is compiled once.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::erased::click;

/// A text.
pub fn text(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    text.into_any()
}

/// A text that follows what it reads.
pub fn live(text: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
    fn shared(text: Box<dyn Fn() -> String + Send + Sync>) -> AnyView {
        (move || text()).into_any()
    }
    shared(Box::new(text))
}

/// Several things, one after the other.
pub fn all(parts: Vec<AnyView>) -> AnyView {
    parts.into_any()
}

/// A paragraph.
pub fn p(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <p class=class>{parts}</p> }.into_any()
}

/// A paragraph that is said when it changes.
pub fn said(parts: Vec<AnyView>) -> AnyView {
    view! { <p class="strong" role="status">{parts}</p> }.into_any()
}

/// A part of a line.
pub fn span(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <span class=class>{parts}</span> }.into_any()
}

/// A box.
pub fn div(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <div class=class>{parts}</div> }.into_any()
}

/// A named part of a page.
pub fn section(class: &'static str, name: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <section class=class aria-label=name>{parts}</section> }.into_any()
}

/// A heading within a part of a page.
pub fn h2(words: &'static str) -> AnyView {
    view! { <h2>{words}</h2> }.into_any()
}

/// A list.
pub fn ul(class: &'static str, items: Vec<AnyView>) -> AnyView {
    view! { <ul class=class>{items}</ul> }.into_any()
}

/// A thing of a list.
pub fn li(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <li class=class>{parts}</li> }.into_any()
}

/// A button that can be pressed while `enabled` holds.
pub fn button(
    class: &'static str,
    words: AnyView,
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    press: impl FnMut() + Send + 'static,
) -> AnyView {
    fn shared(
        class: &'static str,
        words: AnyView,
        enabled: Box<dyn Fn() -> bool + Send + Sync>,
        press: crate::erased::Click,
    ) -> AnyView {
        view! {
            <button type="button" class=class disabled=move || !enabled() on:click=press>{words}</button>
        }
        .into_any()
    }
    shared(class, words, Box::new(enabled), click(press))
}

/// A button that can always be pressed.
pub fn always() -> bool {
    true
}

/// One of several choices.
pub fn radio(
    name: &'static str,
    words: impl Into<String>,
    chosen: Signal<bool>,
    choose: Callback<()>,
) -> AnyView {
    let words = text(words);
    radio_of(name, words, chosen, choose)
}

fn radio_of(
    name: &'static str,
    words: AnyView,
    chosen: Signal<bool>,
    choose: Callback<()>,
) -> AnyView {
    view! {
        <label>
            <input type="radio" name=name prop:checked=chosen on:change=move |_| choose.run(()) />
            <span>{words}</span>
        </label>
    }
    .into_any()
}

/// Several choices under one name.
pub fn fieldset(name: &'static str, choices: Vec<AnyView>) -> AnyView {
    view! { <fieldset class="segments"><legend>{name}</legend>{choices}</fieldset> }.into_any()
}

/// What a page begins with.
pub fn head(title: &'static str, beside: Vec<AnyView>) -> AnyView {
    view! { <header class="page-head"><h1>{title}</h1>{beside}</header> }.into_any()
}

/// What is sent together: by `Enter` too.
pub fn form(send: impl FnMut() + 'static, parts: Vec<AnyView>) -> AnyView {
    fn shared(mut send: Box<dyn FnMut()>, parts: Vec<AnyView>) -> AnyView {
        let on_submit = move |event: SubmitEvent| {
            event.prevent_default();
            send();
        };
        view! { <form class="stack" on:submit=on_submit>{parts}</form> }.into_any()
    }
    shared(Box::new(send), parts)
}

/// A row of buttons.
pub fn actions(buttons: Vec<AnyView>) -> AnyView {
    div("actions end", buttons)
}
