// Authenticode, on files made for the purpose: what is said of good ones, and of every way to tamper with them.

import { describe, expect, it } from 'vitest';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import type { Levels, SignatureCheck } from '../src/model/signature.ts';
import type { SignatureOptions } from '../src/signature/settings.ts';
import { authenticodeMessage, certificateEntry, checksumOf, fieldsOf, imageDigest, pageHashes, parties, plainPe, signPe, strangeAttribute, withTable } from './build/authenticode.ts';
import type { AuthenticodeOptions } from './build/authenticode.ts';
import { buildPe } from './build/pe.ts';
import { CODE_SIGNING, attribute, certificate, digest, house, keyOf } from './build/pki.ts';

const AT = '2025-01-01';
const ROOTS: SignatureOptions = { roots: parties().root.der, tsaRoots: parties().stampRoot.der, at: AT };
const check = (bytes: Uint8Array, options: boolean | SignatureOptions = ROOTS): SignatureCheck => inspectSync(bytes, { signatures: options }).binaries[0]?.signatureCheck as SignatureCheck;
const codes = ({ problems }: SignatureCheck): string[] => problems.map(({ code, level }) => (level === null ? `(${code})` : code));
const words = ({ intact, signed, anchored, inTime }: Levels): string => [intact, signed, anchored, inTime].join(' ');
const flip = (bytes: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
};
const find = (bytes: Uint8Array, part: Uint8Array): number => Buffer.from(bytes).indexOf(part);
const made = (options: AuthenticodeOptions = {}): Uint8Array => signPe(plainPe(), options);

