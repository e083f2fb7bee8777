// Files of proofs: Sigstore bundles, cosign's older form of them, bare envelopes; one a file, or one a line.

import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes } from '../pki/der.ts';
import { isPem, readCertificates, readPem } from '../pki/pem.ts';
import { latin1 } from '../pki/values.ts';
import { readCertificate } from '../pki/x509.ts';
import type { X509 } from '../pki/x509.ts';
import { asObject, bytesIn, decoded, fieldOf, hasField, integerIn, jsonError, needBytes, needObject, needText, objectIn, objectsIn, parseJson, textIn } from './json.ts';
import type { JsonObject } from './json.ts';

/** An entry of a transparency log, as a bundle carries it. */
export interface LogEntry {
  readonly logIndex: bigint;
  readonly logId: Uint8Array;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970; null for logs that give none. */
  readonly integratedTime: bigint | null;
  /** The log's signature over the entry: its promise to include it. */
  readonly promise: Uint8Array | null;
  readonly proof: InclusionProof | null;
  /** What the log holds. */
  readonly body: Uint8Array;
}

/** The way from an entry to a signed root of the log. */
export interface InclusionProof {
  readonly logIndex: bigint;
  readonly treeSize: bigint;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string | null;
}

/** What is signed: the file itself, or an envelope with a statement about it. */
export type SignedContent =
  | { readonly kind: 'message'; readonly digest: { readonly algorithm: string; readonly digest: Uint8Array } | null; readonly signature: Uint8Array }
  | { readonly kind: 'envelope'; readonly payloadType: string; readonly payload: Uint8Array; readonly signature: Uint8Array };

/** Who signed. */
export type BundleSigner =
  | { readonly kind: 'certificate'; readonly leaf: X509; readonly others: readonly X509[] }
  /** The key is the caller's; `spki` is what the bundle says that it is. */
  | { readonly kind: 'key'; readonly hint: string | null; readonly spki: Uint8Array | null };

/** One proof. */
export interface Bundle {
  readonly form: 'sigstore' | 'cosign' | 'envelope';
  /** Whether an entry may do without a proof of inclusion: before version 0.2. */
  readonly promiseSuffices: boolean;
  readonly signer: BundleSigner;
  readonly content: SignedContent;
  readonly entries: readonly LogEntry[];
  readonly stamps: readonly Uint8Array[];
}

/** A bundle of a file, or why it is none. */
export interface BundleItem {
  /** 'bundle 2 of 3'; '' where the file holds one. */
  readonly place: string;
  readonly bundle: Bundle | BinspectError;
}

const MOST_BUNDLES = 1000; // of one file; gh downloads up to as many
const MOST_ENTRIES = 16; // log entries, time stamps, certificates of one bundle; real ones have one to three
const MOST_HASHES = 64; // of a way up a tree: logs have fewer than 2^64 entries
const VERSIONS: ReadonlyMap<string, number> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', 1],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', 2],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', 3],
  ['application/vnd.dev.sigstore.bundle.v0.1+json', 1],
  ['application/vnd.dev.sigstore.bundle.v0.2+json', 2],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', 3],
]);

/** The proofs of a file. Throws `malformed` where it holds none that can be read, and `limit-exceeded`. */
export function readBundles(bytes: Uint8Array): BundleItem[] {
  const documents = documentsOf(decodeText(bytes).replace(/^\ufeff/, ''));
  if (documents.length > MOST_BUNDLES) throw new BinspectError('limit-exceeded', `the file has ${documents.length} bundles, at most ${MOST_BUNDLES} are read`);
  const items = documents.map((read, index): BundleItem => {
    const bundle = attempt(() => readBundle(asObject(read(), 'the bundle')));
    return { place: documents.length === 1 ? '' : `bundle ${index + 1} of ${documents.length}`, bundle: bundle.ok ? bundle.value : bundle.error };
  });
  const [first] = items;
  if (first === undefined) throw jsonError('the file holds no bundle');
  if (first.bundle instanceof BinspectError && items.every(({ bundle }) => bundle instanceof BinspectError)) throw first.bundle;
  return items;
}

/** The JSON documents of a file: the whole, its lines, or what the answers of GitHub and npm hold. */
function documentsOf(text: string): (() => unknown)[] {
  const whole = attempt(() => parseJson(text, 'the bundle'));
  if (whole.ok) return unwrapped(whole.value).map((value) => () => value);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2 || whole.error.code === 'limit-exceeded') throw whole.error;
  if (lines.length > MOST_BUNDLES) throw new BinspectError('limit-exceeded', `the file has ${lines.length} lines, at most ${MOST_BUNDLES} bundles are read`);
  return lines.map((line, index) => () => parseJson(line, `line ${index + 1} of the bundles`));
}

