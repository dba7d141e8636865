// A project's keys against its environments: what each cell says, what can be done in it, and that
// nothing goes without having been shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hands } from './hands.mjs';
import { PASSWORD, story } from './stage.mjs';

/** Three environments, one with an application; a shared secret, and one of a single environment. */
async function shop(ada) {
  await ada.found();
  await ada.create('project', 'Storefront');
  await ada.add('DB_URL', 'of all');
  for (const name of ['development', 'staging', 'production']) await ada.create('environment', name);
  await ada.create('application', 'api');
  await ada.tab('staging');
  await ada.add('ONLY_STAGING', 'of staging');
  await ada.tab('All environments');
  await ada.reads('DB_URL', 'Shared', 'own v1');
}

const grid = ({ page }) => page.getByRole('grid', { name: 'All environments' });
const value = ({ page }) => page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])'));

/** Presses a key on a cell. */
async function press(profile, key, place, pressed) {
  await profile.cell(key, place).focus();
  await profile.page.keyboard.press(pressed);
}

/** Types a value into the editor that is open, and saves. */
async function type(profile, text) {
  await value(profile).fill(text);
  await profile.page.keyboard.press('Control+Enter');
}

/** What a cell reads like once revealed. */
async function revealed(profile, key, place) {
  await press(profile, key, place, 'r');
  const cell = grid(profile).getByRole('gridcell').filter({ has: profile.cell(key, place) });
  await cell.getByText('Hides in').waitFor();
  const text = await cell.locator('pre').innerText();
  await press(profile, key, place, 'r');
  await cell.getByText('Hides in').waitFor({ state: 'detached' });
  return text;
}

