// The stage for browser stories: a real server on a port of its own, and browser profiles that
// fail the story on any console error, page error or breach of the content security policy.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const need = (name) => process.env[name] ?? assert.fail(`${name} is not set: run \`cargo xtask test browser\``);

const fromTools = createRequire(`${need('SUBROSA_NODE_MODULES')}/`);
const { chromium } = fromTools('playwright-core');
export const axeSource = fromTools.resolve('axe-core/axe.min.js');

export const PASSWORD = 'canary-password-9f31';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A server with a data folder of its own; `console` serves another build than the one inside,
 * `publicUrl` is the origin that sessions are signed for.
 */
export class Stage {
  static async open({ console: page, publicUrl } = {}) {
    const stage = new Stage();
    stage.folder = await mkdtemp(join(tmpdir(), 'subrosa-story-'));
    stage.page = page;
    stage.publicUrl = publicUrl;
    stage.profiles = [];
    stage.log = '';
    stage.listen = '127.0.0.1:0';
    await stage.start();
    stage.listen = new URL(stage.origin).host;
    return stage;
  }

  /** Starts the server; resolves when it listens. */
  async start(more = []) {
    const args = ['--listen', this.listen, '--data', join(this.folder, 'data'), ...more];
    if (this.page ??= process.env.SUBROSA_CONSOLE) args.push('--console', this.page);
    if (this.publicUrl) args.push('--public-url', this.publicUrl);
    this.server = spawn(need('SUBROSA_SERVER'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.exited = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.stderr.on('data', (data) => (this.log += data));
    let out = '';
    await new Promise((resolve, reject) => {
      this.server.stdout.on('data', (data) => {
        out += data;
        this.log += data;
        const origin = /listening on (\S+)/.exec(out)?.[1];
        if (!origin) return;
        this.origin = origin;
        this.setupLink = /setup link: (\S+)/.exec(out)?.[1] ?? this.setupLink;
        if (this.setupLink) resolve();
      });
      this.exited.then(() => reject(new Error(`the server ended: ${this.log}`)));
    });
  }

  /** Starts it anew, with a setup link for another team. */
  async anotherTeam() {
    await this.stop('SIGTERM');
    this.setupLink = undefined;
    await this.start(['--new-team']);
  }

  /** Ends the server: `SIGKILL` as a crash does, `SIGTERM` as an operator does. */
  async stop(signal = 'SIGKILL') {
    this.server.kill(signal);
    await this.exited;
  }

  /** A browser profile of its own: a device. */
  async profile(options) {
    const profile = new Profile(this, options);
    this.profiles.push(profile);
    await profile.start();
    return profile;
  }

  async close() {
    for (const profile of this.profiles) await profile.stop();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A browser with its own folder, which survives a restart of the browser. */
export class Profile {
  constructor(stage, options = {}) {
    this.stage = stage;
    this.options = { viewport: { width: 1440, height: 900 }, ...options };
    this.folder = join(stage.folder, `profile-${stage.profiles.length}`);
    this.faults = [];
    this.sent = [];
    this.received = [];
    /** Server restarts and locks cut requests off: that is not a fault of the page. */
    this.offline = false;
  }

  async start() {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: need('SUBROSA_CHROMIUM'),
      args: CHROMIUM_ARGS,
      permissions: ['clipboard-read', 'clipboard-write'],
      acceptDownloads: true,
      ...this.options,
    });
    this.context.on('request', (request) => {
      const body = request.postDataBuffer();
      this.sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())}`);
      if (body) this.sent.push(body);
    });
    this.context.on('response', (response) => {
      // The stream of events never ends; its lines are numbers and hashes.
      if (!response.url().includes('/v1/') || response.url().includes('/events')) return;
      response.body().then((body) => this.received.push(body)).catch(() => {});
    });
    await this.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.watch(this.page);
    this.context.on('page', (page) => this.watch(page));
  }

  watch(page) {
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const network = /net::ERR_|Failed to load resource/.test(message.text());
      if (!(network && this.offline)) this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(`page error: ${error.message}`));
  }

  async stop() {
    await this.context?.close();
    this.context = undefined;
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  /** Fails the story if anything was on the console that should not be. `except` matches what may. */
  clean(except = /^$/) {
    assert.deepEqual(this.faults.filter((fault) => !except.test(fault)), []);
  }

  /** Holds pushes back, one by one. */
  async gate() {
    const waiting = [];
    let told = () => {};
    let open = false;
    await this.context.route('**/v1/teams/*/log', async (route) => {
      if (route.request().method() !== 'POST' || open) return route.continue();
      waiting.push(route);
      told();
    });
    /** Waits until a push is held back. */
    const held = async () => {
      while (waiting.length === 0) await new Promise((resolve) => (told = resolve));
    };
    return {
      held,
      /** Waits for a push, and lets it pass. */
      async pass() {
        await held();
        await waiting.shift().continue();
      },
      /** Lets all pass from here on. */
      async open() {
        open = true;
        while (waiting.length > 0) await waiting.shift().continue();
      },
    };
  }

  go(path) {
    return this.page.goto(`${this.stage.origin}${path}`);
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** First run by the setup link; returns what the kit says. */
  async found(names) {
    const kit = await this.prepare(names);
    await this.page.getByRole('heading', { name: 'Projects' }).waitFor();
    return kit;
  }

  /** First run up to its last press of a button. */
  async prepare({ team = 'canary-team-51ab', me = 'canary-ada-77d0', password = PASSWORD } = {}) {
    const { page } = this;
    await page.goto(this.stage.setupLink);
    await page.getByLabel('Team name').fill(team);
    assert.equal(new URL(page.url()).hash, '', 'the token is stripped from the address');
    await page.getByLabel('Your name').fill(me);
    await this.button('Continue').click();
    await this.button('Choose my own password').click();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel(/again/i).fill(password);
    await this.button('Create keys').click();
    await this.button('I have kept both').waitFor();
    const kit = await this.readKit();
    await this.button('I have kept both').click();
    const group = page.getByLabel(/^Group \d of the Secret Key/);
    const number = Number(/\d/.exec(await page.locator('label', { hasText: 'Group' }).innerText())[0]);
    await group.fill(kit.secretKey.split('-')[number]);
    await page.getByLabel(/^Last 6 characters/).fill(kit.rootKey.slice(-6));
    await this.button('Found the team').click();
    return kit;
  }

  /** Follows an invite's link in a browser without an account, to the door; returns the eight words. */
  async join(link, password = PASSWORD) {
    const { page } = this;
    await page.goto(link);
    await this.button('Make an account').click();
    assert.equal(new URL(page.url()).hash, '', 'the secret is stripped from the address');
    await this.button('Choose my own password').click();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel(/again/i).fill(password);
    await this.button('Create keys').click();
    await this.button('I have kept it').waitFor();
    const facts = page.getByRole('region', { name: 'Emergency kit' });
    const said = (term) => facts.locator(`dt:text-is("${term}") + dd`).innerText();
    this.kit = { secretKey: await said('Secret Key'), checkpoint: await said('Checkpoint') };
    await this.button('I have kept it').click();
    const label = await page.locator('label', { hasText: 'Group' }).innerText();
    const group = Number(/\d/.exec(label)[0]);
    await page.getByLabel(/^Group \d of the Secret Key/).fill(this.kit.secretKey.split('-')[group]);
    await this.button('Ask to be let in').click();
    await page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    return page.locator('.words').innerText();
  }

  /** What the kit on screen says. */
  async readKit() {
    const said = (region, term) =>
      this.page.getByRole('region', { name: region }).locator(`dt:text-is("${term}") + dd`).innerText();
    return {
      secretKey: await said('Emergency kit', 'Secret Key'),
      checkpoint: await said('Emergency kit', 'Checkpoint'),
      rootKey: (await said('Root key', 'Root key')).trim(),
    };
  }

  async unlock(password = PASSWORD) {
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Unlock').click();
  }

  async recover(kit, password = PASSWORD) {
    await this.go('/recover');
    await this.page.getByLabel('Emergency kit', { exact: true }).fill(`${kit.secretKey}\n${kit.checkpoint}`);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Open on this device').click();
  }

  /** Makes a project, or an environment or application in what is on screen. */
  async create(kind, name) {
    const opener = { project: 'New project', environment: 'New environment', application: 'New application' }[kind];
    await this.button(opener).click();
    await this.page.getByLabel(new RegExp(`^${kind} name`, 'i')).fill(name);
    await this.button('Create').click();
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
    if (kind === 'project') await this.tab('Shared');
  }

  /** Goes to one of a project's scopes, or to all of them side by side. */
  async tab(name) {
    const tab = this.page.getByRole('navigation', { name: 'Environments' }).getByRole('link', { name: new RegExp(`^${name}`) });
    await tab.click();
    await this.page.locator(`nav.tabs a[aria-current]`, { hasText: name }).first().waitFor();
  }

  async add(key, value, note = '') {
    await this.button('New secret').click();
    await this.page.getByLabel('Key', { exact: true }).fill(key);
    await this.page.getByLabel('Value', { exact: true }).fill(value);
    await this.page.getByLabel('Note', { exact: true }).fill(note);
    await this.button('Save').click();
    await this.row(key).waitFor();
  }

  /** Drops a file with this text on the page. */
  drop(text) {
    return this.page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], '.env'));
      const event = (name) => new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('main').dispatchEvent(event('dragover'));
      document.querySelector('main').dispatchEvent(event('drop'));
    }, text);
  }

  /** What changes production is asked for once more. */
  async confirm() {
    const dialog = this.page.getByRole('dialog', { name: 'Change production?' });
    await dialog.getByRole('button', { name: 'Change production' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** A secret's row, once it is not being edited. */
  row(key) {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('button', { name: `Copy ${key}`, exact: true }) });
  }

  /** A cell of the matrix. */
  cell(key, place) {
    return this.page.getByRole('button', { name: new RegExp(`^${key} in ${place}: `) });
  }

  /** Waits until a cell of the matrix reads so. */
  reads(key, place, words) {
    return this.page.getByRole('button', { name: `${key} in ${place}: ${words}`, exact: true }).waitFor();
  }

  /** What a secret's value reads like once revealed. */
  async reveal(key) {
    const hide = this.button(`Hide ${key}`);
    if (!(await hide.isVisible())) await this.button(`Reveal ${key}`).click();
    await hide.waitFor();
    const cell = this.row(key).getByRole('cell').nth(1);
    await cell.getByText('Opening…').waitFor({ state: 'detached' });
    const value = (await cell.innerText()).replace(/\s*Hides in \d+ s\s*$/, '');
    await hide.click();
    return value;
  }

  /** Edits a secret's value and saves. */
  async edit(key, value) {
    await this.button(`Edit ${key}`).click();
    const field = this.page.getByLabel('Value', { exact: true });
    await field.waitFor();
    await field.fill(value);
    await this.button('Save').click();
  }
}

/** Runs `tell` on a stage that is cleared whatever happens. */
export async function story(tell, options) {
  const stage = await Stage.open(options);
  try {
    await tell(stage);
  } catch (error) {
    for (const [at, profile] of stage.profiles.entries()) {
      const shown = await profile.page.locator('body').ariaSnapshot().catch(() => 'nothing');
      console.log(`profile ${at} at ${profile.page.url()} shows:\n${shown}\nfaults: ${profile.faults}`);
    }
    throw error;
  } finally {
    await stage.close();
  }
}
