//! What an option is read as.

use syn::Ident;

/// A value and the key it was given under.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// What was read: as it should be written, or wrongly, which is reported by then.
pub(crate) enum Read<T, I = Option<Ident>> {
    Ok(T),
    /// With what was intended, as far as that shows.
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
    /// What was read or, if that was wrong, intended.
    pub(crate) fn intended(&self) -> &O {
        match self {
            Self::Ok(value) | Self::Wrong(value) => value,
        }
    }
}
