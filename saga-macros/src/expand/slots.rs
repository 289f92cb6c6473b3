//! The values of a run: the input, and an `Option` for the output of each step.
//!
//! The struct is flat in the number of steps: an output is written once, into its slot, and borrowed from
//! there (`docs/performance.md` has the measured alternatives).

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::context::{Expansion, code};
use super::state::{kept_slot, moved_flag, slot};
use crate::model::{Part, Source, Step};

impl Expansion<'_> {
    pub(super) fn slots(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (impl_generics, type_generics, where_clause) = saga.generics.split_for_impl();
        let checked = self.checked_generics().where_clause;
        let generics = &saga.generics;
        let (name, saga_name, service) = (&saga.names.slots, &saga.names.saga, &saga.service);
        let input = self.input();
        let slots: Vec<_> = saga.steps.iter().map(slot).collect();
        let (kept, sagas): (Vec<_>, Vec<_>) = saga
            .steps
            .iter()
            .filter_map(|step| Some((kept_slot(step), self.outside(step.nested()?))))
            .unzip();
        let outputs = saga.steps.iter().map(|step| self.output_for_others(step));
        let indices = 0..saga.steps.len();
        let sources = core::iter::once(Source::Input).chain(indices.map(Source::Output));
        let conditional = saga.steps.iter().filter(|step| step.is_conditional());
        let ran = conditional.map(|step| Source::Ran(step.index));
        let moved_flags = sources.clone().filter(|source| saga.is_moved(*source));
        let moved_flags: Vec<_> = moved_flags.map(moved_flag).collect();
        let (input_slot, begin_input) = if saga.is_moved(Source::Input) {
            let some = code!(::core::option::Option::Some(__input));
            (code!(::core::option::Option<#input>), some)
        } else {
            (input.clone(), code!(__input))
        };
        let values = sources.chain(ran).map(|source| self.value(source, None));
        let values: TokenStream = values.collect();
        let fields = self.fields();
        let state = self.state_of_slots();
        let (finish, put_back) = (self.finish(), self.put_back());
        let nested = self.nested_runs();
        let is_same_input = self.is_same_input();
        let output = self.saga_output();
        let error = self.error_type();
        // A journal cannot return what borrows from the service, and method resolution does not see
        // lifetimes.
        let output_json = saga.generics.lifetimes().next().is_none().then(|| {
            code! {
                fn output_json() -> #krate::executor::JsonForm<#output> {
                    #[allow(unused_imports)]
                    use #krate::__private::json_form::{ViaSerde as _, ViaText as _};
                    (&&#krate::__private::ErrorType::<#output>::new()).__saga_json()
                }
            }
        });
        code! {
            #[doc(hidden)]
            pub struct #name #generics #where_clause {
                input: #input_slot,
                #(#slots: ::core::option::Option<#outputs>,)*
                #(#moved_flags: ::core::primitive::bool,)*
                #(#kept: ::core::option::Option<#krate::__private::Ran<#sagas>>,)*
                service: #krate::__private::Marker<#service>,
            }

            impl #impl_generics #krate::machine::Slots<#saga_name #type_generics> for #name #type_generics
            #checked
            {
                fn begin(__input: #input) -> Self {
                    Self {
                        input: #begin_input,
                        #(#slots: ::core::option::Option::None,)*
                        #(#moved_flags: false,)*
                        #(#kept: ::core::option::Option::None,)*
                        service: ::core::marker::PhantomData,
                    }
                }

                #is_same_input

                fn state(&self) -> <#saga_name #type_generics as #krate::Saga>::State<'_> {
                    #state
                }

                fn value<'__s>(
                    &'__s self,
                    __source: #krate::definition::Source,
                    __part: ::core::option::Option<::core::primitive::usize>,
                    __output: ::core::option::Option<&'__s #output>,
                ) -> #krate::executor::Value<'__s> {
                    #[allow(unused_imports)]
                    use #krate::__private::{FieldProbe, Probe, value::{ViaDebug as _, ViaOpaque as _}};
                    match (__source, __part) {
                        #fields
                        #values
                        _ => #krate::executor::Value::Missing,
                    }
                }

                fn finish(
                    &mut self,
                ) -> ::core::result::Result<#output, #krate::executor::GaveUp<#error>> {
                    #finish
                }

                fn put_back(&mut self, __output: #output) {
                    #put_back
                }

                #output_json

                #nested
            }
        }
    }

    /// Writes the comparison of two inputs with `==`, if their type has it: for an id that is submitted
    /// twice.
    fn is_same_input(&self) -> Option<TokenStream> {
        let (krate, input) = (&self.krate, self.input());
        // A saga that borrows from its service is never submitted, and method resolution does not see
        // lifetimes.
        let has_lifetimes = self.saga.generics.lifetimes().next().is_some();
        (!has_lifetimes).then(|| {
            code! {
                fn is_same_input(__one: &#input, __other: &#input) -> ::core::primitive::bool {
                    #[allow(unused_imports)]
                    use #krate::__private::pair::{ViaEq as _, ViaUnknown as _};
                    (&&#krate::__private::Pair(__one, __other)).__saga_is_same()
                }
            }
        })
    }

    /// Writes the code that takes the output of the saga out of the slots.
    fn finish(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let last = saga.last_stage();
        let taken = last.iter().map(|step| {
            let (slot, error, variant) = (slot(step), &saga.names.error, &step.variant);
            code! {
                match ::core::option::Option::take(&mut self.#slot) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            #krate::__private::missing(#error::#variant),
                        );
                    }
                }
            }
        });
        match last {
            [_] => code!(::core::result::Result::Ok(#(#taken)*)),
            _ => code!(::core::result::Result::Ok((#(#taken,)*))),
        }
    }

    /// Writes the code that puts the output back.
    fn put_back(&self) -> TokenStream {
        let last = self.saga.last_stage();
        let slots_put_back = last.iter().map(slot);
        match last {
            [step] => {
                let slot = slot(step);
                code!(self.#slot = ::core::option::Option::Some(__output);)
            }
            _ => {
                let indices = (0..last.len()).map(syn::Index::from);
                code!(#(self.#slots_put_back = ::core::option::Option::Some(__output.#indices);)*)
            }
        }
    }

    /// Writes the access to the runs of the sagas that the steps ran.
    fn nested_runs(&self) -> Option<TokenStream> {
        let krate = &self.krate;
        let mut arms = TokenStream::new();
        for step in self
            .saga
            .steps
            .iter()
            .filter(|step| step.nested().is_some())
        {
            let (index, kept, own) = (step.index, kept_slot(step), self.place(step));
            let output = if step.is_conditional() {
                code!(::core::option::Option::and_then(#own, ::core::option::Option::as_ref))
            } else {
                own
            };
            arms.extend(code!(#index => #krate::__private::nested_run(&self.#kept, #output),));
        }
        let output = self.saga_output();
        (!arms.is_empty()).then(|| {
            code! {
                fn nested<'__s>(
                    &'__s self,
                    __step: ::core::primitive::usize,
                    __output: ::core::option::Option<&'__s #output>,
                ) -> ::core::option::Option<
                    ::std::boxed::Box<dyn #krate::__private::NestedRun + '__s>,
                > {
                    match __step {
                        #arms
                        _ => ::core::option::Option::None,
                    }
                }
            }
        })
    }

    /// Returns the output of a step, wherever it is: in its slot, or taken out as the output of the saga.
    fn place(&self, step: &Step<'_>) -> TokenStream {
        let slot = slot(step);
        let kept = code!(::core::option::Option::as_ref(&self.#slot));
        if step.stage.end < self.saga.steps.len() {
            return kept;
        }
        let taken = if step.stage.len() == 1 {
            code!(__output)
        } else {
            let field = syn::Index::from(step.index - step.stage.start);
            code!(::core::option::Option::map(__output, |__output| &__output.#field))
        };
        code!(::core::option::Option::or(#kept, #taken))
    }

    /// Writes the arms for values that are spread over parameters.
    fn fields(&self) -> TokenStream {
        let steps = self.saga.steps.iter();
        let parameters = steps.flat_map(Step::all_parameters);
        let spread: BTreeSet<_> = parameters
            .filter_map(|parameter| Some((parameter.source, parameter.part?)))
            .collect();
        let arms = spread
            .into_iter()
            .map(|(source, part)| self.value(source, Some(part)));
        arms.collect()
    }

    /// Writes the arm for a value, or for one field of it.
    fn value(&self, source: Source, part: Option<Part>) -> TokenStream {
        let krate = &self.krate;
        let (pattern, place) = match source {
            Source::Output(index) => match self.saga.steps.get(index) {
                Some(step) => (
                    code!(#krate::definition::Source::Output(#index)),
                    self.place(step),
                ),
                None => return TokenStream::new(),
            },
            Source::Ran(index) => match self.saga.steps.get(index) {
                Some(step) => {
                    let own = self.place(step);
                    let ran = code!(::core::option::Option::and_then(
                        #own,
                        ::core::option::Option::as_ref
                    ));
                    (code!(#krate::definition::Source::Ran(#index)), ran)
                }
                None => return TokenStream::new(),
            },
            _ => (code!(#krate::definition::Source::Input), code!(&self.input)),
        };
        let (part, probe) = match part {
            None => (code!(_), code!(Probe(__value))),
            Some(Part { field, arity }) => (
                code!(::core::option::Option::Some(#field)),
                code!(FieldProbe::<_, #field, #arity>(__value)),
            ),
        };
        let is_moved = self.saga.is_moved(source);
        if source == Source::Input && !is_moved {
            return code! {
                (#pattern, #part) => {
                    let __value = #place;
                    (&&#probe).__saga_value()
                }
            };
        }
        let otherwise = if is_moved {
            let moved_flag = moved_flag(source);
            code! {
                ::core::option::Option::None if self.#moved_flag => #krate::executor::Value::Moved,
            }
        } else {
            TokenStream::new()
        };
        let may_be_skipped = match source {
            Source::Output(index) => self.saga.steps.get(index).is_some_and(Step::is_conditional),
            _ => false,
        };
        let skipped = may_be_skipped.then(|| {
            code! {
                ::core::option::Option::Some(::core::option::Option::None) => #krate::executor::Value::Skipped,
            }
        });
        code! {
            (#pattern, #part) => match #place {
                #skipped
                ::core::option::Option::Some(__value) => (&&#probe).__saga_value(),
                #otherwise
                ::core::option::Option::None => #krate::executor::Value::Missing,
            },
        }
    }
}
