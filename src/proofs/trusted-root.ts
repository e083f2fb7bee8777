// Trusted roots of Sigstore: which authorities, logs and time stampers count, and when. One root a file, or one a line.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes, hexOf, joined, readDer, TAG } from '../pki/der.ts';
import { readPublicKey, spkiOfRsa } from '../pki/keys.ts';
import type { KeyBytes, Runtime } from '../pki/signed-bytes.ts';
import { readCertificate } from '../pki/x509.ts';
import type { X509 } from '../pki/x509.ts';
import { asObject, bytesIn, needBytes, needObject, objectIn, objectsIn, parseJson, textIn } from './json.ts';
import type { JsonObject } from './json.ts';

/** When something counts: milliseconds since 1970, both ends included. Null: no start is given, so it never does. */
export type Validity = { readonly from: number; readonly to: number } | null;

/** A log: of signatures, or of certificates. */
export interface TrustedLog {
  /** The host, and what follows it: 'rekor.sigstore.dev'. */
  readonly name: string;
  readonly key: KeyBytes;
  /** All that entries may call it by. */
  readonly ids: readonly Uint8Array[];
  readonly validity: Validity;
}

/** An authority that issues certificates, or stamps times. */
export interface TrustedAuthority {
  readonly name: string;
  /** Without the root. */
  readonly intermediates: readonly X509[];
  readonly root: X509;
  readonly validity: Validity;
}

/** One trusted root. */
export interface TrustedRoot {
  /** What findings call it: its file's SHA-256, and the line where there are several. */
  readonly name: string;
  readonly logs: readonly TrustedLog[];
  readonly certificateLogs: readonly TrustedLog[];
  readonly authorities: readonly TrustedAuthority[];
  readonly stampers: readonly TrustedAuthority[];
}

const MOST_ROOTS = 64; // lines of a file; gh writes two
const MOST_ENTRIES = 64; // logs or authorities of one root; the public one has two of each
const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.trustedroot(\+json;version=0\.[12]|\.v0\.[12]\+json)$/;

/** Whether a time lies within a validity. A second counts in full. */
export function covers(validity: Validity, time: number): boolean {
  return validity !== null && validity.from <= time && time <= validity.to;
}

/** Reads a file of trusted roots: one JSON document, or one a line. Throws `malformed` and `limit-exceeded`. */
export function readTrustedRoots(bytes: Uint8Array, runtime: Runtime): TrustedRoot[] {
  const text = decodeText(bytes).replace(/^\ufeff/, '');
  const sha256 = hexOf(runtime.digest('sha256', bytes) ?? new Uint8Array(0));
  const name = `trusted root with SHA-256 ${sha256}`;
  const whole = attempt(() => parseJson(text, 'the trusted root'));
  if (whole.ok) return [readRoot(asObject(whole.value, 'the trusted root'), name, runtime)];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || !lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) throw whole.error;
  if (lines.length > MOST_ROOTS) throw new BinspectError('limit-exceeded', `the file has ${lines.length} trusted roots, at most ${MOST_ROOTS} are read`);
  return lines.map((line, index) => {
    const place = `line ${index + 1} of the trusted roots`;
    return readRoot(asObject(parseJson(line, place), place), `${name}, line ${index + 1}`, runtime);
  });
}

function readRoot(root: JsonObject, name: string, runtime: Runtime): TrustedRoot {
  const type = textIn(root, 'mediaType');
  if (type === null || !MEDIA_TYPE.test(type)) throw new BinspectError('malformed', `${root.name}: ${type === null ? 'no media type' : `media type ${type}`}; a trusted root of version 0.1 or 0.2 is wanted`);
  const logs = (key: string): TrustedLog[] => objectsIn(root, key, MOST_ENTRIES).map((log) => readLog(log, runtime));
  const authorities = (key: string): TrustedAuthority[] => objectsIn(root, key, MOST_ENTRIES).map(readAuthority);
  return { name, logs: logs('tlogs'), certificateLogs: logs('ctlogs'), authorities: authorities('certificateAuthorities'), stampers: authorities('timestampAuthorities') };
}

function readLog(log: JsonObject, runtime: Runtime): TrustedLog {
  const publicKey = needObject(log, 'publicKey');
  const written = needBytes(publicKey, 'rawBytes');
  const key = readKey(written);
  const name = (textIn(log, 'baseUrl') ?? '').replace(/^[a-z]+:\/\//i, '').replace(/\/+$/, '');
  const ids = [objectIn(log, 'logId'), objectIn(log, 'checkpointKeyId')].flatMap((id) => (id === null ? [] : [bytesIn(id, 'keyId') ?? new Uint8Array(0)])).filter(({ length }) => length === 32);
  return { name, key, ids: [...ids, ...ownIds(name, key, runtime)], validity: readValidity(publicKey) };
}

/** A log's key: SubjectPublicKeyInfo, or PKCS#1 as older RSA logs have it. One that can't be read spoils that log alone. */
function readKey(written: Uint8Array): KeyBytes {
  const read = attempt(() => {
    const element = readDer(written, TAG.SEQUENCE, 'key of a log');
    const spki = written[element.start] === TAG.INTEGER ? spkiOfRsa(written) : written;
    return { key: readPublicKey(readDer(spki, TAG.SEQUENCE, 'key of a log')), spki };
  });
  return read.ok ? read.value : { key: { kind: 'unknown', reason: `a key that can't be read: ${read.error.message}` }, spki: written };
}

/** The ids that follow from a key: RFC 6962's, and that of a signed note (C2SP signed-note) for Ed25519. */
function ownIds(name: string, { key, spki }: KeyBytes, runtime: Runtime): Uint8Array[] {
  const note = key.kind === 'ed25519' ? joined([new TextEncoder().encode(`${name}\n`), Uint8Array.from([1]), key.point]) : null;
  return [spki, note].flatMap((bytes) => (bytes === null ? [] : [runtime.digest('sha256', bytes) ?? new Uint8Array(0)]));
}

function readAuthority(authority: JsonObject): TrustedAuthority {
  const chain = objectsIn(needObject(authority, 'certChain'), 'certificates', MOST_ENTRIES).map((certificate) => {
    const read = attempt(() => readCertificate(needBytes(certificate, 'rawBytes')));
    if (!read.ok) throw new BinspectError('malformed', `${certificate.name}: ${read.error.message}`, { cause: read.error });
    return read.value;
  });
  const root = chain[chain.length - 1];
  if (root === undefined) throw new BinspectError('malformed', `${authority.name} has no certificates`);
  return { name: textIn(authority, 'uri') ?? root.subject.text, intermediates: chain.slice(0, -1), root, validity: readValidity(authority) };
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function readValidity(object: JsonObject): Validity {
  const period = objectIn(object, 'validFor');
  const from = period === null ? null : readTime(period, 'start');
  const to = period === null ? null : readTime(period, 'end');
  return from === null ? null : { from, to: to ?? Number.POSITIVE_INFINITY };
}

function readTime(object: JsonObject, key: string): number | null {
  const value = textIn(object, key);
  if (value === null) return null;
  const time = TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new BinspectError('malformed', `${object.name}.${key} is not a valid time`);
  return time;
}

/** The log that an id stands for; null for one that is not known. */
export function logOf(logs: readonly TrustedLog[], id: Uint8Array): TrustedLog | null {
  return logs.find(({ ids }) => ids.some((own) => equalBytes(own, id))) ?? null;
}
