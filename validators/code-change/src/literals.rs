//! Which of many short texts occur in a line, in one pass over it.

/// A machine that has, after each byte, seen all that ends there (Aho and Corasick, *Efficient String Matching*, 1975). Its cost
/// depends on the length of the line alone, whatever is in it.
pub(crate) struct Literals {
    /// By state and byte, the next state.
    next: Vec<[u16; 256]>,
    /// By state, one bit for each text that ends there.
    found: Vec<u64>,
}

impl Literals {
    /// For at most 64 texts, none of them empty, with less than 65,000 bytes in all.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Self {
        let mut built = Self {
            next: vec![[0; 256]],
            found: vec![0],
        };
        for (index, text) in texts.enumerate() {
            let end = text.iter().fold(0, |state, byte| built.child(state, *byte));
            built.found[end] |= 1 << index;
        }
        built.connect();
        built
    }

    fn child(&mut self, state: usize, byte: u8) -> usize {
        let next = self.next[state][usize::from(byte)];
        if next != 0 {
            return usize::from(next);
        }
        let new = self.next.len();
        self.next[state][usize::from(byte)] = new as u16;
        self.next.push([0; 256]);
        self.found.push(0);
        new
    }

    /// Where a text does not go on, another goes on that ends alike. Shorter beginnings first.
    fn connect(&mut self) {
        let mut fallback = vec![0_usize; self.next.len()];
        let mut open = Vec::with_capacity(self.next.len());
        let first = self.next[0].iter().filter(|next| **next != 0);
        open.extend(first.map(|next| usize::from(*next)));
        let mut at = 0;
        while let Some(&state) = open.get(at) {
            at += 1;
            let shorter = fallback[state];
            self.found[state] |= self.found[shorter];
            for byte in 0..256 {
                let next = usize::from(self.next[state][byte]);
                let otherwise = self.next[shorter][byte];
                if next == 0 {
                    self.next[state][byte] = otherwise;
                } else {
                    fallback[next] = usize::from(otherwise);
                    open.push(next);
                }
            }
        }
    }

    /// Each text that occurs, with where it ends.
    pub(crate) fn find(&self, line: &[u8], mut each: impl FnMut(usize, usize)) {
        let mut state = 0;
        for (at, byte) in line.iter().enumerate() {
            state = usize::from(self.next[state][usize::from(*byte)]);
            let mut found = self.found[state];
            while found != 0 {
                each(found.trailing_zeros() as usize, at + 1);
                found &= found - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Literals;

    #[test]
    fn all_texts_are_found_also_within_each_other() {
        let texts = ["he", "she", "his", "hers", "s"];
        let literals = Literals::new(texts.iter().map(|it| it.as_bytes()));
        let mut found = Vec::new();
        literals.find(b"ushers his", |index, end| found.push((texts[index], end)));
        found.sort_by_key(|(text, end)| (*end, text.len()));
        let expected = [
            ("s", 2),
            ("he", 4),
            ("she", 4),
            ("s", 6),
            ("hers", 6),
            ("s", 10),
            ("his", 10),
        ];
        assert_eq!(found, expected);
    }
}
