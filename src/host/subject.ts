// A file that is asked about: what it is, what its first line names, whether it may be executed. It is read, never started.

import type { Opened } from '../bytes/given.ts';
import { readSync } from '../bytes/input.ts';
import { MemorySource } from '../bytes/source.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { decodeText } from '../bytes/text.ts';
import { EM } from '../elf/constants.ts';
import { BinspectError } from '../errors.ts';
import { inspect } from '../inspect/inspect-file.ts';
import { recognise } from '../inspect/recognise.ts';
import { LIMITS } from '../limits.ts';
import type { Inspection } from '../model/binary.ts';
import type { Host } from '../model/host.ts';
import type { FileFacts, ScriptFacts } from '../verify/runs/file.ts';
import { SCRIPT_FOLDERS, SCRIPT_INTERPRETERS } from './script-interpreters.ts';
import type { Place, Tree } from './tree.ts';

/** What was found out of a file before it is held against a machine. */
export interface Subject {
  readonly inspection: Inspection | null;
  readonly facts: FileFacts;
  /** The first bytes, with what the kernel overlooks set right. */
  readonly head: Uint8Array;
  /** The source, set right too; the caller closes what it opened. */
  readonly source: ByteSource;
}

const HEAD = 256; // BINPRM_BUF_SIZE: what Linux looks at

/** Machines of which Linux reads a file in one class only, whatever EI_CLASS says; and where that class's e_phentsize lies, with its value. */
const CLASSES: ReadonlyMap<number, { readonly wide: boolean; readonly at: number; readonly size: number }> = new Map([
  [EM.X86_64, { wide: true, at: 54, size: 56 }],
  [EM.AARCH64, { wide: true, at: 54, size: 56 }],
  [EM.PPC64, { wide: true, at: 54, size: 56 }],
  [EM['386'], { wide: false, at: 42, size: 32 }],
  [EM.ARM, { wide: false, at: 42, size: 32 }],
]);

