// Which build a binary is, how old a system will do, what was appended, who signed: as rows of the report.

import type { Binary } from '../model/binary.ts';
import { wordIn } from '../model/names.ts';
import { sizeText } from './words.ts';

/** A row: its label, and a value that is untrusted as yet. */
type Pair = readonly [label: string, value: string];

/** The platforms of Mach-O files that are not just called in capitals. */
const PLATFORMS: Readonly<Record<string, string>> = {
  MACOS: 'macOS',
  IOS: 'iOS',
  TVOS: 'tvOS',
  WATCHOS: 'watchOS',
  MACCATALYST: 'Mac Catalyst',
  IOSSIMULATOR: 'iOS simulator',
  TVOSSIMULATOR: 'tvOS simulator',
  WATCHOSSIMULATOR: 'watchOS simulator',
  VISIONOS: 'visionOS',
  VISIONOSSIMULATOR: 'visionOS simulator',
};

/** Machines whose kernels have pages of several sizes, and the largest of them: what is made for that can be mapped anywhere. */
const SEVERAL_PAGES: ReadonlySet<string> = new Set(['arm64', 'loong64', 'mips64', 'mips64le', 'ppc64', 'ppc64le']);
const LARGEST_PAGE = 64 * 1024;

/** What a system has to have at least: 'glibc 2.28', 'Linux 3.2.0', 'macOS 11.0 (SDK 13.3)'; empty where nothing is asked for. PE has a row of its own for it. */
export function minimumParts(binary: Binary): string[] {
  if (binary.format === 'pe') return [];
  if (binary.format === 'mach-o') {
    const { machO } = binary;
    if (machO === null || machO.minimumOs === null) return [];
    const name = machO.platformName?.replace('PLATFORM_', '') ?? 'system';
    return [`${wordIn(PLATFORMS, name) ?? name} ${machO.minimumOs}${machO.sdk === null ? '' : ` (SDK ${machO.sdk})`}`];
  }
  const { minimums: { glibc, glibcxx, os, kernel, cpu, pageSize }, platform } = binary; // prettier-ignore
  const parts = [
    glibc === null ? null : `glibc ${glibc}`,
    glibcxx === null ? null : `GLIBCXX ${glibcxx}`,
    os === null ? null : `${platform.os === 'android' ? 'Android API' : (platform.os ?? 'system')} ${os}`,
    kernel === null ? null : `Linux ${kernel}`,
    cpu === null || cpu === 'v1' ? null : `x86-64-${cpu}`,
    pageSize === null || pageSize >= LARGEST_PAGE || !(platform.os === 'android' || SEVERAL_PAGES.has(platform.arch ?? '')) ? null : `pages of up to ${sizeText(pageSize)}`,
  ];
  return parts.filter((part) => part !== null);
}

const SIGNATURES = {
  adhoc: 'ad hoc',
  'linker-signed': 'ad hoc, by the linker',
  cms: 'with a certificate',
  authenticode: 'Authenticode',
  module: 'kernel module',
} as const;

/** What a signature claims; whether it holds is not looked into. */
export function signatureParts({ signature, signatureCheck }: Binary): string[] | null {
  if (signature === null) return null;
  const { kind, size, identifier, teamId } = signature;
  const named = [identifier, teamId === null ? null : `team ${teamId}`].filter((part) => part !== null);
  return [SIGNATURES[kind], ...named, `${sizeText(size)}${signatureCheck === null ? ', not checked' : ''}`];
}

/** What tells this build from another, beside its build id. */
export function identityRows({ identity, overlay }: Binary, verbose: boolean): Pair[] {
  const { debugLink, debugAltLink, miniDebugInfo, pdbPath, timestamp, reproducible, version } = identity;
  const rows: Pair[] = [];
  const row = (label: string, value: string | null): void => {
    if (value !== null && value !== '') rows.push([label, value]);
  };
  if (version !== null) {
    row('version', version.fileVersion ?? version.fixedFileVersion);
    row('product', [version.productName, version.productVersion].filter((part) => part !== null).join(' '));
    row('company', version.companyName);
    row('description', version.fileDescription);
  }
  row('PDB', pdbPath);
  if (verbose) {
    row('debug link', debugLink);
    row('debug alt', debugAltLink);
    row('mini debug', miniDebugInfo === true ? 'a compressed symbol table (.gnu_debugdata)' : null);
    row('linked', reproducible === true ? 'reproducibly (the timestamp is a hash)' : timestamp === null ? null : `${dateText(timestamp)} by the header`);
  }
  if (overlay !== null) row(overlay.inHeaders ? 'payload' : 'appended', `${overlay.kind === null ? '' : `${overlay.kind}, `}${sizeText(overlay.size)} at 0x${overlay.offset.toString(16)}`);
  return rows;
}

function dateText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
