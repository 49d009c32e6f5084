//! Manifests that stand alone: what they inherit from our workspace is written out.

use toml::{Table, Value};

/// The workspace that is inherited from.
pub(super) struct Workspace {
    package: Table,
    dependencies: Table,
}

impl Workspace {
    /// From the text of the root manifest.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let manifest = parse(text)?;
        let workspace = manifest.get("workspace").ok_or("there is no workspace")?;
        let part = |name: &str| {
            let table = workspace.get(name).and_then(Value::as_table).cloned();
            table.ok_or_else(|| format!("the workspace has no {name}"))
        };
        Ok(Self {
            package: part("package")?,
            dependencies: part("dependencies")?,
        })
    }

    /// A text that packages inherit.
    pub(super) fn package(&self, key: &str) -> Result<String, String> {
        let value = self.package.get(key).and_then(Value::as_str);
        value
            .map(str::to_owned)
            .ok_or_else(|| format!("the workspace has no package.{key}"))
    }

    /// A dependency as it is written there.
    pub(super) fn dependency(&self, name: &str) -> Result<&Value, String> {
        self.dependencies
            .get(name)
            .ok_or_else(|| format!("the workspace has no dependency {name}"))
    }
}

/// The channel of a `rust-toolchain.toml`.
pub(super) fn channel(toolchain: &str) -> Result<String, String> {
    let toolchain = parse(toolchain)?;
    let channel = toolchain
        .get("toolchain")
        .and_then(|table| table.get("channel"))
        .and_then(Value::as_str);
    channel
        .map(str::to_owned)
        .ok_or_else(|| "the toolchain has no channel".to_owned())
}

/// A member's manifest without its workspace: inherited values are filled in, lints are ours and go.
pub(super) fn standalone(member: &str, workspace: &Workspace) -> Result<String, String> {
    let mut manifest = parse(member)?;
    manifest.remove("lints");
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        inherit(package, &workspace.package)?;
    }
    dependencies(&mut manifest, workspace)?;
    let targets = manifest.get_mut("target").and_then(Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        let target = target.as_table_mut().ok_or("a target is no table")?;
        dependencies(target, workspace)?;
    }
    toml::to_string(&manifest).map_err(|error| error.to_string())
}

/// Dependencies for tests go: a path dependency's tests are never built.
fn dependencies(table: &mut Table, workspace: &Workspace) -> Result<(), String> {
    table.remove("dev-dependencies");
    match table.get_mut("dependencies").and_then(Value::as_table_mut) {
        Some(dependencies) => inherit(dependencies, &workspace.dependencies),
        None => Ok(()),
    }
}

/// Replace each `key.workspace = true` by what the workspace has under that key.
fn inherit(table: &mut Table, from: &Table) -> Result<(), String> {
    for (key, value) in table {
        if value.get("workspace").is_none() {
            continue;
        }
        // More beside it (features, optional) would have to be merged; nothing of ours needs that.
        if value.as_table().is_some_and(|table| table.len() > 1) {
            return Err(format!("`{key}` adds to what it inherits"));
        }
        *value = from
            .get(key)
            .cloned()
            .ok_or_else(|| format!("the workspace has no `{key}`"))?;
    }
    Ok(())
}

fn parse(text: &str) -> Result<Table, String> {
    text.parse()
        .map_err(|error: toml::de::Error| error.to_string())
}
