// `browse.mjs MARKET CHROMIUM [DIRECTORY]`: looks at every page of the market as people do. Ends with status 1 if anything is wrong.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import puppeteer from 'puppeteer-core';

const [market, executablePath, screenshots] = process.argv.slice(2);
const WIDTHS = [1200, 420];
const GRAVE = new Set(['serious', 'critical']);
const wrong = [];
const complain = (where, what) => {
  wrong.push(`${where}: ${what}`);
  console.log(`WRONG ${where}: ${what}`);
};
const json = async (address) => (await fetch(market + address)).json();

async function addresses() {
  const [rfqs, contracts] = await Promise.all([json('/v1/rfqs'), json('/v1/contracts')]);
  const pages = ['/', '/verdicts', '/?state=open', '/?class=nothing', '/instruments', '/instruments/prices?class=server_in_grade&grade=',
    '/instruments/prices?class=server_in_grade&grade=grade-a', '/nowhere', '/contracts/x'];
  for (const { id } of rfqs.items) pages.push(`/rfqs/${id}`);
  const verdicts = [];
  const parties = new Set();
  for (const { id, buyer, supplier, state } of contracts.items) {
    pages.push(`/contracts/${id}`);
    parties.add(buyer).add(supplier);
    for (const { bundle: digest } of (await json(`/v1/contracts/${id}/verdicts`)).items) {
      verdicts.push({ id, digest, state, page: `/contracts/${id}/verdicts/${digest}` });
    }
  }
  pages.push(...[...parties].map((party) => `/parties/${party}`));
  return { pages, verdicts };
}

async function open(browser, { width = 1200, dark = false, script = true } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  page.said = [];
  page.on('console', (line) => ['error', 'warn'].includes(line.type()) && page.said.push(line.text()));
  page.on('pageerror', (error) => page.said.push(error.message));
  return page;
}

const verified = (page) => page.waitForFunction(
  () => !['', 'busy', undefined].includes(document.getElementById('verification').dataset.state), { timeout: 60_000 });
const state = (page) => page.$eval('#verification', (it) => it.dataset.state);
const said = (page) => page.$eval('#said', (it) => it.textContent);
const rules = (page) => page.$$eval('[data-rule]', (cells) => Object.fromEntries(cells.map((it) => [it.dataset.rule, it.className])));

async function look(browser, address, width, dark) {
  const where = `${address} at ${width}${dark ? ', dark' : ''}`;
  const page = await open(browser, { width, dark });
  await page.goto(market + address, { waitUntil: 'networkidle0' });
  if (address.includes('/verdicts/')) await verified(page);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) complain(where, `${over} pixels wider than the window`);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const it of violations.filter((one) => GRAVE.has(one.impact))) {
    complain(where, `axe: ${it.id}: ${it.help}: ${it.nodes.map((node) => node.html).slice(0, 2).join(' ')}`);
  }
  // That a page is not there is what was asked for.
  const expected = (text) => text.includes('404') && ['/nowhere', '/contracts/x'].includes(address);
  page.said.filter((text) => !expected(text)).forEach((text) => complain(where, `the console: ${text}`));
  if (screenshots) {
    const name = `${address.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)}-${width}${dark ? '-dark' : ''}.png`;
    await page.screenshot({ path: path.join(screenshots, name), fullPage: true });
  }
  await page.close();
}

// What the browser finds of the bundle as it was presented.
async function holds(browser, verdict) {
  const page = await open(browser);
  await page.goto(market + verdict.page);
  await verified(page);
  const found = await rules(page);
  const bad = Object.entries(found).filter(([, status]) => !['held', 'not-asked'].includes(status));
  if (await state(page) !== 'verified' || bad.length > 0) complain(verdict.page, `${await said(page)} ${JSON.stringify(bad)}`);
  for (const rule of ['signatures', 'contract', 'nonce', 'subject', 'criteria', 'result']) {
    if (found[rule] !== 'held') complain(verdict.page, `the rule ${rule} is ${found[rule]}`);
  }
  console.log(`${verdict.state}: ${await said(page)}`);
  await page.close();
}

// Whoever stands between changes what is fetched.
async function between(browser, verdict, address, change, expected, words) {
  const page = await open(browser);
  await page.setRequestInterception(true);
  page.on('request', async (request) => {
    if (new URL(request.url()).pathname !== address) return request.continue();
    return request.respond(change(await (await fetch(request.url())).text()));
  });
  await page.goto(market + verdict.page);
  await verified(page);
  const text = await said(page);
  if (await state(page) !== expected || !words.test(text)) complain(`${address} changed`, `${await state(page)}: ${text}`);
  console.log(`changed: ${text}`);
  await page.close();
}

