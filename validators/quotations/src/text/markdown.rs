//! Markdown as its readers see it: CommonMark with footnotes and task lists.
//!
//! Code blocks, comments, the addresses of links and the descriptions of images are not shown. HTML that
//! shows something is not read, and is a defect.

use super::blocks::{Block, lines_of};
use super::defect::DefectKind;
use super::rendered::Rendered;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Tags that change how text looks and not what it says. With attributes they are refused: those may
/// hide it.
const PLAIN_TAGS: [&str; 14] = [
    "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small", "span", "wbr", "code",
];
/// Stands for a quotation mark in code, which quotes nothing: the normal form takes all marks for one.
const MARK_IN_CODE: char = '\u{2032}';

/// Renders a text.
pub(super) fn render(text: &str) -> Rendered {
    let mut renderer = Renderer {
        original: text,
        rendered: Rendered::default(),
        start: 0,
        quotes: 0,
        unseen: 0,
        html: None,
        link: None,
        footnote: None,
    };
    let options = Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        renderer.event(event, range);
    }
    renderer.end_block();
    renderer.rendered
}

struct Renderer<'a> {
    original: &'a str,
    rendered: Rendered,
    /// Where the block begins.
    start: usize,
    /// Block quotations around what is read.
    quotes: usize,
    /// Elements around it that are not shown.
    unseen: usize,
    /// The block of HTML that is read.
    html: Option<String>,
    /// Where the link begins.
    link: Option<usize>,
    /// The footnote whose text begins with the next block.
    footnote: Option<(String, Range<usize>)>,
}

