// Makes an instance of Sigstore: authority, logs, time stamps, trusted root; and bundles by it.

import { createHash } from 'node:crypto';
import { readCertificate } from '../../src/pki/x509.ts';
import { element, integer, octets, sequence, utf8 } from './der.ts';
import { CODE_SIGNING, TIME_STAMPING, certificate, digest, keyOf, signBytes, timeStamp } from './pki.ts';
import type { Certificate, Hash, Key, KeyKind } from './pki.ts';

export const IDENTITY = 'https://github.com/example/tool/.github/workflows/release.yml@refs/tags/v1.0.0';
export const ISSUER = 'https://token.actions.githubusercontent.com';
export const STATEMENT = 'application/vnd.in-toto+json';
export const PROVENANCE = 'https://slsa.dev/provenance/v1';

/** When bundles are signed. */
export const SIGNED_AT = '2025-06-01T12:00:00Z';

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
export const pem = (label: string, bytes: Uint8Array): string => `-----BEGIN ${label}-----\n${(b64(bytes).match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => digest('sha256', ...parts);

/** One instance: its authority, its logs, its stamper. */
export interface Instance {
  readonly name: string;
  readonly root: Certificate;
  readonly intermediate: Certificate;
  readonly stampRoot: Certificate;
  readonly stamper: Certificate;
  readonly log: Key;
  readonly newLog: Key;
  readonly certificateLog: Key;
}

export function instance(name = 'example'): Instance {
  const root = certificate({ subject: [['O', name], ['CN', 'root']], key: keyOf('p384', `${name} root`), ca: true });
  const intermediate = certificate({ subject: [['O', name], ['CN', 'intermediate']], key: keyOf('p384', `${name} intermediate`), issuer: root, ca: true, pathLength: 0, purposes: [CODE_SIGNING] });
  const stampRoot = certificate({ subject: [['O', name], ['CN', 'stamp root']], key: keyOf('p256', `${name} stamp root`), ca: true });
  const stamper = certificate({ subject: [['O', name], ['CN', 'stamper']], key: keyOf('p256', `${name} stamper`), issuer: stampRoot, purposes: [TIME_STAMPING] });
  return { name, root, intermediate, stampRoot, stamper, log: keyOf('p256', `${name} log`), newLog: keyOf('ed25519', `${name} log`), certificateLog: keyOf('p256', `${name} ct log`) };
}

const logName = ({ name }: Instance): string => `rekor.${name}.dev`;
const newLogName = ({ name }: Instance): string => `log2025.rekor.${name}.dev`;
const newLogId = (of: Instance): Buffer => sha256(Buffer.from(`${newLogName(of)}\n\x01`), of.newLog.spki.subarray(-32));

export interface RootOptions {
  readonly logs?: boolean;
  readonly certificateLogs?: boolean;
  readonly from?: string;
  readonly to?: string;
}

/** The trusted root of an instance, as JSON. */
export function trustedRoot(of: Instance, { logs = true, certificateLogs = true, from = '2020-01-01T00:00:00Z', to }: RootOptions = {}): Record<string, unknown> {
  const validFor = { start: from, ...(to === undefined ? {} : { end: to }) };
  const log = (baseUrl: string, key: Key, id: Uint8Array): unknown => ({ baseUrl, hashAlgorithm: 'SHA2_256', publicKey: { rawBytes: b64(key.spki), keyDetails: 'PKIX', validFor }, logId: { keyId: b64(id) } });
  const authority = (uri: string, ...chain: readonly Certificate[]): unknown => ({ subject: { organization: of.name }, uri, certChain: { certificates: chain.map(({ der }) => ({ rawBytes: b64(der) })) }, validFor });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: logs ? [log(`https://${logName(of)}`, of.log, sha256(of.log.spki)), log(`https://${newLogName(of)}`, of.newLog, newLogId(of))] : [],
    certificateAuthorities: [authority(`https://fulcio.${of.name}.dev`, of.intermediate, of.root)],
    ctlogs: certificateLogs ? [log(`https://ctfe.${of.name}.dev`, of.certificateLog, sha256(of.certificateLog.spki))] : [],
    timestampAuthorities: [authority(`https://timestamp.${of.name}.dev`, of.stamper, of.stampRoot)],
  };
}

export interface LeafOptions {
  readonly kind?: KeyKind;
  readonly identity?: string;
  readonly issuer?: string;
  /** Whether the certificate log has signed it. */
  readonly logged?: boolean;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly sctExtensions?: Uint8Array;
}

const FULCIO = '1.3.6.1.4.1.57264.1';

