//! What a policy must not contradict. Everything that is wrong is said at once.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, Problem, Timestamp, uri};
use proofmark_dsse::{MAX_ENVELOPE_BYTES, MAX_SIGNATURES};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_tlog::{KeyKind, NoteKey};

use crate::{
    AllowedProfile, KeyEntry, Policy, PolicyDocument, Role, RoleEntry, RoleRule, Transparency,
    TransparencyEntry, TrustedKey, TrustedLog, TrustedWitness, Window,
};

/// Most keys of a policy: a key is some 300 bytes, so 256 of them are 75 KiB, and three quarters of an envelope
/// of 256 KiB are payload.
pub const MAX_KEYS: usize = 256;
/// Most logs.
pub const MAX_LOGS: usize = 32;
/// Most witnesses; a C2SP policy must allow 32.
pub const MAX_WITNESSES: usize = 32;
/// Most engine profiles.
pub const MAX_PROFILES: usize = 32;
/// Longest text of a policy in bytes.
pub const MAX_TEXT_BYTES: usize = 512;
/// Longest name of an operator in bytes.
pub const MAX_OPERATOR_BYTES: usize = 64;
/// Largest difference between clocks that can be allowed: a day. Beyond it, time is no evidence.
pub const MAX_CLOCK_SKEW_SECONDS: u64 = 86_400;

/// Longest payload: base64 makes four bytes of three, and 4 KiB of the envelope remain for 16 signatures of
/// some 170 bytes and for the names of the members.
pub const MAX_PAYLOAD_BYTES: usize = (MAX_ENVELOPE_BYTES - (4 << 10)) / 4 * 3;

/// Arrays and objects inside each other: document, `transparency`, `witnesses`, witness, `revoked`.
const MAX_DEPTH: usize = 5;

/// Reads the members; says nothing of whether they agree.
pub(crate) fn parse(text: &[u8]) -> Result<PolicyDocument, Problem> {
    let limits = ParseLimits {
        max_bytes: MAX_ENVELOPE_BYTES,
        max_depth: MAX_DEPTH,
    };
    let value = canonical::parse(text, limits)?;
    let document: PolicyDocument = serde_json::from_value(value).map_err(|error| {
        Problem::new("policy-member", error.to_string())
            .hint("compare with the specification: docs/spec/trust-policy-v1.md")
    })?;
    if document.schema != uri::TRUST_POLICY_V1 {
        let message = format!("the schema is not `{}`", uri::TRUST_POLICY_V1);
        return Err(Problem::new("policy-schema", message).at("/schema"));
    }
    Ok(document)
}

/// The policy of a document.
pub(crate) fn policy(document: PolicyDocument) -> Result<Policy, Vec<Problem>> {
    let mut check = Check::default();
    check.head(&document);
    let keys = check.keys(&document.keys);
    let roles = check.roles(&document, &keys);
    let profiles = check.profiles(&document);
    let transparency = check.transparency(&document.transparency);
    check.one_key_one_place(&document, &keys, &transparency);
    let payload = check.payload(&document);
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    Ok(Policy {
        digest: Digest::of(&payload),
        document,
        payload,
        keys,
        roles,
        profiles,
        transparency,
    })
}

