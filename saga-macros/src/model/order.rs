//! The order of the steps: which run at the same time, and which complete before others.

use core::ops::Range;

use syn::Ident;

use super::parameter::Source;
use crate::parse::steps::StepSyntax;
use crate::suggest::similar;

/// The steps in their order.
pub(super) struct StepOrder<'a> {
    positions: Vec<Position<'a>>,
}

/// What other steps need to know of a step to bind their parameters.
struct Position<'a> {
    name: &'a Ident,
    group: Option<String>,
    /// Whether the step may be skipped.
    is_conditional: bool,
}

impl<'a> StepOrder<'a> {
    pub(super) fn of(steps: &[StepSyntax<'a>]) -> Self {
        let positions = steps.iter().map(|step| {
            let options = step.options.intended();
            Position {
                name: &step.method.sig.ident,
                group: options.intended_group(),
                is_conditional: options.only_if.is_some(),
            }
        });
        let mut order = Self {
            positions: positions.collect(),
        };
        order.correct_groups();
        order
    }

    /// Moves a step that stands alone into the group beside it, if the names are similar or the step names no
    /// group. Validation reports the mistake; nothing else should follow from it.
    fn correct_groups(&mut self) {
        for index in 0..self.positions.len() {
            if let Some(intended) = self.intended_group(index)
                && let Some(position) = self.positions.get_mut(index)
            {
                position.group = Some(intended);
            }
        }
    }

    fn intended_group(&self, index: usize) -> Option<String> {
        let own = self.group(index)?;
        let before = index.checked_sub(1).and_then(|before| self.group(before));
        let after = self.group(index + 1);
        if before == Some(own) || after == Some(own) {
            return None;
        }
        let is_intended =
            |other: &&str| !other.is_empty() && (own.is_empty() || similar(own, [other]).is_some());
        // Of two steps that stand alone, the second is the mistake.
        let is_alone = self.group(index + 2) != after;
        let after = after.filter(|_| !is_alone || own.is_empty());
        let intended = before.filter(is_intended);
        let intended = intended.or_else(|| after.filter(is_intended));
        intended.map(ToOwned::to_owned)
    }

    /// Returns the group of the step at `index`.
    pub(super) fn group(&self, index: usize) -> Option<&str> {
        self.positions.get(index)?.group.as_deref()
    }

    /// Returns the position of the step with this name.
    pub(super) fn position(&self, name: &Ident) -> Option<usize> {
        let mut positions = self.positions.iter();
        positions.position(|position| position.name == name)
    }

    pub(super) fn is_conditional(&self, index: usize) -> bool {
        let position = self.positions.get(index);
        position.is_some_and(|position| position.is_conditional)
    }

    /// Returns the positions of the steps that run at the same time as the one at `index`.
    pub(super) fn stage(&self, index: usize) -> Range<usize> {
        let Some(group) = self.group(index) else {
            return index..index + 1;
        };
        let of_group = |other: &&Position<'_>| other.group.as_deref() == Some(group);
        let before = self.positions.iter().take(index).rev().take_while(of_group);
        let after = self.positions.iter().skip(index).take_while(of_group);
        index - before.count()..index + after.count()
    }

    /// Returns the positions of the steps whose outputs the bare parameters of the step at `index` take. It
    /// is empty if they take the input.
    pub(super) fn above(&self, index: usize) -> Range<usize> {
        match self.stage(index).start.checked_sub(1) {
            Some(last) => self.stage(last),
            None => 0..0,
        }
    }

    /// Returns the source for the output of a step: for other steps, or for its own compensation.
    pub(super) fn output(&self, index: usize, is_own: bool) -> Source {
        if self.is_conditional(index) && is_own {
            Source::Ran(index)
        } else {
            Source::Output(index)
        }
    }
}
