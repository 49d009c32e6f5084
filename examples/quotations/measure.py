#!/usr/bin/env python3
"""Looks up every quotation of both essays in the source that it cites; standard library only.

    python3 measure.py

It shares no code with Proofmark, so its findings check those of the `quotations` validator. A quotation is
a text in curly quotation marks, or a block of lines that begin with `>`; the citation is the word in square
brackets that follows it (in a block: that ends it). White space of any length counts as one space; nothing
else is normalised.
"""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
INLINE = re.compile(r"“([^”]+)”\s*\[([\w-]+)\]")
BLOCK = re.compile(r"(?:^>.*\n)+", re.MULTILINE)
BLOCK_PARTS = re.compile(r"(.+) \[([\w-]+)\]$")


def squeeze(text):
    return " ".join(text.split())


def quotations(essay):
    for found in INLINE.finditer(essay):
        yield found.start(), squeeze(found[1]), found[2]
    for found in BLOCK.finditer(essay):
        block = squeeze(re.sub(r"^> ?", "", found[0], flags=re.MULTILINE))
        text, source = BLOCK_PARTS.fullmatch(block).groups()
        yield found.start(), text, source


def main():
    sources = {path.stem: squeeze(path.read_text(encoding="utf-8")) for path in (HERE / "references").iterdir()}
    for name in ("honest", "invented"):
        essay = (HERE / "submissions" / name / "essay.md").read_text(encoding="utf-8")
        found = sorted(quotations(essay))
        assert len(found) == essay.count("“") + len(BLOCK.findall(essay)) == essay.count("["), "each one is cited"
        print(f"\n### {name}: {len(essay.split())} words, {len(found)} quotations\n")
        for at, text, source in found:
            line = essay.count("\n", 0, at) + 1
            held = "no such source" if source not in sources else "verbatim" if text in sources[source] else "NOT FOUND"
            print(f"| {line} | {source} | {held} | {text} |")


if __name__ == "__main__":
    main()
