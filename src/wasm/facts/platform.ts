// Which system a module or a component is for: its imports decide, marks of toolchains only help.

import type { PlatformSeed } from '../../model/platform.ts';
import type { WasmImport, WasmProducer } from '../../model/wasm.ts';
import { CUSTOM } from '../constants.ts';
import type { WasmFile } from '../file.ts';
import type { Interface } from './interface.ts';

/** What speaks for a system. */
interface System {
  readonly os: string | null;
  /** The end of a triple that the system alone does not tell: 'threads', 'unknown'. */
  readonly abi: string | null;
  readonly because: string;
}

/** WASI since 0.2: 'wasi:cli/environment@0.2.3', with what tools put before it in the names of a core module. */
const WASI = /^(?:cm32p2\|)?wasi:[^@]*@0\.(\d+)(?:[.-]|$)/;

/** WASI up to preview 1, and before it preview 0, whose functions are nearly the same. */
const PREVIEW_1 = 'wasi_snapshot_preview1';
const PREVIEW_0 = 'wasi_unstable';

/** Functions that Emscripten's own JavaScript brings, by their names in `env`. */
const EMSCRIPTEN = /^_*(?:emscripten_|__?syscall_|invoke_[a-z]+$|embind_|_embind_|asyncify_import)|^_embind_|^_emval_/;

/** Names after Emscripten has made all of them as short as it can. */
const SHORT = /^[A-Za-z_$][A-Za-z0-9_$]{0,2}$/;

/** Where a module without a system finds what it imports: the object's own environment, and wasm-bindgen's JavaScript. */
const PLAIN = /^(?:env|wbg|__wbindgen_\w+|\.\/\w+_bg\.js)$/;

/** Compilers for a machine without a system, and the tool that only works over such modules. */
const COMPILER = /^(?:rustc|clang|wasm-bindgen)$|\bclang\b/;

/** Exports that Go's own JavaScript calls. */
const GO_EXPORTS = ['run', 'resume', 'getsp'];

/** What the platform's spellings follow from. */
export function platformSeed(
  file: WasmFile,
  face: Interface,
  producers: readonly WasmProducer[],
  because: Record<string, string>,
): PlatformSeed {
  const { os, abi, because: why } = file.isComponent ? componentSystem(face.imports) : moduleSystem(face, producers, file.customs.has(CUSTOM.LINKING));
  const [memory] = face.memories;
  const wide = memory?.bits === 64;
  const threads = face.memories.some(({ shared }) => shared);
  because['os'] = os === null ? `unknown: ${why}` : why;
  because['arch'] = memory === undefined ? `a WebAssembly ${file.isComponent ? 'component' : 'module without a memory'}` : wide ? 'the memory has 64-bit addresses' : 'the memory has 32-bit addresses';
  const variant = wide ? 'memory64' : threads ? 'threads' : null;
  if (variant !== null) because['variant'] = wide ? 'the memory has 64-bit addresses' : 'a memory is shared';
  return { os, arch: 'wasm', variant, libc: null, abi };
}

/** The versions of WASI that names ask for, by their second number, the lowest first. */
function wasiVersions(names: readonly string[]): number[] {
  const versions = names.map((name) => WASI.exec(name)?.[1]).filter((version) => version !== undefined);
  return [...new Set(versions.map(Number))].sort((a, b) => a - b);
}

function wasi(versions: readonly number[], what: string): System | null {
  const highest = versions.at(-1);
  if (highest === undefined) return null;
  const said = versions.map((version) => `0.${version}`).join(' and ');
  if (highest !== 2 && highest !== 3) return { os: null, abi: null, because: `${what} WASI ${said}, which is not known here` };
  return { os: `wasip${highest}`, abi: null, because: `${what} WASI ${said}` };
}

function componentSystem(imports: readonly WasmImport[]): System {
  const asked = wasi(wasiVersions(imports.map(({ name }) => name)), 'it imports interfaces of');
  return asked ?? { os: null, abi: null, because: 'it imports nothing of WASI' };
}

function moduleSystem(face: Interface, producers: readonly WasmProducer[], relocatable: boolean): System {
  const { imports, memories } = face;
  const modules = new Set(imports.map(({ module }) => module ?? ''));
  const exported = new Set(face.exports.map(({ name }) => name));
  const ofEnv = imports.filter(({ module }) => module === 'env').map(({ name }) => name);
  if (modules.has('gojs')) return { os: 'js', abi: null, because: "it imports gojs, which Go's wasm_exec.js brings" };
  if (modules.has('go') && GO_EXPORTS.every((name) => exported.has(name))) {
    return { os: 'js', abi: null, because: "it imports go and exports run, resume and getsp, as Go's wasm_exec.js has it" };
  }
  const emscripten = emscriptenMark(ofEnv, modules, exported);
  if (emscripten !== null) return { os: 'emscripten', abi: null, because: emscripten };
  const shared = memories.some((memory) => memory.shared && memory.imported);
  const wasix = [...modules].find((name) => name.startsWith('wasix_'));
  if (wasix !== undefined) return { os: null, abi: null, because: `it imports ${wasix}, which goes beyond WASI` };
  if (modules.has(PREVIEW_1) || modules.has(PREVIEW_0)) {
    const spawns = modules.has('wasi') && imports.some(({ module, name }) => module === 'wasi' && name === 'thread-spawn');
    const threads = shared && (spawns || nodeModule(modules) !== null);
    return { os: 'wasip1', abi: threads ? 'threads' : null, because: `it imports ${modules.has(PREVIEW_1) ? PREVIEW_1 : PREVIEW_0}` };
  }
  const prepared = wasi(wasiVersions([...modules]), 'a module for a component: it imports interfaces of');
  if (prepared !== null) return prepared;
  const node = nodeModule(modules);
  if (node !== null) return { os: 'wasip1', abi: shared ? 'threads' : null, because: `it imports ${node}: an addon for Node-API` };
  if (modules.size === 1 && modules.has('a') && imports.every(({ name }) => SHORT.test(name))) {
    return { os: null, abi: null, because: 'the names of what it imports were made short' };
  }
  const tool = producers.find(({ field, name }) => field === 'processed-by' && COMPILER.test(name));
  const plain = [...modules].every((name) => PLAIN.test(name));
  const unknown = tool !== undefined && plain && !relocatable;
  return { os: null, abi: unknown ? 'unknown' : null, because: imports.length === 0 ? 'it imports nothing' : 'nothing that it imports belongs to a system' };
}

/** The module by which Node-API's functions come; null where none does. */
function nodeModule(modules: ReadonlySet<string>): string | null {
  return ['napi', 'emnapi'].find((name) => modules.has(name)) ?? null;
}

/** What says that Emscripten's JavaScript goes with it; null where nothing does. Such modules import functions of WASI as well. */
function emscriptenMark(ofEnv: readonly string[], modules: ReadonlySet<string>, exported: ReadonlySet<string>): string | null {
  const own = ofEnv.find((name) => EMSCRIPTEN.test(name));
  if (own !== undefined) return `it imports ${own} from env`;
  const table = ['GOT.func', 'GOT.mem'].find((name) => modules.has(name));
  if (table !== undefined) return `it imports ${table}, by which Emscripten links at run time`;
  if (!exported.has('__wasm_call_ctors')) return null;
  const exports = [...exported].find((name) => name.startsWith('emscripten_') || name.startsWith('_emscripten_') || name === 'stackAlloc');
  return exports === undefined ? null : `it exports __wasm_call_ctors and ${exports}`;
}
