// Words that every JavaScript object answers to, wherever text comes from outside: in files, names, policies, packages, options. They are only words.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scan } from '../src/files/scan.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary, Inspection } from '../src/model/binary.ts';
import { wordIn } from '../src/model/names.ts';
import { platformOf } from '../src/model/platform.ts';
import type { Policy } from '../src/model/verdict.ts';
import { toJSON } from '../src/render/json.ts';
import { describeFiles } from '../src/verify/policy/describe.ts';
import { parsePolicy } from '../src/verify/policy/policy.ts';
import { claimsOfPath } from '../src/verify/targets/claims.ts';
import { matchesPackage } from '../src/verify/targets/package-json.ts';
import { isNamedProgram } from '../src/verify/targets/programs.ts';
import { verify } from '../src/verify/verify.ts';
import { elf as elfBinary, file } from './build/binary.ts';
import { buildElf } from './build/elf.ts';
import { elf, framed, inlineBlob, machO, pe, PE_DATA } from './build/go.ts';
import { buildPe } from './build/pe.ts';
import { run } from './terminal.ts';

const WORDS = Object.getOwnPropertyNames(Object.prototype);

const folder = mkdtempSync(join(tmpdir(), 'binspect-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An inspection that is plain data, with every fact of its JSON. */
function plainly(bytes: Uint8Array): Binary {
  const inspection: Inspection = inspectSync(bytes, { facts: 'all' });
  expect(structuredClone(inspection)).toEqual(inspection);
  const { platform } = JSON.parse(toJSON(inspection)).binaries[0];
  for (const word of Object.values(platform)) expect(word === null || typeof word === 'string').toBe(true);
  expect(Object.keys(platform)).toEqual(['os', 'arch', 'variant', 'libc', 'go', 'node', 'oci', 'triple']);
  return inspection.binaries[0] as Binary;
}

describe.each(WORDS)('the word %s', (word) => {
  it('is no key of a table', () => {
    expect(wordIn<unknown>({ a: 1 }, word)).toBeUndefined();
  });

  it('is the owner of a note, an interpreter, a library, a section of an ELF file', () => {
    const { platform } = plainly(
      buildElf({
        notes: [{ owner: word, type: 1, data: new Uint8Array(4) }],
        interpreter: word,
        dynamic: [[1, word], [14, word], [15, `${word}:${word}`]],
        sections: [{ name: word, type: 1 }, { name: `.${word}`, type: 1 }],
      }),
    ); // prettier-ignore
    expect(platform).toEqual(platformOf({ os: null, arch: 'amd64', variant: null, libc: null, abi: null }));
  });

  it('is a module, a function, a section of a PE file', () => {
    const { platform } = plainly(buildPe({ imports: [{ name: word }], delayImports: [{ name: word }], exportName: word }));
    expect(platform.os).toBe('windows');
  });

  it('is a system, an architecture, a level, a setting of Go', () => {
    for (const text of [`build\tGOOS=${word}\nbuild\tGOARCH=${word}\nbuild\t${word}=${word}\n`, `build\tGOOS=linux\nbuild\tGOARCH=amd64\nbuild\tGOAMD64=${word}\n`]) {
      const data = inlineBlob({ version: word, modules: framed(`path\t${word}\nmod\t${word}\t${word}\t\n${text}`) });
      const files = [
        elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data, writable: true }] }).file,
        machO({ pieces: [{ name: '__go_buildinfo', address: 0x50_0000n, data }] }).file,
        pe({ sections: [{ name: '.data', address: 0x8000, data, flags: PE_DATA }] }).file,
      ];
      expect(files.map((bytes) => plainly(bytes).go?.path)).toEqual([word, word, word]);
      for (const bytes of files) {
        const inspection = { ...inspectSync(bytes), path: `x_${word}_linux_amd64` };
        expect(verify(inspection, { targetFromName: true, target: ['linux/amd64'], goSettings: { [word]: word } }).findings.length).toBeGreaterThan(2);
        expect(() => describeFiles([{ path: word, inspection }, { path: `${word}2`, inspection }])).not.toThrow();
      }
    }
  });

  it('is a file’s name, its ending and its folder', () => {
    expect(claimsOfPath(`${word}/${word}_${word}.${word}`)).toEqual([]);
    expect(isNamedProgram(`${word}/x.${word}`)).toBe(false);
    expect(claimsOfPath(`${word}/${word}-linux-arm64`).map(({ target }) => target.os)).toEqual([['linux']]);
  });

  it('is what a package is for', () => {
    const binary = elfBinary({ platform: platformOf({ os: word, arch: word, variant: word, libc: word, abi: word }) });
    expect(matchesPackage(binary, { path: '', os: [word], cpu: ['x64'], libc: [word] })).toBe('no');
    expect(matchesPackage(elfBinary(), { path: '', os: [word, `!${word}`], cpu: [word], libc: null })).toBe('no');
    expect(platformOf({ os: word, arch: word, variant: word, libc: word, abi: word })).toMatchObject({ go: null, node: null, oci: null, triple: null });
  });

  it('is a key of a policy that nobody knows', () => {
    const key = JSON.stringify(word);
    for (const text of [`{"version":1,${key}:1}`, `{"version":1,"defaults":{${key}:true}}`, `{"version":1,"artifacts":[{"files":"a",${key}:1}]}`]) {
      expect(() => parsePolicy(text)).toThrowError(expect.objectContaining({ code: 'invalid-policy', message: expect.stringContaining('unknown key') }) as Error);
    }
    expect(() => parsePolicy(`{"version":1,${key}:1,${key}:1}`)).toThrowError(/stands here twice/);
    expect(() => verify(file(elfBinary()), JSON.parse(`{${key}:true}`))).toThrowError(expect.objectContaining({ code: 'invalid-argument' }) as Error);
    expect(() => inspectSync(buildElf(), { limits: JSON.parse(`{${key}:1}`) })).toThrowError(expect.objectContaining({ code: 'invalid-argument' }) as Error);
    const policy = parsePolicy(`{"version":1,"defaults":{"goSettings":{${key}:"1"}},"artifacts":[{"files":${key}}],"waivers":[{"rule":"pie","files":${key},"reason":${key},"expires":"2999-01-01"}]}`);
    expect(Object.keys(policy.defaults?.goSettings ?? {})).toEqual([word]);
  });

  it.each([[[word]], [[`--${word}`, 'x']], [['inspect', `--${word}=1`, 'x']], [['help', word]], [['completion', word]], [['verify', '--target', `${word}/${word}`, 'x']], [['--fields', word, 'x']]])(
    'is wrong on the command line: %j',
    async (args) => {
      const { status, err } = await run(args);
      expect(status).toBeGreaterThan(1);
      expect(status).toBeLessThan(4);
      expect(err).toMatch(/^(binspect|error): /);
    },
  );
});

describe('files called so', () => {
  it('do not end a scan, nor a verification', async () => {
    const inside = join(folder, 'files');
    mkdirSync(inside);
    for (const word of WORDS) {
      const modules = framed(`path\tp\nbuild\tGOOS=${word}\nbuild\tGOARCH=${word}\n`);
      writeFileSync(join(inside, word), pe({ sections: [{ name: '.data', address: 0x8000, data: inlineBlob({ modules }), flags: PE_DATA }] }).file);
    }
    const items = [];
    for await (const item of scan([inside])) items.push('error' in item ? item.error : item.inspection.binaries[0]?.platform.os);
    expect(items).toEqual(WORDS.map(() => 'windows'));
    const policy: Policy = { version: 1, defaults: { target: 'windows/amd64' }, artifacts: WORDS.map((word) => ({ files: [word] })) };
    const report = await verifyFiles(policy, { base: inside });
    expect(report.files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).sort()).toEqual([...WORDS].sort());
    expect(report.files.flatMap(({ findings }) => findings.map(({ status }) => status))).toEqual(WORDS.map(() => 'fail'));
    const { status, out } = await run(['--json', inside]);
    expect(status).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(WORDS.length);
  });
});
