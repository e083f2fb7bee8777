// Makes keys, certificates, signed messages and time stamps.

import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { bits, element, integer, longTime, nothing, octets, oid, sequence, setOf, sorted, tagged, taggedBytes, time, truth, utf8 } from './der.ts';

export type KeyKind = 'rsa' | 'rsa1024' | 'p256' | 'p384' | 'p521' | 'ed25519';

export interface Key {
  readonly kind: KeyKind;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spki: Uint8Array;
}

const made = new Map<string, Key>();

/** A key; the same one for the same kind and name within a run, as RSA keys take long to make. */
export function keyOf(kind: KeyKind, name = ''): Key {
  const known = made.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generate(kind);
  const key: Key = { kind, privateKey, publicKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
  made.set(`${kind} ${name}`, key);
  return key;
}

function generate(kind: KeyKind): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  if (kind === 'rsa' || kind === 'rsa1024') return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 });
  return generateKeyPairSync('ec', { namedCurve: { p256: 'prime256v1', p384: 'secp384r1', p521: 'secp521r1' }[kind] });
}

export type Hash = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

const HASH_OIDS: Record<Hash, string> = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

const RSA_OIDS: Record<Hash, string> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};

const ECDSA_OIDS: Record<Hash, string> = {
  md5: '1.2.840.10045.4.1',
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

export const digest = (hash: Hash, ...parts: readonly Uint8Array[]): Buffer => {
  const running = createHash(hash);
  for (const part of parts) running.update(part);
  return running.digest();
};

export const hashId = (hash: Hash): Uint8Array => sequence(oid(HASH_OIDS[hash]), nothing());

/** How a signature is made where it is not the key's usual way. */
export interface Pss {
  readonly hash: Hash;
  readonly mgfHash: Hash;
  readonly saltBytes: number;
}

/** The AlgorithmIdentifier of a signature. */
export function signatureId(key: Key, hash: Hash, pss?: Pss): Uint8Array {
  if (pss !== undefined) {
    const mgf = sequence(oid('1.2.840.113549.1.1.8'), hashId(pss.mgfHash));
    return sequence(oid('1.2.840.113549.1.1.10'), sequence(tagged(0, hashId(pss.hash)), tagged(1, mgf), tagged(2, integer(pss.saltBytes))));
  }
  if (key.kind === 'ed25519') return sequence(oid('1.3.101.112'));
  return key.kind.startsWith('rsa') ? sequence(oid(RSA_OIDS[hash]), nothing()) : sequence(oid(ECDSA_OIDS[hash]));
}

/** The signature of a message. */
export function signBytes(key: Key, hash: Hash, message: Uint8Array, pss?: Pss): Uint8Array {
  if (key.kind === 'ed25519') return sign(null, message, key.privateKey);
  if (pss !== undefined) return sign(pss.hash, message, { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss.saltBytes });
  return sign(hash, message, key.privateKey);
}

const NAME_OIDS: Record<string, string> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  UID: '0.9.2342.19200300.100.1.1',
};

/** A Name: pairs of type and value. */
export function name(attributes: readonly (readonly [string, string])[]): Uint8Array {
  return sequence(...attributes.map(([type, value]) => setOf(sequence(oid(NAME_OIDS[type] ?? type), utf8(value)))));
}

export interface CertificateOptions {
  readonly subject: readonly (readonly [string, string])[];
  readonly key: Key;
  /** Null: signed by itself. */
  readonly issuer?: Certificate | null;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly purposes?: readonly string[] | null;
  readonly keyUsage?: number | null;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly serial?: bigint;
  readonly hash?: Hash;
  readonly pss?: Pss;
  /** More extensions: identifier, critical, DER. */
  readonly extensions?: readonly (readonly [string, boolean, Uint8Array])[];
  /** Leaves out the key identifiers. */
  readonly plain?: boolean;
}

