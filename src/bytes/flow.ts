// Bytes in order, of a source or of what is decompressed on the way: taken, peeked at or skipped, with as few copies as possible.

import { BinspectError, hex, refuseAborted } from '../errors.ts';
import { concatenated } from './bytes.ts';
import type { ByteSource } from './source.ts';

/** Where a flow's bytes come from. */
export interface Feed {
  /** The next bytes; none only at the end. They stay as they are. */
  next(): Promise<Uint8Array>;
  /** Passes over bytes that need not be read, and gives how many those are: fewer than `length` only where the end is known to come before. Missing where all have to be read. */
  jump?(length: number): number;
}

const NOTHING = new Uint8Array(0);

/** Bytes in order. What has been taken is gone; what has been peeked at comes again. */
export class Flow {
  /** Bytes that have been taken or skipped. */
  position = 0;
  /** Where the flow's bytes lie plain in a source, and from where on; null where they are decompressed on the way. */
  readonly plain: { readonly source: ByteSource; readonly at: number } | null;
  readonly #feed: Feed;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  #ended = false;

  constructor(feed: Feed, plain: { readonly source: ByteSource; readonly at: number } | null = null) {
    this.#feed = feed;
    this.plain = plain;
  }

  /** The next bytes, without taking them: at most `most` are looked for, fewer are given only where the flow ends. More may be given. */
  async peek(most: number): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at < most) await this.#gather(most);
    return this.#chunk.subarray(this.#at);
  }

  /** Exactly `length` bytes. Throws `truncated`, naming `what`, where the flow ends before. The caller bounds `length`. */
  async take(length: number, what: string): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at < length) await this.#gather(length);
    const here = this.#chunk.subarray(this.#at);
    if (here.length < length) throw this.#ends(length, what);
    this.#at += length;
    this.position += length;
    return here.length === length ? here : here.subarray(0, length);
  }

  /** The next bytes, at most `most`, as they come; none only at the end. */
  async chunk(most: number): Promise<Uint8Array> {
    if (this.#at === this.#chunk.length && !(await this.#more())) return NOTHING;
    const bytes = this.#chunk.subarray(this.#at, this.#at + most);
    this.#at += bytes.length;
    this.position += bytes.length;
    return bytes;
  }

  /** Gives bytes back that `chunk` gave last. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunk = this.#at === this.#chunk.length ? bytes : concatenated([bytes, this.#chunk.subarray(this.#at)]);
    this.#at = 0;
    this.position -= bytes.length;
  }

  /** Passes over bytes. Throws `truncated`, naming `what`, where the flow ends before. */
  async skip(length: number, what: string): Promise<void> {
    let left = length - this.jump(length);
    while (left > 0) {
      if (!(await this.#more())) throw this.#ends(left, what);
      left -= this.jump(left);
    }
  }

  /** Passes over bytes that are here, or that the source need not read; gives how many of `length` those were. */
  jump(length: number): number {
    const here = Math.min(length, this.#chunk.length - this.#at);
    this.#at += here;
    const jumped = here < length ? (this.#feed.jump?.(length - here) ?? 0) : 0;
    this.position += here + jumped;
    return here + jumped;
  }

  /** Whether nothing is left. */
  async ended(): Promise<boolean> {
    return this.#at === this.#chunk.length && !(await this.#more());
  }

  /** All bytes to the end. Throws `limit-exceeded`, naming `what`, where they are more than `most`. */
  async rest(most: number, what: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let bytes = await this.chunk(most + 1); bytes.length > 0; bytes = await this.chunk(most + 1)) {
      chunks.push(bytes);
      size += bytes.length;
      if (size > most) throw new BinspectError('limit-exceeded', `${what}: more than ${most} bytes`);
    }
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : concatenated(chunks);
  }

  /** The next `length` bytes as a flow of their own. Whoever takes from it takes from this one. */
  part(length: number): Flow {
    const part = new PartFeed(this, length);
    return new Flow(part, this.plain === null ? null : { source: this.plain.source, at: this.plain.at + this.position });
  }

  #ends(length: number, what: string): BinspectError {
    const end = this.position + this.#chunk.length - this.#at;
    const where = this.plain === null ? `at ${hex(this.position)} of what is unpacked, which ends at ${hex(end)}` : `at ${hex(this.plain.at + this.position)}, the file ends at ${hex(this.plain.at + end)}`;
    return new BinspectError('truncated', `${what}: ${length} bytes wanted ${where}`, { offset: this.plain === null ? undefined : this.plain.at + this.position });
  }

  /** Has at least `length` bytes in one piece, where the flow has as many; each byte is copied once, however small its pieces come. */
  async #gather(length: number): Promise<void> {
    const pieces = [this.#chunk.subarray(this.#at)];
    let size = (pieces[0] as Uint8Array).length;
    while (size < length && !this.#ended) {
      const next = await this.#feed.next();
      if (next.length === 0) this.#ended = true;
      pieces.push(next);
      size += next.length;
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    this.#chunk = all;
    this.#at = 0;
  }

  /** Where nothing is here: gets the next bytes; false at the end. */
  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    this.#chunk = await this.#feed.next();
    this.#at = 0;
    this.#ended = this.#chunk.length === 0;
    return !this.#ended;
  }
}

/** The next bytes of another flow. */
class PartFeed implements Feed {
  readonly #parent: Flow;
  #left: number;

  constructor(parent: Flow, length: number) {
    this.#parent = parent;
    this.#left = length;
  }

  async next(): Promise<Uint8Array> {
    if (this.#left === 0) return NOTHING;
    const bytes = await this.#parent.chunk(this.#left);
    this.#left -= bytes.length;
    return bytes;
  }

  jump(length: number): number {
    const jumped = this.#parent.jump(Math.min(length, this.#left));
    this.#left -= jumped;
    return jumped;
  }
}

/** How a source is read in order. */
export interface SourceFlowOptions {
  /** Bytes that are read at once. */
  readonly window: number;
  /** Whether the next window is read while this one is looked at: where nothing is skipped. */
  readonly ahead: boolean;
  readonly signal: AbortSignal | undefined;
  /** Called with all bytes that are read, in order; with `ahead` only. */
  readonly seen?: ((bytes: Uint8Array, end: number) => void) | undefined;
}

class SourceFeed implements Feed {
  readonly #source: ByteSource;
  readonly #options: SourceFlowOptions;
  #at: number;
  #next: Promise<Uint8Array> | null = null;

  constructor(source: ByteSource, at: number, options: SourceFlowOptions) {
    this.#source = source;
    this.#at = at;
    this.#options = options;
  }

  async next(): Promise<Uint8Array> {
    const { signal, ahead, seen } = this.#options;
    refuseAborted(signal);
    const bytes = await (this.#next ?? this.#read());
    this.#next = null;
    this.#at += bytes.length;
    if (ahead && this.#at < this.#source.size) {
      this.#next = this.#read();
      this.#next.catch(() => {}); // it is awaited in its turn
    }
    if (bytes.length > 0) seen?.(bytes, this.#at);
    return bytes;
  }

  jump(length: number): number {
    if (this.#options.ahead) return 0;
    const jumped = Math.max(0, Math.min(length, this.#source.size - this.#at));
    this.#at += jumped;
    return jumped;
  }

  async #read(): Promise<Uint8Array> {
    const at = this.#at;
    const wanted = Math.min(this.#options.window, this.#source.size - at);
    if (wanted <= 0) return NOTHING;
    const bytes = await this.#source.read(at, wanted);
    if (bytes.length === wanted) return bytes;
    throw new BinspectError('truncated', `${wanted} bytes wanted at ${hex(at)}, only ${bytes.length} came: the file shrank while it was read`, { offset: at + bytes.length });
  }
}

/** A source's bytes in order, from a position on. */
export function flowOf(source: ByteSource, options: SourceFlowOptions, at = 0): Flow {
  return new Flow(new SourceFeed(source, at, options), { source, at });
}

/** What a generator yields, as a flow. Once it has failed, it fails again whenever more is asked for. */
export function flowOfChunks(chunks: AsyncGenerator<Uint8Array>): Flow {
  let failed: Promise<never> | null = null;
  const next = async (): Promise<Uint8Array> => {
    for (;;) {
      const step = await (failed ?? chunks.next());
      if (step.done === true) return NOTHING;
      if (step.value.length > 0) return step.value;
    }
  };
  return new Flow({
    next: () => {
      const bytes = next();
      bytes.catch((error: unknown) => {
        failed ??= Promise.reject(error as Error);
        failed.catch(() => {}); // it is thrown where bytes are asked for
      });
      return bytes;
    },
  });
}
