// Opening a team of 10,000 secrets in a real browser, against opening one of 50: from the press on
// 'Unlock' to the first rows on screen, and to every value decrypted.
import assert from 'node:assert/strict';
import { PASSWORD, story } from '../browser/stage.mjs';
import { medians, report } from './ratios.mjs';

const MANY = 10_000;
const FEW = 50;

/** A team with so many secrets, its scope on screen. */
async function filled(stage, secrets) {
  const profile = await stage.profile();
  const { page } = profile;
  await profile.found();
  await profile.create('project', 'billing');
  await page.getByRole('link', { name: 'Import .env' }).click();
  const lines = Array.from({ length: secrets }, (_, number) => `KEY_${String(number).padStart(60, '0')}=value`);
  await page.getByLabel('Text of the .env file').evaluate((field, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, lines.join('\n'));
  await profile.button('Read').click();
  await profile.button(`Import ${secrets} secrets`).click({ timeout: 120_000 });
  await page.getByRole('link', { name: 'Show the secrets' }).click({ timeout: 120_000 });
  await page.locator('tr[data-id]').first().waitFor();
  return profile;
}

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