describe('a signed image', () => {
  const plain = made({ programName: 'Example', moreInfo: 'https://example.com/', stamps: ['rfc3161'] });

  it('says all there is to say', () => {
    const found = check(plain);
    expect([found.state, words(found.levels), found.problems]).toEqual(['certificate', 'yes yes yes yes', []]);
    expect(found.at).toEqual({ time: '2025-03-01T12:00:00.250Z', from: 'timestamp' });
    const [item] = found.signatures;
    expect(item).toMatchObject({ depth: 0, programName: 'Example', moreInfo: 'https://example.com/', pageHashes: null, weak: [], kind: null, signingTime: null });
    const image = imageDigest(plainPe(), 'sha256').toString('hex');
    expect(item?.digest).toEqual({ algorithm: 'sha256', signed: image, computed: image, method: 'flat' });
    expect(item?.signer).toMatchObject({ subject: 'CN=Example GmbH, O=Example GmbH, C=DE', sha256: digest('sha256', parties().signer.der).toString('hex'), notAfter: '2026-01-01T00:00:00Z' });
    expect(item?.signer?.spkiSha256).toBe(digest('sha256', parties().signer.key.spki).toString('hex'));
    expect(item?.chain.map(({ subject }) => subject)).toEqual(['CN=Example GmbH, O=Example GmbH, C=DE', 'CN=Example Code Signing CA', 'CN=Example Root']);
    expect(item?.root).toBe(digest('sha256', parties().root.der).toString('hex'));
    expect(item?.timestamps).toMatchObject([{ kind: 'rfc3161', time: '2025-03-01T12:00:00.250Z', signed: 'yes', anchored: 'yes', bareDigest: false }]);
    expect(found.notChecked).toEqual(['revocation', 'windows-policy', 'roots-freshness']);
    expect(item?.unauthenticatedBytes).toBeLessThan(8);
  });

  it('is the same for PE32, every digest, with page hashes, nested signatures, both kinds of stamps, without signed attributes', () => {
    expect(words(check(signPe(plainPe(false))).levels)).toBe('yes yes yes yes');
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) expect(words(check(made({ hash })).levels)).toBe('yes yes yes yes');
    const paged = check(made({ pages: true }));
    expect([words(paged.levels), paged.signatures[0]?.pageHashes]).toEqual(['yes yes yes yes', { algorithm: 'sha256', count: 5, bad: [] }]);
    expect(check(made({ pages: true, hash: 'sha1' })).signatures[0]?.pageHashes).toEqual({ algorithm: 'sha1', count: 5, bad: [] });
    const nested = check(made({ hash: 'sha1', nested: ['sha256', 'sha512'], stamps: ['countersignature', 'rfc3161'] }));
    expect(nested.signatures.map(({ depth, digest: { algorithm } }) => [depth, algorithm])).toEqual([[0, 'sha1'], [1, 'sha256'], [1, 'sha512']]);
    expect([words(nested.levels), nested.signatures[0]?.weak, codes(nested)]).toEqual(['yes yes yes yes', ['sha1'], []]);
    expect(nested.signatures[0]?.timestamps.map(({ kind, anchored }) => [kind, anchored])).toEqual([['countersignature', 'yes'], ['rfc3161', 'yes']]);
    expect(words(check(made({ bare: true })).levels)).toBe('yes yes yes yes');
  });

  it('is signed by keys of every kind', () => {
    for (const kind of ['p256', 'p384', 'p521', 'ed25519'] as const) {
      const people = house(kind);
      expect(words(check(made({ parties: people, hash: 'sha384' }), { roots: people.root.der, at: AT }).levels)).toBe('yes yes yes yes');
    }
    const people = house('rsa1024');
    expect(check(made({ parties: people, hash: 'md5' }), { roots: people.root.der, at: AT }).signatures[0]?.weak).toEqual(['md5', 'rsa-1024']);
  });

  it('needs roots for what roots are for, and takes them as text, bytes and lists', () => {
    const alone = check(plain, true);
    expect([words(alone.levels), alone.at?.from, alone.signatures[0]?.root, codes(alone)]).toEqual(['yes yes not-asked not-asked', 'clock', null, []]);
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(parties().root.der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    for (const roots of [pem, Buffer.from(pem), [pem], [parties().stampRoot.der, pem]]) expect(check(plain, { roots, at: AT }).levels.anchored).toBe('yes');
    const other = check(plain, { roots: parties().stampRoot.der, at: AT });
    expect([words(other.levels), codes(other)]).toEqual(['yes yes no unknown', ['chain']]);
    expect(check(plain, { roots: [], at: AT }).levels.anchored).toBe('no');
    expect(inspectSync(plain).binaries[0]?.signatureCheck).toBeNull();
    expect(inspectSync(plain, { signatures: false }).binaries[0]?.signatureCheck).toBeNull();
  });

  it('counts the time by a stamp that holds and is anchored, else by the word given, else by the clock', () => {
    const late = { ...ROOTS, at: '2027-01-01' };
    expect(words(check(plain, late).levels)).toBe('yes yes yes yes');
    const unanchored = check(plain, { ...late, tsaRoots: parties().root.der });
    expect([words(unanchored.levels), unanchored.at, codes(unanchored)]).toEqual(['yes yes yes no', { time: '2027-01-01T00:00:00Z', from: 'given' }, ['(timestamp)', 'not-in-time']]);
    const bare = made();
    expect(words(check(bare, { ...ROOTS, at: new Date('2023-06-01') }).levels)).toBe('yes yes yes no');
    expect(check(bare, { roots: parties().root.der }).at?.from).toBe('clock');
    const bad = check(made({ stamps: ['rfc3161'], stampTime: '2019-01-01T00:00:00Z' }));
    expect([bad.at?.from, codes(bad)]).toEqual(['given', ['(timestamp)']]);
  });

  it('is not prolonged by a stamp where its certificate forbids that', () => {
    const people = parties();
    const signer = certificate({ subject: [['CN', 'Once']], key: keyOf('rsa', 'once'), issuer: people.intermediate, purposes: [CODE_SIGNING, '1.3.6.1.4.1.311.10.3.13'], notBefore: '2024-01-01T00:00:00Z', notAfter: '2026-01-01T00:00:00Z' });
    const found = check(made({ parties: { ...people, signer }, stamps: ['rfc3161'] }), { ...ROOTS, at: '2027-01-01' });
    expect([found.levels.inTime, found.at?.from]).toEqual(['no', 'given']);
  });

  it('comes with the SHA-256 of the file, and is the same from every source', async () => {
    const expected = inspectSync(plain, { signatures: ROOTS, hash: true });
    expect(expected.sha256).toBe(digest('sha256', plain).toString('hex'));
    const source = { size: plain.length, read: async (at: number, length: number) => plain.slice(at, at + length) };
    for (const input of [plain, source, new Blob([Uint8Array.from(plain)])]) {
      for (const windowBytes of [512, 8192]) expect(await inspect(input, { signatures: ROOTS, hash: true, limits: { windowBytes, fetches: 10_000 } })).toEqual(expected);
    }
  });
});

