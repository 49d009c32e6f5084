#!/usr/bin/env python3
"""Fetches the two sources, and makes the invented essay from the honest one.

    python3 make.py              the essay
    python3 make.py --sources    the essay, and the sources from the Debian package `miscfiles`

Requirements: Python 3.11, standard library only; for `--sources` also `apt-get` and `dpkg` on Debian 12
(or anything whose archive carries miscfiles 1.5+dfsg-4).
"""

import gzip
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "miscfiles=1.5+dfsg-4"
SOURCES = {
    "constitution.txt": (
        "us-constitution.gz",
        "e398fe77f26f1ba6ea7ccc6e6f0b0c91c6de08ec7f1e5efa6be60dd39ccce4e6",
    ),
    "declaration.txt": (
        "us-declaration.gz",
        "5901585a2ff579de7ba4b8fb15ba46e96f5523fb667546042055e8aea3a2d48e",
    ),
}

# What the invented essay says instead. The first stands in no source; the second cites a source that the
# buyer did not name and that does not exist.
CHANGES = [
    (
        """> no Appropriation of Money to that Use shall be for a longer Term than two Years [constitution]
""",
        """> no Army shall be continued beyond the War for which it was raised, but by the renewed Consent of both
> Houses [constitution]
""",
    ),
    (
        """The framers did not trust
themselves to forbid the thing. They made it expire.
""",
        """The framers did not trust
themselves to forbid the thing. They made it expire, for “a Power that must be asked for twice is seldom
abused once” [convention-letters].
""",
    ),
]


def fetch_sources():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
        (package,) = Path(folder).glob("miscfiles_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        for name, (packed, digest) in SOURCES.items():
            text = gzip.decompress((Path(folder) / "usr/share/state" / packed).read_bytes())
            assert hashlib.sha256(text).hexdigest() == digest, name
            (HERE / "references" / name).write_bytes(text)


def main():
    if sys.argv[1:] == ["--sources"]:
        fetch_sources()
    essay = (HERE / "submissions/honest/essay.md").read_text(encoding="utf-8")
    for honest, invented in CHANGES:
        assert essay.count(honest) == 1, honest
        essay = essay.replace(honest, invented)
    (HERE / "submissions/invented/essay.md").write_text(essay, encoding="utf-8")


if __name__ == "__main__":
    main()
