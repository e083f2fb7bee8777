// npm run bench [-- NAME… --quick]: runs the benches of this folder, each a file NAME.bench.mjs that prints tables in Markdown.
// --quick takes fewer rounds: for trying things out, not for figures to write down.

import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const wanted = words.filter((word) => word !== '--quick');
const all = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.slice(0, -'.bench.mjs'.length))
  .sort();
for (const name of wanted) if (!all.includes(name)) throw new Error(`there is no bench ${name}; there are ${all.join(', ')}`);

const { node, openssl } = process.versions;
console.log(`${availableParallelism()} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${node}, OpenSSL ${openssl}\n`);
for (const name of wanted.length > 0 ? wanted : all) await (await import(`./${name}.bench.mjs`)).default({ quick });
