//! The result of reading an option.

use syn::Ident;

/// A value and its key.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// A value that was read. An error is reported for a wrong one.
pub(crate) enum Read<T, I = Option<Ident>> {
    Ok(T),
    /// The intended value, as far as it shows.
    Wrong(I),
}

impl<T, I> Read<T, I> {
    pub(crate) fn ok(self) -> Option<T> {
        match self {
            Self::Ok(value) => Some(value),
            Self::Wrong(_) => None,
        }
    }

    pub(crate) fn as_ok(&self) -> Option<&T> {
        match self {
            Self::Ok(value) => Some(value),
            Self::Wrong(_) => None,
        }
    }
}

impl<O> Read<O, O> {
    /// Returns the value or, if it was wrong, the intended one.
    pub(crate) fn intended(&self) -> &O {
        match self {
            Self::Ok(value) | Self::Wrong(value) => value,
        }
    }
}
