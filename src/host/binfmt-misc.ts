// /proc/sys/fs/binfmt_misc: what the kernel starts for files of foreign kinds (Documentation/admin-guide/binfmt-misc.rst).

import type { Emulator } from '../model/host.ts';
import { architectureOf } from './library.ts';
import type { Tree } from './tree.ts';

const FOLDER = '/proc/sys/fs/binfmt_misc';

/** One entry's text. Null for what is no entry. */
export function readEntry(name: string, text: string, switchedOn: boolean): Emulator | null {
  const lines = text.split('\n');
  const valueOf = (key: string): string | null => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? null;
  const interpreter = valueOf('interpreter');
  if (interpreter === null) return null;
  const magic = valueOf('magic');
  return {
    arch: magic === null ? null : archOfMagic(magic),
    interpreter,
    flags: (lines.find((line) => line.startsWith('flags:')) ?? '').slice('flags:'.length).trim(),
    name,
    enabled: switchedOn && lines[0] === 'enabled',
    present: null,
    offset: Number(valueOf('offset') ?? 0),
    magic,
    mask: valueOf('mask'),
    extension: valueOf('extension')?.replace(/^\./, '') ?? null,
  };
}

/** The machine whose ELF files a magic stands for; null where it is for something else. */
function archOfMagic(magic: string): string | null {
  const bytes = Uint8Array.from(magic.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return bytes.length >= 20 && /^7f454c46/i.test(magic) ? architectureOf(bytes) : null;
}

/** All entries; none where binfmt_misc is not mounted. An entry with flag F was opened when it was registered, and needs no file any more. */
export function readEmulators(proc: Tree, tree: Tree): { readonly emulators: readonly Emulator[]; readonly because: string } {
  const names = proc.list(FOLDER).filter((name) => name !== 'register' && name !== 'status');
  const status = proc.text(`${FOLDER}/status`);
  if ('code' in status) return { emulators: [], because: status.code === 'EACCES' ? `${FOLDER} may not be read` : `${FOLDER} is not mounted` };
  const switchedOn = status.text.trim() === 'enabled';
  const emulators: Emulator[] = [];
  for (const name of names) {
    const entry = proc.text(`${FOLDER}/${name}`);
    const emulator = 'text' in entry ? readEntry(name, entry.text, switchedOn) : null;
    if (emulator !== null) emulators.push({ ...emulator, present: emulator.flags.includes('F') || tree.find(emulator.interpreter).kind === 'file' });
  }
  return { emulators, because: `${FOLDER} has ${emulators.length} entries${switchedOn ? '' : ', and is switched off'}` };
}
