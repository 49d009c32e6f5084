//! What is asked for.

mod problems;

use serde::Deserialize;
use std::collections::BTreeMap;

/// The parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Path of the export in the submission.
    pub export: String,
    /// Name of the reference file with the ticket as it was handed over.
    pub handed_over: String,
    /// The reference file of each help article.
    pub articles: BTreeMap<String, String>,
    /// The most messages of the customer's after those handed over.
    pub later_customer_messages: u32,
    /// How the ticket may stand in the end.
    pub statuses: Vec<String>,
    /// The fewest words of a message that is an answer.
    pub min_answer_words: usize,
    /// What the agent has to state.
    pub facts: Option<Facts>,
    /// What must not be said, what has to be, and how.
    pub policy: Option<Policy>,
    /// What the agent has to cite.
    pub citations: Option<Citations>,
    /// That nobody else took over.
    pub no_takeover: Option<NoTakeover>,
    /// How soon.
    pub timeliness: Option<Timeliness>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            export: "ticket.json".to_owned(),
            handed_over: "handed-over.json".to_owned(),
            articles: BTreeMap::new(),
            later_customer_messages: 0,
            statuses: vec!["resolved".to_owned()],
            min_answer_words: 5,
            facts: None,
            policy: None,
            citations: None,
            no_takeover: None,
            timeliness: None,
        }
    }
}

/// What the agent has to state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Each of them.
    pub required: Vec<Fact>,
    /// Words that turn a phrase into its opposite.
    #[serde(default = "negations")]
    pub negations: Vec<String>,
    /// So many words before a phrase may negate it.
    #[serde(default = "three")]
    pub negation_reach: usize,
    /// The fewest words of a sentence that states something.
    #[serde(default = "four")]
    pub min_sentence_words: usize,
    /// The most facts of one sentence.
    #[serde(default = "three")]
    pub max_per_sentence: usize,
}

/// A fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name.
    pub id: String,
    /// Phrases, each of which states it.
    pub any_of: Vec<String>,
    /// Phrases that say otherwise.
    #[serde(default)]
    pub contradicted_by: Vec<String>,
    /// Phrases within which those are no contradiction.
    #[serde(default)]
    pub except: Vec<String>,
}

/// What must not be said, what has to be, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What must not be said.
    #[serde(default)]
    pub forbidden: Vec<Forbidden>,
    /// What has to be said.
    #[serde(default)]
    pub disclosures: Vec<Disclosure>,
    /// How it is said.
    #[serde(default)]
    pub tone: Tone,
}

/// Something that must not be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// Its name.
    pub id: String,
    /// The phrases that say it.
    pub any_of: Vec<String>,
    /// Phrases within which those may stand.
    #[serde(default)]
    pub except: Vec<String>,
}

/// Something that has to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Its name.
    pub id: String,
    /// Phrases, each of which says it.
    pub any_of: Vec<String>,
    /// It has to be said only where one of these occurs; always, if there are none.
    #[serde(default)]
    pub when: Vec<String>,
    /// In whose messages.
    #[serde(default)]
    pub when_from: Whose,
    /// The first message of the agent says it.
    #[serde(default)]
    pub in_first_message: bool,
}

/// Whose messages are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// Everybody's.
    #[default]
    Anyone,
    /// The customer's.
    Customer,
    /// The supplier's: all later ones but the customer's.
    Supplier,
}

/// How an agent writes. What is left out is not asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tone {
    /// Phrases that are not used.
    pub banned_words: Vec<String>,
    /// The most exclamation marks of a message.
    pub max_exclamation_marks: Option<usize>,
    /// The most words of a message in capital letters.
    pub max_shouted_words: Option<usize>,
    /// Words that are always written in capital letters.
    pub acronyms: Vec<String>,
    /// The fewest words of a message.
    pub min_words: Option<usize>,
    /// The most words of a message.
    pub max_words: Option<usize>,
    /// The most messages of the agent.
    pub max_messages: Option<usize>,
}

/// What the agent has to cite.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Citations {
    /// The fewest passages that are quoted.
    pub min: usize,
    /// The fewest words of a quote.
    pub min_words: usize,
    /// Articles that are cited.
    pub articles: Vec<String>,
}

impl Default for Citations {
    fn default() -> Self {
        Self {
            min: 1,
            min_words: 4,
            articles: Vec::new(),
        }
    }
}

/// That nobody else took over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoTakeover {
    /// Statuses of a ticket that somebody else has.
    pub statuses: Vec<String>,
    /// Phrases that say that somebody else will answer.
    pub announced_by: Vec<String>,
}

impl Default for NoTakeover {
    fn default() -> Self {
        let statuses = [
            "escalated",
            "handed_over",
            "transferred",
            "reassigned",
            "pending_human",
        ];
        Self {
            statuses: statuses.map(str::to_owned).to_vec(),
            announced_by: Vec::new(),
        }
    }
}

/// How soon.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeliness {
    /// The first answer comes at most so many seconds after the last message that was handed over.
    pub first_answer_seconds: u32,
}

fn negations() -> Vec<String> {
    let words = ["not", "no", "never", "cannot", "neither", "nor"];
    words.map(str::to_owned).to_vec()
}

const fn three() -> usize {
    3
}

const fn four() -> usize {
    4
}
