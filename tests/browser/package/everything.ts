// Every request there is, typed, against a real server; what came back is kept to be compared with
// what the types promise.
import type {
  Keyholder, KeyholderEvent, KeyholderRequest, KeyholderStorage, NamedKeyChange, Only, Problem, Reply, Row, Scope,
  Write,
} from 'subrosa-keyholder';
import { part } from './part.js';

type NameOf<T> = T extends string ? T : keyof T & string;

/** The compiler sees to it that every request is here, `Seen.check` that each was asked. */
const REQUESTS: Record<NameOf<KeyholderRequest>, true> = {
  Status: true, Passphrase: true, CheckSetup: true, BeginSetup: true, FinishSetup: true, Unlock: true,
  Recover: true, Overview: true, Sync: true, Secrets: true, Search: true, Deleted: true, Reveal: true,
  History: true, CheckKey: true, CreateProject: true, CreateEnvironment: true, CreateApplication: true,
  Write: true, Hanging: true, Effective: true, Trace: true, RevealKey: true, Matrix: true,
  Compare: true, Duplicates: true, Promote: true, ReadImport: true, ApplyImport: true, Export: true,
  Keys: true, UsesOfKey: true, Rotate: true, PauseRotation: true, RotateAfter: true,
  RootKey: true, StageRootKey: true, DiscardRootKey: true, RotateRootKey: true, CheckRootKey: true,
  OpenRecovery: true, BeginRecovery: true,
  OpenInvite: true, BeginJoin: true, Join: true, Knock: true, Seats: true, SwitchTeam: true,
  People: true, Invite: true, CancelInvite: true, Admit: true, SetRoles: true, PromoteMember: true,
  RemoveMembers: true, Trail: true, AddMachine: true,
  Account: true, EndSessions: true, ChangePassword: true, RenewKeys: true, DeviceKit: true,
  Worklist: true, SeenTo: true,
  Log: true, AsItWas: true, TurnBack: true,
  Alarms: true, AlarmEvidence: true, ClearAlarm: true, ActAllTheSame: true, CompareCheckpoint: true,
  ChangedKeys: true, KeysCompared: true,
  NamedKeys: true, NamedKeyVersions: true, ChangeNamedKey: true, Encrypt: true, Decrypt: true,
  Rewrap: true, DataKey: true,
  KeepDraft: true, Drafts: true, Device: true, LockAfter: true, ForgetDevice: true,
};
const REPLIES: Record<NameOf<Reply>, true> = {
  Done: true, Status: true, Text: true, Bytes: true, Kit: true, Overview: true, Secrets: true,
  Rows: true, Groups: true, Effective: true, Matrix: true, Comparison: true, History: true,
  Created: true, Import: true, Written: true, Keys: true, Rotated: true,
  RootKey: true, RootKeySheet: true, RootKeyIs: true, Recovery: true,
  Worklist: true, Account: true, People: true, Invitation: true, Waiting: true, Seats: true,
  NamedKeys: true, NamedKeyVersions: true, Ciphertext: true, Rewrapped: true, DataKey: true,
  Drafts: true, Device: true,
  Log: true, AsItWas: true,
  Alarms: true, Compared: true, ChangedKeys: true,
};

export const VALUES = { SHARED: 'canary-shared-0b6e', PORT: 'canary-port-71d2' };

const gone = ({ id, version }: Row): Write => ({ Delete: { secret: id, base: version } });

/** A device that lasts as long as the program. */
export function memory(): KeyholderStorage {
  const kept = new Map<string, Uint8Array>();
  return {
    read: async (name) => kept.get(name),
    update: async (name, change) => {
      const value = change(kept.get(name));
      if (value === null) kept.delete(name);
      else if (value !== undefined) kept.set(name, value);
    },
  };
}

/** The only one. */
function one<T>(all: T[]): T {
  const [first] = all;
  if (first === undefined || all.length > 1) throw new Error(`${all.length} instead of one`);
  return first;
}