impl Renderer<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.enter(tag, range),
            Event::End(tag) => self.leave(tag, range),
            Event::Text(shown) => self.text(&shown, range),
            Event::Code(code) => self.text(&code_span(&code), range),
            Event::SoftBreak | Event::HardBreak => self.text("\n", range),
            Event::InlineHtml(html) => self.inline_html(&html, range),
            Event::Html(html) => match &mut self.html {
                Some(block) => block.push_str(&html),
                None => self.inline_html(&html, range),
            },
            Event::FootnoteReference(label) => self.text(&format!("[^{label}]"), range),
            Event::Rule => self.part(),
            // Math is not enabled, and a task's box says nothing.
            Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn enter(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Link { link_type, .. } => {
                let shown = !matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.link = shown.then_some(self.rendered.text.len());
            }
            Tag::Image { .. } => self.unseen += 1,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {}
            Tag::BlockQuote(_) => {
                self.part();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.part();
                self.code_block(&kind, range);
            }
            Tag::HtmlBlock => {
                self.part();
                self.html = Some(String::new());
            }
            Tag::FootnoteDefinition(label) => {
                self.part();
                self.footnote = Some((label.into_string(), range.start..range.start));
            }
            _ => self.part(),
        }
    }

    fn leave(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Link => {
                let end = self.rendered.text.len();
                let link = self.link.take().filter(|start| *start < end);
                self.rendered.links.extend(link.map(|start| start..end));
            }
            TagEnd::Image => self.unseen = self.unseen.saturating_sub(1),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {}
            TagEnd::BlockQuote(_) => {
                self.quotes = self.quotes.saturating_sub(1);
                if self.quotes == 0 {
                    self.end_quote(range);
                }
            }
            TagEnd::CodeBlock => {
                if self.quotes == 0 {
                    self.unseen = self.unseen.saturating_sub(1);
                }
                self.part();
            }
            TagEnd::HtmlBlock => {
                let html = self.html.take().unwrap_or_default();
                self.html_block(&html, range);
            }
            _ => self.part(),
        }
    }

    /// A new block begins; within a quotation, a new line of it.
    fn part(&mut self) {
        if self.quotes == 0 {
            self.end_block();
        } else if self.rendered.text.len() > self.start && !self.rendered.text.ends_with('\n') {
            let end = self.source_end();
            self.rendered.push(self.original, "\n", end..end);
        }
    }

    fn end_block(&mut self) {
        let range = self.start..self.rendered.text.len();
        if !range.is_empty() {
            self.rendered.blocks.push(Block::Paragraph(range));
            self.gap();
        }
    }

    fn end_quote(&mut self, range: Range<usize>) {
        if self.start == self.rendered.text.len() {
            // Something must stand for a quotation that shows nothing.
            self.rendered.push(self.original, " ", range);
        }
        let shown = self.rendered.text[self.start..].trim_end_matches('\n');
        let end = self.start + shown.len();
        let lines = lines_of(&self.rendered.text, self.start..end);
        self.rendered.blocks.push(Block::Quote(lines));
        self.gap();
    }

    /// Blocks are parted by a blank line.
    fn gap(&mut self) {
        let end = self.source_end();
        self.rendered.push(self.original, "\n\n", end..end);
        self.start = self.rendered.text.len();
    }

    fn source_end(&self) -> usize {
        let end = self.rendered.text.len();
        self.rendered.source(&(end.saturating_sub(1)..end)).end
    }

    fn text(&mut self, shown: &str, range: Range<usize>) {
        if self.unseen > 0 {
            return;
        }
        if let Some((label, at)) = self.footnote.take() {
            self.rendered
                .push(self.original, &format!("[^{label}]: "), at);
        }
        // A row of a table is a block of its own.
        if shown.starts_with('|') && self.rendered.text.ends_with('\n') && self.quotes == 0 {
            self.end_block();
        }
        self.rendered.push(self.original, shown, range);
    }

    /// Code is not prose; in a quotation it is what is quoted.
    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        if self.quotes == 0 {
            self.unseen += 1;
        }
        if matches!(kind, CodeBlockKind::Fenced(_)) && !is_closed(&self.original[range.clone()]) {
            self.rendered
                .defect(self.original, DefectKind::MarkupUnclosed, range);
        }
    }

    fn inline_html(&mut self, html: &str, range: Range<usize>) {
        match html_shows(html) {
            Shows::Nothing => {}
            Shows::LineBreak => self.text("\n", range),
            Shows::Something | Shows::TheRest => {
                self.rendered.defect(self.original, DefectKind::Html, range);
            }
        }
    }

    fn html_block(&mut self, html: &str, range: Range<usize>) {
        match html_shows(html) {
            Shows::Nothing | Shows::LineBreak => {}
            Shows::Something => self.rendered.defect(self.original, DefectKind::Html, range),
            Shows::TheRest => {
                self.rendered
                    .defect(self.original, DefectKind::MarkupUnclosed, range);
            }
        }
    }
}

/// What HTML shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Nothing,
    LineBreak,
    Something,
    /// A comment is not closed.
    TheRest,
}

fn html_shows(html: &str) -> Shows {
    let mut rest = html.trim();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some((_, after)) = comment.split_once("-->") else {
            return Shows::TheRest;
        };
        // Browsers end these comments sooner.
        if comment.starts_with(['>']) || comment.starts_with("->") || comment.contains("--!>") {
            return Shows::Something;
        }
        rest = after.trim_start();
    }
    let Some(tag) = rest.strip_prefix('<').and_then(|it| it.strip_suffix('>')) else {
        return if rest.is_empty() {
            Shows::Nothing
        } else {
            Shows::Something
        };
    };
    let name = tag.trim_matches(['/', ' ']).to_ascii_lowercase();
    match name.as_str() {
        "br" => Shows::LineBreak,
        name if PLAIN_TAGS.contains(&name) => Shows::Nothing,
        _ => Shows::Something,
    }
}

/// Whether the last line of a fenced block, in whatever it is nested, is a fence.
fn is_closed(block: &str) -> bool {
    let mut lines = block.trim_end().lines();
    let first = lines.next();
    let last = lines.next_back().unwrap_or_default();
    let last = last.trim_start_matches([' ', '\t', '>']).trim_end();
    let is_fence = |mark: char| last.len() >= 3 && last.trim_matches(mark).is_empty();
    first.is_some() && (is_fence('`') || is_fence('~'))
}

