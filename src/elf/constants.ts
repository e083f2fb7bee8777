// The numbers of ELF: the System V ABI (gABI) chapters 4 and 5, its processor supplements, and the GNU and Android additions.

/** e_ident[EI_CLASS]. */
export const CLASS = { ELF32: 1, ELF64: 2 } as const;

/** e_ident[EI_DATA]. */
export const DATA = { LSB: 1, MSB: 2 } as const;

/** e_ident[EI_OSABI]. Values from 64 on mean something only together with the machine. */
export const OSABI = {
  NONE: 0,
  HPUX: 1,
  NETBSD: 2,
  GNU: 3, // only says that GNU extensions are used: Hurd and FreeBSD programs can carry it too
  HURD: 4,
  SOLARIS: 6,
  AIX: 7,
  IRIX: 8,
  FREEBSD: 9,
  TRU64: 10,
  MODESTO: 11,
  OPENBSD: 12,
  OPENVMS: 13,
  NSK: 14,
  AROS: 15,
  FENIXOS: 16,
  CLOUDABI: 17,
  OPENVOS: 18,
  CUDA: 51,
  ARM: 97,
  STANDALONE: 255,
} as const;

/** e_type. */
export const ET = { NONE: 0, REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;

/** e_phnum that says: the count is in section 0's sh_info. */
export const PN_XNUM = 0xffff;
/** e_shstrndx that says: the index is in section 0's sh_link. */
export const SHN_XINDEX = 0xffff;

/** p_type. The values from 0x70000000 on belong to a processor each. */
export const PT = {
  NULL: 0,
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  SHLIB: 5,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474_e550,
  GNU_STACK: 0x6474_e551, // its flags say whether the stack is executable
  GNU_RELRO: 0x6474_e552, // read-only once relocated
  GNU_PROPERTY: 0x6474_e553,
  OPENBSD_MUTABLE: 0x65a3_dbe5,
  OPENBSD_RANDOMIZE: 0x65a3_dbe6,
  OPENBSD_WXNEEDED: 0x65a3_dbe7,
  OPENBSD_BOOTDATA: 0x65a4_1be6,
} as const;

/** p_flags. */
export const PF = { X: 1, W: 2, R: 4 } as const;

/** sh_type. */
export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8, // takes no bytes of the file
  REL: 9,
  DYNSYM: 11,
  ARM_ATTRIBUTES: 0x7000_0003,
} as const;

/** sh_flags. */
export const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 } as const;

/** d_tag. */
export const DT = {
  NULL: 0,
  NEEDED: 1,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  STRSZ: 10,
  SONAME: 14,
  RPATH: 15,
  DEBUG: 21,
  TEXTREL: 22,
  JMPREL: 23,
  BIND_NOW: 24,
  RUNPATH: 29,
  FLAGS: 30,
  RELR: 36,
  DEPAUDIT: 0x6fff_fefb,
  AUDIT: 0x6fff_fefc,
  AUXILIARY: 0x7fff_fffd,
  FILTER: 0x7fff_ffff,
  GNU_HASH: 0x6fff_fef5,
  VERSYM: 0x6fff_fff0,
  FLAGS_1: 0x6fff_fffb,
  VERDEF: 0x6fff_fffc,
  VERDEFNUM: 0x6fff_fffd,
  VERNEED: 0x6fff_fffe,
  VERNEEDNUM: 0x6fff_ffff,
} as const;

/** MIPS's own d_tag values for what DT_DEBUG is elsewhere: its dynamic section is read-only. */
export const DT_MIPS = { RLD_MAP: 0x7000_0016, RLD_MAP_REL: 0x7000_0035 } as const;

/** DT_FLAGS. */
export const DF = { ORIGIN: 1, SYMBOLIC: 2, TEXTREL: 4, BIND_NOW: 8, STATIC_TLS: 16 } as const;

/** DT_FLAGS_1. */
export const DF_1 = { NOW: 1, NODELETE: 8, NODEFLIB: 0x800, PIE: 0x0800_0000 } as const;