/** A certificate for a moment, as Fulcio issues it. */
export function leaf(of: Instance, { kind = 'p256', identity = IDENTITY, issuer = ISSUER, logged = true, notBefore = '2025-06-01T11:55:00Z', notAfter = '2025-06-01T12:05:00Z', sctExtensions = new Uint8Array(0) }: LeafOptions = {}): Certificate {
  const key = keyOf(kind, `${of.name} leaf`);
  const name = identity.includes('@refs') || identity.includes('://') ? element(0x86, Buffer.from(identity)) : element(0x81, Buffer.from(identity));
  const own: (readonly [string, boolean, Uint8Array])[] = [
    ['2.5.29.17', true, sequence(name)],
    [`${FULCIO}.1`, false, Buffer.from(issuer)],
    [`${FULCIO}.2`, false, Buffer.from('push')],
    [`${FULCIO}.3`, false, Buffer.from('0123456789abcdef0123456789abcdef01234567')],
    [`${FULCIO}.4`, false, Buffer.from('release')],
    [`${FULCIO}.5`, false, Buffer.from('example/tool')],
    [`${FULCIO}.6`, false, Buffer.from('refs/tags/v1.0.0')],
    [`${FULCIO}.8`, false, utf8(issuer)],
  ];
  const serial = 77_000n + BigInt(createHash('sha256').update(identity).digest().readUInt16BE(0));
  const base = { subject: [], key, issuer: of.intermediate, purposes: [CODE_SIGNING], notBefore, notAfter, serial };
  const plain = certificate({ ...base, extensions: own });
  if (!logged) return plain;
  const { tbs } = readCertificate(plain.der);
  const tbsBytes = tbs.data.bytes.subarray(tbs.at, tbs.end);
  const stamp = number(8, Date.parse(notBefore));
  const text = Buffer.concat([number(1, 0), number(1, 0), stamp, number(2, 1), sha256(of.intermediate.key.spki), number(3, tbsBytes.length), tbsBytes, number(2, sctExtensions.length), sctExtensions]);
  const signature = signBytes(of.certificateLog, 'sha256', text);
  const sct = Buffer.concat([number(1, 0), sha256(of.certificateLog.spki), stamp, number(2, sctExtensions.length), sctExtensions, Buffer.from([4, 3]), number(2, signature.length), signature]);
  const list = Buffer.concat([number(2, sct.length + 2), number(2, sct.length), sct]);
  return certificate({ ...base, extensions: [...own, ['1.3.6.1.4.1.11129.2.4.2', false, octets(list)]] });
}

function number(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let left = BigInt(value);
  for (let at = bytes - 1; at >= 0; at--, left >>= 8n) buffer[at] = Number(left & 0xffn);
  return buffer;
}

/** A tree of five entries, in which the own one is the fourth. */
function proofOf(body: Uint8Array): { logIndex: string; treeSize: string; rootHash: string; hashes: string[]; root: Buffer } {
  const own = sha256(Buffer.from([0]), body);
  const other = (text: string): Buffer => sha256(Buffer.from([0]), Buffer.from(text));
  const node = (a: Uint8Array, b: Uint8Array): Buffer => sha256(Buffer.from([1]), a, b);
  const [a, b, c, e] = ['a', 'b', 'c', 'e'].map(other) as [Buffer, Buffer, Buffer, Buffer];
  const root = node(node(node(a, b), node(c, own)), e);
  return { logIndex: '3', treeSize: '5', rootHash: b64(root), hashes: [c, node(a, b), e].map(b64), root };
}

function checkpoint(name: string, key: Key, hint: Uint8Array, root: Uint8Array): string {
  const text = `${name}\n5\n${b64(root)}\n`;
  return `${text}\n\u2014 ${name} ${b64(Buffer.concat([hint.subarray(0, 4), signBytes(key, 'sha256', Buffer.from(text))]))}\n`;
}

export interface BundleOptions {
  readonly of: Instance;
  readonly file: Uint8Array;
  readonly version?: '0.1' | '0.2' | '0.3';
  /** Which form of log entry; null: none. */
  readonly entry?: 'hashedrekord 0.0.1' | 'hashedrekord 0.0.2' | 'dsse 0.0.1' | 'dsse 0.0.2' | 'intoto 0.0.2' | null;
  readonly stamp?: boolean;
  /** An envelope with a statement instead of a signature over the file. */
  readonly statement?: Record<string, unknown> | null;
  readonly leaf?: LeafOptions;
  /** A bare key instead of a certificate. */
  readonly key?: Key;
  readonly time?: string;
  readonly hash?: Hash;
}

/** A statement about a file. */
export function statement(file: Uint8Array, algorithm: Hash = 'sha256', name = 'tool.tar.gz'): Record<string, unknown> {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { [algorithm]: digest(algorithm, file).toString('hex') } }],
    predicateType: PROVENANCE,
    predicate: { buildDefinition: { buildType: 'https://actions.github.io/buildtypes/workflow/v1' }, runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' } } },
  };
}

const OWN: Readonly<Record<string, Hash>> = { p256: 'sha256', p384: 'sha384', p521: 'sha512' };

