// The grammar of checksum files: sha256sum's own, and what other programs write.

import { wordIn } from '../model/names.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { ChecksumEntry, ChecksumList, MalformedLine } from './list.ts';
import { linesOf } from './text.ts';
import type { ListLine } from './text.ts';

/** What `parseChecksums` may be told. */
export interface ParseOptions {
  /** The list's own path. In `NAME.sha256` and `NAME.sha256sum` a digest alone is that of NAME, beside it. */
  readonly file?: string | undefined;
  /** Whether the list is read from standard input, so that `-` can't be the name of anything in it. */
  readonly standardInput?: boolean | undefined;
  /** What the lines of an earlier list were like: sha256sum holds all lists of a run to the form of the first line without a tag. */
  readonly form?: ChecksumList['form'] | undefined;
  /** Takes `digest␠name` beside `digest␠␠name`, which sha256sum refuses. */
  readonly mixed?: boolean | undefined;
}

const PARSE_OPTIONS: OptionKinds<ParseOptions> = { file: 'text', standardInput: 'boolean', form: 'any', mixed: 'boolean' };

/** A line's content, or what is wrong with it. */
type Parsed = Omit<ChecksumEntry, 'line' | 'algorithm'> | string;

/** The form of the lines so far. */
interface Forms {
  form: ChecksumList['form'];
  readonly mixed: boolean;
}

