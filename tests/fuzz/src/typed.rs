//! What people type: kits, Secret Keys, root keys, checkpoints. What is read prints as the same,
//! and what is printed is read.

use subrosa_core::kit::{Kit, RootKey, SecretKey, print_checkpoint};
use subrosa_wire::id::{Hash, TeamId};
use subrosa_wire::log::Head;

use crate::input::Input;

/// One input.
pub fn run(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        read(text);
    }
    made_of(&mut Input::new(data));
}

/// The digits of a typed key: what is left when people's liberties are taken away.
fn digits(text: &str) -> String {
    let digits = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let same = digits.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    same.collect()
}

fn read(text: &str) {
    if let Ok(key) = SecretKey::read(text) {
        assert_eq!(digits(&key.print()), digits(text));
    }
    if let Ok(key) = RootKey::read(text) {
        assert_eq!(digits(&key.print()), digits(text));
    }
    let Ok(kit) = Kit::read(text) else { return };
    let printed = print_checkpoint(kit.checkpoint);
    assert!(text.to_ascii_lowercase().contains(&printed), "a checkpoint that nobody typed");
    if let Some(team) = kit.team {
        assert!(text.contains(&team.to_string()), "a team that nobody typed");
    }
}

/// Any key and place there may be, printed and read.
fn made_of(input: &mut Input<'_>) {
    let secret_key = SecretKey::from_bytes(input.array());
    let again = SecretKey::read(&secret_key.print()).expect("as it was printed");
    assert_eq!(again.bytes(), secret_key.bytes());

    let seed: [u8; 32] = input.array();
    let team = TeamId(Hash(input.array()));
    let head = Head { seq: u64::from_be_bytes(input.array()), hash: Hash(input.array()) };
    let printed = RootKey::new(seed.into(), team, head).print();
    let again = RootKey::read(&printed).expect("as it was printed");
    assert_eq!((*again.seed(), again.team, again.checkpoint), (seed, team, head));

    // A server's name has no bar and no blank in it: it is an origin.
    let server: String = String::from_utf8_lossy(input.take(64))
        .chars()
        .filter(|c| *c != '|' && !c.is_whitespace() && !c.is_control())
        .collect();
    let others = vec![(team, head)];
    let kit = Kit { secret_key, server, team, checkpoint: head, others };
    let around = String::from_utf8_lossy(input.take(32)).replace("subrosa-kit", "");
    let text = format!("{around}\n{}\n{around}", *kit.line());
    let read = Kit::read(&text).expect("as it was printed");
    assert_eq!(read.secret_key.bytes(), kit.secret_key.bytes());
    assert_eq!((read.team, read.checkpoint), (Some(team), head));

    let typed = format!("{} {}", *kit.secret_key.print(), print_checkpoint(head));
    let read = Kit::read(&typed).expect("as it was printed");
    assert_eq!((read.team, read.checkpoint), (None, head));
}
