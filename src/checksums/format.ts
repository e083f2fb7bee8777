// Checksum files as sha256sum writes them, to the byte.

import { wordIn } from '../model/names.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';

/** A digest and a name. Without a style of its own, a line's is `standard`. */
export interface ChecksumLine {
  /** Lower-case hex. */
  readonly digest: string;
  /** As it is; what needs it is escaped. */
  readonly name: string;
  /** Whether it was hashed in binary mode: `*` before the name. */
  readonly binary?: boolean | undefined;
  /** As an entry of a list has it; `tagged` and `openssl` are written with a tag. */
  readonly style?: string | undefined;
}

/** `text`: `digest␠␠name`; `binary`: `digest␠*name`; `tag`: `SHA256 (name) = digest`. */
export type ChecksumStyle = 'text' | 'binary' | 'tag';

/** What `formatChecksums` may be told. */
export interface FormatOptions {
  /** Ends lines with NUL and escapes no names, as `sha256sum --zero`. */
  readonly zero?: boolean | undefined;
}

const FORMAT_OPTIONS: OptionKinds<FormatOptions> = { zero: 'boolean' };

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

function styleOf({ binary, style }: ChecksumLine): ChecksumStyle {
  if (style === 'tagged' || style === 'openssl') return 'tag';
  return binary === true ? 'binary' : 'text';
}

/** One line, with its end. */
export function formatChecksum(entry: ChecksumLine, style: ChecksumStyle = styleOf(entry), { zero = false }: FormatOptions = {}): string {
  const { digest } = entry;
  const escape = !zero && /[\\\n\r]/.test(entry.name);
  const name = escape ? entry.name.replace(/[\\\n\r]/g, (character) => wordIn(ESCAPES, character) as string) : entry.name;
  const line = style === 'tag' ? `SHA256 (${name}) = ${digest}` : `${digest} ${style === 'binary' ? '*' : ' '}${name}`;
  return `${escape ? '\\' : ''}${line}${zero ? '\0' : '\n'}`;
}

/**
 * A checksum file, byte for byte as sha256sum writes it. Without a style each entry is written in its own.
 * Where a name has bytes that are no UTF-8 (U+DC80–U+DCFF), so has the text: write it as those bytes.
 *
 * @example
 * await writeFile('SHA256SUMS', formatChecksums([{ name: 'app', digest: await hash('app') }]));
 */
export function formatChecksums(entries: Iterable<ChecksumLine>, style?: ChecksumStyle, options: FormatOptions = {}): string {
  checkOptions(options, FORMAT_OPTIONS);
  let text = '';
  for (const entry of entries) text += formatChecksum(entry, style, options);
  return text;
}
