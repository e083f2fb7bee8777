// ar: static libraries and Debian packages, in GNU's, BSD's and Microsoft's ways of writing long names.

import type { Flow } from '../bytes/flow.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { bareMember, contentOf, malformedAt } from './member.ts';
import type { Budget, Member } from './member.ts';

const MAGIC_SIZE = 8;
const HEADER_SIZE = 60;
const NEWLINE = 0x0a;

/** Names of symbol tables: members that are no files. */
const TABLES: ReadonlySet<string> = new Set(['/', '/SYM64/', '/<ECSYMBOLS>/', '__.SYMDEF', '__.SYMDEF SORTED', '__.SYMDEF_64', '__.SYMDEF_64 SORTED']);

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether bytes begin an ar archive, and whether that is a thin one: its members lie in files of their own. */
export function arKind(bytes: Uint8Array): 'ar' | 'thin' | null {
  return startsWith(bytes, '!<arch>\n') ? 'ar' : startsWith(bytes, '!<thin>\n') ? 'thin' : null;
}

/** The members but for symbol tables and names. Names may repeat. Throws `malformed`, `truncated`, `limit-exceeded`. */
export async function* walkAr(flow: Flow, budget: Budget): AsyncGenerator<Member, void, undefined> {
  const thin = arKind(await flow.take(MAGIC_SIZE, 'ar magic')) === 'thin';
  let longNames: Uint8Array = new Uint8Array(0);
  while (!(await flow.ended())) {
    const at = flow.position;
    const header = await flow.take(HEADER_SIZE, 'ar header');
    if (header[58] !== 0x60 || header[59] !== NEWLINE) throw malformedAt(flow, at, 'a header of an ar archive does not end as one');
    const field = (start: number, end: number): string => decodeText(header, start, end).trimEnd();
    const size = numberOf(field(48, 58), 10);
    if (size === null) throw malformedAt(flow, at, 'the size of a member is not a number');
    const mode = numberOf(field(40, 48), 8);
    const raw = field(0, 16);
    if (raw === '//') {
      if (size > 16 * budget.limits.headerBytes) throw new BinspectError('limit-exceeded', `the names of an ar archive have ${size} bytes (16 times the limit headerBytes)`);
      longNames = (await flow.take(size, 'long names')).slice();
    } else if (raw === '/' || raw === '/SYM64/' || raw === '/<ECSYMBOLS>/') await flow.skip(size, 'symbol table');
    else if (thin) {
      budget.member();
      yield outside(gnuName(raw, longNames, flow, at), size, mode, at);
      continue; // it has no bytes here, and no padding
    } else {
      const { name, before } = await nameOf(raw, longNames, size, flow, at, budget);
      const content = contentOf(flow, size - before);
      if (!TABLES.has(name)) {
        budget.member();
        yield { name, kind: 'file', size: size - before, mode: mode === null ? null : mode & 0o7777, link: null, alias: [], checked: false, problem: null, locate: content.locate, start: content.start, open: content.open };
      }
      await content.skip(`contents of ${name}`);
    }
    if (size % 2 === 1 && !(await flow.ended())) await flow.skip(1, 'padding');
  }
}

/** A member of a thin archive: its bytes are in a file of that name. */
function outside(name: string, size: number, mode: number | null, at: number): Member {
  const problem = new BinspectError('unsupported', `${name} lies outside of the thin archive`, { offset: at, detected: 'thin-member' });
  return { ...bareMember(name, 'file', mode === null ? null : mode & 0o7777, null), size, problem };
}

function numberOf(text: string, base: 8 | 10): number | null {
  if (!(base === 8 ? /^[0-7]{1,8}$/ : /^\d{1,10}$/).test(text)) return null;
  return Number.parseInt(text, base);
}

/** A name of GNU's or Microsoft's: short ones end in `/`, `/123` is a place among the long ones, which end in `/\n` or NUL. */
function gnuName(raw: string, longNames: Uint8Array, flow: Flow, at: number): string {
  const place = /^\/(\d+)$/.exec(raw)?.[1];
  if (place === undefined) return raw.endsWith('/') && raw.length > 1 ? raw.slice(0, -1) : raw;
  const start = Number(place);
  if (start >= longNames.length) throw malformedAt(flow, at, `a name at byte ${start} of ${longNames.length} bytes of long names`);
  let end = start;
  while (end < longNames.length && longNames[end] !== NEWLINE && longNames[end] !== 0) end++;
  const name = decodeText(longNames, start, end);
  return name.endsWith('/') ? name.slice(0, -1) : name;
}

/** A member's name, and how many of its bytes that took: BSD's `#1/36` puts 36 bytes of name before the content. */
async function nameOf(raw: string, longNames: Uint8Array, size: number, flow: Flow, at: number, budget: Budget): Promise<{ name: string; before: number }> {
  const length = /^#1\/(\d+)$/.exec(raw)?.[1];
  if (length === undefined) return { name: gnuName(raw, longNames, flow, at), before: 0 };
  const before = Number(length);
  if (before > size) throw malformedAt(flow, at, `a name of ${before} bytes in a member of ${size}`);
  if (before > budget.limits.headerBytes) throw new BinspectError('limit-exceeded', `a name of ${before} bytes (the limit headerBytes is ${budget.limits.headerBytes})`);
  const bytes = await flow.take(before, 'name of a member');
  const end = bytes.indexOf(0);
  return { name: decodeText(bytes, 0, end === -1 ? bytes.length : end), before };
}
