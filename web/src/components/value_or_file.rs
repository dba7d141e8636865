//! A value that is typed, or the bytes of a file in its place.

use leptos::prelude::*;
use subrosa_bridge::HiddenBytes;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::clipboard;
use crate::components::dropped::file_button;
use crate::components::field::Field;
use crate::components::value_field::ValueField;
use crate::element::el;
use crate::erased::{lazy, spawn, when};
use crate::fields::Fields;
use crate::format;
use crate::parts::{all, check, press, span, text};
use crate::session::use_session;

/// The most that a value may have, in bytes.
const MOST: f64 = (1 << 20) as f64;

/// What a secret can become.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// A value alone.
    Value,
    /// Either.
    Either,
    /// A file whose mount path can be changed.
    File,
    /// A file at the mount path of what it stands for.
    Bytes,
}

/// Value and, for a file, where it goes.
pub fn value_or_file(fields: Fields, waiting: RwSignal<bool>, kind: Kind) -> AnyView {
    let file = RwSignal::new(
        matches!(kind, Kind::File | Kind::Bytes) || !fields.mount.with_untracked(String::is_empty),
    );
    let value = lazy(move || match fields.file.get() {
        None => view! { <ValueField value=fields.value waiting /> }.into_any(),
        Some(bytes) => chosen(fields, &bytes),
    });
    let toggle = move |checked| {
        file.set(checked);
        if !checked {
            fields.file.set(None);
            fields.mount.set(String::new());
        }
    };
    let more = when(
        move || file.get(),
        move || {
            let mount = (kind != Kind::Bytes).then(|| {
                view! {
                    <Field
                        label="Mount path"
                        hint="Where programs find it, such as /run/secrets/tls.key"
                        value=fields.mount
                        mono=true
                        longest=1024
                    />
                }
                .into_any()
            });
            all(mount.into_iter().chain([chooser(fields, kind != Kind::Bytes)]).collect())
        },
    );
    let toggle = (kind == Kind::Either)
        .then(|| check(el("input").ticks(move || file.get(), toggle), "It is a file"));
    el("div").put(value).put(toggle).put(more).any()
}

fn chosen(fields: Fields, bytes: &HiddenBytes) -> AnyView {
    let size = format::count(bytes.expose().len(), "byte", "bytes");
    let saved = bytes.clone();
    let save = move || {
        let name =
            fields.mount.with_untracked(|it| it.rsplit('/').next().unwrap_or_default().to_owned());
        clipboard::save_bytes(if name.is_empty() { "file" } else { &name }, saved.expose());
    };
    let row = el("p")
        .class("row")
        .put(span("grow", vec![text(format!("A file of {size}"))]))
        .put(press("button ghost small", save).put("Download"))
        .put(press("button ghost small", move || fields.file.set(None)).put("Type it instead"));
    el("div").class("field").put(el("span").put("Value")).put(row).any()
}

fn chooser(fields: Fields, mounts: bool) -> AnyView {
    let session = use_session();
    file_button("button small", "Choose a file", move |file| {
        if file.size() > MOST {
            session.toasts.say("The file is over 1 MiB. Keep it elsewhere, and a key to it here.");
            return;
        }
        let name = file.name();
        spawn(async move {
            let Some(bytes) = read(&file).await else {
                session.toasts.say("The file can’t be read. Choose it again.");
                return;
            };
            let _ = fields.file.try_set(Some(bytes));
            if mounts && fields.mount.try_with_untracked(String::is_empty) == Some(true) {
                fields.mount.set(format!("/run/secrets/{name}"));
            }
        });
    })
    .any()
}

async fn read(file: &File) -> Option<HiddenBytes> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(HiddenBytes::new(js_sys::Uint8Array::new(&buffer).to_vec()))
}
