use crate::testing::*;
use crate::{Applied, Asset, Group, Ledger, Transfer};

#[test]
fn the_snapshot_is_stable() {
    let mut ledger = Ledger::new();
    let hold = pending(bank(), customer(0), 3, Some(9));
    let endless = pending(bank(), customer(0), 2, None);
    let first = group(1, vec![single(bank(), customer(1), 5), hold, endless]);
    assert_eq!(ledger.apply(&first, at(1)), Ok(Applied::Created));
    let json: serde_json::Value = serde_json::from_str(&snapshot(&ledger)).expect("JSON");
    let id = id(1).0.to_string();
    let hold = |index, amount, expires_at: Option<&str>| {
        serde_json::json!({
            "pending": {"group": id, "index": index}, "debit": {"Bank": "USD/2"},
            "credit": {"Customer": [0, "USD/2"]}, "amount": amount, "expires_at": expires_at,
        })
    };
    let account = |key: serde_json::Value, number, sums: [i64; 4]| {
        serde_json::json!({"account": key, "number": number, "balance": {
            "debits_posted": sums[0], "credits_posted": sums[1],
            "debits_pending": sums[2], "credits_pending": sums[3],
        }})
    };
    let expected = serde_json::json!({
        "now": "1970-01-01T00:00:01Z",
        "groups": 1,
        "transfers": 3,
        "history": HISTORY,
        "assets": ["USD/2"],
        "accounts": [
            account(serde_json::json!({"Bank": "USD/2"}), 0, [5, 0, 5, 0]),
            account(serde_json::json!({"Customer": [0, "USD/2"]}), 2, [0, 0, 0, 5]),
            account(serde_json::json!({"Customer": [1, "USD/2"]}), 1, [0, 5, 0, 0]),
        ],
        "holds": [hold(1, 3, Some("1970-01-01T00:00:09Z")), hold(2, 2, None)],
    });
    assert_eq!(json, expected);
}

/// Computed outside this crate from the documented bytes.
const HISTORY: &str = "sha256:3c7766d29f67c567438f9696ecddc51b4781eca580557525755e8b92518dd7d8";

fn history(groups: &[(u64, Group<Account>)]) -> String {
    let mut ledger = Ledger::new();
    for (seconds, group) in groups {
        assert_eq!(ledger.apply(group, at(*seconds)), Ok(Applied::Created));
    }
    serde_json::to_value(&ledger).expect("JSON")["history"].to_string()
}

#[test]
fn every_part_of_the_past_is_in_the_history() {
    let usd: Asset = asset("USD/2");
    let base = vec![
        single(free(1), free(2), 5),
        pending(free(1), free(2), 5, Some(9)),
    ];
    let with = |number, seconds, transfers: &[Transfer<Account>]| {
        history(&[(seconds, group(number, transfers.to_vec()))])
    };
    let mut seen = vec![with(1, 1, &base), with(2, 1, &base), with(1, 2, &base)];
    let other = |place: usize, transfer| {
        let mut transfers = base.clone();
        transfers[place] = transfer;
        with(1, 1, &transfers)
    };
    seen.push(other(0, single(free(2), free(1), 5)));
    seen.push(other(0, single(free(1), free(2), 6)));
    seen.push(other(0, pending(free(1), free(2), 5, Some(9))));
    seen.push(other(1, single(free(1), free(2), 5)));
    seen.push(other(
        1,
        pending(free(1), Account::Free(3, usd), 5, Some(9)),
    ));
    seen.push(other(
        1,
        pending(Account::Free(3, usd), free(2), 5, Some(9)),
    ));
    seen.push(other(1, pending(free(1), free(2), 5, Some(8))));
    seen.push(other(1, pending(free(1), free(2), 5, None)));
    for end in [
        post(1, 1, 5),
        post(1, 1, 4),
        void(1, 1),
        post(1, 2, 5),
        expire(1, 1),
    ] {
        let made = [&base[..], &base[1..]].concat();
        seen.push(history(&[
            (1, group(1, made)),
            (
                9 - u64::from(!matches!(end, Transfer::Expire { .. })),
                group(2, vec![end]),
            ),
        ]));
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "two pasts have one history");
}

#[test]
fn equal_pasts_make_equal_snapshots() {
    assert_eq!(snapshot(&world()), snapshot(&world()));
    assert_eq!(snapshot(&world()), snapshot(&world().clone()));
    assert!(
        snapshot(&world()).len() < 4096,
        "holds and accounts, not history"
    );
}
