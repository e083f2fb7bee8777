// What a case is put through, and what has to hold whatever the bytes are.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Budget, Remarks } from '../../src/archives/member.ts';
import { HEAD, openContainer } from '../../src/archives/open-container.ts';
import { flowOfChunks } from '../../src/bytes/flow.ts';
import type { InspectInput } from '../../src/bytes/given.ts';
import { NODE_CODECS } from '../../src/bytes/inflate-node.ts';
import { readBytes } from '../../src/bytes/input.ts';
import { scanSync } from '../../src/bytes/search.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { decodeText } from '../../src/bytes/text.ts';
import { formatChecksums } from '../../src/checksums/format.ts';
import { parseChecksums } from '../../src/checksums/parse.ts';
import { BinspectError, isBinspectError } from '../../src/errors.ts';
import { inspectMembers } from '../../src/files/inspect-members.ts';
import { verifyFiles } from '../../src/files/verify-files.ts';
import { anyCandidates, goView } from '../../src/golang/facts.ts';
import { readBuildInfo } from '../../src/golang/build-info.ts';
import { goBuild } from '../../src/golang/go-build.ts';
import { inspect, inspectSync } from '../../src/inspect/inspect.ts';
import { LIMITS } from '../../src/limits.ts';
import type { Inspection } from '../../src/model/binary.ts';
import type { Expectations, Policy } from '../../src/model/verdict.ts';
import { renderGithub } from '../../src/render/github.ts';
import { formatGoVersion, renderGoVersionJson } from '../../src/render/go-version.ts';
import { toJSON } from '../../src/render/json.ts';
import { renderJunit } from '../../src/render/junit.ts';
import { renderSarif } from '../../src/render/sarif.ts';
import { tableRow } from '../../src/render/table.ts';
import { renderInspection } from '../../src/render/text.ts';
import { renderVerdict } from '../../src/render/verdict-text.ts';
import inspectionSchema from '../../src/schema/inspection.json' with { type: 'json' };
import reportSchema from '../../src/schema/verify-report.json' with { type: 'json' };
import { checkPolicy, parsePolicy } from '../../src/verify/policy/policy.ts';
import { reportOf } from '../../src/verify/report.ts';
import { verify } from '../../src/verify/verify.ts';
import { buildElf } from '../build/elf.ts';
import { violations } from '../build/json-schema.ts';
import { mappedNeeds } from '../mapped-reader.ts';

export type Target = 'binary' | 'archive' | 'sums' | 'policy';

/** A case in which something does not hold that has to. */
export class Find extends Error {
  /** Which of the rules it is: two finds of one kind in one place are one. */
  readonly kind: string;

  constructor(kind: string, message: string, cause?: unknown) {
    super(`${kind}: ${message}`, { cause });
    this.kind = kind;
  }
}

/** What came of a case. */
export interface Outcome {
  /** 'answer', or the error's code. */
  readonly code: string;
  /** Milliseconds that the main work took. */
  readonly time: number;
  /** Bytes of heap and of buffers that were taken up meanwhile, garbage among them. */
  readonly memory: number;
}

/** What a case may take: milliseconds of its own, and for each MiB. A machine that does other things too takes several times as long. */
const MOST_TIME = { BASE: 250, PER_MIB: 250 } as const;
export const MOST_MEMORY: number = 64 * 1024 * 1024;

