// The life of a team in three browsers: an owner, a manager and a reader; who comes, what whom of them may open, and who goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, story } from './stage.mjs';

const region = ({ page }, name) => page.getByRole('region', { name, exact: true });
const entry = (profile, part, name) =>
  region(profile, part).getByRole('listitem').filter({ has: profile.page.getByText(name, { exact: true }) });

async function visit(profile) {
  await profile.page.getByRole('link', { name: 'People', exact: true }).click();
  await profile.page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
  await region(profile, 'Members').waitFor();
}

/** Invites somebody with these roles; returns the link. */
async function invite(profile, name, roles, owner = false) {
  const { page } = profile;
  await profile.button('Invite…').click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('Name').fill(name);
  if (owner) await dialog.getByLabel('Owner').check();
  for (const [vault, role] of Object.entries(roles)) await dialog.getByLabel(vault, { exact: true }).selectOption(role);
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('Invite link').inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  return link;
}

/** Lets in whoever waits with these words. */
async function admit(profile, name, words) {
  const { page } = profile;
  const waiting = entry(profile, 'Invites', name);
  await waiting.getByText(words).waitFor();
  await waiting.getByRole('button', { name: 'Let in…' }).click();
  const dialog = page.getByRole('dialog', { name: `Let ${name} in?` });
  assert.equal(await dialog.locator('.words').innerText(), words);
  const compared = dialog.getByLabel(/I have compared/);
  if (await compared.count()) await compared.check();
  await dialog.getByRole('button', { name: 'Let in' }).click();
  await entry(profile, 'Members', name).waitFor();
}

async function role(profile, member, vault, chosen) {
  await profile.page.getByLabel(`${member}: ${vault}`, { exact: true }).selectOption(chosen);
  await profile.button('Review 1 change…').click();
  const dialog = profile.page.getByRole('dialog', { name: 'Change these roles?' });
  const effect = await dialog.getByRole('listitem').innerText();
  await dialog.getByRole('button', { name: 'Change the roles' }).click();
  await dialog.waitFor({ state: 'detached' });
  return effect;
}

