//! What leavers could read: seen to, or to be seen to once more.

use subrosa_bridge::Reply;
use subrosa_bridge::worklist::Seen;
use subrosa_client::{Change, Platform};
use subrosa_core::manifest::Record;
use subrosa_core::vault::Edit;
use subrosa_wire::id::SecretId;
use subrosa_wire::team::VaultRole;

use crate::problem::{self, Problem};
use crate::view;

use super::secrets::secret_id;
use super::{Answer, Desk, add};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) fn worklist(&self, limit: usize) -> Answer {
        Ok(Reply::Worklist(view::worklist(&*self.client()?, limit)))
    }

    pub(super) async fn seen_to(
        &self,
        seq: u64,
        secrets: &[Seen],
        again: bool,
        limit: usize,
    ) -> Answer {
        let client = self.client()?;
        let seen = |seen: &Seen| Ok((secret_id(&seen.secret)?, seen.version));
        let chosen: Vec<(SecretId, u32)> =
            secrets.iter().map(seen).collect::<Result<_, Problem>>()?;
        let mut change = Change::default();
        {
            let (contents, team) = (client.contents(), client.team());
            for loss in team.losses().iter().filter(|loss| loss.seq == seq) {
                let may = team.role_in(loss.vault, client.me()) >= Some(VaultRole::Writer);
                let Some(vault) = contents.vault(loss.vault).filter(|_| may) else { continue };
                let fresh = |id: SecretId, base: u32, record: &Record| {
                    // Put back, it is on the list of all who lost the vault: that is the safe side.
                    let since = if again { 0 } else { record.fresh_since().max(seq) };
                    Edit::Fresh { id, base, since }
                };
                if chosen.is_empty() {
                    let open = |it: &&Record| it.is_secret() && view::is_known(&team, it, loss);
                    for record in vault.records().filter(open) {
                        add(&mut change, loss.vault, fresh(record.id, record.version, record));
                    }
                }
                for (id, base) in &chosen {
                    let found = vault.record(*id).filter(|it| it.is_secret());
                    let Some(record) = found else { continue };
                    add(&mut change, loss.vault, fresh(*id, *base, record));
                }
            }
        }
        if change.parts.is_empty() {
            return Err(problem::not_found());
        }
        self.push(&client, change).await?;
        self.worklist(limit)
    }
}
