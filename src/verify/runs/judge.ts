// Whether a file runs on a machine: every question in its order, and the first failure as the headline. Pure.

import type { Binary, ElfBinary, Inspection } from '../../model/binary.ts';
import type { Host } from '../../model/host.ts';
import type { RunsFinding, RunsVerdict } from '../../model/runs.ts';
import type { RunsRuleId, Verdict } from '../../model/verdict.ts';
import { doubtOf } from '../../model/warning.ts';
import type { Doubt, Warning } from '../../model/warning.ts';
import { judgeOther, judgePermission, judgeScript, judgeWhole } from './file.ts';
import type { FileFacts } from './file.ts';
import { findingOf } from './finding.ts';
import type { Answer, Place } from './finding.ts';
import { checkHost } from './host-value.ts';
import { judgeInterpreter, judgeLibraries, judgeVersions } from './libraries.ts';
import { chooseBinary, emulatorFor, targetOf } from './machine.ts';
import type { Chosen } from './machine.ts';
import { goLevel, judgeKernel, judgePageSize, judgeProcessor } from './requirements.ts';
import { resolveByHost } from './resolution.ts';
import type { Resolution } from './resolution.ts';

/** What of an inspection is looked at. */
export type Judged = Pick<Inspection, 'size' | 'universal' | 'binaries' | 'warnings'>;

/** What a look at the disk found out; what nobody looked for is null. */
export interface Seen {
  readonly file: FileFacts | null;
  /** Whether the loader that the chosen binary asks for is there. */
  readonly interpreter: boolean | null;
  readonly resolution: Resolution | null;
}

const NOTHING_SEEN: Seen = { file: null, interpreter: null, resolution: null };

/** Whether a file is an addon of Node, by its name. */
export function isAddon(name: string, { kind }: Binary): boolean {
  return name.endsWith('.node') && (kind === 'shared-library' || kind === 'bundle');
}

/** The binary of a file that a machine would run. */
export function chosenOf(inspection: Judged, place: Place, name: string): Chosen {
  const addon = inspection.binaries.some((binary) => isAddon(name, binary));
  return chooseBinary(inspection, place, name, addon);
}

/** Holds a program against a machine. `seen` is what a look at the disk gave. */
export function judgeProgram(inspection: Judged, place: Place, name: string, seen: Seen = NOTHING_SEEN): RunsVerdict {
  const chosen = chosenOf(inspection, place, name);
  const { binary, through, answer, slice } = chosen;
  const isLibrary = binary.kind === 'shared-library' || binary.kind === 'bundle';
  const answers: [RunsRuleId, Answer | null][] = [];
  const { file } = seen;
  if (file !== null) answers.push(['runsPermission', judgePermission(file, isLibrary)]);
  answers.push(['runsMachine', answer]);
  const goesOn = answer.status !== 'fail';
  if (goesOn && binary.format === 'elf') answers.push(...linuxAnswers(binary, place, name, seen));
  if (goesOn && binary.format !== 'elf') answers.push(['runsLibraries', otherLibraries(binary, place, seen)]);
  if (goesOn) answers.push(['runsCpu', judgeProcessor(binary, place, through !== null && place.host.os === 'linux')]);
  answers.push(['runsFile', judgeFile(inspection, binary, place, file)]);
  if (goesOn) answers.push(['runsKernel', judgeKernel(binary, place)], ['runsPageSize', judgePageSize(binary, place)]);
  const doubtful = [...binary.warnings, ...inspection.warnings].filter(({ code, message }) => !(code === 'truncated' && message.startsWith('section'))); // no system reads those
  const told = answers.flatMap(([rule, one]) => (one === null ? [] : [findingOf(rule, { ...inDoubt(rule, one, doubtful), slice }, place)]));
  const how = through === null ? '' : `, through ${through.interpreter}`;
  return verdictOf(told, place, isLibrary ? `can be loaded ${place.where}${how}` : `runs ${place.where}${how}`, notJudged(binary, place, goesOn, isLibrary), isLibrary);
}

