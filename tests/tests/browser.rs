//! The module for browsers answers as the library does: every published vector that it can be asked about, in
//! wasmtime, and where there is `node` through the wrapper for JavaScript as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proofmark_attestation::verify::verify_json;
use serde_json::Value;
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

const TARGET: &str = "wasm32-unknown-unknown";
/// What the module may weigh, in bytes: it has 6.0 million now, 1.8 million in gzip, most of it JSON Schema and its
/// regular expressions.
const MAX_MODULE_BYTES: usize = 7 << 20;
/// What only callers in Rust can give: cases with one of these are not asked about here.
const NOT_IN_THE_CALL: [&str; 4] = [
    "remembered.dsse.json",
    "criteria.json",
    "submission.json",
    "known.json",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds the module as it is published, in a target directory of its own.
fn build() -> PathBuf {
    let sysroot = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(root())
        .output();
    let sysroot = String::from_utf8(sysroot.expect("rustc runs").stdout).expect("a path");
    if !Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir()
    {
        let added = Command::new("rustup")
            .args(["target", "add", TARGET])
            .current_dir(root())
            .status();
        assert!(
            added.expect("rustup runs").success(),
            "the target {TARGET} cannot be added"
        );
    }
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            "guest",
            "--target",
            TARGET,
        ])
        .args(["--package", "proofmark-attestation-wasm", "--target-dir"])
        .arg(&target_dir)
        // Flags of the caller would take the place of those that .cargo/config.toml has for this target.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .current_dir(root())
        .status();
    assert!(built.expect("cargo runs").success(), "the module is built");
    target_dir
        .join(TARGET)
        .join("guest/proofmark_attestation_wasm.wasm")
}

/// One case of `tests/vectors/verify`.
struct Case {
    name: String,
    bundle: Vec<u8>,
    policy: Vec<u8>,
    facts: Vec<u8>,
    pin: String,
}

impl Case {
    fn answer(&self) -> Value {
        let pin = Some(self.pin.as_str()).filter(|pin| !pin.is_empty());
        verify_json(&self.bundle, &self.policy, &self.facts, pin).expect("the facts can be read")
    }
}

fn vectors() -> PathBuf {
    root().join("tests/vectors/verify")
}

fn cases() -> Vec<Case> {
    let folders = fs::read_dir(vectors()).expect("there are vectors");
    let mut folders: Vec<_> = folders.map(|one| one.expect("a folder").path()).collect();
    folders.sort();
    let asked = |folder: &&PathBuf| {
        !NOT_IN_THE_CALL
            .iter()
            .any(|name| folder.join(name).exists())
    };
    folders
        .iter()
        .filter(asked)
        .map(|folder| case(folder))
        .collect()
}

fn case(folder: &Path) -> Case {
    let read = |name: &str| fs::read(folder.join(name)).expect("the file is there");
    let pin = fs::read_to_string(folder.join("pin")).unwrap_or_default();
    Case {
        name: folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned(),
        bundle: read("bundle.json"),
        policy: read("policy.dsse.json"),
        facts: read("facts.json"),
        pin: pin.trim().to_owned(),
    }
}

/// The module in wasmtime. It gets no imports, so it can ask nobody for anything.
struct Browser {
    store: Store<()>,
    memory: Memory,
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
        let part = instance.get_typed_func(&mut store, "proofmark_part");
        let verify = instance.get_typed_func(&mut store, "proofmark_verify");
        let answer = instance.get_typed_func(&mut store, "proofmark_answer");
        Self {
            part: part.expect("an export"),
            verify: verify.expect("an export"),
            answer: answer.expect("an export"),
            store,
            memory,
        }
    }

    fn ask(&mut self, parts: [&[u8]; 4]) -> Value {
        for (number, bytes) in (0..).zip(parts) {
            let length = u32::try_from(bytes.len()).expect("a short part");
            let at = self
                .part
                .call(&mut self.store, (number, length))
                .expect("room");
            let written = self.memory.write(&mut self.store, at as usize, bytes);
            written.expect("the room is in the memory");
        }
        let length = self.verify.call(&mut self.store, ()).expect("an answer") as usize;
        let at = self.answer.call(&mut self.store, ()).expect("an answer") as usize;
        serde_json::from_slice(&self.memory.data(&self.store)[at..at + length]).expect("JSON")
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
    let path = build();
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
        let parts = [
            &*case.bundle,
            &*case.policy,
            &*case.facts,
            case.pin.as_bytes(),
        ];
        assert_eq!(browser.ask(parts)["answer"], expected, "{}", case.name);
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
        verified >= 5 && refused >= 60,
        "{verified} verified, {refused} refused"
    );
    let mistake = browser.ask([b"{}", b"{}", b"{}", b""]);
    assert!(
        mistake["answer"].is_null() && mistake["error"].is_string(),
        "{mistake}"
    );
}
