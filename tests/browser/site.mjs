// A site that is not ours, on one origin with the server: it serves its own pages and forwards /v1,
// as a proxy in front of both would.
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { extname, join } from 'node:path';

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

export class Site {
  /** Serves `folders`, each under a path; the longest path counts. */
  static async open(folders) {
    const site = new Site();
    site.folders = Object.entries(folders).sort(([a], [b]) => b.length - a.length);
    site.streams = new Set();
    site.opened = 0;
    site.http = createServer((asked, reply) => site.answer(asked, reply));
    await new Promise((listening) => site.http.listen(0, '127.0.0.1', listening));
    site.origin = `http://127.0.0.1:${site.http.address().port}`;
    return site;
  }

  /** Forwards /v1 there. */
  forward(server) {
    this.server = server;
  }

  async answer(asked, reply) {
    const { pathname } = new URL(asked.url, this.origin);
    if (pathname.startsWith('/v1/')) return this.pass(asked, reply);
    if (pathname === '/favicon.ico') return reply.writeHead(204).end();
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const [under, folder] = this.folders.find(([under]) => path.startsWith(under));
    const body = await readFile(join(folder, path.slice(under.length))).catch(() => null);
    if (!body) return reply.writeHead(404).end();
    return reply.writeHead(200, { 'content-type': KINDS[extname(path)] }).end(body);
  }

  pass(asked, reply) {
    const { method, headers, url } = asked;
    const passed = request(`${this.server}${url}`, { method, headers }, (answer) => {
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    });
    if (url.includes('/events')) {
      this.streams.add(passed);
      this.opened += 1;
    }
    reply.on('close', () => {
      passed.destroy();
      this.streams.delete(passed);
      if (this.streams.size === 0) this.silence?.();
    });
    passed.on('error', () => reply.destroy());
    asked.pipe(passed);
  }

  /** Resolves when nobody listens to the server's news; fails if somebody does for too long. */
  async silent() {
    if (this.streams.size === 0) return;
    await new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('a stream of news is still open')), 10_000);
      this.silence = () => (clearTimeout(limit), resolve());
    });
  }

  async close() {
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }
}