/** What was asked and what came back. */
export class Seen {
  requests = new Set<string>();
  replies: Reply[] = [];
  problems: Problem[] = [];
  events: KeyholderEvent[] = [];

  /** As TypeScript that says of each value what it is declared to be. */
  typescript(): string {
    const lists = [
      `export const replies: Reply[] = ${literal(this.replies)};`,
      `export const problems: Problem[] = ${literal(this.problems)};`,
      `export const events: KeyholderEvent[] = ${literal(this.events)};`,
    ];
    return `import type { KeyholderEvent, Problem, Reply } from 'subrosa-keyholder';\n${lists.join('\n')}\n`;
  }

  check(): void {
    same([...this.requests].sort(), Object.keys(REQUESTS).sort(), 'requests');
    const replies = new Set(this.replies.map((reply) => (typeof reply === 'string' ? reply : Object.keys(reply)[0])));
    same([...replies].sort(), Object.keys(REPLIES).sort(), 'replies');
  }
}

/** A value as source text, so faithful that nothing passes for a plain object that is none. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Object.getPrototypeOf(value) !== Object.prototype) return `new ${value.constructor.name}()`;
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${literal(field)}`);
  return `{ ${fields.join(', ')} }`;
}

function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [literal(found), literal(expected)];
  if (left !== right) throw new Error(`${what}: ${left} is not ${right}`);
}

/** Asks one keyholder and keeps what comes back. */
export class Session {
  constructor(private readonly keyholder: Keyholder, private readonly seen: Seen) {}

  async ask(request: KeyholderRequest): Promise<Reply> {
    this.seen.requests.add(typeof request === 'string' ? request : Object.keys(request)[0]!);
    try {
      const reply = await this.keyholder.ask(request);
      this.seen.replies.push(reply);
      return reply;
    } catch (thrown) {
      const problem = thrown as Problem;
      this.seen.problems.push(problem);
      throw problem;
    }
  }

  async done(request: KeyholderRequest): Promise<void> {
    same(await this.ask(request), 'Done', 'reply');
  }

  /** The problem that a request runs into. */
  async problem(request: KeyholderRequest): Promise<Problem> {
    const reply = await this.ask(request).catch((problem: Problem) => ({ problem }));
    if (typeof reply === 'object' && 'problem' in reply) return reply.problem;
    throw new Error(`no problem: ${literal(request)}`);
  }

  /** Founds a team by a setup link's token. */
  async found(token: string): Promise<{ kit: string; password: string; root: string }> {
    same(part(await this.ask('Status'), 'Status'), 'Empty', 'status');
    await this.done({ CheckSetup: { token } });
    const password = part(await this.ask('Passphrase'), 'Text');
    const setup = { token, team_name: 'canary-team-62aa', me: 'canary-ada-0d5f', password };
    const kit = part(await this.ask({ BeginSetup: setup }), 'Kit');
    const root = kit.root_key;
    if (!root) throw new Error('a new team has a root key');
    const root_key_fragment = root.text.slice(-root.tail);
    const wrong = { secret_key_fragment: 'WRONG', root_key_fragment };
    same((await this.problem({ FinishSetup: wrong })).kind, 'KitProof', 'kind');
    const secret_key_fragment = kit.secret_key.split('-')[kit.secret_key_group + 1] ?? '';
    const proof = { secret_key_fragment, root_key_fragment };
    same(part(await this.ask({ FinishSetup: proof }), 'Overview').projects, [], 'projects');
    return { kit: kit.text, password, root: root.text };
  }

