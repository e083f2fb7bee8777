// The modules and components inside a component.

import { BinspectError } from '../../errors.ts';
import type { WasmPart } from '../../model/wasm.ts';
import { nestedSections, openWasm } from '../file.ts';
import type { WasmFile } from '../file.ts';
import { names, partNames, producers } from './customs.ts';
import { readInterface } from './interface.ts';
import { symbols } from './symbols.ts';
import type { Symbols } from './symbols.ts';

/** Components may lie in one another so deep. */
const DEEPEST = 16;

/** A part, and what its symbols are where it is a module. */
export interface Part {
  readonly part: WasmPart;
  readonly symbols: Symbols | null;
}

/** All of them, outer ones before what lies in them, as many as the limits allow. Types of modules are not looked into. */
export function readParts(file: WasmFile, depth = 1, room: number = file.input.limits.parts): Part[] {
  const { input } = file;
  const parts: Part[] = [];
  const called = partNames(file);
  const indexes = { module: 0, component: 0 };
  for (const { kind, section } of nestedSections(file)) {
    const { contentOffset, contentSize, offset } = section;
    const left = room - parts.length;
    if (left <= 0 || depth > DEEPEST) {
      input.warn('limit-exceeded', depth > DEEPEST ? `components lie in one another more than ${DEEPEST} deep` : `more than ${room} parts; the rest are left out`, offset);
      return parts;
    }
    const found = input.finish(`part at ${contentOffset}`, () => readPart(file, kind, contentOffset, contentSize, depth, left));
    const name = called[kind].get(indexes[kind]++) ?? null; // where modules are imported too their indexes differ: it is a name for people
    found.forEach((one, index) => parts.push(index === 0 && one.part.moduleName === null && name !== null ? { ...one, part: { ...one.part, moduleName: name } } : one));
  }
  return parts;
}

function readPart({ input }: WasmFile, kind: WasmPart['kind'], at: number, size: number, depth: number, room: number): Part[] {
  const inner = input.part(at, size);
  const found = inner.attempt(() => {
    const opened = openWasm(inner);
    if (opened.isComponent !== (kind === 'component')) {
      throw new BinspectError('malformed', `a ${kind} is announced, and a ${opened.isComponent ? 'component' : 'module'} stands there`, { offset: inner.start });
    }
    const called = names(opened);
    const own: Part = {
      part: { kind, offset: inner.start, size, depth, moduleName: called.moduleName, producers: producers(opened) },
      symbols: kind === 'module' ? symbols(opened, called, readInterface(opened), {}) : null,
    };
    return [own, ...readParts(opened, depth + 1, room - 1)];
  });
  for (const { code, message, offset } of inner.warnings) {
    input.warn(code, `the ${kind} at 0x${inner.start.toString(16)}: ${message}`, offset === null ? null : offset - input.start);
  }
  return found ?? [{ part: { kind, offset: inner.start, size, depth, moduleName: null, producers: [] }, symbols: kind === 'module' ? { stripped: null, debugInfo: null } : null }];
}
