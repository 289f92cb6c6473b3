//! Sagas in places where every name that an expansion might use means something else; each module has one kind of
//! name. The test is that they compile without a warning, and run.
#![allow(
    dead_code,
    unused_macros,
    reason = "what counts is that the names are taken"
)]

mod constants;
mod functions;
mod methods;
mod modules;
mod nested;
mod primitives;
mod types;

#[cfg(test)]
mod tests {
    use saga_core::{End, Saga};

    use crate::{constants, functions, methods, modules, nested, primitives, types};

    #[tokio::test(start_paused = true)]
    async fn the_names_of_the_prelude_may_be_taken_by_other_types_traits_and_modules() {
        let text = ::std::string::String::from("seven");
        let done = types::ParcelsSaga::run(&types::Parcels, (7, text)).await;
        assert_eq!(done.unwrap(), 7);
        let error = types::ParcelsSaga::run(&types::Parcels, (0, String::new())).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, "weigh");
        assert_eq!(error.attempts(), 2);
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_an_expansion_may_be_taken_by_functions() {
        let error = functions::BellSaga::run(&functions::Bell, 3).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, "hear");
        assert_eq!(error.attempts(), 2);
        assert!(error.in_doubt());
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_an_expansion_may_be_taken_by_constants() {
        let output = constants::ClockSaga::run(&constants::Clock, (3, "big".to_owned())).await;
        assert_eq!(output.unwrap(), 3);
        let still = constants::ClockSaga::run(&constants::Clock, (0, "big".to_owned())).await;
        let error = still.unwrap_err();
        assert_eq!(error.step().unwrap().name, "look");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_methods_that_an_expansion_calls_may_be_those_of_a_trait_that_everything_has() {
        let output = methods::WatchSaga::run(&methods::Watch, (3, "small".to_owned())).await;
        assert_eq!(output.unwrap(), 3);
        let still = methods::WatchSaga::run(&methods::Watch, (0, "small".to_owned())).await;
        let error = still.unwrap_err();
        assert_eq!(error.step().unwrap().name, "look");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_steps_compensations_and_the_input_may_be_those_of_modules() {
        let sold = modules::ShopSaga::run(&modules::Shop, modules::shop::order(7)).await;
        assert_eq!(sold.unwrap(), 7);
        let refused = modules::ShopSaga::run(&modules::Shop, modules::shop::order(0)).await;
        let error = refused.unwrap_err();
        assert_eq!(error.step().unwrap().name, "parcel");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_that_a_step_needs_to_run_a_saga_may_be_taken() {
        let ships = nested::Ships {
            service: nested::Crates,
        };
        assert_eq!(nested::ShipsSaga::run(&ships, 7).await.unwrap(), 7);
        let error = nested::ShipsSaga::run(&ships, 9).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "sail");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
        let error = nested::ShipsSaga::run(&ships, 0).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "executor");
        assert_eq!(error.attempts(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_names_of_primitive_types_may_be_taken_by_other_types() {
        let text = ::std::string::String::from("seven");
        let sum = primitives::SumsSaga::run(&primitives::Sums, (7, text)).await;
        assert_eq!(sum.unwrap(), (8, Some(1)));
        let error = primitives::SumsSaga::run(&primitives::Sums, (1, String::new())).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, "small");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }
}