test('invited, let in, given and taken roles, and removed', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('SHARED', 'for all');
    await ada.create('environment', 'staging');
    await ada.add('TOKEN', 'first');
    await visit(ada);

    // A manager: the words must be compared.
    const bob = await stage.profile();
    const bobs = await bob.join(await invite(ada, 'Bob', { 'Storefront / staging': 'Manager' }));
    assert.equal(bobs.split(' ').length, 8);
    const waiting = entry(ada, 'Invites', 'Bob');
    await ada.button('Let in…').click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Let in' }).click();
    assert.equal(await ada.page.getByRole('dialog').count(), 1, 'not before the words were compared');
    await ada.page.keyboard.press('Escape');
    await waiting.waitFor();
    await admit(ada, 'Bob', bobs);
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    assert.equal(await entry(ada, 'Members', 'Bob').locator('.words').innerText(), bobs);

    // He has the environment; of the project he sees that there is one.
    await bob.page.getByRole('heading', { level: 2, name: /^Project [0-9a-f]{8}$/ }).getByRole('link').click();
    await bob.tab('staging');
    assert.equal(await bob.reveal('TOKEN'), 'first');
    await bob.edit('TOKEN', 'second');
    await bob.row('TOKEN').waitFor();
    await bob.add('OLD', 'not any more');
    await bob.button('Delete OLD').click();
    await bob.page.getByText('Deleted OLD').waitFor();
    await bob.tab('All');
    await bob.page.getByText('no access').first().waitFor();

    // He lets a reader in to what is his to give.
    await visit(bob);
    const carol = await stage.profile();
    const carols = await carol.join(await invite(bob, 'Carol', { staging: 'Reader' }));
    await admit(bob, 'Carol', carols);
    await carol.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await carol.page.getByRole('heading', { level: 2, name: /^Project/ }).getByRole('link').click();
    await carol.tab('staging');
    assert.equal(await carol.reveal('TOKEN'), 'second');
    assert.equal(await carol.button('New secret').count(), 0);
    await carol.page.getByText('Deleted secrets', { exact: true }).click();
    await carol.page.getByText('deleted by Bob').waitFor();
    await carol.button('History of TOKEN').click();
    await carol.button('Reveal version 1').click();
    await carol.page.getByRole('dialog').getByText('first', { exact: true }).waitFor();
    assert.equal(await carol.page.getByRole('button', { name: /^Restore/ }).count(), 0);
    await carol.page.keyboard.press('Escape');
    await carol.page.getByRole('link', { name: 'Keys', exact: true }).click();
    await carol.page.getByText('Who writes in a vault makes one there.').waitFor();
    assert.equal(await carol.button('New key').count(), 0);
    await carol.page.getByRole('link', { name: 'Rotation' }).click();
    await carol.page.getByText('You manage no vault.').waitFor();
    await carol.page.getByText('Keys of staging').click();
    await carol.page.locator('details[open]').getByText('None yet.').waitFor();
    assert.equal(await carol.page.getByRole('button', { name: /^(Rotate|Choose|New key|Seal|Retire)/ }).count(), 0);
    assert.equal(await carol.page.getByRole('main').getByRole('checkbox').count(), 0);
    await carol.page.getByRole('link', { name: 'Root key' }).click();
    await carol.page.getByText('An owner may replace it.').waitFor();
    assert.equal(await carol.button('Make a new root key').count(), 0);
    await visit(carol);
    assert.equal(await carol.button('Invite…').count(), 0, 'what one may not do is not offered');
    assert.equal(await carol.page.getByLabel(/Bob: /).count(), 0);

    // Roles, with what they change told before they do.
    assert.match(await role(bob, 'Carol', 'staging', 'Writer'), /^Carol becomes Writer of staging \(was: Reader\)/);
    assert.match(await role(ada, 'Bob', 'Storefront', 'Reader'), /^Bob becomes Reader of Storefront \(was: no access\)/);
    await bob.page.getByRole('link', { name: 'Projects', exact: true }).click();
    await bob.page.getByRole('heading', { level: 2, name: 'Storefront' }).getByRole('link').click();
    await bob.tab('Shared');
    assert.equal(await bob.reveal('SHARED'), 'for all');

    // Bob is removed: what he held is sealed again, and he is told.
    await entry(ada, 'Members', 'Bob').getByRole('button', { name: 'Remove Bob' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Remove Bob?' });
    await dialog.getByText('Storefront / staging').waitFor();
    bob.offline = true;
    await dialog.getByRole('button', { name: 'Remove Bob' }).click();
    await ada.page.getByText('Done: the keys are rotated.').waitFor();
    await bob.page.getByText('The server does not take your keys for this team any more.').waitFor();
    await visit(ada);
    assert.equal(await entry(ada, 'Members', 'Bob').count(), 0);

    // What he could read is on a list, until it is replaced or ticked off.
    await ada.page.getByRole('link', { name: 'Projects', exact: true }).click();
    await region(ada, 'Needs attention').getByText('2 secrets to be replaced').waitFor();
    await ada.page.getByRole('link', { name: 'Go to the worklist' }).click();
    const left = region(ada, 'Bob: removed');
    await left.getByText(/0 of 2 done/).waitFor();
    await left.getByRole('button', { name: 'Tick off SHARED in Storefront', exact: true }).click();
    await left.getByText(/1 of 2 done/).waitFor();
    await ada.button('Undo').click();
    await left.getByText(/0 of 2 done/).waitFor();
    await left.getByRole('button', { name: 'Tick off SHARED in Storefront', exact: true }).click();
    await left.getByText(/1 of 2 done/).waitFor();
    await ada.page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await ada.tab('staging');
    await ada.edit('TOKEN', 'after Bob');
    await ada.row('TOKEN').waitFor();

    // With its new value the other one is off the list too.
    await ada.page.getByRole('link', { name: 'Projects', exact: true }).first().click();
    await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    const needs = region(ada, 'Needs attention');
    assert.equal((await needs.count()) ? await needs.innerText() : '', '');

    // Carol goes on.
    await carol.page.getByRole('link', { name: 'Projects', exact: true }).click();
    await carol.page.getByRole('heading', { level: 2, name: /^Project/ }).getByRole('link').click();
    await carol.tab('staging');
    assert.equal(await carol.reveal('TOKEN'), 'after Bob');
    await bob.page.reload();
    await bob.unlock();
    await bob.page.getByText('The server does not take your keys for this team any more.').waitFor();
    for (const profile of [ada, carol]) profile.clean();
  }));

test('an invite that is cancelled, and one that waits over a lock', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await visit(ada);
    const cancelled = await invite(ada, 'Nobody', {});
    await ada.button('Cancel the invite for Nobody').click();
    await entry(ada, 'Invites', 'Nobody').waitFor({ state: 'detached' });
    const bob = await stage.profile();
    bob.offline = true;
    await bob.page.goto(cancelled);
    await bob.page.getByText('This invite is not open any more.').waitFor();
    bob.offline = false;
    const link = await invite(ada, 'Bob', {}, true);
    await bob.button('Another link').click();
    await bob.page.getByLabel('Invite link').fill(link);
    await bob.button('Continue').click();
    await bob.page.getByText('as an owner, who may do everything').waitFor();

    const words = await bob.join(link);
    await bob.button('Lock').click();
    await bob.page.getByRole('heading', { name: 'Unlock' }).waitFor();
    await bob.unlock();
    await bob.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    assert.equal(await bob.page.locator('.words').innerText(), words);
    await admit(ada, 'Bob', words);
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await bob.page.reload();
    await bob.unlock();
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await visit(bob);
    assert.match(await entry(bob, 'Members', 'Bob').innerText(), /Owner: holds every vault/);
    ada.clean();
  }));

