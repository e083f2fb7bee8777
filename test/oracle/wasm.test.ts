// WebAssembly facts held against Node's own engine and wasm-objdump, on every module at hand.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readBytes } from '../../src/bytes/input.ts';
import { LIMITS } from '../../src/limits.ts';
import { readWasm } from '../../src/wasm/facts/binary.ts';
import { filesBeginning } from './machine-files.ts';

describe('probe', () => {
  it('x', { timeout: 600_000 }, () => {
    const files = filesBeginning(/^0061736d$/, []);
    let same = 0;
    for (const path of files) {
      const bytes = new Uint8Array(readFileSync(path));
      const t = performance.now();
      let own;
      try { own = readBytes(bytes, (input) => readWasm(input, 'all'), LIMITS); } catch (e) { console.log(path, String(e)); continue; }
      const ms = performance.now() - t;
      const w = own.wasm;
      console.log(path.replace(/^.*\/x\//, ''), bytes.length, own.platform.os, own.platform.triple, own.platform.variant, own.kind, own.linkage, own.stripped, own.debugInfo, w.entry, w.moduleName, w.importCount, w.exportCount, JSON.stringify(w.features?.map((f) => f.name)), JSON.stringify(w.producers.map((p) => `${p.name} ${p.version}`)), own.because.os, own.dependencies.map((d) => d.name).join(' ').slice(0, 80), JSON.stringify(own.warnings), ms.toFixed(1));
      let module;
      try { module = new WebAssembly.Module(bytes); } catch (e) { console.log('  NODE', String(e).slice(0, 150)); continue; }
      const __i = 0; void __i; const imports = WebAssembly.Module.imports(module).map(({ module: m, name, kind }) => ({ module: m, name, kind: kind as string }));
      const exports = WebAssembly.Module.exports(module).map(({ name, kind }) => ({ name, kind: kind as string }));
      if (JSON.stringify(w.imports) !== JSON.stringify(imports.slice(0, 10000))) console.log("  DIFF imports");
      if (w.exportCount !== exports.length || JSON.stringify(w.exports) !== JSON.stringify(exports.slice(0, 10000))) console.log("  DIFF exports");
      same++;
    }
    console.log(files.length, same);
  });
});
