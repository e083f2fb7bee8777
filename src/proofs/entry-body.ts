// What an entry of a log says: it has to be about this very signature, by this very key, over this very content.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import type { HashName } from '../pki/algorithms.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes, hexOf } from '../pki/der.ts';
import { isPem, readPem } from '../pki/pem.ts';
import { latin1 } from '../pki/values.ts';
import type { LogEntry, SignedContent } from './bundle.ts';
import { asObject, decoded, needBytes, needObject, needText, objectIn, objectsIn, parseJson, textIn } from './json.ts';
import type { JsonObject } from './json.ts';

/** What an entry has to describe. */
export interface Described {
  readonly content: SignedContent;
  /** The signer's certificate, or its key as SubjectPublicKeyInfo. */
  readonly material: Uint8Array;
  /** Digest of what the signature is over: of the file, or of the envelope's bytes before signing; null where it is not known. */
  readonly digest: (algorithm: HashName) => Uint8Array | null;
  /** Digest of the envelope's payload. */
  readonly payloadDigest: (algorithm: HashName) => Uint8Array | null;
}

/** What is wrong with an entry; null where it is about just this. */
export type EntryProblem = { readonly certain: boolean; readonly message: string } | null;

const MOST_SIGNATURES = 16;

/** Holds the body of an entry against what it has to describe. */
export function entryProblem(entry: LogEntry, described: Described): EntryProblem {
  const read = attempt(() => compare(entry, described));
  return read.ok ? read.value : { certain: true, message: read.error.message };
}

function compare(entry: LogEntry, described: Described): EntryProblem {
  const body = asObject(parseJson(decodeText(entry.body), 'the log entry'), 'the log entry');
  const kind = needText(body, 'kind');
  const version = needText(body, 'apiVersion');
  if (kind !== entry.kind || version !== entry.version) return wrong(`the entry is a ${kind} ${version}, and the bundle calls it ${entry.kind} ${entry.version}`);
  const spec = needObject(body, 'spec');
  switch (`${kind} ${version}`) {
    case 'hashedrekord 0.0.1':
      return oldHashed(spec, described);
    case 'hashedrekord 0.0.2':
      return newHashed(needObject(spec, 'hashedRekordV002'), described);
    case 'dsse 0.0.1':
      return oldEnvelope(spec, described);
    case 'dsse 0.0.2':
      return newEnvelope(needObject(spec, 'dsseV002'), described);
    case 'intoto 0.0.2':
      return inToto(needObject(spec, 'content'), described);
    default:
      return { certain: false, message: `entries of the kind ${kind} ${version} are not known here` };
  }
}

function wrong(message: string): EntryProblem {
  return { certain: true, message };
}

function isMessage(content: SignedContent): EntryProblem {
  return content.kind === 'message' ? null : wrong('the entry is about a signature over a file, and the bundle holds an envelope');
}

function envelopeOf(content: SignedContent): SignedContent & { readonly kind: 'envelope' } {
  if (content.kind === 'envelope') return content;
  throw new BinspectError('malformed', 'the entry is about an envelope, and the bundle holds a signature over a file');
}

function oldHashed(spec: JsonObject, { content, material, digest }: Described): EntryProblem {
  const hash = needObject(needObject(spec, 'data'), 'hash');
  const signature = needObject(spec, 'signature');
  return (
    isMessage(content) ??
    sameDigest(digest, needText(hash, 'algorithm'), needText(hash, 'value').toLowerCase(), 'file') ??
    sameSignature(content, needBytes(signature, 'content')) ??
    sameMaterial(material, materialOf(needBytes(needObject(signature, 'publicKey'), 'content')))
  );
}

/** Over an envelope, its digest is that of the bytes that are signed. */
function newHashed(spec: JsonObject, { content, material, digest }: Described): EntryProblem {
  const data = needObject(spec, 'data');
  const signature = needObject(spec, 'signature');
  return (
    sameDigest(digest, needText(data, 'algorithm'), hexOf(needBytes(data, 'digest')), content.kind === 'message' ? 'file' : 'envelope') ??
    sameSignature(content, needBytes(signature, 'content')) ??
    sameMaterial(material, verifierOf(needObject(signature, 'verifier')))
  );
}

