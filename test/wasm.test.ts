// WebAssembly: what modules and components are, and files that try to break the reader. Node's own engine says which modules are valid.

import { describe, expect, it } from 'vitest';
import { BinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { mapSource } from '../src/inspect/map.ts';
import { MemorySource } from '../src/bytes/source.ts';
import type { SyncSource } from '../src/bytes/source.ts';
import { readSync } from '../src/bytes/input.ts';
import { LIMITS } from '../src/limits.ts';
import type { WasmBinary } from '../src/model/binary.ts';
import { readWasm } from '../src/wasm/facts/binary.ts';
import {
  buildComponent, buildWasm, COMPONENT, custom, dataSection, globalImport, instanceExport, instanceImport, leb, limits, memoryImport, MODULE, name, names, producers,
  section, signedLeb, tableImport, tagImport, targetFeatures, vector,
} from './build/wasm.ts'; // prettier-ignore
import type { ImportPlan, WasmPlan } from './build/wasm.ts';

function read(bytes: Uint8Array, limit: Partial<typeof LIMITS> = {}): WasmBinary {
  const inspection = inspectSync(bytes, { facts: 'all', limits: limit });
  const [binary] = inspection.binaries;
  if (binary?.format !== 'wasm') return expect.fail('it is no WebAssembly');
  expect(inspection).toMatchObject({ format: 'wasm', universal: false });
  return binary;
}

const raw = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from([...MODULE, ...parts.flat()]);
const codes = ({ warnings }: WasmBinary): string[] => warnings.map(({ code }) => code);

function failure(bytes: Uint8Array): BinspectError {
  try {
    inspectSync(bytes, { facts: 'all' });
  } catch (error) {
    if (error instanceof BinspectError) return error;
    throw error;
  }
  return expect.fail('it was read');
}

/** A module that Node's engine takes as well. */
function valid(plan: WasmPlan): WasmBinary {
  const bytes = buildWasm(plan);
  expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(true);
  const binary = read(bytes);
  expect(binary.warnings).toEqual([]);
  return binary;
}

const wasi: ImportPlan = ['wasi_snapshot_preview1', 'fd_write'];

describe('a module', () => {
  it('of eight bytes is one', () => {
    expect(valid({})).toMatchObject({
      offset: 0, size: 8, bits: 32, endianness: 'little', machine: { value: 0, name: 'wasm32' }, kind: 'other', pie: null, linkage: null, interpreter: null, libraryName: null,
      dependencies: [], searchPaths: [], entryPoint: null, stripped: true, debugInfo: false, buildId: null, hardening: null, overlay: null, signature: null, packer: null, go: null,
      platform: { os: null, arch: 'wasm', variant: null, libc: null, go: null, node: null, oci: null, triple: null },
      wasm: { version: 1, layer: 0, layerName: 'module', sections: 0, imports: [], exports: [], memories: [], features: null, producers: [], parts: [], moduleName: null, start: null, entry: null },
    }); // prettier-ignore
  });

  it('has imports and exports, in order, with their kinds', () => {
    const imports: ImportPlan[] = [['env', 'f'], ['other', 'm', memoryImport({ min: 2, max: 5 })], ['env', 't', tableImport()], ['env', 'g', globalImport()]];
    const { wasm, dependencies } = valid({ imports, exports: ['run', ['memory', 2]] });
    expect(wasm.imports).toEqual([
      { module: 'env', name: 'f', kind: 'function' },
      { module: 'other', name: 'm', kind: 'memory' },
      { module: 'env', name: 't', kind: 'table' },
      { module: 'env', name: 'g', kind: 'global' },
    ]);
    expect(wasm.exports).toEqual([{ name: 'run', kind: 'function' }, { name: 'memory', kind: 'memory' }]); // prettier-ignore
    expect(wasm.memories).toEqual([{ imported: true, minimum: 2, maximum: 5, shared: false, bits: 32, pageSize: 65_536 }]);
    expect(dependencies.map((one) => [one.name, one.kind])).toEqual([['env', 'required'], ['other', 'required']]); // prettier-ignore
  });

  it('lists them with all facts only', () => {
    const bytes = buildWasm({ imports: [wasi], exports: ['_start'] });
    const [binary] = inspectSync(bytes).binaries;
    expect(binary).toMatchObject({ kind: 'executable', wasm: { imports: null, exports: null, importCount: 1, exportCount: 1 } });
  });

  it('starts with a function', () => expect(valid({ start: 0 }).wasm.start).toBe(0));

  it('has names of its functions, its module and who made it', () => {
    const last = [names('called', [[0, 'imported'], [1, 'own']]), producers({ language: [['Rust', ''], ['C11', '']], 'processed-by': [['rustc', '1.98.0 (x)']] })];
    const binary = valid({ imports: [wasi], exports: ['_start'], last });
    expect(binary).toMatchObject({ stripped: false, wasm: { moduleName: 'called' } });
    expect(binary.wasm.producers).toEqual([
      { field: 'language', name: 'Rust', version: '' },
      { field: 'language', name: 'C11', version: '' },
      { field: 'processed-by', name: 'rustc', version: '1.98.0 (x)' },
    ]);
  });

  it.each<[string, number[][], boolean]>([
    ['no names', [], true],
    ['a name for the module alone', [names('x')], true],
    ['a name for an imported function alone', [names(null, [[0, 'imported']])], true],
    ['a name that wasm-bindgen has left', [names(null, [[1, '__wbindgen_add_to_stack_pointer']])], true],
    ['a name for a function of its own', [names(null, [[1, 'x']])], false],
    ['names behind hundreds of others', [names(null, [...Array.from({ length: 300 }, (_, i): [number, string] => [i, `imported_function_${i}`])])], false],
    ['DWARF', [custom('.debug_line')], false],
    ['names that are cut', [custom('name', [1, 5, 1])], true],
  ])('is stripped with %s: %s', (_, last, stripped) => {
    expect(read(buildWasm({ imports: [wasi], exports: ['_start'], last })).stripped).toBe(stripped);
  });

  it.each<[string, number[], object]>([
    ['DWARF', custom('.debug_info'), {}],
    ['the address of a source map', custom('sourceMappingURL', name('x.wasm.map')), { sourceMap: 'x.wasm.map' }],
    ['the address of DWARF', custom('external_debug_info', name('x.debug.wasm')), { debugFile: 'x.debug.wasm' }],
  ])('has debug information by %s', (_, last, detail) => {
    expect(valid({ last: [last] })).toMatchObject({ debugInfo: true, wasm: detail });
  });

  it.each([
    ['with its length before it', [4, 1, 2, 3, 0xff], '010203ff'],
    ['of bytes alone', [0x30, 0x2d, 0xbc, 0x86, 0xd1], '302dbc86d1'],
    ['of nothing', [0], null],
    ['that is empty', [], null],
  ])('has a build id %s', (_, contents, id) => expect(valid({ last: [custom('build_id', contents)] }).buildId).toBe(id));

  it('says which features its compiler was allowed to use', () => {
    expect(valid({ last: [targetFeatures(['+simd128', '-atomics', '=bulk-memory'])] }).wasm.features).toEqual([
      { name: 'simd128', use: 'used', from: 'target_features' },
      { name: 'atomics', use: 'forbidden', from: 'target_features' },
      { name: 'bulk-memory', use: 'required', from: 'target_features' },
    ]);
  });

  it('proves by its structure what it uses, where nobody says so', () => {
    const { wasm } = read(buildWasm({ imports: [['e', 'm', memoryImport({ max: 2, shared: true })], ['e', 't', tagImport()]], memories: [{ wide: true, min: 2n ** 40n }, { pageLog: 0 }], last: [section(12, [0])] }));
    expect(wasm.features?.map((one) => one.name)).toEqual(['threads', 'memory64', 'multi-memory', 'custom-page-sizes', 'exceptions', 'bulk-memory']);
    expect(wasm.memories.map(({ minimum, bits, pageSize }) => [minimum, bits, pageSize])).toEqual([[1, 32, 65_536], [2 ** 40, 64, 65_536], [1, 32, 1]]); // prettier-ignore
  });
});

describe('its system', () => {
  const rust = producers({ 'processed-by': [['rustc', '1.98.0']] });
  const shared = memoryImport({ max: 2, shared: true });
  const go = ['run', 'resume', 'getsp'];
  it.each<[string, WasmPlan, string | null, string | null]>([
    ['WASI preview 1', { imports: [wasi] }, 'wasip1', 'wasm32-wasip1'],
    ['WASI preview 0', { imports: [['wasi_unstable', 'fd_write']] }, 'wasip1', 'wasm32-wasip1'],
    ['WASI with threads', { imports: [wasi, ['wasi', 'thread-spawn'], ['env', 'memory', shared]] }, 'wasip1', 'wasm32-wasip1-threads'],
    ['WASI with 64-bit memory', { imports: [wasi], memories: [{ wide: true }] }, 'wasip1', 'wasm64-wasip1'],
    ['an addon for Node-API', { imports: [['napi', 'napi_create'], ['emnapi', 'x'], ['env', 'memory', shared]] }, 'wasip1', 'wasm32-wasip1-threads'],
    ['Go since 1.21', { imports: [['gojs', 'runtime.wasmWrite']], exports: go }, 'js', null],
    ['Go before', { imports: [['go', 'runtime.wasmWrite']], exports: go }, 'js', null],
    ['a module called go without its exports', { imports: [['go', 'x']] }, null, null],
    ['TinyGo', { imports: [['gojs', 'runtime.ticks'], wasi], exports: ['_start'] }, 'js', null],
    ['Emscripten', { imports: [['env', 'emscripten_resize_heap'], wasi] }, 'emscripten', 'wasm32-unknown-emscripten'],
    ['Emscripten by a system call', { imports: [['env', '__syscall_openat'], wasi] }, 'emscripten', 'wasm32-unknown-emscripten'],
    ['Emscripten by embind', { imports: [['env', '_embind_register_class'], wasi] }, 'emscripten', 'wasm32-unknown-emscripten'],
    ['Emscripten that links at run time', { imports: [['GOT.mem', 'x', globalImport()]] }, 'emscripten', 'wasm32-unknown-emscripten'],
    ['Emscripten by its exports', { exports: ['__wasm_call_ctors', 'stackAlloc'] }, 'emscripten', 'wasm32-unknown-emscripten'],
    ['names made short', { imports: [['a', 'a'], ['a', 'b']] }, null, null],
    ['WASI beyond the standard', { imports: [['wasix_32v1', 'x'], wasi] }, null, null],
    ['a module for a component', { imports: [['wasi:cli/environment@0.2.3', 'get-environment']], exports: ['cabi_realloc'] }, 'wasip2', 'wasm32-wasip2'],
    ['a module for a later component', { imports: [['wasi:cli/stdout@0.3.0-rc-2025-09-16', 'x']] }, 'wasip3', 'wasm32-wasip3'],
    ['an unknown WASI', { imports: [['wasi:cli/stdout@0.9.0', 'x']] }, null, null],
    ['a compiler and nothing else', { last: [rust] }, null, 'wasm32-unknown-unknown'],
    ["wasm-bindgen's JavaScript", { imports: [['./x_bg.js', 'f'], ['wbg', 'g']], last: [rust] }, null, 'wasm32-unknown-unknown'],
    ['a host of its own', { imports: [['host', 'f']], last: [rust] }, null, null],
    ['an object', { imports: [['env', 'f']], last: [rust, custom('linking', [2])] }, null, null],
  ])('%s', (_, plan, os, triple) => {
    const { platform, because } = read(buildWasm(plan));
    expect([platform.os, platform.triple, platform.arch, platform.node]).toEqual([os, triple, 'wasm', null]);
    expect(because['os']?.startsWith('unknown: ')).toBe(os === null);
    expect(platform.go).toBe((os === 'js' || os === 'wasip1') && platform.variant !== 'memory64' ? `${os}/wasm` : null);
    expect(platform.oci).toBe((os === 'wasip1' || os === 'wasip2') && platform.variant !== 'memory64' ? `${os}/wasm` : null);
  });

  it('is unknown for a memory of 64 bits nobody else asks for', () => {
    const binary = read(buildWasm({ memories: [{ wide: true }] }));
    expect(binary).toMatchObject({ bits: 64, machine: { value: 0, name: 'wasm64' }, platform: { variant: 'memory64' } });
  });
});

describe('its kind', () => {
  const dylink = custom('dylink.0', [...section(1, [0, 0, 0, 0]), ...section(2, vector([name('libx.so'), name('liby.so')]))]);
  const memory: ImportPlan = ['env', 'memory', memoryImport()];
  it.each<[string, WasmPlan, string, string | null, string | null]>([
    ['a program for WASI', { imports: [wasi], exports: ['_start'] }, 'executable', 'static', '_start'],
    ['a program of Go', { exports: ['run', 'resume', 'getsp'] }, 'executable', 'static', 'run'],
    ['a function called run', { exports: ['run'] }, 'other', null, null],
    ['a memory called _start', { memories: [{}], exports: [['_start', 2]] }, 'other', null, null],
    ['a reactor', { exports: ['_initialize'] }, 'other', null, '_initialize'],
    ['an object', { imports: [memory], last: [custom('linking', [2, 8, 1, 0])] }, 'relocatable', null, null],
    ['a side module', { first: [dylink], imports: [memory] }, 'shared-library', 'dynamic', null],
    ['a main module', { first: [dylink], imports: [memory, ['env', 'emscripten_x']], exports: ['main', 'stackAlloc'] }, 'executable', 'dynamic', 'main'],
    ['main without Emscripten', { exports: ['main'] }, 'other', null, null],
    ['dylink.0 in the wrong place', { imports: [memory], last: [dylink] }, 'other', null, null],
  ])('%s', (_, plan, kind, linkage, entry) => expect(read(buildWasm(plan))).toMatchObject({ kind, linkage, pie: null, wasm: { entry } }));

  it('a side module needs libraries, then modules', () => {
    expect(read(buildWasm({ first: [dylink], imports: [memory, ['GOT.mem', 'x', globalImport()]] })).dependencies.map((one) => one.name)).toEqual(['libx.so', 'liby.so', 'env', 'GOT.mem']);
  });

  it('an object has a symbol table in its linking section', () => {
    expect(read(buildWasm({ last: [custom('linking', [2, 8, 1, 0])] })).stripped).toBe(false);
    expect(read(buildWasm({ last: [custom('linking', [2, 5, 1, 0])] })).stripped).toBe(true);
  });
});

describe('a component', () => {
  const inner = [...buildWasm({ imports: [wasi], exports: ['_start'], last: [names('main', [[1, 'f']]), producers({ language: [['Rust', '']] })] })];
  const shim = [...buildWasm({ exports: ['0'] })];
  const bytes = buildComponent([
    section(1, inner),
    instanceImport('wasi:cli/environment@0.2.3'),
    section(10, vector([[0, ...name('log'), 1, 0], [0, ...name('t'), 3, 1], [0, ...name('u'), 3, 0, 0], [1, ...name('acme:x/y@1.0.0'), 5, 0], [0, ...name('v'), 2, 1, 0x7f], [0, ...name('m'), 0, 0x11, 0], [2, ...name('acme:x/z'), ...name('1.2'), 5, 0]])),
    section(1, shim),
    section(4, [...COMPONENT, ...section(1, shim)]),
    instanceExport('wasi:cli/run@0.2.3'),
    section(11, vector([[0, ...name('f'), 1, 0, 1, 1, 0], [0, ...name('c'), 0, 0x11, 0, 0]])),
    custom('component-name', section(0, name('hello'))),
    producers({ 'processed-by': [['wit-component', '0.1']] }),
  ]);

  it('has imports and exports of its own, and its parts apart', () => {
    const binary = read(bytes);
    expect(binary).toMatchObject({
      kind: 'executable', linkage: 'static', stripped: false, debugInfo: false,
      platform: { os: 'wasip2', oci: 'wasip2/wasm', triple: 'wasm32-wasip2', go: null },
      wasm: { version: 13, layer: 1, layerName: 'component', moduleName: 'hello', entry: 'wasi:cli/run@0.2.3', importCount: 8, exportCount: 3, memories: [], features: null },
    }); // prettier-ignore
    expect(binary.dependencies.map((one) => one.name)).toEqual(['wasi:cli/environment@0.2.3', 'acme:x/y@1.0.0', 'm', 'acme:x/z']);
    expect(binary.wasm.imports?.map((one) => `${one.kind} ${one.name}`)).toEqual([
      'instance wasi:cli/environment@0.2.3', 'function log', 'type t', 'type u', 'instance acme:x/y@1.0.0', 'value v', 'module m', 'instance acme:x/z',
    ]); // prettier-ignore
    expect(binary.wasm.exports?.map((one) => `${one.kind} ${one.name}`)).toEqual(['instance wasi:cli/run@0.2.3', 'function f', 'module c']);
    expect(binary.warnings).toEqual([]);
  });

  it('says of each part where it lies, and who made it', () => {
    const { parts } = read(bytes).wasm;
    expect(parts.map(({ kind, depth, moduleName, size }) => [kind, depth, moduleName, size])).toEqual([
      ['module', 1, 'main', inner.length],
      ['module', 1, null, shim.length],
      ['component', 1, null, 8 + 2 + shim.length],
      ['module', 2, null, shim.length],
    ]);
    for (const { kind, offset } of parts) expect([...bytes.subarray(offset, offset + 8)]).toEqual(kind === 'module' ? MODULE : COMPONENT);
    expect(parts[0]?.producers).toEqual([{ field: 'language', name: 'Rust', version: '' }]);
  });

  it('takes the highest WASI that it asks for', () => {
    const both = read(buildComponent([instanceImport('wasi:cli/stdout@0.3.0'), instanceImport('wasi:io/streams@0.2.6')]));
    expect(both.platform.os).toBe('wasip3');
    expect(both.because['os']).toContain('0.2 and 0.3');
    expect(read(buildComponent([instanceImport('acme:x/y@0.2.0')])).platform.os).toBe(null);
  });

  it('without parts has no symbols to speak of', () => expect(read(buildComponent([]))).toMatchObject({ kind: 'other', stripped: null, debugInfo: null }));
});

describe('hostile files', () => {
  it('of less than a preamble', () => {
    for (const size of [4, 6, 7]) expect(failure(Uint8Array.from(MODULE.slice(0, size)))).toMatchObject({ code: 'truncated' });
  });

  it.each([[2, 0], [0x0d, 0], [1, 1], [0, 0], [13, 2]])('of version %i, layer %i', (version, layer) => {
    expect(failure(Uint8Array.from([0, 0x61, 0x73, 0x6d, version, 0, layer, 0]))).toMatchObject({ code: 'unsupported', detected: 'webassembly', message: expect.stringContaining(`version ${version}, layer ${layer}`) as string });
  });

  it('a section that ends behind the file: what came before is kept, and nothing behind it is told', () => {
    const bytes = buildWasm({ imports: [wasi], exports: ['_start'], last: [names('x', [[1, 'f']])] });
    const cut = bytes.subarray(0, bytes.length - 4);
    const binary = read(cut);
    expect(binary).toMatchObject({ kind: 'executable', platform: { os: 'wasip1' } });
    expect(codes(binary)).toContain('truncated');
    const half = read(buildWasm({ imports: [wasi], exports: ['f'] }).subarray(0, 60));
    expect(half).toMatchObject({ kind: 'other', stripped: null, debugInfo: null });
    expect(half.because['kind']).toMatch(/^unknown/);
  });

  it('every beginning of a file, and every byte of it changed', () => {
    const whole = buildWasm({ imports: [wasi, ['env', 'memory', memoryImport({ max: 3, shared: true })]], exports: ['_start'], last: [names('x', [[1, 'f']]), producers({ language: [['Go', 'go1.22']] }), targetFeatures(['+x'])] });
    for (let size = 0; size < whole.length; size++) {
      if (size < 8) expect(['truncated', 'unrecognized']).toContain(failure(whole.subarray(0, size)).code);
      else read(whole.subarray(0, size));
    }
    for (let at = 8; at < whole.length; at++) {
      for (const value of [0, 0x7f, 0x80, 0xff]) {
        const copy = whole.slice();
        copy[at] = value;
        read(copy);
      }
    }
  });

  it.each<[string, Uint8Array, string]>([
    ['a number of six bytes', raw([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), 'malformed'],
    ['a number of more than 32 bits', raw([1, 0xff, 0xff, 0xff, 0xff, 0x1f]), 'malformed'],
    ['a count of 4,294,967,295 imports and no bytes', raw(section(2, leb(0xffff_ffff))), 'malformed'],
    ['an import of an unknown kind', raw(section(2, vector([[...name('m'), ...name('n'), 9, 0]]))), 'malformed'],
    ['a global of an unknown type', raw(section(2, vector([[...name('m'), ...name('n'), 3, 0x10, 0]]))), 'malformed'],
    ['names that are not UTF-8', raw(section(2, vector([[...name([0xff]), ...name('n'), 0, 0]]))), 'invalid-name'],
    ['the name of a custom section that is not UTF-8', raw(custom([0xc3, 0x28])), 'invalid-name'],
    ['a section twice', raw(section(5, vector([limits()])), section(5, vector([limits()]))), 'duplicate-section'],
    ['sections in another order', raw(section(7, [0]), section(2, [0])), 'section-order'],
    ['an unknown section', raw(section(0x7f, [1, 2, 3])), 'unknown-section'],
    ['a custom section whose name is longer than it', raw(section(0, [9, 0x61])), 'malformed'],
    ['two sections of producers', raw(producers({ language: [['Rust', '']] }), producers({ language: [['Go', 'go1.22']] })), 'duplicate-section'],
    ['bytes behind the last section', Uint8Array.from([...buildWasm({}), 0x50, 0x4b, 0x05, 0x06]), 'truncated'],
    ['producers of 4,294,967,295 fields', raw(custom('producers', leb(0xffff_ffff))), 'malformed'],
    ['producers of 4,294,967,295 values', raw(custom('producers', [1, ...name('language'), ...leb(0xffff_ffff)])), 'malformed'],
    ['features of an unknown prefix', raw(custom('target_features', vector([[0x2a, ...name('simd128')]]))), 'malformed'],
    ['code of two gigabytes in a kilobyte', raw([10, ...leb(2 ** 31 - 1)], new Array<number>(1000).fill(0)), 'truncated'],
    ['a name section of 100 MB in a kilobyte', raw([0, ...leb(100_000_000), ...name('name'), 1, ...leb(99_999_990), ...leb(1_000_000)]), 'truncated'],
    ['a table of an unknown sort of limits', raw(section(2, vector([[...name('m'), ...name('n'), 1, 0x70, 0x40, 0]]))), 'malformed'],
  ])('%s', (_, bytes, code) => expect(codes(read(bytes))).toContain(code));

  it('a section twice: the first counts, and for libraries nothing is proven', () => {
    const twice = raw(section(1, vector([[0x60, 0, 0]])), section(2, vector([[...name('a'), ...name('b'), 0, 0]])), section(2, vector([[...name('c'), ...name('d'), 0, 0]])));
    expect(read(twice).dependencies.map((one) => one.name)).toEqual(['a']);
    expect(read(raw(producers({ language: [['Rust', '']] }), producers({ language: [['Go', '']] }))).wasm.producers.map((one) => one.name)).toEqual(['Rust']);
  });

  it('what is damaged in the middle keeps what came before', () => {
    const binary = read(raw(section(2, [...leb(3), ...name('env'), ...name('f'), 0, 0, ...name('x'), ...name('g'), 9])));
    expect(binary.dependencies.map((one) => one.name)).toEqual(['env']);
    expect(codes(binary)).toEqual(['malformed', 'interface-cut']);
  });

  it('padded numbers, as Go writes them, are legal', () => {
    const bytes = Uint8Array.from([...MODULE, 2, ...leb(12, 5), ...leb(1), ...name('env'), ...name('fun'), 0, ...leb(0, 1), 0].slice(0, 8 + 6 + 12));
    expect(read(bytes).wasm.imports).toEqual([{ module: 'env', name: 'fun', kind: 'function' }]);
  });

  it('text that names itself after a property of objects', () => {
    const binary = read(buildWasm({ imports: [['__proto__', 'constructor'], ['toString', 'x']], exports: ['__proto__'], last: [custom('constructor'), producers({ language: [['__proto__', '']] })] }));
    expect(binary.dependencies.map((one) => one.name)).toEqual(['__proto__', 'toString']);
  });

  const timed = <T>(milliseconds: number, work: () => T): T => {
    const started = performance.now();
    const result = work();
    expect(performance.now() - started).toBeLessThan(milliseconds);
    return result;
  };

  const many = (count: number, entry: readonly number[]): number[] => {
    const bytes = new Array<number>(count * entry.length);
    for (let i = 0; i < count; i++) for (let k = 0; k < entry.length; k++) bytes[i * entry.length + k] = entry[k] as number;
    return bytes;
  };

  function whole(...parts: readonly (readonly number[])[]): Uint8Array {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  it('a million imports and exports: as many as engines take are read, ten thousand are listed', () => {
    const imports = many(1_000_000, [1, 0x61, 1, 0x62, 0, 0]);
    const exports = many(500_000, [1, 0x61, 0, 0]);
    const binary = timed(4000, () => read(whole(MODULE, [2, ...leb(imports.length + 3)], leb(1_000_000), imports, [7, ...leb(exports.length + 3)], leb(500_000), exports)));
    expect(binary.wasm).toMatchObject({ importCount: 100_000, exportCount: 100_000 });
    expect([binary.wasm.imports?.length, binary.wasm.exports?.length]).toEqual([10_000, 10_000]);
    expect(codes(binary)).toContain('limit-exceeded');
  });

  it('a million modules of different names', () => {
    const entries = Array.from({ length: 90_000 }, (_, i) => [...name(`module-${i}`), 0, 0, 0]).flat();
    const binary = timed(4000, () => read(whole(MODULE, [2, ...leb(entries.length + 3)], leb(90_000), entries)));
    expect(binary.dependencies.length).toBe(LIMITS.dependencies);
  });

  it('a million empty sections', () => {
    const binary = timed(4000, () => read(whole(MODULE, many(1_000_000, [0x7f, 0]))));
    expect(binary.wasm.sections).toBe(LIMITS.tableEntries);
    expect(codes(binary)).toContain('limit-exceeded');
    const customs = timed(4000, () => read(whole(MODULE, many(100_000, [0, 2, 1, 0x61]))));
    expect(customs.wasm.sections).toBeLessThan(LIMITS.customSections + 1000);
  });

  it('zeros behind the last section, which are custom sections without a name', () => {
    const binary = timed(500, () => read(whole(MODULE, new Array<number>(60_000).fill(0))));
    expect(codes(binary)).toContain('sections-cut');
    expect(binary.wasm.sections).toBeLessThan(100);
  });

  it('components in one another, more than can be', () => {
    let bytes = [...COMPONENT];
    for (let i = 0; i < 40; i++) bytes = [...COMPONENT, ...section(4, bytes)];
    const binary = timed(1000, () => read(Uint8Array.from(bytes)));
    expect(binary.wasm.parts.map((part) => part.depth)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    expect(codes(binary)).toContain('limit-exceeded');
  });

  it('a component of a hundred thousand modules', () => {
    const binary = timed(4000, () => read(whole(COMPONENT, many(100_000, section(1, MODULE)))));
    expect(binary.wasm.parts.length).toBe(LIMITS.parts);
  });

  it('modules in a component that claim to be larger than it, or to be something else', () => {
    const larger = read(buildComponent([[1, ...leb(1000), ...MODULE]]));
    expect(larger.wasm.parts).toMatchObject([{ kind: 'module', size: 8 }]);
    expect(codes(larger)).toEqual(['truncated']);
    for (const contents of [COMPONENT, [1, 2, 3, 4, 5, 6, 7, 8, 9], [], [0, 0x61, 0x73, 0x6d, 9, 0, 0, 0]]) {
      const binary = read(buildComponent([section(1, contents)]));
      expect(binary).toMatchObject({ stripped: null, debugInfo: null, wasm: { parts: [{ kind: 'module', producers: [] }] } });
      expect(binary.warnings.length).toBe(1);
    }
  });

  it('is read in few ranges, whatever stands between its sections', () => {
    const code = 40_000_000;
    const head = buildWasm({ imports: [wasi], exports: ['_start'] });
    const before = head.subarray(0, head.length - 6); // without its code
    const end = producers({ language: [['Rust', '']] });
    const codeHeader = [10, ...leb(code)];
    const dataHeader = [11, ...leb(code)];
    const size = before.length + codeHeader.length + code + dataHeader.length + code + end.length;
    let reads = 0;
    let total = 0;
    const parts: [number, Uint8Array][] = [[0, before], [before.length, Uint8Array.from(codeHeader)], [before.length + codeHeader.length + code, Uint8Array.from(dataHeader)], [size - end.length, Uint8Array.from(end)]]; // prettier-ignore
    const source: SyncSource = {
      size,
      readSync: (offset, length) => {
        reads++;
        total += length;
        const bytes = new Uint8Array(length);
        for (const [at, part] of parts) {
          for (let i = 0; i < part.length; i++) if (at + i >= offset && at + i < offset + length) bytes[at + i - offset] = part[i] as number;
        }
        return bytes;
      },
    } as SyncSource;
    const binary = readSync(source, (input) => readWasm(input, 'all'), LIMITS);
    expect(binary).toMatchObject({ kind: 'executable', platform: { os: 'wasip1' }, warnings: [], wasm: { producers: [{ name: 'Rust' }] } });
    expect(reads).toBeLessThanOrEqual(3);
    expect(total).toBeLessThanOrEqual(4 * LIMITS.windowBytes);
  });
});

describe('its map', () => {
  async function regionsOf(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof mapSource>>['regions']> {
    return (await mapSource(new MemorySource(bytes), inspectSync(bytes))).regions;
  }

  it('has every section, and every byte once', async () => {
    const bytes = buildWasm({ imports: [wasi], exports: ['_start'], memories: [{}], last: [dataSection([[8, [1, 2, 3]]]), names('x'), custom('go:buildid'), custom('.debug_info'), producers({})] });
    const regions = await regionsOf(bytes);
    expect(regions.map((region) => `${region.name} ${region.content}`)).toEqual([
      'preamble headers', 'type headers', 'import linking', 'function headers', 'memory headers', 'export linking', 'code code', 'data data', 'name symbols', 'go:buildid go', '.debug_info debug', 'producers other',
    ]); // prettier-ignore
    expect(regions.reduce((sum, region) => sum + region.size - region.shared, 0)).toBe(bytes.length);
  });

  it('shows what is in the modules of a component', async () => {
    const inner = [...buildWasm({ exports: ['f'] })];
    const bytes = buildComponent([instanceImport('a:b/c'), section(4, [...COMPONENT, ...section(1, inner)])]);
    const [, imported, nested] = await regionsOf(bytes);
    expect([imported?.name, nested?.name, nested?.note]).toEqual(['import', 'component', 'a component of its own']);
    expect(nested?.children.map((region) => region.name)).toEqual(['section header', 'preamble', 'core module']);
    expect(nested?.children[2]?.children.map((region) => region.name)).toEqual(['section header', 'preamble', 'type', 'function', 'export', 'code']);
    expect(nested?.children.reduce((sum, region) => sum + region.size, 0)).toBe(nested?.size);
  });

  it('of a file that is cut says how much is missing', async () => {
    const regions = await regionsOf(raw([10, ...leb(1000), 1, 2, 3]));
    expect(regions.at(-1)).toMatchObject({ name: 'code', size: 6, missing: 997 });
  });
});

describe('the builder', () => {
  it('writes numbers that Node reads', () => {
    expect(leb(624_485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(leb(3, 5)).toEqual([0x83, 0x80, 0x80, 0x80, 0]);
    expect(signedLeb(0xffff_ffff)).toEqual([0x7f]);
    expect(signedLeb(64)).toEqual([0xc0, 0]);
  });
});
