//! The log of verdicts: its checkpoint, and what it holds.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use proofmark_service::{Logbook, Papers, Presented, Recorder};

use crate::shown::{short, time};
use crate::{NoPage, page};

/// So many verdicts are listed, the newest.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    title: &'static str,
    verdicts: usize,
    log: Option<Shown>,
    rows: Vec<Row>,
}

/// The log, as it is published.
struct Shown {
    key: String,
    /// The signed checkpoint, or why it cannot be shown.
    checkpoint: Result<String, String>,
}

/// A verdict.
struct Row {
    index: u64,
    at: String,
    contract: String,
    contract_short: String,
    bundle: String,
    verdict: &'static str,
    signers: String,
    leaf: String,
}

pub(crate) async fn show(
    State(recorder): State<Recorder>,
    State(book): State<Option<Logbook>>,
) -> Result<Html<String>, NoPage> {
    let log = match book {
        Some(book) => Some(shown(book).await),
        None => None,
    };
    let told = recorder.consult(|_, papers| told(papers, log)).await?;
    Ok(page(&told))
}

async fn shown(book: Logbook) -> Shown {
    let key = book.key().to_string();
    let read = tokio::task::spawn_blocking(move || book.checkpoint());
    let checkpoint = match read.await {
        Ok(Ok(checkpoint)) => Ok(checkpoint),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it cannot be read".to_owned()),
    };
    Shown { key, checkpoint }
}

fn told(papers: &Papers, log: Option<Shown>) -> LogPage {
    let all = papers.verdicts();
    LogPage {
        title: "Log of verdicts",
        verdicts: all.len(),
        log,
        rows: all.iter().rev().take(MOST).map(row).collect(),
    }
}

fn row(presented: &Presented) -> Row {
    let signers = presented.signers.iter();
    let signers: Vec<_> = signers.map(|(_, operator)| operator.as_str()).collect();
    Row {
        index: presented.index,
        at: time(&presented.at),
        contract: presented.contract.to_string(),
        contract_short: short(&presented.contract),
        bundle: presented.bundle.to_string(),
        verdict: presented.verdict.as_str(),
        signers: signers.join(", "),
        leaf: presented.leaf.to_string(),
    }
}
