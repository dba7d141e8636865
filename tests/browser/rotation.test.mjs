// Keys are rotated: counted beforehand, paused, left with its tab, finished in another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { story } from './stage.mjs';

// Two steps and a part of one.
const SECRETS = 4400;

/** Brings many secrets into the scope on screen. */
async function fill(profile) {
  const { page } = profile;
  await page.getByRole('link', { name: 'Import .env' }).click();
  const lines = Array.from({ length: SECRETS }, (_, at) => `KEY_${at}=value of ${at}`);
  // Typing so many lines takes a browser longer than all that follows.
  await page.getByLabel('Text of the .env file').evaluate((field, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, lines.join('\n'));
  await profile.button('Read').click();
  await profile.button(`Import ${SECRETS} secrets`).click();
  await page.getByRole('link', { name: 'Show the secrets' }).click();
  await page.getByRole('table', { name: 'Secrets' }).waitFor();
}

const rotation = ({ page }) => page.getByRole('region', { name: 'Rotation' });

test('a rotation', { timeout: 300_000 }, () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await fill(ada);
    await ada.page.getByLabel('Filter secrets').fill('KEY_7');
    await ada.edit('KEY_7', 'a second version');

    // What it would do, before it does anything.
    await ada.page.getByRole('link', { name: 'Rotation' }).click();
    await ada.page.getByText('Key 1, since').first().waitFor();
    await ada.button('Rotate 2 vaults…').click();
    const asking = () => ada.page.getByRole('dialog', { name: 'Rotate keys?' });
    await asking().getByText('2 vaults get new keys').waitFor();
    const counted = Number(/(\d+) secrets and pages are sealed again/.exec(await asking().innerText())[1]);
    assert.ok(counted > SECRETS && counted < SECRETS + 140, `${counted} are counted`);
    await asking().getByText('1 secret has earlier versions').waitFor();
    await ada.button('Cancel').click();
    await ada.page.getByText('Key 1, since').first().waitFor();

    // It says how far it is, and pauses at the next step.
    const pushes = await ada.gate();
    await ada.button('Rotate 2 vaults…').click();
    await ada.button('Rotate').click();
    await pushes.pass();
    await rotation(ada).getByText(/^Storefront: rotation 0 of \d+/).waitFor();
    await pushes.pass();
    await rotation(ada).getByText(/^Storefront: rotation 20\d\d of \d+/).waitFor();
    await ada.button('Pause').click();
    await ada.button('Pausing…').waitFor();
    await pushes.pass();
    await rotation(ada).getByText(/^Paused: 0 vaults done/).waitFor();
    const vault = (name) => ada.page.locator('.vault', { hasText: name });
    await vault('Storefront').getByText(/Not finished: \d{3} of \d+ left/).waitFor();

    // Old and new are readable, and written, meanwhile; what uses the old key is told.
    await pushes.open();
    const details = vault('Storefront');
    await details.getByText('Keys of Storefront').click();
    await ada.button('What uses key 1?').click();
    await ada.page.getByText(/^KEY_\d+ in Storefront$/).first().waitFor();
    await ada.page.getByRole('link', { name: 'Storefront' }).first().click();
    await ada.tab('Shared');
    await ada.page.getByLabel('Filter secrets').fill('KEY_7');
    assert.equal(await ada.reveal('KEY_7'), 'a second version');
    await ada.edit('KEY_70', 'edited meanwhile');

    // Its tab is closed in the middle; another one finds it unfinished, and finishes it.
    const held = await ada.gate();
    await ada.page.getByRole('link', { name: 'Rotation' }).click();
    await ada.button('Rotate 2 vaults…').click();
    await ada.button('Rotate').click();
    await rotation(ada).getByText(/Storefront: rotation/).waitFor();
    const left = ada.page;
    ada.page = await ada.context.newPage();
    await left.close();
    await held.open();
    await ada.go('/');
    await ada.unlock();
    await ada.page.getByText('Storefront: its rotation is not finished.').waitFor();
    await ada.page.getByRole('link', { name: 'Go to the rotation' }).click();
    await ada.button('Rotate 2 vaults…').click();
    await asking().getByText('rotations that were begun go on').waitFor();
    await ada.button('Rotate').click();
    await rotation(ada).getByText('2 vaults done.').waitFor();
    const after = vault('Storefront');
    await after.getByText('Keys of Storefront').click();
    await after.getByRole('listitem').filter({ hasText: /^Key 1, since .*retired$/ }).waitFor();
    await after.getByText(new RegExp(`${SECRETS} secrets and 2 earlier versions were under a newer one`)).waitFor();

    // A reminder is kept.
    await after.getByLabel('Remind to rotate').selectOption('After 90 days');
    await ada.page.getByText('Reminder changed.').waitFor();

    // Another device opens it all, and has never had the old key.
    await ada.page.getByRole('link', { name: 'Storefront' }).first().click();
    await ada.tab('Shared');
    await ada.page.getByLabel('Filter secrets').fill('KEY_7');
    assert.equal(await ada.reveal('KEY_7'), 'a second version');
    assert.equal(await ada.reveal('KEY_70'), 'edited meanwhile');
    assert.equal(await ada.reveal('KEY_71'), 'value of 71');

    // Two losses, the second made while the first is sealed: whichever is ready first, both end sealed.
    await ada.create('environment', 'staging');
    await ada.page.getByRole('link', { name: 'Machines', exact: true }).click();
    await ada.button('Add a machine…').click();
    const machine = ada.page.getByRole('dialog', { name: 'Add a machine' });
    await machine.getByLabel('Name').fill('CI');
    for (const of of ['Storefront', 'Storefront / staging']) {
      await machine.getByLabel(of, { exact: true }).selectOption('Reader');
    }
    await machine.getByRole('button', { name: 'Make the token' }).click();
    await machine.getByRole('button', { name: 'Done' }).click();
    await ada.page.getByRole('link', { name: 'People', exact: true }).click();
    const loses = async (vault) => {
      await ada.page.getByLabel(`CI: ${vault}`, { exact: true }).selectOption('No access');
      await ada.button('Review 1 change…').click();
      const dialog = ada.page.getByRole('dialog', { name: 'Change these roles?' });
      await dialog.getByRole('button', { name: 'Change the roles' }).click();
      return dialog;
    };
    const last = await ada.gate();
    const first = await loses('Storefront');
    await last.pass();
    await first.waitFor({ state: 'detached' });
    await last.held();
    const second = await loses('Storefront / staging');
    await last.open();
    await second.waitFor({ state: 'detached' });
    await ada.page.getByRole('link', { name: 'Rotation' }).click();
    const ended = vault('Storefront / staging');
    await ended.getByText('Keys of Storefront / staging').click();
    await ended.getByRole('listitem').filter({ hasText: /^Key 1 retired by/ }).waitFor();
    await rotation(ada).getByText('1 vault done.').waitFor();
    await ada.page.getByText('Not finished').first().waitFor({ state: 'detached' });
    ada.clean();
  }));
