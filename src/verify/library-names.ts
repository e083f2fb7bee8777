// Which libraries a glob names. A name is a path first, as the loader takes it: what is denied is matched in every form that a name may be
// resolved to, what is allowed only in the form that is written.

import type { Binary, Format } from '../model/binary.ts';
import { textPatterns } from './glob.ts';
import type { TextPattern } from './glob.ts';

/** Windows tells no small ASCII letters from capitals. Other letters are what a code page makes of them. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A Mac's volumes tell neither small letters from capitals nor composed letters from decomposed ones, unless they are formatted so. */
function foldUnicode(text: string): string {
  return text.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** A path without `.` and empty names, and without `..` as far as names come before them. Above the root is the root. */
function resolved(path: string): string {
  const rooted = path.startsWith('/');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    const last = names.at(-1);
    if (name !== '..') names.push(name);
    else if (last !== undefined && last !== '..' && !isAnchor(last)) names.pop();
    else if (!rooted) names.push(name);
  }
  return `${rooted ? '/' : ''}${names.join('/')}`;
}

/** Whether a name stands for a folder that is known when the file is loaded: $ORIGIN, ${LIB}, @loader_path. */
function isAnchor(name: string): boolean {
  return name.startsWith('@') || name.includes('$');
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Where a path may lead that climbs out of a folder which is not known: far enough up there is nothing but the root. */
function climbed(path: string): string | null {
  const at = path.lastIndexOf('../');
  return path.startsWith('/') || at === -1 ? null : `/${path.slice(at + 3)}`;
}

const RPATH = '@rpath/';

/** Search paths that are tried: files have under ten. */
const MOST_PATHS = 32;

/** The forms of a Unix library's name that a deny list is held against. */
function unixForms(name: string, searchPaths: readonly string[]): string[] {
  const short = resolved(name);
  const forms = [name, short];
  const up = climbed(short);
  if (up !== null) forms.push(up);
  if (short.startsWith(RPATH)) for (const path of searchPaths.slice(0, MOST_PATHS)) forms.push(resolved(`${path}/${short.slice(RPATH.length)}`));
  return forms;
}

/** The parts of a module's name that Windows may take for the file, each as written, without last dots and blanks, and with the ending that it adds. */
function windowsForms(name: string): string[] {
  const forms = [name];
  for (const part of name.split(/[\\/:]/)) forms.push(part, part.replace(/^ +|[. ]+$/g, ''));
  return [...new Set(forms)].flatMap((form) => (form.includes('.') || form === '' ? [form] : [form, `${form}.dll`]));
}

/** A glob that names a module without an ending names it with the one that Windows adds too. */
function windowsPatterns(glob: string): readonly TextPattern[] {
  const folded = foldAscii(glob);
  return textPatterns(folded).concat(folded.includes('.') ? [] : textPatterns(`${folded}.dll`));
}

/** Patterns that are made when they are first wanted: most files are of one format. */
function lazily(make: () => readonly TextPattern[]): () => readonly TextPattern[] {
  let made: readonly TextPattern[] | null = null;
  return () => (made ??= make());
}

/** Whether any pattern matches any form of a name. */
function matchesAny(patterns: readonly TextPattern[], forms: readonly string[]): boolean {
  return [...new Set(forms)].some((form) => {
    const characters = [...form];
    return patterns.some(({ matches }) => matches(characters));
  });
}

/** Whether a deny list names a library; `unknown`: the folder that it asks for is known only when the file is loaded. */
export type Denied = 'yes' | 'no' | 'unknown';

/** A library of a binary. */
export type LibraryDenied = (name: string, binary: Pick<Binary, 'format' | 'searchPaths'>) => Denied;

/** A matcher for what must not be there. A glob without a `/` also names a library by the last part of its path. */
export function denying(glob: string): LibraryDenied {
  const windows = lazily(() => windowsPatterns(glob));
  const mac = lazily(() => textPatterns(foldUnicode(glob)));
  const elf = lazily(() => textPatterns(glob));
  return (name, { format, searchPaths }) => {
    if (format === 'pe') return matchesAny(windows(), windowsForms(foldAscii(name))) ? 'yes' : 'no';
    const isMac = format === 'mach-o';
    const fold = isMac ? foldUnicode : (text: string): string => text;
    const folded = fold(name);
    const patterns = isMac ? mac() : elf();
    const paths = isMac && folded.startsWith(RPATH) ? searchPaths.map(({ path }) => fold(path)) : [];
    const forms = unixForms(folded, paths);
    const last = lastPart(forms[1] as string);
    const lastCharacters = [...last];
    if (matchesAny(patterns, forms)) return 'yes';
    if (!forms.includes(last) && patterns.some(({ matches, hasSlash }) => !hasSlash && matches(lastCharacters))) return 'yes';
    if (isMac) return paths.length > MOST_PATHS && patterns.some(({ hasSlash }) => hasSlash) ? 'unknown' : 'no';
    // ELF: where a relative name and one with a `$` lead is known only when the file is loaded.
    if (last.includes('$')) return 'unknown';
    const open = name.includes('/') && (!name.startsWith('/') || name.includes('$'));
    return open && patterns.some((pattern) => pattern.hasSlash && pattern.last(lastCharacters)) ? 'unknown' : 'no';
  };
}

/** Where the last part of a path ends that means something other than its name: `.`, `..`, nothing, and in ELF what `$` stands for. */
function oddEnd(name: string, format: Format): number {
  let end = 0;
  let at = name.startsWith('/') ? 1 : 0;
  if (!name.includes('/')) return format === 'elf' && name.includes('$') ? name.length : 0;
  for (const part of name.slice(at).split('/')) {
    at += part.length + 1;
    if (part === '' || part === '.' || part === '..' || (format === 'elf' && part.includes('$'))) end = Math.min(at, name.length);
  }
  return end;
}

/** A library's name, and the format of the file that asks for it. */
export type LibraryAllowed = (name: string, format: Format) => boolean;

/**
 * A matcher for what is allowed or asked for. ELF: a name with a `/` is a path that is opened as it is, so only a glob with a `/` names it,
 * and the whole of it. What is odd in a path (`..`, `//`, `$ORIGIN`) has to be written out in the glob. PE: a name that is a path is named by
 * nothing. With `last` a Mach-O library is known by the last part of any path, however odd.
 */
export function allowing(glob: string, { last: anyPath }: { readonly last: boolean }): LibraryAllowed {
  const windows = lazily(() => windowsPatterns(glob));
  const unix = lazily(() => textPatterns(glob));
  return (name, format) => {
    if (format === 'pe') {
      if (/[\\/:]/.test(name)) return false;
      const folded = foldAscii(name);
      const forms = folded.includes('.') ? [folded] : [folded, `${folded}.dll`];
      return matchesAny(windows(), forms);
    }
    const isPath = name.includes('/');
    const odd = name.slice(0, oddEnd(name, format));
    const whole = [...name];
    const last = [...lastPart(name)];
    return unix().some(({ matches, prefix, hasSlash, isAll }) => {
      if (format === 'elf' && isPath && !hasSlash && !isAll) return false;
      if ((odd === '' || prefix.startsWith(odd)) && matches(whole)) return true;
      return format === 'mach-o' && !hasSlash && (odd === '' || anyPath) && matches(last);
    });
  };
}
