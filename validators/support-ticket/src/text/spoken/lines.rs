//! Which lines of a message are its writer's, and which end a sentence.

/// The message without quoted lines and addresses. A line end stays where a sentence ends with it; others
/// are spaces, since lines may be broken anywhere.
pub(super) fn own(text: &str) -> String {
    let mut own = String::with_capacity(text.len());
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with('>') {
            without_addresses(line, &mut own);
        }
        let ends = line.is_empty() || line.starts_with(['>', '#', '|']);
        let begins = lines.peek().is_none_or(|next| begins_anew(next));
        own.push(if ends || begins { '\n' } else { ' ' });
    }
    own
}

/// Whether the line goes on with nothing before it: a list item, a heading, a row, a quoted line, a blank one.
fn begins_anew(line: &str) -> bool {
    let number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let numbered = number.len() < line.len() && number.starts_with(['.', ')']);
    let item = ["- ", "* ", "+ ", "• ", "– ", "— "]
        .iter()
        .any(|it| line.starts_with(it));
    line.is_empty() || item || numbered || line.starts_with(['>', '#', '|', '•', '·'])
}

/// Where an address begins, or what tells that there is one.
fn address(piece: &str) -> Option<usize> {
    let begins = |at: &usize| {
        let rest = &piece.as_bytes()[*at..];
        rest.starts_with(b"](") || rest.starts_with(b"://") || rest.starts_with(b"www.")
    };
    (0..piece.len()).find(begins)
}

/// Appends a line without its addresses: from a scheme, or `www.`, or the bracket behind a link's text on.
fn without_addresses(line: &str, own: &mut String) {
    for (number, piece) in line.split([' ', '\t']).enumerate() {
        if number > 0 {
            own.push(' ');
        }
        let Some(start) = address(piece) else {
            own.push_str(piece);
            continue;
        };
        let (said, address) = piece.split_at(start);
        let scheme = said.trim_end_matches(|it: char| {
            it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.')
        });
        own.push_str(if address.starts_with("://") {
            scheme
        } else {
            said
        });
        // What ends a sentence stands behind the address.
        own.extend(
            address
                .chars()
                .next_back()
                .filter(|it| matches!(it, '.' | '!' | '?' | ',' | ':' | ';')),
        );
    }
}
