// Proofs that somebody made up: every one is an answer or a typed error, and none takes long.

import { describe, expect, it } from 'vitest';
import { isBinspectError } from '../src/errors.ts';
import { readBundles } from '../src/proofs/bundle.ts';
import type { BundleItem } from '../src/proofs/bundle.ts';
import { verifyDetached } from '../src/proofs/verify-detached.ts';
import type { DetachedOptions, DetachedProof } from '../src/proofs/settings.ts';
import { keyOf } from './build/pki.ts';
import { IDENTITY, ISSUER, bundle, instance, leaf, pem, statement, trustedRoot } from './build/sigstore.ts';
import { random } from './random.ts';

const FILE = Buffer.from('a release\n');
const HERE = instance();
const ROOT = Buffer.from(JSON.stringify(trustedRoot(HERE)));
const WHO: DetachedOptions = { certificateIdentity: IDENTITY, certificateOidcIssuer: ISSUER };
const GOOD = JSON.stringify(bundle({ of: HERE, file: FILE, stamp: true }).bundle);

/** 'ok', 'not ok', or the code of the error. */
async function outcome(proof: DetachedProof, options: DetachedOptions = WHO, file: Uint8Array = FILE): Promise<string> {
  try {
    return (await verifyDetached(file, { trustedRoot: ROOT, ...proof }, options)).ok ? 'ok' : 'not ok';
  } catch (error) {
    if (!isBinspectError(error)) throw error;
    return error.code;
  }
}

async function timed(work: () => Promise<string>, most = 5000): Promise<string> {
  const from = Date.now();
  const result = await work();
  expect(Date.now() - from).toBeLessThan(most);
  return result;
}

type Json = Record<string, unknown>;
const changed = (change: (bundle: Json, material: Json) => void): string => {
  const value = JSON.parse(GOOD) as Json;
  change(value, value['verificationMaterial'] as Json);
  return JSON.stringify(value);
};

describe('bundles of any size', () => {
  const cases: readonly (readonly [string, () => string, string])[] = [
    ['lists within lists', () => `${'['.repeat(5_000_000)}`, 'limit-exceeded'],
    ['objects within objects', () => `${'{"a":'.repeat(3_000_000)}1${'}'.repeat(3_000_000)}`, 'limit-exceeded'],
    ['a line of megabytes', () => `{"mediaType":"${'x'.repeat(20_000_000)}"}`, 'malformed'],
    ['more than is read', () => `{"a":"${'x'.repeat(34_000_000)}"}`, 'limit-exceeded'],
    ['10,000 lines', () => `${GOOD}\n`.repeat(10_000), 'limit-exceeded'],
    ['10,000 entries', (): string => changed((_, material) => { material['tlogEntries'] = Array.from({ length: 10_000 }, () => (material['tlogEntries'] as unknown[])[0]); }), 'limit-exceeded'],
    ['10,000 stamps', (): string => changed((_, material) => { material['timestampVerificationData'] = { rfc3161Timestamps: Array.from({ length: 10_000 }, () => ({ signedTimestamp: 'AAAA' })) }; }), 'limit-exceeded'],
    ['10,000 hashes', (): string => changed((_, material) => { ((((material['tlogEntries'] as Json[])[0] as Json)['inclusionProof']) as Json)['hashes'] = Array.from({ length: 10_000 }, () => 'AAAA'); }), 'limit-exceeded'],
    ['base64 that is none', (): string => changed((_, material) => { material['certificate'] = { rawBytes: '*not base64*' }; }), 'malformed'],
    ['a certificate that is none', (): string => changed((_, material) => { material['certificate'] = { rawBytes: 'AAAA' }; }), 'malformed'],
    ['a negative index', (): string => changed((_, material) => { ((material['tlogEntries'] as Json[])[0] as Json)['logIndex'] = '-1'; }), 'malformed'],
    ['a number of many digits', (): string => changed((_, material) => { ((material['tlogEntries'] as Json[])[0] as Json)['integratedTime'] = '9'.repeat(5_000_000); }), 'malformed'],
    ['a time beyond times', (): string => changed((_, material) => { ((material['tlogEntries'] as Json[])[0] as Json)['integratedTime'] = '9'.repeat(19); }), 'not ok'],
    ['keys that every object has', () => '{"constructor":{"name":"x"},"__proto__":{"mediaType":"x"},"toString":1}', 'malformed'],
    ['another version', () => GOOD.replace('v0.3', 'v0.4'), 'malformed'],
    ['two signatures', (): string => { const value = JSON.parse(JSON.stringify(bundle({ of: HERE, file: FILE, statement: statement(FILE) }).bundle)) as Json; const envelope = value['dsseEnvelope'] as Json; envelope['signatures'] = [(envelope['signatures'] as Json[])[0], (envelope['signatures'] as Json[])[0]]; return JSON.stringify(value); }, 'malformed'],
    ['a chain in version 0.3', (): string => changed((_, material) => { material['x509CertificateChain'] = { certificates: [material['certificate']] }; delete material['certificate']; }), 'malformed'],
    ['its own root', (): string => { const value = JSON.parse(JSON.stringify(bundle({ of: HERE, file: FILE, version: '0.2' }).bundle)) as Json; ((value['verificationMaterial'] as Json)['x509CertificateChain'] as { certificates: unknown[] }).certificates.push({ rawBytes: Buffer.from(HERE.root.der).toString('base64') }); return JSON.stringify(value); }, 'malformed'],
    ['nothing', () => '', 'malformed'],
    ['a list', () => '[]', 'malformed'],
    ['null', () => 'null', 'malformed'],
  ]; // prettier-ignore

  it.each(cases)('%s', { timeout: 30_000 }, async (_, make, expected) => {
    const text = make();
    expect(await timed(() => outcome({ bundle: Buffer.from(text) }))).toBe(expected);
  });

  it('as many bundles as are read, none of which holds', { timeout: 60_000 }, async () => {
    const other = JSON.stringify(bundle({ of: HERE, file: Buffer.from('x'), stamp: true }).bundle);
    expect(await timed(() => outcome({ bundle: Buffer.from(`${other}\n`.repeat(1000)) }), 30_000)).toBe('not ok');
  });

  it('a statement with as many subjects as are read', { timeout: 30_000 }, async () => {
    const subject = Array.from({ length: 10_000 }, (_, index) => ({ name: `file ${index}`, digest: { sha256: index.toString(16).padStart(64, '0') } }));
    expect(await timed(() => outcome({ bundle: Buffer.from(JSON.stringify(bundle({ of: HERE, file: FILE, statement: { ...statement(FILE), subject } }).bundle)) }))).toBe('not ok');
  });
});