  /** Another root key in the place of this one; the new one. */
  async rootKey(old: string): Promise<string> {
    const before = part(await this.ask('RootKey'), 'RootKey');
    const is = async (root_key: string) => part(await this.ask({ CheckRootKey: { root_key } }), 'RootKeyIs');
    same(await is(old), 'InForce', 'is');
    part(await this.ask('StageRootKey'), 'RootKeySheet');
    same(part(await this.ask('DiscardRootKey'), 'RootKey'), before, 'discarded');
    const { text, tail, fingerprint } = part(await this.ask('StageRootKey'), 'RootKeySheet');
    same(await is(text), 'Staged', 'is');
    const other = { fingerprint: before.fingerprint.replace(/^\w+/, 'zoo'), tail: text.slice(-tail) };
    same((await this.problem({ RotateRootKey: other })).kind, 'Refused', 'kind');
    same((await this.problem({ RotateRootKey: { fingerprint, tail: 'WRONG' } })).kind, 'KitProof', 'kind');
    const now = part(await this.ask({ RotateRootKey: { fingerprint, tail: text.slice(-tail) } }), 'RootKey');
    same([now.fingerprint, now.former[0]?.fingerprint], [fingerprint, before.fingerprint], 'fingerprints');
    same(typeof (await is(old)), 'object', 'replaced');
    same(await is(text), 'InForce', 'is');
    return text;
  }

  /** The team by its root key: an owner's next account. */
  async recoverTeam(root_key: string): Promise<{ kit: string; password: string }> {
    const owner = one(part(await this.ask({ OpenRecovery: { root_key } }), 'Recovery').owners);
    const password = part(await this.ask('Passphrase'), 'Text');
    const kit = part(await this.ask({ BeginRecovery: { owner: owner.id, password } }), 'Kit');
    const secret_key_fragment = kit.secret_key.split('-')[kit.secret_key_group + 1] ?? '';
    part(await this.ask({ FinishSetup: { secret_key_fragment, root_key_fragment: '' } }), 'Overview');
    return { kit: kit.text, password };
  }

  /** Other keys, another password, sessions, and a kit for another device. */
  async account(current: string): Promise<void> {
    const before = part(await this.ask('Account'), 'Account');
    const ids = before.sessions.filter(({ own }) => !own).map(({ id }) => id);
    same(part(await this.ask({ EndSessions: { ids } }), 'Account').sessions.map(({ own }) => own), [true], 'sessions');
    part(await this.ask('RenewKeys'), 'Overview');
    const after = part(await this.ask('Account'), 'Account');
    same(after.fingerprint === before.fingerprint, false, 'fingerprint');
    const next = part(await this.ask('Passphrase'), 'Text');
    await this.done({ ChangePassword: { current, new: next } });
    same((await this.problem({ DeviceKit: { password: current } })).kind, 'WrongPassword', 'kind');
    part(await this.ask({ DeviceKit: { password: next } }), 'Kit');
  }

