//! The types that a durable saga records in a journal, and the types they consist of.

use syn::{GenericArgument, Generics, Ident, Path, PathArguments, Type};

use super::saga::Saga;
use super::step::Step;
use crate::util::types::{is_primitive, without_parens};

/// A type whose values a journal records.
pub(crate) struct JournaledType<'t> {
    /// The step whose output it is; `None` for the input.
    pub(crate) step: Option<&'t Step<'t>>,
    /// The type as written; `None` for the output of a step that returns an alias of a `Result`.
    pub(crate) ty: Option<&'t Type>,
}

/// The types that a type consists of.
pub(crate) enum TypeParts<'t> {
    /// A tuple: the journal can record it if it can record the fields.
    Tuple(Vec<&'t Type>),
    /// Another type with parameters, which may be wrong itself.
    Holds(Vec<&'t Type>),
    /// An `Arc`, which serde supports with a feature.
    Shared(&'t Type),
    /// A point in time of a clock that starts with the process, if it is the type that it is named like.
    Instant,
    /// Something that exists only in one process, if it is the type that it is named like.
    OfProcess,
    /// A reference: the value read from a journal has no owner to borrow from.
    Borrowed,
    /// A type parameter of the block.
    Parameter,
    /// Any other type.
    Opaque,
}

/// Types of the standard library and of tokio that stand for something in one process.
const OF_PROCESS: [&str; 14] = [
    "AbortHandle",
    "Child",
    "File",
    "JoinHandle",
    "Receiver",
    "Sender",
    "Sleep",
    "TcpListener",
    "TcpStream",
    "ThreadId",
    "UdpSocket",
    "UnboundedReceiver",
    "UnboundedSender",
    "Waker",
];

/// Whether this is the path of such a type, as far as its name shows.
fn is_of_process(path: &Path) -> bool {
    let mut names = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    match names.next_back().as_deref() {
        // Of the many types of this name it is that of I/O which users return.
        Some("Error") => names.next_back().as_deref() == Some("io"),
        Some(name) => OF_PROCESS.contains(&name),
        None => false,
    }
}

impl<'t> TypeParts<'t> {
    pub(crate) fn of(ty: &'t Type, generics: &Generics) -> Self {
        let is_parameter =
            |ident: &Ident| generics.type_params().any(|param| param.ident == *ident);
        let path = match without_parens(ty) {
            Type::Tuple(tuple) => return Self::Tuple(tuple.elems.iter().collect()),
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
        if last.ident == "Instant" {
            return Self::Instant;
        }
        if is_of_process(path) {
            return Self::OfProcess;
        }
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

/// Whether values of this type exist only behind a pointer.
fn is_unsized(ty: &Type) -> bool {
    match without_parens(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        ty => is_primitive(ty, "str"),
    }
}

impl<'t> TypeParts<'t> {
    /// Returns the types that it consists of.
    pub(crate) fn types(&self) -> &[&'t Type] {
        match self {
            Self::Tuple(types) | Self::Holds(types) => types,
            Self::Shared(ty) => std::slice::from_ref(ty),
            Self::Instant | Self::OfProcess | Self::Borrowed | Self::Parameter | Self::Opaque => {
                &[]
            }
        }
    }
}

impl Saga<'_> {
    /// Returns the types that a journal records: the input, and the output of each step that runs no other
    /// saga.
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
