//! The editor in the row's place: key, value, note.

use leptos::prelude::*;
use subrosa_bridge::view::{Row, SecretKind};

use super::table::{Table, Target};
use crate::components::field::Field;
use crate::components::shell::focus;
use crate::components::state::{Loaded, form_problem};
use crate::components::submit::submit;
use crate::components::value_or_file::{Kind as Typed, value_or_file};
use crate::editor::Editor;
use crate::element::{El, el};
use crate::erased::{lazy, when};
use crate::key_check::{Checked, checked};
use crate::parts::{all, cell, div, nothing, p, press, span, status, text};

/// A new secret, above the others.
pub fn new_row(table: Table) -> AnyView {
    let known = move || {
        let key = table.editor.fields.key.get();
        table.secrets.with(|secrets| match secrets {
            Loaded::Here(secrets) => secrets.rows.iter().find(|row| row.key == key).cloned(),
            _ => None,
        })
    };
    let note = lazy(move || {
        let Some(row) = known() else { return nothing() };
        let said = if row.inherited {
            format!("This key is set in {}: saving overrides it here.", row.scope_name)
        } else {
            format!("This key is here already: saving makes version {}.", row.version + 1)
        };
        p("hint", vec![text(said)])
    });
    let form = form(table, "New secret".to_owned(), "input", note);
    el("tr").is("role", "row").class("editing").put(whole(form)).any()
}

fn whole(form: AnyView) -> El {
    cell("td", "cell").is("colspan", "5").put(form)
}

/// An existing one, in its place.
pub fn edit_row(table: Table, row: &Row) -> AnyView {
    let form = form(table, format!("Edit {}", row.key), "textarea", nothing());
    el("tr").is("role", "row").class("editing").is("data-id", row.id.clone()).put(whole(form)).any()
}

fn form(table: Table, label: String, autofocus: &'static str, below: AnyView) -> AnyView {
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
    let field = view! { <Field label="Key" value=fields.key mono=true error fixed /> };
    let value = match alias {
        Some(key) => p(
            "hint",
            vec![
                text("An alias has no value of its own: it comes to what "),
                span("mono", vec![text(key)]),
                text(" comes to."),
            ],
        ),
        None => value_or_file(fields, table.editor.waiting, kind),
    };
    let note = view! { <Field label="Note" value=fields.note required=false longest=1024 /> };
    let key = el("div").put(field.into_any()).put(suggestion(checked, fields.key)).put(below);
    secret_form(table.editor, label, Callback::new(move |()| table.editor.leave()))
        .put(restored(table.editor))
        .put(div("secret-fields", vec![key.any(), value, note.into_any()]))
        .put(form_problem(table.editor.problem))
        .put(buttons(table.editor, nothing(), Callback::new(move |()| table.editor.leave())))
        .any()
}

/// The form of an editor, wherever it stands, with nothing in it.
pub fn secret_form(editor: Editor, label: String, leave: Callback<()>) -> El {
    el("form")
        .class("secret-form")
        .is("aria-label", label)
        .is("autocomplete", "off")
        .submit(move || editor.save())
        .keys(move |event| match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                leave.run(());
            }
            "Enter" if event.meta_key() || event.ctrl_key() => {
                event.prevent_default();
                editor.save();
            }
            _ => {}
        })
}

/// Says that it shows a draft, where it does.
pub fn restored(editor: Editor) -> AnyView {
    when(
        move || editor.restored.get(),
        move || {
            let discard = press("button small", move || editor.discard()).put("Discard draft");
            let said = span("grow", vec![text("Your draft is back.")]);
            status("notice", all(vec![said, discard.any()]))
        },
    )
}

/// A good key that is near what was typed, to be taken.
pub fn suggestion(checked: RwSignal<Checked>, key: RwSignal<String>) -> AnyView {
    lazy(move || {
        let Some(good) = checked.with(Checked::suggestion) else { return nothing() };
        let words = format!("Use {good}");
        press("button small", move || key.set(good.clone())).put(words).any()
    })
}

/// What an editor's form ends with.
pub fn buttons(editor: Editor, first: AnyView, leave: Callback<()>) -> AnyView {
    div(
        "actions",
        vec![
            first,
            submit("Save", "Saving…", editor.saving.into()),
            press("button ghost", move || leave.run(())).put("Cancel").any(),
            span("hint grow", vec![text("Ctrl Enter saves, Esc keeps a draft")]),
        ],
    )
}