/// Collects what is wrong.
#[derive(Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn say(&mut self, code: &'static str, pointer: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(code, message).at(pointer));
    }

    fn require(&mut self, holds: bool, code: &'static str, pointer: &str, message: &str) {
        if !holds {
            self.say(code, pointer, message);
        }
    }

    fn payload(&mut self, document: &PolicyDocument) -> Vec<u8> {
        let payload = canonical::to_bytes(document).unwrap_or_else(|error| {
            let pointer = error.pointer().unwrap_or_default();
            self.say("policy-number", pointer, error.to_string());
            Vec::new()
        });
        let fits = payload.len() <= MAX_PAYLOAD_BYTES;
        self.require(
            fits,
            "policy-too-large",
            "",
            "the policy does not fit into an envelope",
        );
        payload
    }

    fn head(&mut self, document: &PolicyDocument) {
        let later = document.expires_at >= document.issued_at;
        let time = &document.time;
        self.require(
            document.version > 0,
            "version-zero",
            "/version",
            "versions begin at 1",
        );
        self.require(
            later,
            "empty-window",
            "/expiresAt",
            "the policy expires before it is issued",
        );
        if let Some(audience) = &document.audience {
            self.text("/audience", audience);
        }
        self.require(
            time.max_age_seconds > 0,
            "no-age",
            "/time/maxAgeSeconds",
            "no outcome could be young enough",
        );
        self.require(
            time.max_clock_skew_seconds <= MAX_CLOCK_SKEW_SECONDS,
            "skew-too-large",
            "/time/maxClockSkewSeconds",
            "clocks may differ by a day at most",
        );
    }

    /// The keys that can be read; the others are reported.
    fn keys(&mut self, entries: &[KeyEntry]) -> BTreeMap<KeyId, TrustedKey> {
        self.count("/keys", entries.len(), MAX_KEYS);
        self.ascending("/keys", entries.iter().map(|entry| &entry.key_id));
        let mut keys = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate().take(MAX_KEYS) {
            if let Some(key) = self.key(&format!("/keys/{at}"), entry) {
                keys.insert(entry.key_id, key);
            }
        }
        keys
    }

    fn key(&mut self, pointer: &str, entry: &KeyEntry) -> Option<TrustedKey> {
        self.operator(pointer, &entry.operator);
        if let Some(engine) = &entry.engine {
            self.text(&format!("{pointer}/engine"), engine);
        }
        let window = self.window(pointer, entry.valid_from, entry.valid_until);
        let key = self.public_key(&format!("{pointer}/publicKey"), &entry.public_key)?;
        let same = key.id() == entry.key_id;
        self.require(
            same,
            "key-id-mismatch",
            &format!("{pointer}/keyId"),
            "this is not the id of the public key beside it",
        );
        Some(TrustedKey {
            key,
            operator: entry.operator.clone(),
            engine: entry.engine.clone(),
            window,
            revoked: entry.revoked,
        })
    }

    fn public_key(&mut self, pointer: &str, text: &str) -> Option<PublicKey> {
        let Ok(bytes) = STANDARD.decode(text) else {
            self.say(
                "key-base64",
                pointer,
                "this is not standard base64 with padding",
            );
            return None;
        };
        match PublicKey::from_bytes(&bytes) {
            Ok(key) => Some(key),
            Err(error) => {
                self.say(error.code(), pointer, error.to_string());
                None
            }
        }
    }

    fn roles(
        &mut self,
        document: &PolicyDocument,
        keys: &BTreeMap<KeyId, TrustedKey>,
    ) -> BTreeMap<Role, RoleRule> {
        let mut roles = BTreeMap::new();
        let mut holders: BTreeMap<KeyId, Role> = BTreeMap::new();
        for role in Role::ALL {
            let Some(entry) = document.roles.get(role) else {
                continue;
            };
            let pointer = format!("/roles/{}", role.name());
            self.role(&pointer, entry, keys);
            // Each receipt stands for itself: it says what one engine did.
            let alone = entry.threshold == 1 && !entry.distinct_operators;
            self.require(
                role != Role::Receipt || alone,
                "receipt-threshold",
                &format!("{pointer}/threshold"),
                "receipts are not counted: their threshold is 1",
            );
            for (at, id) in entry.keys.iter().enumerate() {
                let place = format!("{pointer}/keys/{at}");
                let listed = document.keys.iter().any(|key| key.key_id == *id);
                self.require(
                    listed,
                    "key-not-listed",
                    &place,
                    "no key of the policy has this id",
                );
                let other = holders.insert(*id, role).filter(|other| *other != role);
                self.require(
                    other.is_none(),
                    "key-in-two-roles",
                    &place,
                    "one key has one role",
                );
            }
            roles.insert(role, entry.into());
        }
        roles
    }

    fn role(&mut self, pointer: &str, entry: &RoleEntry, keys: &BTreeMap<KeyId, TrustedKey>) {
        self.count(&format!("{pointer}/keys"), entry.keys.len(), MAX_KEYS);
        self.ascending(&format!("{pointer}/keys"), entry.keys.iter());
        let threshold = entry.threshold as usize;
        let pointer = format!("{pointer}/threshold");
        self.require(
            threshold > 0,
            "threshold-zero",
            &pointer,
            "a threshold is at least 1",
        );
        self.require(
            threshold <= MAX_SIGNATURES,
            "threshold-too-large",
            &pointer,
            "no envelope holds so many signatures",
        );
        let ids: BTreeSet<_> = entry.keys.iter().collect();
        let operators: BTreeSet<_> = ids
            .iter()
            .filter_map(|id| keys.get(id))
            .map(|key| &key.operator)
            .collect();
        if threshold > ids.len() {
            self.say(
                "threshold-above-keys",
                pointer,
                "the role has fewer keys than this",
            );
        } else if entry.distinct_operators && threshold > operators.len() {
            let message = "the keys of the role have fewer operators than this";
            self.say("threshold-above-operators", pointer, message);
        }
    }

    fn profiles(&mut self, document: &PolicyDocument) -> Vec<AllowedProfile> {
        let entries = &document.profiles;
        self.count("/profiles", entries.len(), MAX_PROFILES);
        let mut digests = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut profiles = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let pointer = format!("/profiles/{at}");
            self.text(&format!("{pointer}/name"), &entry.name);
            let new = digests.insert(entry.digest);
            self.require(
                new,
                "duplicate-digest",
                &format!("{pointer}/digest"),
                "the profile is listed twice",
            );
            let new = names.insert(&entry.name);
            self.require(
                new,
                "duplicate-name",
                &format!("{pointer}/name"),
                "two profiles have this name",
            );
            profiles.push(AllowedProfile {
                digest: entry.digest,
                name: entry.name.clone(),
                window: self.window(&pointer, entry.valid_from, entry.valid_until),
            });
        }
        profiles
    }

    fn transparency(&mut self, entry: &TransparencyEntry) -> Transparency {
        self.count("/transparency/logs", entry.logs.len(), MAX_LOGS);
        self.count(
            "/transparency/witnesses",
            entry.witnesses.len(),
            MAX_WITNESSES,
        );
        let transparency = Transparency {
            required: entry.required,
            logs: self.logs(entry),
            witnesses: self.witnesses(entry),
            quorum: entry.quorum,
        };
        self.require(
            !entry.required || !entry.logs.is_empty(),
            "no-log",
            "/transparency/logs",
            "a log is required, and none is listed",
        );
        let operators: BTreeSet<_> = entry.witnesses.iter().map(|one| &one.operator).collect();
        self.require(
            entry.quorum as usize <= operators.len(),
            "quorum-above-operators",
            "/transparency/quorum",
            "the witnesses have fewer operators than this",
        );
        self.names(&transparency);
        transparency
    }

    fn logs(&mut self, transparency: &TransparencyEntry) -> Vec<TrustedLog> {
        let mut logs = Vec::new();
        for (at, entry) in transparency.logs.iter().enumerate() {
            let pointer = format!("/transparency/logs/{at}");
            let window = self.window(&pointer, entry.valid_from, entry.valid_until);
            if let Some(key) = self.note_key(&pointer, &entry.key, KeyKind::Ed25519) {
                logs.push(TrustedLog { key, window });
            }
        }
        logs
    }

    fn witnesses(&mut self, transparency: &TransparencyEntry) -> Vec<TrustedWitness> {
        let mut witnesses = Vec::new();
        for (at, entry) in transparency.witnesses.iter().enumerate() {
            let pointer = format!("/transparency/witnesses/{at}");
            self.operator(&pointer, &entry.operator);
            let window = self.window(&pointer, entry.valid_from, entry.valid_until);
            if let Some(key) = self.note_key(&pointer, &entry.key, KeyKind::Cosignature) {
                witnesses.push(TrustedWitness {
                    key,
                    operator: entry.operator.clone(),
                    window,
                    revoked: entry.revoked,
                });
            }
        }
        witnesses
    }

    fn note_key(&mut self, pointer: &str, text: &str, kind: KeyKind) -> Option<NoteKey> {
        let pointer = format!("{pointer}/key");
        match text.parse::<NoteKey>() {
            Ok(key) => {
                let message = "a log signs with type 0x01, a witness with type 0x04";
                self.require(key.kind() == kind, "note-key-type", &pointer, message);
                Some(key)
            }
            Err(error) => {
                self.say("note-key", pointer, error.to_string());
                None
            }
        }
    }

    fn names(&mut self, transparency: &Transparency) {
        let logs = transparency.logs.iter().map(|log| &log.key);
        let witnesses = transparency.witnesses.iter().map(|witness| &witness.key);
        let mut names = BTreeSet::new();
        for key in logs.chain(witnesses) {
            let name = key.name().to_string();
            let message = format!("two logs or witnesses are called `{name}`");
            let new = names.insert(name);
            self.require(new, "duplicate-name", "/transparency", &message);
        }
    }

    /// A key that signs two kinds of things lets one be taken for the other.
    fn one_key_one_place(
        &mut self,
        document: &PolicyDocument,
        keys: &BTreeMap<KeyId, TrustedKey>,
        transparency: &Transparency,
    ) {
        let mut seen: BTreeSet<KeyId> = BTreeSet::new();
        for (at, entry) in document.keys.iter().enumerate() {
            // Two entries of one id are reported where they are sorted.
            let again = at > 0 && document.keys[at - 1].key_id == entry.key_id;
            let Some(key) = keys.get(&entry.key_id).filter(|_| !again) else {
                continue;
            };
            let new = seen.insert(key.key.id());
            let pointer = format!("/keys/{at}/publicKey");
            self.require(new, "duplicate-key", &pointer, "the key is listed twice");
        }
        let logs = transparency.logs.iter().map(|log| &log.key);
        let witnesses = transparency.witnesses.iter().map(|witness| &witness.key);
        for key in logs.chain(witnesses) {
            let new = seen.insert(key.public().id());
            let message = format!("the key of `{}` stands in a second place", key.name());
            self.require(new, "duplicate-key", "/transparency", &message);
        }
    }

    fn window(&mut self, pointer: &str, from: Timestamp, until: Option<Timestamp>) -> Window {
        let window = Window {
            valid_from: from,
            valid_until: until,
        };
        let pointer = format!("{pointer}/validUntil");
        self.require(
            !window.is_empty(),
            "empty-window",
            &pointer,
            "it ends before it begins",
        );
        window
    }

    fn count(&mut self, pointer: &str, count: usize, most: usize) {
        let message = format!("there are {count}, of which {most} are allowed");
        self.require(count <= most, "too-many", pointer, &message);
    }

    /// One set, one spelling.
    fn ascending<'i>(&mut self, pointer: &str, ids: impl Iterator<Item = &'i KeyId>) {
        let ids: Vec<_> = ids.collect();
        for (at, pair) in ids.windows(2).enumerate() {
            let pointer = format!("{pointer}/{}", at + 1);
            match pair[0].cmp(pair[1]) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    self.say("duplicate-key", pointer, "the key is listed twice")
                }
                std::cmp::Ordering::Greater => {
                    self.say("keys-not-sorted", pointer, "keys ascend by their ids")
                }
            }
        }
    }

    /// A slug: it becomes part of line-oriented exports, and operators are compared byte by byte.
    fn operator(&mut self, pointer: &str, name: &str) {
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
        let good = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && name.len() <= MAX_OPERATOR_BYTES
            && name.chars().all(plain);
        let message = "an operator is 1 to 64 of a-z, 0-9, `-`, `.` and `_`, and begins with a letter or digit";
        self.require(
            good,
            "operator-name",
            &format!("{pointer}/operator"),
            message,
        );
    }

    fn text(&mut self, pointer: &str, text: &str) {
        let plain = |c: char| c.is_ascii_graphic();
        let good = !text.is_empty() && text.len() <= MAX_TEXT_BYTES && text.chars().all(plain);
        let message = "this is 1 to 512 visible ASCII characters without spaces";
        self.require(good, "policy-text", pointer, message);
    }
}

impl From<&RoleEntry> for RoleRule {
    fn from(entry: &RoleEntry) -> Self {
        Self {
            keys: entry.keys.clone(),
            threshold: entry.threshold,
            distinct_operators: entry.distinct_operators,
        }
    }
}
