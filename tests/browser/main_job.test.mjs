// The main job, in a real browser against the real server: from an empty machine to a secret that
// the server cannot read, with two devices, and with server and browser restarted in the middle.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { files, sightings } from './canaries.mjs';
import { PASSWORD, story } from './stage.mjs';

const CANARIES = {
  value: 'canary-value-2c44f9d1',
  edited: 'canary-edited-b8e01a77',
  key: 'CANARY_KEY_D00DAD',
  note: 'canary-note-6e2f5b90',
  project: 'canary-project-41c9',
  environment: 'canary-environment-8a',
  application: 'canary-application-3f',
};

test('the main job', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const kit = await ada.found();

    // A project with its scopes, and a secret at each.
    await ada.create('project', CANARIES.project);
    await ada.add('SHARED', 'for all');
    await ada.create('environment', CANARIES.environment);
    await ada.add(CANARIES.key, CANARIES.value, CANARIES.note);
    await ada.create('application', CANARIES.application);
    await ada.add('PORT', '8080');
    const scope = new URL(ada.page.url()).pathname;
    assert.equal(await ada.reveal(CANARIES.key), CANARIES.value, 'an inherited secret is seen');

    // The server crashes and comes back; the browser is closed and opened.
    ada.offline = true;
    await stage.stop('SIGKILL');
    await stage.start();
    await ada.restart();
    ada.offline = false;
    await ada.go(scope);
    await ada.unlock('not the password at all');
    await ada.page.getByText('No account opens with this password').waitFor();
    await ada.unlock();
    await ada.page.getByRole('heading', { name: CANARIES.application }).waitFor();
    assert.equal(await ada.reveal('PORT'), '8080');

    // A new device: emergency kit and password.
    const laptop = await stage.profile();
    await laptop.recover(kit);
    await laptop.page.getByRole('link', { name: CANARIES.project }).first().click();
    await laptop.go(scope);
    await laptop.unlock();
    await laptop.row('PORT').waitFor();
    assert.equal(await laptop.reveal(CANARIES.key), CANARIES.value);

    // An edit here is there without a reload, within a second of being saved.
    await ada.edit('PORT', '9090');
    await ada.row('PORT').getByText('v2').waitFor();
    const saved = Date.now();
    await laptop.row('PORT').getByText('v2').waitFor({ timeout: 10_000 });
    const seen = Date.now() - saved;
    console.log(`an edit was on the other device ${seen} ms after it was saved`);
    assert.equal(await laptop.reveal('PORT'), '9090');

    // Both edit the same secret: the second is shown a conflict, and nothing is lost.
    await laptop.button('Edit PORT').click();
    await laptop.page.getByLabel('Value', { exact: true }).fill('of the laptop');
    await ada.edit('PORT', 'of ada');
    await ada.row('PORT').getByText('v3').waitFor();
    await laptop.button('Save').click();
    const conflict = laptop.page.getByRole('dialog');
    await conflict.getByText('PORT').first().waitFor();
    await conflict.getByRole('button', { name: 'Keep mine' }).click();
    await laptop.row('PORT').getByText('v4').waitFor();
    assert.equal(await laptop.reveal('PORT'), 'of the laptop');
    await ada.row('PORT').getByText('v4').waitFor();

    // Different secrets at the same time both survive.
    await Promise.all([ada.add('OF_ADA', '1'), laptop.add('OF_LAPTOP', '2')]);
    await ada.row('OF_LAPTOP').waitFor();
    await laptop.row('OF_ADA').waitFor();

    // Delete, and undo.
    await ada.button('Delete OF_ADA').click();
    await ada.row('OF_ADA').waitFor({ state: 'detached' });
    await laptop.row('OF_ADA').waitFor({ state: 'detached' });
    await ada.button('Undo').click();
    await ada.row('OF_ADA').waitFor();
    assert.equal(await ada.reveal('OF_ADA'), '1');

    // A change that is made while the server is away is kept and saved when it is back.
    ada.offline = laptop.offline = true;
    await stage.stop('SIGKILL');
    await ada.edit('OF_ADA', CANARIES.edited);
    await ada.page.getByText(/cannot be reached|offline|waiting/i).first().waitFor();
    await stage.start();
    await ada.row('OF_ADA').getByText('v4').waitFor({ timeout: 60_000 });
    await laptop.row('OF_ADA').getByText('v4').waitFor({ timeout: 60_000 });
    ada.offline = laptop.offline = false;
    assert.equal(await laptop.reveal('OF_ADA'), CANARIES.edited);

    // Copy, and search across projects.
    await ada.button('Copy PORT').click();
    await ada.page.getByText(/Copied/i).first().waitFor();
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), 'of the laptop');
    await ada.go('/search#q=canary_key');
    await ada.unlock();
    await ada.page.getByText(CANARIES.key).first().waitFor();

    // Lock: the page has nothing left of what it showed.
    await ada.button('Lock').click();
    await ada.page.getByRole('heading', { name: 'Unlock' }).waitFor();
    const markup = await ada.page.content();
    assert.deepEqual(sightings(Object.values(CANARIES), { markup }), []);

    ada.clean();
    laptop.clean();

    // Neither database, nor logs, nor traffic, nor the browsers' own storage hold any of it.
    const secrets = [
      ...Object.values(CANARIES),
      PASSWORD,
      'canary-team-51ab',
      'canary-ada-77d0',
      kit.secretKey,
      kit.secretKey.replaceAll('-', ''),
      kit.rootKey,
      kit.rootKey.slice(5, 50),
    ];
    await stage.stop('SIGTERM');
    const server = await files(join(stage.folder, 'data'));
    assert.ok(Object.keys(server).length > 0);
    assert.deepEqual(sightings(secrets, server), []);
    assert.deepEqual(sightings(secrets, { log: stage.log }), []);
    const messages = [ada, laptop].flatMap((profile) => [...profile.sent, ...profile.received]);
    assert.ok(ada.sent.length > 50 && ada.received.length > 20);
    const traffic = Object.fromEntries(messages.map((message, at) => [`message ${at}`, message]));
    assert.deepEqual(sightings(secrets, traffic), []);
    // The control: the scan finds what is there, however it is spelled.
    for (const planted of [
      Buffer.from(CANARIES.value),
      Buffer.from(Buffer.from(`xx${CANARIES.value}y`).toString('base64')),
      Buffer.from(Buffer.from(CANARIES.value).toString('hex')),
      Buffer.from(CANARIES.value, 'utf16le'),
    ]) {
      assert.equal(sightings(secrets, { planted: Buffer.concat([Buffer.alloc(99, 7), planted]) }).length, 1);
    }
    await stage.start();
  }));
