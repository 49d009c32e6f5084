// `check.mjs sigstore|crypto DIR`: @sigstore/verify over each exported bundle, or Node's own crypto over the
// envelope.
//
// Ends with 0 where the verifier is convinced, with 1 where it refuses, and with 3 where it did not get so far.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const REFUSED = 1;
const BROKEN = 3;

class Refused extends Error {}

// Both engines' keys by their ids, which are computed here: nothing in the folder says them.
function readKeys(folder) {
  const names = ['engine-a.pub.pem', 'engine-b.pub.pem'];
  return new Map(names.map((name) => {
    const key = crypto.createPublicKey(fs.readFileSync(path.join(folder, name)));
    const der = key.export({ type: 'spki', format: 'der' });
    return [crypto.createHash('sha256').update(der).digest('hex'), key];
  }));
}

async function checkSigstore(folder) {
  const { bundleFromJSON, ValidationError } = await import('@sigstore/bundle');
  const { Verifier, toSignedEntity, VerificationError, PolicyError } = await import('@sigstore/verify');
  const keys = readKeys(folder);
  const trust = {
    certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [],
    publicKey: (hint) => {
      if (!keys.has(hint)) throw new Refused(`nobody's key: ${hint}`);
      return { publicKey: keys.get(hint), validFor: () => true };
    },
  };
  // Our log is no Rekor and our time comes from witnesses: only the signature is Sigstore's to check.
  const options = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  const bundles = fs.readdirSync(folder).filter((name) => name.endsWith('.sigstore.json'));
  if (bundles.length !== keys.size) throw new Error(`${bundles.length} bundles for ${keys.size} keys`);
  const signers = new Set();
  for (const name of bundles) {
    const json = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
    try {
      const bundle = bundleFromJSON(json);
      new Verifier(trust, options).verify(toSignedEntity(bundle));
      signers.add(bundle.verificationMaterial.content.publicKey.hint);
    } catch (error) {
      const no = [VerificationError, PolicyError, ValidationError].some((kind) => error instanceof kind);
      throw no ? new Refused(`${name}: ${error.message}`) : error;
    }
  }
  if (signers.size !== keys.size) throw new Refused('one key signed for both');
}

function checkCrypto(folder) {
  const envelope = JSON.parse(fs.readFileSync(path.join(folder, 'outcome.dsse.json'), 'utf8'));
  const payload = Buffer.from(envelope.payload, 'base64');
  const type = Buffer.from(envelope.payloadType, 'utf8');
  const pae = Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload,
  ]);
  for (const [id, key] of readKeys(folder)) {
    const found = envelope.signatures.find((signature) => signature.keyid === id);
    const valid = found && crypto.verify(null, pae, key, Buffer.from(found.sig, 'base64'));
    if (!valid) throw new Refused(`no signature of ${id}`);
  }
}

const [kind, folder] = process.argv.slice(2);
try {
  await ({ sigstore: checkSigstore, crypto: checkCrypto })[kind](folder);
} catch (error) {
  const refused = error instanceof Refused;
  console.error(refused ? `refused: ${error.message}` : `broken: ${error.stack}`);
  process.exit(refused ? REFUSED : BROKEN);
}