/** Without what is there twice over: the log's promise or the stamp, the digest that the signature covers anyway. Names that nobody knows are ignored, as protobuf's readers do. */
function withoutSpare(items: readonly BundleItem[]): unknown {
  return items.map(({ bundle: one }) => {
    if (isBinspectError(one)) return one.message;
    const { content, entries, signer } = one;
    return { content: content.signature, entries: entries.map(({ body, proof }) => [body, proof]), signer };
  });
}

describe('damage', () => {
  it('a bundle that is damaged and holds says what it said', { timeout: 120_000 }, async () => {
    const next = random(21);
    const wanted = readBundles(Buffer.from(GOOD));
    for (let round = 0; round < 250; round++) {
      const bytes = Buffer.from(GOOD);
      const at = Math.floor(next() * bytes.length);
      if (round % 3 === 0) bytes[at] = Math.floor(next() * 256);
      else if (round % 3 === 1) bytes[at] = 'AaZz09+/="{}[]:,'.charCodeAt(Math.floor(next() * 16));
      const damaged = round % 50 === 2 ? bytes.subarray(0, at) : bytes;
      const result = await outcome({ bundle: damaged });
      if (result === 'ok') expect(withoutSpare(readBundles(damaged)), `round ${round}, byte ${at}`).toEqual(withoutSpare(wanted));
      else expect(['not ok', 'malformed', 'limit-exceeded']).toContain(result);
    }
  });

  it('roots, keys, certificates and signatures', { timeout: 120_000 }, async () => {
    const next = random(22);
    const key = keyOf('rsa', 'own');
    const files: Readonly<Record<string, Buffer>> = {
      trustedRoot: ROOT,
      key: Buffer.from(pem('PUBLIC KEY', key.spki)),
      certificate: Buffer.from(pem('CERTIFICATE', leaf(HERE).der)),
      certificateChain: Buffer.from(pem('CERTIFICATE', HERE.root.der)),
      signature: Buffer.from('untrusted comment: x\nRUQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\ntrusted comment: x\nAAAA\n'),
      allowedSigners: Buffer.from('me@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v0v\n'),
    };
    for (let round = 0; round < 600; round++) {
      const [name, good] = Object.entries(files)[round % 6] as [string, Buffer];
      const bytes = Buffer.from(good);
      for (let count = 0; count < 3; count++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      const proof: DetachedProof = name === 'trustedRoot' ? { bundle: Buffer.from(GOOD) } : name === 'certificate' || name === 'certificateChain' ? { signature: Buffer.from('AAAA'), certificate: files['certificate'] } : { signature: Buffer.from('AAAA'), key: files['key'] };
      const { key: given, ...without } = proof;
      const result = await outcome({ ...(name === 'allowedSigners' ? without : { ...without, key: given }), [name]: bytes });
      expect(['ok', 'not ok', 'invalid-argument']).toContain(result);
      if (name !== 'trustedRoot') expect(result).not.toBe('ok');
    }
  });
});