  /** Somebody is invited, joins, is given and taken roles, made an owner, and removed. */
  async people(bob: Session): Promise<void> {
    const people = async () => part(await this.ask('People'), 'People');
    const vault = one((await people()).vaults.filter(({ name }) => name === 'of the page')).vault;
    const grants = [{ vault, role: 'Reader' as const }];
    const invite = { name: 'Bob', access: { Member: grants }, days: 7 };
    part(await this.ask({ Invite: invite }), 'Text');
    const first = one((await people()).invites);
    same(part(await this.ask({ CancelInvite: { invite: first.id } }), 'People').invites, [], 'invites');
    const link = part(await this.ask({ Invite: invite }), 'Text');
    same(part(await bob.ask({ OpenInvite: { link } }), 'Invitation').access, { Member: grants }, 'access');
    const password = part(await bob.ask('Passphrase'), 'Text');
    const kit = part(await bob.ask({ BeginJoin: { password } }), 'Kit');
    const secret_key_fragment = kit.secret_key.split('-')[kit.secret_key_group + 1] ?? '';
    const finish = { FinishSetup: { secret_key_fragment, root_key_fragment: '' } };
    const { fingerprint } = part(await bob.ask(finish), 'Waiting');
    same(part(await bob.ask('Knock'), 'Waiting').fingerprint, fingerprint, 'words');
    const waiting = one((await people()).invites);
    same(waiting.waiting, [fingerprint], 'waiting');
    part(await this.ask({ Admit: { invite: waiting.id, fingerprint } }), 'People');
    const { team } = part(await bob.ask('Knock'), 'Overview');
    same(part(await bob.ask('Seats'), 'Seats'), [{ team, name: 'canary-team-62aa', waiting: false }], 'seats');
    part(await bob.ask({ SwitchTeam: { team } }), 'Overview');
    same(part(await bob.ask('Trail'), 'Text').split('\n')[0], `subrosa-trail:1:${team}`, 'trail');
    same(part(await bob.ask('ChangedKeys'), 'ChangedKeys'), [], 'changed keys');
    const { checkpoint } = part(await bob.ask('Overview'), 'Overview');
    same(part(await this.ask({ CompareCheckpoint: { checkpoint } }), 'Compared'), 'Same', 'checkpoint');
    same(part(await bob.ask('Alarms'), 'Alarms'), [], 'alarms');
    const other_place = { checkpoint: `1:${'0'.repeat(64)}` };
    same(part(await bob.ask({ CompareCheckpoint: other_place }), 'Compared'), 'Different', 'checkpoint');
    const alarm = one(part(await bob.ask('Alarms'), 'Alarms'));
    same([alarm.team, alarm.differs, alarm.here, alarm.owner], [team, 'Other', true, false], 'alarm');
    same((await bob.problem({ ActAllTheSame: { alarm: alarm.id } })).kind, 'NotAllowed', 'no owner');
    same(part(await bob.ask({ AlarmEvidence: { team } }), 'Text').startsWith('subrosa-evidence:1:'), true, 'file');
    same(part(await bob.ask({ ClearAlarm: { team, alarm: alarm.id } }), 'Alarms'), [], 'cleared');
    const compared = { member: 'nobody', fingerprint };
    same((await bob.problem({ KeysCompared: compared })).kind, 'NotFound', 'nobody');
    await bob.account(password);
    const member = one((await people()).members.filter(({ name }) => name === 'Bob')).id;
    const changes = [{ member, vault, from: 'Reader' as const, to: 'Manager' as const }];
    part(await this.ask({ SetRoles: { changes } }), 'People');
    part(await this.ask({ SetRoles: { changes: [{ member, vault, from: 'Manager' as const }] } }), 'People');
    part(await this.ask({ PromoteMember: { member } }), 'People');
    const other = part(await this.ask({ Invite: { ...invite, access: 'Owner' } }), 'Text');
    part(await bob.ask({ OpenInvite: { link: other } }), 'Invitation');
    same((await bob.problem('Join')).kind, 'Refused', 'in this team already');
    const writes = [{ vault, role: 'Writer' as const }];
    const token = part(await this.ask({ AddMachine: { name: 'CI', grants: writes, days: 30 } }), 'Text');
    same(token.slice(0, 5), 'srt1_', 'token');
    const machine = one((await people()).members.filter(({ name }) => name === 'CI'));
    if (typeof machine.kind === 'string') throw new Error('a machine');
    same([machine.kind.Machine.expired, machine.kind.Machine.last_used], [false, 'Never'], 'machine');
    const left = part(await this.ask({ RemoveMembers: { members: [member, machine.id], staying: [] } }), 'People');
    same(left.members.some(({ name }) => name === 'Bob' || name === 'CI'), false, 'members');
    same((await bob.problem('Sync')).kind, 'KeysReplaced', 'removed');
    const losses = part(await this.ask({ Worklist: { limit: 10 } }), 'Worklist');
    same(losses.map(({ name, how }) => [name, how]), [['Bob', 'Removed'], ['Bob', 'Revoked']], 'losses');
    const loss = one(losses.slice(0, 1));
    same([loss.open, loss.items.length], [loss.total, loss.total], 'loss');
    const secrets = loss.items.slice(0, 1).flatMap(({ secret }) => (secret ? [secret] : []));
    const ticked = { seq: loss.seq, secrets, again: false, limit: 10 };
    const left_over = part(await this.ask({ SeenTo: ticked }), 'Worklist');
    same(left_over[0]?.open, loss.open - 1, 'ticked off');
  }

