//! Makes something that has nothing but a name, in place: a button that becomes a field.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::{Problem, Request};
use wasm_bindgen::JsCast;

use crate::components::field::focused;
use crate::components::shell::focus;
use crate::components::submit::submit;
use crate::components::unique;
use crate::element::el;
use crate::erased::{lazy, memo, spawn};
use crate::icons;
use crate::page::Page;
use crate::parts::{live, press};
use crate::session::{sentence, use_session};

/// What to ask the keyholder for a name. No callback of the page: the page may be gone when the
/// answer comes.
pub type Making = Arc<dyn Fn(String) -> Request + Send + Sync>;
/// Which page shows what was made.
pub type Leading = Arc<dyn Fn(String) -> Page + Send + Sync>;

/// Something that can be made.
#[derive(Clone)]
pub struct Create {
    /// The button's words.
    pub label: &'static str,
    /// The field's label.
    pub field: &'static str,
    /// How the button looks.
    pub class: &'static str,
    /// What to ask the keyholder for a name.
    pub request: Making,
    /// Where to go with the id of what was made.
    pub page: Leading,
    /// Whether the field is open.
    pub open: RwSignal<bool>,
}

/// `New environment` → a field named `Environment name`.
pub fn inline_create(create: Create) -> AnyView {
    let open = create.open;
    let name = RwSignal::new(String::new());
    let id = StoredValue::new(unique("create"));
    let holds = memo(move || open.get());
    lazy(move || {
        if holds.get() {
            return name_form(create.clone(), name, id);
        }
        press(create.class, move || open.set(true))
            .is("id", id.get_value())
            .put(icons::Plus())
            .put(create.label)
            .any()
    })
}

fn name_form(create: Create, name: RwSignal<String>, opener: StoredValue<String>) -> AnyView {
    let Create { field, request, page, open, .. } = create;
    let session = use_session();
    // Another button may have opened the field: the focus goes back to that one.
    let before = StoredValue::new_local(document().active_element());
    let cancel = move || {
        let before = before.get_value();
        open.set(false);
        request_animation_frame(move || {
            let before = before.filter(|element| element.is_connected());
            match before.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
                Some(element) if element.tag_name() == "BUTTON" => {
                    let _ = element.focus();
                }
                _ => {
                    let id = opener.try_get_value().unwrap_or_default();
                    focus(&format!("#{id}"));
                }
            }
        });
    };
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (id, error) = (unique("name"), unique("name-error"));
    let send = move || {
        let typed = name.get_untracked().trim().to_owned();
        if busy.get_untracked() || typed.is_empty() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let (request, page) = (request(typed), page.clone());
        spawn(async move {
            let made = session.keyholder.create(request).await;
            let _ = busy.try_set(false);
            match made {
                Ok(id) => {
                    session.refresh().await;
                    let _ = name.try_set(String::new());
                    let _ = open.try_set(false);
                    session.go(&page(id).path());
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let input = el("input")
        .is("id", id.clone())
        .is("type", "text")
        .is("placeholder", field)
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("maxlength", "64")
        .is("required", "")
        .is("aria-describedby", error.clone())
        .typed(name);
    let fault = live(move || problem.with(|it| it.as_ref().map(sentence).unwrap_or_default()));
    el("form")
        .class("inline-create")
        .submit(send)
        .keys(move |event| {
            if event.key() == "Escape" {
                event.stop_propagation();
                cancel();
            }
        })
        .put(el("label").is("for", id).class("unseen").put(field))
        .put(focused(input))
        .put(submit("Create", "Creating…", busy.into()))
        .put(press("button ghost", cancel).put("Cancel"))
        .put(el("p").class("error").is("id", error).is("aria-live", "polite").put(fault))
        .any()
}
