//! What has to be fetched before a part of a change can be made.

use subrosa_core::index::Index;
use subrosa_core::vault::{Earlier, Objects, Unit};
use subrosa_wire::api::MAX_FETCH;
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::object::ObjectId;

use crate::change::Part;
use crate::error::{Error, Needed, Result};
use crate::platform::Platform;

use super::TeamClient;
use super::rotation::check_nothing_older;

/// How many secrets one push re-encrypts: what is written meanwhile waits for it.
const BATCH: usize = 2000;
/// Of many more it is this part of what is left. Each push seals the root page, which is as long as
/// the vault has secrets: with a number of pushes that grows as well, that would be most of the work.
const PART: usize = 25;
/// But no more than this.
const MOST: usize = 4000;
/// With so many bytes at hand a push is large enough.
const ENOUGH: usize = 2 << 20;
/// How many histories are walked through at once.
const WALKED: usize = 250;

/// What was fetched for a change. It is kept when a race is lost: most of it is good for the next try.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) objects: Objects,
    /// For each list of earlier versions in which nothing needs an older key: how many there are, in
    /// those that it links to too.
    pub(super) walked: Index<ObjectId, u32>,
    races: u32,
}

impl Gathered {
    /// Others came first. A smaller batch is made faster, and more likely to come first.
    pub(super) fn lost(&mut self) {
        self.races += 1;
    }

    fn batch(&self, left: usize) -> usize {
        (left / PART).clamp(BATCH, MOST) >> self.races.min(6)
    }
}

impl<P: Platform> TeamClient<P> {
    /// Fetches what `part` needs; of a re-encryption, says what it will be of.
    pub(super) async fn gather(&self, part: &Part, gathered: &mut Gathered) -> Result<Vec<Unit>> {
        match part {
            Part::CreateVault { .. } | Part::Rekey { .. } | Part::People(_) => {}
            Part::RotateKeys(new) => self.check_still_staged(new).await?,
            Part::Edit { vault, edits } => {
                let needed = {
                    let contents = self.contents();
                    contents.vault(*vault).ok_or(Error::NotFound)?.needs(edits)
                };
                self.fetch(*vault, &needed, &mut gathered.objects).await?;
            }
            Part::Reencrypt { vault, earlier, except, also } => {
                let units = self.units(*vault, except, also, gathered)?;
                self.gather_old(*vault, &units, *earlier, &mut gathered.objects).await?;
                return Ok(units);
            }
            Part::Retire { vault } => self.walk(*vault, &mut gathered.walked).await?,
        }
        Ok(Vec::new())
    }

    fn units(
        &self,
        id: VaultId,
        except: &[SecretId],
        also: &[SecretId],
        gathered: &Gathered,
    ) -> Result<Vec<Unit>> {
        let state = self.state.borrow();
        let (vault, key_version) = state.newest(id)?;
        let older = vault.needing_older(key_version);
        let most = gathered.batch(older.len());
        let excepted = |unit: &Unit| except.iter().any(|id| *unit == Unit::Record(*id));
        let units = older.into_iter().chain(also.iter().map(|id| Unit::Record(*id)));
        Ok(units.filter(|unit| !excepted(unit)).take(most).collect())
    }

    /// Fetches what re-encrypting `units` reads, until it is all there or enough for one push.
    async fn gather_old(
        &self,
        id: VaultId,
        units: &[Unit],
        earlier: Earlier,
        objects: &mut Objects,
    ) -> Result<()> {
        let before = objects.bytes();
        loop {
            let mut lacking = {
                let state = self.state.borrow();
                let (vault, version) = state.newest(id)?;
                vault.reencryption_needs(units, earlier, version, &state.keyring, objects)
            };
            if lacking.is_empty() || objects.bytes() - before > ENOUGH {
                return Ok(());
            }
            lacking.truncate(MAX_FETCH);
            self.fetch_once(id, &lacking, objects).await?;
        }
    }

    /// Walks through all histories that nobody here has walked through yet (client rule 7).
    async fn walk(&self, id: VaultId, walked: &mut Index<ObjectId, u32>) -> Result<()> {
        let left: Vec<SecretId> = {
            let state = self.state.borrow();
            let (vault, key_version) = state.newest(id)?;
            check_nothing_older(vault, key_version)?;
            let unknown = |list: ObjectId| !walked.has(&list);
            let records =
                vault.records().filter(|it| it.history.is_some_and(|it| unknown(it.object)));
            records.map(|record| record.id).collect()
        };
        let mut older = Vec::new();
        for some in left.chunks(WALKED) {
            let mut lists = Objects::default();
            loop {
                let lacking = {
                    let state = self.state.borrow();
                    let (vault, version) = state.newest(id)?;
                    vault.walk(some, version, &state.keyring, &lists).lacking
                };
                if lacking.is_empty() {
                    break;
                }
                self.fetch(id, &lacking, &mut lists).await?;
            }
            let state = self.state.borrow();
            let (vault, version) = state.newest(id)?;
            for record in some.iter().filter_map(|id| vault.record(*id)) {
                let walk = vault.walk(&[record.id], version, &state.keyring, &lists);
                let list = record.history.map(|history| history.object);
                match list {
                    Some(list) if walk.older.is_empty() => drop(walked.insert(list, walk.earlier)),
                    _ => older.push(record.id),
                }
            }
        }
        if older.is_empty() {
            Ok(())
        } else {
            Err(Error::Needed(Needed { secrets: older, pages: 0 }))
        }
    }
}