test('the matrix', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await shop(ada);
    const dialog = page.getByRole('dialog');

    // What is set, inherited and missing.
    await ada.reads('DB_URL', 'development', 'inherited from Shared');
    await ada.reads('ONLY_STAGING', 'staging', 'own v1');
    await ada.reads('ONLY_STAGING', 'production', 'missing');
    assert.deepEqual(await grid(ada).getByRole('columnheader').allInnerTexts(), ['Key', 'Shared', 'development', 'staging', 'production']);

    // Edited in place; what is typed and left stays as a draft.
    await ada.cell('DB_URL', 'Shared').click();
    await value(ada).fill('half typed');
    await page.keyboard.press('Escape');
    await ada.cell('DB_URL', 'Shared').getByText('draft').waitFor();
    await ada.cell('DB_URL', 'Shared').click();
    await page.getByText('Your draft is back').waitFor();
    assert.equal(await value(ada).inputValue(), 'half typed');
    await type(ada, 'of all, edited');
    await ada.confirm();
    await ada.reads('DB_URL', 'Shared', 'own v2');

    // Overridden in one environment, and there alone.
    await press(ada, 'DB_URL', 'production', 'o');
    await page.getByRole('heading', { name: 'Override DB_URL in production' }).waitFor();
    await type(ada, 'of production');
    await ada.confirm();
    await ada.reads('DB_URL', 'production', 'override v1');
    assert.equal(await revealed(ada, 'DB_URL', 'production'), 'of production');
    assert.equal(await revealed(ada, 'DB_URL', 'staging'), 'of all, edited');

    // Created where it is missing.
    await ada.cell('ONLY_STAGING', 'development').click();
    await type(ada, 'of development');
    await ada.reads('ONLY_STAGING', 'development', 'own v1');

    // Another key for it, which follows it; it has no value to edit.
    await press(ada, 'DB_URL', 'production', 'a');
    await page.getByLabel('New key').fill('DB_URL_RO');
    await ada.button('Save').click();
    await ada.confirm();
    await ada.reads('DB_URL_RO', 'production', 'alias v1');
    await ada.reads('DB_URL_RO', 'staging', 'missing');
    assert.equal(await revealed(ada, 'DB_URL_RO', 'production'), 'of production');
    await ada.cell('DB_URL_RO', 'production').click();
    await page.getByText('An alias has no value of its own').waitFor();
    await ada.button('Trace').click();
    await dialog.getByText('Goes on with').waitFor();
    assert.equal(await dialog.getByRole('list').count(), 2, 'its own trace, and that of what it stands for');
    await page.keyboard.press('Escape');
    await page.getByRole('form', { name: 'DB_URL_RO in production' }).getByRole('button', { name: 'Close' }).click();

    // Applications, as rows under a key.
    await press(ada, 'DB_URL', 'production', 'x');
    await ada.reads('DB_URL', 'production / api', 'inherited from production');
    const below = grid(ada).getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'DB_URL in api' }) });
    assert.equal(await below.getByText('no application').count(), 3);
    await press(ada, 'DB_URL', 'production / api', 'o');
    await type(ada, 'of api');
    await ada.confirm();
    await ada.reads('DB_URL', 'production / api', 'override v1');
    assert.equal(await revealed(ada, 'DB_URL', 'production / api'), 'of api');

    // The way there: what is shadowed is struck through.
    await press(ada, 'DB_URL', 'production / api', 't');
    await dialog.getByText('counts').waitFor();
    const steps = (await dialog.getByRole('listitem').allInnerTexts()).map((step) => step.split('\n')[0]);
    assert.match(steps[0], /^BUILT_IN not set/);
    assert.match(steps[1], /^Storefront has a value shadowed/);
    assert.match(steps[2], /^production overrides DB_URL of Storefront shadowed/);
    assert.match(steps[3], /^api overrides DB_URL of .* counts/);
    assert.deepEqual(await dialog.locator('s.strong').allInnerTexts(), ['Storefront', 'production']);
    await dialog.getByText(/version 1, canary-ada/).first().waitFor();
    await dialog.getByText('Used by 1 application.').waitFor();
    await page.keyboard.press('Escape');

    // Deleted with all that hangs on it, which is shown before; and all of it comes back.
    await press(ada, 'DB_URL', 'Shared', 'Delete');
    await dialog.getByRole('heading', { name: 'Delete DB_URL?' }).waitFor();
    const with_it = await dialog.getByRole('list', { name: 'Goes with it' }).getByRole('listitem').allInnerTexts();
    assert.equal(with_it.length, 3, `${with_it}`);
    await dialog.getByText('This changes production.').waitFor();
    assert.ok(with_it.some((one) => /DB_URL_RO\s+alias in Storefront \/ production/.test(one)), `${with_it}`);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await ada.reads('DB_URL', 'Shared', 'own v2');
    await press(ada, 'DB_URL', 'Shared', 'Delete');
    await dialog.getByRole('button', { name: 'Delete 4 secrets' }).click();
    await ada.cell('DB_URL', 'Shared').waitFor({ state: 'detached' });
    await ada.cell('DB_URL_RO', 'production').waitFor({ state: 'detached' });
    await ada.button('Undo').click();
    await ada.reads('DB_URL', 'Shared', 'own v4');
    await ada.reads('DB_URL_RO', 'production', 'alias v3');
    assert.equal(await revealed(ada, 'DB_URL_RO', 'production'), 'of production');

    // What nothing hangs on goes at once.
    await press(ada, 'ONLY_STAGING', 'development', 'Delete');
    await ada.reads('ONLY_STAGING', 'development', 'missing');

    // Filters are in the address, and are still there after a reload.
    const keys = () => grid(ada).getByRole('rowheader').allInnerTexts();
    await page.getByText('Aliases', { exact: true }).click();
    await page.waitForURL(/only=alias/);
    await ada.cell('ONLY_STAGING', 'staging').waitFor({ state: 'detached' });
    assert.deepEqual(await keys(), ['DB_URL_RO']);
    await page.getByText('Missing', { exact: true }).click();
    await ada.cell('DB_URL', 'Shared').waitFor({ state: 'detached' });
    assert.deepEqual(await keys(), ['DB_URL_RO', 'ONLY_STAGING']);
    await page.getByLabel('Filter keys').fill('staging');
    await page.getByText('1 key', { exact: true }).waitFor();
    await page.waitForURL(/q=staging&only=missing/);
    await page.reload();
    await ada.unlock();
    await ada.reads('ONLY_STAGING', 'production', 'missing');
    assert.deepEqual(await keys(), ['ONLY_STAGING']);
    await page.getByLabel('Filter keys').fill('');
    await page.getByText('All', { exact: true }).click();
    await page.getByLabel('Environment', { exact: true }).selectOption('production');
    await page.getByRole('columnheader', { name: 'staging' }).waitFor({ state: 'detached' });
    await page.waitForURL(/#env=/);
    assert.deepEqual(await grid(ada).getByRole('columnheader').allInnerTexts(), ['Key', 'Shared', 'production']);

    // The applications of one name under every key; and what a draft is kept of.
    await page.getByLabel('Environment', { exact: true }).selectOption('All environments');
    await page.getByLabel('Application', { exact: true }).selectOption('api');
    await page.waitForURL(/#app=api/);
    await ada.reads('ONLY_STAGING', 'production / api', 'missing');
    await ada.reads('DB_URL', 'production / api', 'override v3');
    await page.getByLabel('Application', { exact: true }).selectOption('No application');
    await ada.cell('ONLY_STAGING', 'production / api').waitFor({ state: 'detached' });
    await ada.tab('staging');
    await ada.button('Edit ONLY_STAGING').click();
    await page.getByLabel('Note', { exact: true }).fill('a note, half ty');
    await page.keyboard.press('Escape');
    await ada.tab('All environments');
    await page.getByText('Drafts', { exact: true }).and(page.locator('label')).click();
    await page.waitForURL(/#only=changed/);
    await ada.cell('DB_URL', 'Shared').waitFor({ state: 'detached' });
    assert.deepEqual(await keys(), ['ONLY_STAGING']);
    await ada.reads('ONLY_STAGING', 'staging', 'own v1 draft');
    // One secret has one draft, whichever page shows it.
    await ada.cell('ONLY_STAGING', 'staging').click();
    await page.getByText('Your draft is back').waitFor();
    assert.equal(await value(ada).inputValue(), 'of staging');
    await page.getByRole('form').getByRole('button', { name: 'Discard draft' }).click();
    await page.getByText('All', { exact: true }).click();
    await ada.reads('DB_URL', 'Shared', 'own v4');

    // The mouse rests on a cell: the way there, until it is elsewhere.
    const way = page.locator('.hover-trace');
    await ada.cell('DB_URL', 'production').hover();
    await way.getByText('counts').waitFor();
    assert.match(await way.innerText(), /^DB_URL\n.*Storefront has a value shadowed/s);
    await way.hover();
    await grid(ada).getByRole('columnheader', { name: 'Shared' }).hover();
    await way.waitFor({ state: 'detached' });
    await ada.cell('DB_URL', 'staging').hover();
    await way.getByText('counts').waitFor();
    await page.keyboard.press('Escape');
    await way.waitFor({ state: 'detached' });

    // Somebody else changes the same cell: neither is lost.
    const matrix = new URL(page.url()).pathname;
    const other = await ada.context.newPage();
    await other.goto(`${stage.origin}${matrix}`);
    await other.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await other.getByRole('button', { name: 'Unlock', exact: true }).click();
    await ada.cell('ONLY_STAGING', 'staging').click();
    await value(ada).fill('mine');
    const theirs = other.getByRole('button', { name: /^ONLY_STAGING in staging: / });
    await theirs.click();
    await other.getByLabel('Value', { exact: true }).and(other.locator(':not([readonly])')).fill('theirs');
    await other.getByRole('button', { name: 'Save', exact: true }).click();
    await other.getByRole('button', { name: 'ONLY_STAGING in staging: own v2' }).waitFor();
    ada.offline = true; // The refusal is in the browser's log.
    await ada.button('Save').click();
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await ada.reads('ONLY_STAGING', 'staging', 'own v3');
    assert.equal(await revealed(ada, 'ONLY_STAGING', 'staging'), 'mine');
    ada.offline = false;
    ada.clean();
  }));