const HEX = 64; // digits of a SHA-256
const DIGEST = /^[0-9a-f]{64}$/i;
const TAG = /^(SHA256|SHA2-256) ?\(/;
const NO_NAME = 'there is no file name after the digest';

/**
 * Reads a checksum file as GNU sha256sum 9.1 does, and further: byte order marks, UTF-16, OpenSSL 3's lines, PGP-signed messages, and a
 * digest alone. Every line is kept, as an entry or as malformed with what is wrong. Unlike sha256sum, a line with a NUL is malformed, and so is
 * one behind the text of a PGP-signed message, as no signature vouches for it.
 * Throws `limit-exceeded` for two million lines and more.
 *
 * @example
 * const { entries, malformed } = parseChecksums(await readFile('SHA256SUMS'));
 */
export function parseChecksums(list: string | Uint8Array, options: ParseOptions = {}): ChecksumList {
  checkOptions(options, PARSE_OPTIONS);
  const { file, standardInput = false, form = null, mixed = false } = options;
  const { lines, encoding, signed } = linesOf(list);
  const bare = bareEntry(lines, file);
  if (bare !== null) return { entries: [bare], malformed: [], encoding, signed, form };
  const entries: ChecksumEntry[] = [];
  const malformed: MalformedLine[] = [];
  const forms: Forms = { form, mixed };
  for (const { number: line, text, unsigned } of lines) {
    const parsed = unsigned ? 'it stands outside of the text that is signed' : parseLine(text, forms);
    if (typeof parsed === 'string') malformed.push({ line, text, message: parsed });
    else if (standardInput && parsed.name === '-') malformed.push({ line, text, message: '- is standard input, which the list itself is read from' });
    else entries.push({ line, algorithm: 'sha256', digest: parsed.digest.toLowerCase(), name: parsed.name, binary: parsed.binary, style: parsed.style });
  }
  return { entries, malformed, encoding, signed, form: forms.form };
}

/** The entry of a file that holds a digest and nothing else, and is called after the file that it belongs to. */
function bareEntry(lines: readonly ListLine[], file: string | undefined): ChecksumEntry | null {
  const name = file === undefined ? undefined : /([^/\\]+)\.sha256(?:sum)?$/i.exec(file)?.[1];
  const [only] = lines;
  if (name === undefined || only === undefined || only.unsigned || lines.length > 1) return null;
  const digest = only.text.trim();
  return DIGEST.test(digest) ? { line: only.number, algorithm: 'sha256', digest: digest.toLowerCase(), name, binary: false, style: 'bare' } : null;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function parseLine(text: string, forms: Forms): Parsed {
  if (text.includes('\0')) return 'there is a NUL in the line';
  let at = 0;
  while (isBlank(text[at])) at++;
  const escaped = text[at] === '\\'; // names with a backslash or a line end are written so
  if (escaped) at++;
  const rest = text.slice(at);
  const tag = TAG.exec(rest);
  return tag === null ? parsePlain(rest, escaped, forms) : parseTagged(rest.slice(tag[0].length), escaped, tag[1] === 'SHA256' ? 'tagged' : 'openssl');
}

/** What follows `SHA256 (`: the name, up to the last parenthesis, and the digest. */
function parseTagged(rest: string, escaped: boolean, style: 'tagged' | 'openssl'): Parsed {
  const close = rest.lastIndexOf(')');
  if (close === -1) return 'the name after the tag has no end: there is no )';
  const digest = /^[ \t]*=[ \t]*(.*)$/s.exec(rest.slice(close + 1))?.[1];
  if (digest === undefined) return 'there is no = after the name';
  if (!DIGEST.test(digest)) return 'what follows the = is no SHA-256 in hexadecimal';
  const name = escaped ? unescapeName(rest.slice(0, close)) : rest.slice(0, close);
  return name === null ? 'the name is escaped wrongly' : { digest, name, binary: false, style };
}

/** A digest, and a name after one blank or two. */
function parsePlain(rest: string, escaped: boolean, forms: Forms): Parsed {
  const digest = rest.slice(0, HEX);
  if (!DIGEST.test(digest) || !isBlank(rest[HEX])) return whatElse(rest);
  const after = rest.slice(HEX + 1);
  if (after === '') return NO_NAME;
  const marked = after.length > 1 && (after[0] === ' ' || after[0] === '*');
  const style = marked && forms.form !== 'reversed' ? 'standard' : 'reversed';
  if (style === 'reversed' && forms.form === 'standard' && !forms.mixed) return 'there is one space between digest and name, where lines before it have two';
  if (!forms.mixed || style === 'standard') forms.form = style;
  const written = style === 'standard' ? after.slice(1) : after;
  const name = escaped ? unescapeName(written) : written;
  return name === null ? 'the name is escaped wrongly' : { digest, name, binary: style === 'standard' && after[0] === '*', style };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };

/** A name with its escapes undone; null where it has one that is none. */
function unescapeName(text: string): string | null {
  let bad = false;
  const name = text.replace(/\\[^]?/g, (escape) => {
    const character = wordIn(ESCAPES, escape);
    bad ||= character === undefined;
    return character ?? '';
  });
  return bad ? null : name;
}

const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'an MD5', 40: 'a SHA-1', 56: 'a SHA-224', 96: 'a SHA-384', 128: 'a SHA-512' };

/** What a line is that does not begin with a SHA-256: the mistakes that are common. */
function whatElse(text: string): string {
  const first = /^[^ \t]*/.exec(text)?.[0] ?? '';
  if (DIGEST.test(first)) return NO_NAME;
  if (/^[0-9a-f]+$/i.test(first) && first.length >= 32) {
    return `it begins with ${ALGORITHMS[first.length] ?? 'hexadecimal'} of ${first.length} digits; a SHA-256 has ${HEX}`;
  }
  const other = /^(MD5|SHA-?\d[\d/-]*|SM3|BLAKE2\w*(?:-\d+)?|RMD160|RIPEMD-?160) ?\(/i.exec(text)?.[1];
  if (other !== undefined) return /^sha-?256$/i.test(other) ? `its tag is ${other}, not SHA256` : `it is a digest by ${other}`;
  if (/[ \t][*]?[0-9a-f]{64}$/i.test(text)) return 'the name stands before the digest';
  if (/=[0-9a-f]{64}$/i.test(text)) return 'it is NAME=DIGEST; digest and name are wanted, with two spaces between them';
  return 'it does not begin with a SHA-256 in hexadecimal';
}
