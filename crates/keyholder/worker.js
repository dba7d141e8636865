// The worker's entry: a module that imports the glue statically, as the page's policy asks for.
import init, { Keyholder } from './subrosa-keyholder.js';

await init();
const keyholder = new Keyholder(location.origin, (event) => postMessage(event));
onmessage = async ({ data }) => postMessage(await keyholder.ask(data));
keyholder.ready();
