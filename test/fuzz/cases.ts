// Cases: each is told by a seed and a number, so that any can be run alone; and one that fails is made smaller.

import { random } from '../random.ts';
import { corpus } from './corpus.ts';
import type { Subject } from './corpus.ts';
import { apply, damage } from './mutate.ts';
import type { Edit } from './mutate.ts';

/** Where the files come from that cases are made of; a case's number means the same only over the same files. */
export interface Sources {
  readonly only: string | null;
  readonly folder: string | null;
}

export interface Case {
  readonly index: number;
  readonly subject: Subject;
  readonly edits: readonly Edit[];
  readonly bytes: Uint8Array;
}

/** Gives cases by their number. */
export function casesOf(seed: number, { only, folder }: Sources): (index: number) => Case {
  const subjects = corpus(only, folder);
  if (subjects.length === 0) throw new Error(`no file of the corpus has ${JSON.stringify(only)} in its name`);
  return (index) => {
    const next = random(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
    const subject = subjects[Math.floor(next() * subjects.length)] as Subject;
    const others = subjects.filter(({ target }) => target === subject.target);
    const edits = damage(next, subject, others);
    return { index, subject, edits, bytes: apply(subject.bytes, edits) };
  };
}

/** What a shrunk case is made of. */
export interface Shrunk {
  readonly bytes: Uint8Array;
  readonly edits: readonly Edit[];
  readonly tries: number;
}

/** Positions at which two files differ, the longer one's end among them. */
function differences(bytes: Uint8Array, plain: Uint8Array): number[] {
  const positions: number[] = [];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== plain[at]) positions.push(at);
  return positions;
}

/**
 * Makes a failing case smaller, as long as `fails` says that it still does: edits are taken back one by one; the end is cut off; what
 * differs from the undamaged file is made like it, in ever smaller parts. It is asked `most` times at most.
 */
export async function shrink({ subject, edits: all, bytes: whole }: Case, fails: (bytes: Uint8Array) => Promise<boolean>, most = 600): Promise<Shrunk> {
  let tries = 0;
  const still = async (bytes: Uint8Array): Promise<boolean> => tries++ < most && (await fails(bytes));
  let edits = [...all];
  for (let i = edits.length - 1; i >= 0; i--) {
    const fewer = edits.filter((_, at) => at !== i);
    if (await still(apply(subject.bytes, fewer))) edits = fewer;
  }
  let bytes = edits.length === all.length ? whole : apply(subject.bytes, edits);
  for (let part = Math.floor(bytes.length / 2); part > 0; part = Math.floor(part / 2)) {
    while (bytes.length > part && (await still(bytes.slice(0, bytes.length - part)))) bytes = bytes.slice(0, bytes.length - part);
  }
  const positions = differences(bytes, subject.bytes);
  for (let part = positions.length; part > 0; part = Math.floor(part / 2)) {
    for (let i = 0; i < positions.length; i += part) {
      const candidate = bytes.slice();
      let changed = false;
      for (const at of positions.slice(i, i + part)) {
        const byte = subject.bytes[at] ?? 0;
        changed ||= candidate[at] !== byte;
        candidate[at] = byte;
      }
      if (changed && (await still(candidate))) bytes = candidate;
    }
  }
  return { bytes, edits, tries };
}
