// Every screen with real data, light and dark, on a wide page and on a phone, and once at 200% zoom
// in forced colours: nothing that axe finds, no sideways scroll, no target below 24 px (44 where one
// touches), nothing on the console; and a picture of each.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, axeSource, story } from './stage.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDE = { width: 1440, height: 900, target: 24 };
const PHONE = { width: 360, height: 780, target: 44, touch: true };
/** At 200% a page of 1440 px has room for half as many. */
const ZOOMED = { width: 720, height: 450, target: 24, media: { forcedColors: 'active' } };
const plain = { reducedMotion: 'reduce', forcedColors: 'none' };
const looksOf = (screen) =>
  screen.media
    ? [{ name: 'forced', media: { ...plain, colorScheme: 'light', ...screen.media } }]
    : ['light', 'dark'].map((name) => ({ name, media: { ...plain, colorScheme: name } }));
const folder = (screen, look) => join(shots, `${screen.width}-${look.name}`);

const target = process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../target');
const shots = process.env.SUBROSA_SHOTS ?? join(target, 'screenshots');
const axe = await readFile(axeSource, 'utf8');

const LONG = `${'A_VERY_LONG_KEY_THAT_NEVER_ENDS_'.repeat(6)}AT_ALL`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${'MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQG\n'.repeat(12)}-----END CERTIFICATE-----`;

/** What is wrong with the page as it is now; `least` is how small a target may be, in px. */
async function faultsOf(page, least) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async ([tags, least]) => {
    const found = await window.axe.run(document, {
      runOnly: { type: 'tag', values: tags },
      resultTypes: ['violations'],
      preload: false,
    });
    const faults = found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.split('\n')[1]?.trim()}`),
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`scrolls sideways: ${scrollWidth} px in ${clientWidth}`);
    const over = document.querySelector('dialog[open]');
    const inside = [...(over ?? document).querySelectorAll('a, button, input, select, textarea, summary, [role=option]')];
    for (const dialog of document.querySelectorAll('dialog[open]')) {
      if (dialog.scrollWidth > dialog.clientWidth) faults.push('the dialog scrolls sideways');
    }
    for (const element of inside) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen')) continue;
      let box = element.getBoundingClientRect();
      const after = getComputedStyle(element, '::after');
      // The target of a card's link is the card; that of a checkbox, its label.
      if (after.content !== 'none' && after.position === 'absolute') box = element.offsetParent.getBoundingClientRect();
      const label = element.labels?.[0];
      if (label?.contains(element)) box = label.getBoundingClientRect();
      const style = getComputedStyle(element);
      const inSentence = style.display === 'inline' && element.parentElement.innerText.trim() !== element.innerText.trim();
      if (inSentence || style.clipPath !== 'none') continue;
      if (box.width < least || box.height < least) {
        const name = element.getAttribute('aria-label') ?? element.innerText;
        faults.push(`small target: ${element.localName} “${name}”: ${box.width} × ${box.height}`);
      }
    }
    return faults;
  }, [TAGS, least]);
}

/** Looks at a screen, in all ways. */
class Looks {
  faults = [];
  seen = new Set();
  shapes = new Set();

  async at(profile, name, { screens = [WIDE, PHONE, ZOOMED], whole = true } = {}) {
    const { page } = profile;
    assert.ok(!this.seen.has(name), `${name} is there already`);
    this.seen.add(name);
    this.shapes.add(shape(page.url()));
    const covered = (await page.locator('dialog[open]').count()) > 0;
    const devtools = await page.context().newCDPSession(page);
    for (const screen of screens) {
      for (const look of looksOf(screen)) {
        await page.emulateMedia(look.media);
        await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: screen.touch ?? false });
        await page.setViewportSize(screen);
        assert.equal(await page.evaluate(() => matchMedia('(pointer: coarse)').matches), screen.touch ?? false);
        for (const fault of await faultsOf(page, screen.target)) {
          this.faults.push(`${name} ${screen.width} ${look.name}: ${fault}`);
          console.log(this.faults.at(-1));
        }
        if (!covered && whole) await page.evaluate(() => scrollTo(0, 0));
        const path = join(folder(screen, look), `${name}.png`);
        await page.screenshot({ path, fullPage: whole && !covered, caret: 'initial' });
      }
    }
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: false });
    await devtools.detach();
    await page.emulateMedia({ ...plain, colorScheme: 'light' });
    await page.setViewportSize(WIDE);
  }
}

