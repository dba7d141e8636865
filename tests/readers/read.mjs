// Prints what a JavaScript program reads in an exported file.
//
// `read.mjs READER FILE`: one line of JSON per key, [key, the value's UTF-8 in hex].
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.SUBROSA_READERS_NODE_MODULES}/`);

const readers = {
  dotenv: require('dotenv').parse,
  json: JSON.parse,
  yaml: require('yaml').parse,
};

const [reader, path] = process.argv.slice(2);
for (const [key, value] of Object.entries(readers[reader](readFileSync(path, 'utf8')))) {
  if (typeof value !== 'string') throw new TypeError(`${key} is no string`);
  console.log(JSON.stringify([key, Buffer.from(value).toString('hex')]));
}
