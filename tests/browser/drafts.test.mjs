// What was typed and not saved: it outlives going elsewhere, a lock and a reload, nobody reads it on
// the disk, and it is saved together with the rest, as one change that can be taken back.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Hands } from './hands.mjs';
import { PASSWORD, story } from './stage.mjs';

const TYPED = ['canary-first-3c1f\ncanary-second-3c1f', 'canary-production-8e02', 'canary-new-5d7a'];

const value = ({ page }) => page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])'));

/** All that the browser has stored of a profile, as bytes. */
async function disk(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0)))));
}

test('drafts', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    const kit = await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('DB_URL', 'first\nof all');
    for (const name of ['staging', 'production']) await ada.create('environment', name);
    await ada.tab('All environments');
    const tray = page.getByRole('region', { name: 'Drafts' });

    // Typed and left: an edit, an override in production, a new secret.
    await ada.cell('DB_URL', 'Shared').click();
    await value(ada).fill(TYPED[0]);
    await page.keyboard.press('Escape');
    await ada.cell('DB_URL', 'production').click();
    await value(ada).fill(TYPED[1]);
    await page.keyboard.press('Escape');
    await ada.button('New secret').click();
    await page.getByLabel('Key', { exact: true }).fill('API_KEY');
    await value(ada).fill(TYPED[2]);
    await page.keyboard.press('Escape');
    await tray.getByText('3 drafts').waitFor();

    // Elsewhere; after a lock; after the browser was restarted.
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('Lock when idle for').waitFor();
    await tray.getByText('3 drafts').waitFor();
    await page.keyboard.press('Control+Shift+L');
    await page.getByText('3 drafts are kept on this device, encrypted.').waitFor();
    assert.ok(!(await page.content()).includes('canary-'), 'nothing of them is in the page');
    await ada.unlock();
    await tray.getByText('3 drafts').waitFor();
    const at = new URL(page.url()).pathname;
    await ada.stop();
    const stored = await disk(ada.folder);
    assert.ok(stored.length > 100_000, 'the disk was read');
    for (const text of TYPED.flatMap((text) => text.split('\n'))) {
      for (const encoding of ['utf8', 'utf16le']) assert.ok(!stored.includes(Buffer.from(text, encoding)), text);
    }
    await ada.start();
    const again = ada.page;
    await ada.go(at);
    await ada.unlock();
    await again.getByRole('region', { name: 'Drafts' }).getByText('3 drafts').waitFor();

    // All that they would do, by key alone; values of one at a time.
    const review = again.getByRole('dialog', { name: 'Review your drafts' });
    const asked = again.getByRole('dialog', { name: 'Change production?' });
    await again.keyboard.press('Control+Enter');
    await review.getByRole('heading', { name: 'Review your drafts' }).waitFor();
    const lines = await review.getByRole('listitem').allInnerTexts();
    assert.match(lines[0], /API_KEY Storefront\nA new secret/);
    assert.match(lines[1], /DB_URL Storefront\nAnother value/);
    assert.match(lines[2], /DB_URL Storefront \/ production\nAnother value here than above/);
    assert.ok(!(await review.innerText()).includes('canary-'), 'no value is shown before it is asked for');
    await review.getByRole('button', { name: 'Show values of DB_URL, Storefront', exact: true }).click();
    await review.locator('ins').first().waitFor();
    assert.deepEqual(await review.locator('del').allInnerTexts(), ['first\n', 'of all\n']);
    assert.deepEqual(await review.locator('ins').allInnerTexts(), TYPED[0].split('\n').map((line) => `${line}\n`));
    await review.getByRole('button', { name: /^Show values of DB_URL, .* production/ }).click();
    await review.locator('ins', { hasText: TYPED[1] }).waitFor();
    assert.equal(await review.locator('ins').count(), 1, 'the first one is hidden again');

    // One is left out; production is asked for once more; one change, with its note.
    await review.getByRole('checkbox', { name: /^Save API_KEY/ }).uncheck();
    await review.getByLabel('Note').fill('moved to the new cluster');
    await review.getByRole('button', { name: 'Save 2 changes' }).click();
    await asked.getByText('This changes production').waitFor();
    await asked.getByRole('button', { name: 'Back' }).click();
    assert.equal(await review.getByLabel('Note').inputValue(), 'moved to the new cluster');
    assert.equal(await review.getByRole('checkbox', { name: /^Save API_KEY/ }).isChecked(), false);
    await review.getByRole('button', { name: 'Save 2 changes' }).click();
    await asked.getByRole('button', { name: 'Change production' }).click();
    await again.getByText('Saved 2 changes.').waitFor();
    await again.getByRole('region', { name: 'Drafts' }).getByText('1 draft', { exact: true }).waitFor();
    await again.getByRole('link', { name: 'Storefront' }).click();
    await ada.reads('DB_URL', 'Shared', 'own v2');
    await ada.reads('DB_URL', 'production', 'override v1');

    // Taken back, both of them.
    await ada.button('Undo').click();
    await again.getByText('Taken back.').waitFor();
    await ada.reads('DB_URL', 'Shared', 'own v3');
    await ada.reads('DB_URL', 'production', 'inherited from Shared');

    // A draft that somebody else was faster than stays, and says so.
    await ada.cell('DB_URL', 'Shared').click();
    await value(ada).fill('mine');
    await again.keyboard.press('Escape');
    const other = await stage.profile();
    await other.recover(kit);
    await other.page.getByRole('heading', { name: 'Projects' }).waitFor();
    await other.go(new URL(again.url()).pathname);
    await other.unlock();
    await other.cell('DB_URL', 'Shared').click();
    await value(other).fill('theirs');
    await other.button('Save').click();
    await other.confirm();
    await other.reads('DB_URL', 'Shared', 'own v4');
    await ada.reads('DB_URL', 'Shared', 'own v4 draft');
    ada.offline = true; // The refusal is in the browser's log.
    await again.getByRole('button', { name: 'Review' }).click();
    await review.getByRole('checkbox', { name: /^Save API_KEY/ }).uncheck();
    await review.getByRole('button', { name: 'Save 1 change', exact: true }).click();
    await ada.confirm();
    await review.getByText('was changed by somebody else meanwhile').waitFor();
    ada.offline = false;

    // Another tab of the same device has the same drafts, and what it does with them is done here.
    await review.getByRole('button', { name: 'Not now' }).click();
    const tab = await ada.context.newPage();
    await tab.goto(again.url());
    await tab.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await tab.getByRole('button', { name: 'Unlock', exact: true }).click();
    await tab.getByRole('region', { name: 'Drafts' }).getByText('2 drafts').waitFor();
    await tab.getByRole('button', { name: 'Review' }).click();
    await tab.getByRole('button', { name: 'Discard API_KEY, Storefront' }).click();
    await again.getByRole('region', { name: 'Drafts' }).getByText('1 draft', { exact: true }).waitFor();
    await tab.keyboard.press('Escape');
    await ada.cell('DB_URL', 'staging').click();
    await value(ada).fill('typed in one tab');
    await tab.getByRole('button', { name: /^DB_URL in staging: .* draft$/ }).waitFor();
    // What is being edited here stays as it is, whatever happens to it there.
    await tab.getByRole('button', { name: 'Review' }).click();
    await tab.getByRole('button', { name: 'Discard DB_URL, Storefront / staging' }).click();
    for (const count of ['1 draft', '2 drafts']) {
      await tab.getByRole('region', { name: 'Drafts' }).getByText(count, { exact: true }).waitFor();
    }
    await tab.close();
    assert.equal(await value(ada).inputValue(), 'typed in one tab');
    await again.keyboard.press('Escape');
    await again.getByRole('region', { name: 'Drafts' }).getByText('2 drafts').waitFor();

    // It is the secret's draft, on its scope's page too; and it meets what is set there meanwhile.
    await ada.tab('staging');
    await ada.button('Override DB_URL').click();
    assert.equal(await again.getByLabel('Key', { exact: true }).inputValue(), 'DB_URL');
    assert.equal(await value(ada).inputValue(), 'typed in one tab');
    await again.keyboard.press('Escape');
    await other.cell('DB_URL', 'staging').click();
    await value(other).fill('set by the other device');
    await other.button('Save').click();
    await other.reads('DB_URL', 'staging', 'override v1');
    await ada.tab('All environments');
    await ada.reads('DB_URL', 'staging', 'override v1 draft');
    await ada.cell('DB_URL', 'staging').click();
    await again.getByText('Your draft is back').waitFor();
    ada.offline = true; // The refusal is in the browser's log.
    await ada.button('Save').click();
    await again.getByRole('dialog').getByRole('button', { name: 'Edit', exact: true }).click();
    assert.equal(await value(ada).inputValue(), 'typed in one tab');
    await again.keyboard.press('Escape');
    ada.offline = false;
    await again.getByRole('button', { name: 'Review' }).click();

    // Thrown away, one by one: the review closes with the last, and nothing comes back.
    await review.getByRole('button', { name: 'Discard DB_URL, Storefront', exact: true }).click();
    await review.getByRole('button', { name: 'Discard DB_URL, Storefront / staging' }).click();
    await review.waitFor({ state: 'detached' });
    await again.getByRole('region', { name: 'Drafts' }).waitFor({ state: 'detached' });
    await ada.button('Lock').click();
    await ada.unlock();
    await ada.reads('DB_URL', 'Shared', 'own v4');
    assert.equal(await again.getByRole('region', { name: 'Drafts' }).count(), 0);
    assert.equal(await review.count(), 0);
    ada.clean();
  }));