/** An address with the names of what its ids stand for, as the gallery lists them. */
function shape(address) {
  const { pathname, hash } = new URL(address);
  const path = pathname
    .replace(/^\/p\/[^/]+/, '/p/project')
    .replace(/\/e\/[^/]+/, '/e/environment')
    .replace(/\/a\/[^/]+/, '/a/application');
  const asked = new URLSearchParams(hash.slice(1));
  const below = [asked.has('e') && 'e=environment', asked.has('a') && 'a=application'];
  const fragment = below.filter(Boolean).join('&');
  return fragment ? `${path}#${fragment}` : path;
}

async function bring(profile, text) {
  const { page } = profile;
  await page.getByRole('link', { name: 'Import .env' }).click();
  await page.getByLabel('Text of the .env file').fill(text);
  await profile.button('Read').click();
}

async function bringAll(profile, text) {
  await bring(profile, text);
  await profile.button(/^Import \d+ secrets?$/).click();
  await profile.page.getByRole('link', { name: 'Show the secrets' }).click();
  await profile.page.getByRole('table', { name: 'Secrets' }).waitFor();
}

/** All environments side by side, with every state of a cell, and what lies over them. */
async function lookAtMatrix(looks, ada) {
  const { page } = ada;
  const press = async (key, place, pressed) => {
    await ada.cell(key, place).focus();
    await page.keyboard.press(pressed);
  };
  await ada.create('environment', 'Production');
  await ada.tab('All environments');
  await press('SHARED_LOG_LEVEL', 'Preview', 'o');
  await page.getByLabel('Value', { exact: true }).fill('warn');
  await ada.button('Save').click();
  await ada.reads('SHARED_LOG_LEVEL', 'Preview', 'override v1');
  await press('DATABASE_URL', 'Preview', 'a');
  await page.getByLabel('New key').fill('DATABASE_URL_OF_REPLICA');
  await ada.button('Save').click();
  await ada.reads('DATABASE_URL_OF_REPLICA', 'Preview', 'alias v1');
  await press('SHARED_LOG_LEVEL', 'Shared', 'x');
  await ada.reads('SHARED_LOG_LEVEL', 'Preview / checkout-worker', 'inherited from Preview');
  for (const [key, place] of [['SHARED_LOG_LEVEL', 'Preview'], ['DATABASE_URL', 'Preview']]) await press(key, place, 'r');
  await page.getByText('Hides in').nth(1).waitFor();
  await looks.at(ada, 'matrix');
  for (const [key, place] of [['SHARED_LOG_LEVEL', 'Preview'], ['DATABASE_URL', 'Preview']]) await press(key, place, 'r');
  await press('DATABASE_URL_OF_REPLICA', 'Preview', 't');
  await page.getByRole('dialog').getByText('Goes on with').waitFor();
  await looks.at(ada, 'matrix-trace-alias');
  await page.keyboard.press('Escape');
  await press('SHARED_LOG_LEVEL', 'Preview / checkout-worker', 't');
  await page.getByRole('dialog').getByText('shadowed').waitFor();
  await looks.at(ada, 'matrix-trace');
  await page.keyboard.press('Escape');
  await press('DATABASE_URL', 'Preview', 'Delete');
  await page.getByRole('dialog').getByText('They go with it').waitFor();
  await looks.at(ada, 'matrix-delete');
  await ada.button('Keep').click();
  await ada.cell('SHARED_LOG_LEVEL', 'Preview').click();
  await page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])')).waitFor();
  await looks.at(ada, 'matrix-editor');
  await ada.button('Cancel').click();
  await ada.cell('DATABASE_URL_OF_REPLICA', 'Preview').click();
  await page.getByText('An alias has no value of its own').waitFor();
  await looks.at(ada, 'matrix-alias');
  await ada.button('Close').click();
  await ada.button('New secret').click();
  await page.getByLabel('Key', { exact: true }).fill('SENTRY_DSN');
  await page.getByLabel('Where').selectOption('Production');
  await page.getByLabel('Value', { exact: true }).fill('of production');
  await ada.button('Save').click();
  await page.getByRole('dialog', { name: 'Change production?' }).waitFor();
  await looks.at(ada, 'production');
  await ada.confirm();
  await ada.button('Override it here').waitFor();
  await looks.at(ada, 'matrix-new');
  await ada.button('Override it here').click();
  await ada.reads('SENTRY_DSN', 'Production', 'override v1');
  await page.setViewportSize(WIDE);
  await ada.cell('SHARED_LOG_LEVEL', 'Preview / checkout-worker').hover();
  await page.locator('.hover-trace').getByText('shadowed').waitFor();
  await looks.at(ada, 'matrix-hover', { screens: [WIDE], whole: false });
  await page.getByRole('link', { name: 'Compare' }).click();
  await page.getByLabel('Right').selectOption('Production');
  await page.getByLabel('Copy EMPTY to the right').check();
  await looks.at(ada, 'compare');
  await ada.button('Copy 1 to the right').click();
  await page.getByRole('dialog').waitFor();
  await looks.at(ada, 'compare-copy');
  await ada.button('Cancel').click();
  await page.goBack();
  await page.getByLabel('Filter keys').fill('nothing like it');
  await page.getByRole('heading', { name: 'No match' }).waitFor();
  await looks.at(ada, 'matrix-no-match');
}

