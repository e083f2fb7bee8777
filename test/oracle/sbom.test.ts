// Bills of materials held against the official schema of CycloneDX, by ajv, and against the rules that a schema can't say; over every program at hand.
// The schema and ajv come from npm. SPDX's own schema is in no package there: its documents are held against the rules in test/sbom.test.ts.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspect, isBinspectError } from '../../src/index.ts';
import type { Inspection } from '../../src/index.ts';
import { formatMergedSbom, formatSbom } from '../../src/sbom/format.ts';
import { filesBeginning } from './machine-files.ts';

const CI = process.env['CI'] !== undefined;
const PACKAGES = ['@cyclonedx/cyclonedx-library@10.3.0', 'ajv@8.20.0', 'ajv-formats@3.0.1', 'ajv-formats-draft2019@1.6.1'];
const MOST = 240; // programs; those with a list of what is in them first
const folder = mkdtempSync(join(tmpdir(), 'binspect-sbom-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(join(folder, 'package.json'), '{}');
const installed = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--silent', ...PACKAGES], { cwd: folder, timeout: 240_000 }).status === 0;
if (!installed && !CI) console.warn('skipped: ajv and the schema of CycloneDX can not be had from npm');

interface Document {
  readonly metadata: { readonly component: { readonly 'bom-ref': string; readonly purl?: string } };
  readonly components?: readonly { readonly 'bom-ref': string; readonly purl?: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** What the rules that no schema says have against a document: references that stand twice or lead nowhere, package URLs that do not parse. */
function problemsOf({ metadata, components = [], dependencies }: Document): string[] {
  const all = [metadata.component, ...components];
  const refs = all.map((one) => one['bom-ref']);
  const known = new Set(refs);
  return [
    ...(known.size === refs.length ? [] : ['a bom-ref stands twice']),
    ...dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref)).map((ref) => `${ref} leads nowhere`),
    ...all.flatMap(({ purl }) => (purl === undefined || /^pkg:[a-z]+(\/[\w.~%:-]+)+(@[\w.~%:-]+)?(#[\w.~%:/-]+)?$/.test(purl) ? [] : [`${purl} is no package URL`])),
  ];
}

describe.skipIf(!installed && !CI)('the official schema', () => {
  let validate: (document: unknown) => string[];
  beforeAll(() => {
    if (!installed) throw new Error('npm could not install ajv and the schema of CycloneDX');
    const require = createRequire(join(folder, 'package.json'));
    const { default: Ajv } = require('ajv') as { default: new (options: object) => { addSchema(schema: unknown, name: string): void; compile(schema: unknown): { (value: unknown): boolean; errors?: readonly { instancePath: string; message: string }[] } } };
    const ajv = new Ajv({ strict: false, allErrors: true });
    (require('ajv-formats') as { default: (ajv: unknown) => void }).default(ajv);
    (require('ajv-formats-draft2019') as (ajv: unknown) => void)(ajv);
    const schema = (name: string): unknown => require(join(folder, `node_modules/@cyclonedx/cyclonedx-library/res/schema/${name}.SNAPSHOT.schema.json`));
    for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    const check = ajv.compile(schema('bom-1.6'));
    validate = (document) => (check(document) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`));
  });

  it('refuses what it should', () => {
    expect(validate({ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: 'x' })).not.toEqual([]);
  });

  it('accepts what is written of the programs at hand, and of all of them together', { timeout: 300_000 }, async () => {
    const found: Inspection[] = [];
    for (const path of filesBeginning(/^(7f454c46|4d5a|cffaedfe|cafebabe|0061736d)/, ['/usr/bin', '/usr/lib/go'])) {
      try {
        found.push(await inspect(path, { hash: true, facts: 'all' }));
      } catch (error) {
        if (!isBinspectError(error)) throw error;
      }
    }
    const lists = ({ binaries }: Inspection): number => binaries.reduce((sum, { components }) => sum + components.length, 0);
    const chosen = found.toSorted((a, b) => lists(b) - lists(a)).slice(0, MOST);
    expect(chosen.length).toBeGreaterThan(100);
    expect(lists(chosen[0] as Inspection)).toBeGreaterThan(0);
    for (const one of chosen) {
      for (const native of [false, true]) {
        const document = JSON.parse(formatSbom(one, { native, created: new Date(0) })) as Document;
        expect([...validate(document), ...problemsOf(document)], one.path ?? '').toEqual([]);
      }
    }
    const merged = JSON.parse(formatMergedSbom(chosen, 'everything', { native: true, created: new Date(0) })) as Document;
    expect([...validate(merged), ...problemsOf(merged)]).toEqual([]);
    console.log(`${chosen.length} programs, ${chosen.filter((one) => lists(one) > 0).length} with a list: ${2 * chosen.length + 1} documents are valid`);
  });
});