test('a late answer leaves alone what is edited since', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    for (const key of ['FIRST', 'SECOND']) await ada.add(key, 'before');
    await ada.tab('All environments');
    const tray = page.getByRole('region', { name: 'Drafts' });

    ada.offline = true;
    await ada.cell('FIRST', 'Shared').click();
    await value(ada).fill('sent');
    await stage.stop('SIGKILL');
    await ada.button('Save').click();
    await page.keyboard.press('Escape');
    await ada.cell('SECOND', 'Shared').click();
    await value(ada).fill('half typed');
    await tray.getByText('2 drafts').waitFor();
    await stage.start();
    await page.getByText('Saved FIRST.').waitFor({ timeout: 60_000 });
    assert.equal(await value(ada).inputValue(), 'half typed');
    await tray.getByText('1 draft', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await ada.reads('FIRST', 'Shared', 'own v2');
    await ada.reads('SECOND', 'Shared', 'own v1 draft');
    ada.offline = false;
    ada.clean();
  }));

test('environments are compared and promoted without a value on screen', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('DB_URL', 'canary-of-all-1f0b');
    for (const name of ['development', 'staging']) await ada.create('environment', name);
    await ada.tab('staging');
    await ada.add('ONLY_STAGING', 'canary-of-staging-77e1');
    await ada.add('SAME', 'canary-of-all-1f0b');
    // Another value than above, from the scope's table.
    await ada.button('Override DB_URL').click();
    await value(ada).fill('canary-over-2b44');
    await ada.button('Save').click();
    await ada.row('DB_URL').getByText('overrides Storefront').waitFor();
    await ada.tab('All environments');
    await ada.reads('DB_URL', 'staging', 'override v1');

    // From the cell to the comparison, its key chosen.
    await ada.cell('ONLY_STAGING', 'staging').focus();
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
    assert.equal(await page.getByLabel('Left', { exact: true }).evaluate((it) => it.selectedOptions[0].text), 'staging');
    assert.equal(await page.getByLabel('Right', { exact: true }).evaluate((it) => it.selectedOptions[0].text), 'development');
    const table = page.getByRole('table', { name: 'Compared keys' });
    await table.waitFor();
    await page.getByText('1 key differs, 2 missing on one side, 0 equal').waitFor();
    await ada.button('Copy 1 to the right').waitFor();
    assert.match(new URL(page.url()).hash, /key=ONLY_STAGING/);
    assert.equal(new URL(page.url()).search, '', 'a reload does not tell the server a key');
    const verdicts = (await table.getByRole('row').allInnerTexts()).slice(1).map((row) => row.replace(/\s+/g, ' '));
    assert.deepEqual(verdicts, [
      'DB_URL override inherited differs',
      'ONLY_STAGING own missing missing on the right',
      'SAME own missing missing on the right',
    ]);
    await ada.button('Copy 1 to the right').click();
    const dialog = page.getByRole('dialog');
    assert.deepEqual(await dialog.getByRole('listitem').allInnerTexts(), ['ONLY_STAGING']);
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('Copied 1 secret.').waitFor();
    await page.getByText('1 key differs, 1 missing on one side, 1 equal').waitFor();
    assert.ok(!(await page.content()).includes('canary-of'), 'no value is in the page');

    // An inherited key becomes an override where it is copied to.
    await table.getByRole('checkbox', { name: 'Copy DB_URL to the right' }).check();
    await ada.button('Copy 1 to the right').click();
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('0 keys differ, 1 missing on one side, 2 equal').waitFor();
    await page.getByRole('link', { name: 'Storefront' }).first().click();
    await ada.reads('DB_URL', 'development', 'override v1');
    await ada.reads('ONLY_STAGING', 'development', 'own v1');
    await ada.cell('ONLY_STAGING', 'development').focus();
    await page.keyboard.press('r');
    await page.getByText('canary-of-staging-77e1').waitFor();
    await page.keyboard.press('r');

    // By a key to the comparison, and equal values of all projects.
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await ada.button('Find equal values').click();
    await page.getByText('3 values are set more than once').waitFor();
    const groups = page.getByRole('list', { name: 'Equal values: 2 secrets' });
    assert.equal(await groups.count(), 3);
    const keys = await groups.first().locator('.mono').allInnerTexts();
    assert.equal(keys.length, 2);
    assert.ok(!(await page.content()).includes('canary-of'), 'no value is in the page');
    ada.clean();
  }));

