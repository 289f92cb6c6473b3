//! Sagas where every name that an expansion might use means something else, a kind of name a
//! module. That they compile without a warning is the test; that they run, the proof.
#![allow(
    dead_code,
    unused_macros,
    reason = "what counts is that the names are taken"
)]

mod functions;
mod types;

#[cfg(test)]
mod tests {
    use saga_core::{End, Saga};

    use crate::{functions, types};

    #[tokio::test(start_paused = true)]
    async fn the_names_of_the_prelude_may_be_taken_by_other_types_traits_and_modules() {
        let text = ::std::string::String::from("seven");
        let done = types::ParcelsSaga::run(&types::Parcels, (7, text)).await;
        assert_eq!(done.unwrap(), 7);
        let error = types::ParcelsSaga::run(&types::Parcels, (0, String::new())).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().name, "weigh");
        assert_eq!(error.attempts(), 2);
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_an_expansion_may_be_taken_by_functions() {
        let error = functions::BellSaga::run(&functions::Bell, 3).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().name, "hear");
        assert_eq!(error.attempts(), 2);
        assert!(error.in_doubt());
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }
}
