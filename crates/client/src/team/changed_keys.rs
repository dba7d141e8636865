//! Whose keys have been replaced since this device last knew them.

use subrosa_wire::api::LogPage;
use subrosa_wire::id::MemberId;
use subrosa_wire::log::Head;

use crate::alarm::{self, Known, Note, Watch};
use crate::api;
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;

/// A member with other keys than it had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedKeys {
    /// Whose.
    pub member: MemberId,
    /// Who signed the entry that gave them; none if the server does not show it now.
    pub by: Option<MemberId>,
}

impl<P: Platform> TeamClient<P> {
    /// The others whose keys have been replaced, and not been compared on this device since.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn changed_keys(&self) -> Result<Vec<ChangedKeys>> {
        let (team, head) = self.place();
        let known = Watch::of(&self.platform, team).await?;
        if !known.knows_keys() {
            // The first sight of a team: there is nothing that it could differ from.
            alarm::note(&self.platform, team, Note::Keys(head.seq)).await?;
        }
        let replaced: Vec<Known> = {
            let team = self.team();
            let others = team.members().filter(|(id, _)| *id != self.me);
            let given = others.map(|(id, member)| Known { member: id, seq: member.seq });
            let replaced = |given: &Known| {
                team.former().iter().any(|it| it.member == given.member && it.seq == given.seq)
            };
            given.filter(replaced).collect()
        };
        let mut changed = Vec::new();
        for given in replaced.into_iter().filter(|given| !known.knows(*given)) {
            let by = self.author_of(given.seq).await;
            changed.push(ChangedKeys { member: given.member, by });
        }
        Ok(changed)
    }

    /// Somebody has compared the words of this member's keys, which `are` these.
    ///
    /// # Errors
    /// [`Error::KeysChanged`] if they are others by now; [`Error::Storage`].
    pub async fn compared_keys(
        &self,
        member: MemberId,
        are: impl FnOnce(&subrosa_wire::keyset::PublicKeyset) -> bool,
    ) -> Result<()> {
        let team = self.place().0;
        let seq = {
            let team = self.team();
            let found = team.member(member).ok_or(Error::NotFound)?;
            if !are(&found.keyset) {
                return Err(Error::KeysChanged);
            }
            found.seq
        };
        let given = Known { member, seq };
        alarm::note(&self.platform, team, Note::Compared(given)).await.map(|_| ())
    }

    /// Who signed an entry of the log: asked for again, and believed by its hash.
    async fn author_of(&self, seq: u64) -> Option<MemberId> {
        let ask = api::log(self.place().0, seq.checked_sub(1));
        let page: LogPage = api::reply(&self.send(&ask).await.ok()?).ok()?;
        let entry = page.entries.first()?;
        let there = self.state.borrow().has(Head { seq, hash: entry.hash() });
        entry.claim(|entry| entry.author).ok().filter(|_| there)
    }
}
