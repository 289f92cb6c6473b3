impl Imports {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn read(&self, file: PathBuf) -> io::Result<(Valid, Invalid)> {
        self.disk.read(file).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn insert(&self, valid: Valid, invalid: Invalid) -> Result<u64, Full> {
        self.table.insert(valid, invalid).await
    }
}
/// The saga `imports` of [`Imports`].
#[allow(dead_code)]
struct ImportsSaga(::saga_core::__private::Marker<Imports>);
/// How far a run of [`ImportsSaga`] got: at each point only what is there can be reached.
#[allow(dead_code)]
enum ImportsSagaState<'__saga> {
    /// `read` has not completed.
    BeforeRead {
        /// The saga's input.
        input: &'__saga PathBuf,
    },
    /// `insert` has not completed.
    BeforeInsert {
        /// The saga's input.
        input: &'__saga PathBuf,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga PathBuf,
        /// The output of `insert`.
        insert: &'__saga u64,
    },
}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for ImportsSagaState<'__saga> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str(
            match self {
                Self::BeforeRead { .. } => "BeforeRead",
                Self::BeforeInsert { .. } => "BeforeInsert",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`ImportsSaga`] gave up, and why.
#[allow(dead_code)]
#[non_exhaustive]
enum ImportsSagaError {
    /// Step `read` gave up.
    Read(
        ::saga_core::Failure<
            <io::Result<(Valid, Invalid)> as ::saga_core::__private::StepReturn>::Error,
        >,
    ),
    /// Step `insert` gave up.
    Insert(::saga_core::Failure<Full>),
}
#[automatically_derived]
impl ::core::fmt::Debug for ImportsSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for ImportsSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::error::Error for ImportsSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::StepError::failure(self).source()
    }
}
const _: () = {
    static __STEPS: [::saga_core::Step; 2usize] = [
        ::saga_core::Step::new(
                "read",
                ::saga_core::Kind::ReadOnly,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[::saga_core::Parameter::new("file", ::saga_core::Source::Input)],
            )
            .policy(::saga_core::Policy::attempts(3u32)),
        ::saga_core::Step::new(
                "insert",
                ::saga_core::Kind::Last,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[
                    ::saga_core::Parameter::new(
                            "valid",
                            ::saga_core::Source::Output(0usize),
                        )
                        .part(0usize),
                    ::saga_core::Parameter::new(
                            "invalid",
                            ::saga_core::Source::Output(0usize),
                        )
                        .part(1usize),
                ],
            )
            .once(),
    ];
    static __DEFINITION: ::saga_core::Definition = ::saga_core::Definition::new(
        "imports",
        ::saga_core::Location::new(::core::file!(), ::core::line!()),
        &__STEPS,
    );
    impl ::saga_core::StepError for ImportsSagaError {
        fn step(&self) -> &'static ::saga_core::Step {
            match self {
                Self::Read(_) => &__STEPS[0usize],
                Self::Insert(_) => &__STEPS[1usize],
            }
        }
        fn failure(&self) -> ::saga_core::Failure<::saga_core::ErrorView<'_>> {
            match self {
                Self::Read(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                <io::Result<
                                    (Valid, Invalid),
                                > as ::saga_core::__private::StepReturn>::Error,
                            >::new())
                                .view();
                            <<io::Result<
                                (Valid, Invalid),
                            > as ::saga_core::__private::StepReturn>::Error as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
                Self::Insert(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                Full,
                            >::new())
                                .view();
                            <Full as ::saga_core::__private::StepErrorType>::told(view)
                        })
                }
            }
        }
    }
    #[doc(hidden)]
    pub struct __ImportsSagaSlots {
        input: PathBuf,
        output_0: ::core::option::Option<
            <io::Result<(Valid, Invalid)> as ::saga_core::__private::StepReturn>::Output,
        >,
        output_1: ::core::option::Option<u64>,
        given_away_0: bool,
        service: ::saga_core::__private::Marker<Imports>,
    }
    impl ::saga_core::Slots<ImportsSaga> for __ImportsSagaSlots {
        fn begin(input: PathBuf) -> Self {
            Self {
                input: input,
                output_0: ::core::option::Option::None,
                output_1: ::core::option::Option::None,
                given_away_0: false,
                service: ::core::marker::PhantomData,
            }
        }
        fn state(&self) -> <ImportsSaga as ::saga_core::Saga>::State<'_> {
            if self.output_0.is_none() && !self.given_away_0 {
                return ImportsSagaState::BeforeRead {
                    input: &self.input,
                };
            }
            let ::core::option::Option::Some(output_1) = &self.output_1 else {
                return ImportsSagaState::BeforeInsert {
                    input: &self.input,
                };
            };
            ImportsSagaState::Completed {
                input: &self.input,
                insert: output_1,
            }
        }
        fn value(
            &self,
            source: ::saga_core::Source,
            part: ::core::option::Option<usize>,
        ) -> ::saga_core::Value<'_> {
            #[allow(unused_imports)]
            use ::saga_core::__private::{
                FieldProbe, Probe, value::{ViaDebug as _, ViaNothing as _},
            };
            match (source, part) {
                (
                    ::saga_core::Source::Output(0usize),
                    ::core::option::Option::Some(0usize),
                ) => {
                    match &self.output_0 {
                        ::core::option::Option::Some(value) => {
                            (&&FieldProbe::<_, 0usize, 2usize>(value)).value()
                        }
                        ::core::option::Option::None if self.given_away_0 => {
                            ::saga_core::Value::Moved
                        }
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                (
                    ::saga_core::Source::Output(0usize),
                    ::core::option::Option::Some(1usize),
                ) => {
                    match &self.output_0 {
                        ::core::option::Option::Some(value) => {
                            (&&FieldProbe::<_, 1usize, 2usize>(value)).value()
                        }
                        ::core::option::Option::None if self.given_away_0 => {
                            ::saga_core::Value::Moved
                        }
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                (::saga_core::Source::Input, _) => {
                    let value = &self.input;
                    (&&Probe(value)).value()
                }
                (::saga_core::Source::Output(0usize), _) => {
                    match &self.output_0 {
                        ::core::option::Option::Some(value) => (&&Probe(value)).value(),
                        ::core::option::Option::None if self.given_away_0 => {
                            ::saga_core::Value::Moved
                        }
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                (::saga_core::Source::Output(1usize), _) => {
                    match &self.output_1 {
                        ::core::option::Option::Some(value) => (&&Probe(value)).value(),
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                _ => ::saga_core::Value::Missing,
            }
        }
        fn finish(
            &mut self,
        ) -> ::core::result::Result<u64, ::saga_core::GaveUp<ImportsSagaError>> {
            match self.output_1.take() {
                ::core::option::Option::Some(output) => {
                    ::core::result::Result::Ok(output)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(
                        ::saga_core::__private::missing(ImportsSagaError::Insert),
                    )
                }
            }
        }
    }
    impl ::saga_core::Saga for ImportsSaga {
        type Service = Imports;
        type Input = PathBuf;
        type Output = u64;
        type Error = ImportsSagaError;
        type State<'__saga> = ImportsSagaState<'__saga> where Self: '__saga;
        type Slots = __ImportsSagaSlots;
        const DEFINITION: &'static ::saga_core::Definition = &__DEFINITION;
    }
    #[allow(non_camel_case_types, dead_code)]
    enum input {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#insert {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#read {}
    impl<__X: ::saga_core::Executor> ::saga_core::Machine<__X> for ImportsSaga
    where
        __X: ::saga_core::Execute<
            0usize,
            <io::Result<(Valid, Invalid)> as ::saga_core::__private::StepReturn>::Output,
        >,
        __X: ::saga_core::Execute<1usize, u64>,
    {
        fn advance<'__run>(
            service: &'__run Imports,
            slots: &'__run mut __ImportsSagaSlots,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<ImportsSagaError, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                {
                    let __ImportsSagaSlots { input: input, output_0: slot, .. } = &mut *slots;
                    let input = &*input;
                    match <__X as ::saga_core::Execute<
                        0usize,
                        <io::Result<
                            (Valid, Invalid),
                        > as ::saga_core::__private::StepReturn>::Output,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[0usize]),
                            ::saga_core::Faults::<
                                <io::Result<
                                    (Valid, Invalid),
                                > as ::saga_core::__private::StepReturn>::Error,
                            > {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        <io::Result<
                                            (Valid, Invalid),
                                        > as ::saga_core::__private::StepReturn>::Error,
                                    >::new())
                                        .view();
                                    <<io::Result<
                                        (Valid, Invalid),
                                    > as ::saga_core::__private::StepReturn>::Error as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Imports>::read(
                                    service,
                                    <PathBuf as ::saga_core::__private::TakeOver<
                                        PathBuf,
                                        input,
                                        r#read,
                                    >>::take_over(
                                        ::saga_core::__private::Again::<input, r#read>::again(input),
                                    ),
                                ),
                            ),
                            slot,
                        )
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(stop) => {
                            return ::core::result::Result::Err(
                                stop.map(ImportsSagaError::Read),
                            );
                        }
                    }
                }
                {
                    let __ImportsSagaSlots {
                        output_0: output_0 @ ::core::option::Option::Some(_),
                        given_away_0,
                        output_1: slot,
                        ..
                    } = &mut *slots else {
                        return ::core::result::Result::Err(
                            ::saga_core::Stop::GaveUp(
                                ::saga_core::__private::missing(ImportsSagaError::Insert),
                            ),
                        )
                    };
                    *given_away_0 = true;
                    match <__X as ::saga_core::Execute<
                        1usize,
                        u64,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[1usize]),
                            ::saga_core::Faults::<Full> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        Full,
                                    >::new())
                                        .view();
                                    <Full as ::saga_core::__private::StepErrorType>::told(view)
                                },
                            },
                            move |begin| {
                                let output_0 = ::core::option::Option::take(output_0);
                                async move {
                                    let ::core::option::Option::Some(output_0) = output_0 else {
                                        ::saga_core::__private::given_away_twice()
                                    };
                                    let _ = begin;
                                    let (field_0, field_1) = <<io::Result<
                                        (Valid, Invalid),
                                    > as ::saga_core::__private::StepReturn>::Output as ::saga_core::__private::Spread<
                                        2usize,
                                        r#read,
                                        r#insert,
                                    >>::into_fields(output_0);
                                    ::saga_core::__private::step_future(
                                            <Imports>::insert(
                                                service,
                                                <Valid as ::saga_core::__private::TakeOver<
                                                    _,
                                                    r#read,
                                                    r#insert,
                                                >>::take_over(field_0),
                                                <Invalid as ::saga_core::__private::TakeOver<
                                                    _,
                                                    r#read,
                                                    r#insert,
                                                >>::take_over(field_1),
                                            ),
                                        )
                                        .await
                                }
                            },
                            slot,
                        )
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(stop) => {
                            return ::core::result::Result::Err(
                                stop.map(ImportsSagaError::Insert),
                            );
                        }
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
        #[allow(unused_variables)]
        fn rewind<'__run>(
            service: &'__run Imports,
            slots: &'__run mut __ImportsSagaSlots,
            step: usize,
            cause: ::core::option::Option<
                &'__run ::saga_core::__private::Arc<::saga_core::Cause>,
            >,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<::saga_core::ErrorText, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                match step {
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
};
