// The main job by keyboard alone: no mouse, no field that is filled from outside. The focus is
// always seen, and returns to its opener.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hands, focus } from './hands.mjs';
import { PASSWORD, story } from './stage.mjs';

test('from first run to unlock by keyboard', () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const hands = new Hands(ada);

    // First run.
    await page.goto(stage.setupLink);
    await hands.on('Team name');
    await hands.type('Harbour');
    await hands.to('Your name');
    await hands.type('Ada');
    await hands.press('Enter');
    await hands.heading('Choose a password');
    await hands.to('Choose my own password');
    await hands.press('Enter');
    await hands.to('Password');
    await hands.type(PASSWORD);
    await hands.to(/again/i);
    await hands.type(PASSWORD);
    await hands.press('Enter');
    await hands.heading('Keep the emergency kit');
    const said = (region, term) =>
      page.getByRole('region', { name: region }).locator(`dt:text-is("${term}") + dd`).innerText();
    const secretKey = await said('Emergency kit', 'Secret Key');
    const rootKey = (await said('Root key', 'Root key')).trim();
    await hands.to('I have kept both');
    await hands.press('Enter');
    const label = await page.locator('label', { hasText: 'Group' }).innerText();
    await hands.on(label.trim());
    await hands.type(secretKey.split('-')[Number(/\d/.exec(label)[0])]);
    await hands.to(/^Last 6 characters/);
    await hands.type(rootKey.slice(-6));
    await hands.press('Enter');
    await hands.heading('No project yet');

    // A project and an environment; what is not made after all gives the focus back.
    await hands.to('New project');
    await hands.press('Enter');
    await hands.on('Project name');
    await hands.press('Escape');
    await hands.on('New project');
    await hands.to('Create the first project');
    await hands.press('Enter');
    await hands.on('Project name');
    await hands.to('Cancel');
    await hands.press('Enter');
    await hands.on('Create the first project');
    await hands.press('Enter');
    await hands.on('Project name');
    await hands.type('Storefront');
    await hands.press('Enter');
    await hands.heading('Storefront');
    await hands.to('New environment');
    await hands.press('Enter');
    await hands.on('Environment name');
    await hands.type('Preview');
    await hands.press('Enter');
    await hands.heading('Preview');

    // A secret by key, another by button.
    await hands.press('n');
    await hands.on('Key');
    await hands.type('API_KEY');
    await hands.to('Value');
    await hands.type('first value');
    await hands.to('Note');
    await hands.type('for the shop');
    await hands.press('Control+Enter');
    await ada.row('API_KEY').waitFor();
    await hands.on('New secret');
    await hands.press('Enter');
    await hands.on('Key');
    await hands.type('PORT');
    await hands.to('Value');
    await hands.type('8080');
    await hands.to('Save');
    await hands.press('Enter');
    await ada.row('PORT').waitFor();
    await hands.on('New secret');
    await hands.press('Enter');
    await hands.on('Key');
    await hands.press('Escape');
    await hands.on('New secret');

    // Rows by key: reveal, edit, history.
    await hands.press('j');
    await hands.on('Edit API_KEY');
    await hands.press('j');
    await hands.on('Edit PORT');
    await hands.press('ArrowUp');
    await hands.on('Edit API_KEY');
    await hands.press('r');
    await ada.row('API_KEY').getByText('first value').waitFor();
    await hands.press('r');
    await ada.row('API_KEY').getByText('first value').waitFor({ state: 'detached' });
    await hands.press('Enter');
    await hands.on('Value');
    await ada.page.locator('tr.editing textarea:not([readonly])').waitFor();
    await hands.press('Escape');
    await hands.on('Edit API_KEY');
    await hands.press('Enter');
    await hands.on('Value');
    await ada.page.locator('tr.editing textarea:not([readonly])').waitFor();
    await hands.press('Control+a');
    await hands.type('second value');
    await hands.press('Control+Enter');
    await ada.row('API_KEY').getByText('v2').waitFor();
    await hands.on('Edit API_KEY');
    await hands.to('Reveal API_KEY');
    await hands.press('Enter');
    await ada.row('API_KEY').getByText('second value').waitFor();
    await hands.on('Hide API_KEY');
    await hands.press('Enter');
    await hands.to('History of API_KEY');
    await hands.press('Enter');
    await page.getByRole('dialog', { name: 'History of API_KEY' }).waitFor();
    await hands.to('Reveal version 1');
    await hands.press('Enter');
    await page.getByRole('dialog').getByText('first value').waitFor();
    await hands.press('Escape');
    await hands.on('History of API_KEY');
    await hands.to('Edit API_KEY', 'Shift+Tab');
    await hands.press('h');
    await page.getByRole('button', { name: 'Restore version 1' }).waitFor();
    await hands.to('Close');
    await hands.press('Enter');
    await hands.on('Edit API_KEY');

    // What lies over the page gives the focus back.
    for (const [key, name] of [['?', 'Keyboard shortcuts'], ['Control+k', 'Command palette']]) {
      await hands.press(key);
      await page.getByRole('dialog', { name }).waitFor();
      await hands.press('Tab');
      await hands.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await hands.on('Edit API_KEY');
    }
    await hands.to('Export', 'Shift+Tab');
    await hands.press('Enter');
    await page.getByRole('dialog', { name: 'Export' }).waitFor();
    await hands.to('Download .env');
    await hands.press('Escape');
    await hands.on('Export');
    await hands.press('/');
    await hands.on('Filter secrets');
    await hands.press('Escape');

    // Delete, and undo by the message's button.
    await hands.to('Edit PORT');
    await hands.press('Delete');
    await ada.row('PORT').waitFor({ state: 'detached' });
    await hands.on('Edit API_KEY');
    await page.getByText('Deleted PORT.').waitFor();
    await hands.to('Undo');
    await hands.press('Enter');
    await ada.row('PORT').waitFor();

    // Invite somebody: by the palette to the people, a name, a role, the link; and back where it began.
    await hands.press('Control+k');
    await hands.type('People');
    await hands.press('Enter');
    await hands.heading('People');
    await hands.to('Invite…');
    await hands.press('Enter');
    await hands.on('Name');
    await hands.type('Grace');
    await hands.to('Storefront / Preview');
    await hands.type('Reader');
    await hands.to('Make the link');
    await hands.press('Enter');
    await page.getByRole('dialog').getByLabel('Invite link').waitFor();
    await hands.to('Done');
    await hands.press('Enter');
    await page.getByText('Nobody has followed the link yet.').waitFor();
    await page.getByRole('region', { name: 'Invites' }).getByText('Reader of Storefront / Preview').waitFor();
    await hands.on('Invite…');
    await page.goBack();
    await hands.heading('Preview');

    // Lock and unlock.
    await hands.press('Control+Shift+L');
    await hands.heading('Unlock');
    await hands.on('Password');
    await hands.type(PASSWORD);
    await hands.press('Enter');
    await hands.heading('Preview');
    await ada.row('API_KEY').waitFor();
    await hands.press('j');
    await hands.on('Edit API_KEY');
    await hands.press('r');
    await ada.row('API_KEY').getByText('second value').waitFor();
    ada.clean();
  }));

test('a focus that is not seen is found', () =>
  story(async (stage) => {
    const profile = await stage.profile();
    const { page } = profile;
    await profile.go('/_kit');
    await page.getByRole('list', { name: 'Screens' }).waitFor();
    const planted = (style) =>
      page.evaluate((style) => {
        const button = document.createElement('button');
        button.textContent = 'planted';
        Object.assign(button.style, style);
        document.querySelector('#content').prepend(button);
        button.focus({ preventScroll: true });
      }, style);
    await page.keyboard.press('Tab');
    assert.deepEqual((await focus(page)).faults, []);
    await planted({ outline: 'none' });
    assert.deepEqual((await focus(page)).faults, ['no focus indicator']);
    await planted({ position: 'absolute', left: '-9999px' });
    assert.match((await focus(page)).faults.join(), /^not in view/);
    await planted({ position: 'relative', zIndex: -1 });
    await page.evaluate(() => {
      const veil = document.createElement('div');
      Object.assign(veil.style, { position: 'fixed', inset: 0 });
      document.body.append(veil);
    });
    assert.match((await focus(page)).faults.join(), /^covered by div/);
  }));
