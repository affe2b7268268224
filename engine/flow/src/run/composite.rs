//! Runs lists over items and tasks side by side.

use super::scope::Place;
use super::{Progress, Run};
use crate::key::Segment;
use crate::state::{Branch, ListFrame};
use crate::step::admitted;
use sagsgang_definition::Data;
use sagsgang_definition::workflow::{ForTask, TaskList, Then};

impl<'w> Run<'w> {
    pub(super) fn iterate(
        &mut self,
        each: &'w ForTask,
        place: Place<'_>,
        items: &Data,
        index: &mut u32,
        frame: &mut ListFrame,
    ) -> Progress {
        loop {
            let Some(item) = items
                .items()
                .and_then(|mut items| items.nth(*index as usize))
            else {
                return Progress::Done {
                    value: frame.value.clone(),
                    then: Then::Continue,
                };
            };
            if self.is_tired() && self.delivery.is_none() {
                return Progress::Yielded;
            }
            let count = *index;
            let progress = self.with_local(&each.each, item, |run| {
                run.with_local(&each.at, Data::from(i64::from(count)), |run| {
                    let begins = frame.at == 0 && frame.round == 0 && frame.task.is_none();
                    if begins {
                        // An empty body must not turn round without end in one step.
                        run.budget = run.budget.saturating_sub(1);
                        match run.holds(each.condition.as_ref(), &frame.value, place) {
                            Ok(true) => {}
                            Ok(false) => return None,
                            Err(error) => return Some(Progress::failed(error)),
                        }
                    }
                    run.path.push(Segment {
                        reference: "",
                        name: "",
                        visit: count,
                    });
                    let progress = run.list(&each.body, frame);
                    run.path.pop();
                    Some(progress)
                })
            });
            match progress {
                None => {
                    return Progress::Done {
                        value: frame.value.clone(),
                        then: Then::Continue,
                    };
                }
                Some(Progress::Done {
                    value,
                    then: Then::End,
                }) => {
                    return Progress::Done {
                        value,
                        then: Then::End,
                    };
                }
                Some(Progress::Done { value, .. }) => {
                    *index += 1;
                    *frame = ListFrame::new(value);
                }
                Some(other) => return other,
            }
        }
    }

    pub(super) fn fork(
        &mut self,
        branches: &'w TaskList,
        compete: bool,
        input: &Data,
        frames: &mut [Branch],
    ) -> Progress {
        let mut yielded = false;
        for (place, id) in branches.0.iter().enumerate() {
            let Branch::Running(task) = &mut frames[place] else {
                continue;
            };
            match self.task(*id, input, task, 0) {
                Progress::Done {
                    value,
                    then: Then::End,
                } => {
                    self.stop_branches(frames, place);
                    return Progress::Done {
                        value,
                        then: Then::End,
                    };
                }
                Progress::Done { value, .. } if compete => {
                    self.stop_branches(frames, place);
                    return Progress::Done {
                        value,
                        then: Then::Continue,
                    };
                }
                Progress::Done { value, .. } => {
                    frames[place] = Branch::Done(value);
                    let outputs = Data::array(outputs(frames));
                    if let Err(error) = admitted(outputs, self.context, "what the branches gave") {
                        return Progress::failed(error);
                    }
                }
                // The other branches go on waiting until somebody catches the error, or nobody does.
                Progress::Failed(error) => return Progress::Failed(error),
                Progress::Yielded => yielded = true,
                Progress::Waiting => {}
            }
        }
        let outputs: Vec<Data> = outputs(frames).collect();
        match (outputs.len() == frames.len(), yielded) {
            (true, _) => Progress::Done {
                value: Data::array(outputs),
                then: Then::Continue,
            },
            (false, true) => Progress::Yielded,
            (false, false) => Progress::Waiting,
        }
    }
}

/// What the branches gave that have ended.
fn outputs(frames: &[Branch]) -> impl Iterator<Item = Data> + '_ {
    frames.iter().filter_map(|branch| match branch {
        Branch::Done(value) => Some(value.clone()),
        Branch::Running(_) => None,
    })
}
