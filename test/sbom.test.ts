// Bills of materials: what the documents say, that they are valid where schemas do not look, and that the same input gives the same bytes.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { inspectSync } from '../src/inspect/inspect.ts';
import type { GoModule, Inspection } from '../src/model/binary.ts';
import { VERSION } from '../src/model/version.ts';
import { formatMergedSbom, formatSbom } from '../src/sbom/format.ts';
import { purlOf } from '../src/sbom/purl.ts';
import { uuidOf } from '../src/sbom/uuid.ts';
import { buildElf } from './build/elf.ts';
import { elf, framed, inlineBlob } from './build/go.ts';
import { buildTar } from './build/tar.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-sbom-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EPOCH = 1_767_323_045;
const created = new Date(EPOCH * 1000);
const DIGEST = '2110cd3898a270ae641371fb4623c19630a6fb7f1114deb5f62e08c4da1e4616';

function program(modules: string, version = 'go1.19.8'): Uint8Array {
  return elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version, modules: framed(modules) }), writable: true }] }).file;
}

function inspected(bytes: Uint8Array, path: string, more: Partial<Inspection> = {}): Inspection {
  return { ...inspectSync(bytes, { hash: true, facts: 'all' }), path, ...more };
}

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly properties?: { name: string; value: string }[];
}

interface CycloneDx {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component; readonly properties?: { name: string; value: string }[] };
  readonly components: Component[];
  readonly dependencies: { ref: string; dependsOn?: string[] }[];
  readonly compositions: { aggregate: string; dependencies: string[] }[];
}

