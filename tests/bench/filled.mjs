// A team with secrets, many of them by way of .env files, in a real browser.

/** How many one file has: a push of them all stays well below what the server takes at once. */
const AT_ONCE = 10_000;

/** A team with so many secrets, its scope on screen. */
export async function filled(stage, secrets) {
  const profile = await stage.profile();
  await profile.found();
  await profile.create('project', 'billing');
  for (let done = 0; done < secrets; done += AT_ONCE) await imported(profile, done, Math.min(AT_ONCE, secrets - done));
  return profile;
}

async function imported(profile, first, count) {
  const { page } = profile;
  await page.getByRole('link', { name: 'Import .env' }).click();
  const lines = Array.from({ length: count }, (_, at) => `KEY_${String(first + at).padStart(60, '0')}=value`);
  await page.getByLabel('Text of the .env file').evaluate((field, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, lines.join('\n'));
  await profile.button('Read').click();
  await profile.button(`Import ${count} secrets`).click({ timeout: 120_000 });
  await page.getByRole('link', { name: 'Show the secrets' }).click({ timeout: 120_000 });
  await page.locator('tr[data-id]').first().waitFor();
}
