// The page around the module: files in, rules out.
import { load } from './proofmark.mjs';

const module = load(fetch('proofmark_attestation_wasm.wasm'));
const [form, said, table] = ['form', 'output', 'table'].map((name) => document.querySelector(name));

async function bytes(file) {
  return new Uint8Array(await file.arrayBuffer());
}

// Without a time of the caller's own it is the browser's, to the second.
async function facts(file) {
  const given = file.size > 0 ? JSON.parse(await file.text()) : {};
  return { now: `${new Date().toISOString().slice(0, 19)}Z`, ...given };
}

function sentence(answer) {
  if (!answer.verified) return `Not verified: ${answer.failure.code}: ${answer.failure.message}`;
  const use = answer.outcome.settles ? 'it settles the order you described' : 'it settles nothing by itself';
  return `Verified. The verdict is ${answer.outcome.verdict}; ${use}.`;
}

function show(rules) {
  const rows = rules.map(({ rule, status }) => {
    const row = document.createElement('tr');
    for (const text of [rule, status]) row.insertCell().textContent = text;
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  table.hidden = false;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  try {
    const proofmark = await module;
    const answer = proofmark.verify({
      bundle: await bytes(given.get('bundle')),
      policy: await bytes(given.get('policy')),
      facts: await facts(given.get('facts')),
      pin: given.get('pin').trim(),
    });
    said.textContent = sentence(answer);
    show(answer.rules);
  } catch (error) {
    table.hidden = true;
    said.textContent = error.message;
  }
});
