//! What a component asks its host for: the whole of what it can do to the world.

use wasmparser::{ComponentTypeRef, Parser, Payload};

/// Names of the imports of a component, in its order. Empty for what is not a component.
pub(super) fn of(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::ComponentImportSection(section)) if depth == 0 => {
                let imports = section.into_iter().filter_map(Result::ok);
                // A type is only a name for what an interface defines.
                let real = imports.filter(|import| !matches!(import.ty, ComponentTypeRef::Type(_)));
                names.extend(real.map(|import| import.name.name.to_owned()));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    names
}
