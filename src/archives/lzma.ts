// LZMA: literals and matches, coded bit by bit with adaptive probabilities by a range coder (the LZMA specification of the LZMA SDK).

import type { Place } from './decoder.ts';
import { ALIGN, HIGH, IS_LONG, IS_MATCH, IS_REP, LITERAL, LITERAL_CODER, LOW, MATCH_LENGTH, MIDDLE, REP_LENGTH, REP_STEP, SLOT, SPECIAL, WHICH_REP, refused } from './lzma-state.ts';
import type { Lzma, Reach } from './lzma-state.ts';
import type { Window } from './window.ts';

/** The state from which on the last thing was a match, so that a literal is coded with the byte that the match would have gone on with. */
const AFTER_MATCH = 7;
/** From this length on the engine's own copy is faster than a loop. */
const LONG_COPY = 32;

/**
 * Decodes until the window's end has come to `to` or the input to `last`, and returns where the input is then.
 * The last match can pass `to`, by less than SLACK bytes, and the last symbol can pass `last`, by less than MOST_INPUT.
 * Throws `malformed` or `limit-exceeded` for a distance that is too far.
 *
 * All state is in local variables and every bit is decoded in place: a function for a bit costs a third of the speed.
 * A bit: `bound` splits the range by the probability of 0; below it is 0, and both sides adapt by a 32nd.
 * Range and code are 32-bit words of either sign, so that the engine keeps them in registers.
 */
