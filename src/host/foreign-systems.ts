// What macOS and Windows tell of a machine: Node's own facts, and one command of the system by its absolute path.

import type { Emulator } from '../model/host.ts';
import { archOf } from './system.ts';
import type { System } from './system.ts';

/** What is asked of them. */
export interface ForeignFacts {
  readonly arch: string | null;
  readonly osVersion: string | null;
  readonly pageSize: number | null;
  readonly emulators: readonly Emulator[];
  readonly translated: boolean | null;
  /** Names of libraries that are there; null where nobody looked. */
  readonly libraries: readonly { readonly name: string; readonly path: string }[] | null;
}

const SYSCTL = '/usr/sbin/sysctl';

/** Where Rosetta 2 lies once it is installed. */
const ROSETTA = '/Library/Apple/usr/share/rosetta/rosetta';

/** The lines `name: value` of sysctl; names that a machine does not have are left out by -i. */
function linesOf(text: string): ReadonlyMap<string, string> {
  return new Map(text.split('\n').flatMap((line) => (line.includes(': ') ? [[line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2).trim()] as const] : [])));
}

/** macOS. hw.optional.arm64 tells the machine also under Rosetta, where process.arch and uname tell of an Intel one; sysctl.proc_translated speaks of the process that asks. */
export async function macFacts(system: System, because: Record<string, string>): Promise<ForeignFacts> {
  const processArch = archOf(system);
  const text = await system.run(SYSCTL, ['-i', 'hw.optional.arm64', 'sysctl.proc_translated', 'kern.osproductversion', 'hw.pagesize']);
  const values = linesOf(text ?? '');
  const failed = `${SYSCTL} could not be run`;
  const apple = values.get('hw.optional.arm64');
  const arch = apple === '1' || processArch === 'arm64' ? 'arm64' : text === null ? null : processArch;
  because['arch'] = apple === '1' ? 'hw.optional.arm64 is 1' : text === null ? (arch === null ? failed : 'process.arch') : 'there is no hw.optional.arm64: process.arch';
  const translation = values.get('sysctl.proc_translated');
  const translated = translation === '1' ? true : translation === '0' ? false : text === null ? null : false;
  because['translated'] = translation === undefined ? (text === null ? failed : 'there is no sysctl.proc_translated, as on Intel') : `sysctl.proc_translated is ${translation}`;
  const osVersion = values.get('kern.osproductversion') ?? null;
  because['osVersion'] = osVersion === null ? (text === null ? failed : 'there is no kern.osproductversion') : 'kern.osproductversion';
  const pageSize = /^\d+$/.test(values.get('hw.pagesize') ?? '') ? Number(values.get('hw.pagesize')) : null;
  because['pageSize'] = pageSize === null ? (text === null ? failed : 'there is no hw.pagesize') : 'hw.pagesize';
  const rosetta = system.files.find(ROSETTA).kind === 'file';
  because['emulators'] = arch === 'arm64' ? `${ROSETTA} is ${rosetta ? '' : 'not '}there` : 'an Intel Mac translates nothing';
  return { arch, osVersion, pageSize, emulators: arch === 'arm64' ? [rosettaEntry(rosetta)] : [], translated, libraries: null };
}

function rosettaEntry(present: boolean): Emulator {
  return { arch: 'amd64', interpreter: ROSETTA, flags: '', name: 'Rosetta 2', enabled: true, present, offset: 0, magic: null, mask: null, extension: null };
}

const KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment';
const WINDOWS_ARCH: ReadonlyMap<string, string> = new Map([['AMD64', 'amd64'], ['ARM64', 'arm64'], ['X86', '386'], ['ARM', 'arm']]);

/** Windows. The environment tells an x64 process on ARM64 that the machine is AMD64, so the registry is asked. */
export async function windowsFacts(system: System, because: Record<string, string>): Promise<ForeignFacts> {
  const processArch = archOf(system);
  const folder = system.env['SystemRoot'] ?? system.env['windir'] ?? '';
  const usable = /^[A-Za-z]:\\[^"%]*$/.test(folder);
  const reg = `${folder}\\System32\\reg.exe`;
  const text = usable ? await system.run(reg, ['query', KEY, '/v', 'PROCESSOR_ARCHITECTURE']) : null;
  const word = /PROCESSOR_ARCHITECTURE\s+REG_SZ\s+(\S+)/.exec(text ?? '')?.[1]?.toUpperCase() ?? null;
  const wider = (system.env['PROCESSOR_ARCHITEW6432'] ?? '').toUpperCase();
  const arch = WINDOWS_ARCH.get(word ?? '') ?? WINDOWS_ARCH.get(wider) ?? (processArch === 'arm64' ? 'arm64' : null);
  because['arch'] = word !== null ? `PROCESSOR_ARCHITECTURE is ${word} in the registry` : WINDOWS_ARCH.has(wider) ? `PROCESSOR_ARCHITEW6432 is ${wider}` : arch === null ? `${reg} could not be run` : 'process.arch';
  const translated = arch === null ? null : arch !== processArch;
  because['translated'] = arch === null ? 'the machine is not known' : `this process is for ${processArch}`;
  because['osVersion'] = 'os.release()';
  because['pageSize'] = 'Windows has pages of 4096 bytes on all its machines';
  because['emulators'] = 'what Windows runs beside its own follows from its version';
  const system32 = `${folder}\\System32`;
  const names = usable ? system.files.list(system32.replaceAll('\\', '/')).filter((name) => /\.dll$/i.test(name)) : [];
  because['libraries'] = names.length === 0 ? `${system32} can not be listed` : `the DLLs of ${system32}`;
  return {
    arch,
    osVersion: system.release,
    pageSize: 4096,
    emulators: [],
    translated,
    libraries: names.length === 0 ? null : names.map((name) => ({ name: name.toLowerCase(), path: `${system32}\\${name}` })),
  };
}