/** n_type of notes whose owner is GNU. */
export const NT_GNU = { ABI_TAG: 1, HWCAP: 2, BUILD_ID: 3, GOLD_VERSION: 4, PROPERTY_TYPE_0: 5 } as const;

/** The first word of an NT_GNU_ABI_TAG. */
export const GNU_ABI = { LINUX: 0, HURD: 1, SOLARIS: 2, FREEBSD: 3, NETBSD: 4, SYLLABLE: 5, NACL: 6 } as const;

/** pr_type in an NT_GNU_PROPERTY_TYPE_0: the same numbers mean another thing on each machine (x86-64 psABI; AArch64 ELF; RISC-V psABI). */
export const GNU_PROPERTY = { AARCH64_FEATURE_1_AND: 0xc000_0000, X86_FEATURE_1_AND: 0xc000_0002, X86_ISA_1_NEEDED: 0xc000_8002 } as const;
export const X86_FEATURE_1 = { IBT: 1, SHSTK: 2 } as const;
export const AARCH64_FEATURE_1 = { BTI: 1, PAC: 2 } as const;

/** e_flags of EM_ARM (ELF for the Arm Architecture, 5.4.1). */
export const EF_ARM = { SOFT_FLOAT: 0x200, HARD_FLOAT: 0x400, BE8: 0x0080_0000 } as const;

/** e_flags of EM_RISCV (RISC-V psABI, 8.1): single bits. */
export const EF_RISCV = { RVC: 1, RVE: 8, TSO: 16 } as const;

/** e_flags of EM_MIPS: the ABI. Without a mark, a 64-bit file is n64 and a 32-bit one o32. */
export const EF_MIPS = { ABI2: 0x20, ABI_MASK: 0xf000, ABI_O32: 0x1000, ABI_O64: 0x2000, ABI_EABI32: 0x3000, ABI_EABI64: 0x4000 } as const;

/** p_type of MIPS's own. */
export const PT_MIPS_ABIFLAGS = 0x7000_0003;

