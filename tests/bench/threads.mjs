// Processor time of a browser's workers, by the scheduler's count: Linux only. A worker is a thread of
// a renderer, and what it costs is what that thread ran, wherever its page waits meanwhile.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

/** Chromium's name for the thread of a worker, as far as the kernel keeps it. */
const NAME = 'DedicatedWorker';

const listed = (folder) => {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
};

/** What a file says; nothing, if it is gone. */
const told = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Milliseconds on a processor so far, of the thread whose folder this is. */
export function cpu(thread) {
  return Number(told(`${thread}/schedstat`).split(' ')[0]) / 1e6;
}

/** The threads of all workers of the browser that has this folder. */
export function workers(folder) {
  const parents = new Map(listed('/proc').map((id) => [id, told(`/proc/${id}/stat`).split(') ')[1]?.split(' ')[1]]));
  const isBrowser = (id) => told(`/proc/${id}/cmdline`).includes(`--user-data-dir=${folder}`);
  const isOfBrowser = (id) => id !== undefined && id !== '0' && (isBrowser(id) || isOfBrowser(parents.get(id)));
  const threads = [...parents.keys()].filter(isOfBrowser).flatMap((id) => listed(`/proc/${id}/task`).map((task) => `/proc/${id}/task/${task}`));
  return threads.filter((thread) => told(`${thread}/comm`).startsWith(NAME));
}

/** The thread of the only worker that `start` starts in the browser that has this folder. */
export async function started(folder, start) {
  const before = new Set(workers(folder));
  await start();
  const since = workers(folder).filter((thread) => !before.has(thread));
  assert.equal(since.length, 1, `${since.length} workers were started`);
  return since[0];
}
