//! Policy texts (C2SP tlog-policy): which logs and witnesses count, and how many of whom are enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::lines::decimal;
use crate::note::{KeyKind, NoteKey};

/// Most logs, most witnesses and most groups, of each: what the specification wants room for.
pub const MAX_ITEMS: usize = 32;

/// Longest text in bytes: 96 lines of up to 680 bytes, and groups that name everybody.
pub const MAX_POLICY_BYTES: usize = 128 << 10;

/// The quorum that needs nobody.
const NONE: &str = "none";

/// A policy that makes sense: only [`Policy::new`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<LogLine>,
    witnesses: Vec<WitnessLine>,
    groups: Vec<Group>,
    quorum: Option<String>,
}

/// A log whose checkpoints count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its key.
    pub key: NoteKey,
    /// Where it is, if that matters.
    pub url: Option<String>,
}

/// A witness whose cosignatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessLine {
    /// What this policy calls it.
    pub name: String,
    /// Its key.
    pub key: NoteKey,
    /// Where it is, if that matters.
    pub url: Option<String>,
}

/// Witnesses or groups of which enough must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What this policy calls it.
    pub name: String,
    /// How many members are enough, 1 to all.
    pub threshold: usize,
    /// Names of witnesses and of earlier groups.
    pub members: Vec<String>,
}

/// A policy that makes no sense. Whoever wrote it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Too long, or more than [`MAX_ITEMS`] of a kind.
    #[error("a policy has at most {MAX_ITEMS} logs, witnesses and groups each")]
    TooLarge,
    /// A line that is none of a policy in its one spelling.
    #[error("line {0} is no line of a policy")]
    Line(usize),
    /// A name or URL that is empty or has spaces or control characters, or the name `none`.
    #[error("`{0}` is no name or URL")]
    Word(String),
    /// A log's key that is a witness's, or the other way round.
    #[error("the key {0} is of the wrong type")]
    Kind(Box<NoteKey>),
    /// One public key stands there twice.
    #[error("the key {0} stands there twice")]
    KeyTwice(Box<NoteKey>),
    /// One name is given twice.
    #[error("the name {0} is given twice")]
    NameTwice(String),
    /// A name that was not given before it is used.
    #[error("nobody is called {0} before this")]
    Unknown(String),
    /// A name that is a member twice.
    #[error("{0} is a member twice")]
    MemberTwice(String),
    /// A threshold of 0, or above the number of members.
    #[error("{threshold} of {members} members of {group} cannot be enough")]
    Threshold {
        /// Which group.
        group: String,
        /// How many would be enough.
        threshold: usize,
        /// How many there are.
        members: usize,
    },
}

impl PolicyError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "tlog-policy-too-large",
            Self::Line(_) => "tlog-policy-line",
            Self::Word(_) => "tlog-policy-word",
            Self::Kind(_) => "note-key-kind",
            Self::KeyTwice(_) => "tlog-policy-key-twice",
            Self::NameTwice(_) => "tlog-policy-name-twice",
            Self::Unknown(_) => "tlog-policy-unknown",
            Self::MemberTwice(_) => "tlog-policy-member-twice",
            Self::Threshold { .. } => "tlog-policy-threshold",
        }
    }
}

