// Detached proofs: every step holds for what is good, and each step alone refuses what is not.

import { describe, expect, it } from 'vitest';
import { verifyDetached } from '../src/proofs/verify-detached.ts';
import type { DetachedOptions, DetachedProof } from '../src/proofs/settings.ts';
import type { Verdict } from '../src/model/verdict.ts';
import { keyOf, digest } from './build/pki.ts';
import { IDENTITY, ISSUER, PROVENANCE, bundle, instance, leaf, pem, statement, trustedRoot } from './build/sigstore.ts';
import type { BundleOptions } from './build/sigstore.ts';

const FILE = Buffer.from('a release\n');
const OTHER = Buffer.from('another file\n');
const HERE = instance();
const ELSEWHERE = instance('elsewhere');
const ROOT = Buffer.from(JSON.stringify(trustedRoot(HERE)));
const WHO: DetachedOptions = { certificateIdentity: IDENTITY, certificateOidcIssuer: ISSUER };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const made = (options: Partial<BundleOptions> = {}): Buffer => json(bundle({ of: HERE, file: FILE, ...options }).bundle);

/** What does not pass, by rule. */
async function judged(file: Uint8Array | string, proof: DetachedProof, options: DetachedOptions = WHO): Promise<Record<string, string>> {
  const verdict: Verdict = await verifyDetached(file, { trustedRoot: ROOT, ...proof }, options);
  const left = verdict.findings.filter(({ status }) => status !== 'pass');
  expect(verdict.ok).toBe(left.length === 0);
  return Object.fromEntries(left.map(({ rule, status, message }) => [rule, `${status}: ${message}`]));
}

const GOOD: readonly (readonly [string, Partial<BundleOptions>])[] = [
  ['0.1 by a promise', { version: '0.1' }],
  ['0.2', { version: '0.2' }],
  ['0.3', {}],
  ['0.3 with a time stamp too', { stamp: true }],
  ['Rekor v2', { entry: 'hashedrekord 0.0.2', stamp: true }],
  ['an envelope', { statement: statement(FILE) }],
  ['an envelope about a sha512', { statement: statement(FILE, 'sha512') }],
  ['an envelope as intoto', { statement: statement(FILE), entry: 'intoto 0.0.2', version: '0.2' }],
  ['an envelope in Rekor v2', { statement: statement(FILE), entry: 'dsse 0.0.2', stamp: true }],
  ['an envelope in Rekor v2, by its digest', { statement: statement(FILE), entry: 'hashedrekord 0.0.2', stamp: true }],
  ['P-384', { leaf: { kind: 'p384' } }],
  ['P-521', { leaf: { kind: 'p521' } }],
  ['P-384 with SHA-256, as older versions of cosign', { leaf: { kind: 'p384' }, hash: 'sha256' }],
  ['RSA', { leaf: { kind: 'rsa' } }],
  ['Ed25519 over an envelope', { leaf: { kind: 'ed25519' }, statement: statement(FILE) }],
  ['a certificate timestamp with extensions', { leaf: { sctExtensions: Buffer.from([0, 0, 5, 1, 2, 3, 4, 5]) } }],
  ['an e-mail address', { leaf: { identity: 'person@example.com', issuer: 'https://accounts.example.com' } }],
];

