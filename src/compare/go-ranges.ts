// Where a Go program has its module text, line by line, in each of its copies; and, where no note has it, Go's build id.

import { find, inChunks, needle, wanted } from '../bytes/search.ts';
import type { Scan } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import { parseModules, SENTINEL } from '../golang/modules.ts';
import type { Limits } from '../limits.ts';
import type { Format, GoBuild } from '../model/binary.ts';
import type { DifferenceClass } from '../model/comparison.ts';
import { goBuildIdRanges } from './named-range.ts';
import type { NamedRange } from './named-range.ts';

const MOST_COPIES = 16; // a program has two
const MOST_IDS = 4;
const START = needle(SENTINEL.START);
const END = needle(SENTINEL.END);
const FRAME = SENTINEL.START.length;
const TEXT_STEP = 64 * 1024;

/**
 * Searches an image of `length` bytes; positions count from its start, to which `base` is added. A text counts only where it says what the
 * program's build information says: bytes that only look like one are no fact.
 */
export function* goRanges(format: Format, go: GoBuild, length: number, base: number, limits: Limits): Scan<NamedRange[]> {
  const id = go.buildId === null || format === 'elf' ? '' : go.buildId;
  const mark = goBuildIdRanges(0, id).length === 0 ? null : `${format === 'wasm' ? '' : '\xff Go build ID: "'}${id}`;
  const idNeedle = mark === null ? null : needle(mark);
  const texts: number[] = [];
  const ids: number[] = [];
  const overlap = Math.max(FRAME, mark?.length ?? 0);
  yield* inChunks({ at: 0, length }, overlap, (bytes, at, own) => {
    const each = (what: typeof START, hits: number[], most: number): void => {
      for (let hit = find(bytes, what); hit !== -1 && hit < own && hits.length < most; hit = find(bytes, what, hit + 1)) hits.push(at + hit);
    };
    each(START, texts, MOST_COPIES);
    if (idNeedle !== null) each(idNeedle, ids, MOST_IDS);
  });
  const said = JSON.stringify([go.path, go.main, go.deps, go.settings]);
  const ranges: NamedRange[] = [];
  for (const at of texts) ranges.push(...(yield* linesAt(at + FRAME, base, said, limits)));
  const [first] = ids;
  if (first !== undefined && mark !== null) ranges.push(...goBuildIdRanges(base + first + mark.length - id.length, id));
  return ranges;
}

/** The lines of the text that begins at a position. */
function* linesAt(at: number, base: number, said: string, { goTextBytes }: Limits): Scan<NamedRange[]> {
  let bytes: Uint8Array = new Uint8Array();
  let end = -1;
  for (let size = TEXT_STEP; end === -1; size *= 4) {
    const more = yield* wanted(at, Math.min(size, goTextBytes));
    if (more.length <= bytes.length) return [];
    bytes = more;
    end = find(bytes, END);
    if (end === -1 && size >= goTextBytes) return [];
  }
  const text = bytes.subarray(0, end);
  const modules = parseModules(text);
  if (typeof modules === 'string' || JSON.stringify([modules.path, modules.main, modules.deps, modules.settings]) !== said) return [];
  const ranges: NamedRange[] = [];
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf(0x0a, from);
    const to = newline === -1 ? text.length : newline;
    const line = decodeText(text.subarray(from, to));
    const named = nameOfLine(line);
    if (named !== null && to > from) ranges.push({ offset: base + at + from, size: to - from, what: `module text (${named.name})`, class: named.class, text: named.text, amongCode: false });
    from = to + 1;
  }
  return ranges;
}

/** A version that Go makes of a commit: 'v0.0.0-20260131120000-0123456789ab'. */
const PSEUDO_VERSION = /-(0\.)?\d{14}-[0-9a-f]{12}/;

/** What a line tells; null for a line that shows nothing. */
function nameOfLine(line: string): { name: string; text: string; class: DifferenceClass } | null {
  const [word = '', first = '', second = ''] = line.split('\t');
  const rest = line.slice(word.length + 1);
  switch (word) {
    case 'path':
      return { name: 'path', text: rest, class: 'text' };
    case 'mod':
      return { name: 'main module', text: rest.replaceAll('\t', ' '), class: PSEUDO_VERSION.test(second) ? 'vcs' : 'text' };
    case 'dep':
    case '=>':
      return { name: first, text: rest.replaceAll('\t', ' '), class: 'text' };
    case 'build': {
      const key = first.slice(0, Math.max(0, first.indexOf('=')));
      return { name: key, text: rest.slice(key.length + 1), class: key.startsWith('vcs.') ? 'vcs' : 'text' };
    }
    default:
      return null;
  }
}