test('one account is in two teams: it joins by a link, and is in the one that it switches to', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found({ team: 'Harbour', me: 'Ada' });
    await ada.create('project', 'Storefront');
    await ada.add('SHARED', 'of Harbour');
    await visit(ada);
    const bob = await stage.profile();
    await admit(ada, 'Bob', await bob.join(await invite(ada, 'Bob', { Storefront: 'Reader' })));
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();

    for (const profile of [ada, bob]) profile.offline = true;
    await stage.anotherTeam();
    const eve = await stage.profile();
    await eve.found({ team: 'Lighthouse', me: 'Eve' });
    await eve.create('project', 'Beacon');
    await eve.add('SHARED', 'of Lighthouse');
    await visit(eve);
    const link = await invite(eve, 'Robert', { Beacon: 'Writer' });

    // The browser has an account: he joins with that.
    await bob.page.goto(link);
    await bob.button('Unlock to join').click();
    await bob.unlock();
    await bob.button('Join with this account').click();
    await bob.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    assert.equal(new URL(bob.page.url()).hash, '');
    const words = await bob.page.locator('.words').innerText();
    await bob.button('Back to my team').click();
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    const teams = region(bob, 'Teams');
    const account = async () => {
      await bob.page.getByRole('link', { name: 'Account', exact: true }).click();
      await bob.button('Show my teams').click();
      await teams.getByText(/^Harbour|^Lighthouse/).first().waitFor();
    };
    await account();
    await teams.getByText(/waiting to be let in$/).waitFor();
    // From where he waits there is a way back.
    await teams.getByRole('button', { name: /^Switch to Team/ }).click();
    await bob.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    assert.equal(await bob.page.locator('.words').innerText(), words);
    await bob.page.reload();
    await bob.unlock();
    await bob.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    await bob.button('Show my teams').click();
    await bob.page.getByRole('button', { name: /^Switch to Harbour/ }).click();
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await account();
    await admit(eve, 'Robert', words);

    // Each is where its secrets are; the one that was open last opens at the next unlock.
    const into = async (team) => {
      await teams.getByRole('button', { name: new RegExp(`^Switch to ${team}`) }).click();
      await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    };
    const reads = async (project, value) => {
      await bob.page.getByRole('heading', { level: 2, name: project }).getByRole('link').click();
      await bob.tab('Shared');
      assert.equal(await bob.reveal('SHARED'), value);
    };
    await into('Team');
    await reads('Beacon', 'of Lighthouse');
    await bob.page.reload();
    await bob.unlock();
    await bob.page.getByRole('link', { name: 'Projects', exact: true }).first().click();
    await reads('Beacon', 'of Lighthouse');
    await account();
    await teams.getByText(/^Lighthouse .*: open here$/).waitFor();
    await into('Harbour');
    assert.equal(await bob.page.getByText('Beacon').count(), 0, 'they share nothing');
    await reads('Storefront', 'of Harbour');
    eve.clean();
  }));

