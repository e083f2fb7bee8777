// Proofs on the command line: files, checksum lists, every report, and the statuses of what goes wrong.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './terminal.ts';
import type { Ran } from './terminal.ts';
import { digest, keyOf, signBytes } from './build/pki.ts';
import { buildElf } from './build/elf.ts';
import { IDENTITY, ISSUER, bundle, instance, pem, statement, trustedRoot } from './build/sigstore.ts';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'binspect-proofs-'));
const WHO = ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER, '--trusted-root', 'root.jsonl'];
const APP = buildElf();
const LINUX = gzipSync('an archive\n');
const MAC = gzipSync('another archive\n');
const key = keyOf('p256', 'release');

beforeAll(() => {
  process.chdir(folder);
  const here = instance();
  const list = Buffer.from(`${digest('sha256', LINUX).toString('hex')}  tool_linux_amd64.tar.gz\n${digest('sha256', MAC).toString('hex')}  tool_darwin_arm64.tar.gz\n`);
  for (const [name, changedList, mac] of [['dist', list, MAC], ['forged', Buffer.from(list.toString().replace(/^./, (digit) => (digit === '0' ? '1' : '0'))), MAC], ['swapped', list, LINUX]] as const) {
    mkdirSync(name);
    writeFileSync(`${name}/tool_linux_amd64.tar.gz`, LINUX);
    writeFileSync(`${name}/tool_darwin_arm64.tar.gz`, mac);
    writeFileSync(`${name}/SHA256SUMS`, changedList);
    writeFileSync(`${name}/SHA256SUMS.sigstore.json`, JSON.stringify(bundle({ of: here, file: list }).bundle));
    writeFileSync(`${name}/SHA256SUMS.sig`, Buffer.from(signBytes(key, 'sha256', list)).toString('base64'));
    writeFileSync(`${name}/cosign.pub`, pem('PUBLIC KEY', key.spki));
  }
  writeFileSync('root.jsonl', `${JSON.stringify(trustedRoot(instance('elsewhere')))}\n${JSON.stringify(trustedRoot(here))}\n`);
  writeFileSync('app', APP);
  writeFileSync('app.jsonl', `${JSON.stringify(bundle({ of: here, file: APP, statement: statement(APP) }).bundle)}\n`);
  writeFileSync('other', 'not the same\n');
  writeFileSync('garbage', 'neither\nnor\n');
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const verify = (...args: readonly string[]): Promise<Ran> => run(['verify', ...args]);

describe('a file and its attestation', () => {
  it('passes, alone and beside other expectations', async () => {
    expect(await verify('--bundle', 'app.jsonl', ...WHO, 'app')).toMatchObject({ status: 0, err: '', out: expect.stringContaining('OK  1 file, 7 checks') as string });
    expect(await verify('--bundle', 'app.jsonl', ...WHO, '--max-size', '10MB', '--predicate-type', 'https://slsa.dev/provenance/v1', 'app')).toMatchObject({ status: 0, out: expect.stringContaining('9 checks') as string });
    expect(await verify('--bundle', 'app.jsonl', ...WHO, '--max-size', '1', 'app')).toMatchObject({ status: 1, out: expect.stringContaining('maxSize') as string });
    expect(await verify('--bundle', 'app.jsonl', ...WHO, `sha256:${digest('sha256', APP).toString('hex')}`)).toMatchObject({ status: 0 });
    expect(await verify('--bundle', 'app.jsonl', ...WHO, 'app', 'other')).toMatchObject({ status: 1 });
  });

  it.each(['text', 'json', 'junit', 'sarif', 'github'])('says in %s which step failed, what was expected and what was found', async (form) => {
    const { status, out } = await verify('--bundle', 'app.jsonl', '--certificate-identity', 'https://github.com/someone/else', '--certificate-oidc-issuer', ISSUER, '--trusted-root', 'root.jsonl', '-o', form, 'app');
    expect(status).toBe(1);
    for (const text of ['certificateIdentity', 'https://github.com/someone/else', IDENTITY]) expect(out).toContain(text);
  });
});

describe('a signed list', () => {
  it('holds first, then every file', async () => {
    expect(await verify('--sums', 'dist/SHA256SUMS', '--sums-bundle', 'dist/SHA256SUMS.sigstore.json', ...WHO, '--coverage', 'listed', 'dist')).toMatchObject({ status: 0 });
    expect(await verify('--sums', 'dist/SHA256SUMS', '--sums-signature', 'dist/SHA256SUMS.sig', '--key', 'dist/cosign.pub', '-v', 'dist')).toMatchObject({ status: 0, out: expect.stringMatching(/^✓ dist\/SHA256SUMS\b/) as string });
  });

  it('that does not hold makes every line unknown', async () => {
    for (const proof of [['--sums-bundle', 'forged/SHA256SUMS.sigstore.json', ...WHO], ['--sums-signature', 'forged/SHA256SUMS.sig', '--key', 'dist/cosign.pub']]) {
      const { status, out } = await verify('--sums', 'forged/SHA256SUMS', ...proof, 'forged', '-o', 'json');
      expect(status).toBe(1);
      const { files } = JSON.parse(out) as { files: { path: string; findings: { rule: string; status: string }[] }[] };
      expect(files[0]?.path).toBe('forged/SHA256SUMS');
      const sums = files.flatMap(({ findings }) => findings).filter(({ rule }) => rule === 'sums');
      expect(sums.length).toBeGreaterThan(1);
      expect(new Set(sums.map((one) => one.status))).toEqual(new Set(['unknown']));
    }
  });

  it('that holds does not help a file that was swapped', async () => {
    const { status, out } = await verify('--sums', 'swapped/SHA256SUMS', '--sums-signature', 'swapped/SHA256SUMS.sig', '--key', 'swapped/cosign.pub', 'swapped');
    expect({ status, out }).toMatchObject({ status: 1, out: expect.stringMatching(/✗ swapped\/tool_darwin_arm64.tar.gz\n +sums\n +expected/) as string });
  });
});

describe('wrong usage', () => {
  it.each([
    [2, ['--bundle', 'app.jsonl', '--trusted-root', 'root.jsonl', 'app']],
    [2, ['--bundle', 'app.jsonl', '--trusted-root', 'root.jsonl', '--certificate-identity', IDENTITY, 'app']],
    [2, ['--bundle', 'app.jsonl', '--trusted-root', 'root.jsonl', '--certificate-oidc-issuer', ISSUER, 'app']],
    [2, ['--bundle', 'app.jsonl', '--trusted-root', 'no-such-file', '--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER, 'app']],
    [2, ['--bundle', 'app.jsonl', '--trusted-root', 'garbage', '--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER, 'app']],
    [2, ['--bundle', 'app.jsonl', '--key', 'garbage', 'app']],
    [2, ['--bundle', 'app.jsonl', '--key', 'no-such-file', 'app']],
    [2, ['--bundle', 'app.jsonl', ...WHO.slice(4), '--certificate-identity-regexp', '(?P<x>y)', '--certificate-oidc-issuer', ISSUER, 'app']],
    [2, ['--signature', 'dist/SHA256SUMS.sig', 'app']],
    [2, ['--signature', 'dist/SHA256SUMS.sig', '--bundle', 'app.jsonl', '--key', 'dist/cosign.pub', 'app']],
    [2, ['--key', 'dist/cosign.pub', 'app']],
    [2, ['--sums-bundle', 'dist/SHA256SUMS.sigstore.json', ...WHO, 'dist']],
    [3, ['--bundle', 'garbage', ...WHO, 'app']],
    [3, ['--bundle', 'no-such-file', ...WHO, 'app']],
    [3, ['--bundle', 'root.jsonl', ...WHO, 'app']],
    [3, ['--bundle', 'app.jsonl', ...WHO, 'no-such-file']],
    [1, ['--bundle', 'app.jsonl', ...WHO, 'other']],
    [1, ['--bundle', 'app.jsonl', ...WHO.slice(0, 4), 'app']],
    [1, ['--signature', 'garbage', '--key', 'dist/cosign.pub', 'app']],
  ])('%i: %j', async (status, args) => {
    const ran = await verify(...args);
    expect(ran.status).toBe(status);
    expect(ran.out + ran.err).not.toMatch(/\n {4}at |TypeError|RangeError/);
  });
});

describe('the release that the manual shows', () => {
  it.each([
    ['verify', '--sums', 'SHA256SUMS', '--sums-bundle', 'SHA256SUMS.sigstore.json', '--trusted-root', 'trusted_root.jsonl', '--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER, '--coverage', 'listed', '.'],
    ['verify', '--sums', 'SHA256SUMS', '--sums-signature', 'SHA256SUMS.sig', '--key', 'cosign.pub', '--coverage', 'listed', '.'],
    ['verify', '--bundle', 'attestations.jsonl', '--trusted-root', 'trusted_root.jsonl', '--certificate-identity-regexp', '^https://github[.]com/example/tool/', '--certificate-oidc-issuer', ISSUER, 'tool_linux_amd64.tar.gz'],
  ])('%s %s %s %s %s', async (...args) => {
    process.chdir(join(home, 'testdata/release'));
    const ran = await run(args);
    process.chdir(folder);
    expect(ran).toMatchObject({ status: 0, err: '' });
  });
});