describe('what is no signature', () => {
  it.each([
    ['no directory entry', plainPe()],
    ['too few directories', buildPe({ directoryCount: 4, sections: [{ address: 0x1000, data: [1, 2, 3] }] })],
  ])('absent: %s', (_, bytes) => {
    const found = check(bytes);
    expect([found.state, words(found.levels), found.signatures, found.notChecked]).toEqual(['absent', 'none none none none', [], ['catalogue']]);
  });

  const table = certificateEntry(authenticodeMessage(plainPe()));
  it.each([
    ['past the end', withTable(plainPe(), table, { size: table.length + 8 }), 'table-outside'],
    ['far outside', withTable(plainPe(), table, { offset: 0xffff_fff0 }), 'table-outside'],
    ['over the headers', withTable(plainPe(), table, { offset: 0x40 }), 'table-outside'],
    ['an entry longer than the table', withTable(plainPe(), certificateEntry(Buffer.alloc(64), 2, 0x200, 0xffff_ffff)), 'table-outside'],
    ['an entry of no bytes', withTable(plainPe(), Buffer.alloc(64)), 'table-outside'],
    ['no DER', withTable(plainPe(), certificateEntry(Buffer.alloc(64, 0xff))), 'not-der'],
    ['another kind of message', withTable(plainPe(), certificateEntry(Buffer.from('3010060b2a864886f70d010907030280', 'hex'))), 'not-der'],
    ['no entry that Windows knows', withTable(plainPe(), certificateEntry(Buffer.alloc(64), 0xef1)), 'entry-type'],
    ['a table of four bytes', withTable(plainPe(), Buffer.alloc(4)), 'entry-type'],
  ])('damaged: %s', (_, bytes, code) => {
    const found = check(bytes);
    expect([found.state, words(found.levels)]).toEqual(['damaged', 'unknown unknown unknown unknown']);
    expect(codes(found)).toContain(code);
    expect(check(bytes, true).levels.anchored).toBe('not-asked');
  });
});