  /** A project with its scopes and secrets; then everything that can be done to them. */
  async use(name: string): Promise<void> {
    const project = part(await this.ask({ CreateProject: { name } }), 'Created');
    const created = { CreateEnvironment: { project, name: 'production' } };
    const environment = part(await this.ask(created), 'Created');
    const application = part(await this.ask({ CreateApplication: { environment, name: 'api' } }), 'Created');
    const above: Scope = { Project: project };
    const scope: Scope = { Application: application };
    const { id } = await this.create(above, 'SHARED', VALUES.SHARED);
    await this.create(scope, 'PORT', VALUES.PORT);
    same(await this.values(scope), VALUES, 'values');
    const written = `PORT=${VALUES.PORT}\nSHARED=${VALUES.SHARED}\n`;
    const all = { scope, inherited: true, built_in: false };
    same(part(await this.ask({ Export: { ...all, format: 'Dotenv' } }), 'Text'), written, 'export');

    // Keys: good, bad with a rename, bad without one.
    await this.done({ CheckKey: { key: 'PORT' } });
    const { kind } = await this.problem({ CheckKey: { key: 'database-url' } });
    same(kind, { BadKey: 'database_url' }, 'kind');
    same((await this.problem({ CheckKey: { key: '' } })).kind, { BadKey: undefined }, 'kind');

    // Edits, one of them too late.
    const change = { value: { Text: 'second' }, note: 'changed' };
    same((await this.write({ Edit: { secret: id, base: 1, change } })).version, 2, 'version');
    const edit: Write = { Edit: { secret: id, base: 1, change: { key: 'OTHER' } } };
    const late = (await this.problem({ Write: { writes: [edit], note: '' } })).kind;
    same(typeof late === 'object' && 'Conflict' in late && late.Conflict.length, 1, 'conflicts');
    const versions = part(await this.ask({ History: { secret: id } }), 'History');
    same(versions.map(({ version }) => version), [2, 1], 'versions');
    same(part(await this.ask({ Reveal: { secret: id, version: 1 } }), 'Text'), VALUES.SHARED, 'value');

    // Gone, and back.
    same((await this.write({ Delete: { secret: id, base: 2 } })).deleted, true, 'deleted');
    same(part(await this.ask({ Deleted: { scope: above } }), 'Secrets').rows.length, 1, 'deleted');
    await this.write({ Restore: { secret: id } });
    await this.write({ Restore: { secret: id, version: 1 } });

    // The log, and the secrets of its newest but one entry.
    const log = part(await this.ask({ Log: { filter: { scope: above, text: '' } } }), 'Log');
    const newest = log.entries[0];
    const { vault } = newest?.deeds[0]?.restorable ?? { vault: '' };
    const seq = (newest?.seq ?? 0) - 2;
    const { changes, lost } = part(await this.ask({ AsItWas: { vault, seq } }), 'AsItWas');
    same(changes.map(({ turn }) => turn), ['Deleted'], 'changes');
    same(lost, [], 'lost');
    same(part(await this.ask({ TurnBack: { vault, seq, secrets: [], note: '' } }), 'Written'), 0, 'written');
    await this.resolve(project, { Environment: environment }, scope, id);

    // A dotenv text: new, the same, another value, twice, with a bad key, not understood.
    const text = `NEW=1\nPORT=${VALUES.PORT}\nbad-key=2\nNEW=3\n=\n`;
    const read = part(await this.ask({ ReadImport: { scope, text } }), 'Import');
    same(read.lines.map(({ state }) => state), ['New', 'Same', 'New'], 'states');
    same(read.bad.length, 2, 'bad lines');
    same(part(await this.ask({ ApplyImport: { choices: [{ line: 4, key: 'NEW' }] } }), 'Written'), 1, 'written');

    const found = part(await this.ask({ Search: { text: 'new', limit: 50 } }), 'Secrets');
    same(found.rows.some(({ key }) => key === 'NEW'), true, 'found');

    await this.keys(name);
    part(await this.ask({ Export: { ...all, format: 'Dotenv' } }), 'Text');

    // Typed, not saved, and kept on this device.
    const draft = { name: crypto.randomUUID(), text: 'half a thou' };
    await this.done({ KeepDraft: draft });
    same(part(await this.ask('Drafts'), 'Drafts'), [draft], 'drafts');
    await this.done({ KeepDraft: { name: draft.name } });
    same(part(await this.ask('Drafts'), 'Drafts'), [], 'drafts');

    await this.done({ LockAfter: { minutes: 20 } });
    same(part(await this.ask('Device'), 'Device').lock_after, 20 * 60_000, 'minutes');
    part(await this.ask('Overview'), 'Overview');
    part(await this.ask('Sync'), 'Overview');
  }

