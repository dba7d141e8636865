// Real and nasty .env files through the console and back, and bad input of every other kind.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, story } from './stage.mjs';

const folder = join(import.meta.dirname, '../data/dotenv');
const names = (await readdir(folder)).filter((name) => name.endsWith('.env')).sort();

/** Reads `text` on the import page that is open. */
async function read({ page }, text) {
  await page.getByLabel('Text of the .env file').fill(text);
  await page.getByRole('button', { name: 'Read', exact: true }).click();
}

/** Opens the import of the scope on screen. */
async function openImport({ page }) {
  await page.getByRole('link', { name: 'Import .env' }).click();
  await page.getByLabel('Text of the .env file').waitFor();
}

/** Leaves the import for the scope it belongs to. */
function back({ page }, name) {
  return Promise.all([
    page.getByRole('heading', { name, level: 1 }).waitFor(),
    page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').last().click(),
  ]);
}

/** Takes what was read; mends those bad lines whose suggested key is expected. */
async function take(profile, expected) {
  const { page } = profile;
  const apply = page.getByRole('button', { name: /^Import \d+ secrets?$/ });
  await apply.or(page.getByText('Nothing in it')).first().waitFor();
  if (expected.size === 0) return 0;
  const theirs = page.getByRole('button', { name: 'Take all theirs' });
  if (await theirs.isVisible()) await theirs.click();
  for (const line of await page.getByLabel(/^Key for line \d+$/).all()) {
    if (!expected.has(await line.inputValue())) continue;
    await page.locator('.rename', { has: line }).getByRole('button', { name: 'Use this key' }).click();
  }
  assert.equal(await apply.innerText(), `Import ${expected.size} secret${expected.size === 1 ? '' : 's'}`);
  await apply.click();
  await page.getByRole('link', { name: 'Show the secrets' }).click();
  await page.getByRole('table', { name: 'Secrets' }).waitFor();
  return expected.size;
}

/** What the lines that were read are, those left out that another line with their key outdoes. */
async function states({ page }) {
  await page.getByRole('table', { name: 'Lines of the file' }).waitFor();
  return page.locator('table.import tbody tr:not(.loses) .cell-state').allInnerTexts();
}

/** All secrets on screen, as they read when revealed; in the editor where a value has lines. */
async function values(profile) {
  const { page } = profile;
  const keys = await page.locator('tr[data-id] .key').allInnerTexts();
  for (const key of keys) await profile.button(`Reveal ${key}`).click();
  await page.waitForFunction(
    (count) => document.querySelectorAll('tr[data-id] pre.value').length === count,
    keys.length,
  );
  const shown = await page.locator('tr[data-id] pre.value').evaluateAll((all) => all.map((one) => one.textContent));
  const found = new Map(keys.map((key, at) => [key, shown[at]]));
  for (const [key, value] of found) {
    if (!value.includes('\n')) continue;
    await profile.button(`Edit ${key}`).click();
    const field = page.getByLabel('Value', { exact: true });
    await field.and(page.locator(':not([readonly])')).waitFor();
    found.set(key, await field.inputValue());
    await profile.button('Cancel').click();
    await profile.button(`Edit ${key}`).waitFor();
  }
  return found;
}

const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

test('every .env file comes in and goes out again', { timeout: 600_000 }, () =>
  story(async (stage) => {
    assert.ok(names.length > 20, `${names}`);
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8');
      const expected = new Map(JSON.parse(await readFile(join(folder, `${name}.expected.json`), 'utf8')));
      await page.getByRole('link', { name: 'Projects', exact: true }).first().click();
      await page.getByRole('heading', { name: 'Projects' }).waitFor();
      await ada.create('project', name.slice(0, 60));
      await ada.create('environment', 'first');

      await openImport(ada);
      await read(ada, text);
      if ((await take(ada, expected)) === 0) continue;
      assert.deepEqual(sorted(await values(ada)), sorted(expected), name);

      // The same file again, this time as a file: it says nothing new.
      await openImport(ada);
      await page.getByLabel('Choose a file').setInputFiles(join(folder, name));
      assert.deepEqual(new Set(await states(ada)), new Set(['same']), name);
      await back(ada, 'first');

      // Out, into a fresh environment, and read there again: the same.
      // Some have ${…} and quotes that readers take differently: as they were written.
      await ada.button('Export').click();
      await page.getByLabel('.env, nothing expanded').check();
      await ada.button('Copy as .env, nothing expanded').click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByText('Copied the .env, nothing expanded text').first().waitFor();
      const exported = await page.evaluate(() => navigator.clipboard.readText());
      await ada.create('environment', 'second');
      await openImport(ada);
      await read(ada, exported);
      await take(ada, expected);
      assert.deepEqual(sorted(await values(ada)), sorted(expected), `${name}, exported`);
      await openImport(ada);
      await read(ada, exported);
      const again = await states(ada);
      assert.equal(again.length, expected.size, name);
      assert.deepEqual(new Set(again), new Set(['same']), name);
      assert.equal(await page.getByText('not understood').count(), 0, name);
    }
    ada.clean();
  }));

