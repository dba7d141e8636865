// Starts the console. It runs before anything else does, as a file of its own, because the page's
// policy allows no inline script.

// Leptos parses the fixed parts of its views through template.innerHTML, which Trusted Types forbids
// unless a default policy says what may pass: markup that cannot run anything. The one script that
// may be started is the keyholder's worker.
const WORKER = new URL("/w/worker.js", location.origin).href;
const RUNS = /<\s*(script|iframe|object|embed|base|meta|link)\b|\son[a-z]+\s*=|javascript\s*:/i;

if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", {
    createHTML: (markup) => (RUNS.test(markup) ? null : markup),
    createScriptURL: (url) => (new URL(url, location.origin).href === WORKER ? url : null),
  });
}

// The theme is set before the first paint, or a dark page would flash white.
try {
  const theme = JSON.parse(localStorage.getItem("subrosa.preferences") ?? "{}").theme;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or not ours: the system's theme it is.
}

function crash(error) {
  // The kind alone: a message might quote what was being worked on.
  console.error("The console could not start:", error?.name ?? "unknown");
  document.documentElement.classList.add("crashed");
  document.getElementById("crash").hidden = false;
}

const tag = document.querySelector("script[data-js]");
// The browser ignores the integrity of a preload; a fetch that bears it is refused when it differs.
const preload = document.querySelector('link[rel="preload"][as="fetch"]');
const options = preload?.integrity ? { integrity: preload.integrity } : {};

try {
  const page = await import(tag.dataset.js);
  await page.default({ module_or_path: fetch(tag.dataset.wasm, options) });
} catch (error) {
  crash(error);
}
