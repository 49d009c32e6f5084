#!/usr/bin/env bash
# `exhibit.sh PROOFMARK DIR`: lets the binary make what the clients verify, as its users would: two engines judge one
# delivery and sign, the envelope is logged among others, and a witness that is a process of its own cosigns.
set -euo pipefail
proofmark=$1 to=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
example="$root/examples/service"
keys=$(mktemp -d)
witness_process=
finish() {
    [ -z "$witness_process" ] || kill "$witness_process" 2>/dev/null || true
    rm -rf "$keys"
}
trap finish EXIT
mkdir -p "$to"

# A key's form for notes, as `key show` prints it.
vkey() { "$proofmark" key show "$keys/$1.pub.pem" "--$2" "$3" | sed -n "s/^$2 *//p"; }

for name in engine-a engine-b log witness root; do
    "$proofmark" key new "$keys/$name.pem" >/dev/null
done
cp "$keys"/engine-?.pub.pem "$to/"
log=$(vkey log log log.example/outcomes)
witness=$(vkey witness witness witness.example/w1)
echo "$log" >"$to/log.vkey"
echo "$witness" >"$to/witness.vkey"

# A log that has others' entries in it already: more than a tile's worth.
"$proofmark" log init "$keys/log" --origin log.example/outcomes --key "$keys/log.pem" >/dev/null
mkdir "$keys/others"
for number in $(seq 1000 1269); do echo "another entry: $number" >"$keys/others/$number"; done
"$proofmark" log append "$keys/log" "$keys/others"/* --key "$keys/log.pem" >/dev/null

"$proofmark" witness serve "$keys/witness" --name witness.example/w1 --key "$keys/witness.pem" --log "$log" \
    --listen 127.0.0.1:0 >"$keys/listens" 2>"$keys/said" &
witness_process=$!
for _ in $(seq 100); do
    url=$(grep -o 'http://[0-9.:]*' "$keys/listens" "$keys/said" -h | head -n 1) && [ -n "$url" ] && break
    kill -0 "$witness_process" 2>/dev/null || { cat "$keys/said" >&2; exit 1; }
    sleep 0.1
done

bundle="$to/outcome.bundle.json"
work="$example/submissions/within-grade"
"$proofmark" attest "$example/criteria.json" "$work" --to "$bundle" --key "$keys/engine-a.pem" >/dev/null
"$proofmark" cosign "$bundle" "$work" --criteria "$example/criteria.json" --key "$keys/engine-b.pem" \
    --log "$keys/log" --log-key "$keys/log.pem" --witness "$witness@$url" >/dev/null

export_as() { "$proofmark" bundle export "$bundle" --format "$@"; }
export_as envelope >"$to/outcome.dsse.json"
export_as intoto-jsonl >"$to/outcome.intoto.jsonl"
export_as sigstore --signature 0 >"$to/outcome.1.sigstore.json"
export_as sigstore --signature 1 >"$to/outcome.2.sigstore.json"
export_as log-proof >"$to/outcome.tlog-proof"
cp -r "$keys/log/public" "$to/log"

# What our own verifiers need beside it: a policy that trusts exactly these, from an hour ago on, and a moment.
policy() {
    local command=$1; shift
    "$proofmark" policy "$command" "$keys/policy.json" "$@" --now "$since" >/dev/null 2>"$keys/said" ||
        { cat "$keys/said" >&2; exit 1; }
}
since=$(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%SZ)
policy new --root "market=$keys/root.pub.pem"
policy add-key "$keys/engine-a.pub.pem" --role outcome --operator buyer
policy add-key "$keys/engine-b.pub.pem" --role outcome --operator supplier
policy add-log "$log"
policy add-witness "$witness" --operator buyer
policy add-profile
policy set --threshold outcome=2,distinct --require-log true --quorum 1
policy sign --key "$keys/root.pem"
cp "$keys"/policy.v*.dsse.json "$to/policy.dsse.json"
echo "{\"now\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}" >"$to/facts.json"
