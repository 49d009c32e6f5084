// `browser.mjs PROOFMARK WASM DIR`: the module for browsers over a folder with `outcome.bundle.json`,
// `policy.dsse.json` and `facts.json`. Its answer must be the one of `proofmark verify`, rule by rule.
//
// Ends with 0 where the outcome is verified, with 1 where it is not, and with 3 where answers differ or the module
// does not work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { load } from './proofmark.mjs';

const [proofmark, wasm, folder] = process.argv.slice(2);
const file = (name) => path.join(folder, name);
const read = (name) => new Uint8Array(fs.readFileSync(file(name)));

// What the command line says to the same files.
function commandLine() {
  const options = ['--policy', file('policy.dsse.json'), '--facts', file('facts.json')];
  const ran = spawnSync(proofmark, ['--output', 'json', 'verify', file('outcome.bundle.json'), ...options]);
  assert.ok(ran.stdout.length > 0, `${ran.status}: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

try {
  const code = fs.readFileSync(wasm);
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(code)), [], 'it imports nothing');
  const module = await load(code);
  const given = {
    bundle: read('outcome.bundle.json'),
    policy: read('policy.dsse.json'),
    facts: JSON.parse(fs.readFileSync(file('facts.json'), 'utf8')),
  };
  assert.throws(() => module.verify({ ...given, facts: {} }), TypeError);
  const answer = module.verify(given);
  assert.deepEqual(module.verify(given), answer, 'twice');
  const theirs = commandLine();
  for (const member of Object.keys(answer)) assert.deepEqual(answer[member], theirs[member], member);
  if (!answer.verified) {
    console.error(`refused: ${answer.failure.code}: ${answer.failure.message}`);
    process.exit(1);
  }
} catch (error) {
  console.error(`broken: ${error.stack}`);
  process.exit(3);
}
