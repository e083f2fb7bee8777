// Module text: what the go command leaves in a program about its modules and settings, and how it is framed.

import { decodeText, encodeText } from '../bytes/text.ts';
import type { GoModule, GoSetting } from '../model/binary.ts';
import { keyNeedsQuotes, quoteGo, quoteGoRune, valueNeedsQuotes } from '../model/go-quote.ts';
import { literalAt } from './literal.ts';

/** The 16 bytes before and after a module text (modload's infoStart and infoEnd). Go's reader cuts them off unseen. */
export const SENTINEL: { readonly START: Uint8Array; readonly END: Uint8Array } = {
  START: Uint8Array.of(0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6),
  END: Uint8Array.of(0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2),
};

const FRAME = SENTINEL.START.length;
const NEWLINE = 0x0a;

/** A framed module text without its frame, as Go's reader takes it: what looks unframed is no module text. */
export function unframed(framed: Uint8Array): Uint8Array {
  const lastOfText = framed.length - FRAME - 1;
  return framed.length >= 2 * FRAME + 1 && framed[lastOfText] === NEWLINE ? framed.subarray(FRAME, lastOfText + 1) : new Uint8Array();
}

/** What a module text says. */
export interface Modules {
  /** The main package; null where it is not said. */
  readonly path: string | null;
  /** Null where nothing is said about it. */
  readonly main: GoModule | null;
  readonly deps: readonly GoModule[];
  readonly settings: readonly GoSetting[];
}

interface OpenModule {
  readonly path: string;
  readonly version: string;
  readonly sum: string;
  replace: GoModule | null;
}

function moduleOf(columns: readonly string[]): OpenModule {
  const [path = '', version = '', sum = ''] = columns;
  return { path, version, sum, replace: null };
}

/**
 * Reads a module text (runtime/debug.ParseBuildInfo): what it says, or why Go's parser refuses it, in Go's words.
 * Unknown lines are skipped, and so is a last line without its newline.
 */
export function parseModules(bytes: Uint8Array): Modules | string {
  const lines = decodeText(bytes).split('\n');
  lines.pop();
  let path = '';
  let main = moduleOf([]);
  const deps: OpenModule[] = [];
  const settings: GoSetting[] = [];
  let last: OpenModule | null = null;
  for (const [index, line] of lines.entries()) {
    const refuse = (reason: string): string => `could not parse Go build info: line ${index + 1}: ${reason}`;
    const tab = line.indexOf('\t');
    const word = line.slice(0, Math.max(tab, 0));
    const rest = line.slice(tab + 1);
    switch (word) {
      case 'path':
        path = rest;
        break;
      case 'mod':
      case 'dep': {
        const columns = rest.split('\t');
        if (columns.length !== 2 && columns.length !== 3) return refuse(`expected 2 or 3 columns; got ${columns.length}`);
        last = moduleOf(columns);
        if (word === 'mod') main = last;
        else deps.push(last);
        break;
      }
      case '=>': {
        const columns = rest.split('\t');
        if (columns.length !== 3) return refuse(`expected 3 columns for replacement; got ${columns.length}`);
        if (last === null) return refuse('replacement with no module on previous line');
        last.replace = moduleOf(columns);
        last = null;
        break;
      }
      case 'build': {
        const setting = parseSetting(rest);
        if (typeof setting === 'string') return refuse(setting);
        settings.push(setting);
        break;
      }
    }
  }
  const silent = main.path === '' && main.version === '' && main.sum === '' && main.replace === null;
  return { path: path === '' ? null : path, main: silent ? null : main, deps, settings };
}

/** `key=value`, each a Go string literal where it needs to be; or why it is none. */
function parseSetting(text: string): GoSetting | string {
  if (text === '') return "build line missing '='";
  if (text.startsWith('=')) return 'build line with missing key';
  let key: string;
  let written: string;
  if (/^["`]/.test(text)) {
    const literal = literalAt(text);
    if (literal === null) return 'invalid quoted key in build line';
    const after = text.slice(literal.length);
    if (after === '') return "build line missing '=' after quoted key";
    if (!after.startsWith('=')) return `unexpected character after quoted key: ${quoteGoRune(encodeText(after)[0] as number)}`;
    key = literal.value;
    written = after.slice(1);
  } else {
    const equals = text.indexOf('=');
    if (equals === -1) return "build line missing '=' after key";
    key = text.slice(0, equals);
    if (keyNeedsQuotes(key)) return `unquoted key ${quoteGo(key)} must be quoted`;
    written = text.slice(equals + 1);
  }
  if (!/^["`]/.test(written)) return valueNeedsQuotes(written) ? `unquoted value ${quoteGo(written)} must be quoted` : { key, value: written };
  const literal = literalAt(written);
  return literal === null || literal.length !== written.length ? 'invalid quoted value in build line' : { key, value: literal.value };
}