test('an owner is made, keys that were lost are replaced, and keys that have not come are waited for', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('TOKEN', 'first');
    await visit(ada);
    const bob = await stage.profile();
    await admit(ada, 'Bob', await bob.join(await invite(ada, 'Bob', { Storefront: 'Reader' })));
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await ada.button('Make an owner: Bob').click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Make an owner' }).click();
    await entry(ada, 'Members', 'Bob').getByText('Owner: holds every vault.').waitFor();

    // His laptop is gone. Another one of his gets other keys by a link; the old one is told.
    bob.offline = true;
    await ada.button('Replace lost keys: Bob').click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.getByLabel('Invite link').inputValue();
    await dialog.getByRole('button', { name: 'Done' }).click();
    const before = await entry(ada, 'Members', 'Bob').locator('.words').innerText();
    const desktop = await stage.profile();
    const words = await desktop.join(link);
    await admit(ada, 'Bob', words);
    await desktop.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await bob.page.getByText('The server does not take your keys for this team any more.').waitFor();
    assert.notEqual(words, before);
    await entry(ada, 'Members', 'Bob').getByText(words).waitFor();
    await desktop.page.getByRole('heading', { level: 2, name: 'Storefront' }).getByRole('link').click();
    await desktop.tab('Shared');
    assert.equal(await desktop.reveal('TOKEN'), 'first');

    // Keys that the server does not hand out yet are waited for, and said to be.
    const none = { status: 200, contentType: 'application/cbor', body: Buffer.from([0x81, 0x80]) };
    const carol = await stage.profile();
    await carol.context.route('**/wraps', (route) => (route.request().method() === 'GET' ? route.fulfill(none) : route.continue()));
    const carols = await carol.join(await invite(ada, 'Carol', { Storefront: 'Reader' }));
    await admit(ada, 'Carol', carols);
    await region(carol, 'Needs attention').getByText(/2 vaults wait for keys/).waitFor();
    await carol.context.unroute('**/wraps');
    await carol.page.reload();
    await carol.unlock();
    await carol.page.getByRole('heading', { level: 2, name: /^Project [0-9a-f]{8}$|^Storefront$/ }).getByRole('link').click();
    await carol.tab('Shared');
    assert.equal(await carol.reveal('TOKEN'), 'first');

    // He takes other keys himself: whoever knew those before is told, until the words were compared.
    await desktop.page.getByRole('link', { name: 'Account', exact: true }).click();
    await desktop.button('Make new keys…').click();
    await desktop.page.getByRole('dialog').getByRole('button', { name: 'Make new keys' }).click();
    await desktop.page.getByText('You have new keys.').waitFor();
    const now = await region(desktop, 'Your keys').locator('.words').innerText();
    const banner = carol.page.getByText(/^On .*, by themselves\. Compare these eight words with Bob,/);
    await banner.waitFor();
    await carol.page.getByText(now).waitFor();
    await carol.button('Bob’s keys have changed. Compared').click();
    await banner.waitFor({ state: 'detached' });
    for (const profile of [ada, desktop]) profile.clean();
  }));

/** Adds a machine with these roles, or another token for one; returns the token. */
async function token(profile, open, title, name, roles) {
  const { page } = profile;
  await profile.button(open).click();
  const dialog = page.getByRole('dialog', { name: title });
  if (name) await dialog.getByLabel('Name').fill(name);
  for (const [vault, role] of Object.entries(roles)) await dialog.getByLabel(vault, { exact: true }).selectOption(role);
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  const made = await dialog.getByLabel('Token', { exact: true }).inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  return made;
}

test('a machine is added, its token swapped, and it goes with whoever made it', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.create('environment', 'staging');
    await ada.add('TOKEN', 'first');
    const machines = async (profile) => {
      await profile.page.getByRole('link', { name: 'Machines', exact: true }).click();
      await profile.page.getByRole('heading', { name: 'Machines', level: 1 }).waitFor();
    };
    await machines(ada);
    await ada.page.getByText('No machine yet').waitFor();
    const first = await token(ada, 'Add a machine…', 'Add a machine', 'CI', { 'Storefront / staging': 'Reader' });
    assert.match(first, /^srt1_[0-9A-Z]{173}$/);
    const listed = ada.page.getByRole('main').getByRole('listitem').filter({ hasText: 'CI' });
    assert.match(await listed.innerText(), /Reader of Storefront \/ staging\s+It has never signed in\.\s+Added by /);
    assert.equal((await ada.page.content()).includes(first.slice(5)), false, 'it is shown once');

    // Another token beside it, with the same access; then the one before is revoked.
    const second = await token(ada, 'Swap the token: CI', 'Another token for CI', null, {});
    assert.notEqual(second, first);
    await ada.page.waitForFunction(() => document.querySelectorAll('main li.person').length === 2);
    assert.match(await listed.nth(1).innerText(), /Reader of Storefront \/ staging/);
    await ada.button('Revoke CI').first().click();
    const revoke = ada.page.getByRole('dialog', { name: 'Revoke CI?' });
    await revoke.getByText('Storefront / staging').waitFor();
    await revoke.getByRole('button', { name: 'Revoke CI' }).click();
    await ada.page.getByText('Done: the keys are rotated.').waitFor();
    await machines(ada);
    await ada.page.waitForFunction(() => document.querySelectorAll('main li.person').length === 1);

    // Bob manages staging: his machine is one to think of when he goes.
    await visit(ada);
    const bob = await stage.profile();
    const words = await bob.join(await invite(ada, 'Bob', { 'Storefront / staging': 'Manager' }));
    await admit(ada, 'Bob', words);
    await bob.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await machines(bob);
    await token(bob, 'Add a machine…', 'Add a machine', 'Deploy', { staging: 'Writer' });
    assert.equal(await bob.button('Revoke Deploy').count(), 0, 'owners revoke');
    await ada.page.getByLabel('Deploy: Storefront / staging').waitFor();
    bob.offline = true;
    await ada.button('Remove Bob').click();
    const remove = ada.page.getByRole('dialog', { name: 'Remove Bob?' });
    assert.equal(await remove.getByLabel(/Revoke the machines that Bob added.*: Deploy$/).isChecked(), true);
    await remove.getByRole('button', { name: 'Remove Bob' }).click();
    await ada.page.getByText('Done: the keys are rotated.').waitFor();
    await machines(ada);
    await listed.waitFor();
    assert.equal(await ada.page.getByText('Deploy').count(), 0);
    ada.clean();
  }));