const PURL = /^pkg:[a-z]+(?:\/(?:[A-Za-z0-9.\-_~:]|%[0-9A-F]{2})+)+(?:@(?:[A-Za-z0-9.\-_~:]|%[0-9A-F]{2})+)?(?:#(?:[A-Za-z0-9.\-_~:/]|%[0-9A-F]{2})+)?$/;

/** A CycloneDX document, after what its schema does not check. */
function cyclonedx(text: string): CycloneDx {
  const bom = JSON.parse(text) as CycloneDx;
  const components = [bom.metadata.component, ...bom.components];
  const refs = components.map((one) => one['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  for (const { name, version, purl } of components) {
    expect(name).not.toBe('');
    expect(version).not.toBe('');
    if (purl !== undefined) expect(purl).toMatch(PURL);
  }
  expect(bom.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
  for (const ref of [...bom.dependencies.flatMap(({ dependsOn = [] }) => dependsOn), ...bom.compositions.flatMap(({ dependencies }) => dependencies)]) expect(refs).toContain(ref);
  for (const { dependsOn = [] } of bom.dependencies) expect(new Set(dependsOn).size).toBe(dependsOn.length);
  expect(text).not.toMatch(/\\u[dD][c-fC-F]/);
  return bom;
}

interface Spdx {
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string };
  readonly packages: { readonly SPDXID: string; readonly name: string; readonly sourceInfo?: string }[];
  readonly relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
}

/** An SPDX document, after what its schema does not check. */
function spdx(text: string): Spdx {
  const bom = JSON.parse(text) as Spdx;
  const ids = bom.packages.map(({ SPDXID }) => SPDXID);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
  expect(bom.documentNamespace).toMatch(/^https:\/\/[^#\s]+$/);
  expect(bom.creationInfo.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  for (const { spdxElementId, relatedSpdxElement } of bom.relationships) {
    expect(['SPDXRef-DOCUMENT', ...ids]).toContain(spdxElementId);
    expect(['NOASSERTION', ...ids]).toContain(relatedSpdxElement);
  }
  return bom;
}

const HELLO = program(
  'path\texample.com/hello\nmod\texample.com/hello\t(devel)\t\nbuild\t-compiler=gc\nbuild\tCGO_ENABLED=0\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n' +
    'build\tvcs=git\nbuild\tvcs.revision=e2cfcf88d5280123456789012345678901234567\nbuild\tvcs.time=2026-01-02T03:04:05Z\nbuild\tvcs.modified=false\n',
);
const hello = inspected(HELLO, 'dist/hello-linux-amd64', { sha256: DIGEST, size: 1_814_844 });
const MAIN = 'pkg:golang/example.com/hello@v0.0.0-20260102030405-e2cfcf88d528';

describe('a program of one module', () => {
  it('gives the CycloneDX document', () => {
    const text = formatSbom(hello, { created, reproducible: true });
    cyclonedx(text);
    expect(JSON.parse(text)).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: 'urn:uuid:1f9ee53f-9a08-59ab-b87e-f1af1ea87e5a',
      version: 1,
      metadata: {
        timestamp: '2026-01-02T03:04:05Z',
        lifecycles: [{ phase: 'post-build' }],
        tools: { components: [{ type: 'application', name: 'binspect', version: VERSION }] },
        component: {
          type: 'application',
          'bom-ref': MAIN,
          name: 'example.com/hello',
          version: 'v0.0.0-20260102030405-e2cfcf88d528',
          purl: MAIN,
          hashes: [{ alg: 'SHA-256', content: DIGEST }],
          properties: [
            { name: 'binspect:file:name', value: 'hello-linux-amd64' },
            { name: 'binspect:file:size', value: '1814844' },
            { name: 'binspect:platform', value: 'linux/amd64' },
            { name: 'binspect:go:version', value: 'go1.19.8' },
            { name: 'binspect:version:derived', value: 'from vcs.revision and vcs.time' },
            { name: 'binspect:go:setting:-compiler', value: 'gc' },
            { name: 'binspect:go:setting:CGO_ENABLED', value: '0' },
            { name: 'binspect:go:setting:GOARCH', value: 'amd64' },
            { name: 'binspect:go:setting:GOOS', value: 'linux' },
            { name: 'binspect:go:setting:vcs', value: 'git' },
            { name: 'binspect:go:setting:vcs.revision', value: 'e2cfcf88d5280123456789012345678901234567' },
            { name: 'binspect:go:setting:vcs.time', value: '2026-01-02T03:04:05Z' },
            { name: 'binspect:go:setting:vcs.modified', value: 'false' },
          ],
        },
        properties: [{ name: 'cdx:reproducible', value: 'true' }],
      },
      components: [
        {
          type: 'library',
          'bom-ref': 'pkg:golang/stdlib@1.19.8',
          name: 'stdlib',
          version: '1.19.8',
          scope: 'required',
          licenses: [{ license: { id: 'BSD-3-Clause' } }],
          cpe: 'cpe:2.3:a:golang:go:1.19.8:-:*:*:*:*:*:*',
          purl: 'pkg:golang/stdlib@1.19.8',
        },
      ],
      dependencies: [{ ref: MAIN, dependsOn: ['pkg:golang/stdlib@1.19.8'] }, { ref: 'pkg:golang/stdlib@1.19.8' }],
      compositions: [
        { aggregate: 'complete', dependencies: [MAIN] },
        { aggregate: 'unknown', dependencies: ['pkg:golang/stdlib@1.19.8'] },
      ],
    });
  });

  it('gives the SPDX document', () => {
    const bom = spdx(formatSbom(hello, { format: 'spdx', created }));
    const id = 'SPDXRef-Package-golang-example.com-hello-v0.0.0-20260102030405-e2cfcf88d528';
    expect(bom.documentNamespace).toBe('https://spdx.org/spdxdocs/binspect-hello-linux-amd64-028f784d-cb40-55aa-bd55-e2830bb95301');
    expect(bom.packages[0]).toEqual({
      SPDXID: id,
      name: 'example.com/hello',
      versionInfo: 'v0.0.0-20260102030405-e2cfcf88d528',
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      packageFileName: 'hello-linux-amd64',
      primaryPackagePurpose: 'APPLICATION',
      checksums: [{ algorithm: 'SHA256', checksumValue: DIGEST }],
      supplier: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: MAIN }],
    });
    expect(bom.relationships).toEqual([
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: id },
      { spdxElementId: id, relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-Package-golang-stdlib-1.19.8' },
    ]);
  });
});

const APP = program(
  [
    'path\texample.com/app/cmd/app',
    'mod\texample.com/app\t(devel)\t',
    'dep\texample.com/big/v2\tv2.4.1\th1:BSBVLd56=',
    'dep\texample.com/lib\tv0.0.0\t',
    '=>\t../lib\t(devel)\t',
    'dep\texample.com/old\tv3.1.0+incompatible\th1:old=',
    'dep\texample.com/orig\tv1.0.0\t',
    '=>\texample.com/fork\tv1.0.1\th1:P3ikeqfN=',
    'dep\tgithub.com/Example/Caps\tv0.1.0\th1:caps=',
    'build\tCGO_ENABLED=0',
    '',
  ].join('\n'),
);

describe('a command below its module', () => {
  const bom = cyclonedx(formatSbom(inspected(APP, 'app')));
  const named = (name: string): Component | undefined => bom.components.find((one) => one.name === name);

  it('is named by its package, without a version that nothing states', () => {
    expect(bom.metadata.component).toMatchObject({ type: 'application', 'bom-ref': 'pkg:golang/example.com/app#cmd/app', name: 'example.com/app/cmd/app', purl: 'pkg:golang/example.com/app#cmd/app' });
    expect(bom.metadata.component).not.toHaveProperty('version');
    expect(bom.metadata).not.toHaveProperty('timestamp');
  });

  it('lists its modules as they were built', () => {
    const common = { type: 'library', scope: 'required' };
    const sum = (value: string): unknown => ({ name: 'binspect:go:sum', value });
    expect(named('example.com/big/v2')).toEqual({ ...common, 'bom-ref': 'pkg:golang/example.com/big/v2@v2.4.1', name: 'example.com/big/v2', version: 'v2.4.1', purl: 'pkg:golang/example.com/big/v2@v2.4.1', properties: [sum('h1:BSBVLd56=')] });
    expect(named('example.com/lib')).toEqual({ ...common, 'bom-ref': 'pkg:golang/example.com/lib', name: 'example.com/lib', purl: 'pkg:golang/example.com/lib', properties: [{ name: 'binspect:go:replaces', value: 'example.com/lib@v0.0.0' }, { name: 'binspect:go:replacement', value: '../lib' }] });
    expect(named('example.com/old')).toMatchObject({ 'bom-ref': 'pkg:golang/example.com/old@v3.1.0%2Bincompatible', version: 'v3.1.0+incompatible' });
    expect(named('example.com/fork')).toMatchObject({ 'bom-ref': 'pkg:golang/example.com/fork@v1.0.1', version: 'v1.0.1', properties: [sum('h1:P3ikeqfN='), { name: 'binspect:go:replaces', value: 'example.com/orig@v1.0.0' }] });
    expect(named('github.com/Example/Caps')?.purl).toBe('pkg:golang/github.com/Example/Caps@v0.1.0');
    expect(bom.components.at(-1)?.name).toBe('stdlib');
  });

  it('never has a sum of Go as a digest of a file', () => {
    const text = formatSbom(inspected(APP, 'app'), { format: 'spdx', created });
    expect(spdx(text).packages.find((one) => one.name === 'example.com/big/v2')?.sourceInfo).toBe('go.sum h1:BSBVLd56=');
    expect(text.match(/"algorithm"/g)).toHaveLength(1);
  });
});

describe('versions of Go', () => {
  it.each([
    ['go1.22rc1', '1.22rc1', 'cpe:2.3:a:golang:go:1.22:rc1:*:*:*:*:*:*'],
    ['go1.22.5 X:rangefunc', '1.22.5', 'cpe:2.3:a:golang:go:1.22.5:-:*:*:*:*:*:*'],
    ['go1.26.1-X:jsonv2', '1.26.1', 'cpe:2.3:a:golang:go:1.26.1:-:*:*:*:*:*:*'],
    ['devel +2c12f3b', undefined, undefined],
  ])('%s', (version, expected, cpe) => {
    const bom = cyclonedx(formatSbom(inspected(program('path\ta.b/c\nmod\ta.b/c\tv1.0.0\t\n', version), 'c')));
    const stdlib = bom.components.find((one) => one.name === 'stdlib');
    expect(stdlib?.version).toBe(expected);
    expect((stdlib as { cpe?: string } | undefined)?.cpe).toBe(cpe);
  });
});

describe('what a file does not say', () => {
  it('makes a document that is incomplete', () => {
    const file = inspected(fixtureBytes('elf-x86_64-glibc'), 'app');
    const bom = cyclonedx(formatSbom(file));
    expect(bom.components).toEqual([]);
    expect(bom.compositions).toEqual([{ aggregate: 'incomplete', dependencies: [bom.metadata.component['bom-ref']] }]);
    expect(spdx(formatSbom(file, { format: 'spdx', created })).relationships.at(-1)).toMatchObject({ relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'NOASSERTION' });
  });

  it('lists libraries by their names where that is wanted', () => {
    const file = inspected(fixtureBytes('elf-x86_64-glibc'), 'app');
    const [library] = cyclonedx(formatSbom(file, { native: true })).components;
    expect(library).toMatchObject({ name: 'libc.so.6', properties: [{ name: 'binspect:needed', value: 'true' }] });
    expect(library).not.toHaveProperty('version');
    expect(library).not.toHaveProperty('purl');
    expect(spdx(formatSbom(file, { format: 'spdx', created, native: true })).relationships.map((one) => one.relationshipType)).toContain('DYNAMIC_LINK');
  });

  it('is refused where a document cannot do without it', () => {
    expect(() => formatSbom(inspectSync(HELLO))).toThrow(/hash: true/);
    expect(() => formatSbom(hello, { format: 'spdx' })).toThrow(/created/);
    expect(() => formatSbom(hello, { format: 'swid' as 'spdx' })).toThrow(/cyclonedx/);
    expect(() => formatSbom(hello, { created: new Date(Number.NaN) })).toThrow(/created/);
  });
});

describe('hostile names', () => {
  const module = (path: string, version = 'v1.0.0'): GoModule => ({ path, version, sum: '', replace: null });
  const [binary] = hello.binaries;
  const withModules = (deps: readonly GoModule[]): Inspection => ({ ...hello, binaries: [{ ...binary, go: { ...binary?.go, deps } } as Inspection['binaries'][0]] });
  const names = ['a@b?c#d', '../../etc', '', '/', 'a//b', 'x\udc80y', '\u0000\u001b[31m', '__proto__', 'a'.repeat(65_536), 'ü/ö', "it's(1)*!"];

  it('stay names', () => {
    const odd = withModules([...names, ...names, 'example.com/hello'].map((name) => module(name)));
    const bom = cyclonedx(formatSbom(odd));
    spdx(formatSbom(odd, { format: 'spdx', created }));
    expect(bom.components.find((one) => one.name === 'a@b?c#d')?.purl).toBe('pkg:golang/a%40b%3Fc%23d@v1.0.0');
    expect(bom.metadata.properties?.some(({ name, value }) => name === 'binspect:remark' && value.includes('more than once'))).toBe(true);
  });

  it('cost what their number is', () => {
    const many = withModules(Array.from({ length: 40_000 }, (_, i) => module(i % 2 === 0 ? `m${i}` : `m/${i % 7 === 0 ? '!' : '?'}`)));
    const start = performance.now();
    formatSbom(many);
    formatSbom(many, { format: 'spdx', created });
    expect(performance.now() - start).toBeLessThan(20_000);
  }, 60_000);
});

describe('several files', () => {
  it('are components of one document', () => {
    const bom = cyclonedx(formatMergedSbom([hello, inspected(APP, 'app'), { ...hello, path: 'other', sha256: DIGEST.replace('2', '3') }], 'product'));
    expect(bom.metadata.component.name).toBe('product');
    expect(bom.components.filter((one) => one.type === 'application')).toHaveLength(3);
    expect(bom.components.filter((one) => one.name === 'stdlib')).toHaveLength(1);
    expect(bom.dependencies[0]?.dependsOn).toHaveLength(3);
    spdx(formatMergedSbom([hello, hello], 'a/b', { format: 'spdx', created }));
  });

  it('whose slices differ say which', () => {
    const [amd, arm] = [hello.binaries[0], { ...hello.binaries[0], platform: { ...hello.binaries[0]?.platform, go: 'linux/arm64' }, go: { ...hello.binaries[0]?.go, version: 'go1.20.1' } }] as unknown as Inspection['binaries'];
    const bom = cyclonedx(formatSbom({ ...hello, universal: true, binaries: [amd, arm] as Inspection['binaries'] }));
    expect(bom.components.map(({ version, properties }) => [version, properties])).toEqual([
      ['1.19.8', [{ name: 'binspect:slice', value: 'linux/amd64' }]],
      ['1.20.1', [{ name: 'binspect:slice', value: 'linux/arm64' }]],
    ]);
  });
});

describe('binspect sbom', () => {
  const file = join(folder, 'hello');
  const plain = join(folder, 'plain');
  writeFileSync(file, HELLO);
  writeFileSync(plain, fixtureBytes('elf-x86_64-glibc'));
  const env = { SOURCE_DATE_EPOCH: String(EPOCH) };

  it('writes the same bytes for the same file', async () => {
    const first = await run(['sbom', file], { env });
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(cyclonedx(first.out).metadata).toMatchObject({ timestamp: '2026-01-02T03:04:05Z', properties: [{ name: 'cdx:reproducible', value: 'true' }] });
    expect((await run(['sbom', file], { env })).out).toBe(first.out);
    const timeless = await run(['sbom', '--reproducible', file]);
    expect(cyclonedx(timeless.out).metadata.timestamp).toBeUndefined();
    expect(cyclonedx((await run(['sbom', file])).out).metadata.timestamp).toMatch(/Z$/);
    spdx((await run(['sbom', '--format=spdx', file])).out);
  });

  it('says on standard error that a document is incomplete', async () => {
    expect(await run(['sbom', plain], { env })).toMatchObject({ status: 0, err: `binspect: ${plain}: no list of what is in it: the document is incomplete and says so\n` });
    const input = await run(['sbom', '-'], { env, input: [HELLO] });
    expect(cyclonedx(input.out).metadata.component.properties?.[0]?.value).toBe('stdin');
  });

  it('looks into archives', async () => {
    const put = (name: string, members: readonly string[]): string => {
      const path = join(folder, name);
      writeFileSync(path, gzipSync(buildTar(members.map((member) => ({ name: member, data: HELLO, mode: 0o755 })))));
      return path;
    };
    const one = await run(['sbom', '--reproducible', put('one.tar.gz', ['app/hello', 'app/README'].slice(0, 1))]);
    expect([one.status, cyclonedx(one.out).metadata.component.name]).toEqual([0, 'example.com/hello']);
    const two = put('two.tar.gz', ['a/hello', 'b/hello']);
    expect(await run(['sbom', two])).toMatchObject({ status: 2, out: '', err: expect.stringContaining('2 programs give as many documents') as string });
    const out = join(folder, 'of-archive');
    expect((await run(['sbom', '--reproducible', '-o', out, two])).status).toBe(0);
    expect(readdirSync(out)).toHaveLength(2);
    expect(cyclonedx((await run(['sbom', '--reproducible', '--merge', 'both', two])).out).dependencies[0]?.dependsOn).toHaveLength(2);
    expect((await run(['sbom', put('none.tar.gz', [])])).status).toBe(3);
  });

  it('refuses wrong usage', async () => {
    for (const epoch of ['', '1.5', '-1', 'now', '1e3', '999999999999']) expect((await run(['sbom', file], { env: { SOURCE_DATE_EPOCH: epoch } })).status, epoch).toBe(2);
    expect((await run(['sbom', '--reproducible', '--format', 'spdx', file])).status).toBe(2);
    expect((await run(['sbom', '--reproducible', '--format', 'spdx', file], { env })).status).toBe(0);
    expect((await run(['sbom', file, plain])).status).toBe(2);
    expect((await run(['sbom', folder])).status).toBe(2);
    expect((await run(['sbom'])).status).toBe(2);
  });

  it('reports what cannot be read', async () => {
    const missing = await run(['sbom', join(folder, 'missing')]);
    expect(missing).toMatchObject({ status: 3, out: '' });
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'notes');
    expect((await run(['sbom', notes])).status).toBe(3);
  });

  it('writes a document a file into a folder, or one over all', async () => {
    const below = join(folder, 'tree');
    for (const place of ['a', 'b']) {
      mkdirSync(join(below, place), { recursive: true });
      writeFileSync(join(below, place, 'hello'), HELLO);
    }
    const out = join(folder, 'out', 'sboms');
    expect((await run(['sbom', '-o', out, below, plain], { env })).status).toBe(0);
    const names = readdirSync(out).sort();
    expect(names).toEqual([expect.stringMatching(/^hello-[0-9a-f]{12}\.cdx\.json$/), 'hello.cdx.json', 'plain.cdx.json']);
    for (const name of names) cyclonedx(readFileSync(join(out, name), 'utf8'));
    const merged = await run(['sbom', '--merge', 'product', below, plain], { env });
    expect(cyclonedx(merged.out).dependencies[0]?.dependsOn).toHaveLength(3);
  });
});

