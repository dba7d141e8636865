//! Follows the team's log: an edit elsewhere is on screen within a second.

use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use subrosa_bridge::Event;
use subrosa_client::{Error, Platform, TeamClient};

use crate::desk::Told;
use crate::{problem, view};

/// Pauses between tries to reach the server, in milliseconds.
const FIRST_PAUSE: u32 = 500;
const LAST_PAUSE: u32 = 15_000;

/// Ends its watch when it is dropped: the stream of events is open for as long.
pub(crate) struct Watching(AbortHandle);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A watch, to be run by whoever can, and what ends it.
pub(crate) fn watch<P: Platform>(
    client: Rc<TeamClient<P>>,
    told: Told,
) -> (Watching, impl Future<Output = ()>) {
    let (handle, registration) = AbortHandle::new_pair();
    let watched = Abortable::new(run(client, told), registration);
    (Watching(handle), async move { watched.await.unwrap_or_default() })
}

async fn run<P: Platform>(client: Rc<TeamClient<P>>, told: Told) {
    let mut pause = FIRST_PAUSE;
    loop {
        match follow(&client, &told, &mut pause).await {
            Ok(()) | Err(Error::Unreachable(_)) => told(Event::Online(false)),
            Err(
                error @ (Error::Rollback
                | Error::BadLog(_)
                | Error::NotMyKeys
                | Error::TooOld
                | Error::KeysReplaced),
            ) => {
                // What is on screen stays; nothing more is taken from this server.
                told(Event::Alarm(problem::of(error).into()));
                return;
            }
            Err(error @ Error::SessionEnded) => {
                told(Event::Alarm(problem::of(error).into()));
                told(Event::LockNow);
                return;
            }
            Err(_) => told(Event::Online(false)),
        }
        client.platform().pause(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

async fn follow<P: Platform>(
    client: &TeamClient<P>,
    told: &Told,
    pause: &mut u32,
) -> Result<(), Error> {
    // First the stream, then a sync: nothing falls between the two.
    let mut heads = client.heads().await?;
    sync(client, told).await?;
    told(Event::Online(true));
    *pause = FIRST_PAUSE;
    let mut last = client.team().head();
    while let Some(head) = heads.next(client.platform()).await {
        if client.is_news(head).await? {
            sync(client, told).await?;
            // What was told must be what was read.
            client.is_news(head).await?;
        } else if last == head {
            // The same again: something came beside the log.
            client.look_beside().await?;
            told(Event::Changed(view::overview(client)));
        }
        last = head;
    }
    Ok(())
}

async fn sync<P: Platform>(client: &TeamClient<P>, told: &Told) -> Result<(), Error> {
    if client.sync().await? {
        told(Event::Changed(view::overview(client)));
    }
    Ok(())
}
