// One's own account in two browsers: another password, a kit for another device, sessions, and other keys.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PASSWORD, story } from './stage.mjs';

const NEW = 'another-horse-battery-staple';

async function visit({ page }) {
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
  await page.getByText(/: this one$/).waitFor();
}

const part = ({ page }, name) => page.getByRole('region', { name, exact: true });

test('a kit for another device, another password, a session that is ended, and other keys', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.create('environment', 'staging');
    await ada.add('TOKEN', 'first');
    await visit(ada);
    const words = await part(ada, 'Your keys').locator('.words').innerText();
    assert.equal(words.split(' ').length, 8);

    // The kit is shown here, for the password, and nowhere else.
    await ada.button('Show a kit…').click();
    const kit = ada.page.getByRole('dialog', { name: 'A kit for another device' });
    await kit.getByLabel('Password', { exact: true }).fill('not this password');
    await kit.getByRole('button', { name: 'Show the kit' }).click();
    await kit.getByText('This is not your password.').waitFor();
    await kit.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await kit.getByRole('button', { name: 'Show the kit' }).click();
    await kit.getByRole('img', { name: /QR code/ }).waitFor();
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      kit.getByRole('button', { name: 'Download the kit' }).click(),
    ]);
    const line = await readFile(await download.path(), 'utf8');
    await kit.getByRole('button', { name: 'Done' }).click();
    const laptop = await stage.profile();
    await laptop.go('/recover');
    await laptop.page.getByLabel('Emergency kit', { exact: true }).fill(line);
    await laptop.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await laptop.button('Open on this device').click();
    await laptop.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();

    // Another password: the laptop stays open until it locks.
    await ada.button('Change the password…').click();
    const password = part(ada, 'Password');
    await password.getByRole('button', { name: 'Choose my own password' }).click();
    await password.getByLabel('Current password').fill(PASSWORD);
    await password.getByLabel('New password', { exact: true }).fill(NEW);
    await password.getByLabel('New password again').fill('something else here');
    await password.getByRole('button', { name: 'Change the password' }).click();
    await password.getByText('The two are not the same.').waitFor();
    await password.getByLabel('New password again').fill(NEW);
    await password.getByRole('button', { name: 'Change the password' }).click();
    await ada.page.getByText('The password is changed.').waitFor();
    await laptop.page.getByRole('heading', { level: 2, name: 'Storefront' }).getByRole('link').click();
    await laptop.tab('staging');
    assert.equal(await laptop.reveal('TOKEN'), 'first');

    // Her session there is ended from here: it locks, says why, and takes the new password alone.
    await ada.page.reload();
    await ada.unlock(NEW);
    await visit(ada);
    const ends = part(ada, 'Sessions').getByRole('button', { name: /^End/ });
    const all = part(ada, 'Sessions').getByRole('button', { name: 'End all others' });
    laptop.offline = true;
    await ((await all.count()) ? all : ends.first()).click();
    await ada.page.getByText(/^Ended\. (That device locks itself|Those devices lock themselves) when/).waitFor();
    await laptop.page.getByText('This session was ended from another device of yours.').waitFor();
    laptop.offline = false;
    await laptop.page.getByLabel('Password').fill(PASSWORD);
    laptop.offline = true;
    await laptop.button('Unlock').click();
    await laptop.page.getByText('No account opens with this password on this device.').waitFor();
    laptop.offline = false;
    await laptop.unlock(NEW);
    await laptop.page.getByRole('heading', { name: 'staging', level: 1 }).or(laptop.page.getByRole('heading', { name: 'Projects' })).first().waitFor();
    assert.equal(await laptop.page.getByText('This session was ended').count(), 0);

    // Other keys: she sees other words, and all that she saw before.
    await ada.button('Make new keys…').click();
    laptop.offline = true;
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Make new keys' }).click();
    await ada.page.getByText('You have new keys.').waitFor();
    await visit(ada);
    assert.notEqual(await part(ada, 'Your keys').locator('.words').innerText(), words);
    await ada.page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await ada.tab('staging');
    assert.equal(await ada.reveal('TOKEN'), 'first');
    await ada.edit('TOKEN', 'second');
    await ada.row('TOKEN').waitFor();
    await laptop.page.getByText('The server does not take your keys for this team any more.').waitFor();
    await laptop.page.reload();
    await laptop.unlock(NEW);
    await laptop.page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await laptop.tab('staging');
    assert.equal(await laptop.reveal('TOKEN'), 'second');
    ada.clean();
  }));
