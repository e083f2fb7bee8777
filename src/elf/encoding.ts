// How an ELF file's numbers are to be read. e_ident says it, and the kernel mostly doesn't ask.

import type { Encoding } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import { nameOf } from '../model/names.ts';
import { CLASS, DATA, EM, ET } from './constants.ts';
import { segmentSize } from './structures.ts';
import type { Ident } from './structures.ts';

/** Machines whose programs all have one width: whether they have 64 bits. */
const WIDTHS: ReadonlyMap<number, boolean> = new Map([
  ...[EM['386'], EM.ARM, EM.PPC, EM.SPARC, EM.SPARC32PLUS, EM['68K'], EM.SH].map((machine) => [machine, false] as const),
  ...[EM.PPC64, EM.SPARCV9, EM.ALPHA].map((machine) => [machine, true] as const),
]);

/** Machines whose kernel looks at EI_CLASS (elf_check_arch of Linux's architectures). */
const ASK_CLASS: ReadonlySet<number> = new Set([EM.PPC64, EM.PPC, EM.RISCV, EM.MIPS, EM.S390, EM.LOONGARCH, EM.SPARCV9, EM.PARISC]);

/** Bytes of a header that tell of its form: up to e_phnum of the wide one. */
const TELLING = 58;

const HALVES = { TYPE: 16, MACHINE: 18 } as const;
const ENTRY_SIZE = { narrow: 42, wide: 54 } as const; // e_phentsize; e_phnum stands behind it

/** A form that a file can be read in, and where it is not the one that e_ident says, why. */
export interface Form {
  readonly encoding: Encoding;
  readonly contradiction: string | null;
}

/**
 * The form that the kernel reads a program in. x86-64 and others never look at EI_CLASS and EI_DATA, but at e_machine and e_phentsize, each at its
 * place in the form that they know; so a program that has these right in another form than e_ident says is read in that. Throws
 * `malformed` where e_ident says nothing that there is.
 */
export function formOf(plain: Input, ident: Ident): Form {
  const stated = statedForm(ident);
  if (stated === null) throw malformed(plain, ident);
  if (isPlain(plain, stated)) return { encoding: stated, contradiction: null };
  const fitting = programForms(plain);
  const fits = fitting.some(({ little, wide }) => little === stated.little && wide === stated.wide);
  const [first] = fitting; // of two, the wide one: kernels of 64 bits try that first
  if (first === undefined || (fits && fitting.length === 1)) return { encoding: stated, contradiction: null };
  const encoding = fits && ASK_CLASS.has(machineIn(plain, stated)) ? stated : first;
  const form = `a ${encoding.wide ? '64' : '32'}-bit ${encoding.little ? 'little' : 'big'}-endian program`;
  const ask = 'e_machine and e_phentsize, which the kernel goes by';
  const contradiction = `EI_CLASS is ${ident.class} and EI_DATA is ${ident.data}; by ${ask}, it is ${form}`;
  return { encoding, contradiction };
}

/** Whether a header is what it says it is, and nothing else: of nearly all files a few bytes tell. */
function isPlain(plain: Input, { little, wide }: Encoding): boolean {
  if (plain.size < TELLING) return true;
  const header = plain.read(0, TELLING, 'ELF header');
  const half = (at: number): number => (little ? header.u8(at) | (header.u8(at + 1) << 8) : (header.u8(at) << 8) | header.u8(at + 1));
  const own = wide ? ENTRY_SIZE.wide : ENTRY_SIZE.narrow;
  const width = WIDTHS.get(half(HALVES.MACHINE));
  const type = half(HALVES.TYPE);
  if (half(own) !== segmentSize(wide) || (type !== ET.EXEC && type !== ET.DYN) || (width !== undefined && width !== wide)) return false;
  const other = wide ? ENTRY_SIZE.narrow : ENTRY_SIZE.wide;
  const size = segmentSize(!wide); // in either order, one of its bytes is the size and the other is 0
  return header.u8(other) + header.u8(other + 1) !== size;
}

function statedForm({ class: width, data }: Ident): Encoding | null {
  const known = (width === CLASS.ELF32 || width === CLASS.ELF64) && (data === DATA.LSB || data === DATA.MSB);
  return known ? { little: data === DATA.LSB, wide: width === CLASS.ELF64 } : null;
}

function malformed(plain: Input, { class: width, data }: Ident): BinspectError {
  if (width !== CLASS.ELF32 && width !== CLASS.ELF64) {
    return new BinspectError('malformed', `ELF identification: class is ${width}, neither 1 (32 bits) nor 2 (64 bits)`, { offset: plain.start + 4 });
  }
  return new BinspectError('malformed', `ELF identification: data encoding is ${data}, neither 1 (little-endian) nor 2 (big-endian)`, { offset: plain.start + 5 });
}

function machineIn(plain: Input, encoding: Encoding): number {
  return plain.encoded(encoding).read(HALVES.MACHINE, 2, 'ELF header').u16(0);
}

/** The forms in which a header is that of a program: a type and a machine that there are, in their width, and program headers of the right size. */
function programForms(plain: Input): Encoding[] {
  if (plain.size < TELLING) return [];
  const forms: Encoding[] = [];
  for (const wide of [true, false]) {
    for (const little of [true, false]) {
      const header = plain.encoded({ little, wide }).read(0, TELLING, 'ELF header');
      const at = wide ? ENTRY_SIZE.wide : ENTRY_SIZE.narrow;
      if (header.u16(at) !== segmentSize(wide) || header.u16(at + 2) === 0) continue;
      const type = header.u16(HALVES.TYPE);
      const machine = header.u16(HALVES.MACHINE);
      const width = WIDTHS.get(machine);
      if ((type === ET.EXEC || type === ET.DYN) && machine !== EM.NONE && nameOf(EM, machine) !== null && (width === undefined || width === wide)) forms.push({ little, wide });
    }
  }
  return forms;
}
