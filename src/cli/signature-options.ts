// The options about signatures that inspect and verify share: files of roots, the time that counts.

import { BinspectError } from '../errors.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import type { Option, Values } from './arguments.ts';
import { readTextFile } from './streams/text-file.ts';

/** Options of both commands. */
export const SIGNATURE_OPTIONS: readonly Option[] = [
  { name: 'roots', value: 'FILE', multiple: true, group: 'Signature', help: 'root certificates that count, PEM or DER; none is built in' },
  { name: 'tsa-roots', value: 'FILE', multiple: true, group: 'Signature', help: 'root certificates that count for time stamps; those of --roots by default' },
  { name: 'at', value: 'DATE', group: 'Signature', help: 'the time at which certificates have to be valid where no time stamp proves one: 2025-03-01, 2025-03-01T12:00:00Z; now by default' },
];

const LARGEST = 16 * 1024 * 1024; // bytes of a file of roots; the store of a whole system has 200 KB

async function rootFiles(paths: readonly string[]): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for (const path of paths) {
    try {
      files.push(await readTextFile(path, LARGEST));
    } catch (error) {
      if (error instanceof BinspectError) throw new BinspectError('invalid-argument', `${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }
  return files;
}

/** What the options say; null where none is given. Throws `invalid-argument` for files that can't be read, naming them. */
export async function signatureOptions(values: Values): Promise<SignatureOptions | null> {
  const roots = values['roots'] as readonly string[] | undefined;
  const tsaRoots = values['tsa-roots'] as readonly string[] | undefined;
  const at = values['at'] as string | undefined;
  if (roots === undefined && tsaRoots === undefined && at === undefined) return null;
  if (roots === undefined && tsaRoots !== undefined) throw new BinspectError('invalid-argument', '--tsa-roots needs --roots');
  const options: SignatureOptions = {
    ...(roots === undefined ? {} : { roots: await rootFiles(roots) }),
    ...(tsaRoots === undefined ? {} : { tsaRoots: await rootFiles(tsaRoots) }),
    ...(at === undefined ? {} : { at }),
  };
  const { signatureSettings } = await import('../signature/settings.ts');
  signatureSettings(options); // before a file is looked at
  return options;
}
