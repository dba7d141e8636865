// Another program on another machine: kit and password, and a storage in memory.
import { readFileSync, writeFileSync } from 'node:fs';
import init, { Keyholder } from 'subrosa-keyholder';
import { literal, memory, Seen, Session } from './everything.js';
import { part } from './part.js';

const { ORIGIN = '', KIT = '', PASSWORD = '', OBSERVED = '' } = process.env;
const wasm = import.meta.resolve('subrosa-keyholder/subrosa_keyholder_bg.wasm');
await init({ module_or_path: readFileSync(new URL(wasm)) });

const seen = new Seen();
const keyholder = new Keyholder(ORIGIN, (event) => seen.events.push(event), memory());
// Not for the garbage collector to end: `free` has to.
Object.assign(globalThis, { keyholder });
const session = new Session(keyholder, seen);
const wrong = { kit: readFileSync(KIT, 'utf8'), password: 'not the password' };
console.log(literal((await session.problem({ Recover: wrong })).kind));
console.log(literal((await session.problem({ CheckSetup: { token: 'of no link' } })).kind));
const right = { kit: readFileSync(KIT, 'utf8'), password: PASSWORD };
const { projects } = part(await session.ask({ Recover: right }), 'Overview');
for (const { environments } of projects) {
  for (const { applications } of environments) {
    for (const { id } of applications) console.log(literal(await session.values({ Application: id })));
  }
}
await session.use('of the second program');
writeFileSync(OBSERVED, seen.typescript());
keyholder.free();
