// Which features beyond the first version of WebAssembly a module uses, as far as that can be told without decoding its code.

import type { WasmFeature } from '../../model/wasm.ts';
import { SECTION } from '../constants.ts';
import { sectionOf } from '../file.ts';
import type { WasmFile } from '../file.ts';
import { targetFeatures } from './customs.ts';
import type { Interface } from './interface.ts';

/**
 * What target_features lists, which is what the compiler was allowed to use; without that section what the structure alone proves. Null where
 * nothing does: what is not listed may be used all the same.
 */
export function features(file: WasmFile, face: Interface, because: Record<string, string>): WasmFeature[] | null {
  const listed = targetFeatures(file);
  if (listed !== null) {
    because['wasm.features'] = 'section target_features: what the compiler was allowed to use';
    return listed;
  }
  if (file.isComponent) return null;
  const { memories, imports, typedReferences } = face;
  const proven: readonly (readonly [name: string, boolean])[] = [
    ['threads', memories.some(({ shared }) => shared)],
    ['memory64', memories.some(({ bits }) => bits === 64)],
    ['multi-memory', memories.length > 1],
    ['custom-page-sizes', memories.some(({ pageSize }) => pageSize !== 65_536)],
    ['exceptions', sectionOf(file, SECTION.TAG) !== null || imports.some(({ kind }) => kind === 'tag')],
    ['bulk-memory', sectionOf(file, SECTION.DATACOUNT) !== null],
    ['function-references', typedReferences],
  ];
  const found = proven.filter(([, is]) => is).map(([name]): WasmFeature => ({ name, use: 'used', from: 'structure' }));
  if (found.length === 0) return null;
  because['wasm.features'] = 'what its sections prove; its code was not looked at';
  return found;
}
