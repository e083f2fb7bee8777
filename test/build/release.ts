// Writes the signed release in testdata/release, by an instance of Sigstore of its own: `npx esbuild test/build/release.ts --bundle --platform=node | node - testdata/release`. Its keys are thrown away.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digest, keyOf, signBytes } from './pki.ts';
import { b64, bundle, instance, pem, statement, trustedRoot } from './sigstore.ts';

const folder = process.argv[2] as string;
mkdirSync(folder, { recursive: true });
const put = (name: string, content: Uint8Array | string): void => writeFileSync(join(folder, name), content);
const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

const here = instance();
const key = keyOf('p256', 'release');
const archives = ['linux_amd64', 'darwin_arm64'].map((target) => ({ name: `tool_${target}.tar.gz`, bytes: gzipSync(`the tool for ${target}\n`) }));
const list = Buffer.from(archives.map(({ name, bytes }) => `${digest('sha256', bytes).toString('hex')}  ${name}\n`).join(''));
for (const { name, bytes } of archives) put(name, bytes);
put('SHA256SUMS', list);
put('SHA256SUMS.sigstore.json', json(bundle({ of: here, file: list }).bundle));
put('SHA256SUMS.sig', `${b64(signBytes(key, 'sha256', list))}\n`);
put('cosign.pub', pem('PUBLIC KEY', key.spki));
const first = archives[0] as { name: string; bytes: Uint8Array };
put('attestations.jsonl', json(bundle({ of: here, file: first.bytes, statement: statement(first.bytes, 'sha256', first.name) }).bundle));
put('trusted_root.jsonl', json(trustedRoot(here)));
