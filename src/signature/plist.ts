// Property lists in XML, as far as signatures have them: entitlements, and the list of cdhashes. No DTD is read, no entity but the five.

import { fromBase64 } from '../pki/pem.ts';

/** A value of a property list. Dictionaries are maps, as their keys are a file's words. */
export type PlistValue = string | boolean | bigint | number | Uint8Array | PlistDate | readonly PlistValue[] | ReadonlyMap<string, PlistValue>;

/** A date, as written. */
export interface PlistDate {
  readonly date: string;
}

const DEEPEST = 64;
const MOST = 1024 * 1024; // characters
const MOST_VALUES = 65_536;

const TOKEN = /<!--[^]*?-->|<\?[^]*?\?>|<!DOCTYPE[^>[]*>|<(\/?)([A-Za-z]+)(?:\s[^<>]*?)?(\/?)>|[^<]+/gy;

/** Reads a property list; null where it is not one. White space before it is taken, which strict readers of XML refuse. */
export function readPlist(bytes: Uint8Array): PlistValue | null {
  if (bytes.length > MOST) return null;
  const tokens = tokensOf(new TextDecoder().decode(bytes).replace(/\0+$/, '').trim());
  if (tokens === null) return null;
  const reader = { tokens, at: 0, values: 0 };
  const opened = reader.tokens[reader.at++];
  if (opened?.tag !== 'plist' || opened.kind !== 'open') return null;
  const value = readValue(reader, 0);
  const closed = reader.tokens[reader.at++];
  return value === null || closed?.tag !== 'plist' || closed.kind !== 'close' || reader.at !== reader.tokens.length ? null : value;
}

interface Token {
  readonly kind: 'open' | 'close' | 'empty' | 'text';
  readonly tag: string;
  readonly text: string;
}

interface PlistReader {
  readonly tokens: readonly Token[];
  at: number;
  values: number;
}

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, close = '', tag, empty = ''] = match;
    end = match.index + whole.length;
    if (tag !== undefined) tokens.push({ kind: close !== '' ? 'close' : empty !== '' ? 'empty' : 'open', tag, text: '' });
    else if (!whole.startsWith('<')) tokens.push({ kind: 'text', tag: '', text: whole });
  }
  if (end !== text.length) return null;
  const isTextual = (token: Token | undefined): boolean => token?.kind === 'open' && (token.tag === 'string' || token.tag === 'key');
  return tokens.filter(({ kind, text: content }, index) => kind !== 'text' || content.trim() !== '' || isTextual(tokens[index - 1]));
}

/** The text of an element that was opened, up to its end; null where something else stands in it. */
function textOf(reader: PlistReader, tag: string): string | null {
  let text = '';
  for (let token = reader.tokens[reader.at++]; token !== undefined; token = reader.tokens[reader.at++]) {
    if (token.kind === 'close') return token.tag === tag ? decoded(text) : null;
    if (token.kind !== 'text') return null;
    text += token.text;
  }
  return null;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decoded(text: string): string | null {
  let valid = true;
  const result = text.replaceAll(/&([^;&]{0,16});?/g, (_, name: string) => {
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const point = number === null ? null : number[1] !== undefined ? Number.parseInt(number[1], 16) : Number(number[2]);
    const found = point === null ? ENTITIES.get(name) : point <= 0x10_ffff ? String.fromCodePoint(point) : undefined;
    valid &&= found !== undefined;
    return found ?? '';
  });
  return valid ? result : null;
}

function readValue(reader: PlistReader, depth: number): PlistValue | null {
  const token = reader.tokens[reader.at++];
  if (token === undefined || depth > DEEPEST || ++reader.values > MOST_VALUES || token.kind === 'close' || token.kind === 'text') return null;
  const { tag, kind } = token;
  const isEmpty = kind === 'empty';
  switch (tag) {
    case 'true':
    case 'false':
      return isEmpty || textOf(reader, tag) === '' ? tag === 'true' : null;
    case 'dict':
      return isEmpty ? new Map() : readDictionary(reader, depth);
    case 'array':
      return isEmpty ? [] : readArray(reader, depth);
  }
  const text = isEmpty ? '' : textOf(reader, tag);
  if (text === null) return null;
  switch (tag) {
    case 'string':
      return text;
    case 'integer':
      return /^\s*[+-]?(0x[0-9a-fA-F]{1,16}|\d{1,20})\s*$/.test(text) ? integerOf(text.trim()) : null;
    case 'real':
      return text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text);
    case 'data':
      return fromBase64(text);
    case 'date':
      return { date: text.trim() };
    default:
      return null;
  }
}

function integerOf(text: string): bigint {
  const digits = text.replace(/^[+-]/, '');
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

function readDictionary(reader: PlistReader, depth: number): PlistValue | null {
  const entries = new Map<string, PlistValue>();
  for (;;) {
    const token = reader.tokens[reader.at++];
    if (token?.kind === 'close') return token.tag === 'dict' ? entries : null;
    if (token?.tag !== 'key') return null;
    const key = token.kind === 'empty' ? '' : textOf(reader, 'key');
    const value = key === null ? null : readValue(reader, depth + 1);
    if (key === null || value === null || entries.has(key)) return null;
    entries.set(key, value);
  }
}

function readArray(reader: PlistReader, depth: number): PlistValue | null {
  const list: PlistValue[] = [];
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token?.kind === 'close') {
      reader.at++;
      return token.tag === 'array' ? list : null;
    }
    const value = readValue(reader, depth + 1);
    if (value === null) return null;
    list.push(value);
  }
}