describe('good bundles', () => {
  it.each(GOOD)('%s', async (_, options) => {
    const who: DetachedOptions = { certificateIdentity: options.leaf?.identity ?? IDENTITY, certificateOidcIssuer: options.leaf?.issuer ?? ISSUER };
    const proof = made(options);
    expect(await judged(FILE, { bundle: proof }, who)).toEqual({});
    const sha512 = JSON.stringify(options.statement ?? '').includes('sha512');
    if (!sha512) expect(Object.keys(await judged(`sha256:${digest('sha256', FILE).toString('hex')}`, { bundle: proof }, who))).toEqual(options.leaf?.kind === 'p384' && options.hash === undefined || options.leaf?.kind === 'p521' ? ['signature'] : []);
    expect(await judged(OTHER, { bundle: proof }, who)).toHaveProperty('signature');
    expect(Object.keys(await judged(FILE, { bundle: proof }, { ...who, certificateIdentity: `${who.certificateIdentity}x` }))).toEqual(['certificateIdentity']);
    expect(Object.keys(await judged(FILE, { bundle: proof }, { ...who, certificateOidcIssuer: 'https://issuer.example.com' }))).toEqual(['certificateOidcIssuer']);
    const strange = await judged(FILE, { bundle: proof, trustedRoot: json(trustedRoot(ELSEWHERE)) }, who);
    expect(Object.keys(strange)).toEqual(expect.arrayContaining(['transparencyLog', 'signatureChain', 'certificateTransparency']));
    expect(await judged(FILE, { bundle: proof, trustedRoot: undefined }, who)).toHaveProperty('signatureChain');
  });

  it('by the older form of cosign', async () => {
    const { legacy } = bundle({ of: HERE, file: FILE });
    expect(await judged(FILE, { bundle: json(legacy) })).toEqual({});
    expect(Object.keys(await judged(OTHER, { bundle: json(legacy) }))).toEqual(expect.arrayContaining(['signature', 'transparencyLog']));
    const other = bundle({ of: HERE, file: OTHER }).legacy;
    expect(await judged(FILE, { bundle: json({ ...legacy, rekorBundle: other['rekorBundle'] }) })).toHaveProperty('transparencyLog');
    expect(await judged(FILE, { bundle: json(bundle({ of: HERE, file: FILE, statement: statement(FILE) }).legacy) })).toEqual({});
    const key = keyOf('p256', 'own');
    const own = json(bundle({ of: HERE, file: FILE, key }).legacy);
    expect(await judged(FILE, { bundle: own, key: pem('PUBLIC KEY', key.spki) }, {})).toEqual({});
    expect(await judged(FILE, { bundle: own, key: pem('PUBLIC KEY', keyOf('p256', 'other').spki) }, {})).toHaveProperty('signature');
  });
});

