// Content of a member, held while it streams and hashed on the way; of what is too large, its beginning and its end.

import type { RunningDigest } from '../bytes/codecs.ts';
import type { Flow } from '../bytes/flow.ts';
import type { FilePart } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import type { Budget, Member } from './member.ts';

const CHUNK = 1024 * 1024;
const HEAD = 1024 * 1024; // of what is too large to hold: with the tail, all but one real file in a hundred and sixty need no more
const TAIL = 8 * 1024 * 1024;
const FIRST = 256 * 1024;

/** Content that was read to its end. */
export interface Held {
  /** All of it, or its beginning and its end. */
  readonly parts: readonly FilePart[];
  readonly size: number;
  readonly sha256: string | null;
}

/** Memory for members that are held one after the other. */
export class Holder {
  #room: Uint8Array = new Uint8Array(0);

  /**
   * Reads content to its end. What it gives is valid until the next call. Throws what the flow throws, and `truncated` where the content is
   * shorter than the archive says.
   */
  async hold(flow: Flow, { name, size }: Pick<Member, 'name' | 'size'>, budget: Budget, hash: boolean): Promise<Held> {
    const most = budget.limits.memberBytes;
    const digest = hash ? (budget.codecs.sha256?.() ?? null) : null;
    const held = size !== null && size > most ? await this.#ends(flow, 0, digest) : await this.#whole(flow, size, most, digest);
    if (size !== null && held.size !== size) throw new BinspectError('truncated', `${name}: the archive says ${size} bytes, and ends after ${held.size}`);
    return { ...held, sha256: digest?.digest() ?? null };
  }

  async #whole(flow: Flow, size: number | null, most: number, digest: RunningDigest | null): Promise<Omit<Held, 'sha256'>> {
    let filled = 0;
    for (let bytes = await flow.chunk(CHUNK); bytes.length > 0; bytes = await flow.chunk(CHUNK)) {
      digest?.update(bytes);
      if (filled + bytes.length > most) {
        flow.unread(bytes);
        return this.#ends(flow, filled, digest, bytes.length);
      }
      this.#grow(filled, filled + bytes.length, size);
      this.#room.set(bytes, filled);
      filled += bytes.length;
    }
    return { parts: [{ at: 0, bytes: this.#room.subarray(0, filled) }], size: filled };
  }

  /** Room grows with what has come, and never by what a header promises alone. */
  #grow(filled: number, wanted: number, size: number | null): void {
    if (this.#room.length >= wanted) return;
    const room = new Uint8Array(Math.max(wanted, FIRST, Math.min(size ?? Number.POSITIVE_INFINITY, 4 * wanted)));
    room.set(this.#room.subarray(0, filled));
    this.#room = room;
  }

  /** Goes on with `filled` bytes in the room: keeps the beginning and the end. The first `hashed` bytes of the flow have been hashed. */
  async #ends(flow: Flow, filled: number, digest: RunningDigest | null, hashed = 0): Promise<Omit<Held, 'sha256'>> {
    const head = new Uint8Array(HEAD);
    head.set(this.#room.subarray(0, Math.min(filled, HEAD)));
    const tail: Uint8Array[] = filled > HEAD ? [this.#room.slice(Math.max(HEAD, filled - TAIL), filled)] : [];
    let kept = tail[0]?.length ?? 0;
    let size = filled;
    let skip = hashed;
    for (let bytes = await flow.chunk(CHUNK); bytes.length > 0; bytes = await flow.chunk(CHUNK)) {
      digest?.update(bytes.subarray(Math.min(skip, bytes.length)));
      skip = Math.max(0, skip - bytes.length);
      const first = Math.min(bytes.length, Math.max(0, HEAD - size));
      head.set(bytes.subarray(0, first), Math.min(size, HEAD));
      size += bytes.length;
      tail.push(bytes.slice(first)); // a view would keep all that was unpacked with it
      kept += bytes.length - first;
      for (let oldest = tail[0]; oldest !== undefined && kept - oldest.length >= TAIL; oldest = tail[0]) {
        kept -= oldest.length;
        tail.shift();
      }
    }
    const end = new Uint8Array(kept);
    let at = 0;
    for (const bytes of tail) {
      end.set(bytes, at);
      at += bytes.length;
    }
    return { parts: [{ at: 0, bytes: head.subarray(0, Math.min(size, HEAD)) }, { at: size - kept, bytes: end }], size };
  }
}
