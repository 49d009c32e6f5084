// Has this browser verify the verdict of the page: bundle, trust policy and what the market ordered are fetched, or given
// by whoever reads; the module answers; every rule is shown. What is missing is said, and nothing is taken for granted.
import { load } from './proofmark.mjs';

const area = document.getElementById('verification');
const said = document.getElementById('said');
const own = document.getElementById('own');
const commands = document.getElementById('commands');
const here = new URL('./proofmark.wasm', import.meta.url);
const WORDS = { held: 'holds', failed: 'does not hold', 'not-asked': 'not asked', 'not-reached': 'not reached' };

/** Why something could not be verified; says nothing about the verdict. */
class Missing extends Error {}

async function get(what, address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Missing(`${what} cannot be fetched: the server does not answer`);
  }
  if (!answer.ok) throw new Missing(`${what} cannot be fetched: status ${answer.status}`);
  return answer;
}

async function bytes(what, address) {
  return new Uint8Array(await (await get(what, address)).arrayBuffer());
}

async function given(file, what, address) {
  return file && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : bytes(what, address);
}

// The time is this browser's, to the second. All else is what the market ordered.
async function facts() {
  const ordered = await (await get('what the market ordered', area.dataset.facts)).json();
  return { ...ordered, now: `${new Date().toISOString().slice(0, 19)}Z` };
}

let module;
function verifier() {
  // A module that did not come is asked for again.
  module ??= get('the module', here).then(load).catch((error) => {
    module = undefined;
    throw error;
  });
  return module;
}

function mark(rules) {
  for (const cell of area.querySelectorAll('[data-rule]')) {
    const status = rules.get(cell.dataset.rule);
    cell.textContent = status === undefined ? 'not verified' : WORDS[status] ?? status;
    cell.className = status ?? '';
  }
}

function sentence(answer, source) {
  const by = `Your browser computed this, under ${source}.`;
  if (!answer.verified) {
    const { rule, message, hint } = answer.failure;
    return `Refused: the rule ${rule} does not hold: ${message}.${hint ? ` Hint: ${hint}.` : ''} A refused bundle proves nothing, in particular no fail. ${by}`;
  }
  const held = answer.rules.filter((it) => it.status === 'held').length;
  const open = answer.rules.filter((it) => it.status !== 'held').map((it) => it.rule);
  const rest = open.length > 0 ? ` Not asked: ${open.join(', ')}.` : '';
  const settles = answer.outcome.settles
    ? 'It settles the order of this contract.'
    : 'Nobody but the server said whom to trust: give a policy that you know, or its digest.';
  return `Verified: ${held} rules hold, none fails; the verdict is ${answer.outcome.verdict}, signed by engines of ${answer.outcome.operators.join(', ')}.${rest} ${by} ${settles}`;
}

function say(state, text) {
  area.dataset.state = state;
  said.className = state;
  said.textContent = text;
}

async function verify(files, pin) {
  say('busy', 'Your browser verifies …');
  mark(new Map());
  try {
    const [proofmark, bundle, policy, known] = await Promise.all([
      verifier(),
      given(files.bundle, 'the bundle', area.dataset.bundle),
      given(files.policy, 'the trust policy', area.dataset.policy),
      facts(),
    ]);
    const answer = proofmark.verify({ bundle, policy, facts: known, pin });
    const source = files.policy?.size > 0 ? 'the policy that you gave' : 'the policy that the server sent';
    mark(new Map(answer.rules.map((it) => [it.rule, it.status])));
    say(answer.verified ? 'verified' : 'refused', sentence(answer, pin ? `${source}, with the digest that you gave` : source));
  } catch (error) {
    const why = error instanceof Missing ? error.message : `this browser cannot do it: ${error.message}`;
    say('missing', `Not verified: ${why}. This says nothing about the verdict.`);
  }
}

own.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(own);
  verify({ bundle: form.get('bundle'), policy: form.get('policy') }, form.get('pin').trim());
});
own.hidden = false;
commands.textContent = commands.textContent.replaceAll(commands.dataset.host, location.origin);
verify({}, '');