/** An ELF file with a list of cargo auditable. */
function rust(packages: unknown, compressed: Uint8Array = deflateSync(JSON.stringify({ packages }))): Uint8Array {
  return buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', sections: [{ name: '.dep-v0', type: 1, data: compressed }] });
}

describe('lists in executables', () => {
  const crates = [
    { name: 'app', version: '0.1.0', source: 'local', root: true, dependencies: [1, 2] },
    { name: 'serde', version: '1.0.200', source: 'crates.io', dependencies: [2] },
    { name: 'patched', version: '2.0.0+x', source: 'git' },
    { name: 'cc', version: '1.0.0', source: 'crates.io', kind: 'build' },
  ];

  it('of cargo auditable are read, and give their graph', () => {
    const file = inspected(rust(crates), 'app');
    expect(file.binaries[0]?.components?.map(({ name, purl }) => [name, purl])).toEqual([['app', null], ['serde', 'pkg:cargo/serde@1.0.200'], ['patched', null], ['cc', 'pkg:cargo/cc@1.0.0']]);
    expect(file.binaries[0]?.because['components']).toContain('.dep-v0');
    const bom = cyclonedx(formatSbom(file));
    expect(bom.metadata.component).toMatchObject({ name: 'app', version: '0.1.0' });
    expect(bom.dependencies).toContainEqual({ ref: 'pkg:cargo/serde@1.0.200', dependsOn: ['listed:patched@2.0.0%2Bx'] });
    expect(bom.components.map((one) => (one as { scope?: string }).scope)).toEqual(['required', 'required', 'excluded']);
    expect(bom.compositions[0]?.aggregate).toBe('complete');
    spdx(formatSbom(file, { format: 'spdx', created }));
  });

  it('are counted in what an inspection shows, and shown where more is asked for', async () => {
    const path = join(folder, 'rust');
    writeFileSync(path, rust(crates));
    expect((await run([path])).out).toMatch(/components +4 listed in the file\n/);
    expect((await run(['-v', path])).out).toContain('serde 1.0.200 (cargo-auditable)');
  });

  it('are not looked for where only headers are asked for', () => {
    expect(inspectSync(rust(crates)).binaries[0]?.components).toEqual([]);
  });

  it.each([
    ['no zlib', Uint8Array.of(1, 2, 3)],
    ['nothing', new Uint8Array()],
    ['cut', deflateSync(JSON.stringify({ packages: crates })).subarray(0, 30)],
    ['no JSON', deflateSync('{')],
    ['no list', deflateSync('{"packages":{}}')],
    ['a bomb', deflateSync(Buffer.alloc(64 * 1024 * 1024, ' '))],
    ['deep nesting', deflateSync('['.repeat(1_000_000))],
    ['an index that leads nowhere', deflateSync(JSON.stringify({ packages: [{ name: 'a', dependencies: [1] }] }))],
    ['too many', deflateSync(JSON.stringify({ packages: Array.from({ length: 100_001 }, () => 0) }))],
  ])('that are damaged are warnings: %s', (_name, bytes) => {
    const [binary] = inspected(rust(null, bytes), 'app').binaries;
    expect(binary?.components).toEqual([]);
    expect(binary?.warnings.some(({ message }) => message.includes('.dep-v0'))).toBe(true);
  });

  it('of packages name what a file belongs to', () => {
    const text = `${JSON.stringify({ type: 'rpm', os: 'fedora', name: 'hello', version: '2.12-1.fc40' })}\0\0\0`;
    const file = inspected(buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', notes: [{ owner: 'FDO', type: 0xcafe_1a7e, data: Buffer.from(text) }] }), 'hello');
    expect(file.binaries[0]?.components).toMatchObject([{ from: 'package-note', purl: 'pkg:rpm/fedora/hello@2.12-1.fc40' }]);
    const bom = cyclonedx(formatSbom(file));
    expect(bom.metadata.component).toMatchObject({ name: 'hello', version: '2.12-1.fc40', purl: 'pkg:rpm/fedora/hello@2.12-1.fc40' });
    expect(bom.compositions[0]?.aggregate).toBe('incomplete');
  });
});

const BUNDLE_MARK = createHash('sha256').update('.net core bundle\n').digest();

/** A .NET program of a single file: a host whose data lead to a header behind all sections, with a file of configuration and deps.json. */
function dotnet(deps: string | Uint8Array, { major = 6, packed = false, quick = false, entries = 2 } = {}): Uint8Array {
  const host = (offset: bigint): Buffer => {
    const data = Buffer.alloc(256);
    data.writeBigInt64LE(offset, 64);
    BUNDLE_MARK.copy(data, 72);
    return Buffer.from(buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', sections: [{ name: '.data', type: 1, data }] }));
  };
  const { length } = host(0n);
  const text = packed ? deflateRawSync(deps) : Buffer.from(deps);
  const name = (word: string): Buffer => Buffer.concat([Buffer.of(word.length), Buffer.from(word)]);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(major, 0);
  head.writeInt32LE(entries, 8);
  const places = Buffer.alloc(major >= 2 ? 40 : 0);
  if (quick) [length, text.length].forEach((value, i) => places.writeBigInt64LE(BigInt(value), i * 8));
  const entry = (type: number, word: string): Buffer => {
    const numbers = [length, Buffer.from(deps).length, ...(major >= 6 ? [packed ? text.length : 0] : [])];
    const bytes = Buffer.alloc(numbers.length * 8 + 1);
    numbers.forEach((value, i) => bytes.writeBigInt64LE(BigInt(value), i * 8));
    bytes[numbers.length * 8] = type;
    return Buffer.concat([bytes, name(word)]);
  };
  const header = Buffer.concat([head, name('id'), places, entry(4, 'app.runtimeconfig.json'), entry(3, 'app.deps.json')]);
  return Buffer.concat([host(BigInt(length + text.length)), text, header]);
}

const DEPS = JSON.stringify({
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64' },
  targets: {
    '.NETCoreApp,Version=v8.0': {},
    '.NETCoreApp,Version=v8.0/linux-x64': {
      'app/1.2.3': { dependencies: { 'Newtonsoft.Json': '13.0.3', lib: '1.0.0', 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64': '8.0.4', constructor: '1' } },
      'lib/1.0.0': { dependencies: { 'newtonsoft.json': '13.0.3' } },
      'Newtonsoft.Json/13.0.3': {},
    },
  },
  libraries: {
    'app/1.2.3': { type: 'project' },
    'lib/1.0.0': { type: 'project' },
    'Newtonsoft.Json/13.0.3': { type: 'package', sha512: 'sha512-x' },
    'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.4': { type: 'runtimepack' },
  },
});

describe('lists of other makers', () => {
  it.each([{}, { packed: true }, { quick: true }, { major: 2 }, { major: 1 }])('of a .NET bundle are read: %o', (plan) => {
    const file = inspected(dotnet(DEPS, plan), 'app');
    expect(file.binaries[0]?.components.map(({ name, version, purl, main, dependencies }) => [name, version, purl, main, dependencies])).toEqual([
      ['app', '1.2.3', null, true, [2, 1, 3]],
      ['lib', '1.0.0', null, false, [2]],
      ['Newtonsoft.Json', '13.0.3', 'pkg:nuget/Newtonsoft.Json@13.0.3', false, []],
      ['runtimepack.Microsoft.NETCore.App.Runtime.linux-x64', '8.0.4', null, false, []],
    ]);
    expect(file.binaries[0]?.because['components']).toBe('deps.json of a .NET bundle');
    const bom = cyclonedx(formatSbom(file));
    expect(bom.metadata.component).toMatchObject({ name: 'app', version: '1.2.3' });
    expect(bom.compositions[0]?.aggregate).toBe('complete');
    expect(bom.dependencies).toContainEqual({ ref: 'listed:lib@1.0.0', dependsOn: ['pkg:nuget/Newtonsoft.Json@13.0.3'] });
  });

  it.each([
    ['text that is no JSON', dotnet('{')],
    ['no libraries', dotnet('{"libraries":{}}')],
    ['a header that ends too soon', dotnet(DEPS, { entries: 2_000_000_000 }).subarray(0, -40)],
    ['a bomb', dotnet(Buffer.alloc(64 * 1024 * 1024, ' '), { packed: true })],
  ])('of a .NET bundle that are damaged are no list: %s', (_name, bytes) => {
    expect(inspected(bytes, 'app').binaries[0]?.components).toEqual([]);
  });

  it('a host without a bundle has none', () => {
    const host = dotnet(DEPS);
    const at = Buffer.from(host).indexOf(BUNDLE_MARK) - 8;
    host.fill(0, at, at + 8);
    expect(inspected(host, 'app').binaries[0]?.components).toEqual([]);
  });

  /** An image as GraalVM makes it: the list and its length in .data, symbols that lead there, a heap. */
  function native(list: Uint8Array): Uint8Array {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(list.length));
    const strings = Buffer.from('\0sbom\0sbom_length\0');
    const symbol = (name: number, value: bigint): Buffer => {
      const bytes = Buffer.alloc(24);
      bytes.writeUInt32LE(name, 0);
      bytes[4] = 0x11;
      bytes.writeUInt16LE(1, 6);
      bytes.writeBigUInt64LE(value, 8);
      return bytes;
    };
    const base = 0x40_0000n;
    const make = (at: bigint): Uint8Array =>
      buildElf({
        segments: [{ type: 1, flags: 6, offset: 0, address: base, fileSize: 0x1_0000, memorySize: 0x1_0000 }],
        sections: [
          { name: '.data', type: 1, data: Buffer.concat([length, list]) },
          { name: '.svm_heap', type: 1, data: Buffer.alloc(16) },
          { name: '.symtab', type: 2, data: Buffer.concat([Buffer.alloc(24), symbol(1, base + at + 8n), symbol(6, base + at)]), link: 4, info: 1 },
          { name: '.strtab', type: 3, data: strings },
        ],
      });
    const first = Buffer.from(make(0n));
    return make(BigInt(first.indexOf(Buffer.concat([length, list]))));
  }

  it('of a native image are read, by the symbols that lead to them', () => {
    const bom = {
      bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { type: 'library', group: 'org.acme', name: 'app', version: '1.0', 'bom-ref': 'a' } },
      components: [{ group: 'io.netty', name: 'netty-codec', version: '4.1', purl: 'pkg:maven/io.netty/netty-codec@4.1', 'bom-ref': 'n' }],
      dependencies: [{ ref: 'a', dependsOn: ['n', 'x'] }],
    }; // prettier-ignore
    const file = inspected(native(gzipSync(JSON.stringify(bom))), 'app');
    expect(file.binaries[0]?.components).toMatchObject([
      { from: 'native-image', name: 'org.acme/app', main: true, dependencies: [1] },
      { from: 'native-image', name: 'io.netty/netty-codec', version: '4.1', purl: 'pkg:maven/io.netty/netty-codec@4.1', dependencies: null },
    ]);
    expect(cyclonedx(formatSbom(file)).components.map(({ purl }) => purl)).toEqual(['pkg:maven/io.netty/netty-codec@4.1']);
    for (const bad of [gzipSync('{}'), gzipSync('['), Buffer.alloc(64), gzipSync(Buffer.alloc(64 * 1024 * 1024))]) {
      const [binary] = inspected(native(bad), 'app').binaries;
      expect(binary?.components).toEqual([]);
      expect(binary?.warnings.some(({ message }) => message.includes('native image'))).toBe(true);
    }
  });

  it('of Go are its modules, and the standard library', () => {
    const { components } = hello.binaries[0] as Inspection['binaries'][0];
    expect(components.map(({ from, name, purl }) => [from, name, purl])).toEqual([['go', 'example.com/hello', expect.stringMatching(/^pkg:golang\/example.com\/hello@/)], ['go', 'stdlib', 'pkg:golang/stdlib@1.19.8']]);
    expect(inspectSync(HELLO).binaries[0]?.components).toEqual([]);
  });
});

it('text that is no Unicode is replaced, and the command says so', async () => {
  const path = join(folder, 'odd');
  writeFileSync(path, program('path\texample.com/odd\udc80\nmod\texample.com/odd\udc80\tv1.0.0\t\ndep\texample.com/a\tv1.0.0\th1:x=\ndep\texample.com/a\tv1.0.0\th1:x=\n'));
  const { status, out, err } = await run(['sbom', '--reproducible', path]);
  expect(status).toBe(0);
  expect(err).toContain('is no Unicode: U+FFFD stands in its place');
  expect(err).toContain('pkg:golang/example.com/a@v1.0.0 stands in a list more than once; the first is kept');
  expect(cyclonedx(out).metadata.component.name).toBe('example.com/odd\ufffd');
  expect(out).not.toMatch(/[\ud800-\udfff]|\\ud[89a-f]/);
});

describe('words', () => {
  it('of purls are encoded', () => {
    expect(purlOf('golang', 'a/b', 'v1+x', 'c d')).toBe('pkg:golang/a/b@v1%2Bx#c%20d');
    expect(purlOf('golang', '../b', null)).toBeNull();
  });

  it('give the UUIDs of RFC 9562', () => {
    expect(uuidOf('http://www.example.com/')).toBe(uuidOf('http://www.example.com/'));
    expect(uuidOf('binspect:sbom:cyclonedx:1:hello-linux-amd64:sha256:2110cd3898a270ae641371fb4623c19630a6fb7f1114deb5f62e08c4da1e4616')).toBe('1f9ee53f-9a08-59ab-b87e-f1af1ea87e5a');
  });

  it('have the version of the package', () => {
    expect(VERSION).toBe(manifest.version);
  });
});
