// The calling convention that e_flags tells: which ABI, and how floating point numbers are passed.

import type { ElfDetail } from '../../model/binary.ts';
import { flagNames } from '../../model/names.ts';
import { armAttributes } from '../attributes.ts';
import { EF_ARM, EF_MIPS, EF_RISCV, EM, PT_MIPS_ABIFLAGS } from '../constants.ts';
import type { ElfFile } from '../file.ts';

type Abi = Pick<ElfDetail, 'abi' | 'floatAbi'>;

/** MIPS's ABIFLAGS, fp_abi (MIPS O32 ABI, FR0 and FR1 interlinking): 0 is any, 4 a form that never was. */
const MIPS_FLOAT: Readonly<Record<number, Abi['floatAbi']>> = { 1: 'double', 2: 'single', 3: 'soft', 5: 'double', 6: 'double', 7: 'double' };

const FP_ABI = 7; // the byte of fp_abi in Elf_MIPS_ABIFlags

/** Of RISC-V's two bits (psABI, 8.1) and of LoongArch's three (psABI, e_flags). */
const RISCV_FLOAT = ['soft', 'single', 'double', 'quad'] as const;
const LOONGARCH_FLOAT = [null, 'soft', 'single', 'double'] as const;

/** How a float ABI ends the name of the data model: lp64d, ilp32f. */
const SUFFIX: Readonly<Record<string, string>> = { soft: '', single: 'f', double: 'd', quad: 'q' };

/** The ABI and the float ABI, in the words of the machine's own document; null where the flags don't say. */
export function abiOf(file: ElfFile, needed: readonly string[]): Abi {
  const { header, input } = file;
  const { flags, machine } = header;
  const { wide } = input.encoding;
  switch (machine) {
    case EM.ARM: {
      const version = flags >>> 24;
      return { abi: version === 0 ? null : `eabi${version}`, floatAbi: armFloat(file, needed) };
    }
    case EM.MIPS:
      return { abi: mipsAbi(flags, wide), floatAbi: mipsFloat(file) };
    case EM.RISCV: {
      const floatAbi = RISCV_FLOAT[(flags >>> 1) & 3] as Abi['floatAbi'];
      return { abi: `${wide ? 'lp64' : 'ilp32'}${(flags & 8) !== 0 ? 'e' : ''}${SUFFIX[floatAbi ?? 'soft']}`, floatAbi };
    }
    case EM.LOONGARCH: {
      const floatAbi = LOONGARCH_FLOAT[flags & 7] ?? null;
      return { abi: floatAbi === null ? null : `${wide ? 'lp64' : 'ilp32'}${floatAbi === 'soft' ? 's' : SUFFIX[floatAbi]}`, floatAbi };
    }
    case EM.PPC64: {
      const version = flags & 3;
      return { abi: version === 1 || version === 2 ? `elfv${version}` : null, floatAbi: null };
    }
    case EM.X86_64:
      return { abi: wide ? 'lp64' : 'x32', floatAbi: null };
    case EM.AARCH64:
      return { abi: wide ? 'lp64' : 'ilp32', floatAbi: null };
    default:
      return { abi: null, floatAbi: null };
  }
}

const HARD_LOADER = /(^|[-/])(ld-linux-armhf\.so\.3|ld-musl-arm(eb)?hf\.so\.1|armebhf\.so)/;
const SOFT_LOADER = /(^|\/)(ld-linux\.so\.3|ld-musl-arm(eb)?\.so\.1)$/;

/** How floating point numbers are passed on ARM: by the flags, else by the loader's name, else by the build attributes; null where nothing shows. */
function armFloat(file: ElfFile, needed: readonly string[]): Abi['floatAbi'] {
  const { flags } = file.header;
  if ((flags & EF_ARM.HARD_FLOAT) !== 0) return 'hard';
  if ((flags & EF_ARM.SOFT_FLOAT) !== 0) return 'soft';
  const loaders = [file.interpreter ?? '', ...needed];
  if (loaders.some((name) => HARD_LOADER.test(name))) return 'hard';
  const attributes = armAttributes(file);
  if (attributes !== null) return attributes.float;
  return loaders.some((name) => SOFT_LOADER.test(name)) ? 'soft' : null;
}

function mipsAbi(flags: number, wide: boolean): string {
  if ((flags & EF_MIPS.ABI2) !== 0) return 'n32';
  switch (flags & EF_MIPS.ABI_MASK) {
    case EF_MIPS.ABI_O64:
      return 'o64';
    case EF_MIPS.ABI_EABI32:
      return 'eabi32';
    case EF_MIPS.ABI_EABI64:
      return 'eabi64';
    default:
      return wide ? 'n64' : 'o32';
  }
}

function mipsFloat({ input, segments }: ElfFile): Abi['floatAbi'] {
  const segment = segments.find(({ type }) => type === PT_MIPS_ABIFLAGS);
  if (segment === undefined || input.available(segment.offset, FP_ABI + 1) <= FP_ABI) return null;
  return MIPS_FLOAT[input.read(segment.offset, FP_ABI + 1, 'MIPS ABI flags').u8(FP_ABI)] ?? null;
}

/** The extensions that single bits tell. */
export function extensions({ header: { flags, machine } }: ElfFile): string[] {
  if (machine === EM.RISCV) return flagNames(EF_RISCV, flags);
  return machine === EM.ARM && (flags & EF_ARM.BE8) !== 0 ? ['BE8'] : [];
}
