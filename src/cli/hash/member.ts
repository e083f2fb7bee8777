// The SHA-256 of a member of an archive.

import { digest } from '../../bytes/digest.ts';
import type { FileDigest } from '../../bytes/hash-pool.ts';
import { BinspectError } from '../../errors.ts';
import { openMember } from '../../inspect/open-member.ts';

/** Hashes a member; null where the path leads into no archive. */
export async function hashMember(path: string): Promise<FileDigest | null> {
  try {
    const opened = await openMember(path, {});
    if (opened === null) return null;
    try {
      return { path, size: opened.source.size, sha256: await digest(opened.source, {}), error: null };
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    return { path, size: null, sha256: null, error };
  }
}