function unwrapped(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  const list: unknown = Array.isArray(value) ? value : fieldOf(asObject(value, 'the file'), 'attestations');
  if (!Array.isArray(list)) return [value];
  return (list as unknown[]).map((item) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? (fieldOf(asObject(item, 'the file'), 'bundle') ?? item) : item));
}

function readBundle(object: JsonObject): Bundle {
  if (hasField(object, 'mediaType') || hasField(object, 'verificationMaterial')) return readSigstore(object);
  if (hasField(object, 'base64Signature') || hasField(object, 'rekorBundle')) return readCosign(object);
  if (hasField(object, 'payload') && hasField(object, 'payloadType')) return readEnvelope(object);
  throw jsonError('it is neither a Sigstore bundle nor an envelope: it has no mediaType, no base64Signature and no payloadType');
}

function readSigstore(object: JsonObject): Bundle {
  const type = textIn(object, 'mediaType') ?? '';
  const version = VERSIONS.get(type);
  if (version === undefined) throw jsonError(`a bundle of the media type '${type.slice(0, 100)}', which is not one of version 0.1 to 0.3`);
  const material = needObject(object, 'verificationMaterial');
  const message = objectIn(object, 'messageSignature');
  const envelope = objectIn(object, 'dsseEnvelope');
  if ((message === null) === (envelope === null)) throw jsonError('a bundle has either a messageSignature or a dsseEnvelope');
  const stamps = objectIn(material, 'timestampVerificationData');
  return {
    form: 'sigstore',
    promiseSuffices: version === 1,
    signer: readSigner(material, version),
    content: message === null ? readDsse(envelope as JsonObject) : readMessage(message),
    entries: objectsIn(material, 'tlogEntries', MOST_ENTRIES).map(readEntry),
    stamps: stamps === null ? [] : objectsIn(stamps, 'rfc3161Timestamps', MOST_ENTRIES).map((stamp) => needBytes(stamp, 'signedTimestamp')),
  };
}

function readSigner(material: JsonObject, version: number): BundleSigner {
  const certificate = objectIn(material, 'certificate');
  const chain = objectIn(material, 'x509CertificateChain');
  const key = objectIn(material, 'publicKey');
  if ([certificate, chain, key].filter((one) => one !== null).length !== 1) throw jsonError(`${material.name} has to have one of certificate, x509CertificateChain and publicKey`);
  if (key !== null) return { kind: 'key', hint: textIn(key, 'hint'), spki: null };
  if (chain !== null && version >= 3) throw jsonError('a bundle of version 0.3 has one certificate and no chain');
  const list = certificate === null ? objectsIn(chain as JsonObject, 'certificates', MOST_ENTRIES) : [certificate];
  const [leaf, ...others] = list.map((one) => certificateIn(needBytes(one, 'rawBytes'), one.name));
  if (leaf === undefined) throw jsonError(`${material.name} has no certificate`);
  const root = others.find(({ issuer, subject }) => equalBytes(issuer.raw, subject.raw));
  if (root !== undefined) throw jsonError(`the bundle carries a root certificate, ${root.subject.text}: roots are the caller's to give`);
  return { kind: 'certificate', leaf, others };
}

function certificateIn(der: Uint8Array, name: string): X509 {
  const read = attempt(() => readCertificate(der));
  if (!read.ok) throw new BinspectError('malformed', `${name}: ${read.error.message}`, { cause: read.error });
  return read.value;
}

function readMessage(message: JsonObject): SignedContent {
  const digest = objectIn(message, 'messageDigest');
  return {
    kind: 'message',
    digest: digest === null ? null : { algorithm: needText(digest, 'algorithm'), digest: needBytes(digest, 'digest') },
    signature: needBytes(message, 'signature'),
  };
}

function readDsse(envelope: JsonObject): SignedContent {
  const signatures = objectsIn(envelope, 'signatures', MOST_ENTRIES);
  const [first] = signatures;
  if (first === undefined || signatures.length !== 1) throw jsonError(`${envelope.name} has ${signatures.length} signatures where one belongs`);
  return { kind: 'envelope', payloadType: needText(envelope, 'payloadType'), payload: needBytes(envelope, 'payload'), signature: needBytes(first, 'sig') };
}

function readEntry(entry: JsonObject): LogEntry {
  const kind = needObject(entry, 'kindVersion');
  const promise = objectIn(entry, 'inclusionPromise');
  const proof = objectIn(entry, 'inclusionProof');
  return {
    logIndex: integerIn(entry, 'logIndex') ?? 0n,
    logId: needBytes(needObject(entry, 'logId'), 'keyId'),
    kind: needText(kind, 'kind'),
    version: needText(kind, 'version'),
    integratedTime: givenTime(integerIn(entry, 'integratedTime')),
    promise: promise === null ? null : needBytes(promise, 'signedEntryTimestamp'),
    proof: proof === null ? null : readProof(proof),
    body: needBytes(entry, 'canonicalizedBody'),
  };
}

