// Writes signed files of every kind into a folder, and their roots: for those who have no TypeScript. `node signed-files.js FOLDER`, once bundled.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainPe, signPe } from './authenticode.ts';
import type { AuthenticodeOptions } from './authenticode.ts';
import { house } from './pki.ts';
import type { Certificate, KeyKind } from './pki.ts';
import { designated, developer, entitlementsDer, entitlementsXml, sealedMachO } from './seal.ts';
import type { SealPlan } from './seal.ts';

const folder = process.argv[2] as string;
mkdirSync(folder, { recursive: true });
const roots: Certificate[] = [];
const blobs = new Map<number, Uint8Array>([[2, designated('com.example')], [5, entitlementsXml('a')], [7, entitlementsDer('a')]]);
const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

for (const kind of ['rsa', 'rsa1024', 'p256', 'p384', 'p521', 'ed25519'] as KeyKind[]) {
  const people = house(kind);
  const makers = developer(kind);
  roots.push(people.root, people.stampRoot, makers.root, makers.stampRoot);
  for (const hash of ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const) {
    if (hash === 'md5' && !kind.startsWith('rsa')) continue;
    const plan: AuthenticodeOptions = { parties: people, hash, stamps: ['rfc3161', 'countersignature'], pages: hash === 'sha256', nested: hash === 'sha1' ? ['sha256'] : [] };
    const bytes = signPe(plainPe(), plan);
    writeFileSync(join(folder, `${kind}-${hash}.exe`), bytes);
    writeFileSync(join(folder, `${kind}-${hash}-value.exe`), flip(bytes, plainPe().length + 2000));
    if (hash === 'md5') continue;
    const seal: SealPlan = { people: makers, hash, kinds: [1, 2, 4], blobs, stamp: 'rfc3161', indefinite: true };
    const { bytes: program, signature } = sealedMachO(seal);
    writeFileSync(join(folder, `${kind}-${hash}`), program);
    writeFileSync(join(folder, `${kind}-${hash}-page`), flip(program, 0x1234));
    writeFileSync(join(folder, `${kind}-${hash}-seal`), flip(program, signature + 5000));
  }
}
writeFileSync(join(folder, 'roots.pem'), roots.map(({ der }) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`).join(''));
