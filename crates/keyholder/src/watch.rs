//! Follows the team's log: an edit elsewhere is on screen within a second.

use std::rc::Weak;

use subrosa_bridge::Event;
use subrosa_client::{Error, Platform, TeamClient};

use crate::desk::Told;
use crate::{problem, view};

/// Pauses between tries to reach the server, in milliseconds.
const FIRST_PAUSE: u32 = 500;
const LAST_PAUSE: u32 = 15_000;

/// Follows until the client is dropped.
pub(crate) async fn watch<P: Platform>(client: Weak<TeamClient<P>>, told: Told) {
    let mut pause = FIRST_PAUSE;
    loop {
        let Some(strong) = client.upgrade() else { return };
        match follow(&strong, &told, &mut pause).await {
            Ok(()) | Err(Error::Unreachable(_)) => told(Event::Online(false)),
            Err(error @ (Error::Rollback | Error::BadLog(_) | Error::NotMyKeys)) => {
                // What is on screen stays; nothing more is taken from this server.
                told(Event::Alarm(problem::of(error)));
                return;
            }
            Err(_) => told(Event::Online(false)),
        }
        strong.platform().pause(pause).await;
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
    while let Some(head) = heads.next().await {
        if client.is_news(head)? {
            sync(client, told).await?;
        }
    }
    Ok(())
}

async fn sync<P: Platform>(client: &TeamClient<P>, told: &Told) -> Result<(), Error> {
    if client.sync().await? {
        told(Event::Changed(view::overview(client)));
    }
    Ok(())
}