impl Policy {
    /// A policy of these parts; no quorum means that no witness is needed.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn new(
        logs: Vec<LogLine>,
        witnesses: Vec<WitnessLine>,
        groups: Vec<Group>,
        quorum: Option<String>,
    ) -> Result<Self, PolicyError> {
        if [logs.len(), witnesses.len(), groups.len()]
            .iter()
            .any(|count| *count > MAX_ITEMS)
        {
            return Err(PolicyError::TooLarge);
        }
        check_keys(logs.iter().map(|log| &log.key), KeyKind::Ed25519)?;
        check_keys(
            witnesses.iter().map(|witness| &witness.key),
            KeyKind::Cosignature,
        )?;
        let urls = logs.iter().map(|log| &log.url);
        let urls = urls.chain(witnesses.iter().map(|witness| &witness.url));
        urls.flatten().try_for_each(|url| check_word(url))?;
        let names = check_names(&witnesses, &groups)?;
        match &quorum {
            Some(quorum) if !names.contains(quorum.as_str()) => {
                Err(PolicyError::Unknown(quorum.clone()))
            }
            _ => Ok(Self {
                logs,
                witnesses,
                groups,
                quorum,
            }),
        }
    }

    /// A policy for which `threshold` of these witnesses are enough, or nobody where it is 0. They are called
    /// `w1`, `w2` and so on, and the group `quorum`.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn threshold(
        logs: Vec<LogLine>,
        witnesses: impl IntoIterator<Item = NoteKey>,
        threshold: usize,
    ) -> Result<Self, PolicyError> {
        let witnesses = (1..).zip(witnesses).map(|(number, key)| {
            let name = format!("w{number}");
            WitnessLine {
                name,
                key,
                url: None,
            }
        });
        let witnesses: Vec<_> = witnesses.collect();
        if threshold == 0 {
            return Self::new(logs, witnesses, Vec::new(), None);
        }
        let members = witnesses
            .iter()
            .map(|witness| witness.name.clone())
            .collect();
        let name = "quorum".to_owned();
        let group = Group {
            name: name.clone(),
            threshold,
            members,
        };
        Self::new(logs, witnesses, vec![group], Some(name))
    }

    /// The logs that count.
    #[must_use]
    pub fn logs(&self) -> &[LogLine] {
        &self.logs
    }

    /// The witnesses that count.
    #[must_use]
    pub fn witnesses(&self) -> &[WitnessLine] {
        &self.witnesses
    }

    /// Whether these witnesses are enough.
    #[must_use]
    pub fn is_met_by(&self, cosigned: &[&NoteKey]) -> bool {
        let Some(quorum) = &self.quorum else {
            return true;
        };
        let witnesses = self.witnesses.iter();
        let mut met: BTreeMap<&str, bool> = witnesses
            .map(|witness| (witness.name.as_str(), cosigned.contains(&&witness.key)))
            .collect();
        for group in &self.groups {
            let members = group.members.iter();
            let count = members
                .filter(|member| met.get(member.as_str()) == Some(&true))
                .count();
            met.insert(&group.name, count >= group.threshold);
        }
        met.get(quorum.as_str()) == Some(&true)
    }
}

fn check_keys<'k>(
    keys: impl Iterator<Item = &'k NoteKey>,
    kind: KeyKind,
) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if key.kind() != kind {
            return Err(PolicyError::Kind(Box::new(key.clone())));
        }
        if !seen.insert(key.public().as_bytes()) {
            return Err(PolicyError::KeyTwice(Box::new(key.clone())));
        }
    }
    Ok(())
}

/// Names that a quorum may be.
fn check_names<'n>(
    witnesses: &'n [WitnessLine],
    groups: &'n [Group],
) -> Result<BTreeSet<&'n str>, PolicyError> {
    let mut names = BTreeSet::new();
    let mut members = BTreeSet::new();
    for witness in witnesses {
        add_name(&witness.name, &mut names)?;
    }
    for group in groups {
        for member in &group.members {
            if !names.contains(member.as_str()) {
                return Err(PolicyError::Unknown(member.clone()));
            }
            if !members.insert(member) {
                return Err(PolicyError::MemberTwice(member.clone()));
            }
        }
        add_name(&group.name, &mut names)?;
        check_threshold(group)?;
    }
    Ok(names)
}

fn add_name<'n>(name: &'n str, names: &mut BTreeSet<&'n str>) -> Result<(), PolicyError> {
    check_word(name)?;
    match name {
        NONE => Err(PolicyError::Word(name.to_owned())),
        _ if names.insert(name) => Ok(()),
        _ => Err(PolicyError::NameTwice(name.to_owned())),
    }
}

fn check_threshold(group: &Group) -> Result<(), PolicyError> {
    let (threshold, members) = (group.threshold, group.members.len());
    match (1..=members).contains(&threshold) {
        true => Ok(()),
        false => Err(PolicyError::Threshold {
            group: group.name.clone(),
            threshold,
            members,
        }),
    }
}