/** The facts that each rule rests on; the others read theirs themselves. */
const RESTS_ON: ReadonlyMap<string, readonly Doubt[]> = new Map<string, readonly Doubt[]>([
  ['runsMachine', ['machine']],
  ['runsInterpreter', ['interpreter']],
  ['runsLibraries', ['dependencies', 'searchPaths']],
  ['runsGlibc', ['minimums.glibc']],
  ['runsKernel', ['minimums.os']],
]);

/** A pass over a fact that a warning puts in doubt is none. */
function inDoubt(rule: string, answer: Answer, warnings: readonly Warning[]): Answer {
  const doubt = answer.status === 'pass' ? doubtOf(warnings, RESTS_ON.get(rule) ?? []) : null;
  return doubt === null ? answer : { ...answer, status: 'unknown', message: `${answer.message}; that is in doubt: ${doubt.message}` };
}

function linuxAnswers(binary: ElfBinary, place: Place, name: string, seen: Seen): [RunsRuleId, Answer | null][] {
  const interpreter = judgeInterpreter(binary, place, seen.interpreter);
  if (interpreter.status === 'fail') return [['runsInterpreter', interpreter]]; // without it nobody looks for libraries
  const needsNothing = binary.dependencies.length === 0 && seen.resolution === null;
  const resolution = seen.resolution ?? resolveByHost(binary, place.host, name);
  return [
    ['runsInterpreter', interpreter],
    ['runsLibraries', needsNothing ? judgeLibraries(binary, place, { libraries: [], gaps: [], versionsChecked: 0, unchecked: [] }) : judgeLibraries(binary, place, resolution)],
    ['runsGlibc', judgeVersions(binary, place, resolution)],
  ];
}

/** Libraries of a Mach-O or PE file: by a look at the disk; by themselves, those that every system has. */
function otherLibraries(binary: Binary, place: Place, { resolution }: Seen): Answer {
  if (resolution !== null) return judgeLibraries(binary, place, resolution);
  const known = new Set((place.host.libraries ?? []).map(({ name }) => name.toLowerCase()));
  const libraries = binary.dependencies
    .filter(({ kind }) => kind !== 'weak' && kind !== 'delay' && kind !== 'lazy')
    .map(({ name }) => ({
      name,
      neededBy: 'it',
      status: isOfSystem(binary.format, name) || known.has(name.toLowerCase()) ? ('found' as const) : ('unknown' as const),
      path: null,
      note: "the host's file does not say",
      systemSays: null,
    }));
  return judgeLibraries(binary, place, { libraries, gaps: [], versionsChecked: 0, unchecked: [] });
}

/** DLLs that every Windows has (KnownDLLs, and what they bring), in lower case. */
const WINDOWS_DLLS = /^(kernel32|kernelbase|ntdll|user32|gdi32|advapi32|shell32|ole32|oleaut32|ws2_32|crypt32|bcrypt|bcryptprimitives|rpcrt4|sechost|shlwapi|version|winmm|ucrtbase|msvcrt|combase|comctl32|comdlg32|dbghelp|iphlpapi|psapi|secur32|setupapi|userenv|winhttp|wininet|mswsock|dnsapi|imm32|powrprof|netapi32|ncrypt|normaliz|uxtheme|wtsapi32|cfgmgr32)\.dll$/;

/** Libraries that are no files, or that every system has. */
export function isOfSystem(format: Binary['format'], name: string): boolean {
  if (format === 'mach-o') return name.startsWith('/usr/lib/') || name.startsWith('/System/'); // in the dyld shared cache
  const lower = name.toLowerCase();
  return /^(api|ext)-ms-/.test(lower) || WINDOWS_DLLS.test(lower) || lower === 'node.exe';
}

/** The contents; and of Apple's ARM programs the signature, without which the kernel kills them. */
function judgeFile(inspection: Judged, binary: Binary, { host }: Place, file: FileFacts | null): Answer {
  const whole = judgeWhole(inspection, file?.headerNote ?? null);
  if (whole.status === 'fail' || binary.format !== 'mach-o' || host.os !== 'darwin' || binary.platform.arch !== 'arm64' || binary.signature !== null) return whole;
  return {
    status: 'fail',
    expected: 'a signature, as all ARM programs on macOS need one',
    found: 'no signature',
    evidence: 'there is no LC_CODE_SIGNATURE',
    message: 'it has no signature, and macOS kills ARM programs that have none',
    systemSays: 'zsh: killed (status 137)',
    advice: 'codesign --sign - FILE',
  };
}

