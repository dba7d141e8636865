// The keyholder's package as a program that is not ours uses it: built, packed and installed as its
// README says, then used from Node and from a plain page, in TypeScript, against a real server. The
// programs are those of the README and those of `package/`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { files, sightings } from './canaries.mjs';
import { Site } from './site.mjs';
import { PASSWORD, Stage } from './stage.mjs';

const CRATE = new URL('../../crates/keyholder/', import.meta.url);
const PROGRAMS = new URL('package/', import.meta.url);
/** A program that has not ended after this time will not: something keeps it alive. */
const LONGEST = 10 * 60_000;

/** Runs a program to its end; gives what it printed. */
async function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST, ...options });
  let [out, all] = ['', ''];
  child.stdout.on('data', (data) => ((out += data), (all += data)));
  child.stderr.on('data', (data) => (all += data));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ended) => resolve(ended));
  });
  assert.equal(code, 0, `${program} ${args.join(' ')} ended with ${code ?? signal}:\n${all}`);
  return out;
}

/** The README's programs by name, and its page. */
function programs(readme) {
  const blocks = readme.matchAll(/^```(ts|html)\n(?:\/\/ (\S+\.ts)\n)?([^]*?)^```$/gm);
  const found = [...blocks].map(([, kind, name, text]) => [kind === 'html' ? 'index.html' : name, text]);
  return Object.fromEntries(found.filter(([name]) => name));
}

describe('the package', () => {
  let folder;
  const at = (...path) => join(folder, ...path);
  const node = (program, env) => run('node', [at('built', program)], { cwd: folder, env: { ...process.env, ...env } });
  const tsc = (...args) => run('tsc', args, { cwd: folder });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'subrosa-program-'));
    const build = ['build', '--target', 'web', '--mode', 'no-install', '--out-dir', at('pkg')];
    await run('wasm-pack', build, { cwd: CRATE });
    const [{ filename, files: packed }] = JSON.parse(await run('npm', ['pack', '--json', './pkg'], { cwd: folder }));
    const names = packed.map(({ path }) => path).sort();
    assert.deepEqual(names, [
      'README.md',
      'package.json',
      'subrosa_keyholder.d.ts',
      'subrosa_keyholder.js',
      'subrosa_keyholder_bg.wasm',
    ]);
    await writeFile(at('package.json'), '{ "type": "module", "private": true }');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder });

    const installed = at('node_modules', 'subrosa-keyholder');
    const readme = programs(await readFile(join(installed, 'README.md'), 'utf8'));
    assert.deepEqual(Object.keys(readme).sort(), ['folder.ts', 'index.html', 'page.ts', 'part.ts', 'session.ts']);
    for (const [name, text] of Object.entries(readme)) await writeFile(at(name), text);
    await cp(PROGRAMS, folder, { recursive: true });
    await tsc('--project', '.');
    const wasm = await readFile(join(installed, 'subrosa_keyholder_bg.wasm'));
    console.log(`the module has ${wasm.length} bytes, ${brotliCompressSync(wasm).length} in brotli`);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** What came back is what the types say, or tsc refuses it. */
  const isTrue = async (observed) => {
    const checked = await mkdtemp(at('observed-'));
    await writeFile(join(checked, 'observed.ts'), observed);
    const options = { extends: '../tsconfig.json', compilerOptions: { noEmit: true } };
    await writeFile(join(checked, 'tsconfig.json'), JSON.stringify(options));
    await tsc('--project', checked);
  };

  test('works in Node, and again in another program with another storage', async () => {
    const stage = await Stage.open();
    try {
      const { origin, hash } = new URL(stage.setupLink);
      const session = { ORIGIN: origin, TOKEN: hash.slice(1), PASSWORD };
      // That it ends at all is the proof that `free()` ends its stream.
      const [value, exported, host, empty, problem] = (await node('session.js', session)).split('\n');
      assert.equal(value, 'postgres://db.example/billing');
      assert.deepEqual([exported, host], [`DATABASE_URL=${value}`, 'HOST=db.example']);
      assert.equal(empty, '');
      assert.match(problem, /^.+\. Use database_url, for example\.$/);
      for (const kept of [at('kit.txt'), at('root-key.txt'), at('keys', 'device')]) {
        assert.equal((await stat(kept)).mode & 0o777, 0o600, kept);
      }
      assert.deepEqual(await readdir(at('keys')), ['device'], 'nothing is left unfinished');

      const second = { ORIGIN: origin, PASSWORD, KIT: at('kit.txt'), OBSERVED: at('observed.txt') };
      const told = (await node('second.js', second)).trim().split('\n');
      const values = `{ "HOST": "db.example", "DATABASE_URL": "${value}" }`;
      assert.deepEqual(told, ['"WrongPassword"', '"SetupToken"', values]);
      await isTrue(await readFile(at('observed.txt'), 'utf8'));

      await stage.stop('SIGTERM');
      const secrets = ['db.example', 'postgres://', 'DATABASE_URL', 'canary-shared-0b6e', PASSWORD];
      assert.deepEqual(sightings(secrets, await files(join(stage.folder, 'data'))), []);
    } finally {
      await stage.close();
    }
  });

  test('works in a plain page of the server\'s origin', async () => {
    await mkdir(at('site'));
    await cp(at('built'), at('site'), { recursive: true });
    for (const page of ['index.html', 'plain.html']) await cp(at(page), at('site', page));
    const site = await Site.open({ '/': at('site'), '/keyholder/': at('node_modules', 'subrosa-keyholder') });
    const stage = await Stage.open({ publicUrl: site.origin });
    try {
      site.forward(stage.origin);
      const plain = await stage.profile();
      await plain.page.goto(`${site.origin}/plain.html`);
      await plain.page.waitForFunction(() => 'run' in globalThis);
      const token = new URL(stage.setupLink).hash.slice(1);
      const { kit, password, observed } = await plain.page.evaluate((token) => globalThis.run(token), token);
      assert.ok(site.opened > 0, 'the page was told news');
      await site.silent();
      await isTrue(observed);

      // The README's page, in another browser: with the kit, and then with the password alone.
      const other = await stage.profile();
      const output = other.page.locator('output');
      await other.page.goto(site.origin);
      await other.page.getByLabel('Kit').fill(kit);
      for (const _ of ['with the kit', 'with the password']) {
        await other.page.getByLabel('Password').fill(password);
        await other.page.getByRole('button', { name: 'Open' }).click();
        await output.filter({ hasText: 'SHARED=canary-shared-0b6e' }).waitFor();
        assert.match(await output.textContent(), /^PORT=canary-port-71d2$/m);
        await other.page.reload();
      }
      // Who waits at the door is refused until let in, and the browser tells of each refusal.
      plain.clean(/status of 40[13]/);
      other.clean();
    } finally {
      await stage.close();
      await site.close();
    }
  });
});
