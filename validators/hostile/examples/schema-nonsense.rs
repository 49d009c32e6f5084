//! Declares a parameter schema that is not a schema. Cannot be published: `params-schema-invalid`.

use proofmark_validator_hostile::{hostile, manifest, passed, report};

hostile!(Ok(report(passed("fine"))), {
    let mut manifest = manifest();
    manifest.params_schema = r#"{"type": 7, "properties": "none"}"#.into();
    manifest
});
