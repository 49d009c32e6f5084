// Verifies outcomes in a browser, or wherever JavaScript runs. Nothing leaves the machine: the module imports
// nothing, and has neither clock nor network.
//
//   const proofmark = await load(fetch('proofmark_attestation_wasm.wasm'));
//   const answer = proofmark.verify({ bundle, policy, facts: { now: '2026-11-26T12:00:00Z' } });
//
// `bundle` and `policy` are bytes or text as they were received, never parsed and written again. `facts` is what
// you know yourself (docs/spec/verification.md); `pin` is the digest of the only policy that you accept, and
// `remembered` the newest that you accepted so far. `criteria` and `submission` (a manifest) are documents that you
// have, `known` is a list of other bundles. The answer is what `proofmark verify --output json` prints, but for
// `re_executed`: no validator runs here.

const PARTS = ['bundle', 'policy', 'facts', 'pin', 'remembered', 'criteria', 'submission', 'known'];
const KNOWN = 7;

/** Loads the module from its bytes, or from a response (or the promise of one). */
export async function load(source) {
  const given = await source;
  const bytes = typeof given.arrayBuffer === 'function' ? await given.arrayBuffer() : given;
  const { instance } = await WebAssembly.instantiate(bytes, {});
  return new Proofmark(instance.exports);
}

class Proofmark {
  #exports;

  constructor(exports) {
    this.#exports = exports;
  }

  /** The answer; throws where anything but bundle and policy cannot be read, which is the caller's mistake. */
  verify({ bundle, policy, facts, pin = '', remembered = '', criteria = '', submission = '', known = [] }) {
    this.#exports.proofmark_forget();
    const parts = [bundle, policy, JSON.stringify(facts), pin, remembered, criteria, submission];
    parts.forEach((part, number) => this.#put(number, part));
    known.forEach((part) => this.#put(KNOWN, part));
    const length = this.#exports.proofmark_verify();
    const at = this.#exports.proofmark_answer();
    const text = new TextDecoder().decode(new Uint8Array(this.#exports.memory.buffer, at, length));
    const { answer, error } = JSON.parse(text);
    if (error !== undefined) throw new TypeError(error);
    return answer;
  }

  #put(number, part) {
    if (typeof part !== 'string' && !(part instanceof Uint8Array)) {
      throw new TypeError(`${PARTS[number]}: text or bytes`);
    }
    const bytes = typeof part === 'string' ? new TextEncoder().encode(part) : part;
    const fits = bytes.subarray(0, this.#exports.proofmark_part_limit());
    const at = this.#exports.proofmark_part(number, fits.length);
    new Uint8Array(this.#exports.memory.buffer, at, fits.length).set(fits);
  }
}
