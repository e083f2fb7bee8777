// What there is to say of a comparison beside the differences: why two files can't be compared, and what is likely behind what differs.

import type { Binary, Inspection } from '../model/binary.ts';
import { goPartName } from './named-range.ts';
import type { Differences } from './regions.ts';
import { formatText, kindText, targetsText, targetText } from '../render/words.ts';

/** Why nothing in one file belongs to anything in the other; empty where the files can be compared. */
export function incomparable(a: Inspection, b: Inspection): string[] {
  const [first, other] = [a.binaries[0], b.binaries[0]];
  const say = (from: string, to: string): string => `A is ${from}, B is ${to}`;
  if (a.format !== b.format || first === undefined || other === undefined) return [say(first === undefined ? a.format : formatText(first), other === undefined ? b.format : formatText(other))];
  if (a.universal !== b.universal) return [say(a.universal ? 'a universal file' : 'for one machine', b.universal ? 'a universal file' : 'for one machine')];
  if (a.universal) return a.binaries.some((one) => b.binaries.some((two) => isOneMachine(one, two))) ? [] : [say(targetsText(a), targetsText(b))];
  if (!isOneMachine(first, other)) return [say(targetText(first), targetText(other))];
  return first.kind === other.kind ? [] : [say(article(kindText(first.kind)), article(kindText(other.kind)))];
}

function isOneMachine(a: Binary, b: Binary): boolean {
  return a.machine.value === b.machine.value && a.bits === b.bits && a.endianness === b.endianness;
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** One sentence for each thing that the difference allows to say. */
export function remarksOf(a: Inspection, b: Inspection, { verdict, values }: Differences): string[] {
  const remarks: string[] = [];
  const [first, other] = [a.binaries[0] as Binary, b.binaries[0] as Binary];
  const packed = [first, other].find(({ packer }) => packer !== null);
  if (packed !== undefined) remarks.push(`packed with ${packed.packer ?? ''}: what is inside is not compared`);
  if ((first.buildId === null) !== (other.buildId === null)) remarks.push(`${first.buildId === null ? 'A' : 'B'} has no build id`);
  if (!a.universal) remarks.push(...goRemarks(first.go?.buildId ?? null, other.go?.buildId ?? null, verdict === 'differs'));
  const differing = new Set(values.map(({ what }) => what));
  if (verdict === 'identical-but-identity') {
    if (differing.has('build id')) remarks.push('the build id is a digest of more than the file holds: likely it was built from other debug information, or under another name');
    else if (differing.has('UUID')) remarks.push('the UUID is a digest of more than the file holds: likely the output had another name, or other debug information');
    else if (differing.has('PDB id') && first.identity.reproducible === true) remarks.push('the PDB id follows from the PDB: likely that names other paths');
  }
  return remarks;
}

/** What the four parts of Go's build id allow to say: digests of the link's inputs, the main package's inputs, the main package, the program. */
function goRemarks(a: string | null, b: string | null, differs: boolean): string[] {
  if (a === null || b === null || a === b) return a === b ? [] : [`${a === null ? 'A' : 'B'} has no Go build id`];
  const [left, right] = [a.split('/'), b.split('/')];
  if (left.length !== 4 || right.length !== 4) return [];
  const [link, inputs, main] = left.map((part, index) => part !== right[index]);
  if (main === true) return ['the main package was compiled to other code: part 3 of the Go build id differs'];
  if (inputs === true) return ['the main package was compiled to the same code from other inputs (flags, a stamp, dependencies): of the Go build id part 2 differs and part 3 is equal'];
  if (link === true) return [`the same packages were linked, with other link flags${differs ? ' or other dependencies' : ''}: of the Go build id only part 1${left[3] === right[3] ? '' : ' and part 4'} differ${left[3] === right[3] ? 's' : ''}`];
  return [`of the Go build id only "${goPartName(3)}" differs: likely the file was changed after it was linked`];
}
