// Signatures held against osslsigncode and openssl: files made here that they take, files that they make, every tampering, and real signed files.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectSync } from '../../src/inspect/inspect.ts';
import type { SignatureCheck } from '../../src/model/signature.ts';
import type { SignatureOptions } from '../../src/signature/settings.ts';
import { authenticodeMessage, certificateEntry, parties, plainPe, signPe, strangeAttribute, withTable } from '../build/authenticode.ts';
import type { AuthenticodeOptions } from '../build/authenticode.ts';
import { house } from '../build/pki.ts';
import type { Certificate, House, Key } from '../build/pki.ts';
import { developer, sealedMachO, sealMessage } from '../build/seal.ts';
import type { SealPlan } from '../build/seal.ts';

const inCi = process.env['CI'] !== undefined;
const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;
const skipPe = !has('osslsigncode') && !inCi;
const skipCms = !has('openssl') && !inCi;
if (skipPe) console.warn('skipped: osslsigncode is not installed');

const folder = mkdtempSync(join(tmpdir(), 'binspect-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const pem = (...certificates: readonly Certificate[]): string =>
  certificates.map(({ der }) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`).join('');
const keyFile = (name: string, { privateKey }: Key): string => put(name, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);

const check = (bytes: Uint8Array, options: SignatureOptions): SignatureCheck => inspectSync(bytes, { signatures: options }).binaries[0]?.signatureCheck as SignatureCheck;

/** Whether all that can be asked is so. */
const allYes = ({ state, levels, signatures }: SignatureCheck): boolean =>
  state === 'certificate' && [levels, ...signatures.map((one) => one.levels)].every((one) => Object.values(one).every((level) => level === 'yes'));

interface Theirs {
  readonly ok: boolean;
  readonly out: string;
  /** Signed and computed digests, in their order. */
  readonly digests: readonly (readonly [string, string])[];
}

function osslsigncode(path: string, roots: string, stampRoots: string): Theirs {
  const { status, stdout, error } = spawnSync('osslsigncode', ['verify', '-ignore-cdp', '-in', path, '-CAfile', roots, '-TSA-CAfile', stampRoots], { encoding: 'latin1' });
  if (error !== undefined) throw error;
  const digests = [...stdout.matchAll(/^Current message digest\s*: (\w+)\s*\nCalculated message digest\s*: (\w+)/gm)].map(([, signed = '', computed = '']) => [signed.toLowerCase(), computed.toLowerCase()] as const);
  return { ok: status === 0, out: stdout, digests };
}

describe.skipIf(skipPe)('PE files made here', () => {
  const people = parties();
  const roots = put('roots.pem', pem(people.root));
  const stampRoots = put('stamps.pem', pem(people.stampRoot));
  const options: SignatureOptions = { roots: people.root.der, tsaRoots: people.stampRoot.der };
  const compare = (bytes: Uint8Array): { ours: SignatureCheck; theirs: Theirs } => ({ ours: check(bytes, options), theirs: osslsigncode(put('made.exe', bytes), roots, stampRoots) });

  it.each<[string, AuthenticodeOptions]>([
    ['a stamp', { stamps: ['rfc3161'] }],
    ['a countersignature', { stamps: ['countersignature'] }],
    ['SHA-1, page hashes', { hash: 'sha1', pages: true, stamps: ['rfc3161'] }],
    ['SHA-384, page hashes of SHA-256', { hash: 'sha384', pages: true, stamps: ['rfc3161'] }],
    ['nested', { hash: 'sha1', nested: ['sha256'], stamps: ['rfc3161'] }],
    ['a program name', { programName: 'Beispiel', moreInfo: 'https://example.com/', stamps: ['rfc3161'] }],
    ['an unknown attribute', { unsigned: [strangeAttribute(100)], stamps: ['rfc3161'] }],
  ])('are taken: %s', { timeout: 60_000 }, (_, plan) => {
    for (const wide of [true, false]) {
      const { ours, theirs } = compare(signPe(plainPe(wide), plan));
      expect(theirs.ok, theirs.out).toBe(true);
      expect(allYes(ours)).toBe(true);
      expect(ours.signatures.map(({ digest }) => [digest.signed, digest.computed])).toEqual(theirs.digests);
    }
  });

  it('are judged alike, whatever is changed', { timeout: 120_000 }, () => {
    const good = signPe(plainPe(), { stamps: ['rfc3161'], pages: true });
    const end = plainPe().length;
    const flip = (at: number): Uint8Array => good.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const copies = [people.root, people.stampRoot].map(({ der }) => [Buffer.from(good).indexOf(der), der.length] as const); // not looked at here: the caller's roots count
    const places = Array.from({ length: 60 }, (_, index) => end + 8 + Math.floor((index * (good.length - end - 16)) / 60)).filter((at) => !copies.some(([start, size]) => at >= start && at < start + size));
    const changed = [...places.map(flip), flip(0x50), flip(0x88), flip(0x500), flip(end - 1)];
    let refused = 0;
    for (const bytes of changed) {
      const { ours, theirs } = compare(bytes);
      if (!theirs.ok) refused++;
      if (!theirs.ok) expect(allYes(ours), theirs.out).toBe(false);
      else if (!allYes(ours)) expect(ours.problems.length).toBeGreaterThan(0); // stricter, and it says why
      if (theirs.digests.length > 0) expect(ours.signatures.map(({ digest }) => [digest.signed, digest.computed])).toEqual(theirs.digests);
    }
    expect(refused).toBeGreaterThan(30);
    const other = compare(withTable(plainPe().map((byte, at) => (at === 0x600 ? 0xee : byte)), certificateEntry(authenticodeMessage(plainPe(), { stamps: ['rfc3161'] }))));
    expect([allYes(other.ours), other.theirs.ok]).toEqual([false, false]);
  });
});

describe.skipIf(skipPe)('PE files that osslsigncode signs', () => {
  const people: House = house('rsa');
  const certificates = put('chain.pem', pem(people.signer, people.intermediate));
  const key = keyFile('signer.key', people.signer.key);
  const stampers = put('stampers.pem', pem(people.stamper));
  const stampKey = keyFile('stamper.key', people.stamper.key);
  const options: SignatureOptions = { roots: people.root.der, tsaRoots: people.stampRoot.der };
  const time = String(Date.parse('2025-06-01T00:00:00Z') / 1000);
  const sign = (source: string, target: string, args: readonly string[]): string => {
    const path = join(folder, target);
    rmSync(path, { force: true });
    const all = ['sign', '-certs', certificates, '-key', key, '-TSA-certs', stampers, '-TSA-key', stampKey, '-TSA-time', time, '-time', time, ...args, '-in', source, '-out', path];
    const { status, stdout, stderr, error } = spawnSync('osslsigncode', all, { encoding: 'latin1' });
    if (error !== undefined) throw error;
    expect(status, stdout + stderr).toBe(0);
    return path;
  };

  it.each([
    ['plainly', []],
    ['with page hashes', ['-ph']],
    ['with SHA-1', ['-h', 'sha1', '-ph']],
    ['with SHA-512', ['-h', 'sha512']],
    ['with a name', ['-n', 'Example', '-i', 'https://example.com/']],
  ])('%s are whole, signed, anchored, in time', { timeout: 60_000 }, (_, args) => {
    for (const wide of [true, false]) {
      const found = check(readFileSync(sign(put('plain.exe', plainPe(wide)), 'signed.exe', args)), options);
      expect([allYes(found), found.problems.filter(({ code }) => code !== 'unsigned-attribute')], JSON.stringify(found.levels)).toEqual([true, []]);
      expect(found.at).toEqual({ time: '2025-06-01T00:00:00Z', from: 'timestamp' });
      if (args.includes('-ph')) expect(found.signatures[0]?.pageHashes).toMatchObject({ count: 5, bad: [] });
      if (args.includes('-n')) expect(found.signatures[0]).toMatchObject({ programName: 'Example', moreInfo: 'https://example.com/' });
    }
  });

  it('twice are nested', () => {
    const once = sign(put('plain.exe', plainPe()), 'once.exe', ['-h', 'sha1']);
    const found = check(readFileSync(sign(once, 'twice.exe', ['-h', 'sha256', '-nest'])), options);
    expect([allYes(found), found.signatures.map(({ depth, digest }) => [depth, digest.algorithm])]).toEqual([true, [[0, 'sha1'], [1, 'sha256']]]);
  });
});

describe.skipIf(skipCms)('CMS messages of Mach-O files', () => {
  it.each<[string, SealPlan]>([
    ['RSA', {}],
    ['P-256', { people: developer('p256') }],
    ['P-384 with SHA-384', { people: developer('p384'), hash: 'sha384' }],
    ['indefinite lengths', { indefinite: true }],
    ['two code directories', { kinds: [1, 2] }],
    ['a stamp', { stamp: 'rfc3161' }],
    ['no attributes', { bare: true }],
  ])('are taken by openssl: %s', { timeout: 60_000 }, (_, plan) => {
    const { directories } = sealedMachO(plan);
    const message = put('message.der', sealMessage(directories, plan));
    const content = put('directory', directories[0] as Buffer);
    const verify = (path: string): number | null => spawnSync('openssl', ['cms', '-verify', '-noverify', '-binary', '-inform', 'DER', '-in', message, '-content', path, '-out', '/dev/null']).status;
    expect(verify(content)).toBe(0);
    expect(verify(put('other', Buffer.concat([directories[0] as Buffer, Buffer.from([0])])))).not.toBe(0);
  });
});

/** Packages with signed files; they are fetched for the test and never kept. */
const PACKAGES = ['node-pty@1.1.0', 'node-notifier@10.0.1'] as const;
const CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

describe.skipIf(skipPe)('real signed files', () => {
  it('have the digests that osslsigncode computes, and the same verdict below the same roots', { timeout: 600_000 }, ({ skip }) => {
    const packed = PACKAGES.map((name) => {
      const { status, stdout } = spawnSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8', timeout: 240_000 });
      return status === 0 ? stdout.trim() : null;
    });
    if (packed.includes(null)) {
      if (inCi) throw new Error('the packages could not be fetched');
      skip('the packages could not be fetched');
    }
    expect(existsSync(CA_FILE)).toBe(true);
    const roots = readFileSync(CA_FILE);
    let signed = 0;
    for (const file of packed as string[]) {
      const target = mkdtempSync(join(folder, 'package-'));
      spawnSync('tar', ['xzf', join(folder, file), '-C', target]);
      for (const entry of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(exe|dll|node)$/.test(entry)) continue;
        const bytes = readFileSync(join(target, entry));
        if (bytes[0] !== 0x4d) continue;
        const ours = check(bytes, { roots });
        const theirs = osslsigncode(join(target, entry), CA_FILE, CA_FILE);
        expect(ours.signatures.map(({ digest }) => [digest.signed, digest.computed]), entry).toEqual(theirs.digests);
        expect(ours.state === 'absent', entry).toBe(theirs.digests.length === 0);
        if (ours.state === 'absent') continue;
        signed++;
        expect([ours.levels.intact, ours.levels.signed], entry).toEqual(['yes', 'yes']);
        if (theirs.ok) expect(allYes(ours), entry).toBe(true);
      }
    }
    expect(signed).toBeGreaterThan(5);
  });
});
