//! One suite for both databases. SQLite always; PostgreSQL where a server can be started (`PROOFMARK_REQUIRE_POSTGRES`
//! makes it a failure if none can).

mod appending;
mod jobs;
mod place;
mod results;
mod server;
mod tables;
mod webhooks;

use std::future::Future;
use std::pin::Pin;

use place::Place;

type Case = (
    &'static str,
    for<'p> fn(&'p Place) -> Pin<Box<dyn Future<Output = ()> + 'p>>,
);

/// Lists cases by their names.
macro_rules! cases {
    ($($file:ident :: $name:ident),+ $(,)?) => {
        const CASES: &[Case] = &[$((stringify!($name), |place| Box::pin($file::$name(place)))),+];
    };
}

cases![
    appending::a_record_begins_with_its_rules,
    appending::what_is_appended_is_read_back,
    appending::a_batch_is_there_whole_or_not_at_all,
    appending::a_batch_begins_where_the_record_ends,
    appending::a_batch_of_nothing_changes_nothing,
    appending::a_large_batch_is_one_batch,
    appending::one_writer_at_a_time,
    appending::a_writer_that_stops_gives_its_lease_back,
    appending::of_writers_who_race_one_wins,
    appending::documents_are_listed_by_the_bytes_of_their_keys,
    jobs::a_job_is_claimed_when_it_is_due,
    jobs::a_job_whose_worker_is_gone_goes_to_another,
    jobs::a_job_that_failed_is_due_again,
    jobs::several_jobs_are_claimed_at_once,
    jobs::workers_who_race_get_each_job_once,
    jobs::jobs_are_finished_together_each_by_who_holds_it,
    jobs::jobs_are_listed_whether_done_or_not,
    results::a_result_is_never_replaced,
    results::of_results_that_race_one_is_kept,
    results::results_are_kept_together,
    webhooks::a_webhook_is_added_once_and_so_many_at_most,
    webhooks::a_cursor_and_its_messages_move_together,
    webhooks::of_couriers_who_race_each_event_is_one_message,
    webhooks::couriers_who_race_get_each_message_once,
    webhooks::a_message_whose_courier_is_gone_goes_to_another,
    webhooks::only_a_few_are_on_their_way_to_one,
    webhooks::whoever_takes_back_what_is_on_its_way_is_known_all_the_same,
    webhooks::owners_take_turns_however_much_waits_for_one,
    webhooks::of_owners_with_slow_receivers_only_so_many_are_told_at_a_time,
    webhooks::what_is_asked_for_is_found_behind_all_that_waits,
    webhooks::what_was_tried_is_remembered,
    webhooks::a_webhook_is_disabled_and_enabled_by_what_arrives,
    webhooks::a_test_takes_the_place_of_the_one_before,
    webhooks::what_is_removed_or_old_is_forgotten,
    tables::tables_of_a_later_release_are_refused,
    tables::what_nobody_wrote_is_named,
];

fn run(place: impl Fn() -> Place) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("two threads");
    for (name, case) in CASES {
        println!("{name}");
        runtime.block_on(async { case(&place()).await });
    }
    println!("{} cases passed", CASES.len());
}

#[test]
fn sqlite() {
    run(Place::sqlite);
}

#[test]
fn postgres() {
    let Some(server) = server::Server::start() else {
        assert!(
            std::env::var_os("PROOFMARK_REQUIRE_POSTGRES").is_none(),
            "no PostgreSQL server could be started"
        );
        println!("skipped: no PostgreSQL server can be started here");
        return;
    };
    run(|| Place::postgres(&server));
}