test('the matrix by keyboard', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await shop(ada);
    const hands = new Hands(ada);

    // One stop for the whole grid; arrows from cell to cell.
    await hands.press('/');
    await hands.on('Filter keys');
    await hands.to('DB_URL in Shared: own v1');
    await hands.press('ArrowRight');
    await hands.on('DB_URL in development: inherited from Shared');
    await hands.press('End');
    await hands.on('DB_URL in production: inherited from Shared');
    await hands.press('j');
    await hands.on('ONLY_STAGING in production: missing');
    await hands.press('k');
    await hands.press('Tab');
    assert.equal(await grid(ada).evaluate((grid) => grid.contains(document.activeElement)), false, 'Tab leaves the grid');
    await hands.press('Shift+Tab');
    await hands.on('DB_URL in production: inherited from Shared');

    // Override, edit, leave a draft; the focus returns to its cell.
    await hands.press('Enter');
    await hands.on('Value');
    await hands.type('of production');
    await hands.press('Control+Enter');
    await hands.to('Change production');
    await hands.press('Enter');
    await hands.on('DB_URL in production: override v1');
    await hands.press('Enter');
    await hands.on('Value');
    await value(ada).waitFor();
    await hands.press('Control+a');
    await hands.type('a draft');
    await hands.press('Escape');
    await hands.on('DB_URL in production: override v1 draft');
    await hands.to('Discard draft');
    await hands.press('Enter');
    await hands.to('DB_URL in production: override v1', 'Shift+Tab');

    // Reveal and copy.
    await hands.press('r');
    await grid(ada).getByText('of production').waitFor();
    await hands.press('r');
    await grid(ada).getByText('of production').waitFor({ state: 'detached' });
    await hands.press('c');
    await page.getByText('Copied DB_URL').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'of production');

    // Trace and history give the focus back.
    for (const [key, name] of [['t', 'DB_URL in production'], ['h', 'History of DB_URL']]) {
      await hands.press(key);
      await page.getByRole('dialog', { name }).waitFor();
      await hands.press('Escape');
      await hands.on('DB_URL in production: override v1');
    }

    // Application rows.
    await hands.press('Space');
    await ada.reads('DB_URL', 'production / api', 'inherited from production');
    await hands.on('DB_URL in production: override v1');
    await hands.press('ArrowDown');
    await hands.on('DB_URL in production / api: inherited from production');
    await hands.press('ArrowLeft');
    await hands.on('DB_URL in production / api: inherited from production');
    await hands.press('x');
    await hands.on('ONLY_STAGING in production: missing');
    await hands.press('k');
    await hands.press('Home');
    await hands.on('DB_URL, applications');
    await hands.press('ArrowRight');

    // A new secret, for the column that has the focus; another key; both deleted, one undone.
    await hands.press('n');
    await hands.on('Key');
    await hands.type('NEW_ONE');
    await hands.to('Value');
    await hands.type('1');
    await hands.press('Control+Enter');
    await hands.to('Change production');
    await hands.press('Enter');
    await ada.reads('NEW_ONE', 'Shared', 'own v1');
    await hands.on('DB_URL in Shared: own v1');
    await hands.press('j');
    await hands.on('NEW_ONE in Shared: own v1');
    await hands.press('a');
    await hands.on('New key');
    await hands.type('ANOTHER');
    await hands.press('Enter');
    await ada.reads('ANOTHER', 'Shared', 'alias v1');
    await hands.on('NEW_ONE in Shared: own v1');
    await hands.press('Delete');
    await page.getByRole('dialog', { name: 'Delete NEW_ONE?' }).waitFor();
    await hands.to('Delete 2 secrets');
    await hands.press('Enter');
    await ada.cell('NEW_ONE', 'Shared').waitFor({ state: 'detached' });
    await hands.on('ONLY_STAGING in Shared: missing');
    await hands.to('Undo');
    await hands.press('Enter');
    await ada.reads('ANOTHER', 'Shared', 'alias v3');
    ada.clean();
  }));

