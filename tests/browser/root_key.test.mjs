// The root key: another one in its place, whatever is closed in between; and a team that has nothing else left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, story } from './stage.mjs';

const region = ({ page }, name) => page.getByRole('region', { name, exact: true });
const words = (profile, name) => region(profile, name).locator('.words').innerText();
const sheet = (profile) => profile.page.locator('.sheet.root');
const said = (profile, term) => sheet(profile).locator(`dt:text-is("${term}") + dd`).innerText();

/** Goes to the page of the root key. */
async function visit(profile) {
  await profile.page.getByRole('link', { name: 'Root key' }).click();
  await region(profile, 'In force').waitFor();
}

/** What the page says of a root key that was kept. */
async function check(profile, key) {
  const part = region(profile, 'Check a root key');
  await part.getByLabel('Root key').fill(key);
  await part.getByRole('button', { name: 'Check' }).click();
  const status = await part.getByRole('status').innerText();
  assert.equal(await part.getByLabel('Root key').inputValue(), '', 'nothing of it stays');
  return status;
}

test('another root key', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const kit = await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('TOKEN', 'first');
    await visit(ada);
    const old = await words(ada, 'In force');
    assert.equal(old.split(' ').length, 8);
    assert.match(await check(ada, kit.rootKey), /in force/);

    // It is made, and the tab is closed before anybody has kept it: it is there afterwards.
    await ada.button('Make a new root key').click();
    const made = await said(ada, 'Root key');
    const print = await said(ada, 'Fingerprint');
    assert.notEqual(print, old);
    const left = ada.page;
    ada.page = await ada.context.newPage();
    await left.close();
    await ada.go('/root-key');
    await ada.unlock();
    await region(ada, 'In force').waitFor();
    assert.equal(await words(ada, 'In force'), old);
    assert.equal(await words(ada, 'New'), print);
    assert.equal(await sheet(ada).count(), 0, 'shown when it is asked for');
    await ada.button('Show it').click();
    assert.equal(await said(ada, 'Root key'), made);
    assert.match(await check(ada, made), /not in force yet/);
    const download = ada.page.waitForEvent('download');
    await ada.button('Download the root key').click();
    assert.equal((await download).suggestedFilename(), 'subrosa-root-key.txt');

    // Nothing happens before its end was typed from there.
    const tail = ada.page.getByLabel('Last 6 characters of the root key');
    await tail.fill('000000');
    await ada.button('Put it in force').click();
    await ada.page.getByText('This is not what the root key says there.').waitFor();
    assert.equal(await words(ada, 'In force'), old);

    // The tab is closed before the server has heard of it: it is kept, and posted by the next unlock.
    const pushes = await ada.gate();
    await tail.fill(made.slice(-6).toLowerCase());
    await ada.button('Put it in force').click();
    await ada.button('Replacing…').waitFor();
    await pushes.held();
    const second = ada.page;
    ada.page = await ada.context.newPage();
    await second.close();
    await pushes.open();
    await ada.go('/root-key');
    await ada.unlock();
    await region(ada, 'Replaced').getByText(old).waitFor();
    assert.equal(await words(ada, 'In force'), print);
    assert.equal(await region(ada, 'New').count(), 0);
    assert.match(await check(ada, kit.rootKey), /It was replaced on/);
    assert.match(await check(ada, made), /in force/);
    await region(ada, 'Check a root key').getByLabel('Root key').fill('srk1_AAAA');
    await ada.button('Check').click();
    await ada.page.getByText(/^The root key cannot be read/).waitFor();

    // One that nobody wants is discarded; one that came too late says so.
    await ada.button('Make a new root key').click();
    await ada.button('Discard it').click();
    await ada.button('Make a new root key').click();
    await sheet(ada).waitFor();
    assert.equal(await words(ada, 'In force'), print);
    const laptop = await stage.profile();
    await laptop.recover(kit);
    await visit(laptop);
    await laptop.button('Make a new root key').click();
    const theirs = await said(laptop, 'Root key');
    await laptop.page.getByLabel('Last 6 characters of the root key').fill(theirs.slice(-6));
    await laptop.button('Put it in force').click();
    await region(laptop, 'Replaced').getByText(print).waitFor();
    await ada.page.getByRole('heading', { name: 'New, overtaken' }).waitFor();
    assert.equal(await words(ada, 'In force'), await words(laptop, 'In force'));
    await ada.button('Discard it').click();
    await ada.button('Make a new root key').waitFor();
    ada.clean();
    laptop.clean();
  }));

test('a team is recovered by its root key', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const kit = await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('TOKEN', 'kept');

    const eve = await stage.profile();
    await eve.go('/recover');
    await eve.page.getByRole('link', { name: 'I have the root key alone' }).click();
    const field = eve.page.getByLabel('Root key', { exact: true });
    await field.fill(`${kit.rootKey.slice(0, -1)}${kit.rootKey.endsWith('0') ? '1' : '0'}`);
    await eve.button('Open the team').click();
    await eve.page.getByText(/^The root key cannot be read/).waitFor();
    // As it is in its file.
    await field.fill(`Subrosa root key\n\n${kit.rootKey}\n`);
    await eve.button('Open the team').click();
    await eve.page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    await eve.page.getByText('canary-team-51ab is open').waitFor();
    assert.ok(await eve.page.getByLabel('canary-ada-77d0').isChecked());
    await eve.button('Continue').click();
    await eve.button('Choose my own password').click();
    await eve.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await eve.page.getByLabel(/again/i).fill(PASSWORD);
    await eve.button('Create keys').click();
    await eve.button('I have kept it').waitFor();
    assert.equal(await sheet(eve).count(), 0, 'the root key stays as it is');
    const facts = eve.page.getByRole('region', { name: 'Emergency kit' });
    const secretKey = await facts.locator('dt:text-is("Secret Key") + dd').innerText();
    assert.notEqual(secretKey, kit.secretKey);
    await eve.button('I have kept it').click();
    const label = await eve.page.locator('label', { hasText: 'Group' }).innerText();
    const group = Number(/\d/.exec(label)[0]);
    await eve.page.getByLabel(/^Group \d of the Secret Key/).fill(secretKey.split('-')[group]);
    await eve.button('Recover the team').click();

    // The root key was typed: its page is where one gets to.
    await region(eve, 'In force').waitFor();
    await eve.page.getByRole('link', { name: 'Storefront' }).first().click();
    await eve.tab('Shared');
    assert.equal(await eve.reveal('TOKEN'), 'kept');
    await eve.edit('TOKEN', 'and on');

    // The lost device is told, and gets nothing more.
    await ada.page.getByText('The server does not take your keys for this team any more.').waitFor();
    await ada.page.reload();
    await ada.unlock();
    await ada.page.getByText('The server does not take your keys for this team any more.').waitFor();
    eve.clean();
  }));
