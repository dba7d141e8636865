// Who did what: found by what it is about, told only to whom it concerns; and an environment as it was.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { story } from './stage.mjs';

const list = ({ page }) => page.getByRole('list', { name: 'Entries' });
const entry = (profile, words) => list(profile).getByRole('listitem').filter({ hasText: words });

async function visit({ page }) {
  await page.getByLabel('Main').getByRole('link', { name: 'History', exact: true }).click();
  await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
}

/** Opens an entry's details. */
async function open(profile, words) {
  const found = entry(profile, words).first();
  await found.locator('summary').click();
  return found;
}

test('what was done is found, and an environment is as it was', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.create('environment', 'production');
    await Promise.all([ada.add('TOKEN', 'canary-first', 'of the gateway'), ada.confirm()]);
    await ada.edit('TOKEN', 'canary-second');
    await ada.confirm();
    await ada.row('TOKEN').getByText('v2').waitFor();
    await Promise.all([ada.add('LATER', 'canary-later'), ada.confirm()]);

    // What a version changed, of one at a time, for as long as values are shown.
    await ada.button('History of TOKEN').click();
    const versions = page.getByRole('dialog', { name: 'History of TOKEN' });
    await versions.getByRole('button', { name: 'Show changes of version 2' }).click();
    await versions.locator('del', { hasText: 'canary-first' }).waitFor();
    assert.equal((await versions.locator('ins').innerText()).trim(), 'canary-second');
    await versions.getByText(/^Hides in \d+ s$/).waitFor();
    assert.equal(await versions.getByRole('button', { name: /changes of version 1/ }).count(), 0, 'it was the first');
    await versions.getByRole('button', { name: 'Hide changes of version 2' }).click();
    await versions.getByText(/canary-(first|second)/).first().waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await versions.waitFor({ state: 'detached' });

    await visit(ada);
    await entry(ada, 'Founded the team.').waitFor();
    await page.getByText(/^\d+ entries, back to the beginning\.$/).waitFor();
    const told = await list(ada).innerText();
    assert.ok(!told.includes('canary-first') && !told.includes('TOKEN'), told);
    const details = await open(ada, 'Storefront / production: 1 changed.');
    await details.getByText('Hash').waitFor();

    // By a part of what is told; the address keeps it, in the fragment, over a lock and unlock.
    await page.getByLabel('Search the history').fill('founded');
    await entry(ada, 'Storefront').first().waitFor({ state: 'detached' });
    assert.equal(await list(ada).getByRole('listitem').count(), 1);
    await page.waitForURL(/\/audit#q=founded$/);
    await page.reload();
    await ada.unlock();
    await entry(ada, 'Founded the team.').waitFor();
    assert.equal(await list(ada).getByRole('listitem').count(), 1);
    await page.getByLabel('Keys', { exact: true }).check();
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    await ada.button('Clear the filters').click();
    await entry(ada, 'Storefront / production: 1 changed.').waitFor();
    await page.getByLabel('People', { exact: true }).check();
    await entry(ada, 'Storefront / production').first().waitFor({ state: 'detached' });

    // The log as a file.
    const download = page.waitForEvent('download');
    await ada.button('Save the team’s log').click();
    const file = await readFile(await (await download).path(), 'utf8');
    assert.match(file, /^subrosa-trail:1:[0-9a-f]{64}\n/);

    // From the environment it is about that alone.
    await page.goBack();
    await page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await ada.tab('production');
    await page.getByRole('main').getByRole('link', { name: 'History', exact: true }).click();
    await entry(ada, 'Storefront / production: 1 changed.').waitFor();
    assert.equal(await entry(ada, 'Founded the team.').count(), 0);

    // As it was before the change, but for one that is left as it is.
    await (await open(ada, 'Storefront / production: 1 changed.'))
      .getByRole('button', { name: 'Restore Storefront / production…' })
      .click();
    const dialog = page.getByRole('dialog', { name: 'Restore Storefront / production' });
    await dialog.getByText('2 secrets are otherwise now.').waitFor();
    assert.ok(!(await dialog.innerText()).includes('canary-'));
    await dialog.getByLabel('LATER, Storefront / production: is deleted').uncheck();
    await dialog.getByLabel('Note').fill('The new one does not work');
    await dialog.getByRole('button', { name: 'Restore 1 secret' }).click();
    await ada.confirm();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Storefront / production: 1 secret is as before.').waitFor();
    await entry(ada, 'The new one does not work').waitFor();
    await page.goBack();
    assert.equal(await ada.reveal('TOKEN'), 'canary-first');
    assert.equal(await ada.reveal('LATER'), 'canary-later');

    // A version that changed the key alone tells the one that it had.
    await ada.button('Edit LATER').click();
    await page.getByLabel('Key', { exact: true }).fill('SOONER');
    await ada.button('Save').click();
    await ada.confirm();
    await ada.button('History of SOONER').click();
    const renamed = page.getByRole('dialog', { name: 'History of SOONER' });
    await renamed.getByText('Renamed from LATER.').waitFor();
    await renamed.getByRole('button', { name: 'Show changes of version 2' }).click();
    await renamed.getByText('The value is the same.').waitFor();
    await page.keyboard.press('Escape');

    // Somebody who may not open the environment sees that something was done there.
    await page.getByRole('link', { name: 'People', exact: true }).click();
    await ada.button('Invite…').click();
    const invite = page.getByRole('dialog', { name: 'Invite somebody' });
    await invite.getByLabel('Name').fill('Bob');
    await invite.getByLabel('Storefront', { exact: true }).selectOption('Reader');
    await invite.getByRole('button', { name: 'Make the link' }).click();
    const link = await invite.getByLabel('Invite link').inputValue();
    await invite.getByRole('button', { name: 'Done' }).click();
    const bob = await stage.profile();
    await bob.join(link);
    await ada.button('Let in…').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let in' }).click();
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await visit(bob);
    await entry(bob, /Something was changed in vault [0-9a-f]{8}, which you cannot open\./).first().waitFor();
    await entry(bob, 'Let Bob in').waitFor();
    assert.equal(await entry(bob, 'production').count(), 0);
    assert.equal(await bob.page.getByRole('button', { name: /^Restore/ }).count(), 0);
    // What is done elsewhere comes by itself.
    await page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await ada.tab('Shared');
    await Promise.all([ada.add('SHARED', 'for all'), ada.confirm()]);
    await entry(bob, 'Storefront: 1 added.').waitFor();

    // Without the server there is a way to try again.
    ada.offline = bob.offline = true;
    await stage.stop('SIGTERM');
    await bob.page.getByLabel('Search the history').fill('bob');
    await bob.button('Try again').waitFor({ timeout: 60_000 });
    await stage.start();
    await bob.button('Try again').click();
    await entry(bob, 'Let Bob in').waitFor({ timeout: 60_000 });
    ada.clean();
    bob.clean();
  }));
