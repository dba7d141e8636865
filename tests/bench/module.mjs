// The module's ratios: our envelope to plain AES-256-GCM in the same WebAssembly, unlocking to
// Argon2id in a native program, with and without the wide vectors that WebAssembly does not have.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { medians, report } from './ratios.mjs';

const require = createRequire(import.meta.url);
const { Objects, Scopes, derive_account_keys } = require(process.env.SUBROSA_BENCH_MODULE);

const time = (work) => () => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

const COUNT = 10_000;
const objects = new Objects(COUNT);
for (const [what, ours, bound] of [
  ['seal', () => objects.seal(), () => objects.plain_seal()],
  ['open', () => objects.open(), () => objects.plain_open()],
  ['re-seal', () => objects.reseal(), () => objects.plain_reseal()],
]) {
  const [us, them] = await medians(time(ours), time(bound));
  report(`${what} 10,000 values of 64 bytes / AES-256-GCM, wasm`, us / them, { atMost: 3 });
}

const scopes = new Scopes();
assert.ok(scopes.resolve() > 50_000, 'something was resolved');
const [resolved, merged] = await medians(time(() => scopes.resolve()), time(() => scopes.merge()));
report('50 applications of a project of 10,000 secrets / bare maps', resolved / merged);

/** Milliseconds of one derivation natively, whenever it is asked. */
function native(...how) {
  const program = spawn(process.env.SUBROSA_BENCH, ['argon2id', ...how], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const derive = async () => {
    program.stdin.write('\n');
    return Number((await lines.next()).value);
  };
  return { derive, end: () => program.stdin.end() };
}
const wasm = () => {
  const start = performance.now();
  derive_account_keys();
  return performance.now() - start;
};
for (const [what, bound, ...how] of [
  ['native without vectors', { atMost: 1.2 }, '--without-vectors'],
  ['native with the widest vectors', {}],
]) {
  const program = native(...how);
  const [us, them] = await medians(wasm, program.derive);
  report(`unlock: keys, wasm / Argon2id, ${what}`, us / them, bound);
  program.end();
}