function oneByte(text) {
  const at = text.indexOf('"payload"') + 200;
  const other = text[at] === 'A' ? 'B' : 'A';
  return { status: 200, contentType: 'application/json', body: text.slice(0, at) + other + text.slice(at + 1) };
}

// Files of one's own: a policy and its digest, which the server cannot choose.
async function own(browser, verdict) {
  const policy = await (await fetch(`${market}/v1/policy`)).text();
  const digest = createHash('sha256').update(Buffer.from(JSON.parse(policy).payload, 'base64')).digest('hex');
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'pages-')), 'policy.json');
  fs.writeFileSync(file, policy);
  const address = await (await fetch(market + verdict.page)).text();
  const facts = path.join(path.dirname(file), 'facts.json');
  fs.writeFileSync(facts, await (await fetch(market + /data-facts="([^"]*)"/.exec(address)[1])).text());
  const foreign = path.join(path.dirname(file), 'foreign.json');
  fs.writeFileSync(foreign, fs.readFileSync(facts, 'utf8').replace(/"nonce": ?"../, '"nonce":"00'));
  const known = `sha256:${digest}`;
  for (const [pin, ordered, expected, words] of [
    ['', null, 'verified', /policy that you gave.*what the server says was ordered.*held against that\.$/],
    [known, facts, 'verified', /policy that you gave, with the digest.*settles the order that you stated/],
    ['', facts, 'verified', /settles the order that you stated/],
    ['', foreign, 'refused', /rule nonce does not hold/],
    [`sha256:${'0'.repeat(64)}`, null, 'refused', /rule policy does not hold/],
  ]) {
    const page = await open(browser);
    await page.goto(market + verdict.page);
    await verified(page);
    await (await page.$('#policy-file')).uploadFile(file);
    if (ordered) await (await page.$('#facts-file')).uploadFile(ordered);
    await page.type('#pin', pin);
    await page.focus('#pin');
    // By keyboard: what a mouse can do, keys can.
    await page.keyboard.press('Enter');
    await page.waitForFunction((pattern) => new RegExp(pattern).test(document.getElementById('said').textContent), {}, words.source)
      .catch(() => {});
    const text = await said(page);
    if (await state(page) !== expected || !words.test(text)) complain(`own policy, ${pin}`, `${await state(page)}: ${text}`);
    await page.close();
  }
  fs.rmSync(path.dirname(file), { recursive: true });
}

// Without a script everything can be read, and nothing claims to be verified.
async function withoutScript(browser, verdict) {
  const page = await open(browser, { script: false });
  await page.goto(market + verdict.page);
  const text = await page.evaluate(() => document.body.innerText).catch(() => page.content());
  if (!text.includes('runs no scripts')) complain(verdict.page, 'without a script it does not say so');
  if (verdict.state === 'Failed' && !text.includes('error-rate')) complain(verdict.page, 'without a script there are no findings');
  await page.close();
}

async function byKeyboard(browser) {
  const page = await open(browser);
  await page.goto(`${market}/`);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.className);
  if (first !== 'skip') complain('/', `the first thing that keys reach is ${first}`);
  await page.close();
}

// A browser that was installed a moment ago sometimes needs a second start.
const launch = () => puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const browser = await launch().catch(launch);
try {
  if (screenshots) fs.mkdirSync(screenshots, { recursive: true });
  const { pages, verdicts } = await addresses();
  if (verdicts.length < 2) complain('the market', 'too few verdicts');
  const all = [...pages, ...verdicts.map((it) => it.page)];
  for (const address of all) {
    for (const width of WIDTHS) await look(browser, address, width, false);
    await look(browser, address, WIDTHS[1], true);
  }
  for (const verdict of verdicts) {
    await holds(browser, verdict);
    await withoutScript(browser, verdict);
  }
  const [one] = verdicts;
  const bundle = `/v1/contracts/${one.id}/verdicts/${one.digest}`;
  const gone = { status: 503, contentType: 'text/plain', body: '' };
  await between(browser, one, bundle, oneByte, 'refused', /^Refused: the rule (signatures|envelope|parse) /);
  await between(browser, one, '/v1/policy', () => gone, 'missing', /trust policy cannot be fetched: status 503/);
  await between(browser, one, `/v1/contracts/${one.id}/facts`,
    (text) => ({ status: 200, contentType: 'application/json', body: text.replace(/"nonce":"[0-9a-f]{32}"/, `"nonce":"${'0'.repeat(32)}"`) }),
    'refused', /^Refused: the rule nonce /);
  await own(browser, one);
  await byKeyboard(browser);
  console.log(`${all.length} pages, ${verdicts.length} verdicts, ${wrong.length} things wrong`);
} finally {
  await browser.close();
}
process.exit(wrong.length > 0 ? 1 : 0);
