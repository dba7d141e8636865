//! A disk that is full or read-only under four devices that keep writing: they are told, nothing
//! that was acknowledged is lost, and all goes on when there is room again.

use subrosa_bridge::Kind;
use subrosa_server::Running;
use subrosa_tests::writers::{Devices, Writing};
use subrosa_tests::{Stage, story};

/// How much faster than the clock the clients' timers run.
const PACE: u32 = 20;

/// Each device was told that its change did not get in, and why.
async fn all_are_told(writing: &Writing) {
    for problem in writing.all_told().await {
        assert_eq!(problem.kind, Kind::Refused, "{problem:?}");
        assert!(problem.next.contains("make room"), "{problem:?}");
    }
}

async fn through_a_bad_disk(spoil: impl Fn(&Running), mend: impl Fn(&Running)) {
    let mut stage = Stage::unbounded().await;
    let token = stage.running().setup_token().unwrap();
    let devices = Devices::new(&stage.origin(), &token, PACE).await;
    let writing = devices.write(1);
    writing.more(20).await;
    for _ in 0..3 {
        spoil(stage.running());
        all_are_told(&writing).await;
        // Reading goes on, also for a device that comes only now.
        devices.newcomer().await;
        mend(stage.running());
        writing.more(20).await;
    }
    let saved = writing.stop().await;
    devices.agree_on(&saved).await;
    stage.stop().await;
    stage.start().await;
    devices.agree_on(&saved).await;
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    story(async {
        // A bound below the present size means: not one page more.
        let full = |server: &Running| server.set_max_pages(1).unwrap();
        let room = |server: &Running| server.set_max_pages(1 << 20).unwrap();
        through_a_bad_disk(full, room).await;
    });
}

#[test]
fn a_read_only_disk_is_told_and_loses_nothing() {
    story(async {
        let read_only = |server: &Running| server.set_read_only(true).unwrap();
        let writable = |server: &Running| server.set_read_only(false).unwrap();
        through_a_bad_disk(read_only, writable).await;
    });
}
