// The same program in files of 1 MiB, 100 MiB and 4 GiB: what it costs to inspect it may not grow with the file.
//
// Two ways to make a file larger: data appended (after the end of the program as it is), and a table of section headers, its names and
// the symbol tables that the loader does not need moved to the end of the larger file, where linkers leave them; the reader has to go
// there. The additions are holes, which file systems do not store. Each round calls inspectSync(path) many times for one file after the
// other. Reads are counted at node:fs, where inspectSync gets its bytes: `readSync` is wrapped while they are counted, and only then.
// Beside them what inspect() asks of a source { size, read } for the same bytes.

import { closeSync, copyFileSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { inspect, inspectSync, toJSON } from '../dist/index.js';
import { buildGo } from './inputs.mjs';
import { compared, figure, GIB, inputFolder, least, median, MIB, rounds, sizeText, table } from './measure.mjs';

const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHF_ALLOC = 2n;

/** A larger copy with a hole at its end. */
function appended(program, path, size) {
  copyFileSync(program, path);
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}

/** A larger copy (64-bit, little-endian) whose section headers, names and symbol tables lie at its end. */
function movedApart(program, path, size) {
  const bytes = readFileSync(program);
  const table = Number(bytes.readBigUInt64LE(0x28)); // e_shoff
  const count = bytes.readUInt16LE(0x3c); // e_shnum
  const headers = Buffer.from(bytes.subarray(table, table + count * 64));
  let at = size - headers.length;
  bytes.writeBigUInt64LE(BigInt(at), 0x28);
  const moved = [];
  for (let header = 0; header < headers.length; header += 64) {
    const type = headers.readUInt32LE(header + 4);
    if ((type !== SHT_SYMTAB && type !== SHT_STRTAB) || (headers.readBigUInt64LE(header + 8) & SHF_ALLOC) !== 0n) continue;
    const start = Number(headers.readBigUInt64LE(header + 24));
    const content = bytes.subarray(start, start + Number(headers.readBigUInt64LE(header + 32)));
    at = Math.floor((at - content.length) / 8) * 8;
    headers.writeBigUInt64LE(BigInt(at), header + 24);
    moved.push([at, Buffer.from(content)]);
    content.fill(0);
  }
  bytes.fill(0, table, table + headers.length);
  const descriptor = openSync(path, 'w');
  writeSync(descriptor, bytes);
  for (const [position, content] of moved) writeSync(descriptor, content, 0, content.length, position);
  writeSync(descriptor, headers, 0, headers.length, size - headers.length);
  closeSync(descriptor);
}

/** What must not change with the size. */
function told(path) {
  const { kind, pie, linkage, stripped, debugInfo, buildId, dependencies, searchPaths, entryPoint, platform, go } = inspectSync(path, { facts: 'all' }).binaries[0];
  return toJSON([kind, pie, linkage, stripped, debugInfo, buildId, dependencies, searchPaths, entryPoint, platform, go]);
}

/** How often inspectSync(path) reads, and how many bytes. */
function counted(path, facts) {
  const own = fs.readSync;
  let reads = 0;
  let bytes = 0;
  fs.readSync = (...args) => {
    const count = own(...args);
    reads++;
    bytes += count;
    return count;
  };
  syncBuiltinESMExports();
  try {
    inspectSync(path, { facts });
  } finally {
    fs.readSync = own;
    syncBuiltinESMExports();
  }
  if (reads === 0) throw new Error('no reads were seen: inspectSync reads in another way than they are counted');
  return { reads, bytes };
}

/** The same of a source that the caller has made. */
async function asked(path, facts) {
  const descriptor = openSync(path, 'r');
  const { size } = fstatSync(descriptor);
  let reads = 0;
  let bytes = 0;
  const read = async (offset, length) => {
    const buffer = Buffer.alloc(length);
    const count = readSync(descriptor, buffer, 0, length, offset);
    reads++;
    bytes += count;
    return buffer.subarray(0, count);
  };
  await inspect({ size, read }, { facts });
  closeSync(descriptor);
  return { reads, bytes };
}

/** Microseconds a call. */
function timed({ path, facts }, calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) inspectSync(path, { facts });
  return ((performance.now() - start) * 1000) / calls;
}

async function measure(what, program, sizes, folder, { quick }) {
  const files = [];
  for (const [layout, make] of [['data appended', appended], ['headers at the end', movedApart]]) {
    for (const size of sizes) {
      const path = join(folder, `${what.replace(/\W/g, '-')}-${make.name}-${size}`);
      make(program, path, size);
      if (told(path) !== told(program)) throw new Error(`${path} is not the same program any more: ${told(path)}`);
      for (const facts of ['main', 'all']) files.push({ layout, size, path, facts });
    }
  }
  for (let warmUp = 0; warmUp < 20; warmUp++) for (const file of files) timed(file, 50);
  const figures = rounds(quick ? 7 : 25, files, (file) => timed(file, 100));
  const rows = [];
  for (const [index, { layout, size, path, facts }] of files.entries()) {
    const first = files.findIndex((file) => file.layout === layout && file.facts === facts);
    const direct = counted(path, facts);
    const source = await asked(path, facts);
    const ratio = first === index ? ['', '', '', ''] : compared(figures[index], figures[first], '≤', 1.5);
    const cells = [direct.reads, direct.bytes, source.reads, source.bytes].map((count) => count.toLocaleString('en'));
    rows.push([`${layout}, ${sizeText(size)}, '${facts}'`, figure(least(figures[index])), figure(median(figures[index])), ...ratio, ...cells]);
  }
  rows.sort(([a], [b]) => Number(a.includes("'all'")) - Number(b.includes("'all'")));
  table(
    `${what} in larger files: inspectSync(path)`,
    ['', 'µs, least', 'median', `ratio to ${sizeText(sizes[0])}, of the least`, 'of the medians', 'target', 'holds', 'reads', 'bytes read', 'reads of a source', 'bytes of it'],
    rows,
  );
}

export default async function run(options) {
  const folder = inputFolder();
  if (existsSync('/usr/bin/ls')) await measure('/usr/bin/ls', '/usr/bin/ls', [MIB, 100 * MIB, 4 * GIB], folder, options);
  else console.log('there is no /usr/bin/ls: not measured\n');
  const go = buildGo('elf.go');
  if (go !== null && process.platform === 'linux') await measure('A program in Go', go, [4 * MIB, 100 * MIB, 4 * GIB], folder, options);
}