export interface Certificate {
  readonly der: Uint8Array;
  readonly key: Key;
  readonly subject: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly serial: bigint;
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

let serials = 1000n;

const keyId = (key: Key): Buffer => digest('sha1', key.spki);

/** Makes a certificate. */
export function certificate(options: CertificateOptions): Certificate {
  const { key, issuer = null, ca = false, hash = 'sha256', purposes = null, notBefore = '2020-01-01T00:00:00Z', notAfter = '2049-01-01T00:00:00Z' } = options;
  const keyUsage = options.keyUsage === undefined ? (ca ? 0x06 : 0x80) : options.keyUsage;
  const serial = options.serial ?? serials++;
  const signer = issuer?.key ?? key;
  const subject = name(options.subject);
  const issuerName = issuer?.subject ?? subject;
  const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array => sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));
  const extensions = [
    ...(ca ? [extension('2.5.29.19', true, sequence(truth(true), ...(options.pathLength === undefined ? [] : [integer(options.pathLength)])))] : []),
    ...(keyUsage === null ? [] : [extension('2.5.29.15', true, bits(Buffer.from([keyUsage]), keyUsage === 0x80 ? 7 : 1))]),
    ...(purposes === null ? [] : [extension('2.5.29.37', purposes.includes(TIME_STAMPING), sequence(...purposes.map(oid)))]),
    ...(options.plain === true ? [] : [extension('2.5.29.14', false, octets(keyId(key))), extension('2.5.29.35', false, sequence(taggedBytes(0, keyId(signer))))]),
    ...(options.extensions ?? []).map(([id, critical, value]) => extension(id, critical, value)),
  ];
  const algorithm = signatureId(signer, hash, options.pss);
  const tbs = sequence(
    tagged(0, integer(2)),
    integer(serial),
    algorithm,
    issuerName,
    sequence(time(notBefore), time(notAfter)),
    subject,
    key.spki,
    ...(extensions.length === 0 ? [] : [tagged(3, sequence(...extensions))]),
  );
  return { der: sequence(tbs, algorithm, bits(signBytes(signer, hash, tbs, options.pss))), key, subject, issuerName, serial };
}

export const attribute = (id: string, ...values: readonly Uint8Array[]): Uint8Array => sequence(oid(id), setOf(...values));

export interface SignerOptions {
  readonly certificate: Certificate;
  readonly hash?: Hash;
  readonly pss?: Pss;
  /** What is signed: the content's octets. */
  readonly content: Uint8Array;
  readonly contentType: string;
  /** More signed attributes; null: none at all, so that the content itself is signed. */
  readonly attributes?: readonly Uint8Array[] | null;
  /** Keeps the attributes in the order given. */
  readonly unsorted?: boolean;
  /** The bare key's identifier, which leaves the digest to the signer's. */
  readonly bareKey?: boolean;
  /** Unsigned attributes, made from the signature's value. */
  readonly unsigned?: (signature: Uint8Array) => readonly Uint8Array[];
}

/** A SignerInfo. */
export function signerInfo(options: SignerOptions): Uint8Array {
  const { certificate, hash = 'sha256', content, contentType, attributes = [], pss } = options;
  const { key } = certificate;
  let list: Uint8Array[] = [];
  if (attributes !== null) {
    const own = [attribute('1.2.840.113549.1.9.3', oid(contentType)), attribute('1.2.840.113549.1.9.4', octets(digest(hash, content))), ...attributes];
    list = options.unsorted === true ? own : sorted(...own);
  }
  const signature = signBytes(key, hash, attributes === null ? content : setOf(...list), pss);
  const unsigned = options.unsigned?.(signature) ?? [];
  const bare = key.kind.startsWith('rsa') ? sequence(oid('1.2.840.113549.1.1.1'), nothing()) : signatureId(key, hash);
  return sequence(
    integer(1),
    sequence(certificate.issuerName, integer(certificate.serial)),
    hashId(hash),
    ...(attributes === null ? [] : [tagged(0, ...list)]),
    options.bareKey === false ? signatureId(key, hash, pss) : pss === undefined ? bare : signatureId(key, hash, pss),
    octets(signature),
    ...(unsigned.length === 0 ? [] : [tagged(1, ...unsigned)]),
  );
}

