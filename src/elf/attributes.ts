// Build attributes: what .ARM.attributes says of the processor (Addenda to, and Errata in, the ABI for the Arm Architecture, 3).

import type { Bytes } from '../bytes/bytes.ts';
import { SHT } from './constants.ts';
import type { ElfFile } from './file.ts';

const TAG = { FILE: 1, CPU_RAW_NAME: 4, CPU_NAME: 5, CPU_ARCH: 6, CPU_ARCH_PROFILE: 7, ABI_VFP_ARGS: 28, COMPATIBILITY: 32, CONFORMANCE: 67 } as const;

/** Tag_CPU_arch: its name, and the step of GOARM and of OCI's variants that it belongs to. */
const CPU_ARCHITECTURES: readonly (readonly [name: string, variant: string | null])[] = [
  ['pre-v4', null],
  ['v4', null],
  ['v4T', null],
  ['v5T', 'v5'],
  ['v5TE', 'v5'],
  ['v5TEJ', 'v5'],
  ['v6', 'v6'],
  ['v6KZ', 'v6'],
  ['v6T2', 'v6'],
  ['v6K', 'v6'],
  ['v7', 'v7'],
  ['v6-M', null],
  ['v6S-M', null],
  ['v7E-M', null],
  ['v8-A', 'v8'],
  ['v8-R', null],
  ['v8-M.baseline', null],
  ['v8-M.mainline', null],
  ['v8.1-A', 'v8'],
  ['v8.2-A', 'v8'],
  ['v8.3-A', 'v8'],
  ['v8.1-M.mainline', null],
  ['v9-A', 'v8'],
];

/** Reads one unsigned LEB128 number; null where it does not end within the bytes, or is larger than 32 bits. */
function readUleb(bytes: Bytes, at: number): { value: number; next: number } | null {
  let value = 0;
  for (let i = 0; i < 5 && at + i < bytes.size; i++) {
    const byte = bytes.u8(at + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, next: at + i + 1 };
  }
  return null;
}

/** Where the text at a position ends, its NUL included. */
function afterText(bytes: Bytes, at: number): number {
  const end = bytes.bytes(at).indexOf(0);
  return end === -1 ? bytes.size : at + end + 1;
}

/** What .ARM.attributes says. */
export interface ArmAttributes {
  /** Tag_CPU_arch; null where it is not there. */
  readonly architecture: { readonly tag: string; readonly variant: string | null } | null;
  /** Tag_ABI_VFP_args: how floating point numbers are passed; null where either will do. */
  readonly float: 'soft' | 'hard' | null;
  /** Why this is no processor that Linux runs on; null where it is one. */
  readonly embedded: string | null;
}

/** Tag_CPU_arch_profile of microcontrollers and of real-time processors. */
const PROFILES: ReadonlyMap<number, string> = new Map([[0x4d, 'M'], [0x52, 'R']]); // prettier-ignore

/** What the attributes of an ARM file say; null where there are none. */
export function armAttributes({ input, sections }: ElfFile): ArmAttributes | null {
  const section = sections?.find(({ type }) => type === SHT.ARM_ATTRIBUTES);
  if (section === undefined) return null;
  const bytes = input.readUpTo(section.offset, Math.min(section.size, 4096), '.ARM.attributes');
  if (bytes.size < 1 || bytes.u8(0) !== 0x41) return null; // 'A', the format's version
  for (let at = 1; at + 4 < bytes.size; ) {
    const size = bytes.u32(at);
    const end = Math.min(bytes.size, at + size);
    if (size < 5) break;
    if (bytes.text(at + 4) === 'aeabi') {
      const own = bytes.slice(0, end);
      const value = fileAttribute(own, at + 10, TAG.CPU_ARCH);
      const named = value === null ? undefined : CPU_ARCHITECTURES[value];
      const profile = PROFILES.get(fileAttribute(own, at + 10, TAG.CPU_ARCH_PROFILE) ?? 0);
      const float = fileAttribute(own, at + 10, TAG.ABI_VFP_ARGS) ?? 0;
      return {
        architecture: named === undefined ? null : { tag: named[0], variant: named[1] },
        float: float === 0 ? 'soft' : float === 1 ? 'hard' : null,
        embedded:
          profile !== undefined ? `Tag_CPU_arch_profile in .ARM.attributes is ${profile}` : named !== undefined && /M|-R/.test(named[0]) ? `Tag_CPU_arch in .ARM.attributes is ${named[0]}` : null,
      };
    }
    at = end;
  }
  return null;
}

/** The value of an attribute that holds for the whole file. */
function fileAttribute(bytes: Bytes, start: number, wanted: number): number | null {
  for (let at = start; at + 5 <= bytes.size; ) {
    const scope = bytes.u8(at);
    const size = bytes.u32(at + 1);
    if (size < 5) return null;
    const end = Math.min(bytes.size, at + size);
    if (scope !== TAG.FILE) {
      at = end;
      continue;
    }
    for (let position = at + 5; position < end; ) {
      const tag = readUleb(bytes, position);
      if (tag === null) return null;
      // Above 32, odd tags carry text and even ones a number; below, only the two names carry text (3.3).
      const text = tag.value === TAG.CPU_RAW_NAME || tag.value === TAG.CPU_NAME || tag.value === TAG.CONFORMANCE || (tag.value > 32 && tag.value % 2 === 1);
      if (text) {
        position = afterText(bytes, tag.next);
        continue;
      }
      const value = readUleb(bytes, tag.next);
      if (value === null) return null;
      if (tag.value === wanted) return value.value;
      position = tag.value === TAG.COMPATIBILITY ? afterText(bytes, value.next) : value.next;
    }
    at = end;
  }
  return null;
}
