// Another history of the team: a server that is set back and goes on elsewhere. The alarm is in the way on every page,
// says what to do, is saved as a file, and ends when somebody clears it; and keys that have changed.
import assert from 'node:assert/strict';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, story } from './stage.mjs';

const BANNER = 'Alarm: another history of this team was seen.';
const banner = ({ page }) => page.getByRole('alert').filter({ hasText: BANNER });

/** The server, set back to a copy of its folder, or to one that it had before. */
async function swap(stage, to, keep) {
  const data = join(stage.folder, 'data');
  await stage.stop('SIGTERM');
  if (keep) await cp(data, join(stage.folder, keep), { recursive: true });
  if (to) {
    await rm(data, { recursive: true });
    await cp(join(stage.folder, to), data, { recursive: true });
  }
  await stage.start();
}

async function settings(profile) {
  await profile.page.getByRole('link', { name: 'Settings' }).click();
  await profile.page.getByRole('region', { name: 'Checkpoint' }).waitFor();
}

async function compare(profile, checkpoint) {
  await settings(profile);
  await profile.page.getByLabel('A colleague’s checkpoint').fill(checkpoint);
  await profile.button('Compare').click();
}

const checkpoint = ({ page }) => page.locator('dt:text-is("Checkpoint") + dd').innerText();

async function clear(profile) {
  await profile.button('Clear the alarm…').click();
  const dialog = profile.page.getByRole('dialog', { name: 'Clear the alarm?' });
  await dialog.getByRole('button', { name: 'Clear the alarm' }).click();
  await profile.page.getByText('No alarm stands on this device.').waitFor();
}

async function openScope(profile) {
  await profile.page.getByRole('link', { name: 'Projects', exact: true }).first().click();
  await profile.page.getByRole('heading', { level: 2, name: 'Storefront' }).getByRole('link').click();
  await profile.tab('Shared');
}

test('a fork is met at the unlock, outlives it, and is left', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const kit = await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('TOKEN', 'first');
    ada.offline = true;
    await swap(stage, null, 'before');
    await ada.edit('TOKEN', 'ours');
    await ada.row('TOKEN').getByText('v2').waitFor({ timeout: 60_000 });
    await settings(ada);
    const own = await checkpoint(ada);
    await ada.button('Lock').click();
    await ada.page.getByLabel('Password', { exact: true }).waitFor();

    // From the copy it goes on elsewhere.
    await swap(stage, 'before', 'ours');
    const laptop = await stage.profile();
    await laptop.recover(kit);
    await laptop.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await openScope(laptop);
    await laptop.edit('TOKEN', 'theirs');
    await laptop.row('TOKEN').getByText('v2').waitFor();
    await laptop.edit('TOKEN', 'theirs again');
    await laptop.row('TOKEN').getByText('v3').waitFor();
    laptop.offline = true;

    // At the unlock: nothing opens; what it is and what to do is there without. Loaded anew: a worker that was
    // started by the lock may not have got its module from the server that went away.
    await ada.go('/');
    await ada.unlock();
    await ada.page.getByText('The server shows').first().waitFor();
    const unlock = ada.page.getByRole('alert').filter({ hasText: 'Alarm: another history of a team was seen.' });
    await unlock.getByRole('link', { name: 'What to do' }).click();
    await ada.page.getByRole('heading', { name: 'Alarm', level: 1 }).waitFor();
    await ada.page.getByText(/an entry that member [0-9a-f]{8} signed on top of a history/).waitFor();
    assert.equal(await ada.page.locator('dt:text-is("Verified here") + dd').innerText(), own);
    const download = ada.page.waitForEvent('download');
    await ada.button('Save the evidence').click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'subrosa-evidence.txt');
    const lines = (await readFile(await file.path(), 'utf8')).split('\n');
    assert.match(lines[0], /^subrosa-evidence:1:[0-9a-f]{64}$/);
    assert.match(lines[1], /^forked:\d+$/);
    assert.equal(lines[2], `own:${own}`);
    assert.ok(lines.length === 6 && /^[0-9a-f]{200,}$/.test(lines[4]), 'the signed entry');

    // The browser is closed, and the server shows the right history again: it is read and not changed.
    await swap(stage, 'ours', 'theirs');
    await ada.restart();
    await ada.go('/');
    await ada.page.getByText('Alarm: another history of a team was seen.').waitFor();
    await ada.unlock();
    await banner(ada).waitFor();
    await openScope(ada);
    await banner(ada).waitFor();
    assert.equal(await ada.reveal('TOKEN'), 'ours');
    await ada.edit('TOKEN', 'refused');
    await ada.page.getByText('Nothing was changed: this device has raised an alarm').first().waitFor();
    await ada.page.keyboard.press('Escape');
    await banner(ada).getByRole('link', { name: 'What to do' }).click();
    await ada.page.getByText('an entry that canary-ada-77d0 signed on top of a history').waitFor();

    // An owner acts all the same, until the lock.
    await ada.button('Act all the same').click();
    await ada.page.getByRole('link', { name: 'Rotate every vault' }).waitFor();
    await ada.page.getByRole('link', { name: 'Back to the projects' }).click();
    await banner(ada).getByText('You act all the same').waitFor();

    // Cleared, it is gone, in the other tab too.
    const tab = await ada.context.newPage();
    await tab.goto(`${stage.origin}/`);
    await tab.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await tab.getByRole('button', { name: 'Unlock' }).click();
    await tab.getByText(BANNER).waitFor();
    await ada.go('/alarm');
    await ada.page.getByRole('button', { name: 'Clear the alarm…' }).waitFor();
    await clear(ada);
    await tab.getByText(BANNER).waitFor({ state: 'detached' });
    await tab.close();
    await ada.page.getByRole('link', { name: 'Unlock' }).click();
    await ada.unlock();
    await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await openScope(ada);
    assert.equal(await banner(ada).count(), 0);
    await ada.edit('TOKEN', 'cleared');
    await ada.row('TOKEN').getByText('v3').waitFor();

    // While it runs: set back once more.
    await swap(stage, 'before');
    await banner(ada).waitFor({ timeout: 60_000 });
    await banner(ada).getByRole('link', { name: 'What to do' }).click();
    await ada.page.getByText('Either the server was restored from a backup').waitFor();
  }));

