//! Running a market.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proofmark_api::{Ground, Listeners};
use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_examiner::Bytes;
use proofmark_keys::SecretKey;
use proofmark_log::serve::{ServeLimits, log_routes, serve};
use proofmark_market::{Action, CommandId, Rules};
use proofmark_service::{Recorder, Refused, Runs, StartError, Ticker};
use proofmark_storage::{Store, StoreError, open};
use tokio::net::TcpListener;

use super::{init, judge, logbook, place, tell};
use crate::args::{ASSET, AUDIENCE, Global, Serve, WINDOW_MIN};
use crate::blobs::ready_made;
use crate::commands::evidence::now;
use crate::commands::log::stopped;
use crate::commands::{Outcome, read_document};
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;

/// A little longer than a writer that is gone still holds the record.
const LEASE_SECONDS: u64 = 17;

/// Every listener to events holds a connection for as long as it may last: half of them are for others. More than this,
/// and a proxy belongs before it.
const LIMITS: ServeLimits = ServeLimits {
    connections: 768,
    header_timeout: Duration::from_secs(10),
    connection_timeout: Duration::from_secs(300),
};

/// A market that has only its first policy has nobody in it.
const FIRST: u64 = 1;

/// Longest rules and policy.
const MAX_BYTES: usize = 1 << 20;

/// How long an upload that was broken off can be gone on with, at least.
const BROKEN_OFF: Duration = Duration::from_secs(86_400);

/// Commands that wait when the server is told to stop are made durable; a disk that hangs is not waited for.
const CLOSE: Duration = Duration::from_secs(5);

pub(crate) fn run(options: &Serve, global: &Global, printer: &Printer) -> Outcome {
    let (record, listen) = (&options.record, options.listen);
    let directory = &record.directory;
    let rules = rules(options, printer)?;
    let rules = read_document(&rules, MAX_BYTES)?;
    let rules: Rules = serde_json::from_slice(&rules).map_err(|error| {
        let hint = "rules are made by `proofmark market init`, and never change";
        Failure::input("rules-malformed", error, hint)
    })?;
    let operator = || proofmark_keystore::read(&directory.join("operator.pem"), None);
    let (operator, carrier) = (operator()?, operator()?);
    let policy = read_document(&directory.join("policy.v1.dsse.json"), MAX_BYTES)?;
    let blobs = uploads(&directory.join("blobs"))?;
    let mut judge = match options.no_examiner {
        true => None,
        false => Some(judge::Judge::open(directory, global, printer)?),
    };
    let teller = tell::Teller::open(options, printer)?;
    let address = match options.new {
        true => place::address(record),
        false => place::existing(record)?,
    };
    place::block_on(async {
        let store: Arc<dyn Store> = Arc::from(open(&address).await?);
        if !options.new && store.rules().await?.is_none() {
            return Err(place::no_record(&address));
        }
        let recorder = started(&store, rules, printer).await?;
        believe(&recorder, &operator, policy).await?;
        let logging = logbook::open(directory, &recorder, &store, options, printer).await?;
        let (logger, book) = logging.unzip();
        let ticker = Ticker {
            recorder: recorder.clone(),
            store: Arc::clone(&store),
            key: operator,
            clock: Box::new(now),
        };
        let listener = TcpListener::bind(listen).await;
        let listener = listener.map_err(|error| no_listener(listen, &error))?;
        let address = listener
            .local_addr()
            .map_err(|error| no_listener(listen, &error))?;
        // Whoever knows the address may tell it to stop.
        let told = stopped().map_err(|error| no_listener(listen, &error))?;
        printer.line(format!("http://{address}"));
        if recorder.read(|market| market.sequence()).await? <= FIRST {
            printer.note(next(directory, address));
        }
        let ticks = tokio::spawn(ticker.run());
        let logging = logger.map(|logger| tokio::spawn(logger.run()));
        if let Some(judge) = &judge {
            judge.warn(&recorder, printer).await?;
        }
        let bytes = Bytes::new(blobs.clone(), ready_made);
        let checks = judge.as_mut();
        let checks = checks.map(|judge| judge.checks(options.checks, &bytes));
        let validators = judge.as_ref().map(|judge| judge.validators(&bytes));
        let runs = Runs::new(
            recorder.clone(),
            Arc::clone(&store),
            carrier,
            Arc::new(now),
            options.hold_seconds.get(),
        );
        let at_once = judge::at_once(options.runs);
        let judging = judge.map(|judge| judge.start(&runs, &bytes, at_once));
        let telling = teller.as_ref().map(tell::Teller::telling);
        let courier = teller.map(|teller| teller.start(&recorder, &store));
        let listeners = Listeners::of(LIMITS.connections / 2);
        let routes = proofmark_api::router(Ground {
            recorder: recorder.clone(),
            store: Arc::clone(&store),
            blobs,
            clock: Arc::new(now),
            checks: checks.unwrap_or_default(),
            validators: validators.unwrap_or_default(),
            listeners: listeners.clone(),
            runs,
            log: book.clone(),
            judges: judging.is_some(),
            commands_per_second: options.commands_per_second,
            telling,
        });
        let routes = match &book {
            Some(book) => routes.nest("/log", log_routes(book.folder())),
            None => routes,
        };
        let routes = proofmark_pages::around(routes, recorder.clone(), Arc::clone(&store), book);
        let mut durable = recorder.durable();
        let mut failed = false;
        let stop = async {
            // A market that cannot write is of no use until it is started again.
            let ended = async { while durable.changed().await.is_ok() {} };
            tokio::select! {
                () = told => {}
                () = ended => failed = true,
            }
            listeners.end();
        };
        let served = serve(listener, routes, LIMITS, stop).await;
        ticks.abort();
        drop(judging);
        if let Some(logging) = logging {
            logging.abort();
        }
        let closed = async {
            recorder.close().await;
            if let Some(courier) = courier {
                // It ends with the market, and a moment later.
                let _ = courier.await;
            }
            store.close().await;
        };
        if tokio::time::timeout(CLOSE, closed).await.is_err() {
            printer.note("something still uses the record: the next start may have to wait");
        }
        served.map_err(|error| no_listener(listen, &error))?;
        match failed {
            true => Err(Refused::Stopped.into()),
            false => Ok(Exit::Done),
        }
    })
}

