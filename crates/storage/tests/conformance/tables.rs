//! Databases that somebody else has changed.

use proofmark_storage::{StoreError, open};

use crate::place::{Place, obeyed};

/// Behind the store's back.
async fn change(place: &Place, statement: &'static str) {
    if let Some(file) = place.address.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let pool = sqlx::SqlitePool::connect_with(options)
            .await
            .expect("it opens");
        sqlx::query(statement)
            .execute(&pool)
            .await
            .expect("it is done");
        return pool.close().await;
    }
    let pool = sqlx::PgPool::connect(&place.address)
        .await
        .expect("it opens");
    sqlx::query(statement)
        .execute(&pool)
        .await
        .expect("it is done");
    pool.close().await;
}

pub(crate) async fn tables_of_a_later_release_are_refused(place: &Place) {
    drop(place.founded().await);
    let later = "INSERT INTO _sqlx_migrations \
        SELECT 9999, description, installed_on, success, checksum, execution_time \
        FROM _sqlx_migrations WHERE version = 1";
    change(place, later).await;
    let refused = open(&place.address).await.err();
    assert!(
        matches!(refused, Some(StoreError::Newer(9999))),
        "{refused:?}"
    );
}

pub(crate) async fn what_nobody_wrote_is_named(place: &Place) {
    let (store, epoch) = place.founded().await;
    store.append(epoch, &[obeyed(1)]).await.expect("it is kept");
    change(place, "UPDATE commands SET obeyed_at = -1").await;
    let refused = store.commands(0, 1).await;
    let Err(StoreError::Corrupt { place: column, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(column, "commands.obeyed_at");
}