  /** The keys of a project's vault, and a named key in it. */
  async keys(name: string): Promise<void> {
    // Keys of vaults, and their rotation.
    const keys = async () => part(await this.ask('Keys'), 'Keys');
    const own = one((await keys()).filter((it) => it.name === name));
    same(own.versions.map(({ version, retired }) => [version, retired]), [[1, false]], 'versions');
    await this.done({ RotateAfter: { vault: own.vault, days: 90 } });
    const uses = { vault: own.vault, version: 1, limit: 10 };
    const using = part(await this.ask({ UsesOfKey: uses }), 'Secrets').total;
    same(using, own.versions[0]?.secrets, 'uses');
    await this.done('PauseRotation');
    const rotate = { vaults: [own.vault], step: 'All' as const, drop_earlier: false };
    const rotated = part(await this.ask({ Rotate: rotate }), 'Rotated');
    same(rotated, [{ vault: own.vault, name: own.name, outcome: 'Done' }], 'rotated');
    const now = one((await keys()).filter(({ vault }) => vault === own.vault));
    same([now.versions.length, now.left, now.rotations.length, now.rotate_after], [2, 0, 1, 90], 'keys');

    // A named key: encrypted, rotated, rewrapped, decrypted.
    const at = { vault: own.vault, name: 'orders' };
    const change = async (base: number, change: NamedKeyChange) =>
      one(part(await this.ask({ ChangeNamedKey: { at, base, change } }), 'NamedKeys'));
    const context = { Text: 'row 7' };
    const made = await change(0, 'Create');
    const encrypt = { at, plaintext: { Text: VALUES.PORT }, context };
    const old = part(await this.ask({ Encrypt: encrypt }), 'Ciphertext');
    same((await change(made.base, 'Rotate')).newest, 2, 'newest');
    const versions = part(await this.ask({ NamedKeyVersions: { at } }), 'NamedKeyVersions');
    same(versions.map(({ version }) => version), [2, 1], 'versions');
    const items = [{ ciphertext: old, context }, { ciphertext: 'subrosa:v1:', context }];
    const [rewrapped, refused] = part(await this.ask({ Rewrap: { at, items } }), 'Rewrapped');
    if (!rewrapped || !('Ok' in rewrapped) || rewrapped.Ok === 'Same') throw new Error('not rewrapped');
    same(rewrapped.Ok.New.startsWith('subrosa:v2:'), true, 'version');
    same(refused && 'Err' in refused, true, 'refused');
    const decrypt = { at, ciphertext: rewrapped.Ok.New, context };
    same(part(await this.ask({ Decrypt: decrypt }), 'Text'), VALUES.PORT, 'plaintext');
    const data = part(await this.ask({ DataKey: { at, context, bytes: 32, plaintext: true } }), 'DataKey');
    same(data.plaintext?.length, 32, 'bytes');
    same(part(await this.ask('NamedKeys'), 'NamedKeys').length, 1, 'keys');
  }

  async create(scope: Scope, key: string, value: string) {
    return this.write({ Create: { scope, key, value: { Text: value }, note: '' } });
  }

  async write(write: Write): Promise<Row> {
    return part(await this.ask({ Write: { writes: [write], note: 'why' } }), 'Rows')[0]!;
  }

