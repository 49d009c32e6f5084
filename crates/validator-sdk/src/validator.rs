//! What the author of a validator implements, and how it meets the contract.

use crate::bindings::proofmark::validator::types;
use crate::checks::CheckId;
use crate::report::{Refusal, Report, ReportBuilder};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

pub use types::{Manifest, Problem};

/// A validator. Implement it, then `export!(MyValidator)`.
pub trait Validator {
    /// The parameters. Deny unknown fields: a parameter that is misspelt must not be ignored.
    type Params: DeserializeOwned;
    /// The checks; made by [`checks!`](crate::checks!).
    type Check: CheckId;

    /// For people. Kebab-case.
    const NAME: &'static str;
    /// A semantic version: `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// What it judges, in a sentence.
    const SUMMARY: &'static str;

    /// JSON Schema (draft 2020-12) of the parameters: `include_str!("../params.schema.json")`.
    fn params_schema() -> &'static str;

    /// Media types of the artifacts it can read.
    fn media_types() -> &'static [&'static str] {
        &[]
    }

    /// What is wrong with parameters beyond what their schema can say.
    fn check_params(_params: &Self::Params) -> Vec<Problem> {
        Vec::new()
    }

    /// The checks that these parameters ask for: all of them, unless some are optional. The others are
    /// not reported, so that what nobody asked for cannot lift a score. Depends on nothing else.
    fn asked_for(_params: &Self::Params) -> Vec<Self::Check> {
        Self::Check::ALL.to_vec()
    }

    /// Judges the submission. Every check that is asked for must be touched, whatever happens; a
    /// refusal replaces the whole report.
    fn evaluate(
        params: Self::Params,
        report: &mut ReportBuilder<Self::Check>,
    ) -> Result<(), Refusal>;
}

/// One thing wrong with parameters.
pub fn problem(pointer: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem {
        pointer: pointer.into(),
        message: message.into(),
    }
}

/// `describe` of the contract.
pub fn describe<V: Validator>() -> Manifest {
    Manifest {
        name: V::NAME.to_owned(),
        version: V::VERSION.to_owned(),
        summary: V::SUMMARY.to_owned(),
        params_schema: V::params_schema().to_owned(),
        checks: V::Check::ALL.iter().map(|check| spec(*check)).collect(),
        media_types: V::media_types()
            .iter()
            .map(|media| (*media).to_owned())
            .collect(),
    }
}

fn spec(check: impl CheckId) -> types::CheckSpec {
    types::CheckSpec {
        id: check.id().to_owned(),
        summary: check.summary().to_owned(),
    }
}

/// `check-params` of the contract.
pub fn check_params<V: Validator>(params: &str) -> Result<Vec<String>, Vec<Problem>> {
    let params = parse::<V>(params).map_err(|message| vec![problem("", message)])?;
    let asked = accepted::<V>(&params)?;
    let mut ids: Vec<_> = asked
        .into_iter()
        .map(|check| check.id().to_owned())
        .collect();
    ids.sort();
    Ok(ids)
}

/// `evaluate` of the contract.
pub fn evaluate<V: Validator>(params: &str) -> Result<Report, Refusal> {
    let params = parse::<V>(params).map_err(Refusal::InvalidParams)?;
    let refused = |problems: Vec<Problem>| {
        let first = problems.into_iter().next();
        let message = first.map(|problem| format!("{}: {}", problem.pointer, problem.message));
        Refusal::InvalidParams(message.unwrap_or_default())
    };
    let asked = accepted::<V>(&params).map_err(refused)?;
    let mut report = ReportBuilder::new(asked);
    V::evaluate(params, &mut report)?;
    report.finish()
}

/// What the parameters ask for, if nothing is wrong with them.
fn accepted<V: Validator>(params: &V::Params) -> Result<BTreeSet<V::Check>, Vec<Problem>> {
    let problems = V::check_params(params);
    if !problems.is_empty() {
        return Err(problems);
    }
    let asked = BTreeSet::from_iter(V::asked_for(params));
    if asked.is_empty() {
        return Err(vec![problem("", "the parameters ask for nothing")]);
    }
    Ok(asked)
}

fn parse<V: Validator>(params: &str) -> Result<V::Params, String> {
    serde_json::from_str(params).map_err(|error| error.to_string())
}

/// Makes a type that implements [`Validator`] the exports of this component. Outside WebAssembly it
/// does nothing, so that the same crate can be unit-tested.
#[macro_export]
macro_rules! export {
    ($validator:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct ProofmarkGuest;

            impl $crate::bindings::Guest for ProofmarkGuest {
                fn describe() -> $crate::Manifest {
                    $crate::validator::describe::<$validator>()
                }

                fn check_params(
                    params: ::std::string::String,
                ) -> ::std::result::Result<
                    ::std::vec::Vec<::std::string::String>,
                    ::std::vec::Vec<$crate::Problem>,
                > {
                    $crate::validator::check_params::<$validator>(&params)
                }

                fn evaluate(
                    params: ::std::string::String,
                ) -> ::std::result::Result<$crate::Report, $crate::Refusal> {
                    $crate::validator::evaluate::<$validator>(&params)
                }
            }

    $crate::bindings::export!(ProofmarkGuest with_types_in $crate::bindings);
        };
    };
}
