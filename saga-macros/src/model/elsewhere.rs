//! Which other value a parameter may be intended for: for messages.

use syn::Type;

use super::parameter::{Parameter, Source};
use super::saga::Saga;
use crate::util::spelling::spelled;
use crate::util::types::{owned, owning};

impl Saga<'_> {
    /// Returns the only one of the input and the outputs of the steps up to `before` that is written as the type of
    /// a parameter.
    pub(crate) fn only_value_of(&self, ty: &Type, before: usize) -> Option<Source> {
        let wanted = spelled(owned(ty));
        let input = (spelled(&self.input) == wanted).then_some(Source::Input);
        let steps = self.steps.iter().take(before);
        // The output of a step that may be skipped, or that runs a saga, has another type for others.
        let steps = steps.filter(|step| !step.is_conditional() && step.nested().is_none());
        let outputs = steps.filter_map(|step| {
            let (output, _) = step.output.result_types?;
            (spelled(output) == wanted).then_some(Source::Output(step.index))
        });
        let mut values = input.into_iter().chain(outputs);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the value that a bare parameter may be intended for, if it is not written as the type of the output
    /// that it takes. An alias may have both names, so the compiler decides.
    pub(crate) fn possibly_intended(&self, parameter: &Parameter) -> Option<Source> {
        let (Source::Output(giver), true, None) =
            (parameter.source, parameter.is_bare, parameter.part)
        else {
            return None;
        };
        let giver = self.steps.get(giver)?;
        let (output, _) = giver.output.result_types?;
        let output = spelled(output);
        let is_given = [owned(&parameter.ty), owning(&parameter.ty)];
        // With a marker the parameters would be too few for a group.
        let is_alone = giver.stage.len() == 1 && giver.nested().is_none();
        if !is_alone || is_given.iter().any(|ty| spelled(ty) == output) {
            return None;
        }
        self.only_value_of(&parameter.ty, giver.stage.start)
    }
}
