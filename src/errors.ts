// The one error of this project: what went wrong, where in the file, and with which numbers.

/**
 * What kind of failure it is. Codes are stable; messages are for people.
 *
 * - `unrecognized`: the bytes are no executable and nothing else that is known
 * - `unsupported`: recognised, but none of ELF, Mach-O, PE and WebAssembly; `detected` says what. In a browser also what can't be done there: a path
 * - `malformed`: the format is certain, but its fields contradict each other or the file
 * - `truncated`: the file ends before the bytes that a field names
 * - `limit-exceeded`: reading on would cost more than the limits allow
 * - `io`: the system refused; its error is the `cause`
 * - `aborted`: the caller's signal fired; its reason is the `cause`
 * - `invalid-policy`, `invalid-argument`: the caller's own input can't be used
 */
export type ErrorCode =
  | 'unrecognized'
  | 'unsupported'
  | 'malformed'
  | 'truncated'
  | 'limit-exceeded'
  | 'io'
  | 'aborted'
  | 'invalid-policy'
  | 'invalid-argument';

/** What bytes are recognised as that are none of the formats that are read. Other strings may come. */
export type Detected =
  | 'webassembly'
  | 'llvm-bitcode'
  | 'xcoff'
  | 'coff-object'
  | 'dos-executable'
  | 'ne-executable'
  | 'java-class'
  | 'mach-o-swapped'
  | 'byte-swapped-universal'
  | 'dyld-cache'
  | 'android-dex'
  | 'te-image'
  | 'ar-archive'
  | 'zip'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'zstandard'
  | 'lz4'
  | 'compress'
  | '7-zip'
  | 'rar'
  | 'cabinet'
  | 'rpm'
  | 'xar'
  | 'cpio'
  | 'compound-file'
  | 'squashfs'
  | 'tar'
  | 'pdf'
  | 'script'
  | 'html'
  | 'text'
  | (string & {});

/** What may be said beside code and message. */
export interface ErrorDetails {
  /** Position in the file, in bytes. */
  readonly offset?: number | undefined;
  /** The file concerned, as the caller named it. */
  readonly path?: string | undefined;
  /** What the bytes were recognised as: 'webassembly', 'zip', … */
  readonly detected?: Detected | undefined;
  /** Which archive the bytes are, as finely as is known: 'tar.gz', 'deb', 'wheel', … */
  readonly container?: string | undefined;
  /** The error behind this one: the system's, or the signal's reason. */
  readonly cause?: unknown;
}

/** A position or a number as messages show it. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

const BRAND = Symbol.for('binspect.error');

/** Every failure of this library. Its `code` is what programs should look at. */
export class BinspectError extends Error {
  /** What kind of failure it is. */
  readonly code: ErrorCode;
  /** The file concerned, as the caller named it. */
  path?: string;
  /** Position in the file, in bytes. */
  readonly offset?: number;
  /** What the bytes were recognised as, where that is known. */
  readonly detected?: Detected;

  /** Which archive the bytes are, where they are one: what is in it is read by `inspectMembers`. */
  container?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BinspectError';
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.offset !== undefined) this.offset = details.offset;
    if (details.detected !== undefined) this.detected = details.detected;
    if (details.container !== undefined) this.container = details.container;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static {
    Object.defineProperty(this, 'name', { value: 'BinspectError' }); // minified code has other names, and Node shows the class's before the message
  }
}

/** Throws `aborted` where the caller's signal has fired; its reason is the cause. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new BinspectError('aborted', 'aborted', { cause: signal.reason });
}

/**
 * Whether an error is binspect's own, also where two copies of the package meet and `instanceof` fails.
 *
 * @example
 * const error = await inspect('app.zip').catch((reason: unknown) => reason);
 * if (isBinspectError(error) && error.code === 'unsupported') console.log(error.detected); // zip
 */
export function isBinspectError(error: unknown): error is BinspectError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}
