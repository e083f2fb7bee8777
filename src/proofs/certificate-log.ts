// Certificate transparency: the promises of logs that a certificate carries. (RFC 6962 3.2, 3.3)

import { BinspectError } from '../errors.ts';
import { attempt } from '../pki/attempt.ts';
import { DerCursor, TAG, contentOf, context, elementsOf, hexOf, joined, readDer, wholeOf } from '../pki/der.ts';
import { lengthOctets } from '../pki/keys.ts';
import type { Check, Runtime } from '../pki/signed-bytes.ts';
import { invalid, unknown } from '../pki/signed-bytes.ts';
import { isoTime } from '../pki/values.ts';
import type { X509 } from '../pki/x509.ts';
import { checkMessage } from './keys.ts';
import { covers, logOf } from './trusted-root.ts';
import type { TrustedLog } from './trusted-root.ts';

const TIMESTAMPS = '1.3.6.1.4.1.11129.2.4.2';
const MOST = 16; // of one certificate; Fulcio's carry one

/** A promise of a log: the certificate will be in it. */
interface CertificateTimestamp {
  readonly logId: Uint8Array;
  /** Milliseconds since 1970. */
  readonly time: bigint;
  readonly extensions: Uint8Array;
  readonly signature: Uint8Array;
}

/** What came of a certificate's promises, and which one counts. */
export interface TransparencyCheck extends Check {
  readonly message: string;
}

/** Whether a log of the trusted root has promised to include a certificate. One promise by a known log is enough, and none of a known log may be false. */
export function checkCertificateLogs(runtime: Runtime, leaf: X509, issuer: X509 | null, logs: readonly TrustedLog[]): TransparencyCheck {
  const read = attempt(() => ({ stamps: readTimestamps(leaf), tbs: withoutTimestamps(leaf) }));
  if (!read.ok) return { ...invalid(read.error.message), message: read.error.message };
  const { stamps, tbs } = read.value;
  if (stamps.length === 0) return { ...invalid('none'), message: 'the certificate carries no timestamp of a certificate log' };
  if (issuer === null) return { ...unknown('no issuer'), message: "the certificate's issuer is not known, which the log has signed with it" };
  const issuerHash = runtime.digest('sha256', issuer.publicKey.spki) ?? new Uint8Array(0);
  let found: string | null = null;
  let strange: string | null = null;
  for (const { logId, time, extensions, signature } of stamps) {
    const log = logOf(logs, logId);
    const at = Number(time);
    if (log === null) {
      strange ??= `the timestamp is by the log ${hexOf(logId)}, which the trusted root does not list: is the trusted root current?`;
      continue;
    }
    if (!(at < 8.64e15) || !covers(log.validity, at)) return { ...invalid('time'), message: `the timestamp by ${log.name} is outside of the time for which the trusted root lists the log` };
    const text = joined([Uint8Array.from([0, 0]), number(time, 8), Uint8Array.from([0, 1]), issuerHash, number(BigInt(tbs.length), 3), tbs, number(BigInt(extensions.length), 2), extensions]);
    const check = checkMessage(runtime, log.key, text, signature);
    if (check.state !== 'valid') return { ...check, message: `the timestamp by ${log.name}: ${check.reason ?? ''}` };
    found ??= `${log.name} at ${isoTime(at)}`;
  }
  if (found !== null) return { state: 'valid', reason: null, message: found };
  return { ...unknown('log'), message: strange ?? '' };
}

function number(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * (bytes - 1 - index))) & 0xffn));
}

/** The promises in a certificate. Throws `malformed`. */
function readTimestamps(leaf: X509): CertificateTimestamp[] {
  const extension = leaf.extensions.find(({ oid }) => oid === TIMESTAMPS);
  if (extension === undefined) return [];
  const bytes = contentOf(readDer(extension.value, TAG.OCTET_STRING, 'certificate timestamps', extension.offset));
  const list = new Fields(bytes);
  const all = new Fields(list.vector());
  list.finish();
  const stamps: CertificateTimestamp[] = [];
  while (!all.done) {
    if (stamps.length === MOST) throw new BinspectError('limit-exceeded', `the certificate carries more than ${MOST} timestamps`);
    const one = new Fields(all.vector());
    if (one.number(1) !== 0n) throw new BinspectError('malformed', 'a certificate timestamp of another version than 1');
    const logId = one.take(32);
    const time = one.number(8);
    const extensions = one.vector();
    one.take(2); // digest and kind of key, which follow from the log's key
    const signature = one.vector();
    one.finish();
    stamps.push({ logId, time, extensions, signature });
  }
  return stamps;
}

/** The certificate's signed part without the extension of the promises: what the log has signed. */
function withoutTimestamps({ tbs, extensions }: X509): Uint8Array {
  const fields = elementsOf(tbs, 'certificate').map((field) => {
    if (field.tag !== context(3)) return wholeOf(field);
    new DerCursor(field, 'extensions of a certificate').take(TAG.SEQUENCE, 'extensions of a certificate');
    const kept = extensions.filter(({ oid }) => oid !== TIMESTAMPS).map(({ element }) => wholeOf(element));
    return wrapped(context(3), wrapped(TAG.SEQUENCE, joined(kept)));
  });
  return wrapped(TAG.SEQUENCE, joined(fields));
}

function wrapped(tag: number, content: Uint8Array): Uint8Array {
  return joined([Uint8Array.from([tag, ...lengthOctets(content.length)]), content]);
}

/** Fields of TLS's presentation language: fixed numbers, and vectors with two bytes of length. */
class Fields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new BinspectError('malformed', 'certificate timestamps that are cut short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(length: number): bigint {
    return this.take(length).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  vector(): Uint8Array {
    return this.take(Number(this.number(2)));
  }

  finish(): void {
    if (!this.done) throw new BinspectError('malformed', 'bytes follow certificate timestamps');
  }
}
