// The stories fail on a breach of the content security policy: shown by planting one.
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { story } from './stage.mjs';

test('an inline script that is planted in the built page does not run and fails a story', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'subrosa-planted-'));
  try {
    await cp(process.env.SUBROSA_DIST ?? 'dist', folder, { recursive: true });
    const index = join(folder, 'index.html');
    const page = await readFile(index, 'utf8');
    await writeFile(index, page.replace('</body>', '<script>window.planted = true</script></body>'));
    await story(
      async (stage) => {
        const profile = await stage.profile();
        await profile.page.goto(stage.setupLink);
        await profile.page.getByLabel('Team name').waitFor();
        assert.equal(await profile.page.evaluate(() => window.planted), undefined);
        assert.throws(() => profile.clean(), /script-src/);
      },
      { console: folder },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
