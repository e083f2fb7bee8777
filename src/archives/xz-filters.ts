// The filters of an xz block, undone one after another over output that comes in chunks.

import { BRANCH_KINDS } from './branch-filters.ts';
import type { BranchFilter } from './branch-filters.ts';
import { malformed, unsupported } from './decoder.ts';
import type { Place } from './decoder.ts';

/** A filter as a block header names it. */
export interface FilterFlags {
  readonly id: number;
  readonly properties: Uint8Array;
}

/** A chain of filters; each call gives output that is valid until the next. */
export interface FilterChain {
  /** The output that is certain after one more chunk. */
  next(chunk: Uint8Array): Uint8Array;
  /** What the filters still hold at the block's end: it passes as it is. */
  rest(): Uint8Array;
}

const DELTA = 3;

/** One filter in the chain: its position in the block, and how far it came in the shared memory. */
interface Stage {
  readonly filter: BranchFilter;
  pc: number;
  done: number;
}

/** Each byte is the difference to the one `distance` bytes before. */
function delta(distance: number): BranchFilter {
  const history = new Uint8Array(256);
  let turn = 0;
  return (bytes, from, to) => {
    for (let at = from; at < to; at++) {
      const value = ((bytes[at] as number) + (history[(turn - distance) & 255] as number)) & 255;
      bytes[at] = value;
      history[turn] = value;
      turn = (turn + 1) & 255;
    }
    return to;
  };
}

function startStage({ id, properties }: FilterFlags, place: Place): Stage {
  if (id === DELTA) {
    if (properties.length !== 1) throw malformed(`the delta filter has ${properties.length} bytes of properties`, place);
    return { filter: delta((properties[0] as number) + 1), pc: 0, done: 0 };
  }
  const kind = BRANCH_KINDS.get(id);
  if (kind === undefined) throw unsupported(`the xz filter with id ${id} is not known`, place);
  if (properties.length !== 0 && properties.length !== 4) throw malformed(`the ${kind.name} filter has ${properties.length} bytes of properties`, place);
  const pc = properties.length === 0 ? 0 : new DataView(properties.buffer, properties.byteOffset).getUint32(0, true);
  if (pc % kind.alignment !== 0) throw malformed(`the ${kind.name} filter starts at ${pc}, which is not a multiple of ${kind.alignment}`, place);
  return { filter: kind.start(), pc, done: 0 };
}

/**
 * The chain for a block's filters but the last, which is LZMA2: in the encoder's order, so that the last of them is undone first.
 * All work in the same memory, each up to where the one before it came.
 */
export function startFilters(flags: readonly FilterFlags[], place: Place): FilterChain {
  const stages = flags.map((one) => startStage(one, place)).reverse();
  let bytes = new Uint8Array();
  let filled = 0;
  let given = 0;

  function next(chunk: Uint8Array): Uint8Array {
    const held = filled - given;
    if (held + chunk.length > bytes.length) {
      const larger = new Uint8Array(held + chunk.length);
      larger.set(bytes.subarray(given, filled));
      bytes = larger;
    } else {
      bytes.copyWithin(0, given, filled);
    }
    bytes.set(chunk, held);
    filled = held + chunk.length;
    let end = filled;
    for (const stage of stages) {
      const from = stage.done - given;
      end = stage.filter(bytes, from, end, stage.pc);
      stage.pc = (stage.pc + end - from) >>> 0;
      stage.done = end;
    }
    given = end;
    return bytes.subarray(0, end);
  }

  function rest(): Uint8Array {
    const left = bytes.subarray(given, filled);
    given = filled;
    return left;
  }

  return { next, rest };
}
