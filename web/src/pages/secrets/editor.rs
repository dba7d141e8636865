//! The editor in the row's place: key, value, note.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use subrosa_bridge::view::{Row, SecretKind};

use super::table::{Table, Target};
use crate::components::field::Field;
use crate::components::shell::focus;
use crate::components::state::{FormProblem, Loaded};
use crate::components::submit::Submit;
use crate::components::value_or_file::{Kind as Typed, value_or_file};
use crate::erased::click;
use crate::key_check::{Checked, checked};

/// A new secret, above the others.
#[component]
pub fn NewRow(table: Table) -> impl IntoView {
    let known = move || {
        let key = table.editor.fields.key.get();
        table.secrets.with(|secrets| match secrets {
            Loaded::Here(secrets) => secrets.rows.iter().find(|row| row.key == key).cloned(),
            _ => None,
        })
    };
    let note = move || {
        known().map(|row| {
            if row.inherited {
                format!("This key is set in {}: saving overrides it here.", row.scope_name)
            } else {
                format!("This key is here already: saving makes version {}.", row.version + 1)
            }
        })
    };
    view! {
        <tr role="row" class="editing">
            <td role="cell" colspan="5">
                <Form table label="New secret" autofocus="input">
                    {move || note().map(|note| view! { <p class="hint">{note}</p> })}
                </Form>
            </td>
        </tr>
    }
}

/// An existing one, in its place.
#[component]
pub fn EditRow(table: Table, row: Row) -> impl IntoView {
    view! {
        <tr role="row" class="editing" data-id=row.id.clone()>
            <td role="cell" colspan="5">
                <Form table label=format!("Edit {}", row.key) autofocus="textarea" />
            </td>
        </tr>
    }
}

#[component]
fn Form(
    table: Table,
    #[prop(into)] label: String,
    autofocus: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let fields = table.editor.fields;
    let checked = checked(fields.key);
    let error = Signal::derive(move || checked.with(Checked::fault));
    let of = table.editing.get_untracked();
    let overriding = matches!(of, Some(Target::Override(_)));
    // An override has the key of what it overrides.
    let keyed =
        matches!(&of, Some(Target::Row(row)) if matches!(row.kind, SecretKind::Override(_)));
    let fixed = overriding || keyed;
    let kind = match &of {
        Some(Target::New) => Typed::Either,
        Some(Target::Row(row)) if matches!(row.kind, SecretKind::File { .. }) => Typed::File,
        Some(Target::Override(row)) if matches!(row.kind, SecretKind::File { .. }) => Typed::Bytes,
        _ => Typed::Value,
    };
    let alias = match of {
        Some(Target::Row(row)) => match row.kind {
            SecretKind::Alias(target) => Some(target.key),
            _ => None,
        },
        _ => None,
    };
    request_animation_frame(move || {
        focus(&format!("tr.editing {autofocus}"));
    });
    let on_keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.stop_propagation();
            table.editor.leave();
        }
        "Enter" if event.meta_key() || event.ctrl_key() => {
            event.prevent_default();
            table.editor.save();
        }
        _ => {}
    };
    view! {
        <form
            class="secret-form"
            aria-label=label
            autocomplete="off"
            on:keydown=on_keydown
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                table.editor.save();
            }
        >
            <Show when=move || table.editor.restored.get()>
                <p class="notice" role="status">
                    <span class="grow">"Your draft is back."</span>
                    <button type="button" class="button small" on:click=click(move || table.editor.discard())>
                        "Discard draft"
                    </button>
                </p>
            </Show>
            <div class="secret-fields">
                <div>
                    <Field label="Key" value=fields.key mono=true error fixed />
                    {move || checked.with(Checked::suggestion).map(|key| {
                        let taken = key.clone();
                        view! {
                            <button
                                type="button"
                                class="button small"
                                on:click=click(move || fields.key.set(taken.clone()))
                            >
                                "Use "
                                {key}
                            </button>
                        }
                    })}
                    {children.map(|children| children())}
                </div>
                {match alias {
                    Some(key) => view! {
                        <p class="hint">
                            "An alias has no value of its own: it comes to what "
                            <span class="mono">{key}</span>
                            " comes to."
                        </p>
                    }
                    .into_any(),
                    None => value_or_file(fields, table.editor.waiting, kind),
                }}
                <Field label="Note" value=fields.note required=false longest=1024 />
            </div>
            <FormProblem problem=table.editor.problem />
            <div class="actions">
                <Submit label="Save" busy=table.editor.saving />
                <button type="button" class="button ghost" on:click=click(move || table.editor.leave())>
                    "Cancel"
                </button>
                <span class="hint grow">"Ctrl Enter saves, Esc keeps a draft"</span>
            </div>
        </form>
    }
}
