// Signatures that other tools make: openssl with every algorithm, minisign, signify, ssh-keygen. All of them hold, and no other file, key or comment does.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyDetached } from '../../src/proofs/verify-detached.ts';
import type { DetachedOptions, DetachedProof } from '../../src/proofs/settings.ts';
import { missing } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
writeFileSync(path('file'), Buffer.alloc(70_000, 'a release\n'));
writeFileSync(path('other'), 'another file\n');

function tool(name: string, args: readonly string[], input?: string): void {
  const { status, stderr, error } = spawnSync(name, args, { cwd: folder, input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
}

async function holds(file: string, proof: DetachedProof, options: DetachedOptions = {}): Promise<boolean> {
  return (await verifyDetached(path(file), proof, options)).ok;
}

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['p256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['p384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['p521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ['rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['rsa-3072', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072']],
  ['pss', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['ed25519', ['-algorithm', 'ED25519']],
];
const PADDINGS: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['PSS', ['-sigopt', 'rsa_padding_mode:pss']],
  ['PSS with a salt as long as the digest', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:-1']],
  ['PSS without a salt', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:0']],
];

describe.skipIf(missing('openssl'))('openssl', () => {
  it.each(KEYS)('%s', { timeout: 120_000 }, async (kind, options) => {
    for (const name of [kind, `${kind}-other`]) {
      tool('openssl', ['genpkey', ...options, '-out', `${name}.key`]);
      tool('openssl', ['pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pem`]);
    }
    tool('openssl', ['pkey', '-in', `${kind}.key`, '-pubout', '-outform', 'DER', '-out', `${kind}.der`]);
    tool('openssl', ['req', '-new', '-x509', '-key', `${kind}.key`, '-subj', '/CN=Own', '-days', '30', '-out', `${kind}.crt`]);
    const paddings = kind.startsWith('rsa') ? PADDINGS : kind === 'pss' ? PADDINGS.slice(2) : PADDINGS.slice(0, 1);
    const hashes = kind === 'ed25519' ? [''] : ['-sha256', '-sha384', '-sha512'];
    for (const hash of hashes) {
      for (const [padding, sigopt] of paddings) {
        const signature = `${kind}${hash}.sig`;
        if (hash === '') tool('openssl', ['pkeyutl', '-sign', '-rawin', '-inkey', `${kind}.key`, '-in', 'file', '-out', signature]);
        else tool('openssl', ['dgst', hash, ...sigopt, '-sign', `${kind}.key`, '-out', signature, 'file']);
        writeFileSync(path('text.sig'), `${readFileSync(path(signature)).toString('base64').replace(/.{76}/g, '$&\n')}\n`);
        for (const one of [signature, 'text.sig']) {
          const about = `${kind} ${hash} ${padding} ${one}`;
          for (const key of [`${kind}.pem`, `${kind}.der`, `${kind}.crt`]) expect(await holds('file', { signature: path(one), key: path(key) }), `${about} ${key}`).toBe(true);
          expect(await holds('other', { signature: path(one), key: path(`${kind}.pem`) }), about).toBe(false);
          expect(await holds('file', { signature: path(one), key: path(`${kind}-other.pem`) }), about).toBe(false);
        }
        const bytes = readFileSync(path(signature));
        for (const at of [0, 5, bytes.length - 1]) {
          const damaged = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
          expect(await holds('file', { signature: damaged, key: path(`${kind}.pem`) }), `byte ${at}`).toBe(false);
        }
        const certified = { signature: path(signature), certificate: path(`${kind}.crt`), certificateChain: path(`${kind}.crt`) };
        const { findings } = await verifyDetached(path('file'), certified);
        expect(findings.find(({ rule }) => rule === 'signatureTime')?.status).toBe('unknown');
        expect(findings.find(({ rule }) => rule === 'signature')?.status).toBe('pass');
        expect(await holds('file', certified, { at: new Date() })).toBe(true);
        expect(await holds('file', { ...certified, certificateChain: undefined }, { at: new Date() })).toBe(false);
        expect(await holds('file', certified, { at: '2001-01-01' })).toBe(false);
      }
    }
  });

  it('PKCS#1 keys', async () => {
    tool('openssl', ['genpkey', '-algorithm', 'RSA', '-out', 'old.key']);
    tool('openssl', ['rsa', '-in', 'old.key', '-RSAPublicKey_out', '-out', 'old.pem']);
    tool('openssl', ['dgst', '-sha256', '-sign', 'old.key', '-out', 'old.sig', 'file']);
    expect(await holds('file', { signature: path('old.sig'), key: path('old.pem') })).toBe(true);
    await expect(holds('file', { signature: path('old.sig'), key: path('old.key') })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe.skipIf(missing('minisign'))('minisign', () => {
  it('by digest and in full, with a comment', async () => {
    for (const name of ['mini', 'mini-other']) tool('minisign', ['-G', '-W', '-p', `${name}.pub`, '-s', `${name}.sec`]);
    for (const [flags, name] of [[[], 'hashed'], [['-l'], 'legacy']] as const) {
      tool('minisign', ['-S', ...flags, '-s', 'mini.sec', '-m', 'file', '-x', `${name}.minisig`, '-t', 'release 1.0 of the töol']);
      const proof = { signature: path(`${name}.minisig`), key: path('mini.pub') };
      const { ok, findings } = await verifyDetached(path('file'), proof);
      expect({ ok, evidence: findings[0]?.evidence }).toMatchObject({ ok: true, evidence: expect.stringContaining('trusted comment: release 1.0 of the töol') as string });
      expect(await holds('other', proof)).toBe(false);
      expect(await holds('file', { ...proof, key: path('mini-other.pub') })).toBe(false);
      const text = readFileSync(path(`${name}.minisig`), 'utf8');
      expect(await holds('file', { ...proof, signature: text.replace('release 1.0', 'release 2.0') })).toBe(false);
      expect(await holds('file', { ...proof, signature: text.replace(/^(.*\n.{30})(.)/, (_, before: string, one: string) => before + (one === 'A' ? 'B' : 'A')) })).toBe(false);
      expect(await holds('file', { ...proof, key: readFileSync(path('mini.pub'), 'utf8').split('\n')[1] + '\n' })).toBe(true);
      expect(await holds(`sha256:${'0'.repeat(64)}`, proof).catch(() => false)).toBe(false);
    }
  });
});

describe.skipIf(missing('signify-openbsd'))('signify', () => {
  it('a signature and its key', async () => {
    for (const name of ['signify', 'signify-other']) tool('signify-openbsd', ['-G', '-n', '-p', `${name}.pub`, '-s', `${name}.sec`]);
    tool('signify-openbsd', ['-S', '-s', 'signify.sec', '-m', 'file', '-x', 'file.signify']);
    const proof = { signature: path('file.signify'), key: path('signify.pub') };
    expect(await holds('file', proof)).toBe(true);
    expect(await holds('other', proof)).toBe(false);
    expect(await holds('file', { ...proof, key: path('signify-other.pub') })).toBe(false);
  });
});

describe.skipIf(missing('ssh-keygen'))('ssh-keygen', () => {
  it.each([['ed25519', []], ['ecdsa', ['-b', '256']], ['ecdsa', ['-b', '384']], ['ecdsa', ['-b', '521']], ['rsa', ['-b', '2048']]] as const)('%s %j', { timeout: 60_000 }, async (type, bits) => {
    const name = `ssh-${type}-${bits.join('')}`;
    for (const one of [name, `${name}-other`]) tool('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', 'me', '-f', one]);
    const key = readFileSync(path(`${name}.pub`), 'utf8');
    for (const hash of ['sha256', 'sha512']) {
      tool('sh', ['-c', `ssh-keygen -q -Y sign -O hashalg=${hash} -n release -f ${name} < file > ${name}.sig`]);
      const signature = path(`${name}.sig`);
      const allowed = (line: string): DetachedProof => ({ signature, namespace: 'release', allowedSigners: `# those who may\n${line}` });
      expect(await holds('file', allowed(`me@example.com ${key}`))).toBe(true);
      expect(await holds('file', allowed(`me@example.com,*@example.org namespaces="file,rel*" ${key}`), { certificateIdentity: 'you@example.org' })).toBe(true);
      expect(await holds('file', allowed(`me@example.com ${key}`), { certificateIdentity: 'you@example.com' })).toBe(false);
      expect(await holds('file', allowed(`me@example.com namespaces="git" ${key}`))).toBe(false);
      expect(await holds('file', allowed(`me@example.com valid-before="20200101" ${key}`))).toBe(false);
      expect(await holds('file', allowed(`me@example.com valid-before="20200101" ${key}`), { at: '2019-06-01' })).toBe(true);
      expect(await holds('file', allowed(`me@example.com cert-authority ${key}`))).toBe(false);
      expect(await holds('file', { ...allowed(`me@example.com ${key}`), namespace: undefined })).toBe(false);
      expect(await holds('other', allowed(`me@example.com ${key}`))).toBe(false);
      expect(await holds('file', allowed(`me@example.com ${readFileSync(path(`${name}-other.pub`), 'utf8')}`))).toBe(false);
      expect(await holds('file', { signature, namespace: 'release', key: path(`${name}.pub`) })).toBe(true);
      expect(await holds('file', { signature, namespace: 'release', key: path(`${name}-other.pub`) })).toBe(false);
      await expect(holds('file', allowed(`me@example.com nonsense="1" ${key}`))).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });
});
