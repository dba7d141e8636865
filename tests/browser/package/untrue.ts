// What the types must refuse: were they loose, nothing that was observed could contradict them.
import type { Keyholder, KeyholderEvent, Problem, Reply } from 'subrosa-keyholder';

// @ts-expect-error a bigint is no number
export const big: Reply = { Written: 1n };
// @ts-expect-error a map is no object
export const map: Reply = { Device: new Map() };
// @ts-expect-error a field is missing
export const short: Reply = { Device: { server: '', version: '' } };
// @ts-expect-error a field is too much
export const long: Reply = { Device: { server: '', version: '', lock_after: 1, more: 1 } };
// @ts-expect-error null is not undefined
export const none: Problem = { kind: { BadKey: null }, message: '', next: '' };
// @ts-expect-error there is no such kind
export const kind: Problem = { kind: 'Nonsense', message: '', next: '' };
// @ts-expect-error the DOM's event is not the keyholder's
export const event: KeyholderEvent = new Event('Changed');

export async function ask(keyholder: Keyholder) {
  // @ts-expect-error there is no such request
  await keyholder.ask('Nonsense');
  // @ts-expect-error the password is missing
  await keyholder.ask({ Unlock: {} });
  // @ts-expect-error nor is the DOM's request the keyholder's
  await keyholder.ask(new Request('/'));
}