describe('tampering', () => {
  const good = made({ stamps: ['rfc3161'] });
  const fields = fieldsOf(good);
  const image = plainPe();
  const at = image.length;

  it.each([
    ['a bit of code', flip(good, 0x500)],
    ['TimeDateStamp', flip(good, 0x88)],
    ['the DOS stub', flip(good, 0x50)],
    ['the last byte of the image', flip(good, at - 1)],
  ])('%s: not intact, though signed', (_, bytes) => {
    const found = check(bytes);
    expect([words(found.levels), codes(found)]).toEqual(['no yes yes yes', ['(checksum)', 'digest-mismatch']]);
    expect(found.problems.find(({ code }) => code === 'digest-mismatch')).toMatchObject({ size: 32, item: 0 });
  });

  it('the checksum: intact, and said', () => {
    const found = check(flip(good, fields.checksum));
    expect([words(found.levels), codes(found)]).toEqual(['yes yes yes yes', ['(checksum)']]);
    expect(found.problems[0]).toMatchObject({ offset: fields.checksum, size: 4 });
    const unset = good.slice();
    unset.fill(0, fields.checksum, fields.checksum + 4);
    expect(check(unset).problems).toEqual([]);
  });

  it('bytes behind the table', () => {
    const found = check(Buffer.concat([good, Buffer.alloc(16, 1)]));
    expect([words(found.levels), codes(found)]).toEqual(['no yes yes yes', ['bytes-after-table', '(checksum)', 'digest-mismatch']]);
    expect(found.problems[0]).toMatchObject({ offset: good.length, size: 16 });
  });

  it('bytes in the entry behind the message', () => {
    const message = authenticodeMessage(image);
    const rest = (bytes: Uint8Array): SignatureCheck => check(withTable(image, certificateEntry(Buffer.concat([message, bytes]))));
    const found = rest(Buffer.alloc(64));
    expect([words(found.levels), codes(found)]).toEqual(['yes yes yes yes', ['(bytes-in-entry)']]);
    expect(found.signatures[0]?.unauthenticatedBytes).toBe(Math.ceil((message.length + 64) / 8) * 8 - message.length);
    expect(found.problems[0]).toMatchObject({ offset: at + 8 + message.length, size: found.signatures[0]?.unauthenticatedBytes });
    if (message.length % 8 !== 0) expect(codes(rest(Buffer.from([1])))).toEqual(['(bytes-in-entry)']);
  });

  it('a second entry, of another kind or a signature, and another revision', () => {
    const entry = certificateEntry(authenticodeMessage(image));
    const second = check(withTable(image, Buffer.concat([entry, certificateEntry(Buffer.alloc(24), 8)])));
    expect([words(second.levels), codes(second)]).toEqual(['yes yes yes yes', ['(entry-type)']]);
    expect(second.problems[0]).toMatchObject({ offset: at + entry.length, size: 32 });
    const twice = check(withTable(image, Buffer.concat([entry, certificateEntry(authenticodeMessage(image, { image: Buffer.alloc(32) }))])));
    expect([words(twice.levels), codes(twice), twice.signatures.length]).toEqual(['no yes yes yes', ['(entry-type)', 'digest-mismatch'], 2]);
    expect(codes(check(withTable(image, certificateEntry(authenticodeMessage(image), 2, 0x100))))).toEqual(['(entry-type)']);
  });

  it("the signature's value: not signed, and its stamp is over another", () => {
    const message = check(good);
    expect(message.problems).toEqual([]);
    const stamp = find(good, Buffer.from('060a2b060104018237030301', 'hex')); // the attribute behind the value
    const found = check(flip(good, stamp - 40));
    expect([words(found.levels), codes(found)]).toEqual(['yes no yes yes', ['(checksum)', 'signature-value', '(timestamp)']]);
    expect(found.problems.find(({ code }) => code === 'signature-value')?.size).toBe(256);
    expect(check(flip(good, stamp - 40), { ...ROOTS, at: '2027-01-01' }).levels.inTime).toBe('no');
  });

  it('the digest in the content: neither intact nor signed', () => {
    const found = check(flip(good, find(good, imageDigest(image, 'sha256'))));
    expect([words(found.levels), codes(found)]).toEqual(['no no yes yes', ['(checksum)', 'message-digest', 'digest-mismatch']]);
  });

  it('a hundred bytes of an attribute that nobody knows', () => {
    const found = check(made({ unsigned: [strangeAttribute(100)] }));
    expect([words(found.levels), codes(found)]).toEqual(['yes yes yes yes', ['(unsigned-attribute)']]);
    expect(found.signatures[0]?.unsignedAttributes).toMatchObject([{ oid: '1.3.6.1.4.1.99999.1', size: found.problems[0]?.size }]);
  });

  it("another file's table: signed and anchored, not intact", () => {
    const other = plainPe().slice();
    other[0x600] = 0xee;
    const found = check(withTable(other, certificateEntry(authenticodeMessage(image))));
    expect([words(found.levels), codes(found)]).toEqual(['no yes yes yes', ['digest-mismatch']]);
  });

  it('bytes before the table', () => {
    expect(words(check(withTable(Buffer.concat([image, Buffer.alloc(16)]), certificateEntry(authenticodeMessage(image)))).levels)).toBe('no yes yes yes');
  });

  it('a length that breaks', () => {
    const found = check(flip(good, at + 8 + 1, 0x40));
    expect([found.state, codes(found)]).toEqual(['damaged', ['not-der']]);
    expect(found.problems[0]?.offset).toBeGreaterThanOrEqual(at + 8);
  });

  it("the signer's certificate", () => {
    const { der } = parties().signer;
    const key = find(good, parties().signer.key.spki);
    const found = check(flip(good, key + 60));
    expect([found.levels.signed, found.levels.anchored]).toEqual(['no', 'no']);
    const broken = check(flip(good, find(good, der) + 5, 0x40));
    expect([broken.levels.intact, broken.levels.signed, codes(broken).includes('(not-der)'), codes(broken).includes('no-certificate')]).toEqual(['yes', 'no', true, true]);
  });

  it('the time stamp', () => {
    const stamped = find(good, Buffer.from('20250301120000.25Z')) === -1 ? find(good, Buffer.from('20250301120000.250Z')) : find(good, Buffer.from('20250301120000.25Z'));
    expect(stamped).toBeGreaterThan(0);
    const found = check(flip(good, stamped + 3), { ...ROOTS, at: '2027-01-01' });
    expect([words(found.levels), codes(found)]).toEqual(['yes yes yes no', ['(checksum)', '(timestamp)', 'not-in-time']]);
    expect(found.signatures[0]?.timestamps[0]).toMatchObject({ signed: 'no' });
  });

  it('nested: one that fails spoils the whole, one that is damaged too', () => {
    const outer = { hash: 'sha1', unsigned: [] } as const;
    const inner = authenticodeMessage(image, { image: Buffer.alloc(32) });
    const nestedAttribute = (value: Uint8Array): AuthenticodeOptions => ({ ...outer, unsigned: [attribute('1.3.6.1.4.1.311.2.4.1', value)] });
    const failing = check(made(nestedAttribute(inner)));
    expect([words(failing.levels), failing.signatures.map(({ levels: { intact } }) => intact)]).toEqual(['no yes yes yes', ['yes', 'no']]);
    const broken = check(made(nestedAttribute(Buffer.from('300306012a', 'hex'))));
    expect([words(broken.levels), codes(broken)]).toEqual(['unknown yes yes yes', ['not-der']]);
  });

  it('page hashes: bad pages by their place, though the image digest fits', () => {
    const table = pageHashes(image, 'sha256');
    table[36 * 2 + 10] = (table[36 * 2 + 10] as number) ^ 1;
    const found = check(made({ pageTable: table }));
    expect([words(found.levels), codes(found)]).toEqual(['no yes yes yes', ['page-mismatch']]);
    expect(found.signatures[0]?.pageHashes?.bad).toEqual([{ index: 2, offset: 0x1200, size: 0x1000 }]);
    expect(found.problems[0]).toMatchObject({ offset: 0x1200, size: 0x1000 });
    expect(codes(check(made({ pageTable: table.subarray(0, 36 * 4) })))).toContain('page-mismatch');
    expect(codes(check(made({ pageTable: table.subarray(0, 100) })))).toEqual(['page-mismatch']);
    const code = check(flip(made({ pages: true }), 0x1500));
    expect(code.signatures[0]?.pageHashes?.bad).toEqual([{ index: 2, offset: 0x1200, size: 0x1000 }]);
  });

  it('several signers are none', () => {
    const found = check(made({ signers: 2 }));
    expect([words(found.levels), codes(found)]).toEqual(['yes unknown unknown unknown', ['several-signers']]);
  });

  it('gaps between sections: the digest that firmware computes', () => {
    const data = new Array<number>(0x200).fill(7);
    const gapped = buildPe({ sections: [{ address: 0x1000, data, offset: 0x600 }, { name: '.b', address: 0x2000, data, offset: 0x1000 }], trailer: new Array<number>(0x400).fill(9) });
    const { checksum, directory, headersSize } = fieldsOf(gapped);
    const hashed = headersSize + 0x400;
    const sectionWise = digest('sha256', gapped.subarray(0, checksum), gapped.subarray(checksum + 4, directory), gapped.subarray(directory + 8, headersSize), gapped.subarray(0x600, 0x800), gapped.subarray(0x1000, 0x1200), gapped.subarray(hashed));
    const found = check(signPe(gapped, { image: sectionWise }));
    expect([words(found.levels), found.signatures[0]?.digest.method, codes(found)]).toEqual(['yes yes yes yes', 'section-wise', ['(section-wise)']]);
    expect(check(signPe(gapped)).signatures[0]?.digest.method).toBe('flat');
    expect(words(check(signPe(gapped, { image: Buffer.alloc(32) })).levels)).toBe('no yes yes yes');
  });

  it('checksums of every length', () => {
    for (const extra of [0, 1, 2, 3, 5, 4099]) {
      const bytes = Buffer.concat([plainPe(), Buffer.alloc(extra, 0xee)]);
      const table = certificateEntry(authenticodeMessage(bytes));
      expect(check(withTable(bytes, table)).problems.filter(({ code }) => code === 'checksum')).toEqual([]);
    }
    expect(checksumOf(plainPe())).toBeGreaterThan(plainPe().length);
  });
});