/** An error of ours as text; any other is a find. */
function ownError(error: unknown, kind: string): string {
  if (!isBinspectError(error)) throw new Find(kind, error instanceof Error ? (error.stack ?? error.message) : String(error), error);
  const { code, message, offset, detected } = error;
  if (/undefined(?! symbols)|NaN|\[object|Infinity/.test(message)) throw new Find('message', `${code}: ${message}`);
  return toJSON({ code, message, offset: offset ?? null, detected: detected ?? null });
}

/** An answer as JSON, or an error's. */
function answerOf(work: () => Inspection, kind: string): string {
  try {
    return toJSON(work());
  } catch (error) {
    return ownError(error, kind);
  }
}

function same(kind: string, one: string, other: string): void {
  if (one === other) return;
  let at = 0;
  while (one[at] === other[at]) at++;
  throw new Find(kind, `…${one.slice(Math.max(0, at - 80), at + 80)}… against …${other.slice(Math.max(0, at - 80), at + 80)}…`);
}

/** Everything that reads a file: for watching which of its fields are read. */
export function readEverything(bytes: Uint8Array): void {
  try {
    inspectSync(bytes, { facts: 'all' });
  } finally {
    readGo(bytes);
  }
}

/** What `binspect go --recover` does, without the disk. */
function readGo(bytes: Uint8Array): void {
  const source = new MemorySource(bytes);
  const whole = { at: 0, length: bytes.length };
  const view = readBytes(bytes, goView, LIMITS);
  if (typeof view !== 'string') scanSync(source, whole, readBuildInfo(view, { searched: 2 * bytes.length, text: bytes.length }));
  for (const { candidate, part } of readBytes(bytes, anyCandidates, LIMITS)) {
    const { go } = scanSync(source, part, goBuild(candidate, LIMITS));
    if (go !== null) void renderGoVersionJson(go);
  }
}

const WINDOWS = [64, 512, 16 * 1024, 1024 * 1024];
/** Limits under which nothing but the window counts. */
const windowed = (windowBytes: number): Partial<typeof LIMITS> => ({ windowBytes, fetches: 10 ** 9, fetchedBytes: 2 ** 40 });

let file: string | null = null;

/** The bytes as a file of the disk, which is read at once, and into memory that is used again. */
function fileOf(bytes: Uint8Array): string {
  if (file === null) {
    const folder = mkdtempSync(join(tmpdir(), 'binspect-case-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    file = join(folder, 'case');
  }
  writeFileSync(file, bytes);
  return file;
}

const LAYOUTS = [40, 80, 200].flatMap((columns) => [true, false].map((verbose) => ({ color: false, unicode: true, columns, verbose })));

/** What no report may have in it: whatever ends a line or moves a cursor, and what no reader sees. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]|\p{Cs}/u;

function printable(kind: string, text: string): void {
  const found = CONTROL.exec(text);
  if (found !== null) throw new Find(kind, `a control character in ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 60))}`);
  if (/\bundefined\b(?! symbols)|\bNaN\b|\[object /.test(text)) throw new Find(kind, `a value that is none in ${JSON.stringify(text.slice(0, 200))}`);
}

const EXPECTATIONS: Expectations = {
  target: ['linux/arm64', 'darwin/universal', 'x86_64-pc-windows-msvc'],
  linkage: 'static',
  pie: true,
  stripped: true,
  kind: 'executable',
  libc: 'musl',
  interpreter: '/lib/ld.so',
  maxGlibc: '2.28',
  minOs: '<=11.0',
  needs: 'libc.so.6',
  noNeeds: ['libssl*', '*{a,b}*c*'],
  onlyNeeds: ['libc.so.*', '[a-z]*'],
  noSearchPaths: true,
  go: '>=1.22',
  goModule: 'example.com/app',
  goSettings: { CGO_ENABLED: '0' },
  goVcsClean: true,
  goTrimpath: true,
  maxSize: '1KiB',
};

/** Everything that is made of an inspection. */
function present(inspection: Inspection): void {
  const path = 'a/b\u001b[2J\u202e.so';
  const kind = 'render';
  for (const layout of LAYOUTS) {
    printable(kind, renderInspection(inspection, path, layout));
    printable(kind, tableRow(inspection, path, layout));
  }
  printable('colour', renderInspection(inspection, path, { color: true, unicode: true, columns: 100, verbose: true }).replace(/\u001b\[\d+m/g, ''));
  formatGoVersion({ ...inspection, path });
  const named = { ...inspection, path };
  const { findings } = verify(named, { ...EXPECTATIONS, targetFromName: true });
  const report = reportOf([{ path, findings, error: null }]);
  const wrong = violations(JSON.parse(toJSON(report)), reportSchema);
  if (wrong.length > 0) throw new Find('report schema', wrong.slice(0, 3).join('; '));
  printable('verdict', renderVerdict(report, { color: false, unicode: true, columns: 80, verbose: true }));
  printable('github', renderGithub(report));
  printable('junit', renderJunit(report, new Date(0)));
  JSON.parse(renderSarif(report, '0'));
}

/** A case's number decides which of the dearer checks it gets; a case that is looked at alone gets them all. */
export interface Depth {
  readonly index: number;
  readonly all: boolean;
}

function timed<T>(work: () => T): { value: T; time: number } {
  const start = performance.now();
  const value = work();
  return { value, time: performance.now() - start };
}

const taken = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** The shorter of two times, if the first is longer than it may be: a pause of the machine comes once. */
function inTime(kind: string, size: number, work: () => unknown): number {
  const most = MOST_TIME.BASE + (MOST_TIME.PER_MIB * size) / 2 ** 20;
  let time = timed(work).time;
  for (let again = 0; again < 3 && time > most; again++) time = Math.min(time, timed(work).time);
  if (time > most) throw new Find(kind, `${time.toFixed(0)} ms for ${size} bytes, ${most.toFixed(0)} are allowed`);
  return time;
}

/** What a program asks for is what ld.so finds in memory, or in doubt. */
function againstMemory(bytes: Uint8Array, { format, binaries: [binary] }: Inspection): void {
  const needs = format === 'elf' && binary !== undefined && binary.packer === null ? mappedNeeds(bytes) : null;
  if (needs === null || binary === undefined || needs.some((name) => /[^\0-\x7f]/.test(name))) return;
  if (binary.warnings.some(({ doubts }) => doubts.includes('dependencies'))) return;
  same('memory against the file', JSON.stringify(binary.dependencies.map(({ name }) => name)), JSON.stringify(needs));
}

async function binaryCase(bytes: Uint8Array, { index, all }: Depth): Promise<Outcome> {
  const often = (every: number): boolean => all || index % every === 0;
  const before = taken();
  let answer = '';
  let memory = 0;
  const time = inTime('slow', bytes.length, () => {
    answer = answerOf(() => inspectSync(bytes, { facts: 'all' }), 'throws');
    memory = Math.max(memory, taken() - before);
  });
  if (memory > MOST_MEMORY) throw new Find('memory', `${(memory / 2 ** 20).toFixed(1)} MiB taken up`);
  const value = JSON.parse(answer) as { code?: string };
  if (often(4)) answerOf(() => inspectSync(bytes, { facts: 'main' }), 'throws');
  if (often(8)) same('twice', answer, answerOf(() => inspectSync(bytes, { facts: 'all' }), 'throws'));
  if (often(3)) {
    inTime('slow go', bytes.length, () => {
      try {
        readGo(bytes);
      } catch (error) {
        ownError(error, 'go throws');
      }
    });
  }
  if (often(16)) {
    const windowBytes = WINDOWS[Math.floor(index / 16) % WINDOWS.length] as number;
    for (const window of all ? WINDOWS : [windowBytes]) {
      const source = { size: bytes.length, read: (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length)) };
      const other = await inspect(source, { facts: 'all', limits: windowed(window) }).then(toJSON, (error: unknown) => ownError(error, 'throws in windows'));
      same('window', answer, other);
    }
  }
  if (often(24)) {
    const path = fileOf(bytes);
    for (const limits of [{}, windowed(512)]) same('file', answer, answerOf(() => ({ ...inspectSync(path, { facts: 'all', limits }), path: null }), 'throws'));
  }
  if (value.code !== undefined) return { code: value.code, time, memory };
  const inspection = inspectSync(bytes, { facts: 'all', hash: often(64) });
  againstMemory(bytes, inspection);
  if (often(16)) {
    const wrong = violations(JSON.parse(toJSON(inspection)), inspectionSchema);
    if (wrong.length > 0) throw new Find('schema', wrong.slice(0, 3).join('; '));
  }
  if (often(4)) {
    try {
      present(inspection);
    } catch (error) {
      if (error instanceof Find) throw error;
      throw new Find('render throws', error instanceof Error ? (error.stack ?? '') : String(error), error);
    }
  }
  return { code: 'answer', time, memory };
}

const items = async (input: InspectInput): Promise<string> => {
  const lines: string[] = [];
  try {
    for await (const item of inspectMembers(input, { facts: 'all', hash: true, name: 'x' })) lines.push('error' in item ? `${item.path} ${ownError(item.error, 'member throws')}` : toJSON(item));
  } catch (error) {
    lines.push(ownError(error, 'archive throws'));
  }
  return lines.join('\n');
};

const CHUNKS = [1, 7, 512, 64 * 1024];

/** Names and sizes of an archive's members, or an error's code, where its bytes come in chunks of a size. */
async function inChunks(bytes: Uint8Array, size: number): Promise<string> {
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  };
  const lines: string[] = [];
  try {
    const budget = new Budget(LIMITS, NODE_CODECS, undefined);
    const opened = await openContainer({ name: 'x', source: null, head: bytes.subarray(0, HEAD), open: () => Promise.resolve(flowOfChunks(chunks())) }, budget, new Remarks(100));
    if (opened !== null) {
      for await (const { name, kind, size: length } of opened.members) lines.push(`${name} ${kind} ${length}`);
      await opened.finish();
    }
  } catch (error) {
    lines.push((JSON.parse(ownError(error, 'chunks throw')) as { code: string }).code);
  }
  return lines.join('\n');
}

/** Of a stream that is damaged more may be told where it comes in small chunks: what zlib has in hand when it meets the damage is lost. */
function sameTold(kind: string, one: string, other: string): void {
  const [a, b] = [one.split('\n'), other.split('\n')];
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const damaged = short.at(-1) === long.at(-1) && /^[a-z-]+$/.test(long.at(-1) ?? '');
  if (!damaged || short.slice(0, -1).some((line, at) => line !== long[at])) same(kind, one, other);
}

/** An archive is told the same from memory, from a source and in chunks, costs what it may, and its report can be shown. */
async function archiveCase(bytes: Uint8Array, { index, all }: Depth): Promise<Outcome> {
  const often = (every: number): boolean => all || index % every === 0;
  const before = taken();
  const start = performance.now();
  const answer = await items(bytes);
  const time = performance.now() - start;
  if (time > 20 * MOST_TIME.BASE) throw new Find('slow', `${time.toFixed(0)} ms for ${bytes.length} bytes`);
  if (often(8)) same('source', answer, await items({ size: bytes.length, read: (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length)) }));
  if (often(4)) {
    const whole = await inChunks(bytes, Math.max(bytes.length, 1));
    for (const size of all ? CHUNKS : [CHUNKS[index % CHUNKS.length] as number]) sameTold(`chunks of ${size}`, whole, await inChunks(bytes, size));
  }
  if (often(4)) {
    const path = fileOf(bytes);
    const report = await verifyFiles({ version: 1, defaults: { targetFromName: true, unique: true, target: 'linux/amd64' } }, { paths: [path] });
    const wrong = violations(JSON.parse(toJSON(report)), reportSchema);
    if (wrong.length > 0) throw new Find('report schema', wrong.slice(0, 3).join('; '));
    printable('verdict', renderVerdict(report, { color: false, unicode: true, columns: 80, verbose: true }));
    printable('github', renderGithub(report));
    printable('junit', renderJunit(report, new Date(0)));
    JSON.parse(renderSarif(report, '0'));
  }
  return { code: /"complete":true/.test(answer) ? 'answer' : 'incomplete', time, memory: taken() - before };
}

function textCase(bytes: Uint8Array, work: () => void): Outcome {
  const before = taken();
  let code = 'answer';
  const time = inTime('slow', bytes.length, () => {
    try {
      work();
    } catch (error) {
      if (error instanceof Find) throw error;
      ownError(error, 'throws');
      code = (error as BinspectError).code;
    }
  });
  return { code, time, memory: taken() - before };
}

/** A list is read, and what was read is written so that it reads the same. */
function sumsCase(bytes: Uint8Array): Outcome {
  return textCase(bytes, () => {
    for (const mixed of [false, true]) {
      const list = parseChecksums(bytes, { mixed });
      const again = parseChecksums(formatChecksums(list.entries));
      const plain = ({ entries }: typeof list): string => JSON.stringify(entries.map(({ digest, name }) => [digest, name]));
      if (again.malformed.length > 0) throw new Find('sums', `what was written can't be read: ${JSON.stringify(again.malformed[0])}`);
      same('sums', plain(list), plain(again));
    }
    for (const file of ['x.sha256', 'SHA256SUMS']) parseChecksums(decodeText(bytes), { file });
  });
}

let subject: Inspection | null = null;

/** A policy is refused or taken, both ways in alike; what is taken can be judged by. No key of it reaches what all objects share. */
function policyCase(bytes: Uint8Array): Outcome {
  subject ??= inspectSync(buildElf({ dynamic: [[1, 'libc.so.6']] }));
  const file = subject;
  const outcome = textCase(bytes, () => {
    const policy = parsePolicy(decodeText(bytes));
    const checked: Policy = checkPolicy(JSON.parse(JSON.stringify(policy)));
    for (const expect of [checked.defaults, ...(checked.artifacts ?? []).map((artifact) => artifact.expect)]) {
      const { unique: _unique, ...own } = expect ?? {};
      verify({ ...file, path: 'dist/app_linux_arm64' }, own);
    }
  });
  if (Object.keys(Object.prototype).length > 0 || ({} as { x?: unknown }).x !== undefined) throw new Find('prototype', 'all objects have got a key');
  return outcome;
}

/** Puts bytes through everything that is there for them. Throws a Find where something does not hold. */
export async function runCase(target: Target, bytes: Uint8Array, depth: Depth): Promise<Outcome> {
  switch (target) {
    case 'binary':
      return binaryCase(bytes, depth);
    case 'archive':
      return archiveCase(bytes, depth);
    case 'sums':
      return sumsCase(bytes);
    case 'policy':
      return policyCase(bytes);
  }
}
