// Mach-O seals, on files made for the purpose: what is said of good ones, and of every way to tamper with them.

import { describe, expect, it } from 'vitest';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import type { MachOBinary } from '../src/model/binary.ts';
import type { Levels, SignatureCheck } from '../src/model/signature.ts';
import { readCertificate } from '../src/pki/x509.ts';
import type { X509 } from '../src/pki/x509.ts';
import { appleKind, isAppleRoot } from '../src/signature/apple-kinds.ts';
import type { SignatureOptions } from '../src/signature/settings.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO } from './build/macho.ts';
import { digest } from './build/pki.ts';
import type { Certificate } from './build/pki.ts';
import { blob, designated, developer, entitlementsDer, entitlementsXml, plist, requirement, requirements, sealedMachO, TEAM } from './build/seal.ts';
import type { SealPlan } from './build/seal.ts';

const AT = '2025-01-01';
const ROOTS: SignatureOptions = { roots: developer().root.der, tsaRoots: developer().stampRoot.der, at: AT };
const check = (bytes: Uint8Array, options: boolean | SignatureOptions = ROOTS): SignatureCheck => inspectSync(bytes, { signatures: options }).binaries[0]?.signatureCheck as SignatureCheck;
const codes = ({ problems }: SignatureCheck): string[] => problems.map(({ code, level }) => (level === null ? `(${code})` : code));
const words = ({ intact, signed, anchored, inTime }: Levels): string => [intact, signed, anchored, inTime].join(' ');
const flip = (bytes: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
};
const BLOBS = new Map<number, Uint8Array>([
  [2, designated('com.example.program')],
  [5, entitlementsXml('com.apple.security.cs.allow-jit')],
  [7, entitlementsDer('com.apple.security.cs.allow-jit')],
]);
const summary = (plan: SealPlan, options: boolean | SignatureOptions = ROOTS): [string, string, string[]] => {
  const found = check(sealedMachO(plan).bytes, options);
  return [found.state, words(found.levels), codes(found)];
};
const GOOD = 'yes yes yes yes';
const SEALED = 'yes none none none';