test('what hangs on a secret where one may not write keeps it: nothing is half deleted, and it is said whom to ask', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    await ada.found();
    await ada.create('project', 'Storefront');
    await ada.add('SHARED', 'for all');
    await ada.create('environment', 'staging');
    await ada.button('Override SHARED').click();
    await ada.page.getByLabel('Value', { exact: true }).fill('for staging');
    await ada.button('Save').click();
    await ada.row('SHARED').getByText('overrides Storefront').waitFor();
    await ada.create('environment', 'development');
    await visit(ada);
    const dora = await stage.profile();
    const roles = { Storefront: 'Writer', 'Storefront / staging': 'Reader' };
    await admit(ada, 'Dora', await dora.join(await invite(ada, 'Dora', roles)));
    await dora.page.getByRole('heading', { level: 2, name: 'Storefront' }).getByRole('link').click();

    // Of one environment she sees everything, of the other that it is there.
    await dora.reads('SHARED', 'staging', 'override v1');
    await dora.reads('SHARED', 'Shared', 'own v1');
    await dora.page.getByText('no access').first().waitFor();
    await dora.cell('SHARED', 'Shared').focus();
    await dora.page.keyboard.press('Delete');
    const dialog = dora.page.getByRole('dialog', { name: 'Delete SHARED?' });
    await dialog.getByRole('button', { name: /^Delete 2 secrets/ }).click();
    await dora.page.getByText(/^You may not write in .*staging.*, which this would change too\. Ask an owner/).first().waitFor();
    await dora.page.keyboard.press('Escape');
    await dora.reads('SHARED', 'Shared', 'own v1');
    await ada.page.getByRole('link', { name: 'Storefront', exact: true }).first().click();
    await ada.reads('SHARED', 'Shared', 'own v1');
    await ada.reads('SHARED', 'staging', 'override v1');

    // Where she may write both, both go, and come back.
    await visit(ada);
    await role(ada, 'Dora', 'Storefront / staging', 'Writer');
    await dora.page.getByText('no access').first().waitFor();
    await dora.cell('SHARED', 'Shared').focus();
    await dora.page.keyboard.press('Delete');
    await dialog.getByRole('button', { name: /^Delete 2 secrets/ }).click();
    await dora.page.getByRole('button', { name: 'Undo' }).click();
    await dora.reads('SHARED', 'staging', 'override v3');

    // What she may only read is no place to copy to.
    await role(ada, 'Dora', 'Storefront / development', 'Reader');
    await dora.reads('SHARED', 'development', 'inherited from Shared');
    await dora.page.getByRole('link', { name: 'Compare' }).click();
    const [left, right] = ['Left', 'Right'].map((side) => dora.page.getByLabel(side, { exact: true }));
    const copy = dora.page.getByRole('checkbox', { name: 'Copy SHARED to the right' });
    await left.selectOption('development');
    await right.selectOption('staging');
    await copy.waitFor();
    await left.selectOption('staging');
    await right.selectOption('development');
    await dora.page.getByText('You may not write on the right.').waitFor();
    await copy.waitFor({ state: 'detached' });
    assert.equal(await dora.page.getByRole('button', { name: /^Copy/ }).count(), 0);

    // A vault that is taken away is sealed again under its next key.
    assert.match(await role(ada, 'Dora', 'Storefront / staging', 'No access'), /^Dora loses Storefront \/ staging\./);
    await ada.page.getByText('Done: the keys are rotated.').waitFor();
    await dora.page.getByText('You may not write on the right.').waitFor({ state: 'detached' });
    await ada.page.getByRole('link', { name: 'Rotation' }).click();
    await ada.page.getByText('Keys of Storefront / staging').click();
    await ada.page.locator('details[open]').getByText(/^Key 1 retired by /).waitFor();
    for (const profile of [ada, dora]) profile.clean();
  }));
