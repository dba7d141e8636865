//! What the whole page must know: no connection, an alarm, work under way.

use leptos::prelude::*;

use crate::erased::click;
use crate::icons;
use crate::page::Page;
use crate::session::use_session;

/// Above every screen of the shell.
#[component]
pub fn Banners() -> impl IntoView {
    let session = use_session();
    // The page of the rotation shows it itself.
    let on_its_page =
        move || session.rotation.runs() && session.address.page() == Some(Page::Rotation);
    view! {
        <div class="banners" aria-live="polite">
            {move || session.alarm.get().map(|problem| view! {
                <div class="notice bad" role="alert">
                    <icons::Warning />
                    <div>
                        <p class="strong">{problem.message}</p>
                        <p>{problem.next}</p>
                    </div>
                </div>
            })}
            <Show when=move || !session.online.get()>
                <div class="notice warn">
                    <icons::Cloud />
                    <div>
                        <p class="strong">"Offline: the server does not answer."</p>
                        <p>"What is on this device can be read. What you type is kept; saving waits for the server."</p>
                    </div>
                    <button type="button" class="button small" on:click=click(move || session.sync())>
                        "Retry"
                    </button>
                </div>
            </Show>
            {move || session.progress.get().filter(|_| !on_its_page()).map(|progress| {
                let said = format!("{}: {} of {}", progress.what, progress.done, progress.total);
                view! {
                    <div class="notice">
                        <p class="grow">{said}</p>
                        <progress
                            aria-label=progress.what
                            max=progress.total.to_string()
                            value=progress.done.to_string()
                        ></progress>
                    </div>
                }
            })}
        </div>
    }
}
