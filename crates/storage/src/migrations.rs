//! The tables, step by step. A step that was released is never changed: databases know it by its digest.
//!
//! Listed by hand and not found by sqlx's macro, for which both drivers would be compiled a second time.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The steps of both databases, by their names in `migrations/`.
macro_rules! steps {
    ($database:literal: $($version:literal $name:literal $title:literal,)+) => {
        [$((
            $version,
            $title,
            include_str!(concat!("../migrations/", $database, "/", $name, ".sql")),
        ),)+]
    };
}

/// Of SQLite.
pub(crate) fn sqlite() -> Migrator {
    migrator(steps! { "sqlite":
        1 "0001_record" "record",
        2 "0002_webhooks" "webhooks",
        3 "0003_webhook_turns" "webhook turns",
    })
}

/// Of PostgreSQL.
pub(crate) fn postgres() -> Migrator {
    migrator(steps! { "postgres":
        1 "0001_record" "record",
        2 "0002_webhooks" "webhooks",
        3 "0003_webhook_turns" "webhook turns",
    })
}

fn migrator<const N: usize>(steps: [(i64, &'static str, &'static str); N]) -> Migrator {
    let steps = steps.map(|(version, title, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(version, title.into(), kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_step() {
        for (folder, steps) in [("sqlite", sqlite()), ("postgres", postgres())] {
            let folder = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let files = std::fs::read_dir(folder).expect("a folder");
            let numbered = |file: std::io::Result<std::fs::DirEntry>| {
                let path = file.expect("a file").path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let number: i64 = name[..4].parse().expect("a number");
                (number, std::fs::read_to_string(&path).expect("a text"))
            };
            let mut found: Vec<_> = files.map(numbered).collect();
            found.sort();
            let listed = steps
                .iter()
                .map(|it| (it.version, it.sql.as_str().to_owned()));
            assert_eq!(found, listed.collect::<Vec<_>>());
        }
    }
}
