// One member of an archive, told as the file that it would be once unpacked.

import type { Holder } from '../archives/hold.ts';
import type { Budget, Member } from '../archives/member.ts';
import type { Codecs } from '../bytes/codecs.ts';
import type { SyncPartDigest } from '../bytes/pass.ts';
import { asOwn } from '../bytes/given.ts';
import type { ByteSource } from '../bytes/source.ts';
import { INSPECT_OPTIONS } from '../inspect/examine.ts';
import type { HashOptions, InspectOptions } from '../inspect/examine.ts';
import { inspectParts } from '../inspect/inspect-parts.ts';
import type { Inspection } from '../model/binary.ts';
import { pickOptions } from '../model/options.ts';

/** What telling members takes of a runtime. */
export interface MemberRuntime {
  readonly codecs: Codecs;
  /** Says what a source is. */
  inspect(source: ByteSource, options: InspectOptions): Promise<Inspection>;
  /** Says what bytes are; at once where the runtime can. They are valid until it is done. */
  inspectBytes(bytes: Uint8Array, options: InspectOptions): Inspection | Promise<Inspection>;
  /** The digest of a part; null where there is none at once. */
  readonly part: SyncPartDigest;
  /** The SHA-256 of a whole source. */
  hash(source: ByteSource, options: HashOptions): Promise<string>;
}

/** Says what a member is. Rejects with what `inspect` rejects with, and with what reading the member throws. */
export async function inspectMember(member: Member, holder: Holder, budget: Budget, runtime: MemberRuntime, options: InspectOptions): Promise<Inspection> {
  const hash = options.hash === true;
  const unhashed: InspectOptions = { ...pickOptions(options, INSPECT_OPTIONS), hash: false, onProgress: undefined };
  const located = await member.locate();
  const source = located === null ? null : asOwn(located);
  if (source !== null && (!hash || !member.checked)) return runtime.inspect(source, { ...unhashed, hash });
  const { parts, size, sha256 } = await holder.hold(await member.open(), member, budget, hash);
  const [first] = parts;
  const whole = parts.length === 1 && first !== undefined;
  if (source !== null && !whole) return { ...(await runtime.inspect(source, unhashed)), sha256 };
  return { ...(whole ? await runtime.inspectBytes(first.bytes, unhashed) : inspectParts(parts, size, unhashed, runtime.part)), sha256 };
}
