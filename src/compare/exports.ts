// What two builds offer to others: which names came, and which are gone.

import type { Input } from '../bytes/input.ts';
import { exportedSymbols as elfExports } from '../elf/exports.ts';
import { openElf } from '../elf/file.ts';
import { exportedSymbols as machOExports } from '../macho/exports.ts';
import { openMachO } from '../macho/file.ts';
import type { Binary, Format } from '../model/binary.ts';
import type { FactChange } from '../model/comparison.ts';
import { exportedNames } from '../pe/exports.ts';
import { openPe } from '../pe/file.ts';

/** By format; null where the names can't be read whole. What WebAssembly exports is among its facts. */
const EXPORTS: Readonly<Record<Format, (image: Input) => string[] | null>> = {
  elf: (image) => elfExports(openElf(image)),
  'mach-o': (image) => machOExports(openMachO(image)),
  pe: (image) => exportedNames(openPe(image)),
  wasm: () => [],
};

/** The names that an image exports, sorted, each once; null where nobody can tell. In a reader, with an input of the image's own. */
export function exportsOf(image: Input, { format, kind, packer, ...rest }: Binary): string[] | null {
  if (packer !== null || kind === 'relocatable' || kind === 'core' || ('machO' in rest && rest.machO === null)) return null;
  const names = image.attempt(() => EXPORTS[format](image));
  return names === null ? null : [...new Set(names)].sort();
}

const MOST_NAMES = 50; // of those added, and of those removed

/** The names that only one of the two has; beyond some, how many more. What a library lost may be missed by others. */
export function exportChanges(a: readonly string[] | null, b: readonly string[] | null, kind: Binary['kind'], slice: string | null): FactChange[] {
  if (a === null || b === null) return [];
  const [left, right] = [new Set(a), new Set(b)];
  const only = (names: readonly string[], others: ReadonlySet<string>, change: 'added' | 'removed'): FactChange[] => {
    const own = names.filter((name) => !others.has(name));
    const gone = change === 'removed';
    const worse = kind === 'shared-library' ? gone : null;
    const changeOf = (name: string | null, text: string): FactChange => ({ fact: 'exports', name, slice, change, a: gone ? text : null, b: gone ? null : text, worse });
    const told = own.slice(0, MOST_NAMES).map((name) => changeOf(name, ''));
    const more = own.length - told.length;
    return more === 0 ? told : [...told, changeOf(null, `${more} more`)];
  };
  return [...only(a, right, 'removed'), ...only(b, left, 'added')].sort((x, y) => Number(x.name === null) - Number(y.name === null) || (textOf(x) < textOf(y) ? -1 : textOf(x) === textOf(y) ? 0 : 1));
}

/** What changes are ordered by: the name, or how many more there are. */
function textOf({ name, a, b }: FactChange): string {
  return name ?? a ?? b ?? '';
}