/** Members, invites, and what somebody sees who follows one. */
async function lookAtPeople(looks, stage, ada) {
  const { page } = ada;
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('region', { name: 'Members' }).waitFor();
  await looks.at(ada, 'people-alone');
  await ada.button('Invite…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Grace Hopper');
  await dialog.getByLabel('Storefront / Preview', { exact: true }).selectOption('Manager');
  await looks.at(ada, 'people-invite');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('Invite link').inputValue();
  await looks.at(ada, 'people-link');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByText('Nobody has followed the link yet.').waitFor();

  const grace = await stage.profile();
  await grace.go('/join');
  await grace.page.getByLabel('Invite link').waitFor();
  await looks.at(grace, 'join-no-link');
  await grace.page.getByLabel('Invite link').fill(link);
  await grace.button('Continue').click();
  await grace.button('Make an account').waitFor();
  await looks.at(grace, 'join');
  const words = await grace.join(link);
  await looks.at(grace, 'join-door');
  await ada.button('Let in…').click();
  await dialog.getByText(words).waitFor();
  await looks.at(ada, 'people-admit');
  await dialog.getByLabel(/I have compared/).check();
  await dialog.getByRole('button', { name: 'Let in' }).click();
  await page.getByRole('table', { name: 'Access' }).waitFor();
  await page.getByLabel('Grace Hopper: Storefront', { exact: true }).selectOption('Reader');
  await page.getByLabel('Grace Hopper: Storefront / Preview', { exact: true }).selectOption('No access');
  await ada.button('Review 2 changes…').waitFor();
  await looks.at(ada, 'people');
  await ada.button('Review 2 changes…').click();
  await looks.at(ada, 'people-review');
  await page.keyboard.press('Escape');
  await ada.button('Undo').click();
  await grace.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  await looks.at(grace, 'projects-closed');
  await grace.page.getByRole('heading', { level: 2, name: /^Project/ }).getByRole('link').click();
  await grace.page.getByText('no access').first().waitFor();
  await looks.at(grace, 'matrix-closed');
  await ada.button('Make an owner: Grace Hopper').click();
  await looks.at(ada, 'people-promote');
  await page.keyboard.press('Escape');
  await ada.button('Replace lost keys: Grace Hopper').click();
  await looks.at(ada, 'people-replace');
  await page.keyboard.press('Escape');
  await ada.button('Remove Grace Hopper').click();
  await looks.at(ada, 'people-remove');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Machines', exact: true }).click();
  await page.getByText('No machine yet').waitFor();
  await looks.at(ada, 'machines-none');
  await ada.button('Add a machine…').click();
  await dialog.getByLabel('Name').fill('Nightly backup');
  await dialog.getByLabel('Storefront / Preview', { exact: true }).selectOption('Reader');
  await looks.at(ada, 'machines-add');
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  await dialog.getByLabel('Token', { exact: true }).waitFor();
  await looks.at(ada, 'machines-token');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await ada.button('Revoke Nightly backup').waitFor();
  await looks.at(ada, 'machines');
  await ada.button('Swap the token: Nightly backup').click();
  await looks.at(ada, 'machines-swap');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await ada.button('Show my teams').click();
  await page.getByText(/open here$/).waitFor();
  await page.getByText(/: this one$/).waitFor();
  await looks.at(ada, 'account');
  await ada.button('Change the password…').click();
  await page.getByText(/^(\w+-){7}\w+$/).waitFor();
  await looks.at(ada, 'account-password');
  await ada.button('Keep it').click();
  await ada.button('Show a kit…').click();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await looks.at(ada, 'account-kit-password');
  await dialog.getByRole('button', { name: 'Show the kit' }).click();
  await dialog.getByRole('img', { name: /QR code/ }).waitFor();
  await looks.at(ada, 'account-kit');
  await page.keyboard.press('Escape');
  await ada.button('Make new keys…').click();
  await looks.at(ada, 'account-renew');
  await page.keyboard.press('Escape');
  await lookAtAlarms(looks, ada, grace);
  await ada.go('/worklist');
  await ada.unlock();
  await page.getByText('Nothing to replace').waitFor();
  await looks.at(ada, 'worklist-none');
  await page.getByRole('link', { name: 'People', exact: true }).first().click();
  await page.getByLabel('Grace Hopper: Storefront / Preview', { exact: true }).selectOption('No access');
  await ada.button('Review 1 change…').click();
  await dialog.getByRole('button', { name: 'Change the roles' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Projects', exact: true }).first().click();
  await page.getByRole('link', { name: 'Go to the worklist' }).click();
  await page.getByRole('region', { name: 'Grace Hopper: access taken away' }).waitFor();
  await looks.at(ada, 'worklist');
  await grace.stop();
  grace.clean();
}

/** The log, its filters, and an environment as it was. */
async function lookAtHistory(looks, ada) {
  const { page } = ada;
  await page.getByLabel('Main').getByRole('link', { name: 'History', exact: true }).click();
  const entries = page.getByRole('list', { name: 'Entries' }).getByRole('listitem');
  await entries.first().waitFor();
  await page.getByLabel('Contents', { exact: true }).check();
  await page.waitForURL(/about=contents/);
  const restorable = entries.filter({ has: page.locator('button') }).filter({ hasText: 'changed' });
  await restorable.last().locator('summary').click();
  await looks.at(ada, 'audit');
  await restorable.last().getByRole('button', { name: /^Restore/ }).first().click();
  await page.getByRole('dialog').getByText('otherwise now').waitFor();
  await looks.at(ada, 'audit-restore');
  await page.keyboard.press('Escape');
  await page.getByLabel('Search the history').fill('nothing like it');
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await looks.at(ada, 'audit-no-match');
  await ada.button('Clear the filters').click();
  await entries.first().waitFor();
}

/** Keys that have changed, and another history: as a member and as an owner see them. */
async function lookAtAlarms(looks, ada, grace) {
  const { page } = ada;
  await ada.go('/alarm');
  await page.getByText('No alarm stands on this device.').waitFor();
  await looks.at(ada, 'alarm-none');
  await ada.go('/root-key');
  await ada.unlock();
  await ada.button('Make a new root key').click();
  const made = await page.locator('.sheet.root dt:text-is("Root key") + dd').innerText();
  await page.getByLabel('Last 6 characters of the root key').fill(made.trim().slice(-6));
  await ada.button('Put it in force').click();
  await grace.page.getByText('The root key has changed.').waitFor();
  await looks.at(grace, 'keys-changed');
  for (const who of [grace, ada]) {
    await who.page.getByRole('link', { name: 'Settings' }).click();
    await who.page.getByLabel('A colleague’s checkpoint').fill(`1:${'0'.repeat(64)}`);
    await who.button('Compare').click();
    await who.page.getByText('Another history.').waitFor();
    await who.page.getByRole('alert').first().waitFor();
  }
  await looks.at(grace, 'settings-alarm');
  await grace.button('Lock').click();
  await grace.page.getByText('Alarm: another history of a team was seen.').waitFor();
  await looks.at(grace, 'unlock-alarm');
  await grace.page.getByRole('link', { name: 'What to do' }).click();
  await grace.page.getByRole('heading', { name: 'What to do' }).waitFor();
  await looks.at(grace, 'alarm-locked');
  await page.getByRole('alert').getByRole('link', { name: 'What to do' }).click();
  await page.getByRole('heading', { name: 'You are an owner' }).waitFor();
  await looks.at(ada, 'alarm');
  await ada.button('Clear the alarm…').click();
  await looks.at(ada, 'alarm-clear');
  await page.getByRole('dialog').getByRole('button', { name: 'Clear the alarm' }).click();
  await page.getByRole('link', { name: 'Back to the projects' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('A colleague’s checkpoint').waitFor();
}

test('every screen', { timeout: 600_000 }, () =>
  story(async (stage) => {
    for (const screen of [WIDE, PHONE, ZOOMED]) {
      for (const look of looksOf(screen)) await mkdir(folder(screen, look), { recursive: true });
    }
    const looks = new Looks();
    const ada = await stage.profile();
    const { page } = ada;

    // The gallery lists every screen that there is.
    await ada.go('/_kit');
    const listed = await page.getByRole('list', { name: 'Screens' }).getByRole('link').allInnerTexts();
    assert.ok(listed.length > 10, `${listed}`);
    await ada.button('Show a message').click();
    await looks.at(ada, 'kit');
    for (const kind of ['narrow', 'wide', 'drawer']) {
      await ada.button(`Open ${kind}`).click();
      await looks.at(ada, `kit-${kind}`);
      await ada.button('Done').click();
    }

    // First run.
    await ada.go('/setup');
    await page.getByLabel('Setup link').waitFor();
    await looks.at(ada, 'setup-no-link');
    await ada.go('/recover');
    await page.getByText('This device has no Secret Key yet').waitFor();
    await looks.at(ada, 'recover');
    await ada.button('Type the Secret Key instead').click();
    await looks.at(ada, 'recover-typed');
    await page.goto(stage.setupLink);
    await page.getByLabel('Team name').fill('Harbour & Sons');
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await looks.at(ada, 'setup-names');
    await ada.button('Continue').click();
    await page.locator('.passphrase').getByText(/\w/).waitFor();
    await looks.at(ada, 'setup-password');
    await ada.button('Choose my own password').click();
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByLabel(/again/i).fill('short');
    await ada.button('Create keys').click();
    await page.locator('.error').getByText('At least 12 characters').waitFor();
    await looks.at(ada, 'setup-password-short');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel(/again/i).fill(PASSWORD);
    await ada.button('Create keys').click();
    await ada.button('I have kept both').waitFor();
    const kit = await ada.readKit();
    await looks.at(ada, 'setup-kit');
    await ada.button('I have kept both').click();
    const group = page.getByLabel(/^Group \d of the Secret Key/);
    const number = Number(/\d/.exec(await page.locator('label', { hasText: 'Group' }).innerText())[0]);
    await group.fill('WRONG');
    await page.getByLabel(/^Last 6 characters/).fill('wrong');
    await ada.button('Found the team').click();
    await page.getByRole('alert').waitFor();
    await looks.at(ada, 'setup-proof-wrong');
    await group.fill(kit.secretKey.split('-')[number]);
    await page.getByLabel(/^Last 6 characters/).fill(kit.rootKey.slice(-6));
    await ada.button('Found the team').click();

    // Projects.
    await page.getByRole('heading', { name: 'No project yet' }).waitFor();
    await looks.at(ada, 'projects-empty');
    await ada.button('New project').click();
    await page.getByLabel('Project name').fill('Storefront');
    await looks.at(ada, 'projects-naming');
    await ada.button('Create').click();
    await page.getByRole('heading', { name: 'No environment yet' }).waitFor();
    await looks.at(ada, 'matrix-empty');
    await ada.tab('Shared');
    await page.getByRole('heading', { name: 'No secret here yet' }).waitFor();
    await looks.at(ada, 'scope-empty');
    await ada.add('SHARED_LOG_LEVEL', 'info', 'For every environment of the shop');
    await ada.add('SENTRY_DSN', 'https://0123456789abcdef@o0.ingest.example/1');
    await looks.at(ada, 'scope-project');
    await ada.tab('All environments');
    await page.getByText('This project has no environment yet').waitFor();
    await looks.at(ada, 'matrix-no-environment');
    await ada.tab('Shared');
    await bring(ada, 'SENTRY_DSN=other\n');
    await page.getByRole('table', { name: 'Lines of the file' }).waitFor();
    await looks.at(ada, 'import-project');
    await page.getByRole('link', { name: 'Storefront' }).last().click();
    await ada.create('environment', 'Preview');
    await bringAll(
      ada,
      [
        'DATABASE_URL=postgres://shop:of-the-shop@db.internal.example:5432/shop?sslmode=require',
        `${LONG}=${'0123456789abcdef'.repeat(16)}`,
        `TLS_CERTIFICATE="${CERTIFICATE}"`,
        'EMPTY=',
        ...Array.from({ length: 12 }, (_, at) => `SERVICE_${at}_TOKEN=token-${at}`),
      ].join('\n'),
    );
    await ada.button('Edit DATABASE_URL').click();
    await page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])')).waitFor();
    await page.getByLabel('Value', { exact: true }).fill('postgres://shop:of-the-winter@db.internal.example:5432/shop?sslmode=require');
    await page.getByLabel('Note', { exact: true }).fill(`Rotated by hand every quarter; ask ${'the platform team '.repeat(8)}first`);
    await ada.button('Save').click();
    await ada.row('DATABASE_URL').getByText('v2').waitFor();
    await page.getByText('Saved DATABASE_URL').waitFor();
    for (const key of ['DATABASE_URL', LONG, 'TLS_CERTIFICATE', 'EMPTY']) await ada.button(`Reveal ${key}`).click();
    await page.getByText('An empty value').waitFor();
    await looks.at(ada, 'scope-environment');
    for (const key of ['DATABASE_URL', LONG, 'TLS_CERTIFICATE', 'EMPTY']) await ada.button(`Hide ${key}`).click();
    await page.getByLabel('Filter secrets').fill('nothing like it');
    await page.getByRole('heading', { name: 'No match' }).waitFor();
    await looks.at(ada, 'scope-no-match');
    await page.getByLabel('Filter secrets').fill('');

    // Editing, and what lies over the table.
    await ada.button('Edit TLS_CERTIFICATE').click();
    await page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])')).waitFor();
    await ada.button('Show value').click();
    await looks.at(ada, 'editor');
    await ada.button('Cancel').click();
    await ada.button('New secret').click();
    await page.getByLabel('Key', { exact: true }).fill('stripe-key');
    await page.getByText('letters A to Z').waitFor();
    await looks.at(ada, 'editor-new-bad-key');
    await ada.button('Cancel').click();
    await page.getByText('kept as a draft').waitFor();
    await looks.at(ada, 'toast-draft');
    await ada.button('Review').click();
    await page.getByRole('heading', { name: 'Review your drafts' }).waitFor();
    await page.getByRole('button', { name: /^Show values of/ }).click();
    await looks.at(ada, 'review');
    await page.getByRole('dialog').getByRole('button', { name: /^Discard / }).click();
    await ada.button('History of DATABASE_URL').click();
    await ada.button('Reveal version 1').click();
    await page.getByRole('dialog').getByText('Hides in').waitFor();
    await looks.at(ada, 'history');
    await page.getByRole('button', { name: /^Show changes of version/ }).first().click();
    await page.locator('.versions ins').first().waitFor();
    await looks.at(ada, 'history-changes');
    await ada.button('Close').click();
    await ada.button('Export').click();
    await looks.at(ada, 'export');
    await ada.button('Close').click();
    await ada.button('Delete SERVICE_0_TOKEN').click();
    await page.getByText('Deleted SERVICE_0_TOKEN').waitFor();
    await looks.at(ada, 'toast-deleted');
    assert.ok(await ada.button('Undo').isVisible(), 'the message stays while it is looked at');
    await page.getByText('Deleted secrets', { exact: true }).click();
    await ada.button('Restore SERVICE_0_TOKEN').waitFor();
    await looks.at(ada, 'deleted');

    // Import into an environment: every state of a line.
    await bring(
      ada,
      [
        'BRAND_NEW=1',
        'SERVICE_1_TOKEN=token-1',
        'SERVICE_2_TOKEN=another',
        'SERVICE_3_TOKEN=another too',
        'SENTRY_DSN=set above',
        'TWICE=first',
        'TWICE=second',
        'my-key=1',
        'just words',
        `${LONG}=differs`,
      ].join('\n'),
    );
    await page.getByText('Lines that were not understood').waitFor();
    await page.getByText('Keep mine').first().click();
    await looks.at(ada, 'import');
    await ada.button(/^Import \d+ secrets?$/).click();
    await page.getByText(/^Decide on/).waitFor();
    await ada.button('Take all theirs').click();
    await ada.button('Use this key').click();
    await looks.at(ada, 'import-decided');
    await ada.button(/^Import \d+ secrets?$/).click();
    await page.getByText(/secrets? written/).waitFor();
    await looks.at(ada, 'import-written');
    await ada.button('Import another').click();
    await looks.at(ada, 'import-source');
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').last().click();

    // An application, with what it inherits.
    await ada.create('application', 'checkout-worker');
    await ada.add('QUEUE', 'orders');
    await page.getByText('from Storefront / Preview').first().waitFor();
    await looks.at(ada, 'scope-application');
    await bring(ada, '# nothing but a comment\n');
    await page.getByText('Nothing in it').waitFor();
    await looks.at(ada, 'import-nothing');
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').last().click();
    await page.getByRole('heading', { name: 'checkout-worker' }).waitFor();
    const scope = new URL(page.url()).pathname;
    await lookAtMatrix(looks, ada);

    // Somebody else changes the same secret.
    const laptop = await stage.profile();
    laptop.offline = true; // The refusal is in the browser's log.
    await laptop.page.goto(stage.setupLink);
    await laptop.page.getByRole('alert').getByText(/setup link/i).waitFor();
    await looks.at(laptop, 'setup-link-used');
    laptop.offline = false;
    await laptop.recover({ ...kit, secretKey: `${kit.secretKey.slice(0, -1)}${kit.secretKey.endsWith('7') ? '8' : '7'}` });
    await laptop.page.getByRole('alert').waitFor();
    await looks.at(laptop, 'recover-wrong');
    await laptop.recover(kit);
    await laptop.page.getByRole('heading', { name: 'Projects' }).waitFor();
    await laptop.go(scope);
    await laptop.unlock();
    await laptop.row('QUEUE').waitFor();
    await page.getByRole('navigation', { name: 'Environments' }).getByRole('link', { name: /^Preview/ }).click();
    await page.getByRole('link', { name: /^checkout-worker/ }).click();
    await ada.button('Edit QUEUE').click();
    await page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])')).waitFor();
    await page.getByLabel('Value', { exact: true }).fill('orders-of-ada');
    await laptop.edit('QUEUE', 'orders-of-the-laptop');
    await laptop.row('QUEUE').getByText('v2').waitFor();
    await ada.button('Save').click();
    await ada.button('Reveal theirs').click();
    await page.getByRole('dialog').getByText('Hides in').waitFor();
    await looks.at(ada, 'conflict');
    await ada.button('Take theirs').click();

    // More projects, one with a name as long as they get.
    for (const name of ['Data platform', 'B'.repeat(64), 'The internal tools of the people team']) {
      await page.getByRole('link', { name: 'Projects' }).first().click();
      await ada.create('project', name);
    }
    await page.getByRole('link', { name: 'Projects' }).first().click();
    await page.getByRole('heading', { name: 'Projects' }).waitFor();
    await looks.at(ada, 'projects');
    await ada.drop('SENTRY_DSN=elsewhere');
    await page.getByRole('dialog').getByLabel('Into').waitFor();
    await looks.at(ada, 'drop-where');
    await page.keyboard.press('Escape');
    await page.setViewportSize(PHONE);
    await ada.button('Menu').click();
    await looks.at(ada, 'menu', { screens: [PHONE], whole: false });
    await page.keyboard.press('Escape');

    // Palette, help, search, settings.
    await page.keyboard.press('Control+k');
    await looks.at(ada, 'palette');
    await page.getByRole('combobox').fill('token');
    await page.getByRole('option', { name: /SERVICE_1_TOKEN/ }).waitFor();
    await looks.at(ada, 'palette-found');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await looks.at(ada, 'help');
    await ada.button('Close').click();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByText('Search every project').waitFor();
    await looks.at(ada, 'search-empty');
    await page.getByLabel('Search keys and notes').fill('quarter');
    await page.getByRole('list', { name: 'Results' }).waitFor();
    await looks.at(ada, 'search');
    await page.getByLabel('Search keys and notes').fill('nowhere to be found');
    await page.getByText('Nothing found').waitFor();
    await looks.at(ada, 'search-nothing');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('Lock when idle for').waitFor();
    await looks.at(ada, 'settings');
    await ada.button('Forget this device').click();
    await looks.at(ada, 'forget');
    await ada.button('Keep it').click();

    // Named keys: none, one, and what lies over them.
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await page.getByRole('heading', { name: 'No named key yet' }).waitFor();
    await looks.at(ada, 'keys-empty');
    await ada.button('New key').first().click();
    await page.getByLabel('Name', { exact: true }).fill('orders.card-number.of-the-whole-shop');
    await looks.at(ada, 'keys-new');
    await ada.button('Create').click();
    await page.getByText(/version 1, since/).waitFor();
    await page.locator('.vault summary').click();
    await ada.button('Rotate').click();
    await page.getByText(/version 2, since/).waitFor();
    await page.getByLabel('Minimum decryption version').selectOption('Version 2');
    await page.getByText('version 2 and newer decrypt').waitFor();
    await looks.at(ada, 'keys');
    await ada.button('Trim…').click();
    await looks.at(ada, 'keys-trim');
    await ada.button('Cancel').click();
    await ada.button(/^Use orders/).click();
    await page.getByLabel('Text or ciphertext').fill('4111 1111 1111 1111');
    await ada.button('Encrypt').click();
    await page.locator('.output').waitFor();
    await looks.at(ada, 'keys-use');
    await ada.button('Close').click();

    // Keys of vaults: what uses them, the dry run, a rotation under way, and its end.
    await page.getByRole('link', { name: 'Rotation' }).click();
    await page.getByText('Key 1, since').first().waitFor();
    await looks.at(ada, 'rotation');
    await page.getByText('Keys of Storefront', { exact: true }).click();
    await ada.button('What uses key 1?').first().click();
    await page.getByText('SENTRY_DSN in Storefront').waitFor();
    await looks.at(ada, 'rotation-uses');
    for (const other of await page.locator('.vault').filter({ hasNotText: /^Storefront Keys|^StorefrontKey/ }).getByRole('checkbox').all()) {
      await other.uncheck();
    }
    await ada.button('Rotate 1 vault…').click();
    await looks.at(ada, 'rotation-ask');
    const pushes = await ada.gate();
    await ada.button('Rotate').click();
    await pushes.pass();
    await page.getByText(/: rotation 0 of \d+/).waitFor();
    await looks.at(ada, 'rotation-runs');
    await ada.button('Pause').click();
    await pushes.open();
    await page.getByText(/^Paused: /).waitFor();
    await looks.at(ada, 'rotation-paused');
    await page.getByRole('link', { name: 'Projects' }).first().click();
    await page.getByText('its rotation is not finished').first().waitFor();
    await looks.at(ada, 'projects-attention');
    await page.getByRole('link', { name: 'Go to the rotation' }).click();
    await ada.button('Resume').click();
    await page.getByText('1 vault done.').waitFor();
    await looks.at(ada, 'rotation-done');

    // The root key: in force, another one that is made, what a kept one is.
    await page.getByRole('link', { name: 'Root key' }).click();
    await page.getByRole('region', { name: 'In force' }).waitFor();
    await page.getByRole('region', { name: 'Check a root key' }).getByLabel('Root key').fill(kit.rootKey);
    await ada.button('Check').click();
    await page.getByText('This is the root key that is in force.').waitFor();
    await looks.at(ada, 'root-key');
    await ada.button('Make a new root key').click();
    await ada.button('Put it in force').waitFor();
    await looks.at(ada, 'root-key-new');
    await ada.button('Discard it').click();
    await ada.button('Make a new root key').waitFor();

    // A device that has the root key alone.
    const heir = await stage.profile();
    await heir.go('/recover-team');
    await heir.page.getByLabel('Root key', { exact: true }).fill(kit.rootKey);
    await looks.at(heir, 'recover-team');
    await heir.button('Open the team').click();
    await heir.page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    await looks.at(heir, 'recover-team-owner');
    await heir.button('Continue').click();
    await heir.button('Create keys').click();
    await heir.button('I have kept it').waitFor();
    await looks.at(heir, 'recover-team-kit');
    await heir.button('I have kept it').click();
    await heir.button('Recover the team').waitFor();
    await looks.at(heir, 'recover-team-check');
    heir.clean();
    await lookAtHistory(looks, ada);
    await lookAtPeople(looks, stage, ada);

    // The server is away.
    await page.goBack();
    await ada.go(scope);
    await ada.unlock();
    await ada.row('QUEUE').waitFor();
    ada.offline = laptop.offline = true;
    await stage.stop('SIGTERM');
    await ada.edit('QUEUE', 'while the server is away');
    await page.getByText('Offline: the server does not answer.').waitFor();
    await looks.at(ada, 'offline');
    await stage.start();
    await ada.row('QUEUE').getByText('v3').waitFor({ timeout: 60_000 });
    ada.offline = laptop.offline = false;

    // Locked, with a draft put away; mistyped; on a device that has a team already; nowhere.
    await ada.button('Edit QUEUE').click();
    await page.getByLabel('Value', { exact: true }).and(page.locator(':not([readonly])')).fill('a draft');
    await ada.button('Lock').click();
    await page.getByText('1 draft is kept on this device').waitFor();
    await looks.at(ada, 'unlock');
    await ada.unlock('not the password at all');
    await page.getByRole('alert').waitFor();
    await looks.at(ada, 'unlock-wrong');
    await ada.go('/setup');
    await page.getByText('This device already has a team').waitFor();
    await looks.at(ada, 'setup-again');
    await ada.go('/nowhere');
    await page.getByText('There is nothing here').waitFor();
    await looks.at(ada, 'not-found');
    await ada.go('/p/nothing');
    await ada.unlock();
    await page.getByText('This scope is not here').waitFor();
    await looks.at(ada, 'scope-gone');
    ada.clean();
    laptop.clean();

    // The page itself does not start.
    await laptop.page.route('**/*.wasm', (route) => route.abort());
    laptop.offline = true;
    await laptop.go('/');
    await laptop.page.locator('#crash').waitFor();
    await looks.at(laptop, 'crash');
    assert.match(laptop.faults.join(), /^The console could not start: \w+$/);

    for (const path of ['/p/project/import#e=environment&a=application', ...listed]) {
      assert.ok(looks.shapes.has(path), `${path} was not looked at: ${[...looks.shapes]}`);
    }
    assert.deepEqual(looks.faults, []);
  }));

test('what is wrong is found', () =>
  story(async (stage) => {
    const profile = await stage.profile();
    const { page } = profile;
    await profile.go('/_kit');
    await page.getByRole('list', { name: 'Screens' }).waitFor();
    assert.deepEqual(await faultsOf(page, WIDE.target), []);
    await page.evaluate(() => {
      const main = document.querySelector('#content');
      const add = (name, text, style) => {
        const element = document.createElement(name);
        element.textContent = text;
        Object.assign(element.style, style);
        main.append(element);
      };
      add('p', 'hard to read', { color: '#999', background: '#aaa' });
      add('p', 'too wide', { width: '3000px' });
      add('button', 'x', { width: '12px', height: '12px', padding: 0, border: 0, margin: '40px' });
    });
    const found = (await faultsOf(page, WIDE.target)).join('\n');
    assert.match(found, /color-contrast/);
    assert.match(found, /scrolls sideways: 3\d\d\d px in 1\d\d\d/);
    assert.match(found, /small target: button “x”: 12 × 12/);
    await page.evaluate(() => console.error('planted'));
    assert.throws(() => profile.clean(), /planted/);
  }));
