// Sealing a project's secrets again under its next key, in a real browser through a real server: the
// keyholder's processor time against AES-256-GCM alone, in WebAssembly in the same browser, and what
// the whole takes against the keyholder's processor time. With `--full`, of 100,000 secrets too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PASSWORD, story } from '../browser/stage.mjs';
import { Browser } from './alone.mjs';
import { filled } from './filled.mjs';
import { report } from './ratios.mjs';
import { cpu, started, workers } from './threads.mjs';

/** How many secrets, and how often they are sealed again after once to warm up. */
const SIZES = [
  [1_000, 9],
  [10_000, 9],
];
if (process.argv.includes('--full')) SIZES.push([100_000, 1]);

const MODULE = process.env.SUBROSA_BENCH_MODULE ?? assert.fail('SUBROSA_BENCH_MODULE is not set: run `cargo xtask bench console`');

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * The bound: as many values of 64 bytes, as padded, opened and sealed under fresh keys by a worker of
 * a blank page. Yields a function that does it once and tells the milliseconds of the processor.
 */
async function plain(browser, count) {
  const page = await browser.page('about:blank');
  const entry = `
    ${readFileSync(`${MODULE}.js`, 'utf8')}
    let objects;
    onmessage = ({ data: { wasm, count } }) => {
      if (wasm) {
        wasm_bindgen.initSync({ module: wasm });
        objects = new wasm_bindgen.Objects(count);
      } else {
        objects.plain_reseal();
      }
      postMessage('done');
    };`;
  const wasm = readFileSync(`${MODULE}_bg.wasm`).toString('base64');
  const start = async (entry, wasm, count) => {
    const worker = new Worker(URL.createObjectURL(new Blob([entry], { type: 'text/javascript' })));
    globalThis.asked = (message) =>
      new Promise((resolve, reject) => {
        worker.onmessage = () => resolve();
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(message);
      });
    await globalThis.asked({ wasm: Uint8Array.from(atob(wasm), (it) => it.charCodeAt(0)), count });
  };
  const thread = await started(browser.folder, () => page(start, entry, wasm, count));
  return async () => {
    const before = cpu(thread);
    await page(() => globalThis.asked({}));
    return cpu(thread) - before;
  };
}

/** What is run in the page: it waits for what it looks for, and yields it. */
const inPage = {
  /** Unlocks, and opens the details of the vault. */
  begin: async (password) => {
    globalThis.soon = (find) =>
      new Promise((resolve) => {
        const look = () => {
          const found = find();
          if (!found) return;
          observer.disconnect();
          resolve(found);
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
        look();
      });
    const field = await globalThis.soon(() => document.querySelector('input[type="password"]'));
    field.value = password;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.form.requestSubmit();
    const vault = () => [...document.querySelectorAll('.vault')].find((it) => it.textContent.includes('billing'));
    globalThis.vault = await globalThis.soon(vault);
    globalThis.vault.querySelector('summary').click();
  },

  /** Presses a step of the vault's rotation: how many milliseconds it takes. */
  step: async (words) => {
    const here = () => [...globalThis.vault.querySelectorAll('button')].find((it) => it.textContent === words && !it.disabled);
    const press = await globalThis.soon(here);
    const isDone = () => document.querySelector('section[aria-label="Rotation"]')?.textContent.startsWith('1 vault done.');
    const start = performance.now();
    press.click();
    // What the step before it came to is gone once it runs.
    await globalThis.soon(() => !isDone());
    await globalThis.soon(isDone);
    return performance.now() - start;
  },
};

/** Adds to `costs` what it costs to seal so many secrets again, round by round. */
async function sealAgain(stage, secrets, rounds, costs) {
  const profile = await filled(stage, secrets);
  profile.clean();
  await profile.stop();
  const browser = new Browser(profile.folder);
  try {
    const page = await browser.page(`${stage.origin}/rotation`);
    await page(inPage.begin, PASSWORD);
    const [keyholder, ...others] = workers(browser.folder);
    assert.ok(keyholder && others.length === 0, 'the keyholder is the only worker');
    const bound = await plain(browser, secrets);
    for (let round = 0; round <= rounds; round += 1) {
      await page(inPage.step, 'New key only');
      const before = cpu(keyholder);
      const whole = await page(inPage.step, 'Seal again only');
      const ours = cpu(keyholder) - before;
      await page(inPage.step, 'Retire old keys only');
      const cost = { whole, ours, bound: await bound() };
      if (round > 0) costs.push(cost);
    }
  } finally {
    await browser.close();
  }
}

let first;
for (const [secrets, rounds] of SIZES) {
  const costs = [];
  await story((stage) => sealAgain(stage, secrets, rounds, costs));
  const figure = (of) => median(costs.map(of));
  const count = secrets.toLocaleString('en');
  const bounds = secrets === 10_000 ? { atMost: 3 } : {};
  const ours = figure(({ ours, bound }) => ours / bound);
  report(`seal ${count} secrets again: keyholder's CPU / AES`, ours, bounds);
  report("the same: the whole / the keyholder's CPU", figure(({ whole, ours }) => whole / ours), bounds);
  first ??= ours;
  if (secrets !== SIZES[0][0]) report(`CPU for each of ${count} secrets / of 1,000`, ours / first, { atMost: 1.5 });
}
