// As in main.rs: medians of both, measured in turns after one round to warm up.
const ROUNDS = 9;

/** Both give a time, in milliseconds. */
export async function medians(ours, bound) {
  const times = [[], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const both = [await ours(), await bound()];
    if (round > 0) both.forEach((time, which) => times[which].push(time));
  }
  return times.map((all) => all.sort((a, b) => a - b)[ROUNDS >> 1]);
}

/** Prints a figure and its bound. */
export function report(what, ratio, { atMost, atLeast } = {}) {
  const bound = atMost ? `at most ${atMost.toFixed(1)}` : atLeast ? `at least ${atLeast.toFixed(1)}` : '';
  const missed = ratio > (atMost ?? Infinity) || ratio < (atLeast ?? 0) ? '  MISSED' : '';
  console.log(`${what.padEnd(56)} ${ratio.toFixed(2).padStart(8)}  ${bound}${missed}`);
}
