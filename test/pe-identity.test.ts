// Which build a PE file is, what comes behind it, and what hides it: every fact where it is there, where it is not, and where it can't be told.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { LIMITS } from '../src/limits.ts';
import type { Facts, PeBinary } from '../src/model/binary.ts';
import type { VersionResource } from '../src/model/identity.ts';
import { CERTIFICATE_TYPE, DEBUG_TYPE, DIRECTORY, RESOURCE_TYPE } from '../src/pe/constants.ts';
import { readPe } from '../src/pe/facts/binary.ts';
import { buildPe, bytesOf, rsds, text, versionBlock, words } from './build/pe.ts';
import type { PePlan, ResourcePlan, SectionPlan } from './build/pe.ts';
import { fixtureBytes } from './fixtures.ts';

const readRaw = (bytes: Uint8Array, depth: Facts = 'all'): PeBinary => readBytes(bytes, (input) => readPe(input, depth), LIMITS);
const read = (plan: PePlan, depth: Facts = 'all'): PeBinary => readRaw(buildPe(plan), depth);
const codes = ({ warnings }: PeBinary): string[] => warnings.map(({ code }) => code);
const fixture = (name: string, depth: Facts = 'all'): PeBinary => readRaw(fixtureBytes(name), depth);
const GUID = [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
const GUID_TEXT = '00112233-4455-6677-8899-AABBCCDDEEFF';

describe('PDB', () => {
  const nb10 = (path: string): number[] => [...text('NB10').slice(0, 4), ...words(0, 0x3a5b_c9d2, 0x10), ...text(path)];
  const codeView = (data: readonly number[]): PePlan => ({ debug: [{ type: DEBUG_TYPE.CODEVIEW, data }] });
  it.each<[string, PePlan, string | null, string | null, number | null]>([
    ['RSDS', codeView(rsds(GUID, 26, 'C:\\a\\b.pdb')), 'C:\\a\\b.pdb', GUID_TEXT, 26],
    ['RSDS without a path', codeView(rsds(GUID, 1, '')), null, GUID_TEXT, 1],
    ['RSDS of zeros', codeView(rsds(new Array<number>(16).fill(0), 0, 'a.pdb')), 'a.pdb', null, null],
    ['NB10', codeView(nb10('a.pdb')), 'a.pdb', null, 16],
    ['NB09', codeView(text('NB09')), null, null, null],
    ['no debug directory', {}, null, null, null],
  ])('%s', (_, plan, pdbPath, pdbGuid, pdbAge) => {
    for (const depth of ['main', 'all'] as const) {
      const binary = read(plan, depth);
      expect(binary.identity).toMatchObject({ pdbPath, pdbGuid, pdbAge });
      for (const [fact, value] of Object.entries({ pdbPath, pdbGuid, pdbAge })) expect(binary.because[`identity.${fact}`] !== undefined, fact).toBe(value !== null);
    }
  });
});

describe('time stamp', () => {
  const repro: PePlan = { debug: [{ type: DEBUG_TYPE.REPRO, data: [], size: 0 }] };
  it.each<[string, PePlan, number | null, boolean | null]>([
    ['a time', { timestamp: 1_700_000_000 }, 1_700_000_000, false],
    ['none', { timestamp: 0 }, null, false],
    ['one that was erased', { timestamp: 0xffff_ffff }, null, false],
    ['a hash', { timestamp: 1_700_000_000, ...repro }, null, true],
    ['a debug directory that is not there', { timestamp: 1_700_000_000, directories: { [DIRECTORY.DEBUG]: [0x9_0000, 28] } }, null, null],
  ])('%s', (_, plan, timestamp, reproducible) => {
    const binary = read(plan);
    expect(binary.identity).toMatchObject({ timestamp, reproducible });
    expect(binary.because['identity.reproducible']).toMatch(reproducible === null ? /^unknown: / : /REPRO/);
    expect(binary.pe.timestamp).toBe(plan.timestamp); // as written, whatever it is
  });

  it('of a packed file is not known to be one', () => {
    const sections: SectionPlan[] = [{ name: '.MPRESS1', address: 0x1000, data: [1] }, { name: '.MPRESS2', address: 0x2000, data: [1] }];
    expect(read({ timestamp: 1_700_000_000, sections }).identity).toMatchObject({ timestamp: null, reproducible: null });
  });
});

const FIXED = [...words(0xfeef_04bd, 0x1_0000, 0x000a_0000, 0x4a61_0001, 0x0001_0002, 0x0003_0004), ...new Uint8Array(28)];
const table = (language: string, values: Readonly<Record<string, string>>): number[] =>
  versionBlock(language, '', Object.entries(values).map(([key, value]) => versionBlock(key, value)));
const info = (...tables: readonly (readonly number[])[]): number[] => versionBlock('StringFileInfo', '', tables);
const version = (...blocks: readonly (readonly number[])[]): number[] => versionBlock('VS_VERSION_INFO', FIXED, blocks);
const VALUES = { CompanyName: 'Müller', FileDescription: 'Does things', FileVersion: '1.2', OriginalFilename: 'a.exe', ProductName: 'Thing', ProductVersion: '3.4 🜚' };
const WHOLE = version(info(table('040904b0', VALUES)), versionBlock('VarFileInfo', '', [versionBlock('Translation', words(0x04b0_0409))]));
const EXPECTED: VersionResource = {
  fileVersion: '1.2',
  productVersion: '3.4 🜚',
  productName: 'Thing',
  companyName: 'Müller',
  fileDescription: 'Does things',
  originalFilename: 'a.exe',
  fixedFileVersion: '10.0.19041.1',
  fixedProductVersion: '1.2.3.4',
};
const NOTHING = Object.fromEntries(Object.keys(EXPECTED).map((key) => [key, null]));
const resource = (data: readonly number[]): PePlan => ({ resources: { [RESOURCE_TYPE.VERSION]: { 1: { 0x409: data } } } });
const versionOf = (plan: PePlan): VersionResource | null => read(plan).identity.version;

describe('version resource', () => {
  it('is read with all facts, and not with the main ones', () => {
    expect(versionOf(resource(WHOLE))).toEqual(EXPECTED);
    expect(read(resource(WHOLE)).because['identity.version']).toBeTruthy();
    expect(read(resource(WHOLE), 'main').identity.version).toBeNull();
    expect(read({}).identity.version).toBeNull();
    expect(read({}).warnings).toEqual([]);
  });

  it('is found among other resources', () => {
    const others: ResourcePlan = { 3: { 1: { 0: [1, 2, 3] }, 2: { 0: [1] } }, [RESOURCE_TYPE.VERSION]: { 1: { 0: WHOLE } }, 24: { 1: { 0: [1] } } };
    expect(versionOf({ resources: others })).toEqual(EXPECTED);
    expect(versionOf({ resources: { 3: { 1: { 0: [1] } }, 24: { 1: { 0: [1] } } } })).toBeNull();
  });

  it('is told in the first language', () => {
    const resources = { [RESOURCE_TYPE.VERSION]: { 1: { 0x407: version(info(table('040704b0', { FileVersion: 'erste' }))), 0x409: WHOLE } } };
    expect(versionOf({ resources })?.fileVersion).toBe('erste');
    const tables = version(info(table('040704b0', { FileVersion: 'erste' }), table('040904b0', { FileVersion: 'second', ProductName: 'p' })));
    expect(versionOf(resource(tables))).toMatchObject({ fileVersion: 'erste', productName: null });
  });

  it.each<[string, number[], Partial<VersionResource>]>([
    ['the fixed part alone', version(), { ...NOTHING, fixedFileVersion: '10.0.19041.1', fixedProductVersion: '1.2.3.4' }],
    ['strings alone', versionBlock('VS_VERSION_INFO', [], [info(table('000004b0', VALUES))]), { ...EXPECTED, fixedFileVersion: null, fixedProductVersion: null }],
    ['a fixed part that is none', versionBlock('VS_VERSION_INFO', new Array<number>(52).fill(1), []), NOTHING],
    ['VarFileInfo before StringFileInfo', version(versionBlock('VarFileInfo', '', []), info(table('040904b0', VALUES))), EXPECTED],
    ['an empty table', version(info(table('040904b0', {}))), { fileVersion: null }],
    ['no table', version(info()), { fileVersion: null }],
    ['an empty string', version(info(table('040904b0', { FileVersion: '', ProductName: 'p' }))), { fileVersion: '', productName: 'p' }],
    ['half of a surrogate pair', version(info(table('040904b0', { FileVersion: 'a\ud83d' }))), { fileVersion: 'a\ufffd' }],
    ['a mark of the order of bytes', version(info(table('040904b0', { FileVersion: '\ufeffa' }))), { fileVersion: '\ufeffa' }],
    ['one key twice', version(info(versionBlock('040904b0', '', [versionBlock('FileVersion', 'a'), versionBlock('FileVersion', 'b')]))), { fileVersion: 'a' }],
  ])('%s', (_, data, expected) => {
    const binary = read(resource(data));
    expect(binary.identity.version).toMatchObject(expected);
    expect(binary.warnings).toEqual([]);
  });

  it('a length of a value in bytes is taken as well as one in characters', () => {
    const inBytes = versionBlock('FileVersion', 'abc').map((byte, i) => (i === 2 ? 8 : byte));
    expect(versionOf(resource(version(info(versionBlock('040904b0', '', [inBytes, versionBlock('ProductName', 'p')])))))).toMatchObject({ fileVersion: 'abc', productName: 'p' });
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['five bytes', WHOLE.slice(0, 5)],
    ['zeros', new Array<number>(100).fill(0)],
    ['another key', versionBlock('VS_VERSION_INFX', FIXED)],
    ['a length of 5', [...bytesOf(5, 2), ...WHOLE.slice(2)]],
  ])('of %s is none, with a warning', (_, data) => {
    const binary = read(resource(data));
    expect(binary.identity.version).toBeNull();
    expect(codes(binary)).toEqual(['version-resource']);
  });

  it('ends where it says, or where its bytes do', () => {
    for (let size = 6; size < WHOLE.length; size++) {
      const { version: found } = read(resource(WHOLE.slice(0, size))).identity;
      const claimed = read(resource([...bytesOf(size, 2), ...WHOLE.slice(2)])).identity.version;
      expect(claimed, `length ${size}`).toEqual(found);
      for (const [key, value] of Object.entries(found ?? {})) {
        expect(EXPECTED[key as keyof VersionResource], `${key} of ${size} bytes`).toContain(value?.replace('\ufffd', '') ?? '');
      }
    }
  });
});

describe('the tree of resources', () => {
  /** The tree alone in a section of its own, with the directory pointing at it. */
  const tree = (...data: readonly number[]): PePlan => ({ sections: [{ address: 0x4000, data }], directories: { [DIRECTORY.RESOURCE]: [0x4000, data.length] } });
  const folder = (count: number): number[] => [...words(0, 0, 0), ...bytesOf(0, 2), ...bytesOf(count, 2)];
  const DOWN = 0x8000_0000;

  it('P25: one that leads back to its root', () => {
    expect(read(tree(...folder(1), ...words(16, DOWN)))).toMatchObject({ identity: { version: null }, warnings: [] });
    expect(read(tree(...folder(2), ...words(16, DOWN, 16, DOWN + 0x20), ...folder(1), ...words(1, DOWN)))).toMatchObject({ identity: { version: null }, warnings: [] });
  });

  it('P25: one that is deeper than three levels, or less deep', () => {
    const deeper: ResourcePlan = { 16: { 1: { 0x409: { 1: WHOLE } } } };
    const flatter: ResourcePlan = { 16: { 1: WHOLE } };
    const flat: ResourcePlan = { 16: WHOLE };
    for (const resources of [deeper, flatter, flat]) expect(read({ resources })).toMatchObject({ identity: { version: null }, warnings: [] });
    expect(versionOf({ resources: { 16: { 1: { 7: { 1: [1] }, 9: WHOLE } } } })).toEqual(EXPECTED); // past what leads nowhere
  });

  it('P25: one that claims more entries than there are', () => {
    const binary = read(tree(...folder(0xffff), ...words(16, DOWN)));
    expect(binary.identity.version).toBeNull();
    expect(codes(binary)).toEqual(['resources-unmapped']);
    const wide = read({ ...tree(...folder(0xffff)), sections: [{ address: 0x4000, data: folder(0xffff), virtualSize: 0x10_0000 }] });
    expect(codes(wide)).toEqual(['limit-exceeded']);
  });

  it('P25: one that is not there, nor its data', () => {
    expect(codes(read({ directories: { [DIRECTORY.RESOURCE]: [0x9_0000, 100] } }))).toEqual(['resources-unmapped']);
    const leaf = (address: number, size: number): PePlan =>
      tree(...folder(1), ...words(16, DOWN + 24), ...folder(1), ...words(1, DOWN + 48), ...folder(1), ...words(9, 72), ...words(address, size, 0, 0));
    expect(codes(read(leaf(0x9_0000, 100)))).toEqual(['version-resource']);
    expect(codes(read(leaf(0x4000, 0xffff_ffff)))).toEqual(['version-resource']);
    expect(codes(read(tree(...folder(1), ...words(16, DOWN + 24), ...folder(1), ...words(1, DOWN + 48), ...folder(1), ...words(9, 0x7fff_fff0))))).toEqual(['resources-unmapped']);
  });

  it('directories that all name one another end', () => {
    const each = 16 + 64 * 8;
    const all = Array.from({ length: 64 }, () => [...folder(64), ...Array.from({ length: 64 }, (_, i) => words(16, DOWN + i * each)).flat()]).flat();
    expect(read(tree(...all)).identity.version).toBeNull();
  });
});

/** An entry of a certificate table, filled up to a multiple of 8. */
function certificate(type: number, length = 30, size = length + 8): number[] {
  const bytes = [...words(size), ...bytesOf(0x200, 2), ...bytesOf(type, 2), ...new Array<number>(length).fill(0x30)];
  while (bytes.length % 8 !== 0) bytes.push(0);
  return bytes;
}

interface Tail {
  /** Bytes between the image and the certificate table. */
  between?: number;
  certificates?: readonly number[];
  /** Bytes behind it. */
  behind?: number;
  /** What the directory says of the table, where that is not so. */
  offset?: number;
  size?: number;
}

const PLAIN: PePlan = { sections: [{ address: 0x1000, data: [0xc3] }] };
const END = buildPe(PLAIN).length;

/** A file with a certificate table. */
function signed({ between = 0, certificates = certificate(CERTIFICATE_TYPE.PKCS_SIGNED_DATA), behind = 0, offset = END + between, size = certificates.length }: Tail): PeBinary {
  const image = buildPe({ ...PLAIN, directories: { [DIRECTORY.SECURITY]: [offset, size] } });
  return readRaw(Uint8Array.from([...image, ...new Array<number>(between).fill(0xbb), ...certificates, ...new Array<number>(behind).fill(0xaa)]), 'main');
}

describe('signature', () => {
  const ENTRY = certificate(CERTIFICATE_TYPE.PKCS_SIGNED_DATA);
  it('is where the directory says, which is a place in the file', () => {
    const binary = signed({});
    expect(binary.signature).toEqual({ kind: 'authenticode', offset: END, size: 40, identifier: null, teamId: null, flags: null, cdHash: null });
    expect(binary.because['signature']).toContain('PKCS_SIGNED_DATA');
    expect(binary).toMatchObject({ overlay: null, warnings: [] });
  });

  it.each<[string, number[]]>([
    ['behind an entry of another kind', [...certificate(CERTIFICATE_TYPE.X509), ...ENTRY]],
    ['before one', [...ENTRY, ...certificate(CERTIFICATE_TYPE.EFI_GUID)]],
    ['twice', [...ENTRY, ...ENTRY]],
    ['behind an entry that needs filling up', [...certificate(CERTIFICATE_TYPE.X509, 1), ...ENTRY]],
  ])('%s', (_, certificates) => {
    expect(signed({ certificates })).toMatchObject({ signature: { offset: END, size: certificates.length }, warnings: [] });
  });

  it.each<[string, Tail, string, ...string[]]>([
    ['P29: a table past the end of the file', { offset: 0x7fff_0000 }, 'signature-outside'],
    ['P29: a table that ends past it', { size: 41 }, 'signature-outside'],
    ['P29: a table within the image', { offset: END - 0x100, size: 0x80 }, 'signature-overlap'],
    ['P29: an RVA', { offset: 0x1000, size: 0x10 }, 'signature-outside'],
    ['an entry of another kind only', { certificates: certificate(CERTIFICATE_TYPE.X509) }, 'signature-type'],
    ['an entry that is shorter than its header', { certificates: certificate(2, 32, 7) }, 'certificate-size', 'signature-type'],
    ['an entry that is longer than the table', { certificates: certificate(2, 32, 41) }, 'certificate-size', 'signature-type'],
    ['a table of seven bytes', { certificates: ENTRY.slice(0, 7) }, 'signature-type'],
    ['a hundred entries of another kind', { certificates: Array.from({ length: 100 }, () => certificate(CERTIFICATE_TYPE.X509, 8)).flat() }, 'signature-type'],
  ])('%s is none', (_, tail, ...expected) => {
    const binary = signed(tail);
    expect(binary.signature).toBeNull();
    expect(binary.because['signature']).toBeUndefined();
    expect(codes(binary)).toEqual(expected);
  });

  it('a directory of no size is none', () => {
    expect(signed({ certificates: [], size: 0 })).toMatchObject({ signature: null, overlay: null, warnings: [] });
    expect(read(PLAIN)).toMatchObject({ signature: null, warnings: [] });
  });
});

describe('overlay', () => {
  const appended = (plan: PePlan, ...bytes: readonly number[]): PeBinary => readRaw(Uint8Array.from([...buildPe(plan), ...bytes]), 'main');

  it('is what follows the last section', () => {
    const binary = appended(PLAIN, 1, 2, 3);
    expect(binary).toMatchObject({ overlay: { offset: END, size: 3 }, warnings: [] });
    expect(binary.because['overlay']).toBeTruthy();
    expect(appended(PLAIN).overlay).toBeNull();
    expect(appended({}).overlay).toBeNull();
  });

  it('does not count symbols and strings, nor debug information that no section holds', () => {
    const strings = [...new Array<number>(36).fill(1), ...words(10), ...text('abcde')];
    expect(appended({ ...PLAIN, symbolsOffset: END, symbolCount: 2 }, ...strings).overlay).toBeNull();
    expect(appended({ ...PLAIN, symbolsOffset: END, symbolCount: 2 }, ...strings, 7).overlay).toMatchObject({ offset: END + 46, size: 1 });
    expect(appended({ ...PLAIN, symbolsOffset: 0x3243_4550, symbolCount: 2 }, 7).overlay).toMatchObject({ offset: END, size: 1 }); // they are nowhere
    const debug: PePlan = { debug: [{ type: 4, data: [1], address: 0, size: 100, offset: 0 }] };
    const end = buildPe(debug).length;
    const outside: PePlan = { debug: [{ type: 4, data: [1], address: 0, size: 100, offset: end }] };
    expect(appended(outside, ...new Array<number>(100).fill(1)).overlay).toBeNull();
    expect(appended(outside, ...new Array<number>(101).fill(1)).overlay).toMatchObject({ offset: end + 100, size: 1 });
  });

  it('does not count the certificate table, but what lies before or behind it', () => {
    expect(signed({ between: 16 })).toMatchObject({ overlay: { offset: END, size: 16 }, signature: { offset: END + 16 }, warnings: [] });
    expect(signed({ between: 8 })).toMatchObject({ overlay: { offset: END, size: 8 }, warnings: [] });
    expect(signed({ between: 7, certificates: certificate(2) })).toMatchObject({ overlay: null, warnings: [] }); // filling
    const behind = signed({ behind: 5 });
    expect(behind.overlay).toMatchObject({ offset: END + 40, size: 5 });
    expect(codes(behind)).toEqual(['appended-after-signature']); // P30
    const both = signed({ between: 16, behind: 5 });
    expect(both.overlay).toMatchObject({ offset: END, size: 16 });
    expect(both.warnings).toMatchObject([{ code: 'appended-after-signature', offset: END + 16 + 40 }]);
  });

  it('is all that follows where the certificate table is none', () => {
    expect(signed({ certificates: certificate(CERTIFICATE_TYPE.X509) }).overlay).toMatchObject({ offset: END, size: 40 });
  });

  it('is not told of a file whose headers are cut, nor of a debug file', () => {
    expect(appended({ ...PLAIN, sectionCount: 0xffff }, 1).overlay).toBeNull();
    const strings = [...words(16), ...text('.debug_info')];
    const sections: SectionPlan[] = [{ address: 0x1000, virtualSize: 0x100 }, { name: '/4', address: 0x2000, data: [1], offset: 0x400, characteristics: 0x4200_0040 }];
    const debugFile: PePlan = { sections, trailer: strings, symbolsOffset: 0x401 };
    expect(appended(debugFile, 1)).toMatchObject({ kind: 'debug-symbols', overlay: null });
  });
});

describe('packers', () => {
  /** Sections in a row, the program beginning in one of them; a name in parentheses has no bytes. */
  const packed = (names: readonly string[], begins = 0, plan: PePlan = {}): PePlan => {
    const sections = names.map((name, i): SectionPlan => {
      const empty = name.startsWith('(');
      return { name: name.replace(/[()]/g, ''), address: 0x2000 + i * 0x1000, virtualSize: 0x1000, ...(empty ? { characteristics: 0xe000_0080 } : { data: [1] }) };
    });
    return { entry: 0x2010 + begins * 0x1000, sections, contentIndex: names.length, imports: [{ name: 'msvcrt.dll' }], linker: [2, 40], ...plan };
  };
  const MARK = [...text('4.22'), ...text('UPX!')];

  it.each<[string, PePlan, string | null]>([
    ['UPX', packed(['(UPX0)', 'UPX1', '.rsrc'], 1, { dosProgram: MARK }), 'UPX'],
    ['UPX without its text', packed(['(UPX0)', 'UPX1', '.rsrc'], 1), 'UPX'],
    ['UPX without its names', packed(['(.a)', '.b'], 1, { dosProgram: MARK }), 'UPX'],
    ['UPX\'s names on sections with bytes', packed(['UPX0', 'UPX1']), null],
    ['UPX\'s text alone', packed(['.text'], 0, { dosProgram: MARK }), null],
    ['a first section without bytes alone', packed(['(.a)', '.b'], 1), null],
    ['MPRESS', packed(['.MPRESS1', '.MPRESS2', '.rsrc'], 1), 'MPRESS'],
    ['one section of MPRESS', packed(['.MPRESS1', '.rsrc']), null],
    ['ASPack', packed(['.text', '.aspack', '.adata']), 'ASPack'],
    ['ASPack with one section, where the program begins', packed(['.text', '.aspack'], 1), 'ASPack'],
    ['one section of ASPack', packed(['.text', '.aspack']), null],
    ['PECompact 1', packed(['pec1', '.rsrc']), 'PECompact'],
    ['PECompact 2', packed(['.text'], 0, { sections: [{ address: 0x2000, data: [1], relocations: 0x3243_4550 }] }), 'PECompact'],
    ['Petite', packed(['.text', '.petite'], 1), 'Petite'],
    ['a section of Petite\'s name, where the program does not begin', packed(['.text', '.petite']), null],
    ['NsPack', packed(['(.nsp0)', '.nsp1', '.nsp2'], 1), 'NsPack'],
    ['NsPack, older', packed(['nsp0', 'nsp1']), 'NsPack'],
    ['Themida', packed(['.text', '.themida', '.boot'], 2), 'Themida'],
    ['WinLicense', packed(['.text', '.winlice', '.boot'], 2), 'WinLicense'],
    ['VMProtect', packed(['(.text)', '(.vmp0)', '.vmp1'], 2), 'VMProtect'],
    ['VMProtect for a few functions', packed(['.text', '.vmp0']), null],
    ['Enigma', packed(['.text', '.enigma1', '.enigma2'], 2), 'Enigma'],
    ['none', packed(['.text', '.data']), null],
  ])('%s', (_, plan, packer) => {
    const binary = read(plan);
    expect(binary.packer).toBe(packer);
    expect(binary.because['packer'] !== undefined).toBe(packer !== null);
    const hides = packer !== null;
    expect(binary.hardening === null).toBe(hides);
    expect(binary).toMatchObject({ linkage: hides ? null : 'dynamic', debugInfo: hides ? null : false, stripped: null, dependencies: [{ name: 'msvcrt.dll' }], pie: true });
    expect(binary.platform).toMatchObject({ libc: hides ? null : 'msvcrt', triple: hides ? null : 'x86_64-pc-windows-gnu', go: 'windows/amd64' });
    for (const fact of ['linkage', 'debugInfo', 'libc']) expect(binary.because[fact]?.startsWith('unknown: '), fact).toBe(hides);
  });

  it('hide delay imports: their directory points at what is packed', () => {
    const plan = packed(['(UPX0)', 'UPX1'], 1, { delayImports: [{ name: 'USER32.dll' }] });
    expect(read(plan).dependencies.map(({ name }) => name)).toEqual(['msvcrt.dll']);
    expect(read({ ...plan, sections: [] }).dependencies.map(({ name }) => name)).toEqual(['msvcrt.dll', 'USER32.dll']);
  });
});

describe('fixtures', () => {
  it('pe-version.exe has a version, in the first of two languages', () => {
    const { identity, because, warnings } = fixture('pe-version.exe');
    expect(identity).toMatchObject({ timestamp: 1_700_000_000, reproducible: false });
    expect(identity.version).toEqual({
      fileVersion: '1.2.3-beta',
      productVersion: '5.6',
      productName: 'Beispiel',
      companyName: 'Müller & Söhne',
      fileDescription: 'A program with a version',
      originalFilename: 'pe-version.exe',
      fixedFileVersion: '1.2.3.40000',
      fixedProductVersion: '5.6.7.8',
    });
    expect(because['identity.version']).toBe('the version resource');
    expect(warnings).toEqual([]);
    expect(fixture('pe-version.exe', 'main').identity.version).toBeNull();
    expect(fixture('pe-x86_64.exe').identity).toMatchObject({ version: null, reproducible: true, timestamp: null, pdbPath: 'pe-x86_64.pdb', pdbAge: 1 });
  });

  it('pe-signed.exe is signed, and pe-appended.exe has bytes appended', () => {
    expect(fixture('pe-signed.exe')).toMatchObject({ signature: { kind: 'authenticode', offset: 0x800 }, overlay: null, warnings: [] });
    expect(fixture('pe-appended.exe')).toMatchObject({ signature: null, overlay: { offset: 0x800, size: 30 }, warnings: [] });
    expect(fixture('pe-mingw.exe')).toMatchObject({ overlay: null }); // its symbols follow the sections
  });

  it('pe-upx.exe is packed', () => {
    const binary = fixture('pe-upx.exe');
    expect(binary).toMatchObject({ packer: 'UPX', linkage: null, debugInfo: null, hardening: null, pie: true, overlay: null, warnings: [] });
    expect(binary.because['packer']).toBe('sections UPX0, without bytes, and UPX1; \'UPX!\' in the headers');
    expect(binary.platform).toMatchObject({ os: 'windows', arch: 'amd64', libc: null, triple: null });
    expect(binary.dependencies.map(({ name }) => name)).toContain('msvcrt.dll');
    expect(binary.identity).toMatchObject({ reproducible: null, timestamp: null });
  });
});
