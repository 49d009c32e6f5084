#!/usr/bin/env bash
# A market on this machine: its server, a buyer, a supplier and an engine, each with a key of its own. The buyer orders the work of
# examples/service, the supplier delivers it, an engine judges and signs, and money moves.
# Usage: market.sh DIRECTORY [PROOFMARK]; the directory must be empty, or not there yet.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: market.sh DIRECTORY [PROOFMARK]" >&2; exit 2; }
work=$(cd "$(dirname "$0")/service" && pwd)
proofmark=${2:-$(dirname "$0")/../target/release/proofmark}
[ -x "$proofmark" ] || { echo "market.sh: $proofmark is not there: cargo build --release, or name another" >&2; exit 2; }
proofmark=$(realpath "$proofmark")
mkdir -p "$1" && cd "$1"
[ -z "$(ls -A)" ] || { echo "market.sh: $1 is not empty" >&2; exit 2; }

say() { printf '\n# %s\n' "$*"; }
# A member of a JSON document that is printed one member to a line.
member() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1; }
proofmark() { "$proofmark" "$@"; }

say "a market: keys of operator, root, log and two engines, rules, trust policy"
proofmark --output json market init market >market.json
cat market.json
engine=$(member engine <market.json) profile=$(member profile <market.json)
"$proofmark" market serve market --listen 127.0.0.1:0 >url 2>serve.log &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -s url ] && break; sleep 0.1; done
PROOFMARK_MARKET=$(cat url); export PROOFMARK_MARKET

say "two parties register, and get money over the operator's rail"
for party in buyer supplier; do
    proofmark --output json key new $party.pem >$party.json
    proofmark party register --key $party.pem
    proofmark account deposit $party.pem 100.00 --key market/operator.pem
done

say "the buyer publishes terms: at most 50.00 for the work, a fifth held back"
criteria=$(proofmark market upload "$work/criteria.json" --public --key buyer.pem | tail -n 1 | grep -o 'sha256:[0-9a-f]*')
cat >terms.json <<JSON
{"schema": "https://proofmark.example/terms/v1", "outcome_class": "server_in_grade", "asset": "USD/2",
 "milestones": [{"deliverable": "m1", "criteria": "$criteria", "share": 1000000}],
 "engines": {"keys": ["$engine"], "threshold": 1, "profile": "$profile"},
 "award": {"rule": "first_score", "bids": "open", "price_ceiling": 5000},
 "attempts": 2, "holdback": 200000,
 "windows": {"bidding_seconds": 2, "award_seconds": 60, "delivery_seconds": 600, "retry_seconds": 60,
             "verification_seconds": 120, "challenge_seconds": 60, "rerun_seconds": 60},
 "bonds": {"bid": 50, "performance": 500, "challenge": 60}, "fees": {"market": 25000, "verification": 2},
 "penalties": {"cancelled_rfq": 0, "cancelled": 200000, "rejected": 100000, "resigned": 50000, "defaulted": 500000, "to_buyer": 500000},
 "losses": {"fail": 800, "defect": 2000},
 "warranty": {"warranty_seconds": 2, "evidence_seconds": 1, "evidence_max": 1, "cure_seconds": 60,
              "oracles": ["$(member keyId <buyer.json)"], "criteria": "$criteria", "clawback": [{"after_seconds": 0, "share": 1000000}]}}
JSON
proofmark --output json rfq publish terms.json --key buyer.pem >rfq.json
rfq=$(member rfq <rfq.json)
echo "$rfq"

say "the supplier bids 40.00, with a bond because nobody knows it yet; the market ticks when bidding is over"
proofmark rfq list --state open
proofmark bid place "$rfq" --price 40.00 --bond 40.00 --key supplier.pem
contract=$(proofmark rfq wait "$rfq" --within 30)

say "the supplier delivers; it has run the very same criteria before"
proofmark rfq criteria "$rfq" --to agreed
proofmark check agreed/criteria.json "$work/submissions/within-grade" >/dev/null
proofmark contract submit "$contract" "$work/submissions/within-grade" --key supplier.pem

say "the engine of the terms judges what was uploaded, signs for exactly this run, and presents it"
proofmark contract wait "$contract" Passed --within 60

say "the buyer accepts, and when nothing was found for two seconds everything is final"
proofmark contract accept "$contract" --key buyer.pem
proofmark contract wait "$contract" Final --within 30
proofmark contract show "$contract"

say "buyer and supplier had 100.00 each; now they have"
for party in buyer supplier; do echo "$party $(proofmark account balance $party.pem)"; done

say "the server stops, and everything in its record is computed again: by the market, and by a second set of rules"
kill $server && wait $server
proofmark market audit market

# Hands are slower than a script.
sed -i 's/"bidding_seconds": 2/"bidding_seconds": 60/; s/"warranty_seconds": 2, "evidence_seconds": 1/"warranty_seconds": 60, "evidence_seconds": 60/' terms.json
