"""`check.py dsse|statement DIR`: securesystemslib and in-toto-attestation over one folder.

Ends with 0 where the library is convinced, with 1 where it refuses, and with 3 where it did not get so far.
"""

import hashlib
import json
import pathlib
import sys

REFUSED, BROKEN = 1, 3


def read_keys(folder):
    """Both engines' keys; their ids are computed here, and nothing in the folder says them."""
    from cryptography.hazmat.primitives import serialization as forms
    from securesystemslib.signer import SSlibKey

    keys = []
    for name in ("engine-a.pub.pem", "engine-b.pub.pem"):
        public = forms.load_pem_public_key((folder / name).read_bytes())
        der = public.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
        keys.append(SSlibKey.from_crypto(public, keyid=hashlib.sha256(der).hexdigest()))
    return keys


def check_dsse(folder):
    """securesystemslib: a threshold of two."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    keys = read_keys(folder)
    envelope = Envelope.from_dict(json.loads((folder / "outcome.dsse.json").read_text()))
    try:
        accepted = envelope.verify(keys, 2)
    except VerificationError as error:
        return str(error)
    return None if len(accepted) == 2 else "fewer than two keys"


def check_statement(folder):
    """in-toto-attestation: the payload is a Statement v1. No cryptography."""
    import base64

    from google.protobuf.json_format import Parse, ParseError
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    line = (folder / "outcome.intoto.jsonl").read_text()
    payload = base64.b64decode(json.loads(line)["payload"], validate=True)
    try:
        message = Parse(payload, statement_pb2.Statement())
        Statement.copy_from_pb(message).validate()
    except (ParseError, ValueError) as error:
        return str(error)
    return None


def main():
    checks = {"dsse": check_dsse, "statement": check_statement}
    why = checks[sys.argv[1]](pathlib.Path(sys.argv[2]))
    if why is not None:
        print(f"refused: {why}", file=sys.stderr)
        sys.exit(REFUSED)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # A crash must not look like a refusal.
        print(f"broken: {error!r}", file=sys.stderr)
        sys.exit(BROKEN)