function notJudged(binary: Binary, { host }: Place, goesOn: boolean, isLibrary: boolean): string[] {
  if (!goesOn) return [];
  const notes: string[] = [];
  if (binary.platform.arch === 'amd64' && binary.minimums.cpu === null && goLevel(binary) === null) notes.push('the processor level: the file records none');
  const go = goLevel(binary);
  if (go !== null && go.key !== 'GOAMD64') notes.push(`${go.key}=${go.value} in Go's build information: what this machine's processor has is not known`);
  if (binary.packer !== null) notes.push(`what ${binary.packer} has packed`);
  if (isLibrary) notes.push('the symbols that it takes from the program that loads it');
  if (host.os === 'darwin') notes.push('quarantine and Gatekeeper');
  return notes;
}

/** Holds what is no program against a machine: a script, an empty file, a page. `head` are its first bytes. */
export function judgeOtherFile(place: Place, name: string, file: FileFacts, head: ArrayLike<number>): RunsVerdict {
  const emulator = file.size > 0 && file.script === null ? emulatorFor(place.host, head, name) : null;
  const taken: Answer | null =
    emulator === null ? null : { status: 'pass', expected: 'a program', found: file.otherwise?.text ?? null, message: `${emulator.interpreter} runs it (binfmt_misc: ${emulator.name})` };
  const last: [RunsRuleId, Answer] = file.script !== null ? ['runsInterpreter', judgeScript(file.script, place)] : ['runsFile', taken ?? judgeOther(file)];
  const answers: [RunsRuleId, Answer | null][] = [['runsPermission', judgePermission(file, false)], last];
  const told = answers.flatMap(([rule, one]) => (one === null ? [] : [findingOf(rule, one, place)]));
  return verdictOf(told, place, `runs ${place.where}`, file.script === null ? [] : ['what the script itself does'], false);
}

function verdictOf(findings: readonly RunsFinding[], { where }: Place, fine: string, open: readonly string[], isLibrary: boolean): RunsVerdict {
  const first = findings.find(({ status }) => status === 'fail') ?? findings.find(({ status }) => status === 'unknown');
  const verb = isLibrary ? 'be loaded' : 'run';
  const headline = first === undefined ? fine : first.status === 'fail' ? `cannot ${verb} ${where}: ${first.message}` : `may not ${verb} ${where}: ${first.message}`;
  return { ok: first === undefined && findings.length > 0, headline, findings, notJudged: open };
}

/** A place for a host that was written elsewhere. */
export function placeThere(host: Host, from: string): Place {
  return { host, where: 'there', which: 'that', from };
}

/**
 * Whether a file runs on a machine, by what `inspectHost` wrote down of it. Pure: it reads nothing and starts nothing. Rules:
 * runsMachine runsInterpreter runsLibraries runsGlibc runsCpu runsFile runsKernel runsPageSize. Libraries are held against what the host
 * lists; a library that the file brings along in a folder of its own is unknown here, and `binspect runs` looks for it.
 * Throws `invalid-argument` for what is no host.
 *
 * @example
 * const host = JSON.parse(await readFile('prod.json', 'utf8')); // from: binspect host --json
 * const { ok, findings } = runsOn(await inspect('dist/app'), host);
 */
export function runsOn(inspection: Inspection, host: Host): Verdict {
  return runsVerdict(inspection, host);
}

/** The same with its headline. */
export function runsVerdict(inspection: Inspection, host: Host, from = 'the host'): RunsVerdict {
  return judgeProgram(inspection, placeThere(checkHost(host), from), inspection.path ?? '');
}

/** What a program is for, or null where there is none. */
export function targetText(inspection: Inspection, place: Place, name: string): string {
  return targetOf(chosenOf(inspection, place, name).binary);
}
