//! The block engine against the plain one, bit for bit, at every instruction level; and the identities on every path.

mod common;

use common::{SMALL, job};
use gapcast::engine::columns::{Field, LANES, Row, columns};
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::part::Lane;
use gapcast::engine::reference::Path;

#[test]
fn blocks_equal_the_plain_engine_and_identities_hold() {
    let job = job(SMALL);
    let plan = &job.plan;
    let (mut dead, mut events) = (0, 0);
    for level in Level::ALL.into_iter().filter(|l| l.available()) {
        let mut worker = Worker::new(plan, level);
        let blocks = if level == Level::best() { 3 } else { 1 };
        for block in 0..blocks {
            let first = block * LANES as u64;
            let mut boards = Vec::new();
            worker.block(first, |w, _| {
                boards.push((w.board.clone(), w.rooms.iter().map(|r| r.own().to_vec()).collect::<Vec<_>>()));
            });
            for lane in 0..LANES {
                let mut path = Path::new(plan, first + lane as u64);
                for (t, (board, owns)) in boards.iter().enumerate() {
                    path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                    let mut c = columns(Lane::WIDTH);
                    path.lane.store(&mut c, 0);
                    for k in 0..Lane::WIDTH {
                        let (plain, fast) = (c[k].0[0], board[k].0[lane]);
                        assert_eq!(
                            plain.to_bits(),
                            fast.to_bits(),
                            "{}: lane {lane}, month {}, column {k} {}: {plain} {fast}",
                            level.name(),
                            t + 1,
                            name_of(k)
                        );
                    }
                    for (r, (room, own)) in path.rooms.iter().zip(owns).enumerate() {
                        for (k, value) in room.values().iter().enumerate() {
                            assert_eq!(
                                value.to_bits(),
                                own[k].0[lane].to_bits(),
                                "{}: room {r}, field {k}",
                                plan.rooms[r].name
                            );
                        }
                    }
                    events |= path.lane.accounts.events;
                }
                dead += u32::from(path.lane.lab.alive == 0.0);
            }
        }
    }
    // The scenario must reach what it is meant to test: ruin, and every adverse event.
    assert!(dead > 10, "only {dead} paths defaulted");
    let adverse = (1 << gapcast::engine::books::event::CAUSES) - 1 - gapcast::engine::books::event::GUARANTEE_CALLED;
    assert_eq!(events & adverse, adverse, "events seen: {events:b}");
}

fn name_of(column: usize) -> String {
    let mut at = 0;
    for (group, names) in [
        ("market", gapcast::engine::room::Market::NAMES),
        ("lab", gapcast::engine::room::Lab::NAMES),
        ("ops", gapcast::engine::part::Ops::NAMES),
        ("accounts", gapcast::engine::part::Accounts::NAMES),
        ("lines", gapcast::engine::books::Lines::NAMES),
    ] {
        for (name, width) in names {
            if column < at + width {
                return format!("{group}.{name}");
            }
            at += width;
        }
    }
    "left, power or events".to_owned()
}
