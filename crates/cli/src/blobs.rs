//! Where the bytes behind a digest are found.
//!
//! Looked through in this order: what is built in, `blobs/` beside the criteria document, the
//! directories named with `--blobs`; reference files also by their own name, beside the document, in its
//! `references/`, and in those directories. Whatever is found counts only if its digest is right.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use proofmark_core::Digest;
use proofmark_criteria::document::Reference;
use proofmark_engine::files::Source;
use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_engine::{intake, judge};
use proofmark_validators::READY_MADE;

/// The folder beside a frozen document that holds what it names.
pub const FOLDER: &str = "blobs";
/// The folder beside a document where its reference files may lie under their own names.
pub const REFERENCES: &str = "references";

/// Finds bytes by digest around one criteria document.
pub struct Blobs {
    document_folder: PathBuf,
    folders: Vec<PathBuf>,
}

impl Blobs {
    /// For a document, and with more folders to look through.
    pub fn around(document: &Path, more: &[PathBuf]) -> Self {
        let document_folder = folder_of(document);
        let mut folders = vec![document_folder.join(FOLDER)];
        folders.extend_from_slice(more);
        Self {
            document_folder,
            folders,
        }
    }

    /// The file with this digest, and where it is. Under its own name it is looked for as well.
    pub fn find(&self, digest: &Digest, name: Option<&str>) -> Option<(PathBuf, Source)> {
        let beside = name.into_iter().flat_map(|name| {
            let own = [
                self.document_folder.join(name),
                self.document_folder.join(REFERENCES).join(name),
            ];
            own.into_iter()
                .chain(self.folders.iter().map(move |folder| folder.join(name)))
        });
        self.candidates(digest).chain(beside).find_map(|path| {
            let (found, _, source) = intake::file(&path, &|_| {}).ok()?;
            (found == *digest).then_some((path, source))
        })
    }

    fn candidates(&self, digest: &Digest) -> impl Iterator<Item = PathBuf> {
        let name = file_name(digest);
        self.folders.iter().map(move |folder| folder.join(&name))
    }
}

/// The folder a file is in.
pub fn folder_of(file: &Path) -> PathBuf {
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

/// What a blob is called: the digest without a colon, which not every file system likes.
pub fn file_name(digest: &Digest) -> String {
    format!("sha256-{}", digest.hex())
}

/// A ready-made validator by digest.
pub fn ready_made(digest: &Digest) -> Option<&'static [u8]> {
    let wanted = digest.to_string();
    let found = READY_MADE
        .iter()
        .find(|validator| validator.digest == wanted);
    found.map(|validator| validator.component)
}

impl judge::Blobs for Blobs {
    fn validator(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        if let Some(component) = ready_made(digest) {
            return Some(Cow::Borrowed(component));
        }
        // What is no component for its size or its kind is as good as not there.
        self.candidates(digest)
            .filter_map(|path| intake::blob(&path, MAX_COMPONENT_BYTES).ok())
            .find(|bytes| Digest::of(bytes) == *digest)
            .map(Cow::Owned)
    }

    fn reference(&self, reference: &Reference) -> Option<Source> {
        self.find(&reference.digest, Some(reference.name.as_str()))
            .map(|(_, source)| source)
    }
}
