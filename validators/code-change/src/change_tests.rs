//! Headers.

use super::read;
use crate::sections;

fn code(header: &str) -> Result<(), &'static str> {
    let diff = format!("diff --git {header}\n");
    let read_sections = sections::read(diff.as_bytes());
    let change = read(&read_sections.sections[0]).map_err(|defect| defect.code)?;
    match change.special {
        Some(_) => Err("special"),
        None => Ok(()),
    }
}

#[test]
fn headers_are_as_git_writes_them() {
    const MALFORMED: Result<(), &str> = Err("header-malformed");
    for (header, expected) in [
        ("a/x b/x\nold mode 100644\nnew mode 100755", Err("special")),
        ("a/x b/x\nold mode 100644\nnew mode 100644", MALFORMED),
        ("a/x b/x\nold mode 100644", MALFORMED),
        (
            "a/x b/x\nnew file mode 100644\nindex 0000000..e69de29",
            Ok(()),
        ),
        ("a/x b/x\nnew file mode 120000", Err("special")),
        ("a/x b/x\nnew file mode 160000", Err("special")),
        (
            "a/x b/x\nindex 0000000..e69de29 160000\n--- a/x\n+++ b/x\n@@ ",
            Err("special"),
        ),
        (
            "a/x b/x\nindex 0000000..e69de29 100755\n--- a/x\n+++ b/x\n@@ ",
            Ok(()),
        ),
        ("a/x b/x\nindex and more\n--- a/x\n+++ b/x\n@@ ", MALFORMED),
        (
            "a/x b/x\nnew file mode 100644\ndeleted file mode 100644",
            MALFORMED,
        ),
        (
            "a/x b/x\nnew file mode 100644\nnew file mode 100644",
            MALFORMED,
        ),
        ("a/x b/y", MALFORMED),
        ("a/x b/y\nrename from x\nrename to y", Ok(())),
        ("a/x b/y\nrename from x", MALFORMED),
        ("a/x b/y\nsimilarity index 100%", MALFORMED),
        (
            "a/x b/y\nsimilarity index lots\nrename from x\nrename to y",
            MALFORMED,
        ),
        ("a/x b/y\nrename from x\nrename to z", MALFORMED),
        ("a/x b/y\ncopy from x\ncopy to y", MALFORMED),
        ("a/x b/x\n--- a/x\n+++ b/x", MALFORMED),
        ("a/x b/x\n--- a/y\n+++ b/x\n@@ ", MALFORMED),
        ("a/x b/x\n--- /dev/null\n+++ b/x\n@@ ", MALFORMED),
        (
            "a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ ",
            MALFORMED,
        ),
        ("a/x b/x\n+++ b/x\n@@ ", MALFORMED),
        ("a/x b/x\n--- a/x\t\n+++ b/x\n@@ ", MALFORMED),
        ("a/x y b/x y\n--- a/x y\t\n+++ b/x y\t\n@@ ", Ok(())),
        (
            "a/x b/x\nBinary files a/x and b/x differ",
            Err("binary-patch"),
        ),
        ("a/x b/x\nsome words", MALFORMED),
    ] {
        assert_eq!(code(header), expected, "{header}");
    }
}
