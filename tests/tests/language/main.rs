//! What can be written as a saga: shapes of services, steps and types, and how their values are passed on.

mod create_order;
mod elided_lifetime;
mod generic_over_sagas;
mod hygiene;
mod nested_shapes;
mod owned;
mod self_predicates;
mod self_types;
mod shapes;
mod tuples;
