// pki/: DER and BER, keys, certificates, chains.

import { describe, expect, it } from 'vitest';
import { BinspectError } from '../src/errors.ts';
import { readAlgorithm, schemeOf } from '../src/pki/algorithms.ts';
import type { SignatureScheme } from '../src/pki/algorithms.ts';
import { buildChain } from '../src/pki/chain.ts';
import type { Chain } from '../src/pki/chain.ts';
import { DerCursor, TAG, elementsOf, readDer, stringBytes, wholeOf } from '../src/pki/der.ts';
import { readPublicKey } from '../src/pki/keys.ts';
import { fromBase64, readCertificates, readPem } from '../src/pki/pem.ts';
import { checkSignature } from '../src/pki/signed-bytes.ts';
import type { KeyBytes } from '../src/pki/signed-bytes.ts';
import { integer as integerOf, isoTime, oid as oidOf, text, time as timeOf } from '../src/pki/values.ts';
import { PURPOSE, readCertificate } from '../src/pki/x509.ts';
import type { X509 } from '../src/pki/x509.ts';
import { NODE_RUNTIME } from '../src/signature/runtime-keys.ts';
import { bmp, element, indefinite, integer, longTime, octets, oid, printable, sequence, time, utf8 } from './build/der.ts';
import { CODE_SIGNING, TIME_STAMPING, certificate, digest, house, keyOf, signBytes, signatureId } from './build/pki.ts';
import type { Certificate, CertificateOptions, Hash, Key, KeyKind, Pss } from './build/pki.ts';
import { random } from './random.ts';

