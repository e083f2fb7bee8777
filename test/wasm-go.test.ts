// Go in WebAssembly: what can be recovered of programs that Go's own reader does not know.

import { describe, expect, it } from 'vitest';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary } from '../src/model/binary.ts';
import { framed } from './build/go.ts';
import { buildWasm, custom, dataSection, leb, producers, section } from './build/wasm.ts';
import type { WasmPlan } from './build/wasm.ts';

const TEXT = framed('path\texample.com/app\nmod\texample.com/app\tv1.2.3\th1:abc=\nbuild\tGOARCH=wasm\nbuild\tGOOS=js\n');
const OTHER = framed('path\texample.com/other\nmod\texample.com/other\tv9.9.9\th1:abc=\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n');
const GO = producers({ language: [['Go', 'go1.26.5']], 'processed-by': [['Go cmd/compile', 'go1.26.5']] });
const EXPORTS = ['run', 'resume', 'getsp'];

/** A string variable: an address and a length. */
function pointer(address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, address, true);
  new DataView(bytes.buffer).setUint32(8, length, true);
  return bytes;
}

type Segments = Parameters<typeof dataSection>[0];

function program(segments: Segments, plan: WasmPlan = {}): Binary {
  const last = [...(segments.length === 0 ? [] : [dataSection(segments)]), ...(plan.last ?? [GO])];
  return inspectSync(buildWasm({ imports: [['gojs', 'runtime.wasmWrite']], exports: EXPORTS, ...plan, last })).binaries[0] as Binary;
}

describe('the module text', () => {
  it('is the one that a string variable points at', () => {
    const binary = program([[0x1000, TEXT], [0x9_0000, pointer(0x1000, TEXT.length)]]);
    expect(binary).toMatchObject({
      platform: { os: 'js', arch: 'wasm', go: 'js/wasm' },
      go: { version: 'go1.26.5', buildInfo: 'recovered', path: 'example.com/app', main: { version: 'v1.2.3' }, settings: [{ key: 'GOARCH' }, { key: 'GOOS' }] },
      warnings: [],
    });
    expect(binary.because['go']).toMatch(/which the string variable at 0x\w+ points at; go version says: unrecognized file format/);
    expect(binary.because['goVersion']).toBe('section producers');
  });

  it('is found behind other bytes of a segment, at an address above 2 GiB, and where the variable is cut in its zeros', () => {
    const address = 0x9000_0000;
    const before = new Uint8Array(100).fill(7);
    const whole = new Uint8Array([...before, ...TEXT]);
    const short = pointer(address + 100, TEXT.length).slice(0, TEXT.length > 255 ? 10 : 9);
    expect(program([[address, whole], [0x10, short]]).go).toMatchObject({ buildInfo: 'recovered', path: 'example.com/app' });
  });

  it('of another program that it carries as data is not its own', () => {
    const both = program([[0x1000, OTHER], [0x2000, TEXT], [0x3000, pointer(0x2000, TEXT.length)]]);
    expect(both.go).toMatchObject({ buildInfo: 'recovered', path: 'example.com/app' });
    const carried = program([[0x1000, OTHER]]);
    expect(carried.go).toMatchObject({ version: 'go1.26.5', buildInfo: 'absent', path: null });
    expect(carried.warnings).toMatchObject([{ code: 'go-build-info' }]);
    expect(carried.platform.os).toBe('js');
    const several = program([[0x1000, OTHER], [0x2000, TEXT], [0x3000, pointer(0x2000, TEXT.length)], [0x4000, pointer(0x1000, OTHER.length)]]);
    expect(several.go).toMatchObject({ buildInfo: 'absent' });
  });

  it('at an address that only the host knows is not taken', () => {
    const segment = [0, 0x23, 0, 0x0b, ...leb(TEXT.length), ...TEXT]; // global.get
    const data = section(11, [1, ...segment]);
    expect(program([], { last: [data, GO] }).go).toMatchObject({ buildInfo: 'absent' });
  });

  it('for another system than the imports say is a warning', () => {
    const wrong = program([[0x1000, OTHER], [0x3000, pointer(0x1000, OTHER.length)]]);
    expect(wrong.warnings.map(({ code }) => code)).toContain('go-target-mismatch');
  });
});

describe('signs of Go', () => {
  const id = (label: string): number[] => custom(label, [0xff, ...new TextEncoder().encode(' Go build ID: "a/b/c/d"\n '), 0xff]);
  it.each<[string, WasmPlan, object | null]>([
    ['producers', { exports: ['_start'] }, { version: 'go1.26.5', buildInfo: 'absent', buildId: null }],
    ['the exports of its JavaScript', { last: [] }, { version: null, buildInfo: 'absent' }],
    ['a build id since 1.20', { exports: [], last: [id('go:buildid')] }, { version: null, buildId: 'a/b/c/d' }],
    ['a build id before', { exports: [], last: [id('go.buildid')] }, { version: null, buildId: 'a/b/c/d' }],
    ['nothing', { exports: [], last: [] }, null],
    ['TinyGo', { exports: ['_start'], last: [producers({ 'processed-by': [['TinyGo', '0.40.1']] })] }, null],
  ])('%s', (_, plan, go) => {
    const found = program([], plan).go;
    if (go === null) expect(found).toBe(null);
    else expect(found).toMatchObject(go);
  });

  it('a data section of 200,000 segments costs as much as its bytes', () => {
    const count = 200_000;
    const segments = Array.from({ length: count }, (_, i): [number, number[]] => [i * 16, [1]]);
    const bytes = buildWasm({ exports: EXPORTS, last: [dataSection([[0, TEXT], ...segments]), GO] });
    const started = performance.now();
    expect(inspectSync(bytes).binaries[0]?.go).toMatchObject({ buildInfo: 'absent' });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