function oldEnvelope(spec: JsonObject, { content, material, payloadDigest }: Described): EntryProblem {
  const hash = needObject(spec, 'payloadHash');
  const signature = onlySignature(objectsIn(spec, 'signatures', MOST_SIGNATURES));
  return (
    sameDigest(payloadDigest, needText(hash, 'algorithm'), needText(hash, 'value').toLowerCase(), 'payload') ??
    sameSignature(envelopeOf(content), needBytes(signature, 'signature')) ??
    sameMaterial(material, materialOf(needBytes(signature, 'verifier')))
  );
}

function newEnvelope(spec: JsonObject, { content, material, payloadDigest }: Described): EntryProblem {
  const hash = needObject(spec, 'payloadHash');
  const signature = onlySignature(objectsIn(spec, 'signatures', MOST_SIGNATURES));
  return (
    sameDigest(payloadDigest, needText(hash, 'algorithm'), hexOf(needBytes(hash, 'digest')), 'payload') ??
    sameSignature(envelopeOf(content), needBytes(signature, 'content')) ??
    sameMaterial(material, verifierOf(needObject(signature, 'verifier')))
  );
}

/** Signatures are base64 twice over here. */
function inToto(spec: JsonObject, { content, material, payloadDigest }: Described): EntryProblem {
  const hash = needObject(spec, 'payloadHash');
  const envelope = needObject(spec, 'envelope');
  const signature = onlySignature(objectsIn(envelope, 'signatures', MOST_SIGNATURES));
  const own = envelopeOf(content);
  const type = textIn(envelope, 'payloadType');
  if (type !== null && type !== own.payloadType) return wrong(`the entry is about a payload of the type ${type.slice(0, 100)}`);
  return (
    sameDigest(payloadDigest, needText(hash, 'algorithm'), needText(hash, 'value').toLowerCase(), 'payload') ??
    sameSignature(own, decoded(latin1(needBytes(signature, 'sig')), `${signature.name}.sig`)) ??
    sameMaterial(material, materialOf(needBytes(signature, 'publicKey')))
  );
}

function onlySignature(signatures: readonly JsonObject[]): JsonObject {
  const [first] = signatures;
  if (first === undefined || signatures.length !== 1) throw new BinspectError('malformed', `the log entry has ${signatures.length} signatures where one belongs`);
  return first;
}

const ALGORITHMS: ReadonlyMap<string, HashName> = new Map([
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);

/** The digest that Rekor and Sigstore's bundles call by a word; null for one that is not known here. */
export function digestNamed(word: string): HashName | null {
  return ALGORITHMS.get(word) ?? null;
}

function sameDigest(digest: (algorithm: HashName) => Uint8Array | null, word: string, value: string, what: string): EntryProblem {
  const algorithm = digestNamed(word);
  if (algorithm === null) return { certain: false, message: `the entry's digest is by '${word.slice(0, 40)}', which is not known here` };
  const own = digest(algorithm);
  if (own === null) return { certain: false, message: `the ${algorithm} of the ${what} is not known` };
  return hexOf(own) === value ? null : wrong(`the entry is about a ${what} with ${algorithm} ${value.slice(0, 128)}, not ${hexOf(own)}`);
}

function sameSignature({ signature }: SignedContent, written: Uint8Array): EntryProblem {
  return equalBytes(signature, written) ? null : wrong('the entry is about another signature');
}

function sameMaterial(own: Uint8Array, written: Uint8Array): EntryProblem {
  return equalBytes(own, written) ? null : wrong('the entry is about another certificate or key');
}

/** The certificate or key that an entry holds as PEM. */
function materialOf(pem: Uint8Array): Uint8Array {
  const [block] = isPem(pem) ? readPem(latin1(pem)) : [];
  if (block === undefined) throw new BinspectError('malformed', "the log entry's key is not PEM text");
  return block.bytes;
}

function verifierOf(verifier: JsonObject): Uint8Array {
  const certificate = objectIn(verifier, 'x509Certificate');
  const key = objectIn(verifier, 'publicKey');
  const one = certificate ?? key;
  if (one === null || (certificate !== null && key !== null)) throw new BinspectError('malformed', "the log entry's verifier is neither a certificate nor a key");
  return needBytes(one, 'rawBytes');
}
