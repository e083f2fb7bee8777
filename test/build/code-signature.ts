// Makes code signatures for tests, with any lie in them.

import { CS_HASH, CS_MAGIC, CS_SLOT } from '../../src/macho/constants.ts';
import { MachOWriter } from './macho.ts';

export interface DirectoryPlan {
  version?: number;
  flags?: number;
  hashType?: number;
  identifier?: string;
  team?: string;
  /** Fields that replace the true ones. */
  magic?: number;
  size?: number;
  identifierOffset?: number;
  teamOffset?: number;
}

/** A code directory of version 0x20400 with one code slot. */
export function codeDirectory(plan: DirectoryPlan = {}): Uint8Array {
  const { version = 0x2_0400, flags = 2, hashType = CS_HASH.SHA256, identifier = 'program', team } = plan;
  const header = 88;
  const writer = new MachOWriter(false, false);
  const teamAt = header + identifier.length + 1;
  const hashes = teamAt + (team === undefined ? 0 : team.length + 1);
  writer.u32(plan.magic ?? CS_MAGIC.CODE_DIRECTORY, plan.size ?? hashes + 32, version, flags);
  writer.u32(hashes, plan.identifierOffset ?? header, 0, 1, 0x2000); // hashOffset, identOffset, nSpecialSlots, nCodeSlots, codeLimit
  writer.raw([32, hashType, 0, 12]).u32(0, 0, plan.teamOffset ?? (team === undefined ? 0 : teamAt), 0); // … spare2, scatterOffset, teamOffset, spare3
  for (let i = 0; i < 4; i++) writer.number(0, 8); // codeLimit64, execSegBase, execSegLimit, execSegFlags
  writer.text(`${identifier}\0`);
  if (team !== undefined) writer.text(`${team}\0`);
  return Uint8Array.from(writer.raw(new Array<number>(32).fill(0xab)).bytes);
}

/** A blob that holds bytes. */
export function blob(magic: number, contents: Uint8Array | string): Uint8Array {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return Uint8Array.from(new MachOWriter(false, false).u32(magic, bytes.length + 8).raw(bytes).bytes);
}

/** Entitlements that are all true. */
export const entitlements = (...keys: readonly string[]): [number, Uint8Array] => [
  CS_SLOT.ENTITLEMENTS,
  blob(CS_MAGIC.ENTITLEMENTS, `<plist version="1.0"><dict>${keys.map((key) => `<key>${key}</key>\n\t<true/>`).join('')}</dict></plist>`),
];

/** A CMS message of some bytes. */
export const cms = (size: number): [number, Uint8Array] => [CS_SLOT.CMS, blob(CS_MAGIC.CMS, new Uint8Array(size).fill(0x30))];

export interface SignaturePlan {
  /** Slots with their blobs, in the file's order. */
  blobs?: readonly (readonly [slot: number, bytes: Uint8Array])[];
  /** Bytes of nothing behind it. */
  room?: number;
  /** Fields that replace the true ones. */
  magic?: number;
  size?: number;
  count?: number;
  offsets?: readonly number[];
}

/** A signature of blobs; of a plain code directory where none are given. */
export function codeSignature({ blobs = [[CS_SLOT.CODE_DIRECTORY, codeDirectory()]], room = 0, magic, size, count, offsets }: SignaturePlan = {}): Uint8Array {
  const header = 12 + blobs.length * 8;
  const index = new MachOWriter(false, false);
  const contents: number[] = [];
  blobs.forEach(([slot, bytes], i) => {
    index.u32(slot, offsets?.[i] ?? header + contents.length);
    contents.push(...bytes);
  });
  const whole = new MachOWriter(false, false).u32(magic ?? CS_MAGIC.EMBEDDED_SIGNATURE, size ?? header + contents.length, count ?? blobs.length);
  return Uint8Array.from(whole.raw(index.bytes).raw(contents).raw(new Array<number>(room).fill(0)).bytes);
}
