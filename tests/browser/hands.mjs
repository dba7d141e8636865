// A keyboard, and whether what has the focus is seen.
import assert from 'node:assert/strict';

/** What has the focus, and whether that is seen. */
export function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return { name: '', on: 'body', faults: [] };
    const label = element.labels?.[0];
    const name = (element.getAttribute('aria-label') ?? label?.innerText ?? element.innerText ?? '').trim();
    const role = element.getAttribute('role') ?? element.localName;
    const faults = [];
    // A radio button or a file field may be drawn by its label.
    const drawn = [element, ...(label ? [label] : [])];
    const boxes = drawn.map((part) => part.getBoundingClientRect());
    const seen = boxes.find((box) => box.width > 1 && box.height > 1) ?? boxes[0];
    const inside = seen.top >= -1 && seen.left >= -1 && seen.bottom <= innerHeight + 1 && seen.right <= innerWidth + 1;
    if (!inside || seen.width <= 1 || seen.height <= 1) {
      faults.push(`not in view: ${Math.round(seen.left)}, ${Math.round(seen.top)}, ${seen.width} × ${seen.height}`);
    } else {
      const top = document.elementFromPoint(seen.left + seen.width / 2, seen.top + seen.height / 2);
      const reached = drawn.some((part) => part.contains(top)) || top?.contains(element);
      if (!reached) faults.push(`covered by ${top?.localName}.${top?.className}`);
    }
    const marked = drawn.some((part) => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(part);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/, 0\)$/.test(outlineColor);
    });
    if (!marked && !['main', 'h1'].includes(element.localName)) faults.push('no focus indicator');
    return { name, on: role, faults };
  });
}

/** Hands on a keyboard: no mouse, and the focus is seen after each key. */
export class Hands {
  constructor(profile) {
    this.page = profile.page;
    this.keyboard = profile.page.keyboard;
  }

  /** Presses a key; whatever has the focus then is seen. */
  async press(key) {
    await this.keyboard.press(key);
    const now = await focus(this.page);
    assert.deepEqual(now.faults, [], `after ${key}: ${now.on} “${now.name}”`);
    return now;
  }

  type(text) {
    return this.keyboard.type(text);
  }

  /** Tabs to what bears this name. */
  async to(name, key = 'Tab') {
    const passed = [];
    for (let step = 0; step < 80; step += 1) {
      const now = await this.press(key);
      if (name instanceof RegExp ? name.test(now.name) : now.name === name) return;
      passed.push(now.name || now.on);
    }
    assert.fail(`${name} is not reached by ${key}: ${passed.join(' · ')}`);
  }

  /** Waits until the focus is where it belongs. */
  async on(name) {
    await this.page.waitForFunction(
      (name) => {
        const element = document.activeElement;
        const said = element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText ?? element?.innerText ?? '';
        return said.trim() === name;
      },
      name,
      { timeout: 5_000 },
    ).catch(async () => {
      const now = await focus(this.page);
      assert.fail(`the focus belongs on “${name}” and is on ${now.on} “${now.name}”`);
    });
    const now = await focus(this.page);
    assert.deepEqual(now.faults, [], `on “${name}”`);
  }

  heading(name) {
    return this.page.getByRole('heading', { name, exact: true }).first().waitFor();
  }
}
