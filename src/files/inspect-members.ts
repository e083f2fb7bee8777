// Executables inside an archive where there is a disk, and zlib.

import type { InspectInput } from '../bytes/given.ts';
import { NODE_CODECS } from '../bytes/inflate-node.ts';
import { FileSource } from '../bytes/source-file.ts';
import { BinspectError } from '../errors.ts';
import { limitsOf } from '../inspect/examine.ts';
import { hash } from '../inspect/hash.ts';
import { digestPartSync, inspect, inspectSync } from '../inspect/inspect.ts';
import { openInput } from '../inspect/open-input.ts';
import type { MemberItem } from '../model/container.ts';
import { checkOptions } from '../model/options.ts';
import type { MemberRuntime } from './member-content.ts';
import { MEMBERS_OPTIONS, membersOfSource } from './members.ts';
import type { MembersOptions, WalkOptions } from './members.ts';

const RUNTIME: MemberRuntime = { codecs: NODE_CODECS, inspect, inspectBytes: inspectSync, part: digestPartSync, hash };

/**
 * What the executables in an archive are: an item each, in the archive's order, and behind the members of each archive what is said of it; that of the
 * outermost comes last. A damaged archive is reported as far as it can be read, and is not `complete`. Rejects with a BinspectError: `unrecognized` and
 * `unsupported` for what is no archive, or none that is read, `io`, `aborted`.
 *
 * @example
 * for await (const item of inspectMembers('app.tar.gz')) {
 *   if ('inspection' in item) console.log(item.path, item.inspection.binaries[0].platform.go);
 * }
 */
export async function* inspectMembers(input: InspectInput, options: MembersOptions = {}): AsyncGenerator<MemberItem, void, undefined> {
  checkOptions(options, MEMBERS_OPTIONS);
  yield* walkMembers(input, options);
}

/** The same, with what members say of their archives. */
export async function* walkMembers(input: InspectInput, options: WalkOptions): AsyncGenerator<MemberItem, void, undefined> {
  limitsOf(options);
  const opened = await openInput(input, options);
  try {
    for await (const item of membersOfSource(opened.source, opened.path ?? options.name ?? '', RUNTIME, options)) {
      // It comes last: what was reported is of one file then.
      if ('container' in item && item.container.path === opened.path && opened.source instanceof FileSource && opened.source.changed()) {
        throw new BinspectError('io', 'the file was written to while it was read');
      }
      yield item;
    }
  } catch (error) {
    if (error instanceof BinspectError && opened.path !== null) error.path ??= opened.path;
    throw error;
  } finally {
    await opened.close();
  }
}
