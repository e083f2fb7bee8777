// The format's own words for a binary, as rows of the report.

import type { Binary } from '../model/binary.ts';
import { row } from './rows.ts';
import type { Row } from './rows.ts';
import { visible } from './visible.ts';
import { wasmRows } from './wasm.ts';

/** What only one format has: types and flags, by the names of its documents. */
export function detailRows(binary: Binary, verbose: boolean): Row[] {
  switch (binary.format) {
    case 'elf': {
      if (!verbose) return [];
      const { type, typeName, osAbi, osAbiName, flags, abi, floatAbi, segments, sections } = binary.elf;
      const convention = [abi, floatAbi === null ? null : `${floatAbi} float`].filter((word) => word !== null).join(', ');
      return [
        row('ELF', [
          typeName ?? `type ${type}`,
          osAbiName ?? `OS ABI ${osAbi}`,
          `flags 0x${flags.toString(16)}${convention === '' ? '' : ` (${convention})`}`,
          `${segments} segments`,
          `${sections} sections`,
        ]),
      ];
    }
    case 'mach-o': {
      if (!verbose || binary.machO === null) return [];
      const { fileType, fileTypeName, cpuSubtype, cpuSubtypeName, flags, flagNames, loadCommands } = binary.machO;
      return [
        row('Mach-O', [fileTypeName ?? `type ${fileType}`, cpuSubtypeName ?? `subtype 0x${cpuSubtype.toString(16)}`, `${loadCommands} load commands`]),
        row('flags', `0x${flags.toString(16)} ${flagNames.join(' ')}`.trimEnd()),
      ];
    }
    case 'pe': {
      if (!verbose) return [];
      const { imageBase, characteristics, characteristicsNames, dllCharacteristics, dllCharacteristicsNames, sections } = binary.pe;
      const short = (names: readonly string[]): string => names.map((name) => name.replace(/^IMAGE_(FILE|DLLCHARACTERISTICS)_/, '')).join(' ');
      return [
        row('PE', [`image base 0x${imageBase.toString(16)}`, `${sections} sections`]),
        row('file flags', `0x${characteristics.toString(16)} ${short(characteristicsNames)}`.trimEnd()),
        row('DLL flags', `0x${dllCharacteristics.toString(16)} ${short(dllCharacteristicsNames)}`.trimEnd()),
      ];
    }
    case 'wasm':
      return wasmRows(binary, verbose).map(([name, parts]) => row(name, parts.map(visible)));
  }
}