describe('a sealed image', () => {
  it('says all there is to say', () => {
    const { bytes, directories, signature } = sealedMachO({ blobs: BLOBS, stamp: 'rfc3161' });
    const found = check(bytes);
    expect([found.state, words(found.levels), found.problems]).toEqual(['certificate', GOOD, []]);
    expect(found.at).toEqual({ time: '2025-03-01T12:00:00Z', from: 'timestamp' });
    const cdHash = digest('sha256', directories[0] as Buffer).toString('hex');
    expect(found.codeDirectories).toEqual([
      {
        slot: 0, algorithm: 'sha256', version: 0x2_0500, flags: 0x1_0000, cdHash: cdHash.slice(0, 40), digest: cdHash, codeLimit: signature, pageSize: 4096, codeSlots: 6, badPages: [], covered: 'yes',
        special: [1, 2, 3, 4, 5, 6, 7].map((slot) => ({ slot, state: [2, 5, 7].includes(slot) ? 'ok' : 'empty' })),
      },
    ]);
    const [item] = found.signatures;
    expect(item?.digest).toEqual({ algorithm: 'sha256', signed: cdHash, computed: cdHash, method: 'code-directory' });
    expect(item).toMatchObject({ signingTime: '2025-03-01T11:59:00Z', kind: null, weak: [], timestamps: [{ kind: 'rfc3161', signed: 'yes', anchored: 'yes' }] });
    expect(item?.signer?.subject).toBe(`C=DE, O=Example, OU=${TEAM}, CN=Developer ID Application: Example (${TEAM}), UID=${TEAM}`);
    expect(found.requirements).toEqual([{ type: 'designated', text: 'identifier "com.example.program" and anchor apple generic' }]);
    expect(found.entitlements).toEqual({ keys: { 'com.apple.security.cs.allow-jit': true }, from: 'der', agree: true });
    expect(found.notChecked).toEqual(['revocation', 'notarization', 'bundle-resources', 'system-policy', 'roots-freshness']);
  });

  it.each<[string, SealPlan]>([
    ['indefinite lengths', { indefinite: true }],
    ['no signed attributes', { bare: true }],
    ['unsorted attributes', { unsorted: true }],
    ['a countersignature', { stamp: 'countersignature' }],
    ['keys on P-256', { people: developer('p256') }],
    ['pages of 16 KiB', { pageShift: 14 }],
    ['one page for all', { pageShift: 0 }],
    ['a limit of 64 bits', { limit64: true }],
    ['truncated digests', { kinds: [3] }],
    ['SHA-384', { kinds: [4] }],
    ['SHA-1 and SHA-256, both covered', { kinds: [1, 2] }],
    ['all four', { kinds: [1, 3, 2, 4] }],
    ['the list of cdhashes alone', { kinds: [1, 2], agility: 'plist' }],
    ['the digests in full alone', { kinds: [1, 2], agility: 'digests' }],
    ['no hash agility, one code directory', { agility: 'none' }],
    ['an old version', { version: 0x2_0200 }],
    ['big-endian code', { little: false }],
    ['a reserve that is not zeros', { reserve: 100 }],
    ['code that fills its pages', { codeSize: 0x6000 }],
  ])('is good with %s', (_, plan) => {
    const { people = developer() } = plan;
    expect(summary(plan, { roots: people.root.der, tsaRoots: people.stampRoot.der, at: AT })).toEqual(['certificate', GOOD, []]);
  });

  it('has a state, whatever it is', () => {
    expect(summary({ cms: 'none' })).toEqual(['ad-hoc', SEALED, []]);
    expect(summary({ cms: 'none', flags: 0x2_0002 })).toEqual(['linker-signed', SEALED, []]);
    expect(summary({ cms: 'empty', flags: 0x2 })).toEqual(['ad-hoc', SEALED, []]);
    expect(summary({ cms: 'empty' })).toEqual(['pseudo-signed', SEALED, []]);
    expect(summary({ cms: 'none', flags: 0 })).toEqual(['pseudo-signed', SEALED, []]);
    expect(summary({ flags: 0x2 })).toEqual(['ad-hoc', SEALED, ['(cms-ignored)']]);
    const absent = check(buildMachO());
    expect([absent.state, words(absent.levels), absent.codeDirectories]).toEqual(['absent', 'none none none none', []]);
  });

  it('needs the code directories that count to be covered', () => {
    expect(summary({ kinds: [1, 2], agility: 'none' })).toEqual(['certificate', 'yes no yes yes', ['hash-agility']]);
    expect(check(sealedMachO({ kinds: [1, 2], agility: 'none' }).bytes).codeDirectories.map(({ covered }) => covered)).toEqual(['yes', 'no']);
    expect(summary({ kinds: [1, 2], agility: 'wrong' })).toEqual(['certificate', 'yes no yes yes', ['hash-agility']]);
    const stolen = sealedMachO({ kinds: [1, 2] });
    const alternate = stolen.seal.indexOf(stolen.directories[1] as Buffer);
    const found = check(flip(stolen.bytes, stolen.signature + alternate + 98)); // its identifier
    expect([words(found.levels), found.codeDirectories.map(({ covered }) => covered)]).toEqual(['yes no yes yes', ['no', 'no']]);
  });

  it('judges special slots one by one', () => {
    const special = (plan: SealPlan): string[] => check(sealedMachO(plan).bytes).codeDirectories[0]?.special.map(({ slot, state }) => `${slot} ${state}`) ?? [];
    expect(special({ outside: new Map([[1, Buffer.from('x')], [3, Buffer.from('y')]]) })).toEqual(['1 outside', '2 empty', '3 outside']);
    expect(summary({ outside: new Map([[3, Buffer.from('y')]]) })).toEqual(['certificate', GOOD, []]);
    expect(special({ blobs: BLOBS, unsealed: [5] })).toContain('5 unsealed');
    expect(summary({ blobs: BLOBS, unsealed: [5] })).toEqual(['certificate', GOOD, ['(special-unsealed)']]);
    expect(check(sealedMachO({ blobs: new Map([[5, entitlementsXml('a')]]), unsealed: [5] }).bytes).entitlements).toBeNull();
    const info = plist('<dict><key>CFBundleIdentifier</key><string>com.example</string></dict>');
    expect(special({ infoPlist: info, outside: new Map([[1, info]]) })).toEqual(['1 ok']);
    expect(summary({ infoPlist: info, outside: new Map([[1, Buffer.from('another')]]) })).toEqual(['certificate', 'no yes yes yes', ['special-mismatch']]);
  });

  it('compares entitlements of both kinds, and says which system reads what', () => {
    const entitlements = (...blobs: [number, Uint8Array][]): SignatureCheck => check(sealedMachO({ blobs: new Map(blobs) }).bytes);
    expect(entitlements([5, entitlementsXml('a')]).entitlements).toEqual({ keys: { a: true }, from: 'xml', agree: null });
    const different = entitlements([5, entitlementsXml('a')], [7, entitlementsDer('a', 'b')]);
    expect([different.entitlements, codes(different)]).toEqual([{ keys: { a: true, b: true }, from: 'der', agree: false }, ['(entitlements)']]);
    const spaced = blob(0xfade_7171, Buffer.from('  '), plist('<dict><key>a</key><true/></dict>'));
    expect(entitlements([5, spaced], [7, entitlementsDer('a')]).entitlements?.agree).toBe(true);
    const rich = blob(0xfade_7171, plist('<dict><key>__proto__</key><array><string>a &amp; b</string><integer>-5</integer><data>AQI=</data></array><key>n</key><dict/></dict>'));
    expect(Object.entries(entitlements([5, rich]).entitlements?.keys ?? {})).toEqual([['__proto__', ['a & b', -5, '0102']], ['n', {}]]);
    const broken = entitlements([5, blob(0xfade_7171, Buffer.from('<plist><dict><key>a</key></dict></plist>'))]);
    expect([broken.entitlements, codes(broken)]).toEqual([null, ['(entitlements)']]);
  });

  it('comes with the SHA-256 of the file, and is the same from every source', async () => {
    const { bytes } = sealedMachO({ blobs: BLOBS, stamp: 'rfc3161', kinds: [1, 2] });
    const expected = inspectSync(bytes, { signatures: ROOTS, hash: true, facts: 'all' });
    expect(expected.sha256).toBe(digest('sha256', bytes).toString('hex'));
    const source = { size: bytes.length, read: async (at: number, length: number) => bytes.slice(at, at + length) };
    for (const input of [bytes, source, new Blob([bytes as Uint8Array<ArrayBuffer>])]) {
      for (const windowBytes of [512, 8192]) expect(await inspect(input, { signatures: ROOTS, hash: true, facts: 'all', limits: { windowBytes, fetches: 10_000 } })).toEqual(expected);
    }
  });

  it('is judged slice by slice, with positions from the start of the file', () => {
    const one = sealedMachO({});
    const two = sealedMachO({ cms: 'none', cpuType: 0x0100_000c });
    const fat = buildFat({ slices: [{ bytes: one.bytes, cpuType: 0x0100_0007 }, { bytes: two.bytes, cpuType: 0x0100_000c }] });
    const inspection = inspectSync(fat, { signatures: ROOTS, hash: true });
    expect(inspection.sha256).toBe(digest('sha256', fat).toString('hex'));
    const binaries = inspection.binaries as readonly MachOBinary[];
    expect(binaries.map(({ signatureCheck }) => [signatureCheck?.state, words((signatureCheck as SignatureCheck).levels)])).toEqual([['certificate', GOOD], ['ad-hoc', SEALED]]);
    const second = binaries[1]?.offset as number;
    const bad = inspectSync(flip(fat, second + 0x1234), { signatures: ROOTS }).binaries[1]?.signatureCheck as SignatureCheck;
    expect(bad.codeDirectories[0]?.badPages).toEqual([{ index: 1, offset: second + 0x1000, size: 0x1000 }]);
    expect(bad.problems[0]).toMatchObject({ code: 'page-mismatch', offset: second + 0x1000, size: 0x1000 });
    expect(words((inspectSync(flip(fat, 12), { signatures: ROOTS }).binaries[0]?.signatureCheck as SignatureCheck).levels)).toBe(GOOD); // the cpusubtype in the fat header is not signed
  });
});

