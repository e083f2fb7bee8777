// Executables inside an archive, and in archives in it: one item each, as its members go by. Nothing is written, and no link is followed.

import { evidenceReader } from '../archives/evidence.ts';
import { Holder } from '../archives/hold.ts';
import { KindSigns } from '../archives/kinds.ts';
import { Budget, Remarks } from '../archives/member.ts';
import type { Member } from '../archives/member.ts';
import { containerMagic, HEAD, openContainer, unreadArchive } from '../archives/open-container.ts';
import type { ContainerBytes, OpenedContainer } from '../archives/open-container.ts';
import type { ByteSource } from '../bytes/source.ts';
import { isHttpUrl } from '../model/url.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import { INSPECT_OPTIONS, limitsOf, mayBeBinary } from '../inspect/examine.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import type { Inspection } from '../model/binary.ts';
import { isTestPath, isUnsafeName, shownName } from '../model/container.ts';
import type { Container, ContainerClaim, Inside, MemberItem } from '../model/container.ts';
import type { OptionKinds } from '../model/options.ts';
import { inspectMember } from './member-content.ts';
import type { MemberRuntime } from './member-content.ts';

/** What `inspectMembers` may be told. */
export interface MembersOptions extends InspectOptions {
  /** What bytes without a path are called in the paths of their members; nothing where it is not given. */
  readonly name?: string | undefined;
  /** Called for every member that is no executable, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
}

/** The same, for whoever wants to know what a member says of its archive in full. */
export interface WalkOptions extends MembersOptions {
  /** Called with the bytes of each member that says what its archive is for: package.json, WHEEL, … */
  readonly onMetadata?: ((path: string, bytes: Uint8Array) => void) | undefined;
}

/** The options of `inspectMembers`. */
export const MEMBERS_OPTIONS: OptionKinds<MembersOptions> = { ...INSPECT_OPTIONS, name: 'text', onSkip: 'function' };

/** A member's path below its archive's; one of bytes without a name stands alone. */
export function memberPath(container: string, member: string): string {
  return container === '' ? shownName(member) : `${container}!/${shownName(member)}`;
}

function nameOf(path: string): string {
  return (isHttpUrl(path) ? path.replace(/[?#].*$/s, '') : path).split(/[/\\]/).at(-1) as string;
}

/**
 * The items of an archive. `path` is what it is called; '' for nothing. Throws `unrecognized` and `unsupported` for what is no archive, or none that is
 * read, `io`, `aborted`.
 */
export async function* membersOfSource(source: ByteSource, path: string, runtime: MemberRuntime, options: WalkOptions): AsyncGenerator<MemberItem, void, undefined> {
  const budget = new Budget(limitsOf(options), runtime.codecs, options.signal);
  refuseAborted(options.signal);
  const remarks = new Remarks(budget.limits.warnings);
  const head = await source.read(0, Math.min(HEAD, source.size));
  const digest = options.hash === true ? (budget.codecs.sha256?.() ?? null) : null;
  let hashed = 0;
  const seen = (bytes: Uint8Array, end: number): void => {
    digest?.update(bytes);
    hashed = end;
    options.onProgress?.(end, source.size);
  };
  const bytes: ContainerBytes = { name: nameOf(path), source, head, open: () => Promise.reject(new BinspectError('invalid-argument', 'read it by positions')), seen };
  const level: Level = { path, name: bytes.name, inside: [], depth: 1, size: source.size, budget, remarks, runtime, options };
  const container = yield* contents(bytes, level, true);
  let sha256: string | null = null;
  if (options.hash === true) {
    // What is read by positions, or was not read to its end, is hashed by itself.
    sha256 = digest !== null && hashed === source.size && source.size > 0 ? digest.digest() : await runtime.hash(source, { signal: options.signal, onProgress: options.onProgress });
  }
  yield { container: { ...container, sha256 } };
}

/** An archive, and how it was come to. */
interface Level {
  readonly path: string;
  readonly name: string;
  /** The way to it. */
  readonly inside: readonly Inside[];
  readonly depth: number;
  readonly size: number | null;
  readonly budget: Budget;
  readonly remarks: Remarks;
  readonly runtime: MemberRuntime;
  readonly options: WalkOptions;
}

/** Its members' items; gives what is said of it. Throws where it is no archive, and `aborted` and `io`. */
async function* contents(bytes: ContainerBytes, level: Level, isRoot: boolean): AsyncGenerator<MemberItem, Container, undefined> {
  const { path, size, budget, remarks } = level;
  const magic = containerMagic(bytes.head);
  let opened: OpenedContainer | null = null;
  let failure: BinspectError | null = null;
  try {
    opened = await openContainer(bytes, budget, remarks, isRoot);
  } catch (error) {
    failure = damage(error);
  }
  if (opened === null && failure === null) throw noArchive(bytes.head);
  const walk = new Walk(level, opened?.format ?? magic ?? 'zip', opened?.single === true);
  if (opened !== null) {
    walk.claims.push(...opened.claims);
    try {
      for await (const member of opened.members) yield* walk.member(member);
      await opened.finish();
    } catch (error) {
      failure = damage(error);
    }
  }
  if (failure !== null) walk.spoil(failure);
  return { path, format: walk.format, kind: walk.kinds.kind(level.name), size, sha256: null, members: walk.members, binaries: walk.binaries, complete: walk.complete, claims: walk.claims, warnings: remarks.warnings };
}

/** What spoils an archive; anything else is thrown: a read that fails, and the caller's wish to end. */
function damage(error: unknown): BinspectError {
  if (!(error instanceof BinspectError) || error.code === 'aborted' || error.code === 'io') throw error;
  return error;
}

function noArchive(head: Uint8Array): BinspectError {
  const detected = unreadArchive(head);
  if (detected !== null) return new BinspectError('unsupported', `${detected}: recognised, but not an archive that is read`, { detected, offset: 0 });
  if (mayBeBinary(head)) return new BinspectError('unsupported', 'an executable file, not an archive', { offset: 0 });
  return new BinspectError('unrecognized', 'no archive that is known', { offset: 0 });
}

/** An executable that a hard link may point to. */
interface Told {
  readonly inspection: Inspection;
  readonly mode: number | null;
}

const REMEMBERED = 2048; // executables that a hard link may point to: tar writes links soon after what they point to

/** The way through the members of one archive. */
class Walk {
  readonly format: string;
  readonly kinds: KindSigns;
  readonly claims: ContainerClaim[] = [];
  members = 0;
  binaries = 0;
  complete = true;
  readonly #level: Level;
  readonly #single: boolean;
  readonly #holder = new Holder();
  readonly #told = new Map<string, Told>();
  readonly #names = new Map<string, number>();

  constructor(level: Level, format: string, single: boolean) {
    this.#level = level;
    this.format = format;
    this.#single = single;
    this.kinds = new KindSigns(format);
  }

  /** Something could not be read. */
  spoil({ code, message, offset }: BinspectError): void {
    this.complete = false;
    this.#level.remarks.warn(code, message, offset ?? null);
  }

  /** What is to be said of a member. */
  async *member(member: Member): AsyncGenerator<MemberItem, void, undefined> {
    const { budget, remarks, options } = this.#level;
    refuseAborted(budget.signal);
    this.members += 1 + member.alias.length;
    const name = shownName(member.name);
    this.kinds.see(name);
    if (isUnsafeName(member.name)) remarks.warn('unsafe-path', `${member.name}: unpacked, this would not stay within a folder, or not show as it is`);
    if (this.#told.has(name)) remarks.warn('duplicate-name', `${name} is listed again: the last one counts`);
    const path = memberPath(this.#level.path, this.#numbered(name));
    if (member.kind === 'hardlink') {
      yield* this.#link(member, path);
      return;
    }
    if (member.kind !== 'file' || (member.size === 0 && member.problem === null)) {
      options.onSkip?.(path, member.kind === 'file' ? 'the file is empty' : member.kind);
      return;
    }
    try {
      yield* this.#file(member, name, path);
    } catch (error) {
      const failure = damage(error);
      failure.path = path;
      if (!isTestPath(name)) this.complete = false; // damaged files are what tests are about
      yield { path, inside: this.#inside(member), error: failure };
    }
  }

  #inside({ name }: Pick<Member, 'name'>): Inside[] {
    const { inside, path } = this.#level;
    return [...inside, { path, format: this.format, member: name }];
  }

  /** Names repeat in static libraries: the second `x.o` is shown as `x.o#2`. */
  #numbered(name: string): string {
    if (this.format !== 'ar') return name;
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  }

  *#link(member: Member, path: string): Generator<MemberItem, void, undefined> {
    const told = this.#told.get(shownName(member.link ?? ''));
    if (told === undefined) {
      this.#level.options.onSkip?.(path, 'hardlink');
      return;
    }
    this.binaries++;
    yield { path, inside: this.#inside(member), mode: told.mode, inspection: { ...told.inspection, path } };
  }

  async *#file(member: Member, name: string, path: string): AsyncGenerator<MemberItem, void, undefined> {
    const { remarks, options } = this.#level;
    if (member.problem !== null) {
      if (member.problem.detected !== 'thin-member') throw member.problem;
      if (this.complete) this.spoil(member.problem);
      return;
    }
    if (await this.#metadata(member, name)) return;
    const head = await member.start(HEAD);
    if (mayBeBinary(head)) yield* this.#binary(member, name, path);
    else if (containerMagic(head) !== null) yield* this.#nested(member, head, path);
    else {
      const unread = unreadArchive(head);
      if (unread !== null) remarks.warn('unsupported', `${name}: ${unread}, which is not read`);
      options.onSkip?.(path, unread ?? 'no executable');
    }
  }

  /** Reads what says what the archive is for; false for any other member. */
  async #metadata(member: Member, name: string): Promise<boolean> {
    const read = this.#single ? null : evidenceReader(name);
    if (read === null || member.size === null) return false;
    if (!this.#level.budget.metadata(member.size)) {
      this.spoil(new BinspectError('limit-exceeded', `${name}: ${member.size} bytes are too much to read for what the archive is for (the limits metadataBytes and metadataTotalBytes)`));
      return false;
    }
    const flow = await member.open();
    const bytes = await flow.rest(member.size, name);
    this.claims.push(...read(bytes));
    const path = memberPath(this.#level.path, name);
    this.#level.options.onMetadata?.(path, bytes);
    this.#level.options.onSkip?.(path, 'no executable');
    return true;
  }

  async *#binary(member: Member, name: string, path: string): AsyncGenerator<MemberItem, void, undefined> {
    const { budget, runtime, options } = this.#level;
    let inspection: Inspection;
    try {
      inspection = { ...(await inspectMember(member, this.#holder, budget, runtime, options)), path };
    } catch (error) {
      if (!(error instanceof BinspectError) || (error.code !== 'unsupported' && error.code !== 'unrecognized')) throw error;
      options.onSkip?.(path, error.message); // a DOS program, say
      return;
    }
    const inside = this.#inside(member);
    const { mode } = member;
    this.#remember(name, { inspection, mode });
    for (const alias of member.alias) {
      this.binaries++;
      const other = memberPath(this.#level.path, alias);
      yield { path: other, inside: this.#inside({ name: alias }), mode, inspection: { ...inspection, path: other } };
    }
    this.binaries++;
    yield { path, inside, mode, inspection };
  }

  #remember(name: string, told: Told): void {
    this.#told.set(name, told);
    if (this.#told.size <= REMEMBERED) return;
    const [oldest] = this.#told.keys();
    this.#told.delete(oldest as string);
  }

  /** An archive in this one. */
  async *#nested(member: Member, head: Uint8Array, path: string): AsyncGenerator<MemberItem, void, undefined> {
    const level = this.#level;
    const { budget } = level;
    if (level.depth >= budget.limits.archiveDepth) {
      this.spoil(new BinspectError('limit-exceeded', `${path}: an archive within ${level.depth} others is not opened (the limit archiveDepth)`));
      return;
    }
    const bytes: ContainerBytes = { name: nameOf(shownName(member.name)), source: await member.locate(), head, open: () => member.open() };
    const inner: Level = { ...level, path, name: bytes.name, inside: this.#inside(member), depth: level.depth + 1, size: member.size, remarks: new Remarks(budget.limits.warnings) };
    const container = yield* contents(bytes, inner, false);
    const alone = ['gz', 'xz', 'zst'].includes(container.format);
    this.binaries += container.binaries;
    if (!container.complete && !isTestPath(path)) {
      this.complete = false;
      const why = container.warnings.at(-1)?.message ?? 'it could not be read';
      level.remarks.warn('incomplete', `${path} could not be read to its end: ${why}`);
    }
    if (!alone || container.binaries > 0) yield { container };
  }
}
