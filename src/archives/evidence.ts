// What files in an archive say that the archive is for, as they write it: what that means is for others to say.

import { decodeText } from '../bytes/text.ts';
import type { ContainerClaim } from '../model/container.ts';

/** Reads what one file says. */
type Reader = (text: string, name: string) => ContainerClaim[];

const READERS: readonly (readonly [name: RegExp, read: Reader])[] = [
  [/(?:^|\/)package\.json$/, packageJson],
  [/^[^/]+\.dist-info\/WHEEL$/, (text, name) => fields(text, name, /^(Tag):[ \t]*(.*)$/gim)],
  [/^DEBIAN\/control$/, (text, name) => fields(text, name, /^(Architecture):[ \t]*(.*)$/gim)],
  [/^\.PKGINFO$/, (text, name) => fields(text, name, /^(arch)[ \t]*=[ \t]*(.*)$/gm)],
  [/^info\/index\.json$/, conda],
  [/^extension\.vsixmanifest$/, (text, name) => fields(identityTag(text), name, /\s(TargetPlatform)\s*=\s*["']([^"']*)["']/g)],
  [/^META-INF\/MANIFEST\.MF$/, (text, name) => fields(text.replace(/\r?\n /g, ''), name, /^(Bundle-NativeCode):[ \t]*(.*)$/gim)],
];

/** What reads a member of this name; null for one that says nothing. `name` has no leading `./`. */
export function evidenceReader(name: string): ((bytes: Uint8Array) => ContainerClaim[]) | null {
  const read = READERS.find(([pattern]) => pattern.test(name))?.[1];
  return read === undefined ? null : (bytes) => read(decodeText(bytes).replace(/^\ufeff/, ''), name);
}

function fields(text: string, name: string, pattern: RegExp): ContainerClaim[] {
  return Array.from(text.matchAll(pattern), ([, field, value]) => ({ text: (value as string).trim(), from: `${name} ${field}` }));
}

/** The start tag of the manifest's Identity element, comments left out; '' where there is none. */
function identityTag(text: string): string {
  for (let at = 0; at < text.length; ) {
    const tag = text.indexOf('<Identity', at);
    const comment = text.indexOf('<!--', at);
    if (tag === -1) return '';
    if (comment === -1 || tag < comment) return text.slice(tag, text.indexOf('>', tag) + 1);
    const end = text.indexOf('-->', comment);
    if (end === -1) return '';
    at = end + 3;
  }
  return '';
}

function jsonObject(text: string): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
  } catch {
    return new Map(); // no JSON: it says nothing
  }
}

/** npm's os, cpu and libc: a word, or a list of them. */
function packageJson(text: string, name: string): ContainerClaim[] {
  const manifest = jsonObject(text);
  const claims: ContainerClaim[] = [];
  for (const field of ['os', 'cpu', 'libc']) {
    const value = manifest.get(field);
    const words = (Array.isArray(value) ? value : [value]).filter((word): word is string => typeof word === 'string');
    if (words.length > 0) claims.push({ text: words.join(', '), from: `${name} ${field}` });
  }
  return claims;
}

/** conda's subdir; older packages have platform and arch. */
function conda(text: string, name: string): ContainerClaim[] {
  const index = jsonObject(text);
  const claims: ContainerClaim[] = [];
  for (const field of ['subdir', 'platform', 'arch']) {
    const value = index.get(field);
    if (typeof value === 'string') claims.push({ text: value, from: `${name} ${field}` });
  }
  return claims;
}