describe('tampering', () => {
  const good = sealedMachO({ blobs: BLOBS, stamp: 'rfc3161' });
  const { bytes, signature, seal } = good;
  const directory = signature + seal.indexOf(good.directories[0] as Buffer);
  const inSeal = (part: Uint8Array): number => signature + seal.indexOf(part);

  it('code, and the header: a bad page, by its place', () => {
    const code = check(flip(bytes, 0x1234));
    expect([words(code.levels), codes(code)]).toEqual(['no yes yes yes', ['page-mismatch']]);
    expect(code.problems[0]).toMatchObject({ offset: 0x1000, size: 0x1000, message: expect.stringContaining('page 1, in __TEXT') });
    expect(check(flip(bytes, 24)).codeDirectories[0]?.badPages).toEqual([{ index: 0, offset: 0, size: 0x1000 }]);
    expect(check(flip(bytes, signature - 1)).codeDirectories[0]?.badPages).toEqual([{ index: 5, offset: 0x5000, size: 0x800 }]);
  });

  it("a page's digest: neither intact nor signed", () => {
    const found = check(flip(bytes, directory + (good.directories[0] as Buffer).length - 1));
    expect([words(found.levels), codes(found)]).toEqual(['no no yes yes', ['page-mismatch', 'message-digest', 'hash-agility']]);
    expect(found.codeDirectories[0]?.covered).toBe('no');
  });

  it('the identifier: intact, not signed, another cdhash', () => {
    const found = check(flip(bytes, directory + 98));
    expect([words(found.levels), codes(found)]).toEqual(['yes no yes yes', ['message-digest', 'hash-agility']]);
    expect(found.codeDirectories[0]?.cdHash).not.toBe(check(bytes).codeDirectories[0]?.cdHash);
  });

  it.each([
    ['entitlements', 5, 20],
    ['requirements', 2, 40],
  ])('%s', (_, slot, at) => {
    const found = check(flip(bytes, inSeal(BLOBS.get(slot) as Uint8Array) + at));
    expect([words(found.levels), codes(found).filter((code) => code !== '(entitlements)' && code !== '(requirements)')]).toEqual(['no yes yes yes', ['special-mismatch']]);
    expect(found.problems[0]).toMatchObject({ size: BLOBS.get(slot)?.length });
  });

  it("the message's value: not signed, and its stamp is over another", () => {
    const stamp = inSeal(Buffer.from('060b2a864886f70d010910020e', 'hex'));
    const found = check(flip(bytes, stamp - 40));
    expect([words(found.levels), codes(found)]).toEqual(['yes no yes yes', ['signature-value', '(timestamp)']]);
    const outside = check(flip(bytes, stamp - 40), { ...ROOTS, at: '2027-01-01' });
    expect(outside.levels.inTime).toBe('no');
  });

  it('bytes behind the signature, and in its reserve', () => {
    const found = check(Buffer.concat([bytes, Buffer.alloc(16)]));
    expect([words(found.levels), codes(found)]).toEqual([GOOD, ['(bytes-after-signature)']]);
    expect(found.problems[0]).toMatchObject({ offset: bytes.length, size: 16, message: expect.stringContaining('__LINKEDIT does not end') });
    expect(words(check(flip(bytes, bytes.length - 1)).levels)).toBe(GOOD);
  });

  it('the flag adhoc: the message does not count', () => {
    const found = check(flip(bytes, directory + 15, 2));
    expect([found.state, words(found.levels), codes(found)]).toEqual(['ad-hoc', SEALED, ['(cms-ignored)']]);
  });

  it('a page cut from the limit', () => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(signature - 0x1000, directory + 32);
    copy.writeUInt32BE(5, directory + 28);
    const found = check(copy);
    expect([words(found.levels), codes(found)]).toEqual(['no no yes yes', ['code-limit', 'page-mismatch', 'message-digest', 'hash-agility']]);
    expect(found.problems[0]).toMatchObject({ offset: signature - 0x1000, size: 0x1000 });
    expect(codes(check(sealedMachO({ limit: 0x5000 }).bytes))).toEqual(['code-limit']);
  });

  it('entitlements in DER hidden from the index', () => {
    expect(summary({ blobs: BLOBS, hidden: [7] })).toEqual(['certificate', 'no yes yes yes', ['special-missing']]);
  });

  it('a load command renamed, signatures that can not be read', () => {
    const command = Buffer.from(bytes).indexOf(Buffer.from([0x1d, 0, 0, 0, 16, 0, 0, 0]));
    expect(check(flip(bytes, command, 0x02)).state).toBe('absent');
    const damaged = (at: number, mask = 0x80): [string, string, string[]] => {
      const found = check(flip(bytes, at, mask));
      return [found.state, words(found.levels), codes(found)];
    };
    const UNKNOWN = ['damaged', 'unknown unknown unknown unknown', ['code-signature']];
    expect(damaged(command + 8 + 3)).toEqual(UNKNOWN); // dataoff
    expect(damaged(signature)).toEqual(UNKNOWN); // the magic
    expect(damaged(signature + 4)).toEqual(UNKNOWN); // the length
    expect(damaged(signature + 8)).toEqual(UNKNOWN); // the count
    expect(damaged(signature + 16)).toEqual(UNKNOWN); // where the first blob lies
    expect(damaged(directory)).toEqual(UNKNOWN);
    expect(damaged(directory + 4)).toEqual(UNKNOWN);
    expect(damaged(directory + 36, 1)).toEqual(UNKNOWN); // hashSize
    expect(damaged(directory + 24)).toEqual(UNKNOWN); // nSpecialSlots
    const cms = inSeal(Buffer.from([0xfa, 0xde, 0x0b, 0x01]));
    expect(damaged(cms)).toEqual(UNKNOWN);
    const message = check(flip(bytes, cms + 9, 0x40));
    expect([message.state, words(message.levels), codes(message)]).toEqual(['damaged', 'yes unknown unknown unknown', ['not-der']]);
  });

  it('two code directories of one kind, and a slot that stands twice', () => {
    expect(summary({ kinds: [2, 2] })[0]).toBe('damaged');
    const dual = sealedMachO({ kinds: [1, 2] });
    const entry = dual.signature + 12 + 8;
    const copy = Buffer.from(dual.bytes);
    copy.writeUInt32BE(0, entry);
    expect(check(copy).state).toBe('damaged');
  });

  it('an ad-hoc seal is intact again once its digests are computed anew: it proves nothing of who made it', () => {
    const original = sealedMachO({ cms: 'none', flags: 0x2_0002 });
    expect(words(check(flip(original.bytes, 0x1234)).levels)).toBe('no none none none');
    const again = check(sealedMachO({ cms: 'none', flags: 0x2_0002, identifier: 'com.example.forgeries' }).bytes);
    expect(words(again.levels)).toBe(SEALED);
    expect(again.codeDirectories[0]?.cdHash).not.toBe(check(original.bytes).codeDirectories[0]?.cdHash);
  });
});

