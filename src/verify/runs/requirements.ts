// What a program asks of the machine beyond its architecture: the level of the processor, the kernel, the system's version, the page size.

import type { Binary } from '../../model/binary.ts';
import type { Answer, Place } from './finding.ts';
import { compareNumbers, numbersOf } from './resolution.ts';

/** Go's setting that says which processors a program is compiled for, and its value; null where there is none. */
export function goLevel({ go, platform }: Binary): { readonly key: string; readonly value: string } | null {
  const key = platform.arch === 'amd64' ? 'GOAMD64' : platform.arch === 'arm64' ? 'GOARM64' : platform.arch === 'arm' ? 'GOARM' : null;
  const setting = key === null ? undefined : go?.settings.find((one) => one.key === key);
  return key === null || setting === undefined ? null : { key, value: setting.value };
}

/** The number of a level: 'v3' and 'x86-64-v3' are 3; null for anything else. */
function levelNumber(level: string | null): number | null {
  const match = /^(?:x86-64-)?v([1-4])$/.exec(level ?? '');
  return match === null ? null : Number(match[1]);
}

/** The level of an x86-64 processor; null where the file records none, which says nothing. */
export function judgeProcessor(binary: Binary, { host, which }: Place, emulated: boolean): Answer | null {
  const go = goLevel(binary);
  if (go !== null && go.key !== 'GOAMD64') return null; // Go's other settings are kept as they are: nothing shows a host's level there
  const asked = levelNumber(binary.minimums.cpu);
  const byGo = levelNumber(go?.value ?? null);
  if (asked === null && byGo === null) return null;
  const level = Math.max(asked ?? 0, byGo ?? 0);
  const goAsks = byGo !== null && byGo >= (asked ?? 0);
  const evidence = goAsks ? `${go?.key}=${go?.value} in Go's build information` : (binary.because['minimums.cpu'] ?? null);
  const expected = host.level === null ? 'a processor level that can be told' : `at most x86-64-${host.level}`;
  const found = `x86-64-v${level}`;
  if (level === 1) return { status: 'pass', expected, found, evidence, message: 'any x86-64 processor will do' };
  if (emulated || host.level === null) return { status: 'unknown', expected, found, evidence, message: `it needs ${found}; ${emulated ? 'what the emulator offers' : `the level of ${which} processor`} can not be told` };
  const has = levelNumber(host.level);
  if (has === null) return { status: 'unknown', expected, found, evidence, message: `it needs ${found}; ${which} processor's level, ${host.level}, is not known` };
  if (has >= level) return { status: 'pass', expected, found, evidence, message: `it needs ${found}, ${which} processor has x86-64-v${has}` };
  const byLoader = binary.interpreter !== null && /ld-linux|ld64/.test(binary.interpreter);
  const systemSays = goAsks ? `This program can only be run on AMD64 processors with v${level} microarchitecture support.` : byLoader ? 'CPU ISA level is lower than required' : 'Illegal instruction';
  return { status: 'fail', expected, found, evidence, message: `it needs ${found}, ${which} processor has x86-64-v${has}`, systemSays, advice: `take a build for x86-64-v${has}` };
}

/** The oldest kernel, or the oldest system, that the headers ask for; null where they ask for none. */
export function judgeKernel(binary: Binary, { host, which }: Place): Answer | null {
  if (binary.format === 'elf') {
    const { kernel: needed } = binary.minimums;
    if (needed === null || host.os !== 'linux') return null;
    return olderThan('Linux', needed, host.kernel, binary.because['minimums.kernel'] ?? null, which, 'FATAL: kernel too old');
  }
  const needed = binary.format === 'mach-o' ? (binary.machO?.minimumOs ?? binary.minimums.os) : binary.minimums.os;
  if (needed === null) return null;
  const [system, says] = binary.format === 'mach-o' ? ['macOS', 'Symbol not found'] : ['Windows', 'This version of this program is not compatible with the version of Windows you are running'];
  return olderThan(system as string, needed, host.osVersion, binary.because['minimums.os'] ?? null, which, says as string);
}

function olderThan(system: string, needed: string, has: string | null, evidence: string | null, which: string, systemSays: string): Answer {
  const found = `${system} ${needed}`;
  const wanted = numbersOf(needed);
  const own = has === null ? null : numbersOf(has);
  if (wanted === null || own === null) return { status: 'unknown', expected: `${system} of a version that can be told`, found, evidence, message: `it needs ${found} or newer; ${which} system's version can not be told` };
  const expected = `at most ${system} ${has}`;
  if (compareNumbers(wanted, own) <= 0) return { status: 'pass', expected, found, evidence, message: `it needs ${found}, ${which} system has ${has}` };
  return { status: 'fail', expected, found, evidence, message: `it needs ${found} or newer, ${which} system has ${has}`, systemSays, advice: 'take a build for older systems' };
}

/** Architectures that have pages of 4096 bytes and no others. */
const FIXED_PAGES: ReadonlySet<string> = new Set(['amd64', '386', 's390x']);

/** Pages: segments that were laid out for small ones can't be mapped with larger ones. Null for other formats, where the question does not arise. */
export function judgePageSize(binary: Binary, { host, which }: Place): Answer | null {
  if (binary.format !== 'elf' || host.os !== 'linux') return null;
  const { pageSize: largest } = binary.minimums;
  const evidence = binary.because['minimums.pageSize'] ?? 'the PT_LOAD segments agree with no page size';
  const found = largest === null ? 'no page size' : `pages of up to ${largest} bytes`;
  const size = host.pageSize ?? (host.arch !== null && FIXED_PAGES.has(host.arch) ? 4096 : null);
  if (size === null) {
    return { status: 'unknown', expected: 'a page size that can be told', found, evidence, message: `it can be mapped with ${found}; the size of ${which} machine's pages can not be told` };
  }
  const expected = `pages of ${size} bytes`;
  if (largest === 65_536 || (largest !== null && largest >= size)) return { status: 'pass', expected, found, evidence, message: `it can be mapped with ${found}, ${which} machine has pages of ${size}` };
  return {
    status: 'fail',
    expected,
    found,
    evidence,
    message: `it can be mapped with ${found}, ${which} machine has pages of ${size}`,
    systemSays: binary.kind === 'executable' ? 'Exec format error, or Segmentation fault' : 'ELF load command alignment not page-aligned',
    advice: `link it with -z max-page-size=${size}`,
  };
}
