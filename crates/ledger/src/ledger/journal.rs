//! What happened, in order, and which holds are open.

use std::collections::BTreeSet;

use proofmark_core::{Digest, Timestamp};

use super::index::Index;
use super::plan::Plan;
use crate::{Amount, GroupId, TransferId};

/// A transfer as it is kept: 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// What moved or is held; for a void or an expiry what was released.
    pub(crate) amount: Amount,
    pub(crate) debit: u32,
    pub(crate) credit: u32,
    pub(crate) kind: Kind,
}

/// What a row is, with the number of the hold that it makes or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Single,
    Pending(u32),
    Post(u32),
    Void(u32),
    Expire(u32),
}

/// A hold, open or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The row that made it.
    pub(crate) row: u32,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) end: Option<End>,
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Posted,
    Voided,
    Expired,
}

/// A group as it is kept. Its rows end where those of the next group begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: GroupId,
    pub(crate) first: u32,
    pub(crate) at: Timestamp,
}

/// Everything that was ever recorded.
#[derive(Clone)]
pub(crate) struct Journal {
    pub(crate) rows: Vec<Row>,
    pub(crate) groups: Vec<Entry>,
    pub(crate) index: Index<GroupId>,
    pub(crate) holds: Vec<Hold>,
    /// The numbers of the holds that have no end.
    pub(crate) open: BTreeSet<u32>,
    /// Digest of all groups: of the digest before, and the group that came last.
    pub(crate) history: Digest,
}

/// For counts of rows, holds and groups, none of which is above the number of transfers.
pub(crate) fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("MAX_TRANSFERS bounds rows, holds and groups")
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            groups: Vec::new(),
            index: Index::new(spread),
            holds: Vec::new(),
            open: BTreeSet::new(),
            history: Digest::from_bytes([0; 32]),
        }
    }

    /// The number of the group with this id.
    pub(crate) fn group(&self, id: &GroupId) -> Option<usize> {
        let id_of = |number: u32| &self.groups[number as usize].id;
        self.index.get(id, id_of).map(|number| number as usize)
    }

    /// The numbers of a group's rows.
    pub(crate) fn rows_of(&self, group: usize) -> std::ops::Range<usize> {
        let end = self.groups.get(group + 1).map(|next| next.first as usize);
        self.groups[group].first as usize..end.unwrap_or(self.rows.len())
    }

    /// The number of the row with this id.
    pub(crate) fn row(&self, id: TransferId) -> Option<u32> {
        let rows = self.rows_of(self.group(&id.group)?);
        let row = rows.start + usize::from(id.index);
        rows.contains(&row).then(|| narrow(row))
    }

    /// The id of a row.
    pub(crate) fn id(&self, row: u32) -> TransferId {
        let after = self.groups.partition_point(|group| group.first <= row);
        let group = self.groups[after - 1];
        TransferId {
            group: group.id,
            index: index_of(row - group.first),
        }
    }

    /// Appends a group that was planned.
    pub(crate) fn record(&mut self, id: GroupId, at: Timestamp, plan: &Plan<impl Clone + Ord>) {
        let number = narrow(self.groups.len());
        let first = narrow(self.rows.len());
        assert_eq!(self.group(&id), None, "a group is recorded once");
        let id_of = |number: u32| &self.groups[number as usize].id;
        self.index.insert(&id, number, id_of);
        let entry = Entry { id, first, at };
        self.history = digest(self.history, &entry, &plan.rows, |hold| {
            let new = (hold as usize).checked_sub(self.holds.len());
            new.and_then(|new| plan.holds[new].expires_at)
        });
        self.groups.push(entry);
        self.rows.extend_from_slice(&plan.rows);
        self.hold(&plan.holds);
        self.end(&plan.ended);
        assert_eq!(
            self.rows_of(number as usize).len(),
            plan.rows.len(),
            "all rows are kept"
        );
    }

    fn hold(&mut self, made: &[Hold]) {
        for hold in made {
            let number = narrow(self.holds.len());
            assert_eq!(
                self.rows[hold.row as usize].kind,
                Kind::Pending(number),
                "its row says so"
            );
            self.holds.push(*hold);
            assert!(
                hold.end.is_none() && self.open.insert(number),
                "a hold begins open"
            );
        }
    }

    fn end(&mut self, ended: &[(u32, End)]) {
        for (number, end) in ended {
            let before = self.holds[*number as usize].end.replace(*end);
            assert_eq!(before, None, "a hold ends once");
            assert!(self.open.remove(number), "what ends was open");
        }
    }
}

/// Eight bytes of a digest. Whoever makes ids that share them makes only these slow to find.
fn spread(id: &GroupId) -> u64 {
    let (first, _) = id.0.as_bytes().split_at(8);
    u64::from_be_bytes(first.try_into().expect("8 of 32 bytes"))
}

/// For the place of a row in its group.
pub(crate) fn index_of(place: u32) -> u16 {
    u16::try_from(place).expect("MAX_GROUP bounds the place in a group")
}

/// The digest of a history with one more group. Numbers of accounts and holds stand for them: both follow from
/// the rows before.
pub(crate) fn digest(
    before: Digest,
    entry: &Entry,
    rows: &[Row],
    expires_at: impl Fn(u32) -> Option<Timestamp>,
) -> Digest {
    let most = ENTRY_BYTES + rows.len() * ROW_BYTES;
    let mut bytes = Vec::with_capacity(most);
    bytes.extend_from_slice(before.as_bytes());
    bytes.extend_from_slice(entry.id.0.as_bytes());
    bytes.extend_from_slice(&entry.at.micros().to_be_bytes());
    for row in rows {
        let (tag, hold) = match row.kind {
            Kind::Single => (0, 0),
            Kind::Pending(hold) => (1, hold),
            Kind::Post(hold) => (2, hold),
            Kind::Void(hold) => (3, hold),
            Kind::Expire(hold) => (4, hold),
        };
        bytes.push(tag);
        bytes.extend_from_slice(&row.amount.minor().to_be_bytes());
        bytes.extend_from_slice(&row.debit.to_be_bytes());
        bytes.extend_from_slice(&row.credit.to_be_bytes());
        if row.kind != Kind::Single {
            bytes.extend_from_slice(&hold.to_be_bytes());
        }
        if let Kind::Pending(hold) = row.kind {
            let expires_at = expires_at(hold).map_or(-1, Timestamp::micros);
            bytes.extend_from_slice(&expires_at.to_be_bytes());
        }
    }
    assert!(bytes.len() <= most, "one allocation was enough");
    Digest::of(&bytes)
}

/// The digest before (32), the id (32), the time (8).
const ENTRY_BYTES: usize = 72;
/// The kind (1), the amount (8), two accounts (4 each), the hold (4), when it expires (8).
const ROW_BYTES: usize = 29;
