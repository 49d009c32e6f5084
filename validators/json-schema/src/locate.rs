//! From a JSON Pointer to the bytes of the value, so that a finding can name a line. Works on text
//! that is known to be well-formed; on anything else it answers `None` or a wrong place, and never
//! more.

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: usize,
    pub(crate) len: usize,
}

/// The value at an RFC 6901 pointer.
pub(crate) fn locate(text: &[u8], pointer: &str) -> Option<Span> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.white_space();
    for token in pointer.split('/').skip(1) {
        scanner.enter(&token.replace("~1", "/").replace("~0", "~"))?;
    }
    let offset = scanner.at;
    scanner.value()?;
    Some(Span {
        offset,
        len: scanner.at - offset,
    })
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Moves to what comes after any white space and says what that is.
    fn white_space(&mut self) -> Option<u8> {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.peek()
    }

    /// From the beginning of a container to the beginning of one of its values.
    fn enter(&mut self, token: &str) -> Option<()> {
        match self.peek()? {
            b'{' => self.enter_member(token),
            b'[' => self.enter_item(token.parse().ok()?),
            _ => None,
        }
    }

    fn enter_member(&mut self, key: &str) -> Option<()> {
        loop {
            self.at += 1; // the brace or the comma
            if self.white_space()? == b'}' {
                return None;
            }
            let start = self.at;
            self.value()?;
            let found = serde_json::from_slice::<String>(self.text.get(start..self.at)?).ok()?;
            self.white_space()?;
            self.at += 1; // the colon
            self.white_space()?;
            if found == key {
                return Some(());
            }
            self.value()?;
            self.comma()?;
        }
    }

    /// Moves to the comma that must come next.
    fn comma(&mut self) -> Option<()> {
        self.white_space().filter(|byte| *byte == b',').map(drop)
    }

    fn enter_item(&mut self, index: usize) -> Option<()> {
        for _ in 0..index {
            self.at += 1; // the bracket or the comma
            self.white_space()?;
            self.value()?;
            self.comma()?;
        }
        self.at += 1;
        self.white_space().filter(|byte| *byte != b']').map(drop)
    }

    /// Moves behind the value that begins here.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                _ if depth > 0 => self.at += 1,
                _ => self.scalar(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// A number or a word: up to what cannot belong to one.
    fn scalar(&mut self) {
        while self
            .peek()
            .is_some_and(|byte| !b",]} \t\r\n".contains(&byte))
        {
            self.at += 1;
        }
    }
}
