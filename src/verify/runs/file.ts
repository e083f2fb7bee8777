// Whether the file itself can be started: permission, contents, and the first line of a script.

import type { Inspection } from '../../model/binary.ts';
import type { Answer, Place } from './finding.ts';

/** A script's first line as the kernel reads it, and what became of the program that it names. */
export interface ScriptFacts {
  /** The path after `#!`, a carriage return at its end included. */
  readonly interpreter: string;
  /** The rest of the line; null without one. */
  readonly argument: string | null;
  /** Whether the program is there; null where nobody could look. */
  readonly present: boolean | null;
  /** Why that program would not start, or the one that `env` is asked for; null where nothing speaks against it. */
  readonly problem: string | null;
  /** What the system says then. */
  readonly systemSays: string | null;
}

/** What is known of a file beside what an inspection says. */
export interface FileFacts {
  /** Bytes of it. */
  readonly size: number;
  /** Whether it may be executed; null where the question does not arise, or can't be determined. */
  readonly executable: boolean | null;
  /** Permission bits as chmod writes them: '644'; null where there are none. */
  readonly mode: string | null;
  /** The mount that forbids executing; null where none does. */
  readonly noexec: string | null;
  /** What it is, where it is no program that binspect reads: 'an HTML page'. */
  readonly otherwise: { readonly detected: string | null; readonly text: string } | null;
  /** Null for what is no script. */
  readonly script: ScriptFacts | null;
  /** Whether EI_CLASS or EI_DATA contradict the machine: kernels look at the machine only. */
  readonly headerNote: string | null;
}

/** Whether it may be executed. Libraries are only read. */
export function judgePermission({ executable, mode, noexec }: FileFacts, isLibrary: boolean): Answer | null {
  if (isLibrary || executable === null) return null;
  const expected = 'permission to execute it';
  const found = mode === null ? null : `mode ${mode}`;
  if (noexec !== null) {
    return { status: 'fail', expected, found, evidence: `${noexec} is mounted noexec`, message: `it lies on ${noexec}, which is mounted noexec`, systemSays: 'Permission denied', advice: 'copy it to another file system' };
  }
  if (executable) return { status: 'pass', expected, found, message: 'it may be executed' };
  return { status: 'fail', expected, found, evidence: found, message: `it may not be executed${mode === null ? '' : `: its mode is ${mode}`}`, systemSays: 'Permission denied', advice: 'chmod +x' };
}

/** What a script's first line names. */
export function judgeScript({ interpreter, argument, present, problem, systemSays }: ScriptFacts, { which }: Place): Answer {
  const expected = 'a program that is there';
  const line = `#!${interpreter}${argument === null ? '' : ` ${argument}`}`;
  const evidence = `the first line is ${line.replaceAll('\r', '\\r')}`;
  const notFound = 'cannot execute: required file not found (older shells: bad interpreter; Node: ENOENT)';
  if (interpreter === '') return { status: 'fail', expected, found: null, evidence, message: 'its first line names no program', systemSays: 'cannot execute binary file: Exec format error', advice: 'write the path of a program after #!' };
  if (interpreter.endsWith('\r') && present !== true) {
    const found = interpreter.replaceAll('\r', '\\r');
    return { status: 'fail', expected, found, evidence, message: `its lines end as Windows has them, so its first line asks for ${found}`, systemSays: notFound, advice: "sed -i 's/\\r$//' FILE, or dos2unix" };
  }
  if (present === false) return { status: 'fail', expected, found: interpreter, evidence, message: `the program of its first line, ${interpreter}, is missing`, systemSays: notFound, advice: `install ${interpreter.slice(interpreter.lastIndexOf('/') + 1)}, or write another path there` };
  if (present === null) return { status: 'unknown', expected, found: interpreter, evidence, message: `whether ${which} system has ${interpreter} can not be told` };
  if (problem !== null) return { status: 'fail', expected, found: interpreter, evidence, message: problem, systemSays, advice: argument !== null && argument.endsWith('\r') ? "sed -i 's/\\r$//' FILE, or dos2unix" : 'set that right first' };
  return { status: 'pass', expected, found: interpreter, evidence, message: `a script for ${interpreter}${argument === null ? '' : ` ${argument}`}, which is there` };
}

const ENOEXEC = 'cannot execute binary file: Exec format error';

/** A file that is nothing to run. */
export function judgeOther({ size, otherwise }: FileFacts): Answer {
  const expected = 'a program';
  if (size === 0) {
    return { status: 'fail', expected, found: 'an empty file', evidence: 'its size is 0', message: 'the file is empty: shells and Node end with status 0 and do nothing', systemSays: null, advice: 'build it, or fetch it, again' };
  }
  const { detected, text } = otherwise ?? { detected: null, text: 'no program' };
  const base: Pick<Answer, 'status' | 'expected' | 'found'> = { status: 'fail', expected, found: text };
  if (detected === 'html') return { ...base, message: 'it is an HTML page, and no program: a server answered with a page', systemSays: 'Exec format error; a shell says: syntax error', advice: 'fetch it again, and look at the address (curl -fL)' };
  if (detected === 'script-with-mark') return { ...base, message: 'it begins with a byte order mark, so the kernel does not see its #! line', systemSays: 'Exec format error', advice: 'save it as UTF-8 without a byte order mark' };
  if (detected === 'text') return { ...base, message: 'it is text without a #! line: the kernel does not start it, and a shell takes it for a script of its own', systemSays: 'Exec format error', advice: 'write #!/bin/sh, or what it is for, as its first line' };
  const archive = detected !== null && /zip|tar|gzip|xz|zst|bzip|ar-archive|rpm|cpio|cabinet|rar/.test(detected);
  return { ...base, message: `it is ${text}, and no program`, systemSays: ENOEXEC, advice: archive ? 'unpack it first' : null };
}

/** Whether all of the program is in the file. */
export function judgeWhole(inspection: Pick<Inspection, 'size' | 'binaries' | 'warnings'>, note: string | null): Answer {
  const expected = 'all of the program to be in the file';
  const cut = [...inspection.warnings, ...inspection.binaries.flatMap(({ warnings }) => warnings)].find(({ code }) => code === 'segment-truncated' || code === 'section-truncated');
  const tables = inspection.binaries.flatMap(({ warnings }) => warnings).find(({ code, message }) => code === 'truncated' && /^program headers/.test(message));
  const missing = cut ?? tables;
  const found = `${inspection.size} bytes`;
  if (missing !== undefined) {
    return { status: 'fail', expected, found, evidence: missing.message, message: `the file is cut short: ${missing.message}`, systemSays: tables === undefined ? 'Segmentation fault (status 139), or Bus error' : ENOEXEC, advice: 'fetch it again, and compare its SHA-256' };
  }
  return { status: 'pass', expected, found, evidence: note, message: note === null ? 'all of the program is in the file' : `all of the program is in the file; ${note}` };
}
