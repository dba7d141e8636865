// A browser that nobody listens in on. Playwright has Chromium record every request and reply of a
// page and of its workers, on the worker's own thread: a fifth of what a rotation takes there.
import { spawn } from 'node:child_process';

const ARGUMENTS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--remote-debugging-pipe'];

/** Chromium on a profile's folder, asked by DevTools' protocol to run functions and nothing else. */
export class Browser {
  #waiting = new Map();
  #last = 0;

  constructor(folder) {
    this.folder = folder;
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'];
    this.program = spawn(process.env.SUBROSA_CHROMIUM, [...ARGUMENTS, `--user-data-dir=${folder}`, 'about:blank'], { stdio });
    this.exited = new Promise((resolve) => this.program.once('exit', resolve));
    let read = '';
    this.program.stdio[4].setEncoding('utf8').on('data', (text) => {
      const messages = (read + text).split('\0');
      read = messages.pop();
      for (const { id, result, error } of messages.map(JSON.parse)) {
        const { resolve, reject } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        if (error) reject?.(new Error(error.message));
        else resolve?.(result);
      }
    });
  }

  #ask(method, params, sessionId) {
    const id = (this.#last += 1);
    this.program.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Opens a page: yields a function that runs a function in it, and waits for what that gives. */
  async page(url) {
    const { targetId } = await this.#ask('Target.createTarget', { url });
    const { sessionId } = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    const run = async (work, ...given) => {
      const expression = `(${work})(...${JSON.stringify(given)})`;
      const asked = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails: thrown } = await this.#ask('Runtime.evaluate', asked, sessionId);
      if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
      return result.value;
    };
    const there = (url) => location.href === url && document.readyState === 'complete';
    // Between two documents there is nothing that could be asked.
    while (!(await run(there, url).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
    return run;
  }

  async close() {
    await this.#ask('Browser.close', {});
    await this.exited;
  }
}