const read = (bytes: Uint8Array, tag = bytes[0] as number): ReturnType<typeof readDer> => readDer(bytes, tag, 'test');
const failure = (work: () => unknown): BinspectError => {
  try {
    work();
  } catch (error) {
    if (error instanceof BinspectError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('elements', () => {
  it('reads definite and indefinite lengths alike', () => {
    const parts = [integer(5), octets(Buffer.alloc(300, 7))];
    for (const whole of [sequence(...parts), indefinite(0x30, ...parts), indefinite(0x30, indefinite(0x24, octets(Buffer.from([1])), octets(Buffer.from([2]))))]) {
      const found = read(whole);
      expect(Buffer.compare(wholeOf(found), whole)).toBe(0);
      expect(elementsOf(found, 'test').length).toBe(found.stop - found.start > 300 ? 2 : 1);
    }
    const [pieces] = elementsOf(read(indefinite(0x30, indefinite(0x24, octets(Buffer.from([1])), octets(Buffer.from([2, 3]))))), 'test');
    expect(stringBytes(pieces as never)).toEqual(Uint8Array.from([1, 2, 3]));
  });

  it('reads tags of several bytes', () => {
    const found = read(Uint8Array.from([0x7f, 0x81, 0x01, 0x01, 0x05]), 0x7f * 2 ** 32 + 129);
    expect(found.stop - found.start).toBe(1);
  });

  it.each([
    ['cut length', [0x30]],
    ['cut content', [0x30, 0x02, 0x05]],
    ['primitive without a length', [0x04, 0x80, 0, 0]],
    ['no end of contents', [0x30, 0x80, 0x05, 0x00]],
    ['length of nine bytes', [0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['tag of five bytes', [0x1f, 0x81, 0x81, 0x81, 0x81, 0x01, 0x00]],
    ['bytes behind it', [0x05, 0x00, 0x00]],
  ])('refuses a %s', (_, bytes) => {
    expect(failure(() => read(Uint8Array.from(bytes))).code).toBe('malformed');
  });

  it('stops at 64 levels, and in time where all of them have indefinite lengths', () => {
    let nested: Uint8Array = integer(1);
    for (let level = 0; level < 100_000; level++) nested = level < 40 ? indefinite(0x30, nested) : nested;
    expect(read(nested).end).toBe(nested.length);
    const deep = Buffer.alloc(200_000, Buffer.from([0x30, 0x80]));
    const start = performance.now();
    expect(failure(() => read(deep)).message).toContain('64');
    expect(performance.now() - start).toBeLessThan(200);
  });

  it('counts positions from the start of the file', () => {
    const cursor = new DerCursor(readDer(sequence(integer(1), utf8('a')), TAG.SEQUENCE, 'test', 0x1000), 'test');
    cursor.take(TAG.INTEGER, 'number');
    expect(failure(() => cursor.take(TAG.INTEGER, 'number')).offset).toBe(0x1005);
  });
});

describe('values', () => {
  it.each([0n, 127n, 128n, -1n, -128n, -129n, 2n ** 64n, -(2n ** 100n)])('INTEGER %s', (value) => expect(integerOf(read(integer(value)), 'test')).toBe(value));
  it.each(['1.2.840.113549.1.7.2', '2.5.29.15', '0.9.2342.19200300.100.1.1', '2.999.1', '1.3.6.1.4.1.311.60.2.1.123456789012345678901234567890'])('OID %s', (value) =>
    expect(oidOf(read(oid(value)), 'test')).toBe(value),
  );
  it.each([[], [0x80, 0x01], [0x2a, 0x86]])('refuses an OID of %j', (...bytes) => expect(failure(() => oidOf(read(element(6, Uint8Array.from(bytes.flat()))), 'test')).code).toBe('malformed'));
  it('reads times', () => {
    expect(isoTime(timeOf(read(time('1999-12-31T23:59:59Z')), 'test'))).toBe('1999-12-31T23:59:59Z');
    expect(isoTime(timeOf(read(time('2049-06-01T00:00:00Z')), 'test'))).toBe('2049-06-01T00:00:00Z');
    expect(isoTime(timeOf(read(longTime('2051-06-01T00:00:00.250Z')), 'test'))).toBe('2051-06-01T00:00:00.250Z');
    expect(isoTime(timeOf(read(element(0x17, Buffer.from('200229120000+0130'))), 'test'))).toBe('2020-02-29T10:30:00Z');
  });
  it.each(['200230120000Z', '2002301200Z0', '201301120000Z', '200229240000Z', '200229120000', '20200229120000Z'])('refuses the UTCTime %s', (value) =>
    expect(failure(() => timeOf(read(element(0x17, Buffer.from(value))), 'test')).code).toBe('malformed'),
  );
  it('reads text of every type', () => {
    expect([utf8('杏翔'), printable('abc'), bmp('杏é'), element(0x14, Buffer.from([0xe9])), element(0x1c, Buffer.from([0, 1, 0xf6, 0]))].map((bytes) => text(read(bytes)))).toEqual(['杏翔', 'abc', '杏é', 'é', '\u{1f600}']);
  });
});

const spkiOf = (key: Key): KeyBytes => ({ spki: key.spki, key: readPublicKey(read(key.spki)) });
const MESSAGE = Buffer.from('The quick brown fox');

describe('signatures over bytes', () => {
  const cases: [KeyKind, Hash, Pss | undefined][] = [
    ...(['rsa', 'p256', 'p384', 'p521'] as const).flatMap((kind) => (['sha1', 'sha256', 'sha384', 'sha512'] as const).map((hash): [KeyKind, Hash, undefined] => [kind, hash, undefined])),
    ['rsa', 'md5', undefined],
    ['rsa', 'sha224', undefined],
    ['p256', 'sha224', undefined],
    ['ed25519', 'sha512', undefined],
    ...(['sha1', 'sha256', 'sha512'] as const).flatMap((hash) => [0, 20, 32].map((saltBytes): [KeyKind, Hash, Pss] => ['rsa', hash, { hash, mgfHash: hash, saltBytes }])),
  ];
  it.each(cases)('%s with %s %j: message and digest give the same answer, and a changed bit is seen', (kind, hash, pss) => {
    const key = keyOf(kind);
    const scheme = schemeOf(readAlgorithm(read(signatureId(key, hash, pss)), 'test'), null) as SignatureScheme;
    const signature = Uint8Array.from(signBytes(key, hash, MESSAGE, pss));
    const check = (signed: { message: Uint8Array } | { digest: Uint8Array }, value = signature): string => checkSignature(NODE_RUNTIME, scheme, spkiOf(key), signed, value).state;
    expect(check({ message: MESSAGE })).toBe('valid');
    expect(check({ digest: digest(hash, MESSAGE) })).toBe(kind === 'ed25519' ? 'unknown' : 'valid');
    expect(check({ message: Buffer.from('another') })).toBe('invalid');
    expect(check({ digest: digest(hash, Buffer.from('another')) })).toBe(kind === 'ed25519' ? 'unknown' : 'invalid');
    const next = random(7);
    for (let round = 0; round < 8; round++) {
      const changed = signature.slice();
      const at = Math.floor(next() * changed.length);
      changed[at] = (changed[at] as number) ^ (1 << Math.floor(next() * 8));
      expect(check({ message: MESSAGE }, changed)).toBe('invalid');
      if (kind !== 'ed25519') expect(check({ digest: digest(hash, MESSAGE) }, changed)).toBe('invalid');
    }
    for (const value of [new Uint8Array(0), Uint8Array.from([0x30, 0x06, 2, 1, 0, 2, 1, 0]), new Uint8Array(signature.length)]) expect(check({ message: MESSAGE }, value)).toBe('invalid');
  });

  it('is unknown without cryptography, for unknown keys, and invalid for a key of another kind', () => {
    const scheme: SignatureScheme = { kind: 'ecdsa', hash: 'sha256' };
    const signature = signBytes(keyOf('p256'), 'sha256', MESSAGE);
    expect(checkSignature(null, scheme, spkiOf(keyOf('p256')), { message: MESSAGE }, signature).state).toBe('unknown');
    expect(checkSignature(NODE_RUNTIME, scheme, { spki: new Uint8Array(0), key: { kind: 'unknown', reason: 'x' } }, { message: MESSAGE }, signature).state).toBe('unknown');
    expect(checkSignature(NODE_RUNTIME, scheme, spkiOf(keyOf('rsa')), { message: MESSAGE }, signature).state).toBe('invalid');
  });

  it('computes what a runtime without the algorithm can be asked for', () => {
    const key = keyOf('p384');
    const signature = signBytes(key, 'sha384', MESSAGE);
    const half = { digest: NODE_RUNTIME.digest, verify: () => null };
    const none = { digest: () => null, verify: () => null };
    expect(checkSignature(half, { kind: 'ecdsa', hash: 'sha384' }, spkiOf(key), { message: MESSAGE }, signature).state).toBe('valid');
    expect(checkSignature(none, { kind: 'ecdsa', hash: 'sha384' }, spkiOf(key), { message: MESSAGE }, signature).state).toBe('unknown');
  });
});

const x509 = ({ der }: Certificate): X509 => readCertificate(Uint8Array.from(der));

describe('certificates', () => {
  it('reads what chains and people ask for', () => {
    const root = certificate({ subject: [['CN', 'Root']], key: keyOf('p256', 'a'), ca: true, pathLength: 3 });
    const leaf = x509(
      certificate({ subject: [['C', 'DE'], ['O', 'A, B + "C"'], ['CN', '杏']], key: keyOf('p256', 'b'), issuer: root, purposes: [CODE_SIGNING], serial: 0x80n, notBefore: '2020-01-01T00:00:00Z', notAfter: '2051-01-01T00:00:00Z' }),
    );
    expect(leaf.subject.text).toBe('CN=杏, O=A\\, B \\+ \\"C\\", C=DE');
    expect(leaf.issuer.text).toBe('CN=Root');
    expect(Buffer.from(leaf.serial).toString('hex')).toBe('0080');
    expect([isoTime(leaf.notBefore), isoTime(leaf.notAfter)]).toEqual(['2020-01-01T00:00:00Z', '2051-01-01T00:00:00Z']);
    expect([leaf.keyUsage, leaf.purposes, leaf.constraints]).toEqual([1, [CODE_SIGNING], null]);
    expect([x509(root).keyUsage, x509(root).constraints]).toEqual([0x60, { ca: true, pathLength: 3 }]);
    expect(leaf.authorityKeyId).toEqual(x509(root).subjectKeyId);
  });

  it('refuses every truncation, bytes behind it, and an extension that stands twice', () => {
    const { der } = certificate({ subject: [['CN', 'Root']], key: keyOf('p256', 'a'), ca: true });
    for (let length = 0; length < der.length; length++) expect(failure(() => readCertificate(der.subarray(0, length))).code).toBe('malformed');
    expect(failure(() => readCertificate(Buffer.concat([der, Buffer.from([0])]))).message).toContain('1 bytes follow');
    const twice = certificate({ subject: [['CN', 'Root']], key: keyOf('p256', 'a'), extensions: [['2.5.29.14', false, octets(Buffer.from([1]))]] });
    expect(failure(() => x509(twice)).message).toContain('stands twice');
  });

  it('reads PEM with any number of blocks, or one DER, and names the block that can not be read', () => {
    const one = certificate({ subject: [['CN', 'One']], key: keyOf('p256', 'a') });
    const two = certificate({ subject: [['CN', 'Two']], key: keyOf('p256', 'b') });
    const block = ({ der }: { der: Uint8Array }, label = 'CERTIFICATE'): string => `-----BEGIN ${label}-----\r\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
    const names = (file: string | Uint8Array): string[] => readCertificates(Buffer.from(file)).map(({ subject }) => subject.text);
    expect(names(`# roots\n${block(one)}\nsubject=Two\n${block(two)}`)).toEqual(['CN=One', 'CN=Two']);
    expect(names(one.der)).toEqual(['CN=One']);
    const cut = { der: two.der.subarray(0, 40) };
    expect(failure(() => names(block(one) + block(cut))).message).toContain('block 2');
    expect(failure(() => names(`${block(one)}-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----`)).message).toContain('block 2');
    expect(failure(() => names(`${block(one)}-----BEGIN CERTIFICATE-----\nAAAA`)).message).toContain('block 2');
    expect(failure(() => names(block(one, 'PUBLIC KEY'))).message).toContain('without a certificate');
    expect(failure(() => names('')).code).toBe('malformed');
    expect(readPem(block(one, 'PUBLIC KEY'))[0]?.label).toBe('PUBLIC KEY');
  });

  it.each([['', 0], ['AQ==', 1], ['AQ', 1], ['_-8', 2], ['A Q\n=\r\n=', 1]])('base64 %j', (value, size) => expect(fromBase64(value)?.length).toBe(size));
  it.each(['A', 'AQ=', 'AQ=A', '!', 'AQ==='])('no base64: %j', (value) => expect(fromBase64(value)).toBeNull());
});

describe('chains', () => {
  const { root, intermediate, signer } = house('p256');
  const AT = Date.parse('2025-01-01T00:00:00Z');
  const chain = (leaf: Certificate, pool: readonly Certificate[], roots: readonly Certificate[] | null, purpose: string | null = PURPOSE.CODE_SIGNING, at = AT): Chain =>
    buildChain(NODE_RUNTIME, x509(leaf), { pool: pool.map(x509), roots: roots?.map(x509) ?? null, purpose, at });
  const codes = ({ reasons }: Chain): string[] => reasons.map(({ code }) => code);
  const below = (options: Partial<CertificateOptions>): Certificate => certificate({ subject: [['CN', 'Leaf']], key: keyOf('p256', 'leaf'), issuer: intermediate, purposes: [CODE_SIGNING], ...options });

  it('leads to a given root, whose copy in the message is no root', () => {
    const found = chain(signer, [intermediate, root], [root]);
    expect([found.anchored, found.inTime, found.path.map(({ subject }) => subject.text)]).toEqual(['yes', true, ['CN=Example GmbH, O=Example GmbH, C=DE', 'CN=Example Code Signing CA', 'CN=Example Root']]);
    expect(chain(signer, [intermediate, root], []).anchored).toBe('no');
    expect(chain(signer, [intermediate, root], null).anchored).toBe('not-asked');
    expect(chain(signer, [], [intermediate]).anchored).toBe('yes');
    expect(chain(signer, [], [signer]).anchored).toBe('yes');
  });

  it('names the issuer that is missing', () => {
    expect(chain(signer, [], [root]).reasons.find(({ code }) => code === 'no-issuer')?.message).toContain('CN=Example Code Signing CA');
  });

  it('tells time from anchoring', () => {
    const late = chain(signer, [intermediate], [root], PURPOSE.CODE_SIGNING, Date.parse('2027-01-01T00:00:00Z'));
    expect([late.anchored, late.inTime]).toEqual(['yes', false]);
    expect(chain(signer, [intermediate], [root], PURPOSE.CODE_SIGNING, Date.parse('2026-01-01T00:00:00.500Z')).inTime).toBe(true);
  });

  it('demands the purpose, of the leaf and of authorities that list theirs', () => {
    expect(codes(chain(signer, [intermediate], [root], PURPOSE.TIME_STAMPING))).toContain('purpose');
    expect(chain(signer, [intermediate], [root], PURPOSE.TIME_STAMPING).anchored).toBe('no');
    expect(codes(chain(below({ purposes: null }), [intermediate], [root]))).toEqual(['no-purposes']);
    const stamps = certificate({ subject: [['CN', 'Stamps only']], key: keyOf('p256', 'x'), issuer: root, ca: true, purposes: [TIME_STAMPING] });
    expect(chain(below({ issuer: stamps }), [stamps], [root]).anchored).toBe('no');
    expect(chain(below({ keyUsage: 0x20 }), [intermediate], [root]).anchored).toBe('no');
  });

  it('demands authorities: CA bit, key usage, path length', () => {
    const noCa = certificate({ subject: [['CN', 'Example Code Signing CA']], key: keyOf('p256', 'intermediate'), issuer: root, keyUsage: 0x06 });
    expect(codes(chain(signer, [noCa], [root]))).toContain('not-a-ca');
    const noSigning = certificate({ subject: [['CN', 'Example Code Signing CA']], key: keyOf('p256', 'intermediate'), issuer: root, ca: true, keyUsage: 0x80 });
    expect(codes(chain(signer, [noSigning], [root]))).toContain('key-usage');
    const second = certificate({ subject: [['CN', 'Second']], key: keyOf('p256', 'second'), issuer: intermediate, ca: true });
    const found = chain(below({ issuer: second }), [second, intermediate], [root]);
    expect([found.anchored, codes(found).includes('path-length')]).toEqual(['no', true]);
  });

  it('is not misled by names: a root of the same name with another key, a leaf that signs', () => {
    const other = certificate({ subject: [['CN', 'Example Root']], key: keyOf('p256', 'other'), ca: true, plain: true });
    const plain = certificate({ subject: [['CN', 'Plain CA']], key: keyOf('p256', 'plain'), issuer: root, ca: true, plain: true });
    const found = chain(below({ issuer: plain, plain: true }), [plain], [other]);
    expect([found.anchored, codes(found).includes('signature')]).toEqual(['no', true]);
    expect(chain(certificate({ subject: [['CN', 'x']], key: keyOf('p256', 'leaf'), issuer: signer, purposes: [CODE_SIGNING] }), [signer, intermediate], [root]).anchored).toBe('no');
  });

  it('prefers a chain that is valid at the time', () => {
    const old = certificate({ subject: [['CN', 'Example Code Signing CA']], key: keyOf('p256', 'intermediate'), issuer: root, ca: true, notAfter: '2021-01-01T00:00:00Z' });
    expect(chain(signer, [old, intermediate], [root]).inTime).toBe(true);
    expect(chain(signer, [old], [root]).inTime).toBe(false);
  });

  it('is unknown where a critical extension or an algorithm is', () => {
    const strange = below({ extensions: [['2.5.29.30', true, sequence()]] });
    expect([chain(strange, [intermediate], [root]).anchored, codes(chain(strange, [intermediate], [root]))]).toEqual(['unknown', ['critical-extension']]);
    expect(chain(below({ extensions: [['1.2.840.113635.100.6.1.13', true, element(5)]] }), [intermediate], [root]).anchored).toBe('yes');
    expect(buildChain(null, x509(signer), { pool: [x509(intermediate)], roots: [x509(root)], purpose: null, at: AT }).anchored).toBe('unknown');
  });

  it('follows PSS and every kind of key', () => {
    for (const kind of ['rsa', 'p384', 'p521', 'ed25519'] as const) {
      const top = certificate({ subject: [['CN', 'Top']], key: keyOf(kind, 'root'), ca: true, hash: kind === 'p521' ? 'sha256' : 'sha384' });
      expect(chain(certificate({ subject: [['CN', 'x']], key: keyOf('p256', 'leaf'), issuer: top, purposes: [CODE_SIGNING], hash: 'sha512' }), [], [top]).anchored).toBe('yes');
    }
    const top = certificate({ subject: [['CN', 'Top']], key: keyOf('rsa', 'root'), ca: true });
    const pss = (parameters: Pss): Certificate => certificate({ subject: [['CN', 'x']], key: keyOf('p256', 'leaf'), issuer: top, purposes: [CODE_SIGNING], pss: parameters });
    expect(chain(pss({ hash: 'sha256', mgfHash: 'sha256', saltBytes: 32 }), [], [top]).anchored).toBe('yes');
    expect(chain(pss({ hash: 'sha256', mgfHash: 'sha1', saltBytes: 32 }), [], [top]).anchored).toBe('no');
  });

  it('ends in time where many certificates share one name and none fits', () => {
    const named = Array.from({ length: 64 }, (_, index) => certificate({ subject: [['CN', 'Same']], key: keyOf('p256', `same ${index}`), ca: true, plain: true }));
    const looped = Array.from({ length: 64 }, (_, index) => certificate({ subject: [['CN', 'Same']], key: keyOf('p256', 'loop'), issuer: named[0] as Certificate, ca: true, plain: true, serial: BigInt(index + 1) }));
    const self = certificate({ subject: [['CN', 'Same']], key: keyOf('p256', 'loop'), ca: true, plain: true });
    const many = Array.from({ length: 64 }, (_, index) => certificate({ subject: [['CN', 'Same']], key: keyOf('p256', 'loop'), issuer: self, ca: true, plain: true, serial: BigInt(index + 1) }));
    const leaf = certificate({ subject: [['CN', 'Leaf']], key: keyOf('p256', 'leaf'), issuer: self, plain: true });
    for (const pool of [named, looped, many]) {
      const start = performance.now();
      expect(chain(leaf, pool, [root]).anchored).not.toBe('yes');
      expect(performance.now() - start).toBeLessThan(2000);
    }
    expect(codes(chain(leaf, many, [root]))).toContain('limit');
  });
});
