//! A machine's token: the seed of its keys, shown once to whoever makes it.

use subrosa_wire::id::MemberId;
use subrosa_wire::label::Label;

use crate::keyset::expand;
use crate::kit::{MemberKind, SeedKind, TeamSeed};

/// A machine.
#[derive(Clone)]
pub struct Machine;

/// A machine's seed, with all that it needs but the server's address. Whoever has it reads what the
/// machine may read.
pub type ServiceToken = TeamSeed<Machine>;

impl SeedKind for Machine {
    const PREFIX: &'static str = "srt1_";
}

impl MemberKind for Machine {}

impl TeamSeed<Machine> {
    /// Who it is: `HKDF-Expand(seed, label, 32)`, its first 16 bytes.
    #[must_use]
    pub fn member(&self) -> MemberId {
        let bytes = expand(self.seed(), Label::ServiceId, b"");
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        MemberId::from_random(id)
    }
}
