// Has this browser verify the verdict of the page: bundle, trust policy, what was ordered and what else is known of the run
// are fetched, or given by whoever reads; the module answers; every rule is shown. What is missing is said, and nothing is
// taken for granted: what the server says was ordered, the server says, and a sentence never claims more than that.
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

// The time is this browser's, to the second. All else was ordered: by whoever gives it, or as the server says.
async function facts(file) {
  const own = file && file.size > 0;
  const text = own ? await file.text() : await (await get('what the market ordered', area.dataset.facts)).text();
  let ordered;
  try {
    ordered = JSON.parse(text);
  } catch {
    throw new Missing('what was ordered is no JSON');
  }
  return { ...ordered, now: `${new Date().toISOString().slice(0, 19)}Z` };
}

// The other bundles that the market has of this contract: another result of the same run refuses this one.
async function others() {
  const { items } = await (await get('the verdicts of the contract', area.dataset.verdicts)).json();
  const run = items.filter((it) => it.bundle !== area.dataset.digest && String(it.run) === area.dataset.run);
  return Promise.all(run.map((it) => bytes('another verdict of the run', `${area.dataset.verdicts}/${it.bundle}`)));
}

// What is verified must be what the page is about, whatever the server said was ordered.
function isOfThisPage({ binding }) {
  return binding?.contract?.id === area.dataset.contract && String(binding.attempt) === area.dataset.run;
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

function sentence(answer, given) {
  const policy = given.policy ? 'the policy that you gave' : 'the policy that the server sent';
  const by = `Your browser computed this, under ${given.pin ? `${policy}, with the digest that you gave` : policy}.`;
  if (!answer.verified) {
    const { rule, message, hint } = answer.failure;
    return `Refused: the rule ${rule} does not hold: ${message}.${hint ? ` Hint: ${hint}.` : ''} A refused bundle proves nothing, in particular no fail. ${by}`;
  }
  const held = answer.rules.filter((it) => it.status === 'held').length;
  const open = answer.rules.filter((it) => it.status !== 'held').map((it) => it.rule);
  const rest = open.length > 0 ? ` Not asked: ${open.join(', ')}.` : '';
  const { verdict, operators, settles } = answer.outcome;
  const signed = `Verified: ${held} rules hold, none fails; the verdict is ${verdict}, signed by engines of ${operators.join(', ')}.`;
  return `${signed}${rest} ${by} ${bound(given, settles)} ${trust(given)}`.trim();
}

function bound({ facts: own }, settles) {
  if (!own) return 'It is bound to what the server says was ordered in this run: give what you ordered yourself, and it is held against that.';
  if (settles) return 'It settles the order that you stated.';
  return 'It is bound to all that you stated, which does not name an order in full.';
}

function trust({ policy, pin }) {
  return policy || pin ? '' : 'Nobody but the server said whom to trust: give a policy that you know, or its digest.';
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
    const own = { policy: files.policy?.size > 0, facts: files.facts?.size > 0, pin };
    const [proofmark, bundle, policy, ordered, known] = await Promise.all([
      verifier(),
      given(files.bundle, 'the bundle', area.dataset.bundle),
      given(files.policy, 'the trust policy', area.dataset.policy),
      facts(files.facts),
      others(),
    ]);
    // Whoever gives a policy knows it.
    const remembered = own.policy ? policy : '';
    const answer = proofmark.verify({ bundle, policy, facts: ordered, pin, remembered, known });
    mark(new Map(answer.rules.map((it) => [it.rule, it.status])));
    if (answer.verified && !isOfThisPage(answer.outcome)) {
      say('refused', 'Refused: the bundle is in order, and it is of another contract or run than this page.');
      return;
    }
    say(answer.verified ? 'verified' : 'refused', sentence(answer, own));
  } catch (error) {
    const why = error instanceof Missing ? error.message : `this browser cannot do it: ${error.message}`;
    say('missing', `Not verified: ${why}. This says nothing about the verdict.`);
  }
}

own.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(own);
  verify({ bundle: form.get('bundle'), policy: form.get('policy'), facts: form.get('facts') }, form.get('pin').trim());
});
own.hidden = false;
commands.textContent = commands.textContent.replaceAll(commands.dataset.host, location.origin);
verify({}, '');
