#!/usr/bin/env bash
# Two parties who do not trust each other, each with an engine and a witness of its own; a log; a policy.
# Every engine and witness is a process of its own. Usage: evidence.sh DIRECTORY [PROOFMARK]; the directory must be
# empty, or not there yet.
set -euo pipefail
work=$(cd "$(dirname "$0")/service" && pwd)
[ $# -ge 1 ] || { echo "usage: evidence.sh DIRECTORY [PROOFMARK]" >&2; exit 2; }
proofmark=${2:-$(dirname "$0")/../target/release/proofmark}
[ -x "$proofmark" ] || { echo "evidence.sh: $proofmark is not there: cargo build --release, or name another" >&2; exit 2; }
proofmark=$(realpath "$proofmark")
mkdir -p "$1" && cd "$1"
[ -z "$(ls -A)" ] || { echo "evidence.sh: $1 is not empty" >&2; exit 2; }

say() { printf '\n# %s\n' "$*"; }
quietly() { "$@" >/dev/null; }
vkey() { "$proofmark" --output json key show "$1" "--$2" "$3" | sed -n "s/^  \"$2\": \"\(.*\)\",\{0,1\}$/\1/p"; }

say "keys: one for each role"
for key in root buyer-engine supplier-engine buyer-receipt log buyer-witness supplier-witness; do
    quietly "$proofmark" key new $key.pem
done
log=$(vkey log.pem log log.example/outcomes)
buyer=$(vkey buyer-witness.pem witness buyer.example/witness)
supplier=$(vkey supplier-witness.pem witness supplier.example/witness)

say "the trust policy: both engines must agree, in a log that both have seen"
quietly "$proofmark" policy new policy.json --root market=root.pub.pem --audience urn:market:example
quietly "$proofmark" policy add-key policy.json buyer-engine.pub.pem --role outcome --operator buyer
quietly "$proofmark" policy add-key policy.json supplier-engine.pub.pem --role outcome --operator supplier
quietly "$proofmark" policy add-key policy.json buyer-receipt.pub.pem --role receipt --operator buyer --engine https://buyer.example/engine
quietly "$proofmark" policy add-profile policy.json
quietly "$proofmark" policy add-log policy.json "$log"
quietly "$proofmark" policy add-witness policy.json "$buyer" --operator buyer
quietly "$proofmark" policy add-witness policy.json "$supplier" --operator supplier
quietly "$proofmark" policy set policy.json --threshold outcome=2,distinct --require-log true --quorum 2
"$proofmark" policy sign policy.json --key root.pem
# The market publishes this digest: the first policy is believed because of it, later ones because they follow.
pin=$("$proofmark" --output json policy show policy.v1.dsse.json | sed -n 's/^  "digest": "\(.*\)",\{0,1\}$/\1/p')

say "the log, and a witness on each side"
quietly "$proofmark" log init log --origin log.example/outcomes --key log.pem
"$proofmark" witness serve buyer-witness --name buyer.example/witness --key buyer-witness.pem --log "$log" --listen 127.0.0.1:0 >buyer.url &
buyer_pid=$!
"$proofmark" witness serve supplier-witness --name supplier.example/witness --key supplier-witness.pem --log "$log" --listen 127.0.0.1:0 >supplier.url &
supplier_pid=$!
trap 'kill $buyer_pid $supplier_pid 2>/dev/null || true' EXIT
for url in buyer.url supplier.url; do
    for _ in $(seq 100); do [ -s $url ] && break; sleep 0.1; done
done

say "what the outcome is for, as the market issued it"
cat >binding.json <<'JSON'
{"audience": "urn:market:example",
 "contract": {"id": "con_0001", "digest": {"sha256": "e230a2472bcb2c4761877a591dda25f431273e5eeaed138ae269b95a0675ee79"}},
 "deliverable": "m1", "attempt": 1, "nonce": "8c93255d71dcab10e8f379c26200f3c7"}
JSON
cat binding.json

say "the buyer's engine judges and signs"
"$proofmark" --output json attest "$work/criteria.json" "$work/submissions/within-grade" --to outcome.bundle.json --binding binding.json \
    --key buyer-engine.pem --receipt-key buyer-receipt.pem --engine https://buyer.example/engine

say "the supplier's engine judges again, compares the order with its own, comes to the same bytes, adds its signature, and has it logged and witnessed"
"$proofmark" --output json cosign outcome.bundle.json "$work/submissions/within-grade" --binding binding.json \
    --key supplier-engine.pem --log log --log-key log.pem \
    --witness "$buyer@$(cat buyer.url)" --witness "$supplier@$(cat supplier.url)"

say "a settlement that trusts nobody verifies the bundle offline, against its own contract and the work"
kill $buyer_pid $supplier_pid; wait $buyer_pid $supplier_pid 2>/dev/null || true
"$proofmark" verify outcome.bundle.json --policy policy.v1.dsse.json --pin "$pin" --remember policy.remembered \
    --audience urn:market:example --contract con_0001 --contract-digest sha256:e230a2472bcb2c4761877a591dda25f431273e5eeaed138ae269b95a0675ee79 \
    --deliverable m1 --attempt 1 --nonce 8c93255d71dcab10e8f379c26200f3c7 \
    --criteria "$work/criteria.json" --submission "$work/submissions/within-grade" --settle --re-execute
