// What a module or a component is for, and how it is called.

import type { Kind, Linkage } from '../../model/binary.ts';
import { CUSTOM } from '../constants.ts';
import type { WasmFile } from '../file.ts';
import type { Interface } from './interface.ts';

/** The interface by which a host runs a component as a command. */
const RUN = /^wasi:cli\/run@/;

/** What Emscripten's JavaScript calls. */
const MAIN = ['main', '__main_argc_argv'];

/** The stack is the main module's: it exports how to move it. */
const STACK = /^(?:_?emscripten_stack_|stack(?:Alloc|Save|Restore)$)/;

/** What Go's wasm_exec.js calls. */
const GO_EXPORTS = ['run', 'resume', 'getsp'];

/** The export that a host calls: to run it, or to make a library ready. */
export function entry({ isComponent }: WasmFile, { exports }: Interface, os: string | null): string | null {
  const functions = new Set(exports.filter(({ kind }) => kind === 'function').map(({ name }) => name));
  if (isComponent) return exports.find(({ name, kind }) => kind === 'instance' && RUN.test(name))?.name ?? null;
  if (functions.has('_start')) return '_start';
  if (GO_EXPORTS.every((name) => functions.has(name))) return 'run';
  const main = os === 'emscripten' ? MAIN.find((name) => functions.has(name)) : undefined;
  return main ?? (functions.has('_initialize') ? '_initialize' : null);
}

/**
 * WebAssembly has no field for it. An object has a `linking` section; a side module `dylink.0` and the memory or the table of another; a
 * program an export by which hosts run it. All else is a library, or a reactor, and nothing shows which.
 */
export function kind(file: WasmFile, face: Interface, called: string | null, because: Record<string, string>): Kind {
  const { customs, complete } = file;
  if (customs.has(CUSTOM.LINKING)) {
    because['kind'] = 'a custom section linking';
    return 'relocatable';
  }
  if (called !== null && called !== '_initialize') {
    because['kind'] = `it exports ${called}`;
    return 'executable';
  }
  const borrows = face.imports.some((one) => one.kind === 'memory' || one.kind === 'table');
  if (isLinkedAtRunTime(file) && borrows && !face.exports.some(({ name }) => STACK.test(name))) {
    because['kind'] = 'a custom section dylink.0, and a memory or a table that is imported';
    return 'shared-library';
  }
  because['kind'] = !complete ? 'unknown: its sections are not all there' : called === null ? 'it exports nothing that a host would run' : 'it exports _initialize: a library that is made ready once';
  return 'other';
}

/** Whether it has the section for dynamic linking, which counts as the first section only. */
export function isLinkedAtRunTime({ sections }: WasmFile): boolean {
  return sections[0]?.name === CUSTOM.DYLINK || sections[0]?.name === 'dylink'; // the second was the form before 2021
}

/** Whether libraries are brought at run time. */
export function linkage(file: WasmFile, kindOfFile: Kind, because: Record<string, string>): Linkage | null {
  if (isLinkedAtRunTime(file)) {
    because['linkage'] = `the first section is ${file.sections[0]?.name}`;
    return 'dynamic';
  }
  if (kindOfFile !== 'executable') return null;
  because['linkage'] = 'there is no section dylink.0';
  return 'static';
}
