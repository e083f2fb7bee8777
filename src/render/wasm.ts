// What only WebAssembly has, as rows of the report.

import type { WasmBinary } from '../model/binary.ts';
import type { WasmMemory } from '../model/wasm.ts';
import { sizeText } from './words.ts';

/** A row: its label, and parts that are untrusted as yet. */
type Row = readonly [label: string, parts: readonly string[]];

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

function memoryText({ imported, minimum, maximum, shared, bits, pageSize }: WasmMemory): string {
  const bounds = maximum === null ? `${counted(minimum, 'page')} or more` : minimum === maximum ? counted(minimum, 'page') : `${minimum} to ${maximum} pages`;
  const marks = [shared ? 'shared' : null, bits === 64 ? '64-bit' : null, pageSize === 65_536 ? null : `pages of ${counted(pageSize, 'byte')}`, imported ? 'imported' : null];
  return [bounds, ...marks].filter((part) => part !== null).join(', ');
}

const MOST_SHOWN = 8; // memories, and parts without -v

/** How many of everything, then its memories, the features that it may use, who made it, and what it is made of. */
export function wasmRows({ wasm }: WasmBinary, verbose: boolean): Row[] {
  const { layerName, version, importCount, exportCount, sections, memories, features, producers, parts, moduleName, start, entry, sourceMap, debugFile } = wasm;
  const rows: Row[] = [
    ['WebAssembly', [`${layerName}, version ${version}`, counted(importCount, 'import'), counted(exportCount, 'export'), counted(sections, 'section')]],
  ];
  const row = (label: string, ...texts: readonly string[]): void => {
    if (texts.length > 0) rows.push([label, texts]);
  };
  if (moduleName !== null && moduleName !== '') row('called', moduleName);
  if (entry !== null) row('run by', entry);
  if (start !== null) row('start', `function ${start}`);
  row('memory', ...memories.slice(0, MOST_SHOWN).map(memoryText), ...(memories.length > MOST_SHOWN ? [`${memories.length - MOST_SHOWN} more`] : []));
  if (features !== null) row('features', ...features.map(({ name, use }) => (use === 'used' ? name : `${name} (${use})`)));
  row('made by', ...producers.map(({ name, version: release }) => `${name} ${release}`.trim()));
  if (sourceMap !== null) row('source map', sourceMap);
  if (debugFile !== null) row('debug file', debugFile);
  const shown = verbose ? parts : parts.slice(0, MOST_SHOWN);
  const texts = shown.map(({ kind, offset, size, moduleName: name }) => `${kind}${name === null ? '' : ` ${name}`} at 0x${offset.toString(16)}, ${sizeText(size)}`);
  row('parts', ...texts, ...(shown.length < parts.length ? [`${parts.length - shown.length} more`] : []));
  return rows;
}
