//! Each structural limit, just within it and just over it.

use super::*;

fn bomb(module: &str) -> Vec<u8> {
    wat::parse_str(format!("(component (core module {module}))")).expect("the text is well-formed")
}

fn over(component: &[u8]) -> Option<String> {
    match check(component, &[]) {
        Ok(()) => None,
        Err(PrepareError::Structural(Structural { what, .. })) => Some(what),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn limits_hold_and_do_not_bite_below() {
    let loops = |depth: usize| format!("(func {}{})", "(loop ".repeat(depth), ")".repeat(depth));
    let blocks = |depth: usize| format!("(func {}{})", "(block ".repeat(depth), ")".repeat(depth));
    let locals = |count: usize| format!("(func (local {}))", "i64 ".repeat(count));
    let results = |count: usize| {
        let values = "(i64.const 0)".repeat(count);
        format!("(func (result {}) {values})", "i64 ".repeat(count))
    };
    let params = |count: usize| format!("(func (param {}))", "i64 ".repeat(count));
    let functions = |count: usize| "(func)".repeat(count);
    let globals = |count: usize| "(global i32 (i32.const 0))".repeat(count);
    let targets = |count: usize| {
        format!(
            "(func (param i32) (br_table {} (local.get 0)))",
            "0 ".repeat(count)
        )
    };
    let flat_loops = |count: usize| format!("(func {})", "(loop)".repeat(count));
    for (what, within, beyond) in [
        ("loop-nesting", loops(128), loops(129)),
        ("block-nesting", blocks(4_095), blocks(4_097)),
        ("locals", locals(2_048), locals(2_049)),
        ("type-values", params(128), params(129)),
        ("type-values", results(128), results(129)),
        ("functions", functions(50_000), functions(50_001)),
        ("globals", globals(2_000), globals(2_001)),
        ("br-table-targets", targets(32_000), targets(32_800)),
        ("loops", flat_loops(4_096), flat_loops(4_097)),
    ] {
        assert_eq!(over(&bomb(&within)), None, "{what}, within");
        assert_eq!(
            over(&bomb(&beyond)).as_deref(),
            Some(what),
            "{what}, beyond"
        );
    }
}

#[test]
fn counts_go_over_all_modules_of_a_component() {
    let module = format!("(core module {})", "(func)".repeat(30_000));
    let twice = wat::parse_str(format!("(component {module} {module})")).expect("well-formed");
    assert_eq!(over(&twice).as_deref(), Some("functions"));
}

#[test]
fn an_import_that_is_not_offered_is_named() {
    for name in [
        "wasi:sockets/tcp@0.2.0",
        "wasi:http/types@0.2.0",
        "wasi:cli/environment@0.3.0",
        "proofmark:validator/log@2.0.0",
    ] {
        let text = format!("(component (import \"{name}\" (instance)))");
        let component = wat::parse_str(text).expect("well-formed");
        assert_eq!(
            check(&component, &[]),
            Err(PrepareError::UnknownImport(name.to_owned()))
        );
    }
    let offered = wat::parse_str("(component (import \"wasi:cli/environment@0.2.9\" (instance)))");
    assert_eq!(check(&offered.expect("well-formed"), &[]), Ok(()));
}

#[test]
fn what_is_no_component_is_told_apart() {
    assert_eq!(check(b"", &[]), Err(PrepareError::NotWebAssembly));
    assert_eq!(check(b"MZ garbage", &[]), Err(PrepareError::NotWebAssembly));
    assert_eq!(
        check(b"\0asm\x01\0\0\0", &[]),
        Err(PrepareError::CoreModule)
    );
    let whole = bomb("(func)");
    assert!(matches!(
        check(&whole[..whole.len() - 3], &[]),
        Err(PrepareError::Malformed { .. })
    ));
}

#[test]
fn components_inside_components_have_a_limit() {
    let text = format!("{}{}", "(component ".repeat(20), ")".repeat(20));
    assert_eq!(
        over(&wat::parse_str(text).expect("well-formed")).as_deref(),
        Some("component-nesting")
    );
}