describe("Apple's kinds", () => {
  const { signer, intermediate, root } = developer();
  const read = (...list: readonly Certificate[]): X509[] => list.map(({ der }) => readCertificate(Uint8Array.from(der)));

  it('go by the marks of the path, and count below the roots of Apple alone', () => {
    expect(appleKind(read(signer, intermediate, root))).toMatchObject({ kind: 'developer-id', developer: true });
    expect(appleKind(read(signer, root))).toBeNull();
    expect(appleKind(read(root))).toBeNull();
    expect(check(sealedMachO({}).bytes).signatures[0]?.kind).toBeNull();
    expect(isAppleRoot(digest('sha256', root.der).toString('hex'))).toBe(false);
    expect(isAppleRoot('b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024')).toBe(true);
  });
});

describe('requirements as text', () => {
  const { op, data, words: w } = requirement;
  const marker = (last: string): Buffer => Buffer.from(`2a864886f7636406${last}`, 'hex');
  const text = (expression: Uint8Array): string | undefined => check(sealedMachO({ cms: 'none', blobs: new Map([[2, requirements([3, expression])]]) }).bytes).requirements[0]?.text;
  const id = op(2, data('abc'));
  it.each<[string, Uint8Array]>([
    ['never', w(0)],
    ['always', w(1)],
    ['identifier abc', id],
    ['identifier "com.example.a\\"b"', op(2, data('com.example.a"b'))],
    ['identifier "9x"', op(2, data('9x'))],
    ['identifier "anchor"', op(2, data('anchor'))],
    ['identifier 0xff00', op(2, data(Buffer.from([0xff, 0])))],
    ['anchor apple', w(3)],
    ['anchor apple generic', w(15)],
    ['anchor trusted', w(13)],
    ['certificate root = H"0102"', op(4, w(-1), data(Buffer.from([1, 2])))],
    ['certificate leaf = H"0102"', op(4, w(0), data(Buffer.from([1, 2])))],
    ['cdhash H"0102"', op(8, data(Buffer.from([1, 2])))],
    ['info[a.b] = c', op(5, data('a.b'), data('c'))],
    ['info[CFBundleVersion] >= "1.2"', op(10, data('CFBundleVersion'), w(8), data('1.2'))],
    ['certificate leaf[subject.OU] = TEAM123456', op(11, w(0), data('subject.OU'), w(1), data('TEAM123456'))],
    ['certificate leaf[subject.OU] = "97JCY7859U"', op(11, w(0), data('subject.OU'), w(1), data('97JCY7859U'))],
    ['certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */', op(14, w(1), data(marker('0206')), w(0))],
    ['certificate leaf[field.1.2.840.113635.100.6.1.33] >= timestamp "20200101000000Z"', op(14, w(0), data(marker('0121')), w(13), w(0), w((Date.UTC(2020, 0, 1) - Date.UTC(2001, 0, 1)) / 1000))],
    ['certificate leaf[policy.1.2.840.113635.100.6.1] absent', op(17, w(0), data(Buffer.from('2a864886f763640601', 'hex')), w(14))],
    ['entitlement[a] = *b', op(16, data('a'), w(4), data('b'))],
    ['certificate 2 trusted', op(12, w(2))],
    ['anchor apple abc', op(18, data('abc'))],
    ['(abc)', op(19, data('abc'))],
    ['platform = 6', op(20, w(6))],
    ['notarized', w(21)],
    ['legacy', w(23)],
    ['! identifier abc', op(9, id)],
    ['! (identifier abc and always)', op(9, op(6, id, w(1)))],
    ['identifier abc and (always or never)', op(6, id, op(7, w(1), w(0)))],
    ['identifier abc and always or never', op(7, op(6, id, w(1)), w(0))],
    ['always /* unknown operator 99 */', op(0x8000_0063, data('x'))],
  ])('%s', (wanted, expression) => expect(text(expression)).toBe(wanted));

  it.each<[string, Uint8Array]>([
    ['an operator that is not known', w(99)],
    ['an expression that ends early', op(6, id)],
    ['text that runs past the end', op(2, w(1000))],
    ['a hundred operators within one another', Buffer.concat([...Array.from({ length: 100 }, () => w(9)), w(1)])],
  ])('leaves out %s, and says so', (_, expression) => {
    const found = check(sealedMachO({ cms: 'none', blobs: new Map([[2, requirements([3, expression])]]) }).bytes);
    expect([found.requirements, codes(found)]).toEqual([[], ['(requirements)']]);
  });
});
