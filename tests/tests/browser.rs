//! The module for browsers, as the pages serve it, answers as the library does: every published vector, in wasmtime, and
//! where there is `node` through the wrapper for JavaScript as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proofmark_attestation::verify::{Request, verify_json};
use serde_json::Value;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

/// What the module may weigh, in bytes: it has 4.3 million now, 1.3 million in gzip, most of it JSON Schema and its
/// regular expressions.
const MAX_MODULE_BYTES: usize = 5 << 20;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The module as the pages serve it.
fn module() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proofmark_attestation_wasm.wasm");
    fs::write(&path, proofmark_pages::verifier()).expect("it is written");
    path
}

/// Files of a case in the order of the module's parts; those after the first three may be missing.
const FILES: [&str; 7] = [
    "bundle.json",
    "policy.dsse.json",
    "facts.json",
    "pin",
    "remembered.dsse.json",
    "criteria.json",
    "submission.json",
];
/// The part of which there may be several.
const KNOWN: u32 = 7;

/// One case of `tests/vectors/verify`.
struct Case {
    name: String,
    parts: [Vec<u8>; 7],
    known: Vec<Vec<u8>>,
}

impl Case {
    fn answer(&self) -> Value {
        fn given(part: &[u8]) -> Option<&[u8]> {
            Some(part).filter(|part| !part.is_empty())
        }
        let [bundle, policy, facts, pin, remembered, criteria, submission] = &self.parts;
        let answer = verify_json(&Request {
            bundle,
            policy,
            facts,
            pin: given(pin).map(|pin| std::str::from_utf8(pin).expect("text")),
            remembered: given(remembered),
            criteria: given(criteria),
            submission: given(submission),
            known: &self.known,
        });
        answer.expect("what the settlement knows can be read")
    }
}

fn vectors() -> PathBuf {
    root().join("tests/vectors/verify")
}

fn cases() -> Vec<Case> {
    let folders = fs::read_dir(vectors()).expect("there are vectors");
    let mut folders: Vec<_> = folders.map(|one| one.expect("a folder").path()).collect();
    folders.sort();
    folders.iter().map(|folder| case(folder)).collect()
}

fn case(folder: &Path) -> Case {
    let read = |name: &str| fs::read(folder.join(name)).unwrap_or_default();
    let mut parts = FILES.map(read);
    parts[3] = parts[3].trim_ascii().to_vec();
    let known = match read("known.json") {
        list if list.is_empty() => Vec::new(),
        list => serde_json::from_slice::<Vec<Value>>(&list).expect("a list"),
    };
    Case {
        name: folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned(),
        parts,
        known: known
            .iter()
            .map(|one| one.to_string().into_bytes())
            .collect(),
    }
}

/// The module in wasmtime. It gets no imports, so it can ask nobody for anything.
struct Browser {
    store: Store<()>,
    memory: Memory,
    forget: TypedFunc<(), ()>,
    part: TypedFunc<(u32, u32), u32>,
    verify: TypedFunc<(), u32>,
    answer: TypedFunc<(), u32>,
}

impl Browser {
    fn new(module: &[u8]) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("a module");
        assert_eq!(module.imports().count(), 0, "it imports nothing");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it starts");
        let memory = instance.get_memory(&mut store, "memory").expect("a memory");
        let forget = instance.get_typed_func(&mut store, "proofmark_forget");
        let part = instance.get_typed_func(&mut store, "proofmark_part");
        let verify = instance.get_typed_func(&mut store, "proofmark_verify");
        let answer = instance.get_typed_func(&mut store, "proofmark_answer");
        Self {
            forget: forget.expect("an export"),
            part: part.expect("an export"),
            verify: verify.expect("an export"),
            answer: answer.expect("an export"),
            store,
            memory,
        }
    }

    fn ask(&mut self, parts: &[Vec<u8>; 7], known: &[Vec<u8>]) -> Value {
        self.forget.call(&mut self.store, ()).expect("it forgets");
        for (number, bytes) in (0..).zip(parts) {
            self.put(number, bytes);
        }
        for bytes in known {
            self.put(KNOWN, bytes);
        }
        let length = self.verify.call(&mut self.store, ()).expect("an answer") as usize;
        let at = self.answer.call(&mut self.store, ()).expect("an answer") as usize;
        serde_json::from_slice(&self.memory.data(&self.store)[at..at + length]).expect("JSON")
    }

    fn put(&mut self, part: u32, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("a short part");
        let at = self.part.call(&mut self.store, (part, length));
        let at = at.expect("room") as usize;
        let written = self.memory.write(&mut self.store, at, bytes);
        written.expect("the room is in the memory");
    }
}

fn in_node(module: &Path, cases: &[Case]) -> Option<BTreeMap<String, Value>> {
    let node = Command::new("node")
        .arg(root().join("tests/browser/answers.mjs"))
        .arg(module)
        .arg(root().join("crates/attestation-wasm/web/proofmark.mjs"))
        .arg(vectors())
        .args(cases.iter().map(|case| &case.name))
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&node.stderr);
    assert!(node.status.success(), "node: {said}");
    Some(serde_json::from_slice(&node.stdout).expect("JSON by case"))
}

#[test]
fn the_module_answers_as_the_library_does() {
    let path = module();
    let module = fs::read(&path).expect("it was built");
    println!("the module has {} bytes", module.len());
    assert!(
        module.len() <= MAX_MODULE_BYTES,
        "{} bytes are too many for a page",
        module.len()
    );
    let cases = cases();
    let (mut verified, mut refused) = (0, 0);
    let mut browser = Browser::new(&module);
    let in_node = in_node(&path, &cases);
    for case in &cases {
        let expected = case.answer();
        let answer = browser.ask(&case.parts, &case.known);
        assert_eq!(answer["answer"], expected, "{}", case.name);
        if let Some(answers) = &in_node {
            assert_eq!(
                answers.get(&case.name),
                Some(&expected),
                "{} in node",
                case.name
            );
        }
        match expected["verified"] == true {
            true => verified += 1,
            false => refused += 1,
        }
    }
    println!(
        "{verified} verified, {refused} refused; node: {}",
        in_node.is_some()
    );
    assert!(
        verified >= 30 && refused >= 300,
        "{verified} verified, {refused} refused"
    );
    let mistake = browser.ask(&std::array::from_fn(|_| b"{}".to_vec()), &[]);
    assert!(
        mistake["answer"].is_null() && mistake["error"].is_string(),
        "{mistake}"
    );
}