fn check_word(word: &str) -> Result<(), PolicyError> {
    let foreign = |c: char| c.is_whitespace() || c.is_control();
    match word.is_empty() || word.contains(foreign) {
        true => Err(PolicyError::Word(word.to_owned())),
        false => Ok(()),
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, Url(log.url.as_deref()))?;
        }
        for witness in &self.witnesses {
            let url = Url(witness.url.as_deref());
            writeln!(f, "witness {} {}{url}", witness.name, witness.key)?;
        }
        for group in &self.groups {
            let members = group.members.join(" ");
            writeln!(f, "group {} {} {members}", group.name, group.threshold)?;
        }
        writeln!(f, "quorum {}", self.quorum.as_deref().unwrap_or(NONE))
    }
}

/// A URL after a space, if there is one.
struct Url<'u>(Option<&'u str>);

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |url| write!(f, " {url}"))
    }
}

/// Reads any policy text of the specification: comments, empty lines, tabs and several spaces are allowed
/// and not kept.
impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLarge);
        }
        let mut draft = Draft::default();
        for (number, line) in (1..).zip(text.split_terminator('\n')) {
            let control = |c: char| c.is_ascii_control() && c != '\t';
            let words: Vec<_> = line
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            let understood = match words.first() {
                None => Some(()),
                Some(first) if first.starts_with('#') => Some(()),
                Some(_) => draft.take(&words),
            };
            understood
                .filter(|()| !line.contains(control))
                .ok_or(PolicyError::Line(number))?;
        }
        let ended = text.ends_with('\n');
        let lines = text.lines().count();
        let quorum = draft
            .quorum
            .filter(|_| ended)
            .ok_or(PolicyError::Line(lines))?;
        let quorum = (quorum != NONE).then_some(quorum);
        Self::new(draft.logs, draft.witnesses, draft.groups, quorum)
    }
}

/// The lines read so far.
#[derive(Default)]
struct Draft {
    logs: Vec<LogLine>,
    witnesses: Vec<WitnessLine>,
    groups: Vec<Group>,
    quorum: Option<String>,
}

impl Draft {
    /// One line; `None` if it is none.
    fn take(&mut self, words: &[&str]) -> Option<()> {
        let url = |words: &[&str]| words.first().map(|url| (*url).to_owned());
        match words {
            ["log", key, rest @ ..] if rest.len() < 2 => {
                let key = key.parse().ok()?;
                self.logs.push(LogLine {
                    key,
                    url: url(rest),
                });
            }
            ["witness", name, key, rest @ ..] if rest.len() < 2 => {
                let (name, key) = ((*name).to_owned(), key.parse().ok()?);
                self.undefined(&name)?;
                self.witnesses.push(WitnessLine {
                    name,
                    key,
                    url: url(rest),
                });
            }
            ["group", name, threshold, members @ ..] => {
                let threshold = match *threshold {
                    "all" => members.len(),
                    "any" => 1,
                    number => usize::try_from(decimal(number, u64::from(u16::MAX))?).ok()?,
                };
                let members: Vec<_> = members.iter().map(|name| (*name).to_owned()).collect();
                members.iter().try_for_each(|member| self.defined(member))?;
                self.groups.push(Group {
                    name: (*name).to_owned(),
                    threshold,
                    members,
                });
            }
            ["quorum", name] if self.quorum.is_none() => {
                (*name == NONE)
                    .then_some(())
                    .or_else(|| self.defined(name))?;
                self.quorum = Some((*name).to_owned());
            }
            _ => return None,
        }
        Some(())
    }

    fn knows(&self, name: &str) -> bool {
        let witness = self.witnesses.iter().any(|witness| witness.name == name);
        witness || self.groups.iter().any(|group| group.name == name)
    }

    fn defined(&self, name: &str) -> Option<()> {
        self.knows(name).then_some(())
    }

    fn undefined(&self, name: &str) -> Option<()> {
        (!self.knows(name)).then_some(())
    }
}