/// The file with the rules of a market that is there, or is made now.
fn rules(options: &Serve, printer: &Printer) -> Result<PathBuf, Failure> {
    let directory = &options.record.directory;
    if options.new && !directory.exists() {
        let (audience, asset) = (AUDIENCE.parse(), ASSET.parse());
        let (audience, asset) = (audience.expect("a term"), asset.expect("an asset"));
        let made = init::make(directory, &audience, (asset, WINDOW_MIN))?;
        printer.note(made);
    }
    let rules = directory.join("rules.json");
    if rules.is_file() {
        return Ok(rules);
    }
    let why = format!("there is no market in {}", directory.display());
    let hint = match directory.exists() {
        true => "`proofmark market init DIRECTORY` makes one in a directory that is not there yet",
        false => "`proofmark market init` makes one, or --new here",
    };
    Err(Failure::input("no-market-there", why, hint))
}

/// What whoever has just made a market may do in another terminal.
fn next(directory: &Path, address: SocketAddr) -> String {
    let directory = directory.display();
    format!(
        "next, elsewhere: the address in a browser shows the market; take part with\n  \
         export PROOFMARK_MARKET=http://{address}\n  \
         proofmark key new buyer.pem\n  \
         proofmark party register --key buyer.pem\n  \
         proofmark account deposit buyer.pem 100.00 --key {directory}/operator.pem\n\
         Ctrl-C stops the server, and the same command starts it again"
    )
}

/// What parties have uploaded. What nobody went on with for a day is forgotten.
fn uploads(directory: &Path) -> Result<Blobs, Failure> {
    let unusable = |error| Failure::unwritable(directory, &error);
    let blobs = Blobs::open(directory).map_err(unusable)?;
    let yesterday = SystemTime::now() - BROKEN_OFF;
    blobs.sweep(yesterday).map_err(unusable)?;
    Ok(blobs)
}

fn no_listener(listen: SocketAddr, error: &std::io::Error) -> Failure {
    let what = format!("{listen} cannot be listened at: {error}");
    Failure::environment("listen", what, "name another address with --listen")
}

/// The one writer of the record. Where a process before it was killed, its lease has to be over first.
async fn started(
    store: &Arc<dyn Store>,
    rules: Rules,
    printer: &Printer,
) -> Result<Recorder, Failure> {
    for seconds in 0..LEASE_SECONDS {
        match Recorder::start(Arc::clone(store), rules.clone(), now).await {
            Err(StartError::Store(StoreError::Leased { .. })) => {}
            started => return Ok(started?),
        }
        if seconds == 0 {
            printer
                .note("another process holds the record, or held it until a moment ago: waiting");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(Recorder::start(Arc::clone(store), rules, now).await?)
}

/// A market that believes nobody yet gets its first policy. Later ones are published by `market send`.
async fn believe(
    recorder: &Recorder,
    operator: &SecretKey,
    policy: Vec<u8>,
) -> Result<(), Failure> {
    if recorder.read(|market| market.policy().is_some()).await? {
        return Ok(());
    }
    let id = CommandId::from_bytes(*b"the first policy");
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    recorder.act(operator, id, action, Some(policy)).await?;
    Ok(())
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = error.hint();
        let hint =
            hint.unwrap_or("docs/design/0014-record.md says what a record asks of its database");
        match error {
            StoreError::Address(_) => Self::input(error.code(), chain(&error), hint),
            _ => Self::environment(error.code(), chain(&error), hint),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let why = chain(&error);
        match error {
            StartError::Store(error) => error.into(),
            StartError::Rules(_) => Self::input(
                "rules-contradict",
                why,
                "make a market with `proofmark market init`",
            ),
            StartError::Command { .. } | StartError::Chain { .. } => {
                let hint = "somebody changed the record: go back to a copy that was not changed";
                Self::environment("record-changed", why, hint)
            }
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Rejected(rejection) => {
                let (code, hint) = (rejection.code.as_str(), rejection.code.hint());
                Self::input(code, rejection, hint)
            }
            Refused::Busy => Self::environment("busy", refused, "send the same again in a second"),
            Refused::Stopped => Self::environment(
                "stopped",
                refused,
                "start the market again, and send the same again",
            ),
        }
    }
}
