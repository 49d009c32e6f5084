"""Makes the changes with git, without any of our code (Python 3.11, git 2.30 or later).

    python3 make.py            writes submissions/*/change.diff
    python3 make.py --check    only says whether they are as this would write them
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BASE = HERE / "references" / "base"
SET, TESTS, CHANGELOG = "src/set.rs", "tests/set.rs", "CHANGELOG.md"

FIX = (SET, """            } else if let Some(after)""", """            }
            if let Some(after)""")
NOTE = (CHANGELOG, "## Unreleased\n", "## Unreleased\n- `remove` keeps both parts of a span from whose middle it takes one out (#12).\n")
TEST = (TESTS, "#[test]\nfn points_are_found", """#[test]
fn the_middle_of_a_span_is_removed() {
    let mut set = set("0..10,20..30");
    set.remove(span(4, 6));
    assert_eq!(set.to_string(), "0..4,6..10,20..30");
    set.remove(span(8, 25));
    assert_eq!(set.to_string(), "0..4,6..8,25..30");
}

#[test]
fn points_are_found""")
# With a crate instead of six characters.
DEPENDENCY = ("Cargo.toml", "[dependencies]\n", "[dependencies]\nrangemap = \"1\"\n")
MERGED = (SET, "    /// Takes a span out of the set.\n", """<<<<<<< HEAD
    /// Takes a span out of the set.
=======
    /// Takes a span out of the set, and splits the one that it lies in.
>>>>>>> remove-splits
""")
# The test that is in the way goes.
LOST_TEST = (TESTS, """#[test]
fn the_end_of_a_span_is_removed() {
    let mut set = set("0..10");
    set.remove(span(6, 12));
    assert_eq!(set.to_string(), "0..6");
}

""", "")
CHANGES = {
    "good": [FIX, TEST, NOTE],
    "outside": [FIX, TEST, NOTE, DEPENDENCY],
    "untested": [FIX, NOTE],
    "conflicted": [FIX, MERGED, TEST, NOTE],
    "weakened": [FIX, TEST, NOTE, LOST_TEST],
    "stale": [FIX, TEST, NOTE],
}
# What `stale` was made against: the release before, in which a line was another.
OLDER = (SET, "left.push(before);", "left.extend([before]);")


def edited(tree, edits):
    tree = dict(tree)
    for path, old, new in edits:
        assert tree[path].count(old) == 1, (path, old)
        tree[path] = tree[path].replace(old, new)
    return tree


def git(folder, *arguments, text=None):
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        nobody |= {f"GIT_{who}_NAME": "nobody", f"GIT_{who}_EMAIL": "nobody@example.org"}
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(command, env=os.environ | nobody, input=text, capture_output=True, text=True, check=True).stdout


def write(folder, tree):
    for path, text in tree.items():
        file = Path(folder, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def read(folder):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def change(before, after):
    with tempfile.TemporaryDirectory() as folder:
        git(folder, "init", "-q")
        write(folder, before)
        git(folder, "add", "-A", "-f")
        git(folder, "commit", "-q", "-m", "base")
        write(folder, after)
        return git(folder, "diff", "--no-color", "--abbrev=7", "HEAD")


def applied(tree, diff):
    """The tree with the diff, by git; nothing where it does not apply."""
    with tempfile.TemporaryDirectory() as folder:
        git(folder, "init", "-q")
        write(folder, tree)
        try:
            git(folder, "apply", "-", text=diff)
        except subprocess.CalledProcessError:
            return None
        return read(folder)


def digest(tree):
    def entry(path):
        content = tree[path].encode()
        return f'{{"digest":"sha256:{hashlib.sha256(content).hexdigest()}","path":"{path}","sizeBytes":{len(content)}}}'

    entries = ",".join(entry(path) for path in sorted(tree, key=str.encode))
    text = f'{{"artifacts":[{entries}],"schema":"https://proofmark.example/submission/v1"}}'
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def main():
    base, same = read(BASE), True
    print("base", digest(base))
    for name, edits in CHANGES.items():
        before = edited(base, [OLDER]) if name == "stale" else base
        diff = change(before, edited(before, edits))
        path = HERE / "submissions" / name / "change.diff"
        if "--check" in sys.argv:
            same &= path.read_text() == diff
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(diff)
        tree = applied(base, diff)
        print(name, digest(tree) if tree else "does not apply")
    sys.exit(0 if same else 1)


main()