/** What EI_CLASS and EI_DATA would have to be for the machine that reads this file; null where they are, or nothing can be told. */
function contradiction(head: Uint8Array): { readonly class: number; readonly data: number; readonly note: string } | null {
  if (head.length < 64 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return null;
  const half = (at: number): number => (head[at] as number) | ((head[at + 1] as number) << 8);
  const machine = CLASSES.get(half(18));
  if (machine === undefined || half(machine.at) !== machine.size) return null;
  const wanted = { class: machine.wide ? 2 : 1, data: 1 };
  const said = [head[4] === wanted.class ? null : `EI_CLASS is ${head[4]}`, head[5] === wanted.data ? null : `EI_DATA is ${head[5]}`].filter((text) => text !== null);
  return said.length === 0 ? null : { ...wanted, note: `${said.join(' and ')}, which contradicts the machine; Linux looks at the machine only` };
}

/** A source whose EI_CLASS and EI_DATA are others. */
function corrected(source: ByteSource, { class: wide, data }: { readonly class: number; readonly data: number }): ByteSource {
  return {
    size: source.size,
    async read(offset, length) {
      const bytes = (await source.read(offset, length)).slice();
      if (offset <= 4 && offset + bytes.length > 4) bytes[4 - offset] = wide;
      if (offset <= 5 && offset + bytes.length > 5) bytes[5 - offset] = data;
      return bytes;
    },
  };
}

/** What is known of a file before it is read. */
export interface Given {
  readonly tree: Tree;
  /** Where it lies in the tree; null for what lies in none: a member of an archive, bytes. */
  readonly place: Place | null;
  /** The mount that forbids executing it. */
  readonly mount: string | null;
  readonly path: string;
  /** PATH, where it is known. */
  readonly search: string | null;
  /** The other machine by whose file scripts are judged. */
  readonly there: Host | null;
}

/** Reads a file. Throws `io`. */
export async function subjectOf(opened: Opened<ByteSource>, { tree, place, mount, path, search, there }: Given): Promise<Subject> {
  const plain = await opened.source.read(0, Math.min(HEAD, opened.source.size));
  const odd = contradiction(plain);
  const source = odd === null ? opened.source : corrected(opened.source, odd);
  const head = odd === null ? plain : await source.read(0, Math.min(HEAD, source.size));
  const base = {
    size: source.size,
    executable: place === null ? null : tree.executable(place),
    mode: place === null ? null : (place.mode & 0o7777).toString(8).padStart(3, '0'),
    noexec: mount,
    headerNote: odd?.note ?? null,
  };
  try {
    const inspection = await inspect(source, { facts: 'all' });
    return { inspection: { ...inspection, path }, facts: { ...base, otherwise: null, script: null }, head, source };
  } catch (error) {
    if (!(error instanceof BinspectError) || (error.code !== 'unrecognized' && error.code !== 'unsupported')) throw error;
    const script = there === null ? scriptOf(head, tree, search) : scriptThere(head, there);
    return { inspection: null, facts: { ...base, otherwise: otherwiseOf(head, error), script }, head, source };
  }
}

function otherwiseOf(head: Uint8Array, error: BinspectError): FileFacts['otherwise'] {
  const text = decodeText(head);
  if (/^\ufeff?\s*<(!doctype\s+html|html|\?xml[^>]*>\s*<(!doctype\s+html|html))/i.test(text)) return { detected: 'html', text: 'an HTML page' };
  if (/^\ufeff#!/.test(text) || (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf && head[3] === 0x23)) return { detected: 'script-with-mark', text: 'a script behind a byte order mark' };
  const known = error.detected === undefined ? null : recognised(head);
  if (known !== null) return { detected: error.detected ?? null, text: known };
  if (!/[\u0000-\u0008\u000e-\u001a\udc80-\udcff]/.test(text)) return { detected: 'text', text: 'text' };
  return { detected: error.detected ?? null, text: error.detected?.replaceAll('-', ' ') ?? 'a file of no kind that is known' };
}

function recognised(head: Uint8Array): string | null {
  const source: SyncSource = new MemorySource(head);
  return readSync(source, recognise, LIMITS)?.text ?? null;
}

/** The first line as Linux reads it (fs/binfmt_script.c): blanks around the path are left out, all the rest is one argument. Null for what is no script. */
export function firstLine(head: Uint8Array): { readonly interpreter: string; readonly argument: string | null } | null {
  if (head[0] !== 0x23 || head[1] !== 0x21) return null;
  const end = head.subarray(0, HEAD).indexOf(0x0a);
  const line = decodeText(head.subarray(2, end === -1 ? Math.min(head.length, HEAD) : end)).replace(/\0[^]*$/, '');
  const match = /^[ \t]*([^ \t]*)(?:[ \t]+([^]*?))?[ \t]*$/.exec(line);
  const argument = match?.[2];
  return { interpreter: match?.[1] ?? '', argument: argument === undefined || argument === '' ? null : argument };
}

const MOST_STEPS = 5; // scripts for scripts: Linux gives up with ELOOP

/** What became of the programs that a script's first line names. `search` is PATH, for `env`. */
function scriptOf(head: Uint8Array, tree: Tree, search: string | null): ScriptFacts | null {
  const line = firstLine(head);
  if (line === null) return null;
  const { interpreter, argument } = line;
  const place = interpreter === '' ? null : tree.find(interpreter);
  const present = place?.kind === 'file';
  const problem = !present ? null : problemOf(tree, interpreter, MOST_STEPS) ?? (/(^|\/)env$/.test(interpreter) && argument !== null ? envProblem(tree, argument, search) : null);
  return { interpreter, argument, present, problem: problem?.[0] ?? null, systemSays: problem?.[1] ?? null };
}

type Problem = readonly [message: string, systemSays: string];

/** Why a program would not start for a script: it may not be executed, or is itself a script whose program is missing. */
function problemOf(tree: Tree, path: string, steps: number): Problem | null {
  const place = tree.find(path);
  if (place.kind !== 'file') return [`the program of its first line is a script for ${path}, which is missing`, 'cannot execute: required file not found'];
  if (!tree.executable(place)) return [`the program of its first line, ${path}, may not be executed`, 'bad interpreter: Permission denied'];
  if (steps === 0) return [`its first line leads through more than ${MOST_STEPS} scripts`, 'Too many levels of symbolic links'];
  const source = tree.open(path);
  if (source === null) return null; // it may be executed and not read: so be it
  try {
    const line = firstLine(source.readSync(0, Math.min(HEAD, source.size)));
    return line === null || line.interpreter === '' ? null : problemOf(tree, line.interpreter, steps - 1);
  } finally {
    source.closeSync();
  }
}

/** `env NAME`: a search along PATH, with options and settings before the name. Null where it finds the program, or nobody knows the PATH. */
function envProblem(tree: Tree, argument: string, search: string | null): Problem | null {
  const words = (argument.startsWith('-S') || argument.startsWith('--split-string') ? argument.replace(/^(-S|--split-string=?)\s*/, '') : argument).split(/[ \t]+/);
  const split = argument.startsWith('-S') || argument.startsWith('--split-string');
  const name = split ? words.find((word) => word !== '' && !word.startsWith('-') && !word.includes('=')) : argument;
  if (name === undefined || name.startsWith('-') || search === null) return null;
  const shown = name.replaceAll('\r', '\\r');
  const found = name.includes('/') ? tree.find(name).kind === 'file' : search.split(':').some((folder) => {
    const place = tree.find(`${folder === '' ? '.' : folder}/${name}`);
    return place.kind === 'file' && tree.executable(place);
  });
  return found ? null : [`its first line asks env for '${shown}', which is not in PATH`, `env: '${shown}': No such file or directory`];
}

/** The same by what another machine's file lists: programs that it looks for are there or not, of others nobody knows. */
function scriptThere(head: Uint8Array, { scriptInterpreters }: Host): ScriptFacts | null {
  const line = firstLine(head);
  if (line === null) return null;
  const at = line.interpreter.lastIndexOf('/');
  const looked = SCRIPT_FOLDERS.includes(line.interpreter.slice(0, at)) && SCRIPT_INTERPRETERS.includes(line.interpreter.slice(at + 1));
  const present = scriptInterpreters === null ? null : scriptInterpreters.includes(line.interpreter) ? true : looked || line.interpreter.endsWith('\r') ? false : null;
  return { ...line, present, problem: null, systemSays: null };
}
