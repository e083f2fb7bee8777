// Writing sums: of files, of standard input, of all files in folders.

import { fstatSync } from 'node:fs';
import { fileMarks } from '../../bytes/folder.ts';
import { digestFiles } from '../../bytes/hash-pool.ts';
import type { FileDigest } from '../../bytes/hash-pool.ts';
import { formatChecksum } from '../../checksums/format.ts';
import { visible } from '../../render/visible.ts';
import type { Excluder } from '../../verify/exclude.ts';
import { quoted } from '../shell-quote.ts';
import { withListed } from '../streams/file-list.ts';
import { gathered } from '../streams/output.ts';
import { progressLine } from '../streams/progress.ts';
import type { Terminal } from '../streams/terminal.ts';
import { errorRecord, filesNamed, insideArchive, jsonLine, reason, sizeOfAll, standardInputOf } from './input.ts';
import type { HashSettings } from './settings.ts';

/** What the walk through a folder has to say beside its files. */
type Remark = (text: string) => Promise<void>;

/** Writes the sums of what is named; gives the exit status. */
export async function list(operands: readonly string[], listed: AsyncIterable<string> | null, settings: HashSettings, terminal: Terminal): Promise<number> {
  const { json, jobs, style, zero, recursive, exclude } = settings;
  const names = operands.length === 0 && listed === null ? ['-'] : operands;
  const silent: Remark = () => Promise.resolve();
  const progress = listed === null ? progressLine(terminal, () => sizeOfAll(recursive ? filesOf(names, exclude, silent) : names)) : null; // a list is read once
  const output = gathered(terminal, () => progress?.clear());
  let hashed = 0;
  let failed = 0;
  const line = (path: string, digest: string): string => {
    const text = formatChecksum({ digest, name: path }, style, { zero });
    return terminal.outIsTerminal ? visible(text.slice(0, -1)) + text.slice(-1) : text;
  };
  const show = async (found: FileDigest): Promise<void> => {
    const { path, size, sha256, error } = found;
    if (error !== null) failed++;
    else hashed++;
    if (json) await output.write(jsonLine(error === null ? { path, size, sha256 } : { path, error: errorRecord(error) }));
    else if (error === null) await output.write(line(path, sha256));
    else await output.message(`${quoted(path)}: ${reason(error)}`);
  };
  const wanted = withListed(names, listed);
  const paths = recursive ? filesOf(wanted, exclude, (text) => output.message(text)) : listed === null ? names : wanted;
  for await (const found of digestFiles(paths, { jobs, standardInput: standardInputOf(terminal).digest, onProgress: progress?.update })) {
    await show(await insideArchive(found));
    if (terminal.closed) break;
  }
  progress?.clear();
  await output.flush();
  return failed > 0 || hashed === 0 ? 1 : 0;
}

/** The file that standard output is written to, as `fileMarks` identifies it; null where it is no regular file. */
function outputIdentity(): string | null {
  try {
    const stats = fstatSync(1, { bigint: true });
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : null;
  } catch {
    return null; // it is closed
  }
}

/** The files to hash: those that are named, and those of folders. What can't be read is among them, so that it is reported in its turn. */
async function* filesOf(names: Iterable<string> | AsyncIterable<string>, exclude: Excluder | null, remark: Remark): AsyncGenerator<string, void, undefined> {
  const output = outputIdentity(); // a list does not hold its own sum
  let any = false;
  const asked: string[] = [];
  const named = async function* (): AsyncGenerator<string, void, undefined> {
    for await (const name of names) {
      if (asked.length < 3) asked.push(name);
      yield name;
    }
  };
  for await (const { path, passedOver } of filesNamed(named(), exclude)) {
    if (passedOver === null && output !== null && (await fileMarks(path).catch(() => null))?.identity === output) continue;
    any = true;
    if (passedOver === null || passedOver === 'unreadable') yield path;
    else await remark(`${quoted(path)}: skipped: ${passedOver}`);
  }
  if (!any) await remark(`${asked.map(quoted).join(', ')}: no files there`);
}
