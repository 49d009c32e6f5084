//! A verdict: what the validators found, who signed it, what it is bound to; and what a browser needs to verify it by
//! itself.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use proofmark_attestation::bundle::{Bundle, DocumentRole, LogEvidence};
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::statement::binding::Binding;
use proofmark_attestation::statement::outcome::CriterionPart;
use proofmark_attestation::verify::{Facts, Rule};
use proofmark_core::{Digest, Ppm};
use proofmark_criteria::record::{CriterionResult, RunResult, VerdictRecord};
use proofmark_criteria::report::{Check, Finding, Location};
use proofmark_criteria::submission::SubmissionLimits;
use proofmark_criteria::{FaultCode, Manifest};
use proofmark_keys::KeyId;
use proofmark_market::event::{Event, Noted, Subject};
use proofmark_market::{ContractId, Market};
use proofmark_service::{Presented, attachment};

use crate::files::{PROOFMARK_WASM, VERDICT_MJS};
use crate::shown::{percent, short};
use crate::{NoPage, Pages, VERIFIES, page};

/// So many findings of a check are shown; the bundle has the others.
const MOST_FINDINGS: usize = 50;
/// So many artifacts of a submission are listed.
const MOST_ARTIFACTS: usize = 200;

/// A verdict as a page.
#[derive(Template)]
#[template(path = "verdict.html")]
pub(crate) struct VerdictPage {
    title: String,
    digest: String,
    became: String,
    contract: String,
    contract_short: String,
    class: String,
    verdict: &'static str,
    score: String,
    run: String,
    sides: Vec<(&'static str, String)>,
    digests: Vec<(&'static str, String)>,
    signers: Vec<Signer>,
    criteria: Vec<Criterion>,
    /// Whether the verdict record is at hand, and with it the findings.
    recorded: bool,
    artifacts: Vec<(String, String)>,
    more_artifacts: usize,
    logged: String,
    rules: Vec<(&'static str, &'static str)>,
    addresses: Addresses,
    commands: Vec<String>,
    module: &'static str,
    module_digest: &'static str,
}

/// What the script fetches.
struct Addresses {
    host: String,
    script: String,
    bundle: String,
    policy: &'static str,
    facts: String,
    verdicts: String,
}

/// Whose signature is on it.
struct Signer {
    key: String,
    says: String,
}

/// What one criterion came to.
struct Criterion {
    name: String,
    status: &'static str,
    asked: String,
    score: String,
    validator: String,
    fault: String,
    checks: Vec<Row>,
}

/// What one check came to.
struct Row {
    id: String,
    status: &'static str,
    score: String,
    summary: String,
    findings: Vec<Found>,
    more: u64,
}

/// One finding.
struct Found {
    severity: &'static str,
    message: String,
    place: String,
    expected: Option<String>,
    actual: Option<String>,
}

pub(crate) async fn show(
    State(Pages {
        recorder,
        store,
        readers,
        ..
    }): State<Pages>,
    Path((contract, bundle)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, NoPage> {
    let unknown = || NoPage::unknown("verdict");
    let contract: ContractId = contract.parse().map_err(|_| unknown())?;
    let bundle: Digest = bundle.parse().map_err(|_| unknown())?;
    let known = recorder.consult(|market, papers| {
        let mut presented = papers.verdicts_of(&contract);
        let presented = presented.find(|it| it.bundle == bundle)?;
        Known::of(market, presented)
    });
    // What follows takes long for a large bundle, and keeps nobody from the market.
    let known = known.await?.ok_or_else(unknown)?;
    let sequence = known.presented.sequence;
    let place = readers.acquire_owned().await;
    let bytes = attachment(&*store, sequence).await?.ok_or_else(unknown)?;
    let host = host(&headers);
    let told = tokio::task::spawn_blocking(move || {
        let _place = place;
        told(&known, &bytes, &host)
    });
    let told = told.await.ok().flatten();
    let page = page(&told.ok_or_else(unknown)?);
    Ok(([(header::CONTENT_SECURITY_POLICY, VERIFIES)], page).into_response())
}

/// What the market knows of a verdict.
struct Known {
    presented: Presented,
    class: String,
    became: String,
    /// Engines that signed it, and were struck off since.
    struck: BTreeSet<KeyId>,
    ordered: Option<Facts>,
}

impl Known {
    fn of(market: &Market, presented: &Presented) -> Option<Self> {
        let contract = market.contract(&presented.contract)?;
        let engines = presented.signers.iter().map(|(key, _)| *key);
        Some(Self {
            class: contract.terms.outcome_class.clone(),
            became: became(market, presented),
            struck: engines.filter(|it| market.struck().contains(it)).collect(),
            ordered: market
                .facts_of(&contract.id, NonZeroU32::new(presented.run)?, market.now())
                .ok(),
            presented: presented.clone(),
        })
    }
}

/// What came of it: one engine's word is not always the last one.
fn became(market: &Market, presented: &Presented) -> String {
    let story = market.story(&Subject::Contract(presented.contract));
    let is_run = |it: &&Noted| match it.event {
        Event::Judged { run, .. } | Event::NotJudged { run } => run == presented.run,
        _ => false,
    };
    let Some(end) = story.iter().position(|it| is_run(&it)) else {
        return "This is a vote: the run is not judged yet.".to_owned();
    };
    let Event::Judged { verdict, .. } = story[end].event else {
        return "This was a vote: the run ended without a judgement.".to_owned();
    };
    let own = match verdict == presented.verdict {
        true => "The run was judged like this",
        false => "The run was judged otherwise",
    };
    let later = story[end..].iter();
    let later = later.take_while(|it| !matches!(it.event, Event::Submitted { .. }));
    let overturned = later.filter(|it| matches!(it.event, Event::VerdictOverturned { .. }));
    match overturned.count() {
        0 => format!("{own}: {}.", verdict.as_str()),
        _ => format!("{own}, {}, and that was overturned.", verdict.as_str()),
    }
}

/// Where the browser asked; only what a host can be, as it stands in commands that are copied into a shell.
fn host(headers: &HeaderMap) -> String {
    let asked = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let is_host = |name: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    };
    format!("http://{}", asked.filter(is_host).unwrap_or("localhost"))
}

/// The page of a bundle that was presented for a contract; nothing if the bytes are no bundle of an outcome.
fn told(known: &Known, bytes: &[u8], host: &str) -> Option<VerdictPage> {
    let contract = known.presented.contract;
    let bundle = Bundle::parse(bytes).ok()?;
    let outcome = ValidatedOutcome::parse(bundle.envelope.payload()).ok()?;
    let (predicate, digest) = (outcome.predicate(), Digest::of(bytes));
    let binding = predicate.binding.as_ref();
    let record = bundle.document(DocumentRole::Record);
    let record = record.and_then(|bytes| VerdictRecord::parse(bytes).ok());
    let addresses = addresses(contract, &digest, binding, host);
    let (artifacts, more_artifacts) = artifacts(&bundle);
    Some(VerdictPage {
        title: format!("Verdict {}", short(&digest)),
        contract: contract.to_string(),
        contract_short: short(&contract),
        digest: digest.to_string(),
        class: known.class.clone(),
        became: known.became.clone(),
        verdict: predicate.result.verdict.as_str(),
        score: score(predicate.result.score, predicate.result.threshold),
        run: binding.map_or_else(String::new, |it| it.attempt.to_string()),
        sides: binding.map(bound).unwrap_or_default(),
        digests: digests(&digest, &outcome),
        signers: signers(known, &bundle),
        recorded: record.is_some(),
        criteria: criteria(record.as_ref(), predicate.result.criteria.items.as_deref()),
        artifacts,
        more_artifacts,
        logged: logged(&bundle),
        rules: rules(),
        commands: commands(&addresses, known.ordered.as_ref()),
        addresses,
        module: PROOFMARK_WASM.name,
        module_digest: PROOFMARK_WASM.digest,
    })
}

/// From the record where there is one, as it has the findings; else from what was signed.
fn criteria(record: Option<&VerdictRecord>, signed: Option<&[CriterionPart]>) -> Vec<Criterion> {
    match record {
        Some(record) => recorded(&record.document().result),
        None => stated(signed.unwrap_or_default()),
    }
}

fn logged(bundle: &Bundle) -> String {
    let place = |log: &LogEvidence| format!("entry {}, counted from 0", log.proof.index);
    bundle.log.as_ref().map(place).unwrap_or_default()
}

fn rules() -> Vec<(&'static str, &'static str)> {
    let rules = Rule::ALL.iter();
    rules.map(|rule| (rule.as_str(), rule.meaning())).collect()
}

fn addresses(
    contract: ContractId,
    digest: &Digest,
    binding: Option<&Binding>,
    host: &str,
) -> Addresses {
    let run = binding.map_or_else(String::new, |it| format!("?run={}", it.attempt));
    Addresses {
        host: host.to_owned(),
        script: format!("/verify/{}", VERDICT_MJS.name),
        bundle: format!("/v1/contracts/{contract}/verdicts/{digest}"),
        policy: "/v1/policy",
        facts: format!("/v1/contracts/{contract}/facts{run}"),
        verdicts: format!("/v1/contracts/{contract}/verdicts"),
    }
}

/// How somebody verifies it without us: what the market ordered is stated, and not read out of the bundle.
fn commands(addresses: &Addresses, facts: Option<&Facts>) -> Vec<String> {
    let mut verify = vec![
        "proofmark verify bundle.json --policy policy.json".to_owned(),
        "--pin DIGEST-OF-THE-POLICY-THAT-YOU-KNOW".to_owned(),
    ];
    if let Some(facts) = facts {
        let expected = &facts.expected;
        let mut state = |name: &str, value: Option<String>| {
            verify.extend(value.map(|value| format!("--{name} {}", quoted(&value))));
        };
        let text = |value: &dyn ToString| value.to_string();
        state("audience", expected.audience.as_ref().map(|it| text(it)));
        state("contract", expected.contract.as_ref().map(|it| text(it)));
        state(
            "contract-digest",
            expected.contract_digest.map(|it| text(&it)),
        );
        state(
            "deliverable",
            expected.deliverable.as_ref().map(|it| text(it)),
        );
        state("attempt", expected.attempt.map(|it| text(&it)));
        state("nonce", expected.nonce.map(|it| text(&it)));
    }
    let get =
        |path: &str, file: &str| format!("curl -s {}{path} -o {file}", quoted(&addresses.host));
    vec![
        get(&addresses.bundle, "bundle.json"),
        get(addresses.policy, "policy.json"),
        verify.join(" \\\n  "),
    ]
}

/// As one word of a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

fn bound(binding: &Binding) -> Vec<(&'static str, String)> {
    vec![
        ("Market", binding.audience.to_string()),
        ("Contract", binding.contract.id.to_string()),
        ("Its terms", binding.contract.digest.0.to_string()),
        ("Deliverable", binding.deliverable.to_string()),
        ("Run", binding.attempt.to_string()),
        ("Nonce", binding.nonce.to_string()),
    ]
}

fn digests(bundle: &Digest, outcome: &ValidatedOutcome) -> Vec<(&'static str, String)> {
    let predicate = outcome.predicate();
    [
        ("Bundle, as it was presented", *bundle),
        ("Statement that was signed", outcome.statement_digest()),
        ("Outcome", outcome.outcome_digest()),
        ("Submission", outcome.submission()),
        ("Criteria", predicate.criteria.digest.0),
        ("Engine profile", predicate.execution.profile.digest.0),
        ("Verdict record", predicate.execution.record.0),
    ]
    .map(|(what, digest)| (what, digest.to_string()))
    .to_vec()
}

fn signers(known: &Known, bundle: &Bundle) -> Vec<Signer> {
    let keys = bundle.envelope.key_ids();
    keys.iter().map(|key| signer(known, key)).collect()
}

/// The market has looked at the signatures of engines that its policy named when the verdict was presented, and at no others.
fn signer(known: &Known, key: &KeyId) -> Signer {
    let mut engines = known.presented.signers.iter();
    let engine = engines.find(|(engine, _)| engine == key);
    let says = match engine {
        Some(_) if known.struck.contains(key) => "struck off: it signed what is false".to_owned(),
        Some((_, operator)) => format!("an engine of {operator}, by the policy of that moment"),
        None => "a signature that the market has not looked at".to_owned(),
    };
    Signer {
        key: key.to_string(),
        says,
    }
}

fn recorded(result: &RunResult) -> Vec<Criterion> {
    let told = |it: &CriterionResult| Criterion {
        name: it.name.clone(),
        status: it.status.as_str(),
        asked: asked(it.required, it.weight),
        score: it.score.map(percent).unwrap_or_default(),
        validator: it.validator.to_string(),
        fault: it.fault.map_or_else(String::new, |found| {
            fault(found.code, it.refusal.as_deref())
        }),
        checks: it.checks.iter().map(row).collect(),
    };
    result.criteria.iter().map(told).collect()
}

/// Why there is no report, who must act, and what the validator said if it refused.
fn fault(code: FaultCode, said: Option<&str>) -> String {
    let who = code.owner().as_str();
    let said = said.map_or_else(String::new, |said| format!(": {said}"));
    format!("{}, to be mended by the {who}{said}", code.as_str())
}

fn row(check: &Check) -> Row {
    let shown = check.findings.len().min(MOST_FINDINGS);
    Row {
        id: check.id.clone(),
        status: check.status.as_str(),
        score: check.score.map(percent).unwrap_or_default(),
        summary: check.summary.clone(),
        findings: check.findings[..shown].iter().map(found).collect(),
        more: check.findings_total.saturating_sub(shown as u64),
    }
}

fn found(finding: &Finding) -> Found {
    Found {
        severity: finding.severity.as_str(),
        message: finding.message.clone(),
        place: finding.location.as_ref().map(place).unwrap_or_default(),
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
    }
}

fn place(location: &Location) -> String {
    let mut place = location.artifact.clone();
    let mut add = |text: String| place.push_str(&format!(", {text}"));
    if let Some(line) = location.line {
        add(format!("line {line}"));
    }
    if let Some(record) = location.record_number {
        add(format!("record {record}"));
    }
    if let Some(pointer) = &location.pointer {
        add(format!("at {pointer}"));
    }
    if let Some(range) = location.range {
        add(format!(
            "bytes {} to {}",
            range.offset,
            range.offset.saturating_add(range.len)
        ));
    }
    place
}

/// What the statement itself says, where there is no record beside it.
fn stated(criteria: &[CriterionPart]) -> Vec<Criterion> {
    let told = |it: &CriterionPart| Criterion {
        name: it.name.clone(),
        status: it.status.as_str(),
        asked: asked(it.required, it.weight),
        score: it.score.map(percent).unwrap_or_default(),
        validator: String::new(),
        fault: it.fault.map(|code| fault(code, None)).unwrap_or_default(),
        checks: it
            .checks
            .iter()
            .map(|check| Row {
                id: check.id.clone(),
                status: check.status.as_str(),
                score: check.score.map(percent).unwrap_or_default(),
                summary: String::new(),
                findings: Vec::new(),
                more: 0,
            })
            .collect(),
    };
    criteria.iter().map(told).collect()
}

fn asked(required: bool, weight: u32) -> String {
    match (required, weight) {
        (true, 0) => "required".to_owned(),
        (true, weight) => format!("required, weight {weight}"),
        (false, weight) => format!("weight {weight}"),
    }
}

fn score(score: Option<Ppm>, threshold: Option<Ppm>) -> String {
    match (score, threshold) {
        (Some(score), Some(least)) => format!(
            "{} of {} that are asked for",
            percent(score),
            percent(least)
        ),
        (Some(score), None) => percent(score),
        (None, Some(least)) => format!("{} are asked for", percent(least)),
        (None, None) => String::new(),
    }
}

/// Paths and sizes as the manifest in the bundle has them; the bytes themselves are for the parties.
fn artifacts(bundle: &Bundle) -> (Vec<(String, String)>, usize) {
    let limits = SubmissionLimits::default();
    let manifest = bundle.document(DocumentRole::Submission);
    let manifest = manifest.and_then(|bytes| Manifest::parse(bytes, &limits).ok());
    let Some(manifest) = manifest else {
        return (Vec::new(), 0);
    };
    let all = manifest.entries();
    let shown = all.iter().take(MOST_ARTIFACTS);
    let shown = shown.map(|it| (it.path.to_string(), format!("{} bytes", it.size_bytes)));
    (shown.collect(), all.len().saturating_sub(MOST_ARTIFACTS))
}

#[cfg(test)]
mod tests {
    use proofmark_criteria::report::{ByteRange, Severity, Status};

    use super::*;

    #[test]
    fn words_of_a_shell_stay_words() {
        assert_eq!(quoted("urn:market:acme"), "urn:market:acme");
        assert_eq!(quoted("a b; rm"), "'a b; rm'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_finding_has_its_place_and_what_is_left_out_is_said() {
        let finding = Finding {
            code: "invented".to_owned(),
            severity: Severity::Major,
            message: "it is not in the source".to_owned(),
            location: Some(Location {
                artifact: "essay.md".to_owned(),
                range: Some(ByteRange { offset: 5, len: 3 }),
                line: Some(7),
                record_number: None,
                pointer: Some("/a/0".to_owned()),
            }),
            expected: None,
            actual: Some("<q>".to_owned()),
        };
        let check = Check {
            id: "quotes".to_owned(),
            status: Status::Fail,
            score: Some(Ppm::new(250_000).expect("a share")),
            examined: 80,
            matched: 20,
            summary: "60 of 80 are invented".to_owned(),
            findings: vec![finding; 60],
            findings_total: 70,
        };
        let row = row(&check);
        assert_eq!((row.findings.len(), row.more), (50, 20));
        assert_eq!(row.score, "25.0 %");
        let first = &row.findings[0];
        assert_eq!(first.place, "essay.md, line 7, at /a/0, bytes 5 to 8");
        assert_eq!(first.actual.as_deref(), Some("<q>"));
    }
}
