// The fuzzer as a program: a worker runs case after case, and this thread watches it, keeps what fails and makes it smaller.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { casesOf, shrink } from './cases.ts';
import type { Case, Sources } from './cases.ts';
import { measured } from './full.ts';
import { Find, runCase } from './targets.ts';
import type { Target } from './targets.ts';

const MIB = 1024 * 1024;
const HANG = 10_000; // milliseconds without a case done, after which there is an endless loop
const MOST_FINDS = 20;
const MOST_DEATHS = 3; // of workers: each costs the time after which one is given up
const PATIENCE = 2000; // milliseconds for a smaller form of a case that has no end, and as many tries as take a minute or two
const TRIES_OF_A_HANG = 60;
const HEAP = 512; // MiB that a worker's heap may have: the corpus and the program take a fifth
const REPORT_EVERY = 100;

interface Slowest {
  readonly index: number;
  readonly time: number;
}

/** What a worker has seen since it last said so. */
interface Figures {
  cases: number;
  readonly codes: Record<string, number>;
  slowest: Slowest;
  /** The most that one case took up of heap and buffers, garbage among it. */
  largest: { index: number; memory: number };
}

const nothing = (): Figures => ({ cases: 0, codes: {}, slowest: { index: -1, time: 0 }, largest: { index: -1, memory: 0 } });

/** What a worker does: cases from a number on, or single files as they come. */
interface Task {
  readonly seed: number;
  readonly sources: Sources;
  readonly from: number;
  readonly to: number;
  readonly until: number;
  /** Position 0: the case that is under way. */
  readonly progress: Int32Array;
}

type Message = { readonly figures: Figures } | { readonly found: { readonly index: number; readonly kind: string; readonly message: string } } | { readonly done: true };

async function work({ seed, sources, from, to, until, progress }: Task): Promise<void> {
  const caseAt = casesOf(seed, sources);
  const say = (message: Message): void => parentPort?.postMessage(message);
  let figures = nothing();
  for (let index = from; index < to && Date.now() < until; index++) {
    Atomics.store(progress, 0, index);
    Atomics.add(progress, 1, 1);
    const { subject, bytes } = caseAt(index);
    try {
      const { code, time, memory } = await runCase(subject.target, bytes, { index, all: to === from + 1 });
      figures.cases++;
      figures.codes[code] = (figures.codes[code] ?? 0) + 1;
      if (time > figures.slowest.time) figures.slowest = { index, time };
      if (memory > figures.largest.memory) figures.largest = { index, memory };
    } catch (error) {
      if (!(error instanceof Find)) throw error;
      say({ found: { index, kind: error.kind, message: error.message } });
    }
    if (figures.cases < REPORT_EVERY) continue;
    say({ figures });
    figures = nothing();
  }
  say({ figures });
  say({ done: true });
}

/** One file through the checks, in a worker of its own: what kind of find it is, or null. */
interface Attempt {
  readonly target: Target;
  readonly bytes: Uint8Array;
  readonly index: number;
}

async function attempt({ target, bytes, index }: Attempt): Promise<void> {
  let kind: string | null = null;
  try {
    await runCase(target, bytes, { index, all: true });
  } catch (error) {
    if (!(error instanceof Find)) throw error;
    kind = error.kind;
  }
  parentPort?.postMessage({ kind });
}

const program = process.argv[1] as string;
const limits = { maxOldGenerationSizeMb: HEAP };

/** Runs one file where it can be ended. */
function tryIt(one: Attempt): Promise<string | null> {
  return new Promise((resolve) => {
    const worker = new Worker(program, { workerData: { one }, resourceLimits: limits });
    const end = (kind: string | null): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(kind);
    };
    const timer = setTimeout(end, PATIENCE, 'hang');
    worker.once('message', ({ kind }: { kind: string | null }) => end(kind));
    worker.once('error', (error) => end(kindOf(error)));
  });
}

function kindOf(error: Error): string {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : 'fails';
}

interface Settings {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly minutes: number | null;
  /** When to end, in milliseconds since 1970: counted from when the cases begin. */
  readonly until: number;
  readonly sources: Sources;
  readonly keep: string;
}