test('a file comes in by the editor and out again', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    const bytes = Buffer.from([0, 255, 10, 123, 123, 65, 125, 125]);
    const choose = (name, buffer) =>
      page.getByLabel('Choose a file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    const kept = async () => {
      const [download] = await Promise.all([page.waitForEvent('download'), ada.button('Download').click()]);
      return [download.suggestedFilename(), await readFile(await download.path())];
    };

    // Chosen, with a path that is offered; one that is too large is refused, and nothing is lost.
    await ada.button('New secret').click();
    await page.getByLabel('Key', { exact: true }).fill('TLS_KEY');
    await page.getByLabel('It is a file').check();
    await choose('tls.key', bytes);
    await page.getByText('A file of 8 bytes').waitFor();
    await choose('huge.bin', Buffer.alloc((1 << 20) + 1));
    await page.getByText('The file is over 1 MiB').waitFor();
    await page.getByText('A file of 8 bytes').waitFor();
    assert.equal(await page.getByLabel('Mount path').inputValue(), '/run/secrets/tls.key');
    await page.getByLabel('Mount path').fill('run/secrets/tls.key');
    ada.offline = true; // The refusal is in the browser's log.
    await ada.button('Save').click();
    await page.getByRole('alert').waitFor();
    ada.offline = false;
    await page.getByLabel('Mount path').fill('/run/secrets/tls.key');
    await ada.button('Save').click();
    await ada.row('TLS_KEY').getByText('file /run/secrets/tls.key').waitFor();

    // Its path changes, its bytes do not; it comes out as it went in.
    await ada.button('Edit TLS_KEY').click();
    await page.getByText('A file of 8 bytes').waitFor();
    assert.deepEqual(await kept(), ['tls.key', bytes]);
    await page.getByLabel('Mount path').fill('/etc/ssl/private.key');
    await ada.button('Save').click();
    await ada.row('TLS_KEY').getByText('file /etc/ssl/private.key').waitFor();
    await ada.row('TLS_KEY').getByText('v2').waitFor();

    // Another file in one environment, from the matrix, at the same path.
    await ada.create('environment', 'production');
    await ada.tab('All environments');
    await ada.cell('TLS_KEY', 'production').click();
    await page.getByRole('heading', { name: 'Override TLS_KEY in production' }).waitFor();
    await choose('other.key', Buffer.from([254, 0]));
    await page.getByText('A file of 2 bytes').waitFor();
    await ada.button('Save').click();
    await ada.confirm();
    await ada.reads('TLS_KEY', 'production', 'override v1, file');
    await ada.cell('TLS_KEY', 'production').click();
    await page.getByText('A file of 2 bytes').waitFor();
    assert.deepEqual((await kept())[1], Buffer.from([254, 0]));
    await page.keyboard.press('Escape');
    await ada.cell('TLS_KEY', 'Shared').click();
    await page.getByText('A file of 8 bytes').waitFor();
    assert.deepEqual((await kept())[1], bytes);

    // One that was only chosen goes with a lock, and nothing takes the place of the one that is set.
    await choose('third.key', Buffer.from([1, 2, 3]));
    await page.getByText('A file of 3 bytes').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Drafts' }).getByText('1 draft').waitFor();
    await page.keyboard.press('Control+Shift+L');
    await ada.unlock();
    await ada.cell('TLS_KEY', 'Shared').click();
    await page.getByText('A file of 8 bytes').waitFor();
    assert.deepEqual((await kept())[1], bytes);
    ada.clean();
  }));

