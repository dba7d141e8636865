// The worker's entry: a module that imports the glue statically, as the page's policy asks for.
// Requests come numbered, for a worker's answers come back in any order; see `ToKeyholder` and
// `FromKeyholder` in crates/bridge.
import init, { Keyholder } from './subrosa-keyholder.js';

await init();
const keyholder = new Keyholder(location.origin, (event) => postMessage({ Event: event }));
onmessage = async ({ data: { id, request } }) => {
  const result = await keyholder.ask(request).then(
    (Ok) => ({ Ok }),
    (Err) => ({ Err }),
  );
  postMessage({ Reply: { id, result } });
};
postMessage('Ready');