/** Zero stands for a time that is not given: protobuf has no other word for it. */
function givenTime(time: bigint | null): bigint | null {
  return time === 0n ? null : time;
}

function readProof(proof: JsonObject): InclusionProof {
  const checkpoint = objectIn(proof, 'checkpoint');
  const hashes = fieldOf(proof, 'hashes') ?? [];
  if (!Array.isArray(hashes)) throw jsonError(`${proof.name}.hashes is not a list`);
  if (hashes.length > MOST_HASHES) throw new BinspectError('limit-exceeded', `${proof.name}.hashes has ${hashes.length} entries, at most ${MOST_HASHES} are read`);
  return {
    logIndex: integerIn(proof, 'logIndex') ?? 0n,
    treeSize: integerIn(proof, 'treeSize') ?? 0n,
    rootHash: bytesIn(proof, 'rootHash') ?? new Uint8Array(0),
    hashes: (hashes as unknown[]).map((hash, index) => {
      if (typeof hash !== 'string') throw jsonError(`${proof.name}.hashes[${index}] is not a text`);
      return decoded(hash, `${proof.name}.hashes[${index}]`);
    }),
    checkpoint: checkpoint === null ? null : textIn(checkpoint, 'envelope'),
  };
}

/** The form that cosign wrote before Sigstore's bundles: `cert` is base64 of the PEM text of a certificate, or of a key. */
function readCosign(object: JsonObject): Bundle {
  const cert = bytesIn(object, 'cert');
  const rekor = objectIn(object, 'rekorBundle');
  return {
    form: 'cosign',
    promiseSuffices: true,
    signer: cert === null ? { kind: 'key', hint: null, spki: null } : readMaterial(cert),
    content: cosignContent(needBytes(object, 'base64Signature')),
    entries: rekor === null ? [] : [readRekorBundle(rekor)],
    stamps: [],
  };
}

/** Of attestations the field holds the whole envelope. */
function cosignContent(signature: Uint8Array): SignedContent {
  if (signature[0] !== 0x7b) return { kind: 'message', digest: null, signature }; // a brace: no signature value begins with it
  const envelope = attempt(() => asObject(parseJson(decodeText(signature), 'the envelope'), 'the envelope'));
  return envelope.ok ? readDsse(envelope.value) : { kind: 'message', digest: null, signature };
}

function readMaterial(bytes: Uint8Array): BundleSigner {
  if (!isPem(bytes)) throw jsonError("the bundle's cert is not PEM text in base64");
  const key = readPem(latin1(bytes)).find(({ label }) => label === 'PUBLIC KEY');
  if (key !== undefined) return { kind: 'key', hint: null, spki: key.bytes };
  const [leaf, ...others] = readCertificates(bytes) as [X509, ...X509[]];
  return { kind: 'certificate', leaf, others };
}

function readRekorBundle(rekor: JsonObject): LogEntry {
  const payload = needObject(rekor, 'Payload');
  const body = needBytes(payload, 'body');
  const read = asObject(parseJson(decodeText(body), 'the log entry'), 'the log entry');
  const id = needText(payload, 'logID');
  if (!/^([0-9a-f]{2})+$/i.test(id) || id.length > 128) throw jsonError("the bundle's logID is not hexadecimal");
  return {
    logIndex: integerIn(payload, 'logIndex') ?? 0n,
    logId: Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    kind: needText(read, 'kind'),
    version: needText(read, 'apiVersion'),
    integratedTime: givenTime(integerIn(payload, 'integratedTime')),
    promise: needBytes(rekor, 'SignedEntryTimestamp'),
    proof: null,
    body,
  };
}

/** A bare envelope, as SLSA's generators write them: its signature may carry the certificate as PEM. */
function readEnvelope(object: JsonObject): Bundle {
  const signatures = objectsIn(object, 'signatures', MOST_ENTRIES);
  const [first] = signatures;
  if (first === undefined || signatures.length !== 1) throw jsonError(`the envelope has ${signatures.length} signatures where one belongs`);
  const pem = textIn(first, 'cert');
  return {
    form: 'envelope',
    promiseSuffices: true,
    signer: pem === null ? { kind: 'key', hint: textIn(first, 'keyid'), spki: null } : readMaterial(new TextEncoder().encode(pem)),
    content: { kind: 'envelope', payloadType: needText(object, 'payloadType'), payload: needBytes(object, 'payload'), signature: needBytes(first, 'sig') },
    entries: [],
    stamps: [],
  };
}