  /** What scopes come to: overrides, aliases, references, files; `id` is SHARED at the project. */
  async resolve(project: string, environment: Scope, scope: Scope, id: string): Promise<void> {
    await this.write({ Override: { scope: environment, target: id, value: { Text: 'other' }, note: '' } });
    await this.write({ Alias: { scope, key: 'ALSO', target: id, note: '' } });
    await this.create(scope, 'URL', 'https://{{ALSO}}/');
    same(part(await this.ask({ RevealKey: { scope, key: 'URL' } }), 'Text'), 'https://other/', 'url');
    const bytes = new Uint8Array([0, 255]);
    const file = { scope, key: 'FILE', value: { Bytes: bytes }, mount: '/run/file', note: '' };
    same((await this.write({ Create: file })).kind, { File: { mount: '/run/file' } }, 'kind');
    const back = part(await this.ask({ RevealKey: { scope, key: 'FILE' } }), 'Bytes');
    same([...back], [...bytes], 'bytes');

    const window = { scope, filter: 'also', offset: 0, limit: 50 };
    const [also] = part(await this.ask({ Effective: window }), 'Effective').rows;
    same([also?.state, also?.through?.key], ['Alias', 'SHARED'], 'by way of');
    const traced = part(await this.ask({ Trace: { scope, key: 'ALSO' } }), 'Effective').rows[0];
    same({ ...traced!, used_by: undefined }, also, 'trace');
    same(traced!.used_by, 1, 'used by');
    const wanted = { project, filter: '', expanded: ['SHARED'], offset: 0, limit: 50 };
    const { columns, rows } = part(await this.ask({ Matrix: wanted }), 'Matrix');
    same(columns.map(({ name }) => name), ['Shared', 'production'], 'columns');
    const shared = rows.find(({ key }) => key === 'SHARED');
    same(shared?.cells.map(({ state }) => state), ['Own', 'Override'], 'cells');
    same(shared?.rows[0]?.cells[1]?.state, 'Inherited', 'application');
    const some: Only = { Keys: ['ALSO', 'NOWHERE'] };
    const one = part(await this.ask({ Matrix: { ...wanted, only: some, application: 'api' } }), 'Matrix');
    same(one.rows.map((row) => [row.key, row.rows.length]), [['ALSO', 1]], 'some keys, one application');

    const hanging = part(await this.ask({ Hanging: { secrets: [id] } }), 'Secrets');
    same(hanging.rows.length, 2, 'hanging');
    const alone: Write = { Delete: { secret: id, base: 5 } };
    const { kind } = await this.problem({ Write: { writes: [alone], note: '' } });
    same(typeof kind === 'object' && 'Hanging' in kind && kind.Hanging.length, 2, 'hanging');

    const sides = { left: { Project: project }, right: environment };
    const compared = part(await this.ask({ Compare: sides }), 'Comparison');
    same(compared.rows.map(({ key, verdict }) => [key, verdict]), [['SHARED', 'Differs']], 'verdicts');
    const promote = { from: { Project: project }, to: environment, keys: ['SHARED'], note: '' };
    same(part(await this.ask({ Promote: promote }), 'Written'), 1, 'promoted');
    same(part(await this.ask('Duplicates'), 'Groups')[0]?.length, 2, 'duplicates');
    // Gone again, so that what follows finds what it expects.
    await this.ask({ Write: { writes: (await this.below(scope)).map(gone), note: '' } });
  }

  /** What is set at a scope, but for PORT. */
  async below(scope: Scope): Promise<Row[]> {
    const window = { scope, filter: '', inherited: false, offset: 0, limit: 50 };
    const { rows } = part(await this.ask({ Secrets: window }), 'Secrets');
    return rows.filter(({ key }) => key !== 'PORT');
  }

  /** What a scope sees, by key. */
  async values(scope: Scope): Promise<Record<string, string>> {
    const window = { scope, filter: '', inherited: true, offset: 0, limit: 50 };
    const { rows } = part(await this.ask({ Secrets: window }), 'Secrets');
    const values = rows.map(async ({ key }): Promise<[string, string]> => {
      return [key, part(await this.ask({ RevealKey: { scope, key } }), 'Text')];
    });
    const sorted = (await Promise.all(values)).sort(([a], [b]) => (a < b ? 1 : -1));
    return Object.fromEntries(sorted);
  }
}
