// What a browser downloads, in brotli, and what of it is whose code.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { report } from './ratios.mjs';

const dist = process.env.SUBROSA_DIST;
const KB = 1000;

async function compressed(folder) {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
  const sizes = files
    .filter(({ name }) => /\.(wasm|js|css|html)$/.test(name))
    .map(async ({ name }) => brotliCompressSync(await readFile(join(folder, name)), options).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / KB;
}

report('the page in brotli, KB: wasm, js, css, html', await compressed(dist), { atMost: 350 });
report('the keyholder in brotli, KB: wasm, js', await compressed(join(dist, 'w')), { atMost: 350 });

/** Sizes of a module's functions by the crate that they are of, as the compiler named them. */
function byCrate(wasm) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    return wasm.toString('utf8', at, (at += length));
  };
  const sizes = [];
  const names = new Map();
  let [imports, data] = [0, 0];
  while (at < wasm.length) {
    const id = wasm[at++];
    const end = number() + at;
    if (id === 2) {
      for (let left = number(); left > 0; left -= 1) {
        text();
        text();
        const kind = wasm[at++];
        if (kind === 0) imports += 1;
        if (kind === 0) number();
        else throw new Error('only functions are imported');
      }
    } else if (id === 10) {
      for (let left = number(); left > 0; left -= 1) {
        const size = number();
        sizes.push(size);
        at += size;
      }
    } else if (id === 11) {
      data = end - at;
    } else if (id === 0 && text() === 'name') {
      while (at < end) {
        const part = wasm[at++];
        const stop = number() + at;
        if (part === 1) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
        at = stop;
      }
    }
    at = end;
  }
  const crates = new Map([['(data)', data]]);
  sizes.forEach((size, index) => {
    const crate = crateOf(names.get(index + imports) ?? '');
    crates.set(crate, (crates.get(crate) ?? 0) + size);
  });
  return crates;
}

/** The first crate in a name, as either of the compiler's two manglings writes it. */
function crateOf(name) {
  const v0 = /Cs[0-9A-Za-z]+_\d+([a-z][a-z0-9_]*?)(?=\d|[A-Z]|$)/.exec(name);
  if (name.startsWith('_R')) return v0?.[1].replace(/_$/, '') ?? '(other)';
  const parts = [];
  for (let rest = name.replace(/^_ZN/, ''); /^\d/.test(rest); ) {
    const digits = /^\d+/.exec(rest)[0];
    parts.push(rest.slice(digits.length, digits.length + Number(digits)));
    rest = rest.slice(digits.length + Number(digits));
  }
  const path = (parts[0] ?? '').replace(/^_?\$LT\$(?:\$RF\$|\$u20\$|mut)*/, '');
  return /^(?:dyn\$u20\$)?([a-z][a-z0-9_]*)/.exec(path)?.[1] ?? '(other)';
}

for (const [what, file] of Object.entries(JSON.parse(process.env.SUBROSA_MODULES ?? '{}'))) {
  const crates = [...byCrate(await readFile(file))].sort((a, b) => b[1] - a[1]);
  const all = crates.reduce((sum, [, size]) => sum + size, 0);
  console.log(`\n${what}, before wasm-opt and compression, ${Math.round(all / KB)} KB:`);
  for (const [crate, size] of crates.slice(0, 18)) {
    console.log(`  ${crate.padEnd(28)} ${(size / KB).toFixed(1).padStart(7)} KB ${((100 * size) / all).toFixed(1).padStart(5)} %`);
  }
}
