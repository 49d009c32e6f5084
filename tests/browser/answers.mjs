// `answers.mjs MODULE WRAPPER VECTORS CASE…`: prints what the module for browsers answers to each case, as one
// JSON object by case.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [module, wrapper, vectors, ...cases] = process.argv.slice(2);
const { load } = await import(pathToFileURL(wrapper));
const proofmark = await load(fs.readFileSync(module));
const answers = cases.map((name) => {
  const file = (part) => path.join(vectors, name, part);
  const bytes = (part) => new Uint8Array(fs.readFileSync(file(part)));
  const text = (part) => (fs.existsSync(file(part)) ? fs.readFileSync(file(part), 'utf8').trim() : '');
  return [name, proofmark.verify({
    bundle: bytes('bundle.json'),
    policy: bytes('policy.dsse.json'),
    facts: JSON.parse(fs.readFileSync(file('facts.json'), 'utf8')),
    pin: text('pin'),
    remembered: text('remembered.dsse.json'),
    criteria: text('criteria.json'),
    submission: text('submission.json'),
    known: JSON.parse(text('known.json') || '[]').map((one) => JSON.stringify(one)),
  })];
});
console.log(JSON.stringify(Object.fromEntries(answers)));
