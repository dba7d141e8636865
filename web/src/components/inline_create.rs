//! Makes something that has nothing but a name, in place: a button that becomes a field.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use subrosa_bridge::{Problem, Request};
use wasm_bindgen::JsCast;

use crate::components::field::focus_when_there;
use crate::components::shell::focus;
use crate::components::submit::Submit;
use crate::components::unique;
use crate::erased::{click, spawn};
use crate::icons;
use crate::page::Page;
use crate::session::{sentence, use_session};

/// What to ask the keyholder for a name. No callback of the page: the page may be gone when the
/// answer comes.
pub type Making = Arc<dyn Fn(String) -> Request + Send + Sync>;
/// Which page shows what was made.
pub type Leading = Arc<dyn Fn(String) -> Page + Send + Sync>;

/// `New environment` → a field named `Environment name`.
#[component]
pub fn InlineCreate(
    /// The button's words.
    label: &'static str,
    /// The field's label.
    field: &'static str,
    /// How the button looks.
    #[prop(default = "button ghost")]
    class: &'static str,
    /// What to ask the keyholder for a name.
    request: Making,
    /// Where to go with the id of what was made.
    page: Leading,
    /// Whether the field is open; shared where a shortcut opens it too.
    #[prop(optional)]
    open: Option<RwSignal<bool>>,
) -> impl IntoView {
    let open = open.unwrap_or_else(|| RwSignal::new(false));
    let name = RwSignal::new(String::new());
    let id = StoredValue::new(unique("create"));
    view! {
        <Show
            when=move || open.get()
            fallback=move || view! {
                <button
                    type="button"
                    class=class
                    id=id.get_value()
                    on:click=click(move || open.set(true))
                >
                    <icons::Plus />
                    {label}
                </button>
            }
        >
            <NameForm field name request=request.clone() page=page.clone() open opener=id />
        </Show>
    }
}

#[component]
fn NameForm(
    field: &'static str,
    name: RwSignal<String>,
    request: Making,
    page: Leading,
    open: RwSignal<bool>,
    opener: StoredValue<String>,
) -> impl IntoView {
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
    let node = NodeRef::<html::Input>::new();
    let (id, error) = (unique("name"), unique("name-error"));
    focus_when_there(node);
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
    view! {
        <form
            class="inline-create"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.stop_propagation();
                    cancel();
                }
            }
        >
            <label for=id.clone() class="unseen">{field}</label>
            <input
                node_ref=node
                id=id
                type="text"
                placeholder=field
                autocomplete="off"
                spellcheck="false"
                maxlength="64"
                required
                aria-describedby=error.clone()
                bind:value=name
            />
            <Submit label="Create" waiting="Creating…" busy />
            <button type="button" class="button ghost" on:click=click(cancel)>
                "Cancel"
            </button>
            <p class="error" id=error aria-live="polite">
                {move || problem.get().map(|problem| sentence(&problem))}
            </p>
        </form>
    }
}