/** A worker's run, from a case on, until it is through or dead: where it ended, and what killed it. */
function watch(settings: Settings, from: number, onMessage: (message: Message) => void): Promise<{ index: number; killed: string | null }> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const { seed, sources, to, until } = settings;
  const task: Task = { seed, sources, from, to, until, progress };
  return new Promise((resolve) => {
    const worker = new Worker(program, { workerData: { task }, resourceLimits: limits });
    let last = -1;
    let since = Date.now();
    const end = (killed: string | null): void => {
      clearInterval(timer);
      void worker.terminate().then(() => resolve({ index: Atomics.load(progress, 0), killed }));
    };
    const timer = setInterval(() => {
      const steps = Atomics.load(progress, 1);
      if (steps !== last) [last, since] = [steps, Date.now()];
      else if (Date.now() - since > HANG) end('hang');
    }, 250);
    worker.on('message', (message: Message) => {
      if ('done' in message) end(null);
      else onMessage(message);
    });
    worker.once('error', (error) => {
      process.stderr.write(`${error.stack ?? error.message}\n`);
      end(kindOf(error));
    });
  });
}

function reproduce({ seed, sources: { only, folder } }: Settings, index: number): string {
  const more = [only === null ? '' : ` --only ${only}`, folder === null ? '' : ` --corpus ${folder}`].join('');
  return `npm run fuzz -- --seed ${seed} --case ${index}${more}`;
}

/** Keeps a failing case: the file as it was and as small as it gets, and what is to be known of it. */
async function keep(settings: Settings, one: Case, kind: string, message: string): Promise<void> {
  const { subject, index, bytes, edits } = one;
  const base = join(settings.keep, `${subject.target}-${settings.seed}-${index}`);
  process.stdout.write(`\n${kind} in case ${index}; making it smaller …\n`);
  mkdirSync(settings.keep, { recursive: true });
  writeFileSync(`${base}.whole`, bytes);
  const first = await tryIt({ target: subject.target, bytes, index });
  const fails = async (smaller: Uint8Array): Promise<boolean> => (await tryIt({ target: subject.target, bytes: smaller, index })) === kind;
  const small = first === kind ? await shrink(one, fails, kind === 'hang' ? TRIES_OF_A_HANG : undefined) : null;
  writeFileSync(base, small?.bytes ?? bytes);
  const list = (some: Case['edits']): string => some.map(({ what }) => `  ${what}\n`).join('');
  const text = `${reproduce(settings, index)}\n${kind}: ${message}\n\n${subject.name}, ${bytes.length} bytes:\n${list(edits)}\nshrunk to ${small?.bytes.length ?? bytes.length} bytes:\n${list(small?.edits ?? edits)}`;
  writeFileSync(`${base}.txt`, text);
  process.stdout.write(`\nFOUND ${text}kept as ${base}\n\n`);
}

function merge(sum: Figures, { cases, codes, slowest, largest }: Figures): void {
  sum.cases += cases;
  for (const [code, count] of Object.entries(codes)) sum.codes[code] = (sum.codes[code] ?? 0) + count;
  if (slowest.time > sum.slowest.time) sum.slowest = slowest;
  if (largest.memory > sum.largest.memory) sum.largest = largest;
}

/** The most expensive files, at full size: how many break what is promised. */
async function runFull(): Promise<number> {
  let broken = 0;
  let slowest = { name: '', sync: 0 };
  for await (const { name, sync, problem } of measured(1)) {
    if (sync > slowest.sync) slowest = { name, sync };
    if (problem === null) continue;
    broken++;
    process.stdout.write(`TOO EXPENSIVE ${name}: ${problem}\n`);
  }
  process.stdout.write(`full size ${broken === 0 ? 'all within what is promised' : `${broken} are not`}; the slowest takes ${slowest.sync.toFixed(0)} ms (${slowest.name})\n`);
  return broken;
}

