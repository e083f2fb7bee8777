// Ways to read a list of files, in a process of their own: prints for each way the microseconds a file of each pass, as JSON.
//
// Arguments: passes to warm up, passes to time, a file with a path on each line, the ways. The ways take turns, pass by pass.

import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inspect, inspectSync } from '../dist/index.js';

const AT_ONCE = 16;

const [, , warmUp, timed, list, ...ways] = process.argv;
const paths = readFileSync(list, 'utf8').trim().split('\n');
const head = Buffer.allocUnsafeSlow(4096);
const lief = ways.includes('lief') ? createRequire(import.meta.url)(process.env.BENCH_LIEF) : null;
const contents = ways.includes('bytes') ? paths.map((path) => readFileSync(path)) : [];
lief?.logging.disable();

/** Each way reads all files, and gives how many it could make something of. */
const WAYS = {
  /** What no reader from Node can do without. */
  bare() {
    let read = 0;
    for (const path of paths) {
      const descriptor = openSync(path);
      fstatSync(descriptor);
      if (readSync(descriptor, head, 0, head.length, 0) > 4) read++;
      closeSync(descriptor);
    }
    return read;
  },
  main: () => inspectAll(paths, { facts: 'main' }),
  all: () => inspectAll(paths, { facts: 'all' }),
  bytes: () => inspectAll(contents, { facts: 'main' }),
  async async() {
    let read = 0;
    let next = 0;
    const work = async () => {
      while (next < paths.length) if ((await inspect(paths[next++]).catch(refused)) !== null) read++;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return read;
  },
  lief() {
    let read = 0;
    for (const path of paths) {
      try {
        const { format, isPie, entrypoint } = lief.parse(path);
        if (format !== 'UNKNOWN' && isPie !== undefined && entrypoint !== undefined) read++;
      } catch {
        // what it refuses is not counted as read
      }
    }
    return read;
  },
};

/** A file that binspect refuses is an answer too; any other failure ends the bench. */
function refused(error) {
  if (error.code === 'malformed' || error.code === 'truncated' || error.code === 'unsupported' || error.code === 'unrecognized') return null;
  throw error;
}

function inspectAll(inputs, options) {
  let read = 0;
  for (const input of inputs) {
    try {
      if (inspectSync(input, options).binaries.length > 0) read++;
    } catch (error) {
      refused(error);
    }
  }
  return read;
}

const taken = Object.fromEntries(ways.map((way) => [way, []]));
for (let pass = -warmUp; pass < timed; pass++) {
  for (const way of ways) {
    const start = performance.now();
    const read = await WAYS[way]();
    const microseconds = ((performance.now() - start) * 1000) / paths.length;
    if (read < paths.length * 0.9) throw new Error(`${way} could make something of ${read} of ${paths.length} files only`);
    if (pass >= 0) taken[way].push(microseconds);
  }
}
console.log(JSON.stringify(taken));