/** e_machine (gABI registry); where documents disagree on a name, the first in use. */
export const EM = {
  NONE: 0,
  M32: 1,
  SPARC: 2,
  '386': 3,
  '68K': 4,
  '88K': 5,
  IAMCU: 6,
  '860': 7,
  MIPS: 8,
  S370: 9,
  MIPS_RS3_LE: 10,
  OLD_SPARCV9: 11,
  PARISC: 15,
  VPP500: 17,
  SPARC32PLUS: 18,
  '960': 19,
  PPC: 20,
  PPC64: 21,
  S390: 22,
  SPU: 23,
  V800: 36,
  FR20: 37,
  RH32: 38,
  RCE: 39,
  ARM: 40,
  SH: 42,
  SPARCV9: 43,
  TRICORE: 44,
  ARC: 45,
  H8_300: 46,
  H8_300H: 47,
  H8S: 48,
  H8_500: 49,
  IA_64: 50,
  MIPS_X: 51,
  COLDFIRE: 52,
  '68HC12': 53,
  MMA: 54,
  PCP: 55,
  NCPU: 56,
  NDR1: 57,
  STARCORE: 58,
  ME16: 59,
  ST100: 60,
  TINYJ: 61,
  X86_64: 62,
  PDSP: 63,
  PDP10: 64,
  PDP11: 65,
  FX66: 66,
  ST9PLUS: 67,
  ST7: 68,
  '68HC16': 69,
  '68HC11': 70,
  '68HC08': 71,
  '68HC05': 72,
  SVX: 73,
  ST19: 74,
  VAX: 75,
  CRIS: 76,
  JAVELIN: 77,
  FIREPATH: 78,
  ZSP: 79,
  MMIX: 80,
  HUANY: 81,
  PRISM: 82,
  AVR: 83,
  FR30: 84,
  D10V: 85,
  D30V: 86,
  V850: 87,
  M32R: 88,
  MN10300: 89,
  MN10200: 90,
  PJ: 91,
  OPENRISC: 92,
  ARC_COMPACT: 93,
  XTENSA: 94,
  VIDEOCORE: 95,
  TMM_GPP: 96,
  NS32K: 97,
  TPC: 98,
  SNP1K: 99,
  ST200: 100,
  IP2K: 101,
  MAX: 102,
  CR: 103,
  F2MC16: 104,
  MSP430: 105,
  BLACKFIN: 106,
  SE_C33: 107,
  SEP: 108,
  ARCA: 109,
  UNICORE: 110,
  EXCESS: 111,
  DXP: 112,
  ALTERA_NIOS2: 113,
  CRX: 114,
  XGATE: 115,
  C166: 116,
  M16C: 117,
  DSPIC30F: 118,
  CE: 119,
  M32C: 120,
  TSK3000: 131,
  RS08: 132,
  SHARC: 133,
  ECOG2: 134,
  SCORE7: 135,
  DSP24: 136,
  VIDEOCORE3: 137,
  LATTICEMICO32: 138,
  SE_C17: 139,
  TI_C6000: 140,
  TI_C2000: 141,
  TI_C5500: 142,
  TI_ARP32: 143,
  TI_PRU: 144,
  MMDSP_PLUS: 160,
  CYPRESS_M8C: 161,
  R32C: 162,
  TRIMEDIA: 163,
  HEXAGON: 164,
  '8051': 165,
  STXP7X: 166,
  NDS32: 167,
  ECOG1: 168,
  MAXQ30: 169,
  XIMO16: 170,
  MANIK: 171,
  CRAYNV2: 172,
  RX: 173,
  METAG: 174,
  MCST_ELBRUS: 175,
  ECOG16: 176,
  CR16: 177,
  ETPU: 178,
  SLE9X: 179,
  L10M: 180,
  K10M: 181,
  AARCH64: 183,
  AVR32: 185,
  STM8: 186,
  TILE64: 187,
  TILEPRO: 188,
  MICROBLAZE: 189,
  CUDA: 190,
  TILEGX: 191,
  CLOUDSHIELD: 192,
  COREA_1ST: 193,
  COREA_2ND: 194,
  ARC_COMPACT2: 195,
  OPEN8: 196,
  RL78: 197,
  VIDEOCORE5: 198,
  '78KOR': 199,
  '56800EX': 200,
  BA1: 201,
  BA2: 202,
  XCORE: 203,
  MCHP_PIC: 204,
  INTEL205: 205,
  INTEL206: 206,
  INTEL207: 207,
  INTEL208: 208,
  INTEL209: 209,
  KM32: 210,
  KMX32: 211,
  KMX16: 212,
  KMX8: 213,
  KVARC: 214,
  CDP: 215,
  COGE: 216,
  COOL: 217,
  NORC: 218,
  CSR_KALIMBA: 219,
  Z80: 220,
  VISIUM: 221,
  FT32: 222,
  MOXIE: 223,
  AMDGPU: 224,
  RISCV: 243,
  LANAI: 244,
  CEVA: 245,
  CEVA_X2: 246,
  BPF: 247,
  GRAPHCORE_IPU: 248,
  IMG1: 249,
  NFP: 250,
  VE: 251,
  CSKY: 252,
  ARC_COMPACT3_64: 253,
  MCS6502: 254,
  ARC_COMPACT3: 255,
  KVX: 256,
  '65816': 257,
  LOONGARCH: 258,
  KF32: 259,
  SBF: 263,
  FRV: 0x5441,
  ALPHA: 0x9026,
} as const;

/** A second number for a machine of the table, with the same name: what Alpha was registered under, and never used. */
export const EM_ALPHA_REGISTERED = 41;

/** Numbers in use before one was registered; they carry no name of their own. */
export const EM_UNOFFICIAL: Readonly<Record<number, number>> = {
  [EM_ALPHA_REGISTERED]: EM.ALPHA,
  0x3426: EM.OPENRISC,
  0x8472: EM.OPENRISC,
  0x9080: EM.V850,
  0xa390: EM.S390,
  0xabc7: EM.XTENSA,
  0xbaab: EM.MICROBLAZE,
};
