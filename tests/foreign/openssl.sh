#!/usr/bin/env bash
# `openssl.sh DIR`: OpenSSL over the envelope, with nothing but a shell around it.
#
# Ends with 0 where OpenSSL is convinced by both engines' signatures, with 1 where it refuses, and with 3 where it
# did not get so far.
set -euo pipefail
trap 'exit 3' ERR
folder=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Our envelopes are one line, their members in order, and their base64 without escapes.
envelope=$(cat "$folder/outcome.dsse.json")
type=$(sed -n 's/.*"payloadType":"\([^"]*\)".*/\1/p' <<<"$envelope")
sed -n 's/.*"payload":"\([^"]*\)".*/\1/p' <<<"$envelope" | base64 -d >"$scratch/payload"
{
    LC_ALL=C printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(stat -c%s "$scratch/payload")"
    cat "$scratch/payload"
} >"$scratch/pae"

for key in "$folder"/engine-a.pub.pem "$folder"/engine-b.pub.pem; do
    id=$(openssl pkey -pubin -in "$key" -outform DER | sha256sum | cut -d' ' -f1)
    signature=$(sed -n "s/.*{\"keyid\":\"$id\",\"sig\":\"\([^\"]*\)\"}.*/\1/p" <<<"$envelope")
    if [ -z "$signature" ]; then
        echo "refused: no signature of $id" >&2
        exit 1
    fi
    base64 -d <<<"$signature" >"$scratch/signature"
    if ! openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$scratch/pae" \
        -sigfile "$scratch/signature" >"$scratch/said" 2>&1; then
        grep -q 'Signature Verification Failure' "$scratch/said" || { cat "$scratch/said" >&2; exit 3; }
        echo "refused: the signature of $id" >&2
        exit 1
    fi
done