async function run(given: Omit<Settings, 'until'>): Promise<number> {
  const full = given.to === given.from + 1 || given.sources.only !== null ? 0 : await runFull();
  const settings: Settings = { ...given, until: given.minutes === null ? Number.MAX_SAFE_INTEGER : Date.now() + given.minutes * 60_000 };
  const start = performance.now();
  const idle = process.memoryUsage.rss();
  const sum = nothing();
  const found = new Map<string, { index: number; kind: string; message: string; count: number }>();
  const add = (index: number, kind: string, message: string): void => {
    // One place that fails is one find, however many cases meet it.
    const place = `${kind}\n${/^.*? at .*$/m.exec(message)?.[0] ?? message.slice(0, 60)}`;
    const known = found.get(place);
    if (known === undefined) found.set(place, { index, kind, message, count: 1 });
    else known.count++;
  };
  let deaths = 0;
  for (let from = settings.from; from < settings.to && Date.now() < settings.until && found.size < MOST_FINDS && deaths < MOST_DEATHS; deaths++) {
    const { index, killed } = await watch(settings, from, (message) => {
      if ('figures' in message) merge(sum, message.figures);
      else if ('found' in message) add(message.found.index, message.found.kind, message.found.message);
    });
    if (killed === null) break;
    add(index, killed, killed === 'hang' ? `no end within ${HANG / 1000} s` : 'the worker died');
    from = index + 1;
  }
  const seconds = (performance.now() - start) / 1000;
  const caseAt = casesOf(settings.seed, settings.sources);
  for (const { index, kind, message } of found.values()) await keep(settings, caseAt(index), kind, message);
  const codes = Object.entries(sum.codes).sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  const peak = (process.resourceUsage().maxRSS / 1024 - idle / MIB).toFixed(0);
  const figures = [
    ['seed', String(settings.seed)],
    ['cases', `${sum.cases} in ${seconds.toFixed(1)} s, ${(sum.cases / seconds).toFixed(0)} a second`],
    ['answers', codes.join(' · ')],
    ['slowest', sum.slowest.index === -1 ? '–' : `${sum.slowest.time.toFixed(1)} ms, case ${sum.slowest.index}`],
    ['memory', `${(sum.largest.memory / MIB).toFixed(1)} MiB at most in one case (${sum.largest.index}); the process ${peak} MiB above its start, corpus and garbage included`],
    ['finds', `${found.size}${found.size === 0 ? '' : `: ${[...found.values()].map(({ kind, index, count }) => `${kind} (case ${index}, ${count} times)`).join(', ')}`}`],
  ];
  for (const [name, value] of figures) process.stdout.write(`${(name as string).padEnd(10)}${value}\n`);
  return found.size === 0 && full === 0 ? 0 : 1;
}

const OPTIONS = {
  seed: { type: 'string' },
  minutes: { type: 'string' },
  cases: { type: 'string' },
  case: { type: 'string' },
  only: { type: 'string' },
  corpus: { type: 'string' },
  keep: { type: 'string' },
} as const;

function count(value: string | undefined, name: string): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${name} is a count, not ${value}`);
  return number;
}

function settingsOf(): Omit<Settings, 'until'> {
  const { values } = parseArgs({ options: OPTIONS });
  const minutes = count(values.minutes, 'minutes');
  const one = count(values.case, 'case');
  const cases = count(values.cases, 'cases') ?? (minutes === null ? 20_000 : Number.MAX_SAFE_INTEGER);
  return {
    seed: count(values.seed, 'seed') ?? Math.floor(Date.now() / 1000),
    from: one ?? 0,
    to: one === null ? Math.min(cases, 2 ** 31 - 1) : one + 1,
    minutes,
    sources: { only: values.only ?? null, folder: values.corpus ?? null },
    keep: values.keep ?? mkdtempSync(join(tmpdir(), 'binspect-fuzz-')),
  };
}

const data = workerData as { readonly task?: Task; readonly one?: Attempt } | null;
if (isMainThread) void run(settingsOf()).then((status) => void (process.exitCode = status));
else if (data?.task !== undefined) void work(data.task);
else if (data?.one !== undefined) void attempt(data.one);
