//! Where phrases stand, found from each word on in one walk for all of them: a trie over their bytes.

use std::ops::Range;

/// The phrases, by the bytes with which they begin.
pub(crate) struct Index {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    next: Vec<(u8, usize)>,
    /// What ends here.
    ends: Vec<End>,
}

#[derive(Clone, Copy)]
struct End {
    /// Whose phrase it is.
    owner: usize,
    /// Its last word may go on.
    open: bool,
}

/// Where a phrase stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Whose phrase it is.
    pub(crate) owner: usize,
    /// Its words, by number.
    pub(crate) words: Range<usize>,
}

impl Index {
    /// No phrase yet.
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }

    /// Adds a phrase in its normal form. With `open`, its last word may go on.
    pub(crate) fn add(&mut self, phrase: &str, open: bool, owner: usize) {
        let mut at = 0;
        for byte in phrase.bytes() {
            at = match self.child(at, byte) {
                Some(child) => child,
                None => {
                    self.nodes.push(Node::default());
                    let child = self.nodes.len() - 1;
                    self.nodes[at].next.push((byte, child));
                    child
                }
            };
        }
        self.nodes[at].ends.push(End { owner, open });
    }

    fn child(&self, node: usize, byte: u8) -> Option<usize> {
        let found = self.nodes[node].next.iter().find(|(it, _)| *it == byte);
        found.map(|(_, child)| *child)
    }

    /// All hits in a text, by where they begin. The text's words are ranges of its bytes, in order.
    pub(crate) fn hits(&self, text: &str, words: &[Range<usize>]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for first in 0..words.len() {
            self.from(text, words, first, &mut hits);
        }
        hits
    }

    fn from(&self, text: &str, words: &[Range<usize>], first: usize, hits: &mut Vec<Hit>) {
        let (mut node, mut word) = (0, first);
        let start = words[first].start;
        for (at, byte) in (start + 1..).zip(text[start..].bytes()) {
            let Some(child) = self.child(node, byte) else {
                return;
            };
            node = child;
            let complete = at == words[word].end;
            let ends = self.nodes[node].ends.iter();
            hits.extend(ends.filter(|it| it.open || complete).map(|it| Hit {
                owner: it.owner,
                words: first..word + 1,
            }));
            if complete {
                word += 1;
            }
            if word == words.len() {
                return;
            }
        }
    }
}