test('review and comparison by keyboard', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('DB_URL', 'of all');
    for (const name of ['staging', 'production']) await ada.create('environment', name);
    await ada.tab('All environments');
    const hands = new Hands(ada);

    // A draft in production: reviewed, shown, asked for once more, saved.
    await ada.cell('DB_URL', 'production').focus();
    await hands.press('Enter');
    await hands.on('Value');
    await hands.type('of production');
    await hands.press('Escape');
    await hands.on('DB_URL in production: inherited from Shared draft');
    await hands.press('Control+Enter');
    await page.getByRole('dialog', { name: 'Review your drafts' }).waitFor();
    await hands.to('Show values of DB_URL, Storefront / production');
    await hands.press('Enter');
    await page.locator('ins', { hasText: 'of production' }).waitFor();
    await hands.to('Note');
    await hands.type('why');
    await hands.to('Save 1 change');
    await hands.press('Enter');
    await page.getByText('This changes production').waitFor();
    await hands.to('Change production');
    await hands.press('Enter');
    await ada.reads('DB_URL', 'production', 'override v1');
    await hands.on('DB_URL in production: override v1');

    // From the cell to the comparison, and copied from there.
    await hands.press('p');
    await hands.heading('Compare');
    await page.getByRole('table', { name: 'Compared keys' }).waitFor();
    await hands.to('Copy DB_URL to the right');
    await hands.press('Space');
    assert.equal(await page.getByRole('checkbox', { name: 'Copy DB_URL to the right' }).isChecked(), false);
    await hands.press('Space');
    await hands.to('Copy 1 to the right', 'Shift+Tab');
    await hands.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Copy 1 secret?' });
    await dialog.waitFor();
    await hands.to('Note');
    await hands.type('promoted');
    await hands.press('Enter');
    await page.getByText('No difference').waitFor();
    ada.clean();
  }));
