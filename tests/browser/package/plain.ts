// A plain page: founds a team, does everything, forgets, recovers, unlocks, and gets in by the root key.
import init, { Keyholder } from 'subrosa-keyholder';
import { memory, Seen, Session } from './everything.js';
import { part } from './part.js';

/** Called by the test. */
async function run(token: string): Promise<{ kit: string; password: string; observed: string }> {
  await init();
  const seen = new Seen();
  const open = () => new Keyholder(location.origin, (event) => seen.events.push(event));
  const first = open();
  const session = new Session(first, seen);
  const { kit, password, root } = await session.found(token);
  await session.use('of the page');
  const invitee = new Keyholder(location.origin, (event) => seen.events.push(event), memory());
  await session.people(new Session(invitee, seen));
  invitee.free();
  await session.done('ForgetDevice');
  part(await session.ask({ Recover: { kit, password } }), 'Overview');
  first.free();

  const second = open();
  const again = new Session(second, seen);
  const status = part(await again.ask('Status'), 'Status');
  if (status !== 'Locked') throw new Error(`the browser kept nothing: ${status}`);
  const { projects } = part(await again.ask({ Unlock: { password } }), 'Overview');
  if (projects.length !== 1) throw new Error(`there are ${projects.length} projects`);
  const key = await again.rootKey(root);
  second.free();

  const third = open();
  const next = await new Session(third, seen).recoverTeam(key);
  third.free();
  seen.check();
  return { ...next, observed: seen.typescript() };
}

Object.assign(globalThis, { run });