test('a colleague’s checkpoint, and keys that have changed', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const kit = await ada.found();
    const laptop = await stage.profile();
    await laptop.recover(kit);
    await laptop.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await settings(laptop);
    const theirs = await checkpoint(laptop);
    await compare(ada, theirs);
    await ada.page.getByText('The same history').waitFor();
    await ada.page.getByLabel('A colleague’s checkpoint').fill('7');
    await ada.button('Compare').click();
    await ada.page.getByText('This is no checkpoint.').waitFor();
    await compare(ada, `99:${'0'.repeat(64)}`);
    await ada.page.getByText('They have seen more than this device.').waitFor();
    assert.equal(await banner(ada).count(), 0);
    await compare(ada, `0:${'0'.repeat(64)}`);
    await ada.page.getByText('Another history.').waitFor();
    await banner(ada).waitFor();
    await banner(ada).getByRole('link', { name: 'What to do' }).click();
    await ada.page.getByText('No signature proves by itself that there are two.').waitFor();
    await clear(ada);
    await ada.page.getByRole('link', { name: 'Back to the projects' }).click();
    await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    assert.equal(await banner(ada).count(), 0);

    // Another root key: told on the other device until its words were compared there.
    await laptop.page.getByRole('link', { name: 'Root key' }).click();
    await laptop.button('Make a new root key').click();
    const made = await laptop.page.locator('.sheet.root dt:text-is("Root key") + dd').innerText();
    await laptop.page.getByLabel('Last 6 characters of the root key').fill(made.trim().slice(-6));
    await laptop.button('Put it in force').click();
    const changed = ada.page.locator('.banners').getByText('The root key has changed.');
    await changed.waitFor();
    const words = await ada.page.locator('.banners .words').innerText();
    const now = laptop.page.getByRole('region', { name: 'In force', exact: true }).locator('.words');
    await now.getByText(words).waitFor();
    await ada.page.locator('.banners').getByText(/by canary-ada-77d0/).waitFor();
    await ada.button('Lock').click();
    await ada.unlock();
    await changed.waitFor();
    await ada.button('The root key has changed. Compared').click();
    await changed.waitFor({ state: 'detached' });
    await ada.page.reload();
    await ada.unlock();
    await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await ada.page.getByRole('link', { name: 'People', exact: true }).click();
    await ada.page.getByRole('region', { name: 'Members' }).waitFor();
    assert.equal(await changed.count(), 0);
    ada.clean();
  }));