/// Marks and brackets in code quote and cite nothing, unless the code is nothing but marks.
fn code_span(code: &str) -> String {
    if !code.contains(char::is_alphanumeric) {
        return code.to_owned();
    }
    let shown = code.chars().map(|character| match character {
        '[' | ']' => ' ',
        '"' | '\'' | '`' | '«' | '»' | '\u{2018}'..='\u{201F}' | '\u{2033}' | '‹' | '›' => {
            MARK_IN_CODE
        }
        '＂' | '「' | '」' | '『' | '』' | '❝' | '❞' | '〝' | '〞' | '〟' => {
            MARK_IN_CODE
        }
        other => other,
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let rendered = render(text);
        let line = |range: &Range<usize>| rendered.text[range.clone()].to_owned();
        let blocks = rendered.blocks.iter().map(|block| match block {
            Block::Paragraph(range) => line(range),
            Block::Quote(lines) => {
                format!("> {}", lines.iter().map(line).collect::<Vec<_>>().join("|"))
            }
        });
        blocks.collect()
    }

    fn defects(text: &str) -> Vec<DefectKind> {
        render(text).defects.iter().map(|it| it.kind).collect()
    }

    #[test]
    fn readers_see_no_markup() {
        for (text, expected) in [
            ("# T\na *b*\r\nc\n\nd", vec!["T", "a b\nc", "d"]),
            ("&ldquo;a\\\"b&rdquo; `x[\"1\"]`", vec!["“a\"b” x ′1′ "]),
            (
                "a\n\n```x\n“code”\n```\n\n    “indented”\n\nb",
                vec!["a", "b"],
            ),
            ("a <!-- “x” --> b <br>c<b>d</b>", vec!["a  b \ncd"]),
            ("[a](http://b) ![c](d) <http://e>", vec!["a  http://e"]),
            ("- [x] a\n- b\n\n| r\n| s", vec!["a", "b", "| r\n", "| s"]),
            ("x[^1]\n\n[^1]: y\n\n    z", vec!["x[^1]", "[^1]: y", "z"]),
            ("` open\n\n` x", vec!["` open", "` x"]),
        ] {
            let shown = shown(text);
            let shown: Vec<_> = shown.iter().map(|it| it.trim_end_matches('\n')).collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|it| it.trim_end_matches('\n'))
                .collect();
            assert_eq!(shown, expected, "{text:?}");
        }
    }

    #[test]
    fn quotations_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("> q\nr\n- s", vec!["> q|r", "s"]),
            ("> q\n\n> r", vec!["> q", "> r"]),
            ("> q\n>\n> > r\n>\n> ```\n> s\n> ```", vec!["> q|r|s"]),
            ("- > q\n  > r", vec!["> q|r"]),
            (">\n\nx", vec![">  ", "x"]),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_hides_text_is_a_defect() {
        use DefectKind::{Html, MarkupUnclosed};
        for (text, expected) in [
            ("```\na\n```\n\n~~~~\nb\n~~~~~\n\n> ```\n> c\n> ```", vec![]),
            ("```\na", vec![MarkupUnclosed]),
            ("a\n\n<!-- b\n\nc", vec![MarkupUnclosed]),
            ("<!-- a -->\n<!--\nb\n-->\n", vec![]),
            ("<blockquote>a</blockquote>", vec![Html]),
            ("a <q>b</q> c", vec![Html, Html]),
            ("<b style=\"x\">c</b>", vec![Html]),
            ("<!--> “a” -->", vec![Html]),
            ("a <!-- b --!> c -->", vec![Html]),
            ("a <b style=\"x\">c</b>", vec![Html]),
        ] {
            assert_eq!(defects(text), expected, "{text:?}");
        }
    }
}