/** A bundle, and the same in cosign's older form. */
export function bundle(options: BundleOptions): { readonly bundle: Record<string, unknown>; readonly legacy: Record<string, unknown>; readonly certificate: Certificate | null; readonly signature: Uint8Array } {
  const { of, file, version = '0.3', statement: said = null, stamp = false, time = SIGNED_AT } = options;
  const entry = options.entry === undefined ? (said === null ? 'hashedrekord 0.0.1' : 'dsse 0.0.1') : options.entry;
  const own = options.key === undefined ? leaf(of, options.leaf) : null;
  const key = options.key ?? (own as Certificate).key;
  const payload = said === null ? null : Buffer.from(JSON.stringify(said));
  const signed = payload === null ? Buffer.from(file) : Buffer.concat([Buffer.from(`DSSEv1 ${STATEMENT.length} ${STATEMENT} ${payload.length} `), payload]);
  const signature = signBytes(key, options.hash ?? OWN[key.kind] ?? 'sha256', signed);
  const text = own === null ? pem('PUBLIC KEY', key.spki) : pem('CERTIFICATE', own.der);
  const verifier = own === null ? { publicKey: { rawBytes: b64(key.spki) }, keyDetails: 'PKIX' } : { x509Certificate: { rawBytes: b64(own.der) }, keyDetails: 'PKIX' };
  const hash = { algorithm: 'sha256', value: sha256(payload ?? file).toString('hex') };
  const spec = ((): unknown => {
    switch (entry) {
      case 'hashedrekord 0.0.1':
        return { data: { hash }, signature: { content: b64(signature), publicKey: { content: b64(Buffer.from(text)) } } };
      case 'hashedrekord 0.0.2':
        return { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: b64(sha256(signed)) }, signature: { content: b64(signature), verifier } } };
      case 'dsse 0.0.1':
        return { envelopeHash: hash, payloadHash: hash, signatures: [{ signature: b64(signature), verifier: b64(Buffer.from(text)) }] };
      case 'dsse 0.0.2':
        return { dsseV002: { payloadHash: { algorithm: 'SHA2_256', digest: b64(sha256(payload ?? file)) }, signatures: [{ content: b64(signature), verifier }] } };
      default:
        return { content: { envelope: { payloadType: STATEMENT, signatures: [{ sig: b64(Buffer.from(b64(signature))), publicKey: b64(Buffer.from(text)) }] }, hash, payloadHash: hash } };
    }
  })();
  const [kind = '', entryVersion = ''] = (entry ?? '').split(' ');
  const body = Buffer.from(JSON.stringify({ apiVersion: entryVersion, kind, spec }));
  const isNew = entryVersion === '0.0.2' && kind !== 'intoto';
  const integratedTime = Date.parse(time) / 1000;
  const logId = isNew ? newLogId(of) : sha256(of.log.spki);
  const promised = Buffer.from(`{"body":"${b64(body)}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":1234}`);
  const set = signBytes(of.log, 'sha256', promised);
  const { root, ...proof } = proofOf(body);
  const note = isNew ? checkpoint(newLogName(of), of.newLog, logId, root) : checkpoint(logName(of), of.log, logId, root);
  const logged = {
    logIndex: '1234',
    logId: { keyId: b64(logId) },
    kindVersion: { kind, version: entryVersion },
    ...(isNew ? {} : { integratedTime: `${integratedTime}`, inclusionPromise: { signedEntryTimestamp: b64(set) } }),
    ...(version === '0.1' ? {} : { inclusionProof: { ...proof, checkpoint: { envelope: note } } }),
    canonicalizedBody: b64(body),
  };
  const response = sequence(sequence(integer(0)), timeStamp(signature, { certificate: of.stamper, time }));
  const material = own === null ? { publicKey: { hint: b64(sha256(key.spki)) } } : version === '0.3' ? { certificate: { rawBytes: b64(own.der) } } : { x509CertificateChain: { certificates: [{ rawBytes: b64(own.der) }] } };
  return {
    bundle: {
      mediaType: version === '0.3' ? 'application/vnd.dev.sigstore.bundle.v0.3+json' : `application/vnd.dev.sigstore.bundle+json;version=${version}`,
      verificationMaterial: { ...material, tlogEntries: entry === null ? [] : [logged], ...(stamp ? { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: b64(response) }] } } : {}) },
      ...(payload === null
        ? { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: b64(sha256(file)) }, signature: b64(signature) } }
        : { dsseEnvelope: { payload: b64(payload), payloadType: STATEMENT, signatures: [{ sig: b64(signature), keyid: '' }] } }),
    },
    legacy: {
      base64Signature: b64(payload === null ? signature : Buffer.from(JSON.stringify({ payload: b64(payload), payloadType: STATEMENT, signatures: [{ sig: b64(signature) }] }))),
      cert: b64(Buffer.from(text)),
      rekorBundle: { SignedEntryTimestamp: b64(set), Payload: { body: b64(body), integratedTime, logIndex: 1234, logID: logId.toString('hex') } },
    },
    certificate: own,
    signature,
  };
}