describe('demands', () => {
  it('follow from the trusted root', async () => {
    const stamped = made({ entry: null, stamp: true, leaf: { logged: false } });
    const quiet = json(trustedRoot(HERE, { logs: false, certificateLogs: false }));
    expect(await judged(FILE, { bundle: stamped, trustedRoot: quiet })).toEqual({});
    expect(Object.keys(await judged(FILE, { bundle: stamped }))).toEqual(['transparencyLog', 'certificateTransparency']);
    expect(Object.keys(await judged(FILE, { bundle: made({ entry: null, leaf: { logged: false } }), trustedRoot: quiet }))).toEqual(['signatureTime', 'signatureChain']);
    const both = Buffer.from(`${JSON.stringify(trustedRoot(ELSEWHERE))}\n${JSON.stringify(trustedRoot(HERE, { logs: false, certificateLogs: false }))}\n`);
    expect(await judged(FILE, { bundle: stamped, trustedRoot: both })).toEqual({});
  });

  it('times lie within what the root lists, both ends included', async () => {
    const at = (options: Parameters<typeof trustedRoot>[1]): Promise<Record<string, string>> => judged(FILE, { bundle: made({ version: '0.1' }), trustedRoot: json(trustedRoot(HERE, options)) });
    expect(await at({ to: '2025-06-01T12:00:00Z' })).toEqual({});
    expect(await at({ from: '2025-06-01T11:55:00Z' })).toEqual({});
    expect(await at({ to: '2025-06-01T11:59:59Z' })).toHaveProperty('transparencyLog');
    expect(await at({ from: '2025-06-01T12:00:01Z' })).toHaveProperty('transparencyLog');
    const startless = JSON.parse(JSON.stringify(trustedRoot(HERE)).replaceAll('"start":"2020-01-01T00:00:00Z"', '"end":"2040-01-01T00:00:00Z"')) as unknown;
    expect(await judged(FILE, { bundle: made(), trustedRoot: json(startless) })).toHaveProperty('transparencyLog');
  });

  it('the certificate was valid at each proven time', async () => {
    expect(Object.keys(await judged(FILE, { bundle: made({ time: '2025-06-01T12:06:00Z' }) }))).toEqual(['signatureChain']);
    expect((await judged(FILE, { bundle: made({ time: '2025-06-01T12:06:00Z', stamp: true }) }))['signatureChain']).toContain('not valid at 2025-06-01T12:06:00Z');
  });

  it('names of a workflow and the type of a statement', async () => {
    const proof = made({ statement: statement(FILE) });
    const all: DetachedOptions = {
      ...WHO,
      certificateGithubWorkflowTrigger: 'push', certificateGithubWorkflowSha: '0123456789abcdef0123456789abcdef01234567', certificateGithubWorkflowName: 'release',
      certificateGithubWorkflowRepository: 'example/tool', certificateGithubWorkflowRef: 'refs/tags/v1.0.0', predicateType: PROVENANCE,
    }; // prettier-ignore
    expect(await judged(FILE, { bundle: proof }, all)).toEqual({});
    for (const key of Object.keys(all) as (keyof DetachedOptions)[]) expect(Object.keys(await judged(FILE, { bundle: proof }, { ...all, [key]: 'another' }))).toEqual([key]);
    expect(Object.keys(await judged(FILE, { bundle: made() }, { ...WHO, predicateType: PROVENANCE }))).toEqual(['predicateType']);
  });

  it('expressions are as RE2 reads them', async () => {
    const proof = made();
    const named = (certificateIdentityRegexp: string): Promise<Record<string, string>> => judged(FILE, { bundle: proof }, { certificateIdentityRegexp, certificateOidcIssuerRegexp: '^https://token[.]actions' });
    for (const good of ['^https://github\\.com/example/', 'example/tool', '(?i)EXAMPLE/TOOL', '^https://github\\.com/(example|other)/\\w+/.*@refs/tags/v\\d+(\\.\\d+){2}$', '[^a]xample', 'to{1,2}l']) expect(await named(good), good).toEqual({});
    for (const bad of ['^example', 'EXAMPLE', 'v2', 'too{3}l', '^$']) expect(Object.keys(await named(bad)), bad).toEqual(['certificateIdentity']);
    for (const refused of ['(?P<name>x)', '\\Ahttps', 'x\\z', '[[:alpha:]]', '(a)\\1', '(?=x)', '(?!x)', '(?<=x)', '(?<n>x)', '[]a]', '\\pL', '\\Qa\\E', 'a**', '(', ')', '[', 'a{2,1}', '*a', '', 'x'.repeat(5000), '(((a{1000}){1000}){1000})']) {
      await expect(named(refused), refused).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });

  it('an expression costs no power of its length', async () => {
    const identity = `https://example.com/${'a'.repeat(3000)}`;
    const proof = made({ leaf: { identity } });
    const from = Date.now();
    expect(Object.keys(await judged(FILE, { bundle: proof }, { certificateIdentityRegexp: '^https://example.com/(a+)+(a*)*(a|a)*$b', certificateOidcIssuer: ISSUER }))).toEqual(['certificateIdentity']);
    expect(Date.now() - from).toBeLessThan(2000);
  });
});

type Json = Record<string, unknown>;

/** A bundle with one thing changed. */
function changed(change: (bundle: Json, entry: Json, material: Json) => void, options: Partial<BundleOptions> = {}): Buffer {
  const value = JSON.parse(made(options).toString()) as Json;
  const material = value['verificationMaterial'] as Json;
  change(value, (material['tlogEntries'] as Json[])[0] as Json, material);
  return json(value);
}

const flipped = (text: unknown): string => {
  const bytes = Buffer.from(text as string, 'base64');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  return bytes.toString('base64');
};

describe('each step alone', () => {
  const proofIn = (entry: Json): Json => entry['inclusionProof'] as Json;
  const noteIn = (entry: Json): Json => proofIn(entry)['checkpoint'] as Json;
  const cases: readonly (readonly [string, string, (bundle: Json, entry: Json, material: Json) => void])[] = [
    ['signature', 'another value', (value) => { const one = value['messageSignature'] as Json; one['signature'] = flipped(one['signature']); }],
    ['signature', 'another digest', (value) => { const one = (value['messageSignature'] as Json)['messageDigest'] as Json; one['digest'] = flipped(one['digest']); }],
    ['transparencyLog', 'no entry', (_, __, material) => { material['tlogEntries'] = []; }],
    ['transparencyLog', 'another promise', (_, entry) => { const one = entry['inclusionPromise'] as Json; one['signedEntryTimestamp'] = flipped(one['signedEntryTimestamp']); }],
    ['transparencyLog', 'another time', (_, entry) => { entry['integratedTime'] = '1748779201'; }],
    ['transparencyLog', 'another index', (_, entry) => { entry['logIndex'] = '1235'; }],
    ['transparencyLog', 'another index in the tree', (_, entry) => { proofIn(entry)['logIndex'] = '2'; }],
    ['transparencyLog', 'another size', (_, entry) => { proofIn(entry)['treeSize'] = '6'; }],
    ['transparencyLog', 'another root', (_, entry) => { proofIn(entry)['rootHash'] = flipped(proofIn(entry)['rootHash']); }],
    ['transparencyLog', 'a hash less', (_, entry) => { (proofIn(entry)['hashes'] as string[]).pop(); }],
    ['transparencyLog', 'a hash more', (_, entry) => { (proofIn(entry)['hashes'] as string[]).push(proofIn(entry)['rootHash'] as string); }],
    ['transparencyLog', 'no proof', (_, entry) => { delete entry['inclusionProof']; }],
    ['transparencyLog', 'no checkpoint', (_, entry) => { delete proofIn(entry)['checkpoint']; delete entry['inclusionPromise']; }],
    ['transparencyLog', 'a checkpoint of another log', (_, entry) => { noteIn(entry)['envelope'] = (noteIn(entry)['envelope'] as string).replace('\u2014 rekor.example.dev', '\u2014 rekor.other.dev'); }],
    ['transparencyLog', 'a checkpoint without an origin', (_, entry) => { noteIn(entry)['envelope'] = (noteIn(entry)['envelope'] as string).replace(/^.*\n/, ''); }],
    ['transparencyLog', 'a checkpoint of another size', (_, entry) => { noteIn(entry)['envelope'] = (noteIn(entry)['envelope'] as string).replace('\n5\n', '\n6\n'); }],
    ['transparencyLog', 'a checkpoint with more in it', (_, entry) => { noteIn(entry)['envelope'] = (noteIn(entry)['envelope'] as string).replace('\n\n', '\nmore\n\n'); }],
    ['transparencyLog', 'another kind', (_, entry) => { entry['kindVersion'] = { kind: 'hashedrekord', version: '0.0.2' }; }],
    ['transparencyLog', 'an unknown log', (_, entry) => { (entry['logId'] as Json)['keyId'] = flipped((entry['logId'] as Json)['keyId']); }],
    ['signatureTime', 'no promise, and so no time', (_, entry) => { delete entry['inclusionPromise']; delete entry['integratedTime']; }],
  ]; // prettier-ignore

  it.each(cases)('%s: %s', async (rule, _, change) => {
    expect(Object.keys(await judged(FILE, { bundle: changed(change) }))).toContain(rule);
  });

  it('an entry about another signature, certificate or file', async () => {
    const other = bundle({ of: HERE, file: OTHER }).bundle['verificationMaterial'] as Json;
    expect(Object.keys(await judged(FILE, { bundle: changed((_, __, material) => { material['tlogEntries'] = other['tlogEntries']; }) }))).toEqual(['transparencyLog', 'signatureTime', 'signatureChain']);
    const again = bundle({ of: HERE, file: FILE }).bundle['verificationMaterial'] as Json; // the same file, signed once more
    expect(Object.keys(await judged(FILE, { bundle: changed((_, __, material) => { material['tlogEntries'] = again['tlogEntries']; }) }))).toContain('transparencyLog');
    const stranger = bundle({ of: HERE, file: FILE, leaf: { identity: 'https://github.com/evil/x@refs/heads/main' } }).bundle['verificationMaterial'] as Json;
    expect(Object.keys(await judged(FILE, { bundle: changed((_, __, material) => { material['certificate'] = stranger['certificate']; }) }))).toEqual(expect.arrayContaining(['transparencyLog', 'certificateIdentity']));
  });

  it('a time stamp over another signature, or of another authority', async () => {
    const stamps = (options: Partial<BundleOptions>): unknown => (bundle({ of: HERE, file: FILE, stamp: true, ...options }).bundle['verificationMaterial'] as Json)['timestampVerificationData'];
    expect(Object.keys(await judged(FILE, { bundle: changed((_, __, material) => { material['timestampVerificationData'] = stamps({ file: OTHER }); }) }))).toContain('signatureTime');
    const strange = { ...HERE, stamper: ELSEWHERE.stamper };
    expect((await judged(FILE, { bundle: json(bundle({ of: strange, file: FILE, stamp: true }).bundle) }))['signatureTime']).toContain('not of an authority');
  });

  it('a certificate without the log, or with the timestamp of another one', async () => {
    expect(Object.keys(await judged(FILE, { bundle: made({ leaf: { logged: false } }) }))).toEqual(['certificateTransparency']);
    const strange = { ...HERE, certificateLog: ELSEWHERE.certificateLog };
    expect((await judged(FILE, { bundle: json(bundle({ of: strange, file: FILE }).bundle) }))['certificateTransparency']).toContain('is the trusted root current?');
  });

  it('envelopes about another file, of another type, with no statement', async () => {
    const about = (said: Record<string, unknown>): Promise<Record<string, string>> => judged(FILE, { bundle: made({ statement: said }) });
    expect((await about(statement(OTHER)))['signature']).toContain('another file');
    expect((await about({ ...statement(FILE), _type: 'https://example.com/x' }))['signature']).toContain('https://example.com/x');
    expect((await about({ ...statement(FILE), subject: [] }))['signature']).toContain('no file');
    const twice = statement(FILE) as { subject: { digest: Record<string, string> }[] };
    (twice.subject[0] as { digest: Record<string, string> }).digest['sha512'] = '00'.repeat(64);
    expect((await about(twice as unknown as Record<string, unknown>))['signature']).toContain('another file');
  });
});

describe('files of several bundles', () => {
  it('one that holds is enough, and what became of the others is said', async () => {
    const lines = [made({ file: OTHER }), Buffer.from('{"x":1}'), made({ statement: statement(FILE) })];
    const verdict = await verifyDetached(FILE, { bundle: Buffer.from(`${lines.join('\n')}\n`), trustedRoot: ROOT }, WHO);
    expect(verdict.ok).toBe(true);
    expect(verdict.findings[0]?.evidence).toMatch(/bundle 3 of 3; bundle 1 of 3: signature: .*another file.*; bundle 2 of 3: signature: .*neither a Sigstore bundle/);
    const bad = await verifyDetached(FILE, { bundle: Buffer.from(lines.slice(0, 2).join('\n')), trustedRoot: ROOT }, WHO);
    expect(bad.ok).toBe(false);
  });

  it('as GitHub and npm answer', async () => {
    const inside = JSON.parse(made({ statement: statement(FILE) }).toString()) as unknown;
    expect(await judged(FILE, { bundle: json({ attestations: [{ predicateType: PROVENANCE, bundle: inside }] }) })).toEqual({});
  });
});

describe('bare envelopes', () => {
  it('by a key, or by a certificate whose time is not known', async () => {
    const said = bundle({ of: HERE, file: FILE, statement: statement(FILE) });
    const envelope = said.bundle['dsseEnvelope'] as Json;
    const [signature] = envelope['signatures'] as Json[];
    const certified = json({ ...envelope, signatures: [{ ...signature, cert: pem('CERTIFICATE', (said.certificate as { der: Uint8Array }).der) }] });
    expect((await judged(FILE, { bundle: certified }))['signatureTime']).toMatch(/^unknown/);
    expect(await judged(FILE, { bundle: certified }, { ...WHO, at: '2025-06-01T12:00:00Z' })).toEqual({});
    expect(Object.keys(await judged(OTHER, { bundle: certified }, { ...WHO, at: '2025-06-01T12:00:00Z' }))).toEqual(['signature']);
    const own = keyOf('p256', 'own');
    const bare = json(bundle({ of: HERE, file: FILE, statement: statement(FILE), key: own }).bundle['dsseEnvelope']);
    expect(await judged(FILE, { bundle: bare, key: pem('PUBLIC KEY', own.spki) }, { predicateType: PROVENANCE })).toEqual({});
    expect(Object.keys(await judged(FILE, { bundle: bare, key: pem('PUBLIC KEY', keyOf('p256', 'other').spki) }, {}))).toEqual(['signature']);
  });
});

describe('keys', () => {
  const key = keyOf('p256', 'own');
  const text = pem('PUBLIC KEY', key.spki);

  it('a bundle by a key, with and without a trusted root', async () => {
    const proof = made({ key });
    expect(await judged(FILE, { bundle: proof, key: text }, {})).toEqual({});
    const alone = await verifyDetached(FILE, { bundle: proof, key: text });
    expect(alone.ok).toBe(true);
    expect(alone.findings[0]?.evidence).toContain('not checked without a trusted root: log entry 1234');
    expect(Object.keys(await judged(OTHER, { bundle: proof, key: text }, {}))).toContain('signature');
    expect(Object.keys(await judged(FILE, { bundle: proof, key: pem('PUBLIC KEY', keyOf('p256', 'other').spki) }, {}))).toContain('signature');
    expect(Object.keys(await judged(FILE, { bundle: proof }))).toContain('signature');
    expect(Object.keys(await judged(FILE, { bundle: made(), key: text }, {}))).toEqual(['signature']);
    expect(Object.keys(await judged(FILE, { bundle: made({ key, entry: null }), key: text }, {}))).toEqual(['transparencyLog']);
  });

  it('a certificate without a proven time is unknown, with a given one it is not', async () => {
    const own = leaf(HERE);
    const { signature } = bundle({ of: HERE, file: FILE });
    const proof: DetachedProof = { signature: Buffer.from(signature).toString('base64') + '\n', certificate: pem('CERTIFICATE', own.der) };
    const without = await judged(FILE, proof);
    expect(without['signatureTime']).toMatch(/^unknown/);
    expect(await judged(FILE, proof, { ...WHO, at: '2025-06-01T12:00:00Z' })).toEqual({});
    expect(Object.keys(await judged(FILE, proof, { ...WHO, at: '2025-07-01' }))).toEqual(['signatureChain']);
    await expect(judged(FILE, proof, {})).rejects.toMatchObject({ code: 'invalid-argument' });
    const chained = { ...proof, certificate: Buffer.from(Buffer.from(pem('CERTIFICATE', own.der)).toString('base64')), trustedRoot: undefined, certificateChain: pem('CERTIFICATE', HERE.intermediate.der) + pem('CERTIFICATE', HERE.root.der) };
    expect(await judged(FILE, chained, { ...WHO, at: '2025-06-01T12:00:00Z' })).toEqual({});
    expect(Object.keys(await judged(FILE, { ...chained, certificateChain: pem('CERTIFICATE', ELSEWHERE.root.der) }, { ...WHO, at: '2025-06-01T12:00:00Z' }))).toEqual(['signatureChain']);
  });
});
