// What a WebAssembly file is, in the model's words; each fact with what in the file told it.

import type { Input } from '../../bytes/input.ts';
import type { Facts, WasmBinary } from '../../model/binary.ts';
import { certainty } from '../../model/certainty.ts';
import { NO_IDENTITY } from '../../model/identity.ts';
import { platformOf } from '../../model/platform.ts';
import { CUSTOM } from '../constants.ts';
import { openWasm } from '../file.ts';
import { address, buildId as buildIdOf, names, neededLibraries, producers as producersOf } from './customs.ts';
import { features } from './features.ts';
import { dependencies, readInterface } from './interface.ts';
import { entry, kind as kindOf, linkage } from './kind.ts';
import { readParts } from './parts.ts';
import { platformSeed } from './platform.ts';
import { symbols, symbolsOfParts } from './symbols.ts';

const MOST_LISTED = 10_000; // imports, and as many exports, that are handed out

/** Reads a module or a component and says what it is. Throws `truncated`, `malformed` or `unsupported` where its preamble can't be read. */
export function readWasm(input: Input, depth: Facts = 'main'): WasmBinary {
  const file = openWasm(input);
  const because: Record<string, string> = {};
  const face = readInterface(file);
  const producers = producersOf(file);
  const named = names(file);
  const seed = platformSeed(file, face, producers, because);
  const called = entry(file, face, seed.os);
  const kind = kindOf(file, face, called, because);
  const parts = readParts(file);
  const inside = parts.flatMap((one) => (one.symbols === null ? [] : [one.symbols]));
  const { stripped, debugInfo } = file.isComponent ? symbolsOfParts(inside, because) : symbols(file, named, face, because);
  const buildId = buildIdOf(file);
  if (buildId !== null) because['buildId'] = `section ${CUSTOM.BUILD_ID}`;
  const bits = face.memories[0]?.bits ?? 32;
  const platform = platformOf(seed);
  const linked = linkage(file, kind, because);
  const listed = features(file, face, because);
  const { unknown, assumed } = certainty(because, platform);
  const all = depth === 'all';
  return {
    format: 'wasm',
    offset: input.start,
    size: input.size,
    bits,
    endianness: 'little',
    machine: { value: 0, name: `wasm${bits}` }, // WebAssembly has no number for it
    platform,
    kind,
    pie: null,
    linkage: linked,
    interpreter: null,
    libraryName: null,
    dependencies: dependencies(file, face, neededLibraries(file)),
    auxiliaries: [],
    searchPaths: [],
    entryPoint: null, // functions have indexes, and no addresses
    stripped,
    debugInfo,
    buildId,
    minimums: { glibc: null, glibcxx: null, cxxabi: null, os: null, kernel: null, cpu: null, pageSize: null },
    hardening: null,
    identity: NO_IDENTITY,
    overlay: null,
    signature: null,
    signatureCheck: null,
    components: [],
    packer: null,
    installer: null,
    go: null,
    unknown,
    assumed,
    because,
    warnings: input.warnings,
    wasm: {
      version: file.version,
      layer: file.layer,
      layerName: file.isComponent ? 'component' : 'module',
      sections: file.sections.length,
      importCount: face.imports.length,
      exportCount: face.exports.length,
      imports: all ? face.imports.slice(0, MOST_LISTED) : null,
      exports: all ? face.exports.slice(0, MOST_LISTED) : null,
      memories: face.memories,
      features: listed,
      producers,
      parts: parts.map(({ part }) => part),
      moduleName: named.moduleName,
      start: face.start,
      entry: called,
      sourceMap: address(file, CUSTOM.SOURCE_MAP),
      debugFile: address(file, CUSTOM.EXTERNAL_DEBUG_INFO),
    },
  };
}
