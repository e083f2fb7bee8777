// One way to hash one file, in a process of its own: prints the seconds it takes, the start of the process not counted.

import { createHash, webcrypto } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { hash } from '../dist/index.js';

const WAYS = {
  binspect: (path) => hash(path),
  async stream(path) {
    const sha256 = createHash('sha256');
    for await (const chunk of createReadStream(path)) sha256.update(chunk);
    return sha256.digest('hex');
  },
  async webcrypto(path) {
    return Buffer.from(await webcrypto.subtle.digest('SHA-256', readFileSync(path))).toString('hex');
  },
  /** The library itself: bytes that lie in the processor's cache. As many as the file has. */
  async memory(path) {
    const sha256 = createHash('sha256');
    const chunk = Buffer.alloc(1024 * 1024);
    for (let left = statSync(path).size; left > 0; left -= chunk.length) sha256.update(left < chunk.length ? chunk.subarray(0, left) : chunk);
    return sha256.digest('hex');
  },
};

const [, , way, path] = process.argv;
const start = performance.now();
const digest = await WAYS[way](path);
let once = (performance.now() - start) / 1000;
if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error(`no digest: ${digest}`);
if (once < 0.1) { // small: the best of many, once the code is warm
  const until = performance.now() + 300;
  while (performance.now() < until) {
    const again = performance.now();
    await WAYS[way](path);
    once = Math.min(once, (performance.now() - again) / 1000);
  }
}
console.log(once);