test('a long matrix', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    await page.getByRole('link', { name: 'Import .env' }).click();
    const lines = Array.from({ length: 400 }, (_, at) => `KEY_${String(at).padStart(3, '0')}=${at}`);
    await page.getByLabel('Text of the .env file').fill(lines.join('\n'));
    await ada.button('Read').click();
    await ada.button('Import 400 secrets').click();
    await page.getByRole('link', { name: 'Show the secrets' }).click();
    for (const name of ['development', 'staging', 'production']) await ada.create('environment', name);
    await ada.tab('All environments');
    await page.getByText('400 keys', { exact: true }).waitFor();
    const drawn = () => grid(ada).getByRole('row').count();
    const first = await drawn();
    assert.ok(first <= 130, `${first} rows`);
    await page.locator('.matrix-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await ada.reads('KEY_399', 'production', 'inherited from Shared');
    await page.locator('.matrix-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    assert.ok(await ada.cell('KEY_399', 'production').isVisible());
    assert.ok((await drawn()) <= 130, `${await drawn()} rows`);
    await ada.cell('KEY_390', 'Shared').focus();
    // Faster than rows can come.
    await page.evaluate(() => {
      const press = () => new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, cancelable: true });
      for (let step = 0; step < 60; step += 1) document.activeElement.dispatchEvent(press());
    });
    await page.waitForFunction(() => document.activeElement.ariaLabel?.startsWith('KEY_330 in Shared'));
    await page.getByLabel('Filter keys').fill('key_25');
    await page.getByText('10 keys', { exact: true }).waitFor();
    assert.equal(await drawn(), 11);

    // The same on a phone: cards, and the page itself scrolls.
    await page.getByLabel('Filter keys').fill('');
    await page.setViewportSize({ width: 360, height: 780 });
    await page.getByText('400 keys', { exact: true }).waitFor();
    await page.waitForFunction(() => {
      scrollTo(0, document.documentElement.scrollHeight / 2);
      return document.querySelector('tr[data-key="KEY_200"]');
    });
    assert.ok((await drawn()) <= 130, `${await drawn()} rows`);
    ada.clean();
  }));
