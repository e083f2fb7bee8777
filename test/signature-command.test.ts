// Signatures on the command line: inspect --signatures, and the rules of verify.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closed, violations } from './build/json-schema.ts';
import inspectionSchema from '../src/schema/inspection.json' with { type: 'json' };
import { plainPe, parties, signPe } from './build/authenticode.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { digest } from './build/pki.ts';
import type { Certificate } from './build/pki.ts';
import { designated, developer, entitlementsDer, entitlementsXml, sealedMachO, TEAM } from './build/seal.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-signatures-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const pem = (...certificates: readonly Certificate[]): string =>
  certificates.map(({ der }) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`).join('subject=…\n');

const exe = put('app.exe', signPe(plainPe(), { stamps: ['rfc3161'], programName: 'Example' }));
const plain = put('plain.exe', plainPe());
const changed = signPe(plainPe());
changed[0x500] = 0xee;
const broken = put('changed.exe', changed);
const blobs = new Map<number, Uint8Array>([[2, designated('com.example.program')], [5, entitlementsXml('a')], [7, entitlementsDer('a')]]);
const program = put('program', sealedMachO({ blobs, stamp: 'rfc3161' }).bytes);
const adhoc = put('adhoc', sealedMachO({ cms: 'none', flags: 0x2_0002 }).bytes);
const fat = put('fat', buildFat({ slices: [{ bytes: sealedMachO({}).bytes, cpuType: 0x0100_0007 }, { bytes: sealedMachO({ cms: 'none' }).bytes, cpuType: 0x0100_000c }] }));
const elf = put('elf', buildElf());
const windows = put('windows.pem', `# roots\n${pem(parties().root)}`);
const apple = put('apple.pem', pem(developer().root));
const stamps = put('stamps.pem', pem(parties().stampRoot, developer().stampRoot));
const ROOTS = ['--roots', windows, '--roots', apple, '--tsa-roots', stamps];

describe('inspect --signatures', () => {
  const block = async (path: string, ...options: string[]): Promise<string> => {
    const { out, status } = await run(['--signatures', ...options, path], { columns: 400 });
    expect(status).toBe(0);
    expect(out.toLowerCase()).not.toContain('trust');
    return out;
  };
  const line = (out: string, label: string): string => new RegExp(`^${label}\\s+(.*)$`, 'm').exec(out)?.[1] ?? '';

  it('answers in four lines, and says what nobody checked', async () => {
    const out = await block(exe, ...ROOTS);
    expect(line(out, 'whole')).toBe('yes: the bytes are those that its digests name (sha256)');
    expect(line(out, 'signed by')).toBe('Example GmbH, DE');
    expect(line(out, 'leads')).toBe('to the root Example Root, over 2 certificates');
    expect(line(out, 'when')).toBe('2025-03-01T12:00:00.250Z by its time stamp, when every certificate was valid');
    expect(line(out, 'not checked')).toContain('revocation of certificates');
    expect(line(out, 'signature')).not.toContain('not checked');
    const seal = await block(program, ...ROOTS);
    expect(line(seal, 'whole')).toContain('6 pages');
    expect(line(seal, 'signed by')).toBe(`Developer ID Application: Example (${TEAM}), DE`);
    expect(line(seal, 'not checked')).toContain('notarization');
  });

  it('says what is not so, and why', async () => {
    const out = await block(broken, ...ROOTS, '--at', '2025-01-01');
    expect(line(out, 'whole')).toMatch(/^no: the sha256 digest of the image is/);
    expect(line(out, 'signed by')).toContain('Example GmbH, DE');
    expect(line(out, 'when')).toBe('2025-01-01T00:00:00Z by the time given, when every certificate was valid');
    expect(line(out, 'remark')).toContain('CheckSum');
    const alone = await block(exe);
    expect(line(alone, 'leads')).toContain('not asked for: no roots were given');
    expect(line(alone, 'when')).toBe('not asked for; stamped 2025-03-01T12:00:00.250Z');
    expect(line(await block(exe, '--roots', apple), 'leads')).toMatch(/^to no root that was given: /);
    expect(line(await block(adhoc), 'signed by')).toMatch(/^nobody: the linker wrote digests/);
    expect(await block(plain)).toMatch(/nobody: there is no embedded signature\n.*catalogues/);
    expect(line(await block(elf), 'signed by')).toMatch(/^nobody/);
    expect(await block(fat, ...ROOTS)).toContain('nobody: an ad-hoc signature');
  });

  it('has a word for each file of a table', async () => {
    const { out } = await run(['--signatures', ...ROOTS, folder], { columns: 200 });
    expect(out).toMatch(/SIGNATURE/);
    const word = (name: string): string => new RegExp(`^.*/${name}$`, 'm').exec(out)?.[0] ?? '';
    expect(word('app.exe')).toContain('anchored');
    expect(word('changed.exe')).toContain('changed');
    expect(word('plain.exe')).toContain('absent');
    expect(word('adhoc')).toContain('linker-signed');
    expect(word('fat')).toContain('mixed');
    expect((await run([folder], { columns: 200 })).out).not.toMatch(/SIGNATURE/);
  });

  it('has fields of its own, and checks standard input too', async () => {
    const { out } = await run(['--signatures', ...ROOTS, '--fields', 'signatureCheck.state,signatureCheck.levels.anchored', exe]);
    expect(out).toBe('certificate\tyes\n');
    const piped = await run(['--signatures', ...ROOTS, '--json', '-'], { input: [readFileSync(exe)] });
    expect((JSON.parse(piped.out) as { binaries: { signatureCheck: { state: string } }[] }).binaries[0]?.signatureCheck.state).toBe('certificate');
  });

  it('is JSON as the schema says', async () => {
    const schema = closed(JSON.parse(JSON.stringify(inspectionSchema)) as Record<string, unknown>);
    for (const path of [exe, broken, program, adhoc, fat, elf]) {
      const { out } = await run(['--json', '--signatures', ...ROOTS, path]);
      const found = JSON.parse(out) as { binaries: { signatureCheck: { entitlements: unknown } | null }[] };
      for (const { signatureCheck } of found.binaries) if (signatureCheck !== null) signatureCheck.entitlements = null; // its keys are the file's words
      expect(violations(found, schema)).toEqual([]);
    }
  });

  it.each<[string, string[], RegExp]>([
    ['roots without signatures', ['--roots', windows, exe], /are for --signatures/],
    ['a file that is not there', ['--signatures', '--roots', 'nothing.pem', exe], /nothing\.pem/],
    ['a file without a certificate', ['--signatures', '--roots', exe, exe], /roots/],
    ['a time that is none', ['--signatures', '--at', 'tomorrow', exe], /at is a date/],
    ['roots for time stamps alone', ['--signatures', '--tsa-roots', stamps, exe], /needs --roots/],
  ])('refuses %s', async (_, args, message) => {
    const { status, err } = await run(args);
    expect([status, message.test(err)]).toEqual([2, true]);
  });

  it('says which block of a file of roots can not be read', async () => {
    const bad = put('bad.pem', pem(parties().root) + pem({ ...parties().root, der: parties().root.der.subarray(0, 50) }));
    const { status, err } = await run(['--signatures', '--roots', bad, exe]);
    expect([status, err.includes('block 2')]).toEqual([2, true]);
  });
});

describe('verify', () => {
  const status = async (...args: string[]): Promise<number> => (await run(['verify', ...args])).status;

  it('--signed: by anybody, every slice', async () => {
    expect(await status('--signed', exe)).toBe(0);
    expect(await status('--signed', program)).toBe(0);
    for (const path of [plain, broken, adhoc, fat, elf]) expect(await status('--signed', path)).toBe(1);
  });

  it('--anchored: below a root, at a time', async () => {
    expect(await status('--anchored', ...ROOTS, exe, program)).toBe(0);
    expect(await status('--anchored', '--roots', windows, '--at', '2025-01-01', exe)).toBe(0);
    expect(await status('--anchored', '--roots', windows, '--at', '2027-01-01', exe)).toBe(1);
    expect(await status('--anchored', '--roots', apple, exe)).toBe(1);
    expect(await status('--anchored', exe)).toBe(2);
  });

  it('--team-id --signer --signing-id: below a root; --signer-sha256: by itself', async () => {
    expect(await status('--team-id', TEAM, ...ROOTS, program)).toBe(0);
    expect(await status('--team-id', TEAM, program)).toBe(1);
    expect(await status('--team-id', 'OTHER', ...ROOTS, program)).toBe(1);
    expect(await status('--signer', 'O=Example GmbH, C=DE', ...ROOTS, exe)).toBe(0);
    expect(await status('--signer', 'O=Example', ...ROOTS, exe)).toBe(1);
    expect(await status('--signer', 'Example', ...ROOTS, exe)).toBe(2);
    expect(await status('--signing-id', 'com.example.program', ...ROOTS, program)).toBe(0);
    expect(await status('--signer-sha256', digest('sha256', parties().signer.der).toString('hex'), exe)).toBe(0);
    expect(await status('--signer-sha256', 'ab'.repeat(32), exe)).toBe(1);
    expect(await status('--roots', windows, '--pie', exe)).toBe(2);
  });

  it('takes rules from a policy, roots from the command', async () => {
    const policy = put('policy.json', JSON.stringify({ version: 1, artifacts: [{ files: ['app.exe'], expect: { anchored: true, signer: 'CN=Example GmbH' } }, { files: ['program'], expect: { teamId: TEAM, signed: true } }] }));
    expect(await status('--policy', policy, ...ROOTS)).toBe(0);
    const { out, status: without } = await run(['verify', '--policy', policy]);
    expect([without, out.includes('no root certificates were given')]).toEqual([1, true]);
  });
});
