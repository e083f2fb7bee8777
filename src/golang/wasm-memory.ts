// Where Go may be found in a WebAssembly module: Go's own reader takes none, and no header has addresses.

import type { Input } from '../bytes/input.ts';
import type { Stretch } from '../bytes/search.ts';
import { CUSTOM, SECTION } from '../wasm/constants.ts';
import { producers } from '../wasm/facts/customs.ts';
import { readInterface } from '../wasm/facts/interface.ts';
import { entry } from '../wasm/facts/kind.ts';
import { openWasm, sectionOf } from '../wasm/file.ts';
import type { Section } from '../wasm/file.ts';
import type { GoWasm } from './image.ts';

/** A sign that a module may be Go's, and where to look in it; null for components. TinyGo's modules show none: its modules are not in them. */
export function goWasm(input: Input): { readonly sign: string | null; readonly wasm: GoWasm } | null {
  const file = openWasm(input);
  if (file.isComponent) return null;
  const made = producers(file);
  const version = made.find(({ field, name }) => field === 'language' && name === 'Go')?.version ?? null;
  const buildId = file.customs.get(CUSTOM.GO_BUILD_ID) ?? file.customs.get(CUSTOM.GO_BUILD_ID_OLD) ?? null;
  const data = sectionOf(file, SECTION.DATA);
  const sign = version !== null
    ? 'section producers names the language Go'
    : buildId !== null
      ? `section ${buildId.name}`
      : entry(file, readInterface(file), 'js') === 'run'
        ? "it exports run, resume and getsp, as Go's wasm_exec.js has it"
        : null; // prettier-ignore
  return { sign, wasm: { version: version === '' ? null : version, data: data === null ? null : stretchOf(data), buildId: buildId === null ? null : stretchOf(buildId) } };
}

function stretchOf({ contentOffset, contentSize }: Section): Stretch {
  return { at: contentOffset, length: contentSize };
}
