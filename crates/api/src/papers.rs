//! What was presented: the trust policy that holds, byte for byte, and the bundles of verdicts, with the proof that they
//! are logged.
//!
//! Both came beside commands, and the log of commands is public; here they are found by name.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofmark_core::Digest;
use proofmark_core::chain;
use proofmark_market::{ContractId, Market, PartyId};
use proofmark_service::{Logbook, Papers, Presented, attachment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::asked::{Asked, Named};
use crate::contracts;
use crate::page::{Page, Part};
use crate::problem::Problem;
use crate::wire::text;

/// A bundle that was presented for a contract, and obeyed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// Digest of the bundle as it was presented: its name here.
    #[schema(value_type = String)]
    bundle: Digest,
    /// The command that brought it.
    sequence: u64,
    /// When that was obeyed.
    at: String,
    /// Which run of the contract, counted from 1: the attempt in its binding.
    run: u32,
    /// The outcome that is attested.
    #[schema(value_type = String)]
    outcome: Digest,
    /// What the work comes to by it.
    #[schema(example = "pass")]
    verdict: &'static str,
    /// Engines of the trust policy of that moment whose signatures are on it.
    signers: Vec<Signer>,
    /// Its place in the log of the market, counted from 0; null while it is not logged.
    log_index: Option<u64>,
}

/// An engine that signed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Signer {
    /// Its key.
    #[schema(value_type = String)]
    key: PartyId,
    /// Who holds it.
    operator: String,
}

impl Verdict {
    fn of(it: &Presented, logged: u64) -> Self {
        let signers = it.signers.iter().map(|(key, operator)| Signer {
            key: *key,
            operator: operator.clone(),
        });
        Self {
            bundle: it.bundle,
            sequence: it.sequence,
            at: text(&it.at),
            run: it.run,
            outcome: it.outcome,
            verdict: it.verdict.as_str(),
            signers: signers.collect(),
            log_index: Some(it.index).filter(|index| *index < logged),
        }
    }
}

/// The trust policy that holds, byte for byte as it was published: a signed envelope, as `proofmark verify` takes it.
#[utoipa::path(
    get, path = "/v1/policy", tag = "market",
    responses(
        (status = 200, description = "The policy", body = Object),
        (status = 404, description = "None was published yet", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped, or the record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn policy(State(api): State<Api>) -> Result<Response, Problem> {
    let published = api.recorder.consult(|_, papers| papers.policy());
    let title = "no trust policy was published yet";
    let none = || Problem::not_found("policy-unknown", title, String::new());
    let sequence = published.await?.ok_or_else(none)?;
    bytes_of(&api, sequence).await.map(as_json)
}

/// Every bundle that was presented for a contract and obeyed, in the order of commands.
#[utoipa::path(
    get, path = "/v1/contracts/{contract}/verdicts", tag = "market",
    params(
        ("contract" = String, Path, pattern = "^con_[0-9a-f]{32}_[1-8]$", description = "Its name, con_, 32 hexadecimal digits, _ and the milestone"),
        Part,
    ),
    responses(
        (status = 200, description = "A page of bundles", body = Page<Verdict>),
        (status = 400, description = "That is no name, or no such page", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such contract", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Named(name): Named<String>,
    Asked(part): Asked<Part>,
) -> Result<Json<Page<Verdict>>, Problem> {
    let contract = contracts::id(&name)?;
    let (after, limit) = (part.after()?.unwrap_or(0), part.limit()?);
    let logged = api.log.as_ref().map_or(0, Logbook::logged);
    let looked = api.recorder.consult(|market, papers| {
        let verdicts = known(market, papers, &contract)?;
        let verdicts = verdicts.filter(|it| it.sequence > after);
        let verdicts = verdicts.map(|it| Verdict::of(it, logged));
        Some(verdicts.take(limit as usize + 1).collect())
    });
    let found: Vec<Verdict> = looked.await?.ok_or_else(|| contracts::unknown(name))?;
    Ok(Json(Page::of(found, limit, |it: &Verdict| {
        it.sequence.to_string()
    })))
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `presented`: byte for byte as it was presented, which its digest is of. Else with the proof that it is logged, once
    /// it is.
    r#as: Option<Form>,
}

/// A form of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// Byte for byte as it was presented.
    Presented,
}

/// A bundle that was presented: evidence that `proofmark verify` takes. Once it is logged, with the proof of that, up to
/// the last checkpoint and with the cosignatures on it.
#[utoipa::path(
    get, path = "/v1/contracts/{contract}/verdicts/{bundle}", tag = "market",
    params(
        ("contract" = String, Path, pattern = "^con_[0-9a-f]{32}_[1-8]$", description = "Its name, con_, 32 hexadecimal digits, _ and the milestone"),
        ("bundle" = String, Path, pattern = "^sha256:[0-9a-f]{64}$", description = "Digest of the bundle as it was presented"),
        Wanted,
    ),
    responses(
        (status = 200, description = "The bundle", body = Object),
        (status = 400, description = "That is no name, or no such form", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such contract, or no such bundle was presented for it", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped, or record or log cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named((name, bundle)): Named<(String, String)>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let contract = contracts::id(&name)?;
    let wrong = |_| Problem::malformed(format!("this is no digest: {bundle}"));
    let digest: Digest = bundle.parse().map_err(wrong)?;
    let looked = api.recorder.consult(|market, papers| {
        let mut verdicts = known(market, papers, &contract)?;
        Some(verdicts.find(|it| it.bundle == digest).cloned())
    });
    let found = looked.await?.ok_or_else(|| contracts::unknown(name))?;
    let title = "no such bundle was presented for the contract";
    let found = found.ok_or_else(|| Problem::not_found("verdict-unknown", title, bundle))?;
    let bytes = bytes_of(&api, found.sequence).await?;
    let log = api.log.clone().filter(|log| found.index < log.logged());
    match log.filter(|_| wanted.r#as.is_none()) {
        None => Ok(as_json(bytes)),
        Some(log) => proven(log, bytes, found).await.map(as_json),
    }
}

async fn proven(log: Logbook, bytes: Vec<u8>, found: Presented) -> Result<Vec<u8>, Problem> {
    let proven = tokio::task::spawn_blocking(move || log.proven(bytes, &found)).await;
    let proven = proven.map_err(|error| error.to_string());
    let proven = proven.and_then(|it| it.map_err(|error| chain(&error)));
    proven.map_err(|why| {
        tracing::error!(why, "a verdict cannot be proven to be logged");
        let title = "the log cannot be read";
        let hint = "try again, or ask for it with ?as=presented; the operator's log says why";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "log-unreadable", title, hint, "")
    })
}

/// The verdicts of a contract, if there is such a contract.
fn known<'p>(
    market: &Market,
    papers: &'p Papers,
    contract: &ContractId,
) -> Option<impl Iterator<Item = &'p Presented>> {
    market.contract(contract)?;
    Some(papers.verdicts_of(contract))
}

/// What came beside a command. That it is not there is the fault of whoever runs the record.
async fn bytes_of(api: &Api, sequence: u64) -> Result<Vec<u8>, Problem> {
    let found = attachment(&*api.store, sequence).await?;
    found.ok_or_else(|| {
        tracing::error!(sequence, "the record lacks what came beside the command");
        let title = "the record cannot be read";
        let hint = "try again; the operator's log says why";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "record-unavailable", title, hint, "")
    })
}

fn as_json(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}
