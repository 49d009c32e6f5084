//! Commands, one after the other, and what followed from each.

use std::collections::BTreeMap;

use proofmark_auditor::{Auditor, Line, Room};
use proofmark_core::{Digest, chain};
use proofmark_market::event::Subject;
use proofmark_market::{Market, Receipt, Rules};
use proofmark_storage::{Command, Consequences, Event, Job, Numbered, Store, StoreError, Transfer};
use serde_json::json;

use super::Audit;
use crate::consequences;
use crate::papers::Papers;
use crate::start::{StartError, again};

/// So many commands are compared with what followed from them at a time.
const PAGE: u32 = 500;

/// A record, followed to some place.
pub(super) struct Follower<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) market: Market,
    pub(super) papers: Papers,
    /// A head that the chain must have had; nothing once it was seen.
    pub(super) missing: Option<Digest>,
    /// Nothing once it has objected.
    pub(super) auditor: Option<Auditor>,
    /// What must be there of every job, by its id.
    pub(super) jobs: BTreeMap<String, Digest>,
    /// Events and transfers that followed so far.
    pub(super) events: u64,
    pub(super) transfers: u64,
}

/// Something of the record, as it is told to people.
trait Told {
    fn told(&self) -> String;
}

impl Told for Event {
    fn told(&self) -> String {
        format!("{} {}", self.subject, self.body)
    }
}

impl Told for Transfer {
    fn told(&self) -> String {
        self.body.clone()
    }
}

/// What followed from a page of commands.
#[derive(Default)]
struct Due {
    events: Vec<Numbered<Event>>,
    transfers: Vec<Numbered<Transfer>>,
}

impl<'s> Follower<'s> {
    pub(super) fn new(
        store: &'s dyn Store,
        rules: &Rules,
        head: Option<Digest>,
    ) -> Result<Self, String> {
        let market = Market::new(rules.clone()).map_err(|error| error.to_string())?;
        Ok(Self {
            store,
            missing: head.filter(|head| *head != market.head()),
            market,
            papers: Papers::default(),
            auditor: Some(Auditor::new(&json!(rules))?),
            jobs: BTreeMap::new(),
            events: 0,
            transfers: 0,
        })
    }

    /// To the end of the record; `false` if something is wrong after which nothing can be followed.
    pub(super) async fn follow(&mut self, audit: &mut Audit) -> Result<bool, StoreError> {
        loop {
            let after = self.market.sequence();
            let page = self.store.commands(after, PAGE).await?;
            if page.is_empty() {
                return Ok(true);
            }
            let mut due = Due::default();
            let mut goes_on = true;
            for command in &page {
                goes_on = self.command(command, &mut due, audit);
                if !goes_on {
                    break;
                }
            }
            self.compare(&due, audit).await?;
            if !goes_on {
                return Ok(false);
            }
        }
    }

    fn command(&mut self, command: &Command, due: &mut Due, audit: &mut Audit) -> bool {
        let sequence = self.market.sequence() + 1;
        let again = match again(&mut self.market, command) {
            Ok(again) => again,
            Err(error) => {
                let code = match error {
                    StartError::Chain { .. } => "chain-broken",
                    _ => "command-refused",
                };
                audit.find(code, &format!("command {sequence}"), &chain(&error));
                return false;
            }
        };
        self.papers.note(&self.market, &again.noted(command));
        let receipt = again.receipt;
        audit.counts.commands += 1;
        self.missing = self.missing.filter(|head| *head != receipt.head);
        let followed = consequences::of(&self.market, &command.payload, &receipt.events);
        self.due(sequence, followed, due);
        self.ask_auditor(command, &receipt, audit);
        true
    }

    fn due(&mut self, sequence: u64, followed: Consequences, due: &mut Due) {
        for it in followed.events {
            self.events += 1;
            let number = self.events;
            due.events.push(Numbered {
                number,
                sequence,
                it,
            });
        }
        for it in followed.transfers {
            self.transfers += 1;
            let number = self.transfers;
            due.transfers.push(Numbered {
                number,
                sequence,
                it,
            });
        }
        for job in followed.jobs {
            let digest = digest(&job);
            self.jobs.insert(job.id, digest);
        }
    }

    fn ask_auditor(&mut self, command: &Command, receipt: &Receipt, audit: &mut Audit) {
        let Some(auditor) = &mut self.auditor else {
            return;
        };
        for noted in &receipt.events {
            let Subject::Rfq(id) = noted.subject else {
                continue;
            };
            let award = self.market.rfq(&id).and_then(|rfq| rfq.award.as_ref());
            if let Some(award) = award {
                auditor.published(id.to_string(), json!(award));
            }
        }
        let told: Vec<_> = receipt.events.iter().map(|noted| json!(noted)).collect();
        let line = Line {
            room: &Room::of(&told),
            envelope: &command.envelope,
            attachment: command.attachment.as_deref(),
            at_micros: command.at.micros(),
        };
        if let Err(why) = auditor.follow(line) {
            let place = format!("command {}", command.sequence);
            audit.find("auditor-objects", &place, &why);
            self.auditor = None;
        }
    }

    async fn compare(&self, due: &Due, audit: &mut Audit) -> Result<(), StoreError> {
        if let (Some(first), Some(last)) = (due.events.first(), due.events.last()) {
            let stored = self.store.events(first.number - 1, many(first, last));
            audit.compare("event", &due.events, &stored.await?);
        }
        if let (Some(first), Some(last)) = (due.transfers.first(), due.transfers.last()) {
            let stored = self.store.transfers(first.number - 1, many(first, last));
            audit.compare("transfer", &due.transfers, &stored.await?);
        }
        audit.counts.events = self.events;
        audit.counts.transfers = self.transfers;
        Ok(())
    }
}

/// A page of commands has few thousand events and transfers.
fn many<T>(first: &Numbered<T>, last: &Numbered<T>) -> u32 {
    u32::try_from(last.number - first.number + 1).unwrap_or(u32::MAX)
}

/// Of what never changes of a job: when it is due may have been put off.
pub(super) fn digest(job: &Job) -> Digest {
    Digest::of(format!("{}\n{}", job.kind, job.body).as_bytes())
}

impl Audit {
    fn compare<T: PartialEq + Told>(
        &mut self,
        what: &str,
        due: &[Numbered<T>],
        stored: &[Numbered<T>],
    ) {
        let stored: BTreeMap<_, _> = stored.iter().map(|it| (it.number, it)).collect();
        for should in due {
            let place = format!("{what} {} of command {}", should.number, should.sequence);
            match stored.get(&should.number) {
                None => self.find("record-lacks", &place, "it is not there"),
                Some(is) if *is != should => {
                    let told =
                        |it: &Numbered<T>| format!("{} (command {})", it.it.told(), it.sequence);
                    let what = format!("it is {}, and {} follows", told(is), told(should));
                    self.find("record-differs", &place, &what);
                }
                Some(_) => {}
            }
        }
    }
}
