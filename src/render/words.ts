// Words and measures that all reports share.

import type { Binary, Inspection, Kind } from '../model/binary.ts';
import { architectureText } from '../model/platform.ts';
import { visible } from './visible.ts';

/** How text is laid out and coloured. */
export interface Style {
  readonly color: boolean;
  /** Whether signs beyond ASCII can be shown. */
  readonly unicode: boolean;
  /** Width of the terminal; infinite where nothing is to be wrapped. */
  readonly columns: number;
  /** Whether to say what told each fact, and what is skipped otherwise. */
  readonly verbose: boolean;
}

export type Tint = 'bold' | 'dim' | 'inverse' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

const CODES: Readonly<Record<Tint, readonly [number, number]>> = {
  bold: [1, 22], dim: [2, 22], inverse: [7, 27], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39],
}; // prettier-ignore

/** Text in a colour, where colours are wanted. */
export function tinted(text: string, tint: Tint, { color }: Style): string {
  if (!color || text === '') return text;
  const [on, off] = CODES[tint];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** The colour of a system's name. A name that nothing is known of has none. */
export function systemTint(os: string | null): Tint | null {
  switch (os) {
    case null: return null;
    case 'linux': case 'android': return 'cyan';
    case 'darwin': case 'ios': return 'magenta';
    case 'windows': return 'blue';
    default: return 'yellow';
  }
} // prettier-ignore

/** A target in the colour of its system. */
export function targetTinted(text: string, os: string | null, style: Style): string {
  const tint = systemTint(os);
  return tint === null ? text : tinted(text, tint, style);
}

/** A path: its folder dim, its name bold. */
export function pathTinted(path: string, style: Style): string {
  const at = path.lastIndexOf('/', path.length - 2) + 1;
  return tinted(path.slice(0, at), 'dim', style) + tinted(path.slice(at), 'bold', style);
}

/** Signs of the reports' own, and what stands for them in ASCII. */
const SIGNS = { dot: ['·', '|'], none: ['–', '-'], ellipsis: ['…', '...'], least: ['≥', '>='] } as const;

/** A sign as the terminal can show it: a dot between parts, a dash for what does not arise, an ellipsis for what is left out, a sign for "at least". */
export function sign(name: keyof typeof SIGNS, { unicode }: Pick<Style, 'unicode'>): string {
  return SIGNS[name][unicode ? 0 : 1];
}

/** Parts with dots between them. */
export function dotted(parts: readonly string[], style: Style): string {
  return parts.join(` ${sign('dot', style)} `);
}

/** '512 B', '1.2 MiB'. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${['KiB', 'MiB', 'GiB', 'TiB', 'PiB'][unit]}`;
}

const KINDS: Readonly<Record<Kind, string>> = {
  executable: 'executable',
  'shared-library': 'shared library',
  relocatable: 'object file',
  core: 'core dump',
  bundle: 'bundle',
  driver: 'driver',
  'debug-symbols': 'debug symbols',
  other: 'other',
};

export function kindText(kind: Kind): string {
  return KINDS[kind];
}

/** 'ELF64 PIE executable', 'ELF32 big-endian static executable', 'PE32+ shared library'. */
export function whatText(binary: Binary): string {
  if (binary.format === 'wasm') {
    const layer = binary.wasm.layerName;
    return `WebAssembly ${binary.kind === 'other' ? layer : layer === 'component' ? `component, ${kindText(binary.kind)}` : kindText(binary.kind)}`;
  }
  const { pie, linkage, endianness, kind } = binary;
  const position = pie === true ? (linkage === 'static' ? 'static PIE ' : 'PIE ') : linkage === 'static' ? 'static ' : '';
  return `${formatText(binary)}${endianness === 'big' ? ' big-endian' : ''} ${position}${kindText(kind)}`;
}

/** 'ELF64', 'Mach-O64', 'PE32+'. */
export function formatText({ format, bits }: Binary): string {
  if (format === 'wasm') return `Wasm${bits}`;
  if (format === 'pe') return bits === 64 ? 'PE32+' : 'PE32';
  return `${format === 'elf' ? 'ELF' : 'Mach-O'}${bits}`;
}

/** 'linux/arm/v7', 'darwin/arm64e'; '?' for what is not known. */
export function targetText({ platform: { os, arch, variant }, machine }: Binary): string {
  const architecture = arch === null ? (variant ?? machine.name ?? `machine ${machine.value}`) : architectureText(arch, variant);
  return visible(`${os ?? '?'}/${architecture}`);
}

/** What a file is in all its slices: 'darwin/amd64+arm64'. */
export function targetsText({ binaries }: Inspection): string {
  const texts = [...new Set(binaries.map(targetText))];
  const systems = new Set(texts.map((text) => text.slice(0, text.indexOf('/') + 1)));
  if (systems.size !== 1) return texts.join('+');
  const [system] = systems;
  return `${system}${texts.map((text) => text.slice((system as string).length)).join('+')}`;
}

/** Columns that a text takes on a terminal; a text that was made visible, so there are no controls in it but those of its own colours. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  if (text.includes('\u001b')) return textWidth(text.replace(/\u001b\[\d+m/g, ''));
  // East_Asian_Width W and F (Unicode UAX #11), emoji among them. (V8 takes a millisecond for such an expression, so it is made here.)
  const wide =
    /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
  const none = /[\p{Mn}\p{Me}\u1160-\u11ff]/u; // marks that combine with the character before them; vowels and finals of Hangul syllables in parts
  let width = 0;
  for (const character of text) if (!none.test(character)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** Text filled with blanks up to a width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
