// What the fuzzer damages: every fixture, files from the builders for what no fixture has, checksum lists, policies.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CPU_TYPE, LC } from '../../src/macho/constants.ts';
import { buildAr, buildDeb } from '../build/ar.ts';
import { cms, codeDirectory, codeSignature, entitlements } from '../build/code-signature.ts';
import { buildCpio, buildRpm, rpmHeader } from '../build/cpio.ts';
import { buildElf } from '../build/elf.ts';
import { buildFat } from '../build/fat.ts';
import { buildGzip } from '../build/gzip.ts';
import * as go from '../build/go.ts';
import { buildMachO, dylib, numbers, segment, text } from '../build/macho.ts';
import { buildPe, rsds, versionBlock } from '../build/pe.ts';
import { AMD64, ARM64 } from '../build/programs.ts';
import { buildTar } from '../build/tar.ts';
import * as wasm from '../build/wasm.ts';
import { buildZip } from '../build/zip.ts';
import { fixtureBytes, fixtureNames } from '../fixtures.ts';
import { fieldsOf } from './fields.ts';
import type { Field } from './fields.ts';
import { HOSTILE_TEXTS } from './mutate.ts';
import type { Material } from './mutate.ts';
import { readEverything } from './targets.ts';
import type { Target } from './targets.ts';

/** One file of the corpus. Its fields are looked for when they are first wanted. */
export interface Subject extends Material {
  readonly name: string;
  readonly target: Target;
}

const encoder = new TextEncoder();

function binary(name: string, bytes: Uint8Array): Subject {
  let fields: Field[] | null = null;
  return {
    name,
    target: 'binary',
    bytes,
    tokens: [],
    get fields() {
      return (fields ??= fieldsOf(bytes, readEverything));
    },
  };
}

function written(name: string, target: Target, content: string, tokens: readonly string[]): Subject {
  return { name, target, bytes: encoder.encode(content), fields: [], tokens: [...tokens.map((token) => encoder.encode(token)), ...HOSTILE_TEXTS] };
}

const MODULES = go.framed('path\texample.com/app\nmod\texample.com/app\tv1.2.3\th1:abc=\ndep\tgolang.org/x/sys\tv0.1.0\th1:x=\n=>\tother\tv1\th1:y=\nbuild\tGOOS=linux\nbuild\t-ldflags="-s -w"\n');

/** A Go program's memory without a blob: what only a search finds. */
function hiddenGo(): Uint8Array {
  const { texts, variables } = go.runtimeMemory(0x40_2000n, { version: 'go1.22.3', modules: MODULES });
  const pieces = [
    { name: '.rodata', address: 0x40_2000n, data: texts },
    { name: '.gopclntab', address: 0x41_0000n, data: Uint8Array.of(0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8, ...new Uint8Array(120)) },
    { name: '.data', address: 0x42_0000n, data: variables, writable: true },
  ];
  return go.elf({ pieces, buildId: 'abc/def/ghi', symbols: [['runtime.buildVersion', 0x42_0010n]] }).file;
}

/** A module with everything that is read of one. */
function wasmModule(): Uint8Array {
  const memory = wasm.memoryImport({ min: 1, max: 3, shared: true });
  return wasm.buildWasm({
    first: [wasm.custom('dylink.0', [...wasm.section(1, [0, 0, 0, 0]), ...wasm.section(2, wasm.vector([wasm.name('libx.so')]))])],
    imports: [['wasi_snapshot_preview1', 'fd_write'], ['env', 'memory', memory], ['env', 't', wasm.tableImport()], ['env', 'g', wasm.globalImport()], ['env', 'e', wasm.tagImport()]],
    memories: [{ wide: true, min: 7 }, { pageLog: 3 }],
    exports: ['_start', ['memory', 2]],
    start: 1,
    last: [
      wasm.names('module', [[0, 'imported'], [1, 'own']]),
      wasm.producers({ language: [['Rust', '']], 'processed-by': [['rustc', '1.98.0']] }),
      wasm.targetFeatures(['+simd128', '-atomics']),
      wasm.custom('build_id', [4, 1, 2, 3, 4]),
      wasm.custom('sourceMappingURL', wasm.name('x.map')),
      wasm.custom('linking', [2, ...wasm.section(8, [0])]),
    ],
  });
}

/** A module of Go whose text a string variable points at. */
function wasmGo(): Uint8Array {
  const variable = new Uint8Array(16);
  new DataView(variable.buffer).setUint32(0, 0x1000, true);
  new DataView(variable.buffer).setUint32(8, MODULES.length, true);
  const id = [0xff, ...encoder.encode(' Go build ID: "a/b/c/d"\n '), 0xff];
  return wasm.buildWasm({
    first: [wasm.custom('go:buildid', id)],
    imports: [['gojs', 'runtime.wasmWrite']],
    exports: ['run', 'resume', 'getsp'],
    last: [wasm.dataSection([[0x1000, MODULES], [0x2_0000, variable]]), wasm.producers({ language: [['Go', 'go1.26.5']] })],
  });
}