test('bad input is refused with what to do about it', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;

    // A reload of first run before it ends starts over; the link is still good.
    page.on('dialog', (dialog) => dialog.accept());
    await page.goto(stage.setupLink);
    await page.getByLabel('Team name').fill('lost');
    await page.getByLabel('Your name').fill('lost');
    await ada.button('Continue').click();
    await ada.button('Choose my own password').click();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel(/again/i).fill(`${PASSWORD} `);
    await ada.button('Create keys').click();
    await page.getByText('The two are not the same').waitFor();
    await page.getByLabel(/again/i).fill(PASSWORD);
    await ada.button('Create keys').click();
    const keys = page.getByRole('region', { name: 'Emergency kit' }).locator('dt:text-is("Secret Key") + dd');
    const lost = await keys.innerText();
    await page.reload();
    await page.getByRole('heading', { name: 'Open the setup link' }).waitFor();
    const kit = await ada.found();
    assert.notEqual(kit.secretKey, lost, 'other keys');

    // A key that cannot be one, and its mended form.
    await ada.create('project', 'bad-input');
    await ada.button('New secret').click();
    const key = page.getByLabel('Key', { exact: true });
    await key.fill('2fa secret');
    await page.getByText('letters A to Z').waitFor();
    await ada.button('Save').click();
    assert.equal(await page.getByRole('button', { name: /^Copy / }).count(), 0, 'nothing is saved');
    await ada.button('Use _2fa_secret').click();
    assert.equal(await key.inputValue(), '_2fa_secret');

    // A value over 1 MiB; one of just 1 MiB fits.
    const value = page.getByLabel('Value', { exact: true });
    // Set at once: to type so much would take the browser's editing minutes.
    const put = (many) =>
      value.evaluate((field, many) => {
        field.value = 'x'.repeat(many);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      }, many);
    await put(2 ** 20 + 1);
    await ada.button('Save').click();
    await page.getByText('The value of _2fa_secret is over 1 MiB').waitFor();
    await put(2 ** 20);
    await ada.button('Save').click();
    await ada.row('_2fa_secret').waitFor();

    // The setup link again, on another device.
    const other = await stage.profile();
    other.page.on('dialog', (dialog) => dialog.accept());
    other.offline = true;
    await other.page.goto(stage.setupLink);
    await other.page.getByRole('alert').getByText(/setup link/i).first().waitFor();
    assert.equal(await other.page.getByLabel('Team name').count(), 0, 'before anything is typed');
    other.offline = false;

    // A Secret Key with a typing error: it is named, before the server is asked.
    const asked = other.sent.length;
    const last = kit.secretKey.at(-1);
    await other.recover({ ...kit, secretKey: kit.secretKey.slice(0, -1) + (last === '7' ? '8' : '7') });
    await other.page.getByRole('alert').getByText(/Secret Key/).first().waitFor();
    assert.deepEqual(
      other.sent.slice(asked).filter((sent) => /\/v1\//.test(sent)),
      [],
    );
    await other.button('Type the Secret Key instead').click();
    await other.page.getByLabel('Secret Key', { exact: true }).fill(kit.secretKey.toLowerCase().replaceAll('-', ''));
    await other.page.getByLabel('Checkpoint', { exact: true }).fill(kit.checkpoint);
    await other.button('Open on this device').click();
    await other.page.getByRole('heading', { name: 'Projects' }).waitFor();

    ada.clean();
    other.clean();
  }));

