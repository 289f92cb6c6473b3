//! What of a saga is kept in a journal, taken apart as far as it is spelled.

use syn::{GenericArgument, Generics, Ident, PathArguments, Type};

use super::saga::Saga;
use super::step::Step;
use crate::util::types::ungrouped;

/// A type of which values are kept.
pub(crate) struct JournaledType<'t> {
    /// The step that gives it; none for the input.
    pub(crate) step: Option<&'t Step<'t>>,
    /// As it is spelled; where that is an alias of a `Result`, what it is an alias of is not known.
    pub(crate) ty: Option<&'t Type>,
}

/// What a type is made of.
pub(crate) enum TypeParts<'t> {
    /// A tuple: as good as its fields.
    Tuple(Vec<&'t Type>),
    /// What is of other types, and may be wrong itself.
    Holds(Vec<&'t Type>),
    /// The same, which serde keeps if it is told to.
    Shared(&'t Type),
    /// What borrows, and from whom is not known when it is read.
    Borrowed,
    /// What the block is generic over.
    Parameter,
    /// All else.
    Opaque,
}

impl<'t> TypeParts<'t> {
    pub(crate) fn of(ty: &'t Type, generics: &Generics) -> Self {
        let is_parameter =
            |ident: &Ident| generics.type_params().any(|param| param.ident == *ident);
        let path = match ungrouped(ty) {
            Type::Tuple(tuple) => return Self::Tuple(tuple.elems.iter().collect()),
            Type::Paren(paren) => return Self::Tuple(vec![&paren.elem]),
            Type::Reference(_) => return Self::Borrowed,
            Type::Path(path) if path.qself.is_none() => &path.path,
            _ => return Self::Opaque,
        };
        if path.get_ident().is_some_and(is_parameter) {
            return Self::Parameter;
        }
        let Some(last) = path.segments.last() else {
            return Self::Opaque;
        };
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return Self::Opaque;
        };
        let types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        let types: Vec<_> = types.collect();
        match &*types {
            types if types.is_empty() || types.iter().any(|ty| is_unsized(ty)) => Self::Opaque,
            [shared] if last.ident == "Arc" => Self::Shared(shared),
            _ => Self::Holds(types),
        }
    }
}

/// Whether there are values of it only behind something that points to them.
fn is_unsized(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    }
}

impl<'t> TypeParts<'t> {
    /// The types that it is made of.
    pub(crate) fn types(&self) -> &[&'t Type] {
        match self {
            Self::Tuple(types) | Self::Holds(types) => types,
            Self::Shared(ty) => std::slice::from_ref(ty),
            Self::Borrowed | Self::Parameter | Self::Opaque => &[],
        }
    }
}

impl Saga<'_> {
    /// What is kept of it: its input, and what each step gives that runs no other saga.
    pub(crate) fn journaled_types(&self) -> impl Iterator<Item = JournaledType<'_>> {
        let input = JournaledType {
            step: None,
            ty: Some(&self.input),
        };
        let steps = self.steps.iter().filter(|step| step.nested().is_none());
        let outputs = steps.map(|step| JournaledType {
            step: Some(step),
            ty: step.output.result_types.map(|(output, _)| output),
        });
        [input].into_iter().chain(outputs)
    }
}