export function decodeLzma(lzma: Lzma, input: Uint8Array, from: number, last: number, window: Window, to: number, reach: Reach, place: Place): number {
  const { probabilities: p, literalContext, literalMask, positionMask, distances } = lzma;
  const { bytes, start } = window;
  const farthest = Math.min(reach.dictionary, reach.limit);
  let { state, range, code } = lzma;
  let rep0 = distances[0] as number;
  let rep1 = distances[1] as number;
  let rep2 = distances[2] as number;
  let rep3 = distances[3] as number;
  let at = from;
  let out = window.end;
  const phase = (lzma.position - out) & 15;
  let previous = lzma.position === 0 ? 0 : (bytes[out - 1] as number);
  let chance = 0;
  let bound = 0;
  let index = 0;

  while (out < to && at <= last) {
    const position = (out + phase) & positionMask;
    index = IS_MATCH + (state << 4) + position;
    chance = p[index] as number;
    bound = Math.imul(range >>> 11, chance);
    if (code >>> 0 < bound >>> 0) {
      range = bound;
      p[index] = chance + ((2048 - chance) >> 5);
      if (range >>> 24 === 0) {
        range <<= 8;
        code = (code << 8) | (input[at++] as number);
      }
      const coder = LITERAL + LITERAL_CODER * ((((out + phase) & literalMask) << literalContext) + (previous >> (8 - literalContext)));
      let symbol = 1;
      if (state < AFTER_MATCH) {
        do {
          index = coder + symbol;
          chance = p[index] as number;
          bound = Math.imul(range >>> 11, chance);
          if (code >>> 0 < bound >>> 0) {
            range = bound;
            p[index] = chance + ((2048 - chance) >> 5);
            symbol <<= 1;
          } else {
            range = (range - bound) | 0;
            code = (code - bound) | 0;
            p[index] = chance - (chance >> 5);
            symbol = (symbol << 1) | 1;
          }
          if (range >>> 24 === 0) {
            range <<= 8;
            code = (code << 8) | (input[at++] as number);
          }
        } while (symbol < 0x100);
        state = state < 4 ? 0 : state - 3;
      } else {
        let expected = bytes[out - rep0 - 1] as number;
        let alike = 0x100; // 0 from the first bit on that is not as expected
        do {
          expected <<= 1;
          const bit = expected & alike;
          index = coder + alike + bit + symbol;
          chance = p[index] as number;
          bound = Math.imul(range >>> 11, chance);
          if (code >>> 0 < bound >>> 0) {
            range = bound;
            p[index] = chance + ((2048 - chance) >> 5);
            symbol <<= 1;
            alike ^= bit;
          } else {
            range = (range - bound) | 0;
            code = (code - bound) | 0;
            p[index] = chance - (chance >> 5);
            symbol = (symbol << 1) | 1;
            alike = bit;
          }
          if (range >>> 24 === 0) {
            range <<= 8;
            code = (code << 8) | (input[at++] as number);
          }
        } while (symbol < 0x100);
        state = state < 10 ? state - 3 : state - 6;
      }
      previous = symbol & 0xff;
      bytes[out++] = previous;
      continue;
    }
    range = (range - bound) | 0;
    code = (code - bound) | 0;
    p[index] = chance - (chance >> 5);
    if (range >>> 24 === 0) {
      range <<= 8;
      code = (code << 8) | (input[at++] as number);
    }

    // A match: with a new distance, or with one of the last four.
    let coder = MATCH_LENGTH;
    let isNew = false;
    let length = 0;
    index = IS_REP + state;
    chance = p[index] as number;
    bound = Math.imul(range >>> 11, chance);
    if (code >>> 0 < bound >>> 0) {
      range = bound;
      p[index] = chance + ((2048 - chance) >> 5);
      isNew = true;
      state = state < AFTER_MATCH ? 7 : 10;
    } else {
      range = (range - bound) | 0;
      code = (code - bound) | 0;
      p[index] = chance - (chance >> 5);
      coder = REP_LENGTH;
    }
    if (range >>> 24 === 0) {
      range <<= 8;
      code = (code << 8) | (input[at++] as number);
    }
    if (!isNew) {
      // Up to three bits say which: 0 and then 0 for a single byte at the latest distance, 0 and 1 for the latest, 10, 110 and 111 for the others.
      let which = 0;
      index = WHICH_REP + state;
      for (;;) {
        chance = p[index] as number;
        bound = Math.imul(range >>> 11, chance);
        const isSet = code >>> 0 >= bound >>> 0;
        if (isSet) {
          range = (range - bound) | 0;
          code = (code - bound) | 0;
          p[index] = chance - (chance >> 5);
        } else {
          range = bound;
          p[index] = chance + ((2048 - chance) >> 5);
        }
        if (range >>> 24 === 0) {
          range <<= 8;
          code = (code << 8) | (input[at++] as number);
        }
        if (index >= IS_LONG) {
          if (!isSet) length = 1;
          break;
        }
        if (!isSet) {
          if (which > 0) break;
          index = IS_LONG + (state << 4) + position;
          continue;
        }
        if (++which === 3) break;
        index += REP_STEP;
      }
      if (which > 0) {
        const distance = which === 1 ? rep1 : which === 2 ? rep2 : rep3;
        if (which === 3) rep3 = rep2;
        if (which >= 2) rep2 = rep1;
        rep1 = rep0;
        rep0 = distance;
      }
      state = length === 1 ? (state < AFTER_MATCH ? 9 : 11) : state < AFTER_MATCH ? 8 : 11;
    }

    if (length === 0) {
      // The length: one bit or two choose the tree.
      let tree = coder + LOW + (position << 3);
      let symbols = 8;
      length = 2;
      index = coder;
      for (;;) {
        chance = p[index] as number;
        bound = Math.imul(range >>> 11, chance);
        const isSet = code >>> 0 >= bound >>> 0;
        if (isSet) {
          range = (range - bound) | 0;
          code = (code - bound) | 0;
          p[index] = chance - (chance >> 5);
        } else {
          range = bound;
          p[index] = chance + ((2048 - chance) >> 5);
        }
        if (range >>> 24 === 0) {
          range <<= 8;
          code = (code << 8) | (input[at++] as number);
        }
        if (!isSet) break;
        if (index === coder) {
          tree += MIDDLE - LOW;
          length = 10;
          index++;
        } else {
          tree = coder + HIGH;
          symbols = 256;
          length = 18;
          break;
        }
      }
      let symbol = 1;
      do {
        index = tree + symbol;
        chance = p[index] as number;
        bound = Math.imul(range >>> 11, chance);
        if (code >>> 0 < bound >>> 0) {
          range = bound;
          p[index] = chance + ((2048 - chance) >> 5);
          symbol <<= 1;
        } else {
          range = (range - bound) | 0;
          code = (code - bound) | 0;
          p[index] = chance - (chance >> 5);
          symbol = (symbol << 1) | 1;
        }
        if (range >>> 24 === 0) {
          range <<= 8;
          code = (code << 8) | (input[at++] as number);
        }
      } while (symbol < symbols);
      length += symbol - symbols;
    }

    if (isNew) {
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      const slots = SLOT + ((length < 6 ? length - 2 : 3) << 6);
      let symbol = 1;
      do {
        index = slots + symbol;
        chance = p[index] as number;
        bound = Math.imul(range >>> 11, chance);
        if (code >>> 0 < bound >>> 0) {
          range = bound;
          p[index] = chance + ((2048 - chance) >> 5);
          symbol <<= 1;
        } else {
          range = (range - bound) | 0;
          code = (code - bound) | 0;
          p[index] = chance - (chance >> 5);
          symbol = (symbol << 1) | 1;
        }
        if (range >>> 24 === 0) {
          range <<= 8;
          code = (code << 8) | (input[at++] as number);
        }
      } while (symbol < 64);
      const slot = symbol - 64;
      rep0 = slot;
      if (slot >= 4) {
        // The slot is the distance's two highest bits and how many follow; of these all but four are even odds, the rest comes lowest bit first.
        let bits = (slot >> 1) - 1;
        rep0 = (2 | (slot & 1)) << bits;
        let reversed = SPECIAL + rep0 - slot;
        if (slot >= 14) {
          let direct = 0;
          for (; bits > 4; bits--) {
            range >>>= 1;
            code = (code - range) | 0;
            const borrow = code >> 31; // -1 where the bit is 0
            code = (code + (range & borrow)) | 0;
            direct = (direct << 1) + borrow + 1;
            if (range >>> 24 === 0) {
              range <<= 8;
              code = (code << 8) | (input[at++] as number);
            }
          }
          rep0 += direct << 4;
          reversed = ALIGN;
        }
        symbol = 1;
        for (let bit = 0; bit < bits; bit++) {
          index = reversed + symbol;
          chance = p[index] as number;
          bound = Math.imul(range >>> 11, chance);
          if (code >>> 0 < bound >>> 0) {
            range = bound;
            p[index] = chance + ((2048 - chance) >> 5);
            symbol <<= 1;
          } else {
            range = (range - bound) | 0;
            code = (code - bound) | 0;
            p[index] = chance - (chance >> 5);
            symbol = (symbol << 1) | 1;
            rep0 += 1 << bit;
          }
          if (range >>> 24 === 0) {
            range <<= 8;
            code = (code << 8) | (input[at++] as number);
          }
        }
        if (rep0 === -1) {
          lzma.isEnded = true;
          break;
        }
      }
    }
    if (rep0 < 0 || rep0 >= farthest || rep0 >= out - start) throw refused(rep0, lzma.position + out - window.end, reach, place);
    let source = out - rep0 - 1;
    const end = out + length;
    if (length >= LONG_COPY && rep0 >= length) {
      bytes.copyWithin(out, source, source + length);
      out = end;
    } else {
      do bytes[out++] = bytes[source++] as number;
      while (out < end);
    }
    previous = bytes[out - 1] as number;
  }

  distances[0] = rep0;
  distances[1] = rep1;
  distances[2] = rep2;
  distances[3] = rep3;
  lzma.state = state;
  lzma.range = range;
  lzma.code = code;
  lzma.position += out - window.end;
  window.end = out;
  return at;
}