/** A component with modules, a component in it, and all sorts of imports and exports. */
function wasmComponent(): Uint8Array {
  const inner = [...wasm.buildWasm({ imports: [['wasi_snapshot_preview1', 'fd_write']], exports: ['_start'], last: [wasm.names('main', [[1, 'f']])] })];
  return wasm.buildComponent([
    wasm.section(1, inner),
    wasm.instanceImport('wasi:cli/environment@0.2.3'),
    wasm.section(10, wasm.vector([[0, ...wasm.name('f'), 1, 0], [1, ...wasm.name('t'), 3, 0, 0], [2, ...wasm.name('m'), ...wasm.name('1'), 0, 0x11, 0], [0, ...wasm.name('v'), 2, 1, 0x7f]])),
    wasm.section(4, [...wasm.COMPONENT, ...wasm.section(1, inner)]),
    wasm.instanceExport('wasi:cli/run@0.2.3'),
    wasm.section(11, wasm.vector([[0, ...wasm.name('f'), 1, 0, 1, 1, 0]])),
    wasm.custom('component-name', [...wasm.section(0, wasm.name('c')), ...wasm.section(1, [0, 0x11, ...wasm.vector([[0, ...wasm.name('main')]])])]),
  ]);
}

function built(): Subject[] {
  const inline = go.inlineBlob({ modules: MODULES });
  const pointers = go.pointerBlob(0x41_0000n, { modules: MODULES });
  const at = (name: string, data: Uint8Array) => [{ name, address: 0x41_0000n, data, writable: true }];
  const signed = codeSignature({ blobs: [[0, codeDirectory({ team: 'TEAM' })], entitlements('com.apple.security.cs.disable-library-validation'), cms(64)] });
  const fixups = new Uint8Array(96);
  new DataView(fixups.buffer).setUint32(8, 32, true); // imports_offset, symbols_offset, imports_count
  new DataView(fixups.buffer).setUint32(12, 48, true);
  new DataView(fixups.buffer).setUint32(16, 2, true);
  fixups.set(encoder.encode('___stack_chk_fail\0___memcpy_chk\0'), 48);
  const machO = (wide: boolean, little: boolean): Uint8Array =>
    buildMachO({
      wide,
      little,
      cpuType: wide ? CPU_TYPE.ARM64 : CPU_TYPE.POWERPC,
      commands: [
        segment('__TEXT', wide, { fileSize: 0x400, sections: [{ name: '__text', segment: '__TEXT', offset: 0x100 }, { name: '__debug_info', segment: '__DWARF' }] }),
        segment('__LINKEDIT', wide, { offset: 0x400, fileSize: 0x400, protection: 1 }),
        dylib('/usr/lib/libSystem.B.dylib'),
        dylib('@rpath/x', { use: 3 }),
        text(LC.LOAD_DYLINKER, '/usr/lib/dyld'),
        text(LC.RPATH, '@loader_path/../lib'),
        numbers(LC.BUILD_VERSION, 1, 0xb_0000, 0xd_0000, 0),
        numbers(LC.UUID, 1, 2, 3, 4),
        numbers(LC.DYLD_INFO_ONLY, 0, 0, 0x300, 16, 0, 0, 0x310, 16, 0x320, 16),
        numbers(LC.MAIN, 0x100, 0, 0, 0),
        numbers(LC.UNIXTHREAD, 4, 6, 1, 2, 3, 4, 5, 6),
      ],
      symbols: [[{ type: 0x64, name: 'main.c' }], [{ type: 0x0f, name: '_main' }], [{ type: 1, name: '___stack_chk_fail' }]],
      data: [
        { type: LC.CODE_SIGNATURE, bytes: signed },
        { type: LC.DYLD_CHAINED_FIXUPS, bytes: fixups },
        { type: LC.FUNCTION_STARTS, bytes: new Uint8Array(8) },
      ],
    });
  const pe = (wide: boolean): Uint8Array =>
    buildPe({
      wide,
      imports: [{ name: 'KERNEL32.dll' }, { name: 'api-ms-win-crt-stdio-l1-1-0.dll' }],
      delayImports: [{ name: 'user32.dll' }, { name: 'old.dll', attributes: 0 }],
      exportName: 'x.dll',
      debug: [{ type: 2, data: rsds(new Array<number>(16).fill(7), 3, 'c:\\x\\y.pdb') }, { type: 16, data: [] }, { type: 20, data: [1, 0, 0, 0] }],
      tlsIndex: 0x1_4000_1010n,
      loadConfig: { size: 0x140, cookie: 0x1_4000_2000n, handlers: [0x1_4000_3000n, 4], guardTable: 1n, guardCount: 2, guardFlags: 0x500, chpe: 0x1_4000_1000n },
      resources: { 16: { 1: { 1033: versionBlock('VS_VERSION_INFO', new Array<number>(52).fill(1), [versionBlock('StringFileInfo', [], [versionBlock('040904b0', [], [versionBlock('FileVersion', '1.2.3')])])]) } } },
      clr: { flags: 1 },
      sections: [{ name: '/4', address: 0x3000, data: new Array<number>(32).fill(0x90) }],
      trailer: [1, 2, 3, 4, 5, 6, 7, 8],
    });
  const narrow = buildElf({ wide: false, little: false, machine: 8, interpreter: '/lib/ld.so.1', dynamic: [[1, 'libc.so.6'], [15, '$ORIGIN:/x'], [29, '/y']], notes: [{ owner: 'GNU', type: 1, data: new Uint8Array(16) }, { owner: 'GNU', type: 3, data: Uint8Array.of(1, 2, 3, 4) }] });
  const attributes = Uint8Array.of(0x41, 22, 0, 0, 0, ...encoder.encode('aeabi\0'), 1, 12, 0, 0, 0, 6, 10, 5, 0x41, 0, 8, 1);
  const arm = buildElf({ wide: false, machine: 40, flags: 0x500_0400, sections: [{ name: '.ARM.attributes', type: 0x7000_0003, data: attributes }, { name: '.modinfo', type: 1, data: encoder.encode('x=y\0') }] });
  return [
    binary('built-go-elf-inline', go.elf({ pieces: at('.go.buildinfo', inline) }).file),
    binary('built-go-elf-pointers', go.elf({ pieces: at('.go.buildinfo', pointers), wide: true }).file),
    binary('built-go-elf-hidden', hiddenGo()),
    binary('built-go-macho', go.machO({ pieces: at('__go_buildinfo', inline), symbols: ['_runtime.buildVersion', '_main.main'] }).file),
    binary('built-go-macho-big', go.machO({ wide: false, little: false, pieces: at('__go_buildinfo', inline) }).file),
    binary('built-go-pe', go.pe({ sections: [{ name: '.data', address: 0x1000, data: inline }, { name: '.symtab', address: 0x3000, data: new Uint8Array(64) }], symbols: [go.coffSymbol('runtime.'), go.coffSymbol(4)], strings: Uint8Array.of(26, 0, 0, 0, ...encoder.encode('runtime.buildVersion\0\0')) }).file),
    binary('built-go-fat', go.fat([{ cpuType: 0x100_0007, file: go.machO({ pieces: at('__go_buildinfo', inline) }).file }, { cpuType: 0x100_000c, file: go.machO({ cpuType: 0x100_000c, pieces: at('__go_buildinfo', inline) }).file }])),
    binary('built-go-xcoff', go.xcoff(go.concat(new Uint8Array(16), inline))),
    binary('built-macho-64', machO(true, true)),
    binary('built-macho-32-big', machO(false, false)),
    binary('built-fat', buildFat({ slices: [{ cpuType: CPU_TYPE.ARM64, bytes: machO(true, true) }, { cpuType: CPU_TYPE.POWERPC, bytes: machO(false, false) }] })),
    binary('built-pe-64', pe(true)),
    binary('built-pe-32', pe(false)),
    binary('built-elf-32-big', narrow),
    binary('built-elf-arm', arm),
    binary('built-wasm-module', wasmModule()),
    binary('built-wasm-go', wasmGo()),
    binary('built-wasm-component', wasmComponent()),
  ];
}

