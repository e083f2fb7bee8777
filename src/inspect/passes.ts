// Which passes a file's binaries need beyond their headers: each line is one kind, and nobody else knows them by name.

import type { Input } from '../bytes/input.ts';
import type { Pass } from '../bytes/pass.ts';
import { componentsPass } from '../components/lists.ts';
import { goPass } from '../golang/facts.ts';
import type { Binary, Facts } from '../model/binary.ts';
import { cdHashPass } from '../signature/cd-hash.ts';

/** What makes a pass for one binary; null where it needs none. To be called in a reader, with an input of the image's own. */
export type PassMaker = (image: Input, binary: Binary, index: number, facts: Facts, binaries: readonly Binary[]) => Pass | null;

const MAKERS: readonly (readonly [name: string, make: PassMaker])[] = [
  ['cdhash', cdHashPass],
  ['Go', goPass],
  ['components', componentsPass],
];

/** The passes over a file, in the order in which they run; `signatures` makes those that check signatures, where that is asked for. What a slice of a universal file needs is settled slice by slice. */
export function passesOf(input: Input, binaries: readonly Binary[], universal: boolean, facts: Facts, signatures: PassMaker | null): Pass[] {
  const passes: Pass[] = [];
  for (const [name, make] of signatures === null ? MAKERS : [...MAKERS, ['signatures', signatures] as const]) {
    for (const [index, binary] of binaries.entries()) {
      const made = (): Pass | null => make(input.part(binary.offset, binary.size), binary, index, facts, binaries);
      const pass = universal ? input.finish(`${name} in slice ${index}`, made) : made();
      if (pass !== null) passes.push(pass);
    }
  }
  return passes;
}
