//! Who is served when.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

type Taking<'t> = Pin<Box<dyn Future<Output = Result<Turn, Crowded>> + 't>>;

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

fn poll(taking: &mut Taking<'_>) -> Poll<Result<Turn, Crowded>> {
    taking
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// Requests that wait, each with its tenant and bytes.
struct World<'t> {
    turns: &'t Turns,
    taking: Vec<(usize, u64, Option<Taking<'t>>)>,
}

impl<'t> World<'t> {
    fn new(turns: &'t Turns) -> Self {
        let taking = Vec::new();
        Self { turns, taking }
    }

    fn ask(&mut self, names: &'t [TenantId], of: usize, bytes: u64) {
        let mut taking: Taking<'t> = Box::pin(self.turns.take(&names[of], 1, bytes));
        assert!(poll(&mut taking).is_pending(), "no turn is free");
        self.taking.push((of, bytes, Some(taking)));
    }

    /// Those that have their turn now.
    fn served(&mut self) -> Vec<(usize, u64, Turn)> {
        let mut found = Vec::new();
        for (of, bytes, taking) in &mut self.taking {
            let ready = taking.as_mut().map(poll);
            if let Some(Poll::Ready(turn)) = ready {
                *taking = None;
                found.push((*of, *bytes, turn.unwrap()));
            }
        }
        found
    }
}

fn now(turns: &Turns, of: &TenantId) -> Turn {
    let mut taking: Taking<'_> = Box::pin(turns.take(of, 1, 1));
    match poll(&mut taking) {
        Poll::Ready(Ok(turn)) => turn,
        _ => panic!("no turn is free"),
    }
}

#[test]
fn one_request_is_served_among_many_of_another() {
    let names = [tenant("noisy"), tenant("quiet")];
    let turns = Turns::new(1);
    let mut held = vec![now(&turns, &names[0])];
    let mut world = World::new(&turns);
    let bytes = 64 << 10;
    for _ in 0..WAITING_COUNT_MAX {
        world.ask(&names, 0, bytes);
    }
    let mut one_more: Taking<'_> = Box::pin(turns.take(&names[0], 1, bytes));
    assert!(matches!(poll(&mut one_more), Poll::Ready(Err(Crowded))));
    drop(one_more);
    world.ask(&names, 1, bytes);
    // Before it comes what one visit to the other is worth.
    let mut before = 0;
    loop {
        held.pop();
        let served = world.served();
        assert_eq!(served.len(), 1);
        let (of, _, turn) = served.into_iter().next().unwrap();
        held.push(turn);
        if of == 1 {
            break;
        }
        before += 1;
    }
    assert_eq!(before, QUANTUM_BYTES / bytes);
    assert_eq!(turns.waiting_count(), WAITING_COUNT_MAX - before as usize);
}

#[test]
fn whoever_goes_away_frees_its_place_and_its_turn() {
    let names = [tenant("a"), tenant("b")];
    let turns = Turns::new(1);
    let held = now(&turns, &names[0]);
    let mut world = World::new(&turns);
    world.ask(&names, 0, 1);
    world.ask(&names, 0, 1);
    world.ask(&names, 1, 1);
    // One goes while it waits, one with its turn given and not yet seen.
    world.taking.remove(0);
    assert_eq!(turns.waiting_count(), 2);
    drop(held);
    world.taking.remove(0);
    let served = world.served();
    assert_eq!(served.iter().map(|(of, ..)| *of).collect::<Vec<_>>(), [1]);
    drop((served, world));
    assert_eq!(turns.waiting_count(), 0);
    let state = turns.lock();
    assert_eq!(
        (state.free, state.queues.len(), state.ring.len()),
        (1, 0, 0)
    );
}

#[test]
fn a_weight_is_worth_as_many_visits() {
    let names = [tenant("a"), tenant("b")];
    let turns = Turns::new(1);
    let mut held = Some(now(&turns, &names[0]));
    let mut taking: Vec<(usize, Taking<'_>)> = Vec::new();
    for _ in 0..40 {
        for (of, weight) in [(0, 1), (1, 3)] {
            let mut one: Taking<'_> = Box::pin(turns.take(&names[of], weight, QUANTUM_BYTES));
            assert!(poll(&mut one).is_pending());
            taking.push((of, one));
        }
    }
    let mut served = [0, 0];
    for _ in 0..40 {
        drop(held.take());
        let mut at = 0..;
        let found = taking.iter_mut().find_map(|(of, one)| {
            let at = at.next()?;
            match poll(one) {
                Poll::Ready(turn) => Some((at, *of, turn.unwrap())),
                Poll::Pending => None,
            }
        });
        let (at, of, turn) = found.unwrap();
        drop(taking.remove(at));
        served[of] += 1;
        held = Some(turn);
    }
    drop(held);
    assert_eq!(served, [10, 30]);
}

proptest! {
    /// Whatever comes and goes: turns are never more than there are, nobody waits while one is
    /// free, each tenant's requests are served in their order, all are served, and while two
    /// tenants have something waiting none gets more than a visit and a request ahead.
    #[test]
    fn nobody_starves(
        at_once in 1_usize..4,
        asked in prop::collection::vec((0_usize..4, 1_u64..(1 << 20)), 1..120),
        gone in prop::collection::vec(0_usize..120, 0..20),
    ) {
        let names = ["a", "b", "c", "d"].map(tenant);
        let turns = Turns::new(at_once);
        let mut held: VecDeque<Turn> = (0..at_once).map(|_| now(&turns, &names[0])).collect();
        let mut world = World::new(&turns);
        for (of, bytes) in &asked {
            world.ask(&names, *of, *bytes);
        }
        for at in gone {
            if let Some((_, _, taking)) = world.taking.get_mut(at) {
                *taking = None;
            }
        }
        let mut served = [0_u64; 4];
        let mut last = [0_usize; 4];
        loop {
            let waits: Vec<bool> = (0..4)
                .map(|of| world.taking.iter().any(|(own, _, t)| *own == of && t.is_some()))
                .collect();
            if !waits.contains(&true) {
                break;
            }
            prop_assert_eq!(held.len(), at_once);
            held.pop_front();
            let before: Vec<usize> = world.taking.iter().enumerate()
                .filter(|(_, (_, _, t))| t.is_some()).map(|(at, _)| at).collect();
            let found = world.served();
            prop_assert_eq!(found.len(), 1);
            let at = before.into_iter().find(|at| world.taking[*at].2.is_none()).unwrap();
            for (of, bytes, turn) in found {
                prop_assert!(last[of] <= at);
                last[of] = at;
                served[of] += bytes.max(COST_BYTES_MIN);
                held.push_back(turn);
            }
            let waiting = (0..4).filter(|of| waits[*of]);
            let backlogged: Vec<u64> = waiting.map(|of| served[of]).collect();
            let (least, most) = (backlogged.iter().min(), backlogged.iter().max());
            let ahead = most.unwrap() - least.unwrap();
            // All began together: Shreedhar and Varghese, theorem 4.1, with a request of 1 MiB.
            prop_assert!(ahead <= QUANTUM_BYTES + 2 * (1 << 20), "{}", ahead);
        }
        drop(held);
        let state = turns.lock();
        prop_assert_eq!((state.free, state.ring.len(), state.queues.len()), (at_once, 0, 0));
    }
}
