// Looks for secrets where none may be: plain, base64, hex and UTF-16.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The ways in which a text might hide in bytes. */
function spellings(text) {
  const bytes = Buffer.from(text);
  const found = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
  const little = Buffer.from(text, 'utf16le');
  found.push(little, Buffer.from(little).swap16());
  // Base64 has three alignments; the characters at the ends depend on neighbours.
  for (const alphabet of ['base64', 'base64url']) {
    for (let lead = 0; lead < 3; lead++) {
      const encoded = Buffer.concat([Buffer.alloc(lead), bytes]).toString(alphabet).replace(/=+$/, '');
      found.push(Buffer.from(encoded.slice(lead === 0 ? 0 : lead + 1, -1)));
    }
  }
  return found.filter((spelling) => spelling.length >= 8);
}

/** Which of `canaries` are in `haystacks` (`{ name: Buffer | string }`), as sentences. */
export function sightings(canaries, haystacks) {
  const seen = [];
  for (const [name, haystack] of Object.entries(haystacks)) {
    const bytes = Buffer.isBuffer(haystack) ? haystack : Buffer.from(haystack);
    for (const canary of canaries) {
      if (spellings(canary).some((spelling) => bytes.includes(spelling))) seen.push(`${canary} in ${name}`);
    }
  }
  return seen;
}

/** All files of a folder as haystacks. */
export async function files(folder) {
  const haystacks = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    haystacks[path] = await readFile(path);
  }
  return haystacks;
}
