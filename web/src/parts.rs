//! Elements with what is in them: those that screens are made of again and again.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::element::{El, el};

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

/// Nothing.
pub fn nothing() -> AnyView {
    ().into_any()
}

/// Several things, one after the other.
pub fn all(parts: Vec<AnyView>) -> AnyView {
    parts.into_any()
}

/// A paragraph.
pub fn p(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    el("p").class(class).put(parts).any()
}

/// A paragraph that is said when it changes.
pub fn said(parts: Vec<AnyView>) -> AnyView {
    status("strong", all(parts))
}

/// A paragraph of this class that is said when it changes.
pub fn status(class: &'static str, words: AnyView) -> AnyView {
    el("p").class(class).is("role", "status").put(words).any()
}

/// A part of a line.
pub fn span(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    el("span").class(class).put(parts).any()
}

/// A box.
pub fn div(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    el("div").class(class).put(parts).any()
}

/// A named part of a page.
pub fn section(class: &'static str, name: &'static str, parts: Vec<AnyView>) -> AnyView {
    el("section").class(class).is("aria-label", name).put(parts).any()
}

/// A part of a page with its heading, whose id is `id`.
pub fn titled(id: &'static str, title: &'static str) -> El {
    let heading = el("h2").is("id", id).put(title);
    el("section").is("aria-labelledby", id).put(heading)
}

/// A heading within a part of a page.
pub fn h2(words: &'static str) -> AnyView {
    el("h2").put(words).any()
}

/// A list.
pub fn ul(class: &'static str, items: Vec<AnyView>) -> AnyView {
    el("ul").class(class).put(items).any()
}

/// A thing of a list.
pub fn li(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    el("li").class(class).put(parts).any()
}

/// A named list of things that were found.
pub fn results(name: impl Into<Cow<'static, str>>, items: Vec<AnyView>) -> El {
    el("ul").class("results").is("aria-label", name).put(items)
}

/// Things with their names.
pub fn facts(facts: Vec<(&'static str, AnyView)>) -> AnyView {
    let fact = |(name, what)| el("div").put(el("dt").put(name)).put(what);
    let facts: Vec<El> = facts.into_iter().map(fact).collect();
    el("dl").class("facts").put(facts).any()
}

/// A fact that is read as code.
pub fn code(text: impl Into<String>) -> AnyView {
    el("dd").class("mono").put(text.into()).any()
}

/// The head of a table, by the names of its columns; `last` has none that is seen.
pub fn columns(names: &[&'static str], last: Option<El>) -> El {
    let column = |name: &&'static str| cell("th", "columnheader").is("scope", "col").put(*name);
    let columns: Vec<El> = names.iter().map(column).collect();
    let row = el("tr").is("role", "row").put(columns).put(last);
    el("thead").is("role", "rowgroup").put(row)
}

/// A cell of a table.
pub fn cell(tag: &'static str, role: &'static str) -> El {
    el(tag).is("role", role)
}

/// A button with nothing on it, that does something when it is pressed.
pub fn press(class: &'static str, press: impl FnMut() + Send + 'static) -> El {
    el("button").is("type", "button").class(class).click(press)
}

/// A button that can be pressed while `enabled` holds.
pub fn button(
    class: &'static str,
    words: AnyView,
    enabled: impl Fn() -> bool + Send + Sync + 'static,
    pressed: impl FnMut() + Send + 'static,
) -> AnyView {
    press(class, pressed).flag("disabled", move || !enabled()).put(words).any()
}

/// A button that can always be pressed.
pub fn always() -> bool {
    true
}

/// A link.
pub fn link(class: &'static str, path: impl Into<String>) -> El {
    el("a").class(class).is("href", path.into())
}

/// A button that sends its form.
pub fn send(words: &'static str) -> El {
    el("button").is("type", "submit").class("button primary").put(words)
}

/// A field with this id, under its label.
pub fn labelled(id: &'static str, label: &'static str, field: AnyView) -> AnyView {
    el("div").class("field").put(el("label").is("for", id).put(label)).put(field).any()
}

/// One of several choices.
pub fn radio(
    name: &'static str,
    words: impl Into<String>,
    chosen: Signal<bool>,
    choose: Callback<()>,
) -> AnyView {
    let input = el("input").is("type", "radio").is("name", name);
    let input = input.ticks(move || chosen.get(), move |_| choose.run(()));
    el("label").put(input).put(span("", vec![text(words)])).any()
}

/// Something that can be ticked: its box, with its words.
pub fn check(input: El, words: impl Into<String>) -> El {
    let input = input.is("type", "checkbox");
    el("label").class("check").put(input).put(el("span").put(words.into()))
}

/// Several choices under one name.
pub fn fieldset(name: &'static str, choices: Vec<AnyView>) -> AnyView {
    el("fieldset").class("segments").put(el("legend").put(name)).put(choices).any()
}

/// What a page begins with.
pub fn head(title: &'static str, beside: Vec<AnyView>) -> AnyView {
    el("header").class("page-head").put(el("h1").put(title)).put(beside).any()
}

/// What is sent together: by `Enter` too.
pub fn form(send: impl FnMut() + Send + 'static, parts: Vec<AnyView>) -> AnyView {
    el("form").class("stack").submit(send).put(parts).any()
}

/// A row of buttons.
pub fn actions(buttons: Vec<AnyView>) -> AnyView {
    div("actions end", buttons)
}