test('a .env text may be pasted or dropped on any page', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    const dialog = page.getByRole('dialog');
    const paste = async (text) => {
      await page.evaluate((text) => navigator.clipboard.writeText(text), text);
      await page.keyboard.press('Control+v');
    };
    const written = (count) => page.getByRole('heading', { name: `${count} written` }).waitFor();
    await ada.found();

    // There is no scope to bring it to.
    await paste('A=1');
    await dialog.getByText('Secrets belong to a project').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    // A page of no scope asks for one.
    await ada.create('project', 'Storefront');
    for (const name of ['staging', 'production']) await ada.create('environment', name);
    await page.getByRole('link', { name: 'Projects', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Projects' }).waitFor();
    await paste('no sign of a setting');
    await paste('A=1\nB=2');
    await dialog.getByLabel('Into').selectOption('Storefront / staging');
    await ada.button('Read').click();
    await ada.button('Import 2 secrets').click();
    await written('2 secrets');
    // The import page takes another one, dropped this time.
    await ada.drop('C=3');
    await ada.button('Import 1 secret').click();
    await written('1 secret');
    await page.getByRole('link', { name: 'Show the secrets' }).click();
    assert.deepEqual([...(await values(ada))], [['A', '1'], ['B', '2'], ['C', '3']]);

    // A page of a scope brings it there; production is asked for once more.
    await ada.tab('production');
    await ada.drop('D=4');
    await ada.button('Import 1 secret').click();
    await ada.confirm();
    await written('1 secret');
    await page.getByRole('link', { name: 'Settings' }).first().click();
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
    await ada.drop('A=5');
    await dialog.getByLabel('Into').selectOption('Storefront / staging');
    await ada.button('Read').click();
    assert.deepEqual(await states(ada), ['differs']);
    assert.equal(new URL(page.url()).search, '', 'the address tells the server nothing');
    // Another text waits until this one is done with; a line may get a value of its own.
    await ada.drop('A=9');
    await page.getByText('Finish this import').waitFor();
    await page.getByRole('group', { name: 'Decision on A' }).getByText('Edit', { exact: true }).click();
    await page.getByLabel('Value to import').fill('6');
    await ada.button('Import 1 secret').click();
    await written('1 secret');
    await page.getByRole('link', { name: 'Show the secrets' }).click();
    assert.deepEqual([...(await values(ada))], [['A', '6'], ['B', '2'], ['C', '3']]);
    // Text that is dropped where text is typed is typed.
    await ada.button('Edit B').click();
    const field = page.getByLabel('Value', { exact: true });
    await field.waitFor();
    const taken = await field.evaluate((field) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/plain', 'X=1');
      return !field.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    assert.equal(taken, false, 'the page leaves it to the field');
    ada.clean();
  }));

test('two tabs of one browser are one', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const first = ada.page;
    await ada.found();
    await ada.create('project', 'tabs');
    await ada.add('SHARED', 'one');
    const scope = new URL(first.url()).pathname;

    const second = await ada.context.newPage();
    await second.goto(`${stage.origin}${scope}`);
    await second.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await second.getByRole('button', { name: 'Unlock', exact: true }).click();
    await second.getByRole('row').filter({ hasText: 'SHARED' }).waitFor();

    // An edit in one appears in the other.
    await ada.edit('SHARED', 'two');
    await second.getByRole('row').filter({ hasText: 'SHARED' }).getByText('v2').waitFor();
    await second.getByRole('button', { name: 'Reveal SHARED' }).click();
    await second.getByText('two', { exact: true }).waitFor();

    // Both at once on different secrets: neither is lost.
    await Promise.all([
      ada.add('OF_FIRST', '1'),
      (async () => {
        await second.getByRole('button', { name: 'New secret' }).click();
        await second.getByLabel('Key', { exact: true }).fill('OF_SECOND');
        await second.getByLabel('Value', { exact: true }).fill('2');
        await second.getByRole('button', { name: 'Save' }).click();
        await second.getByRole('button', { name: 'Reveal OF_SECOND' }).waitFor();
      })(),
    ]);
    await second.getByRole('button', { name: 'Reveal OF_FIRST' }).waitFor();
    await ada.row('OF_SECOND').waitFor();

    // Locking one locks the other, and nothing stays on screen.
    await second.getByRole('button', { name: 'Lock', exact: true }).click();
    await first.getByRole('heading', { name: 'Unlock' }).waitFor();
    await second.getByRole('heading', { name: 'Unlock' }).waitFor();
    assert.equal((await first.content()).includes('OF_SECOND'), false);
    ada.clean();
  }));
