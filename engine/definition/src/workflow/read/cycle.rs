//! Functions of a file that call themselves, by others too. A run of one would never end.

use crate::workflow::{Target, Task, TaskKind};
use std::collections::BTreeMap;

/// Where the functions of a file stand.
const FUNCTIONS: &str = "/use/functions/";

/// The functions that call themselves, in the order of the names. The work grows with the number of calls, and nothing here
/// calls itself: a file may have thousands of functions in a row.
pub(super) fn functions<'a>(
    names: impl Iterator<Item = &'a String>,
    tasks: impl Iterator<Item = &'a Task>,
) -> Vec<String> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    let numbers = names
        .iter()
        .enumerate()
        .map(|(number, name)| (*name, number));
    let numbers: BTreeMap<&str, usize> = numbers.collect();
    let mut calls = vec![Vec::new(); names.len()];
    let mut callers = vec![Vec::new(); names.len()];
    for task in tasks {
        if let TaskKind::Call(call) = &task.kind
            && let Target::Local(called) = &call.target
            && let Some(inside) = task.reference.strip_prefix(FUNCTIONS)
            && let Some(to) = numbers.get(called.as_str())
        {
            // A name may hold a stroke.
            let ends = inside.match_indices('/').map(|(end, _)| &inside[..end]);
            let functions = ends.chain([inside]).filter_map(|name| numbers.get(name));
            for from in functions {
                calls[*from].push(*to);
                callers[*to].push(*from);
            }
        }
    }
    let groups = groups(&calls, &callers);
    let mut sizes = vec![0_usize; names.len()];
    for group in &groups {
        sizes[*group] += 1;
    }
    let in_cycle = |number: &usize| sizes[groups[*number]] > 1 || calls[*number].contains(number);
    let found = (0..names.len()).filter(in_cycle);
    found.map(|number| names[number].to_owned()).collect()
}

/// For each function the group of those that call each other, after Kosaraju: whoever is reached against the direction of the
/// calls, in the order in which the search along them ended, the last first.
fn groups(calls: &[Vec<usize>], callers: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; calls.len()];
    let mut ended = Vec::with_capacity(calls.len());
    for start in 0..calls.len() {
        walk(start, calls, &mut seen, &mut ended);
    }
    let mut seen = vec![false; calls.len()];
    let mut groups = vec![0; calls.len()];
    for start in ended.into_iter().rev() {
        let mut members = Vec::new();
        walk(start, callers, &mut seen, &mut members);
        for member in members {
            groups[member] = start;
        }
    }
    groups
}

/// Goes depth first to all that is not seen, and notes each when all behind it is done.
fn walk(start: usize, ways: &[Vec<usize>], seen: &mut [bool], ended: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut open = vec![(start, 0)];
    while let Some((at, taken)) = open.last_mut() {
        let Some(next) = ways[*at].get(*taken).copied() else {
            ended.push(*at);
            open.pop();
            continue;
        };
        *taken += 1;
        if !std::mem::replace(&mut seen[next], true) {
            open.push((next, 0));
        }
    }
}
