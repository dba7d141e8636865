//! Alarms, and keys that have changed.

use subrosa_bridge::alarm::{Alarm, ChangedKeys, Differs};
use subrosa_client::{self as client, Evidence, Platform, TeamClient};
use subrosa_core::keyset;
use subrosa_core::kit::print_checkpoint;
use subrosa_core::passphrase::fingerprint;
use subrosa_wire::encoding::encode;
use subrosa_wire::id::TeamId;

use super::{Names, time};

/// An alarm, as far as it can be told: names are known of the team that is open alone.
pub(crate) fn alarm<P: Platform>(
    open: Option<&TeamClient<P>>,
    team: TeamId,
    evidence: &Evidence,
) -> Alarm {
    let open = open.filter(|client| client.team().id() == team);
    let signed = evidence.signed();
    let author = signed.map(|(author, _)| match open {
        Some(client) => Names::of(&client.contents()).member(author),
        None => format!("member {:.8}", author.to_string()),
    });
    Alarm {
        id: evidence.id().to_string(),
        team: team.to_string(),
        here: open.is_some(),
        differs: match evidence.differs() {
            client::Differs::Older => Differs::Older,
            client::Differs::Other => Differs::Other,
            client::Differs::Forked => Differs::Forked,
        },
        found: evidence.time(),
        own: print_checkpoint(evidence.own()),
        own_words: fingerprint(&encode(&evidence.own())),
        shown: print_checkpoint(evidence.shown()),
        shown_words: fingerprint(&encode(&evidence.shown())),
        author,
        signed: signed.map(|(_, claimed)| time(claimed)),
        owner: open.is_some_and(|client| client.team().is_owner(client.me())),
        acting: open.is_some_and(TeamClient::acts_all_the_same),
    }
}

/// Whose keys have changed.
pub(crate) fn changed_keys<P: Platform>(
    client: &TeamClient<P>,
    changed: &[client::ChangedKeys],
) -> Vec<ChangedKeys> {
    let (contents, team) = (client.contents(), client.team());
    let names = Names::of(&contents);
    let shown = |it: &client::ChangedKeys| {
        let member = team.member(it.member)?;
        Some(ChangedKeys {
            member: it.member.to_string(),
            name: names.member(it.member),
            root: it.member == team.root(),
            fingerprint: keyset::of_public(&member.keyset),
            since: time(member.time),
            by: it
                .by
                .map(|by| if by == team.root() { "the root key".into() } else { names.member(by) }),
        })
    };
    changed.iter().filter_map(shown).collect()
}
