// What the caller gives for the check of signatures: roots, the time that counts.

import { BinspectError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { attempt } from '../pki/attempt.ts';
import { isPem, readCertificates } from '../pki/pem.ts';
import type { X509 } from '../pki/x509.ts';

/** Certificates: PEM text, or the bytes of a PEM file or of one DER certificate. */
export type RootsInput = string | Uint8Array | readonly (string | Uint8Array)[];

/** What `signatures` of `inspect` may be told. */
export interface SignatureOptions {
  /** The root certificates that count. Without them nobody is asked how far up a signature goes. */
  readonly roots?: RootsInput | undefined;
  /** The roots that count for time stamps; those of `roots` where none are given. */
  readonly tsaRoots?: RootsInput | undefined;
  /** The time at which certificates have to be valid where no time stamp proves one: a date, or ISO 8601. The clock's where none is given. */
  readonly at?: Date | string | undefined;
}

/** The same, read. */
export interface SignatureSettings {
  readonly roots: readonly X509[] | null;
  readonly tsaRoots: readonly X509[] | null;
  /** Milliseconds since 1970. */
  readonly at: { readonly time: number; readonly from: 'given' | 'clock' };
}

const KEYS = ['roots', 'tsaRoots', 'at'];

/** Reads the option `signatures`; null for what asks for nothing. Throws `invalid-argument`. */
export function signatureSettings(option: boolean | SignatureOptions | undefined): SignatureSettings | null {
  if (option === undefined || option === false) return null;
  const options: SignatureOptions = option === true ? {} : option;
  if (typeof options !== 'object' || options === null) throw new BinspectError('invalid-argument', 'signatures is true, false or an object with roots, tsaRoots and at');
  for (const key of Object.keys(options)) {
    if (KEYS.includes(key)) continue;
    const near = nearest(key, KEYS);
    throw new BinspectError('invalid-argument', `signatures has no option ${JSON.stringify(key)}${near === null ? '' : `; did you mean ${near}?`}`);
  }
  return {
    roots: rootsOf(options.roots, 'roots'),
    tsaRoots: rootsOf(options.tsaRoots ?? options.roots, options.tsaRoots === undefined ? 'roots' : 'tsaRoots'),
    at: options.at === undefined ? { time: Date.now(), from: 'clock' } : { time: timeOf(options.at), from: 'given' },
  };
}

function rootsOf(input: RootsInput | undefined, name: string): X509[] | null {
  if (input === undefined) return null;
  const files = typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
  if (!Array.isArray(files)) throw new BinspectError('invalid-argument', `${name} is PEM text, the bytes of certificates, or a list of those`);
  return (files as readonly (string | Uint8Array)[]).flatMap((file, index) => {
    const place = files.length === 1 ? name : `${name}[${index}]`;
    if (typeof file !== 'string' && !(file instanceof Uint8Array)) throw new BinspectError('invalid-argument', `${place} is neither PEM text nor bytes`);
    const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
    if (typeof file === 'string' && !isPem(bytes)) throw new BinspectError('invalid-argument', `${place} is no PEM text; the contents of a file are wanted here, not its path`);
    const read = attempt(() => readCertificates(bytes));
    if (!read.ok) throw new BinspectError('invalid-argument', `${place}: ${read.error.message}`, { cause: read.error });
    return read.value;
  });
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A date, or ISO 8601 with a zone; a day alone is its first moment in UTC. */
function timeOf(at: Date | string): number {
  const time = at instanceof Date ? at.getTime() : typeof at === 'string' && DATE.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) throw new BinspectError('invalid-argument', `at is a date, as 2025-03-01 or 2025-03-01T12:00:00Z, not ${JSON.stringify(at)}`);
  return time;
}