/** An archive of each format, and packages that claim something. */
function archives(): Subject[] {
  const files = [{ name: './usr/bin/app', data: AMD64, mode: 0o755 }, { name: 'b.so', data: ARM64 }, { name: 'README', data: 'text' }];
  const tar = buildTar([...files, { name: 'hard', type: '1', link: './usr/bin/app' }, { name: 'soft', type: '2', link: 'b.so' }]);
  const pax = buildTar([{ name: 'x', type: 'x', data: '18 path=a/b/c.so\n20 GNU.sparse.size=9\n' }, ...files, { name: '././@LongLink', type: 'L', data: `${'long/'.repeat(30)}x\0` }, { name: 'y', data: AMD64 }]);
  const zip = buildZip([...files.map(({ name, data }) => ({ name, data })), { name: 'x-1.dist-info/WHEEL', data: 'Tag: cp312-cp312-manylinux_2_17_x86_64\n' }, { name: 'in.zip', data: buildZip([{ name: 'x', data: AMD64 }], { zip64: true }), method: 0 }]);
  const manifest = buildTar([{ name: 'package/package.json', data: '{"name":"x","os":["linux"],"cpu":["x64"],"main":"x.node"}' }, { name: 'package/x.node', data: AMD64 }]);
  const cpio = buildCpio(files);
  const made: readonly (readonly [string, Uint8Array])[] = [
    ['tar', tar],
    ['tar-pax', pax],
    ['tar.gz', buildGzip(tar)],
    ['npm', buildGzip(manifest)],
    ['zip', zip],
    ['zip-descriptors', buildZip(files.map(({ name, data }) => ({ name, data, descriptor: true })), { zip64: true, comment: 'a comment' })],
    ['ar', buildAr(files.map(({ name, data }) => ({ name: name.slice(-5), data })))],
    ['deb', buildDeb(buildTar([{ name: './control', data: 'Package: x\nArchitecture: amd64\n' }]), buildGzip(tar), { data: 'data.tar.gz' })],
    ['cpio', cpio],
    ['cpio-odc', buildCpio(files, 'odc')],
    ['rpm', buildRpm(rpmHeader([[1022, 'x86_64'], [1021, 'linux']]), buildGzip(cpio))],
    ['deep', buildGzip(buildTar([{ name: 'a.tar.gz', data: buildGzip(buildTar([{ name: 'b.zip', data: zip }])) }]))],
  ];
  return made.map(([name, bytes]) => ({ name: `archive-${name}`, target: 'archive' as const, bytes, fields: headerFields(bytes), tokens: HOSTILE_TEXTS }));
}

