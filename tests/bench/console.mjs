// Opening a team of 10,000 secrets in a real browser, against opening one of 50: from the press on
// 'Unlock' to the first rows on screen, and to every value decrypted.
import assert from 'node:assert/strict';
import { PASSWORD, story } from '../browser/stage.mjs';
import { filled } from './filled.mjs';
import { medians, report } from './ratios.mjs';

const MANY = 10_000;
const FEW = 50;

/** A project with so many keys that five environments share, its matrix on screen. */
async function matrix(stage, keys) {
  const profile = await filled(stage, keys);
  const { page } = profile;
  await page.getByRole('link', { name: 'billing' }).first().click();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await profile.create('environment', name);
  await page.getByRole('link', { name: 'All environments' }).click();
  await page.locator('tr[data-key]').first().waitFor();
  return profile;
}

/**
 * Milliseconds from a letter in the filter until the frame that shows what is left, and the longest
 * task of the page's thread meanwhile, by Chromium's own trace.
 */
async function filtering(profile, tracing, text) {
  const events = [];
  const hear = ({ value }) => events.push(...value);
  tracing.on('Tracing.dataCollected', hear);
  await tracing.send('Tracing.start', { categories: 'devtools.timeline,blink.user_timing,toplevel', transferMode: 'ReportEvents' });
  const time = await profile.page.evaluate(
    (text) =>
      new Promise((resolve) => {
        const field = document.querySelector('#filter');
        const status = document.querySelector('main .status');
        const observer = new MutationObserver(() => {
          observer.disconnect();
          requestAnimationFrame(() => {
            performance.mark('filtered');
            resolve(performance.now() - start);
          });
        });
        observer.observe(status, { childList: true, subtree: true, characterData: true });
        performance.mark('typed');
        const start = performance.now();
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    text,
  );
  const ended = new Promise((resolve) => tracing.once('Tracing.tracingComplete', resolve));
  await tracing.send('Tracing.end');
  await ended;
  tracing.off('Tracing.dataCollected', hear);
  const mark = (name) => events.find((event) => event.name === name && event.cat.includes('user_timing'));
  const [from, to] = [mark('typed'), mark('filtered')];
  const tasks = events.filter(
    ({ name, ts, tid, pid, dur }) => dur && /RunTask$/.test(name) && tid === from.tid && pid === from.pid && ts >= from.ts && ts <= to.ts,
  );
  return [time, Math.max(...tasks.map(({ dur }) => dur / 1000))];
}

/** What the page keeps in memory after a collection, in MB: JavaScript's heap and WebAssembly's. */
async function memory(profile) {
  const devtools = await profile.context.newCDPSession(profile.page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return (usedSize + backingStorageSize) / 1e6;
}

const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

await story(async (stage) => {
  const profile = await matrix(stage, 2_000);
  const tracing = await profile.context.newCDPSession(profile.page);
  const [toOne, toAll] = [[], []];
  for (const round of Array(11).keys()) {
    toOne.push(await filtering(profile, tracing, `_${String(round).padStart(59, '0')}`));
    toAll.push(await filtering(profile, tracing, ''));
  }
  for (const [what, times] of [['to one', toOne], ['to all', toAll]]) {
    report(`filter 2,000 keys × 5 environments ${what}: ms to frame`, middle(times.map(([frame]) => frame)), { atMost: 50 });
    report('the same: longest task of the page meanwhile, ms', middle(times.map(([, task]) => task)), { atMost: 50 });
  }
  const open = await memory(profile);
  assert.ok((await profile.page.locator('tr[data-key]').count()) <= 300, 'only what is in view is in the page');
  await profile.go('/settings');
  await profile.unlock();
  await profile.page.getByRole('heading', { name: 'Settings' }).waitFor();
  report('memory of the page with that matrix, MB', open);
  report('the same / with the settings open instead', open / (await memory(profile)));
  profile.clean();
});

/** Milliseconds from the press of a button until an element is on screen, by the page's clock. */
function until(page, press, seen) {
  return page.evaluate(
    ([press, seen]) =>
      new Promise((resolve) => {
        const start = performance.now();
        const look = () => {
          if (!document.querySelector(seen)) return;
          observer.disconnect();
          // The frame in which it is drawn.
          requestAnimationFrame(() => resolve(performance.now() - start));
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { childList: true, subtree: true, attributes: true });
        document.querySelector(press).click();
      }),
    [press, seen],
  );
}

async function opening(profile) {
  const { page } = profile;
  const scope = new URL(page.url()).pathname;
  await profile.button('Lock').click();
  const password = page.getByLabel('Password', { exact: true });
  await password.waitFor();
  await profile.go(scope);
  await password.fill(PASSWORD);
  return until(page, 'form button[type="submit"]', 'tr[data-id]');
}

/** From the press until the dialog has closed, which it does once it has the text. */
async function exporting(profile) {
  await profile.button('Export').click();
  await profile.button('Copy as .env').waitFor();
  return until(profile.page, 'dialog[open] .actions button', 'body:not(:has(dialog[open]))');
}

await story(async (many) => {
  await story(async (few) => {
    const [large, small] = [await filled(many, MANY), await filled(few, FEW)];
    const [rows, fewRows] = await medians(() => opening(large), () => opening(small));
    report('10,000 secrets: unlock to the first rows / of 50 secrets', rows / fewRows);
    const shown = await large.page.locator('tr[data-id]').count();
    assert.ok(shown >= 10 && shown <= 300, `${shown} rows are in the page`);
    const [whole] = await medians(() => exporting(large), () => exporting(small));
    report('10,000 secrets: every value decrypted / that unlock of 50', whole / fewRows);
    large.clean();
    small.clean();
  });
});
