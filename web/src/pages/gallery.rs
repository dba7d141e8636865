//! Every component with made-up contents: what visual and accessibility tests look at.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::{Kind, Problem};

use crate::components::breadcrumb::Breadcrumb;
use crate::components::dialog::Dialog;
use crate::components::field::Field;
use crate::components::help::Help;
use crate::components::qr::Qr;
use crate::components::state::{Empty, Failure, Loading};
use crate::components::submit::Submit;
use crate::components::time::Time;
use crate::components::value_field::ValueField;
use crate::erased::click;
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::session::use_session;

/// `/_kit`.
#[component]
pub fn Gallery() -> impl IntoView {
    title("Components");
    let session = use_session();
    let text = RwSignal::new(String::from("billing"));
    let value = RwSignal::new(String::from("made up"));
    let wrong = RwSignal::new(String::from("2FA"));
    let dialog = RwSignal::new(None::<&'static str>);
    let help = RwSignal::new(false);
    let close = Callback::new(move |()| dialog.set(None));
    let offline =
        Problem::new(Kind::Offline, "The server does not answer.", "What you typed is kept.");
    let corrupted =
        Problem::new(Kind::Corrupted, "This value does not open.", "An older version may.");
    view! {
        <main class="gallery" id="content">
            <h1>"Components"</h1>
            <Piece name="Screens">
                <ul class="screens" aria-label="Screens">
                    {Page::every().into_iter().map(|page| {
                        let (href, path) = (page.path(), page.path());
                        view! { <li><a class="button link mono" href=href>{path}</a></li> }
                    }).collect_view()}
                </ul>
            </Piece>
            <Piece name="Buttons">
                <div class="actions">
                    <button type="button" class="button primary">"Primary"</button>
                    <button type="button" class="button">"Plain"</button>
                    <button type="button" class="button ghost">"Ghost"</button>
                    <button type="button" class="button danger">"Danger"</button>
                    <button type="button" class="button link">"Link"</button>
                    <button type="button" class="button small">"Small"</button>
                    <Submit label="Save" busy=Signal::derive(|| true) />
                </div>
            </Piece>
            <Piece name="Fields">
                <div class="stack">
                    <Field label="Name" value=text hint="A hint below." />
                    <Field
                        label="Wrong"
                        value=wrong
                        mono=true
                        error=Signal::derive(|| Some("A key can't start with a digit.".to_owned()))
                    />
                    <ValueField value />
                </div>
            </Piece>
            <Piece name="Messages">
                <div class="stack">
                    <Failure problem=offline retry=Callback::new(|()| ()) />
                    <Failure problem=corrupted />
                    <p class="notice">"A notice."</p>
                    <p class="notice warn">"A warning."</p>
                    <button
                        type="button"
                        class="button"
                        on:click=click(move || {
                            session.toasts.offer("A short message.", "Undo", Arc::new(|| ()));
                        })
                    >
                        "Show a message"
                    </button>
                </div>
            </Piece>
            <Piece name="Badges">
                <div class="actions">
                    <span class="badge">"from billing"</span>
                    <span class="badge good">"new"</span>
                    <span class="badge warn">"differs"</span>
                    <span class="badge draft">"unsaved draft"</span>
                    <kbd>"⌘K"</kbd>
                    <Time at=format::now() />
                </div>
            </Piece>
            <Piece name="States">
                <Loading lines=2 />
                <Empty title="Nothing here yet" text="And what to do about it.">
                    <button type="button" class="button primary">"Do it"</button>
                </Empty>
            </Piece>
            <Piece name="Ways">
                <Breadcrumb parts=vec![("Projects".into(), "/_kit".into())] here="billing" />
            </Piece>
            <Piece name="QR code">
                <Qr text="subrosa-kit:made-up".into() label="A made-up QR code" />
            </Piece>
            <Piece name="Dialogs">
                <div class="actions">
                    {["narrow", "wide", "drawer"].into_iter().map(|class| view! {
                        <button
                            type="button"
                            class="button"
                            on:click=click(move || dialog.set(Some(class)))
                        >
                            "Open "
                            {class}
                        </button>
                    }).collect_view()}
                    <button type="button" class="button" on:click=click(move || help.set(true))>
                        "Open help"
                    </button>
                </div>
            </Piece>
            <Piece name="Icons">
                <div class="actions">
                    <icons::Rose /> <icons::Folder /> <icons::Lens /> <icons::Sliders />
                    <icons::Lock /> <icons::Plus /> <icons::Eye /> <icons::EyeOff />
                    <icons::Copy /> <icons::Pencil /> <icons::Clock /> <icons::Trash />
                    <icons::Inward /> <icons::Outward /> <icons::Warning /> <icons::Check />
                    <icons::Cross /> <icons::Chevron /> <icons::Dots /> <icons::Printer />
                    <icons::Menu /> <icons::Back /> <icons::Down /> <icons::Cloud />
                    <icons::Own /> <icons::Inherited /> <icons::Override /> <icons::Alias />
                    <icons::Missing /> <icons::NoAccess />
                </div>
            </Piece>
            {move || dialog.get().map(|class| view! {
                <Dialog title="A dialog" class on_close=close>
                    <p>"Focus stays inside and returns to its opener."</p>
                    <div class="actions end">
                        <button type="button" class="button" on:click=click(move || close.run(()))>
                            "Done"
                        </button>
                    </div>
                </Dialog>
            })}
            <Show when=move || help.get()>
                <Help on_close=Callback::new(move |()| help.set(false)) />
            </Show>
        </main>
    }
}

#[component]
fn Piece(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="piece">
            <h2>{name}</h2>
            {children()}
        </section>
    }
}
