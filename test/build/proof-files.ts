// Writes proofs of a file into a folder, of every kind of key and of bundle: for other runtimes, which have to say the same of them. `node proof-files.mjs FILE FOLDER`.

import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from './pki.ts';
import type { KeyKind } from './pki.ts';
import { bundle, instance, pem, statement, trustedRoot } from './sigstore.ts';
import type { BundleOptions } from './sigstore.ts';

const [, , source = '', folder = ''] = process.argv;
const file = readFileSync(source);
mkdirSync(folder, { recursive: true });
const put = (name: string, content: Uint8Array | string): void => writeFileSync(join(folder, name), content);

for (const kind of ['p256', 'p384', 'p521', 'rsa', 'ed25519'] satisfies KeyKind[]) {
  const key = keyOf(kind);
  put(`${kind}.pem`, pem('PUBLIC KEY', key.spki));
  put(`${kind}.sig`, sign(kind === 'ed25519' ? null : kind === 'p384' ? 'sha384' : kind === 'p521' ? 'sha512' : 'sha256', file, key.privateKey));
}
const pss = generateKeyPairSync('rsa', { modulusLength: 2048 });
put('pss.pem', pss.publicKey.export({ type: 'spki', format: 'pem' }));
put('pss.sig', sign('sha512', file, { key: pss.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }));

const here = instance();
put('root.json', JSON.stringify(trustedRoot(here)));
const bundles: readonly Partial<BundleOptions>[] = [
  { version: '0.1' },
  { statement: statement(file, 'sha512') },
  { entry: 'hashedrekord 0.0.2', stamp: true },
  { leaf: { kind: 'p384' } },
  { leaf: { kind: 'p521' } },
  { leaf: { kind: 'rsa' } },
  { leaf: { kind: 'ed25519' }, statement: statement(file) },
];
for (const [index, options] of bundles.entries()) put(`${index}.json`, JSON.stringify(bundle({ of: here, file, ...options }).bundle));
