// A named key, by hand: data that is kept elsewhere is encrypted, the key is rotated, old versions are
// given up, and at last the key itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { story } from './stage.mjs';

const PLAINTEXT = 'canary-plaintext-51c9';

test('a named key', { timeout: 300_000 }, () =>
  story(async (stage) => {
    const ada = await stage.profile();
    const { page } = ada;
    await ada.found();
    await ada.create('project', 'Storefront');
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await page.getByRole('heading', { name: 'No named key yet' }).waitFor();

    // A name that cannot be one, then one that can.
    const dialog = (name) => page.getByRole('dialog', { name });
    await ada.button('New key').first().click();
    await page.getByLabel('Name', { exact: true }).fill('-orders');
    await dialog('New key').getByLabel('Vault').selectOption('Storefront');
    await ada.button('Create').click();
    await dialog('New key').getByRole('alert').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('orders.card');
    await ada.button('Create').click();
    const card = page.locator('.vault', { hasText: 'orders.card' });
    await card.getByText('in Storefront, version 1, since').waitFor();

    // Encrypted with a context, it opens with that one alone.
    const bench = dialog('Use orders.card');
    const typed = page.getByLabel('Text or ciphertext');
    const context = bench.getByLabel('Context');
    const output = bench.locator('.output');
    /** What comes of pressing a button. */
    const act = async (name, text, of) => {
      await typed.fill(text);
      await context.fill(of);
      await bench.getByRole('button', { name, exact: true }).click();
      await output.or(bench.getByRole('alert')).or(bench.getByRole('status')).first().waitFor();
    };
    const result = () => output.innerText();
    const use = () => card.getByRole('button', { name: 'Use orders.card' }).click();
    const close = () => bench.getByRole('button', { name: 'Close' }).click();
    await use();
    await act('Encrypt', PLAINTEXT, 'row 7');
    const first = await result();
    assert.match(first, /^subrosa:v1:[A-Za-z0-9+/]+=*$/);
    await act('Decrypt', first, 'row 7');
    assert.equal(await result(), PLAINTEXT);
    await act('Decrypt', first, 'row 8');
    await bench.getByRole('alert').waitFor();
    await act('Rewrap', first, 'row 7');
    await bench.getByText('It is under the newest version already').waitFor();
    await bench.getByRole('button', { name: 'New data key' }).click();
    await bench.getByText('Wrapped data key, 32 bytes').waitFor();
    assert.match(await result(), /^subrosa:v1:/);
    await close();

    // A new version encrypts; the old ciphertext is brought along without being shown.
    await card.getByText('Versions of orders.card').click();
    await card.getByRole('button', { name: 'Rotate' }).click();
    await card.getByText('in Storefront, version 2, since').waitFor();
    await use();
    await act('Decrypt', first, 'row 7');
    assert.equal(await result(), PLAINTEXT);
    await act('Rewrap', first, 'row 7');
    const second = await result();
    assert.match(second, /^subrosa:v2:/);
    await close();

    // The minimum goes up, and down again; then the first version is given up for good.
    const minimum = card.getByLabel('Minimum decryption version');
    await minimum.selectOption('Version 2');
    await page.getByText('Minimum version changed.').waitFor();
    await card.getByText('version 2 and newer decrypt').waitFor();
    await use();
    await act('Decrypt', first, 'row 7');
    await bench.getByRole('alert').waitFor();
    await close();
    await minimum.selectOption('Version 1');
    await card.getByText('version 1 and newer decrypt').waitFor();
    await minimum.selectOption('Version 2');
    await card.getByText('version 2 and newer decrypt').waitFor();
    await card.getByRole('button', { name: 'Trim…' }).click();
    await dialog('Trim versions?').getByRole('button', { name: 'Trim' }).click();
    await card.getByText('those before are trimmed').waitFor();
    await use();
    await act('Decrypt', first, 'row 7');
    await bench.getByRole('alert').waitFor();
    await act('Decrypt', second, 'row 7');
    assert.equal(await result(), PLAINTEXT);
    await close();

    // The vault's own key is rotated: what was encrypted elsewhere opens as before.
    await page.getByRole('link', { name: 'Rotation' }).click();
    await ada.button('Rotate 2 vaults…').click();
    await ada.button('Rotate').click();
    await page.getByText('2 vaults done.').waitFor();
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await use();
    await page.clock.install();
    await act('Decrypt', second, 'row 7');
    assert.equal(await result(), PLAINTEXT);
    // What was decrypted does not stay on screen.
    await page.clock.fastForward(29_000);
    assert.equal(await result(), PLAINTEXT);
    await page.clock.fastForward(2_000);
    await bench.getByText('The plaintext is hidden again.').waitFor();
    assert.equal(await output.count(), 0);
    await page.clock.resume();
    await close();

    // Deleting takes two steps and the key's name.
    await card.getByText('Versions of orders.card').click();
    assert.ok(await card.getByRole('button', { name: 'Delete…' }).isDisabled());
    await card.getByRole('button', { name: 'Allow deletion' }).click();
    await card.getByText('May be deleted').waitFor();
    await card.getByRole('button', { name: 'Delete…' }).click();
    const last = dialog('Delete key?').getByRole('button', { name: 'Delete' });
    assert.ok(await last.isDisabled());
    await page.getByLabel('Type orders.card to go on').fill('orders.card');
    await last.click();
    await page.getByRole('heading', { name: 'No named key yet' }).waitFor();

    const received = Buffer.concat(ada.received);
    const sent = Buffer.concat(ada.sent.filter((it) => Buffer.isBuffer(it)));
    for (const bytes of [received, sent]) assert.ok(!bytes.includes(PLAINTEXT), 'it never leaves the browser');
    assert.ok(!stage.log.includes('orders.card'));
    ada.clean();
  }));