export interface MessageOptions {
  readonly contentType: string;
  /** The element inside the content's `[0]`; null: detached. */
  readonly content: Uint8Array | null;
  readonly certificates: readonly Certificate[];
  readonly signers: readonly Uint8Array[];
  readonly hash?: Hash;
  readonly version?: number;
  /** How elements that hold others are written: as DER, or with indefinite lengths. */
  readonly container?: (tag: number, ...parts: readonly Uint8Array[]) => Uint8Array;
}

/** A ContentInfo with SignedData. */
export function signedData({ contentType, content, certificates, signers, hash = 'sha256', version = 1, container = element }: MessageOptions): Uint8Array {
  return container(
    0x30,
    oid('1.2.840.113549.1.7.2'),
    container(
      0xa0,
      container(
        0x30,
        integer(version),
        setOf(hashId(hash)),
        container(0x30, oid(contentType), ...(content === null ? [] : [container(0xa0, content)])),
        container(0xa0, ...certificates.map(({ der }) => der)),
        setOf(...signers),
      ),
    ),
  );
}

export interface StampOptions {
  readonly certificate: Certificate;
  readonly certificates?: readonly Certificate[];
  readonly time: string;
  readonly hash?: Hash;
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/** A time-stamp token over a signature's value. */
export function timeStamp(signature: Uint8Array, { certificate, certificates = [certificate], time: at, hash = 'sha256' }: StampOptions): Uint8Array {
  const info = sequence(integer(1), oid('1.2.3.4'), sequence(hashId(hash), octets(digest(hash, signature))), integer(4711), longTime(at));
  const named = attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octets(digest('sha256', certificate.der))))));
  const signer = signerInfo({ certificate, hash, content: info, contentType: TST_INFO, attributes: [named] });
  return signedData({ contentType: TST_INFO, content: octets(info), certificates, signers: [signer], hash, version: 3 });
}

/** A countersignature of PKCS#9 over a signature's value: a SignerInfo, its certificates lie in the outer message. */
export function countersignature(signature: Uint8Array, { certificate, time: at, hash = 'sha1' }: StampOptions): Uint8Array {
  return signerInfo({ certificate, hash, content: signature, contentType: '1.2.840.113549.1.7.1', attributes: [attribute('1.2.840.113549.1.9.5', time(at))] });
}

/** An authority of time stamps, one of code signing, and certificates below both. */
export interface House {
  readonly root: Certificate;
  readonly intermediate: Certificate;
  readonly signer: Certificate;
  readonly stampRoot: Certificate;
  readonly stamper: Certificate;
}

/** The usual chain of the tests: root, intermediate and signer for code; root and leaf for time stamps. */
export function house(kind: KeyKind = 'rsa', subject: CertificateOptions['subject'] = [['C', 'DE'], ['O', 'Example GmbH'], ['CN', 'Example GmbH']]): House {
  const root = certificate({ subject: [['CN', 'Example Root']], key: keyOf(kind, 'root'), ca: true });
  const intermediate = certificate({ subject: [['CN', 'Example Code Signing CA']], key: keyOf(kind, 'intermediate'), issuer: root, ca: true, pathLength: 0 });
  const signer = certificate({ subject, key: keyOf(kind, 'signer'), issuer: intermediate, purposes: [CODE_SIGNING], notBefore: '2024-01-01T00:00:00Z', notAfter: '2026-01-01T00:00:00Z' });
  const stampRoot = certificate({ subject: [['CN', 'Example Stamp Root']], key: keyOf(kind, 'stamp root'), ca: true });
  const stamper = certificate({ subject: [['CN', 'Example Stamper']], key: keyOf(kind, 'stamper'), issuer: stampRoot, purposes: [TIME_STAMPING] });
  return { root, intermediate, signer, stampRoot, stamper };
}
