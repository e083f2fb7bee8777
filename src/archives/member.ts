// What every archive hands out: its members, one after the other, each with its bytes while it is its turn.

import type { Codecs } from '../bytes/codecs.ts';
import type { Flow } from '../bytes/flow.ts';
import { RangeSource } from '../bytes/source-range.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { warningOf } from '../model/warning.ts';
import type { WarningCode, Warning } from '../model/warning.ts';

/** What a member is. 'other': devices, FIFOs, sockets. */
export type MemberKind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';

/** An entry of an archive. Its name is text from a file: nothing is ever opened or written by it. */
export interface Member {
  /** As written; bytes that are not UTF-8 are lone surrogates. */
  readonly name: string;
  readonly kind: MemberKind;
  /** Bytes of its content once it is unpacked; null where the archive does not say. */
  readonly size: number | null;
  /** Permission bits (07777); null where the archive has none. */
  readonly mode: number | null;
  /** What a link points to, as written. */
  readonly link: string | null;
  /** Other names of the same content, which the archive lists before it (hard links of cpio). */
  readonly alias: readonly string[];
  /** Whether the archive has a check sum of the content that reading it to its end compares. */
  readonly checked: boolean;
  /** Why its content can't be read: encrypted, an unknown method. */
  readonly problem: BinspectError | null;
  /** The content as a source of its own, where it lies plain in one; else null. */
  locate(): Promise<ByteSource | null>;
  /** The first bytes of the content, about `most`; fewer only where it is smaller, or as much as can be told cheaply. Before `open`. */
  start(most: number): Promise<Uint8Array>;
  /** The content in order. To be read before the next member is asked for, and once. */
  open(): Promise<Flow>;
}

/** What all readers of one archive, and of the archives in it, share: what they may still cost, and what was found odd. */
export class Budget {
  readonly limits: Limits;
  readonly codecs: Codecs;
  readonly signal: AbortSignal | undefined;
  #unpacked = 0;
  #members = 0;
  #metadata = 0;

  constructor(limits: Limits, codecs: Codecs, signal: AbortSignal | undefined) {
    this.limits = limits;
    this.codecs = codecs;
    this.signal = signal;
  }

  /** Counts bytes that were decompressed. Throws `limit-exceeded`. */
  unpack(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked > this.limits.archiveBytes) throw new BinspectError('limit-exceeded', `more than ${this.limits.archiveBytes} bytes are unpacked (the limit archiveBytes)`);
  }

  /** Counts a member. Throws `limit-exceeded`. */
  member(): void {
    if (++this.#members > this.limits.members) throw new BinspectError('limit-exceeded', `there are more than ${this.limits.members} members (the limit members)`);
  }

  /** Whether so many bytes that say what the archive is for may be read; counts them. */
  metadata(bytes: number): boolean {
    if (bytes > this.limits.metadataBytes || this.#metadata + bytes > this.limits.metadataTotalBytes) return false;
    this.#metadata += bytes;
    return true;
  }
}

/** What was found odd in one archive. */
export class Remarks {
  readonly warnings: Warning[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes over what was found odd elsewhere; `where` stands before it. */
  take({ code, message }: Pick<Warning, 'code' | 'message'>, where = ''): void {
    this.#add(warningOf(code as WarningCode, where + message, null, []));
  }

  /** `offset` counts from the start of the archive's own bytes; null where they are decompressed on the way. */
  warn(code: WarningCode, message: string, offset: number | null = null): void {
    this.#add(warningOf(code, message, offset, []));
  }

  #add(warning: Warning): void {
    if (this.warnings.length < this.#most) this.warnings.push(warning);
    else if (this.warnings.length === this.#most) this.warnings.push(warningOf('limit-exceeded', `more than ${this.#most} warnings; the rest are left out`, null, []));
  }
}

/** A position in a flow as errors give it: null where the bytes are decompressed on the way. */
export function offsetIn(flow: Flow, position: number): number | null {
  return flow.plain === null ? null : flow.plain.at + position;
}

/** A `malformed` at a position of a flow. */
export function malformedAt(flow: Flow, position: number, message: string): BinspectError {
  const offset = offsetIn(flow, position);
  return new BinspectError('malformed', offset === null ? `${message} (at 0x${position.toString(16)} of what is unpacked)` : message, { offset: offset ?? undefined });
}

/** A member that has no content: a folder, a link, a device. */
export function bareMember(name: string, kind: MemberKind, mode: number | null, link: string | null): Member {
  const none = (): Promise<never> => Promise.reject(new BinspectError('invalid-argument', `${name} has no content`));
  return { name, kind, size: 0, mode, link, alias: [], checked: false, problem: null, locate: none, start: none, open: none };
}

/** What a member has where its archive lists plain files in a row: its content is the next `size` bytes of the flow. */
export function contentOf(flow: Flow, size: number): Pick<Member, 'locate' | 'start' | 'open'> & { skip(what: string): Promise<void> } {
  const at = flow.position;
  const { plain } = flow;
  let part: Flow | null = null;
  const opened = (): Flow => (part ??= flow.part(size));
  return {
    locate: () => Promise.resolve(plain === null ? null : new RangeSource(plain.source, plain.at + at, size)),
    start: async (most) => {
      const bytes = await opened().peek(Math.min(most, size));
      return bytes.subarray(0, most);
    },
    open: () => Promise.resolve(opened()),
    /** Passes over what nobody has read of it. */
    skip: (what) => flow.skip(at + size - flow.position, what),
  };
}
