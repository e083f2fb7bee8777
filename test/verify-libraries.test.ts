// Which names of libraries a rule takes for which file: denied wide, allowed narrow.

import { describe, expect, it } from 'vitest';
import type { Format } from '../src/model/binary.ts';
import { allowing, denying } from '../src/verify/library-names.ts';

const KELVIN = '\u212aernel32.dll';

describe('a deny list', () => {
  it.each([
    ['elf', 'libssl*', 'libssl.so.3', 'yes'],
    ['elf', 'libssl*', 'LIBSSL.so', 'no'],
    ['elf', 'libssl*', '/opt/lib/libssl.so.3', 'yes'],
    ['elf', 'libssl*', '$ORIGIN/libssl.so.3', 'yes'],
    ['elf', '/usr/lib/libssl*', '/usr/lib//libssl.so', 'yes'],
    ['elf', '/usr/lib/libssl*', '/usr/lib/./libssl.so', 'yes'],
    ['elf', '/usr/lib/libssl*', '/../usr/x/../lib/libssl.so', 'yes'],
    ['elf', '/usr/lib/libssl*', '../../../usr/lib/libssl.so', 'yes'],
    ['elf', '/usr/lib/libssl*', './libssl.so', 'unknown'],
    ['elf', '/usr/lib/libssl*', '/usr/$LIB/libssl.so', 'unknown'],
    ['elf', '/usr/lib/libssl*', './libz.so', 'no'],
    ['elf', '/opt/*', 'libc.so.6', 'no'],
    ['elf', 'libssl*', 'lib$PLATFORM.so', 'unknown'],
    ['elf', 'lib{ssl,crypto}.so.*', 'libcrypto.so.3', 'yes'],
    ['elf', 'libc.so.6', 'libc.so.60', 'no'],
    ['elf', '*homebrew*', '/opt/homebrew/lib/x.so', 'yes'],
    ['mach-o', 'libssl*', '/usr/lib/LIBSSL.dylib', 'yes'],
    ['mach-o', '/usr/lib/libé*', '/usr/lib/libe\u0301.dylib', 'yes'],
    ['mach-o', '/usr/lib/libssl*', '/usr/lib//libssl.dylib', 'yes'],
    ['mach-o', '/usr/lib/libssl*', '/usr/lib/./libssl.dylib', 'yes'],
    ['mach-o', '/usr/lib/libssl*', '@loader_path/../../../usr/lib/libssl.dylib', 'yes'],
    ['mach-o', '/opt/homebrew/*', '@rpath/libssl.dylib', 'yes'],
    ['mach-o', '/usr/local/*', '@rpath/libssl.dylib', 'no'],
    ['mach-o', '/opt/*', '/opt/homebrew/lib/x.dylib', 'yes'],
    ['pe', 'vcruntime140.dll', 'VCRUNTIME140', 'yes'],
    ['pe', 'vcruntime140', 'VCRUNTIME140.dll', 'yes'],
    ['pe', 'vcruntime*', 'sub\\vcruntime140.dll', 'yes'],
    ['pe', 'vcruntime140.dll', 'C:/x/vcruntime140.dll', 'yes'],
    ['pe', 'vcruntime140.dll', 'VCRUNTIME140.DLL.', 'yes'],
    ['pe', 'vcruntime140.dll', 'VCRUNTIME140.dll  ', 'yes'],
    ['pe', 'vcruntime140.dll', 'vcruntime140.dll::$DATA', 'yes'],
    ['pe', 'kernel32.dll', KELVIN, 'no'],
    ['pe', 'kernel32.dll', 'user32.dll', 'no'],
  ] as const)('%s: %s, %s: %s', (format, glob, name, is) => {
    expect(denying(glob)(name, { format, searchPaths: [{ path: '/opt/homebrew/lib', from: 'LC_RPATH' }] })).toBe(is);
  });
});

describe('an allow list', () => {
  it.each<readonly [Format, string, string, boolean, boolean]>([
    ['elf', 'libgood.so', 'libgood.so', true, true],
    ['elf', 'libgood.so', '/tmp/evil/libgood.so', false, false],
    ['elf', '*.so', '/tmp/evil/libgood.so', false, false],
    ['elf', '?tmp?evil?libgood.so', '/tmp/evil/libgood.so', false, false],
    ['elf', 'libgood.so', './libgood.so', false, false],
    ['elf', 'libgood.so', '$ORIGIN/evil/libgood.so', false, false],
    ['elf', '*', '/nix/store/x/libgood.so', true, true],
    ['elf', '*', '/nix/../libgood.so', false, false],
    ['elf', 'lib*', 'lib$PLATFORM.so', false, false],
    ['elf', '/usr/lib/*', '/usr/lib/x/libgood.so', true, true],
    ['elf', '/usr/lib/*', '/usr/lib/../../tmp/evil.so', false, false],
    ['elf', '/usr/lib/*', '/usr/lib//evil.so', false, false],
    ['elf', '/usr/lib/*', '/usr/lib/..', false, false],
    ['elf', '$ORIGIN/../lib/*', '$ORIGIN/../lib/libx.so', true, true],
    ['elf', '$ORIGIN/../lib/*', '$ORIGIN/../lib/../evil.so', false, false],
    ['mach-o', '/usr/lib/*', '/usr/lib/libSystem.B.dylib', true, true],
    ['mach-o', '/usr/lib/*', '/usr/lib/../../tmp/evil.dylib', false, false],
    ['mach-o', '/usr/lib/*', '/USR/lib/libz.dylib', false, false],
    ['mach-o', 'libSystem.B.dylib', '/usr/lib/libSystem.B.dylib', true, true],
    ['mach-o', 'libz.dylib', '@loader_path/../lib/libz.dylib', false, true],
    ['mach-o', '@executable_path/../Frameworks/*', '@executable_path/../Frameworks/X', true, true],
    ['mach-o', '@executable_path/*', '@executable_path/../../tmp/X', false, false],
    ['pe', 'kernel32.dll', 'KERNEL32.DLL', true, true],
    ['pe', 'kernel32.dll', 'KERNEL32', true, true],
    ['pe', 'kernel32', 'kernel32.dll', true, true],
    ['pe', 'kernel32.dll', KELVIN, false, false],
    ['pe', '*', 'C:\\evil\\kernel32.dll', false, false],
    ['pe', 'kernel32.dll', 'kernel32.dll.', false, false],
    ['pe', 'api-ms-win-*', 'api-ms-win-crt-runtime-l1-1-0.dll', true, true],
  ])('%s: %s, %s: %s for what may be, %s for what must be', (format, glob, name, only, needed) => {
    expect(allowing(glob, { last: false })(name, format)).toBe(only);
    expect(allowing(glob, { last: true })(name, format)).toBe(needed);
  });
});
