//! The files that a run sees: one flat tree, which nobody can change.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Files by path, relative to the root.
pub(crate) struct Files {
    /// With a number for each, since programs tell files apart by it.
    by_path: BTreeMap<String, (u64, Arc<[u8]>)>,
}

/// Longest path that anybody can ask for, in bytes.
pub(crate) const MAX_PATH_BYTES: usize = 4_096;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A file, and its number.
    File(u64, Arc<[u8]>),
    /// A directory: the root, or whatever a path of a file goes through.
    Directory,
}

impl Files {
    /// A file whose path nobody can ask for is left out.
    pub(crate) fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        let askable = files
            .into_iter()
            .filter(|(path, _)| path.len() <= MAX_PATH_BYTES);
        let named = askable.filter_map(|(path, bytes)| Some((normal(&path)?, bytes)));
        let by_path: BTreeMap<_, Vec<u8>> = named.collect();
        let numbered = (1..).zip(by_path);
        Self {
            by_path: numbered
                .map(|(number, (path, bytes))| (path, (number, bytes.into())))
                .collect(),
        }
    }

    /// What a path leads to, from the root. `..` leads nowhere: there is nothing above.
    pub(crate) fn find(&self, path: &str) -> Option<Found> {
        let path = normal(path)?;
        if path.is_empty() {
            return Some(Found::Directory);
        }
        if let Some((number, bytes)) = self.by_path.get(&path) {
            return Some(Found::File(*number, Arc::clone(bytes)));
        }
        let inside = format!("{path}/");
        let from = (Bound::Included(inside.as_str()), Bound::Unbounded);
        let next = self.by_path.range::<str, _>(from).next();
        next.filter(|(name, _)| name.starts_with(&inside))
            .map(|_| Found::Directory)
    }
}

/// Without empty parts and `.`; nothing if it goes upwards.
fn normal(path: &str) -> Option<String> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let parts: Vec<_> = parts.collect();
    (!parts.contains(&"..")).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_file_a_directory_or_nowhere() {
        let given = [("data/a.txt", "A"), ("/b", "B")];
        let files = given.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let files = Files::new(files.to_vec());
        let file = |number, text: &str| Some(Found::File(number, text.as_bytes().into()));
        assert_eq!(files.find("./data//a.txt"), file(2, "A"));
        assert_eq!(files.find("/b"), file(1, "B"));
        assert_eq!(files.find("data"), Some(Found::Directory));
        assert_eq!(files.find("."), Some(Found::Directory));
        assert_eq!(files.find("dat"), None);
        assert_eq!(files.find("data/../b"), None);
    }
}
