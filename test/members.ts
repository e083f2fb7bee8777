// Items of an archive as short lines, for tests to compare.

import { inspectMembers } from '../src/files/inspect-members.ts';
import type { MembersOptions } from '../src/files/members.ts';
import type { InspectInput } from '../src/bytes/given.ts';
import type { BinspectError } from '../src/errors.ts';
import type { Inspection } from '../src/model/binary.ts';
import type { Container, MemberItem } from '../src/model/container.ts';

/** All items of an archive, sorted by what they are. */
export interface Members {
  readonly items: readonly MemberItem[];
  /** Paths with architectures: 'bin/app amd64'. */
  readonly told: readonly string[];
  readonly inspections: readonly Inspection[];
  readonly errors: readonly BinspectError[];
  /** The outermost. */
  readonly container: Container;
  /** Those in it. */
  readonly nested: readonly Container[];
  /** Codes of the outermost one's warnings. */
  readonly warnings: readonly string[];
}

/** Reads an archive to its end. */
export async function membersOf(input: InspectInput, options: MembersOptions = {}): Promise<Members> {
  const items: MemberItem[] = [];
  for await (const item of inspectMembers(input, options)) items.push(item);
  const containers = items.flatMap((item) => ('container' in item ? [item.container] : []));
  const container = containers.at(-1) as Container;
  return {
    items,
    told: items.flatMap((item) => ('inspection' in item ? [`${item.path} ${item.inspection.binaries[0]?.platform.arch}`] : [])),
    inspections: items.flatMap((item) => ('inspection' in item ? [item.inspection] : [])),
    errors: items.flatMap((item) => ('error' in item ? [item.error] : [])),
    container,
    nested: containers.slice(0, -1),
    warnings: container.warnings.map(({ code }) => code),
  };
}

/** A source that hands out bytes only by position, as a file does, and counts them. */
export function counted(bytes: Uint8Array): { size: number; reads: number; bytesRead: number; read(at: number, length: number): Promise<Uint8Array> } {
  return {
    size: bytes.length,
    reads: 0,
    bytesRead: 0,
    read(at, length) {
      this.reads++;
      const part = bytes.slice(at, at + length);
      this.bytesRead += part.length;
      return Promise.resolve(part);
    },
  };
}
