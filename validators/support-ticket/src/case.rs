//! The export beside what was handed over, with what each later message says.

use crate::citations::Articles;
use crate::echo::Echoes;
use crate::params::Params;
use crate::text::index::Hit;
use crate::text::letters::Letters;
use crate::text::spoken::Spoken;
use crate::ticket::{Author, Message, Ticket};
use proofmark_validator_sdk::Finding;
use std::collections::BTreeSet;
use std::ops::Range;

/// Everything that is judged.
pub(crate) struct Case<'t> {
    pub(crate) params: &'t Params,
    pub(crate) handed_over: &'t Ticket,
    pub(crate) export: &'t Ticket,
    pub(crate) articles: &'t Articles,
    /// The messages that were not handed over.
    pub(crate) later: Vec<Later<'t>>,
}

/// A message that was not handed over.
pub(crate) struct Later<'t> {
    /// Its place in the export.
    pub(crate) number: usize,
    pub(crate) message: &'t Message,
    /// Its letters; none are looked at of what the customer says.
    pub(crate) letters: Letters,
    /// What an agent says.
    pub(crate) spoken: Spoken,
    /// Of each word, whether it only repeats the customer.
    pub(crate) echo: Vec<bool>,
    /// Of each citation, where its article has the quote.
    pub(crate) cited: Vec<Option<Range<usize>>>,
    /// It says enough of its own, and no earlier message says the same.
    pub(crate) is_answer: bool,
}

impl Later<'_> {
    pub(crate) fn is_from(&self, author: Author) -> bool {
        self.message.from == author
    }

    /// What of it a hit is, as it was written.
    pub(crate) fn shown(&self, hit: &Hit) -> String {
        self.letters.shown(hit, &self.message.text)
    }

    /// A JSON pointer to its text.
    pub(crate) fn text(&self) -> String {
        format!("/messages/{}/text", self.number)
    }
}

impl<'t> Case<'t> {
    pub(crate) fn new(
        params: &'t Params,
        handed_over: &'t Ticket,
        export: &'t Ticket,
        articles: &'t Articles,
    ) -> Self {
        let mut reader = Reader::default();
        for message in &handed_over.messages {
            reader.earlier(message);
        }
        let ids = handed_over.messages.iter().map(|it| it.id.as_str());
        let mut awaited: BTreeSet<&str> = ids.collect();
        let messages = export.messages.iter().enumerate();
        // Wherever they stand: that one is missing, or another between them, is told once.
        let later = messages.filter(|(_, it)| !awaited.remove(it.id.as_str()));
        let later = later.map(|(number, message)| reader.later(number, message, params, articles));
        let later = later.collect();
        Self {
            params,
            handed_over,
            export,
            articles,
            later,
        }
    }

    /// The agent's later messages.
    pub(crate) fn agents(&self) -> impl Iterator<Item = &Later<'t>> {
        self.later.iter().filter(|it| it.is_from(Author::Agent))
    }

    /// What the supplier answers for: all later messages but the customer's.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &Later<'t>> {
        self.later.iter().filter(|it| !it.is_from(Author::Customer))
    }

    /// A finding at a place in the export.
    pub(crate) fn finding(
        &self,
        code: &'static str,
        message: &str,
        pointer: impl Into<String>,
    ) -> Finding {
        Finding::new(code, message).at_pointer(&self.params.export, pointer)
    }
}

/// Reads messages in their order.
#[derive(Default)]
struct Reader {
    echoes: Echoes,
    /// What agents have said so far.
    said: BTreeSet<String>,
}

impl Reader {
    fn earlier(&mut self, message: &Message) {
        let spoken = Spoken::of(&message.text);
        match message.from {
            Author::Customer => self.echoes.learn(&spoken),
            _ => drop(self.said.insert(spoken.text)),
        }
    }

    fn later<'t>(
        &mut self,
        number: usize,
        message: &'t Message,
        params: &Params,
        articles: &Articles,
    ) -> Later<'t> {
        let mut later = Later {
            number,
            message,
            letters: Letters::default(),
            spoken: Spoken::default(),
            echo: Vec::new(),
            cited: Vec::new(),
            is_answer: false,
        };
        if message.from == Author::Customer {
            self.echoes.learn(&Spoken::of(&message.text));
            return later;
        }
        later.letters = Letters::of(&message.text);
        if message.from == Author::Agent {
            let citations = message.citations.iter();
            later.cited = citations.map(|it| articles.place(it)).collect();
            later.spoken = Spoken::of(&message.text);
            later.echo = self.echoes.of(&later.spoken);
            let own = later.echo.iter().filter(|it| !**it).count();
            let new = self.said.insert(later.spoken.text.clone());
            later.is_answer = new && own >= params.min_answer_words;
        }
        later
    }
}