/** Words of two, four and eight bytes where headers stand: anywhere, as archives are small and mostly headers. */
function headerFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let offset = 0; offset + 8 <= bytes.length && fields.length < 4000; offset += 2) for (const size of [2, 4, 8] as const) if (offset % size === 0) fields.push({ at: offset, size, little: true });
  return fields;
}

const SUM = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function texts(): Subject[] {
  const sums = `${SUM}  a\n${SUM} *b c\n\\${SUM}  d\\ne\nSHA256 (f) = ${SUM}\nSHA2-256(g)= ${SUM}\n# remark\n${SUM} h\n`;
  const sumTokens = ['\\', '\0', '\r\n', '\n', '\ufeff', SUM, '  ', ' *', 'SHA256 (', ') = ', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n', '- ', '../', '/etc/passwd', '\\n', '(', ')', 'ab'];
  const policy = `{"version":1,"defaults":{"stripped":true},"artifacts":[{"files":["dist/*_linux_arm64/app"],"count":1,"expect":{"target":["linux/arm64"],"maxGlibc":"2.28","minOs":"<=11.0","needs":"libc.so.6","onlyNeeds":["libc.so.*"],"go":">=1.22","goSettings":{"CGO_ENABLED":"0"},"sha256":"${SUM}","maxSize":"40MiB"}}],"unmatched":"error","sums":{"file":"S","coverage":"both"},"waivers":[{"rule":"pie","files":"dist/legacy*","reason":"r","expires":"2027-03-01"}]}`;
  const policyTokens = ['{', '}', '[', ']', ',', ':', '"', '"__proto__":', '{"__proto__":{"x":1}}', '"constructor":', '['.repeat(100), '{"a":'.repeat(100), '1e999', '-0', '0x1', 'null', 'true', '"\\ud800"', '\\u0000', '{a,b}'.repeat(40), '{'.repeat(50), '*'.repeat(200), '[!a-z]', '**/', '9'.repeat(400), '>=1.22 || <1', '\ufeff'];
  return [written('text-sums', 'sums', sums, sumTokens), written('text-policy', 'policy', policy, policyTokens)];
}

const LARGEST = 8 * 1024 * 1024;

/** Everything, in an order that does not change; those of a folder of one's own behind it. `only` keeps what has it in its name. */
export function corpus(only: string | null = null, folder: string | null = null): Subject[] {
  const own = folder === null ? [] : readdirSync(folder).sort().map((name) => join(folder, name));
  const files = own.filter((path) => statSync(path).isFile() && statSync(path).size <= LARGEST);
  const fixtures = fixtureNames().map((name) => binary(name, fixtureBytes(name)));
  const all = [...fixtures, ...built(), ...archives(), ...texts(), ...files.map((path) => binary(path, new Uint8Array(readFileSync(path))))];
  return only === null ? all : all.filter(({ name }) => name.includes(only));
}
