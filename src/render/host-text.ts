// A machine and its processes, for people.

import type { Emulator, Host, ProcessFile, ProcessReport } from '../model/host.ts';
import { visible } from './visible.ts';
import { dotted, tinted } from './words.ts';
import type { Style, Tint } from './words.ts';
import { hanging, wrapWords } from './wrap.ts';

const LABELS = 14;

function row(label: string, text: string, style: Style): string {
  return text === '' ? '' : `${tinted(label.padEnd(LABELS), 'dim', style)}${hanging(wrapWords(text, style.columns - LABELS), LABELS)}\n`;
}

/** 'x86-64-v4', 'kernel 6.1.0', …: what is known of a machine in one line. */
function machineParts({ os, arch, level, kernel, osVersion, pageSize, libc, translated }: Host): string[] {
  const system = os === 'linux' || osVersion === null ? (kernel === null ? null : `kernel ${kernel}`) : `${os === 'darwin' ? 'macOS' : 'Windows'} ${osVersion}`;
  return [
    `${os}/${arch ?? '?'}`,
    level === null ? null : `x86-64-${level}`,
    system,
    libc.name === null ? (os === 'linux' ? 'no C library found' : null) : `${libc.name}${libc.version === null ? '' : ` ${libc.version}`}`,
    pageSize === null ? null : `pages ${pageSize}`,
    translated === null ? null : translated ? 'this process is emulated or translated' : 'native',
  ].filter((part) => part !== null);
}

function emulatorText({ arch, name, interpreter, enabled, present }: Emulator): string {
  const state = !enabled ? ', switched off' : present === false ? `, ${interpreter} is missing` : '';
  return `${arch ?? 'other files'} (${name === 'Rosetta 2' ? name : `binfmt_misc: ${name}`}${state})`;
}

/** A machine in some lines; with `verbose` what told each fact. */
export function renderHost(host: Host, style: Style): string {
  const { compatible, emulators, loaders, node, processArch, libraries, because, os } = host;
  const also = [...(compatible ?? []).map((arch) => `${arch} (kernel)`), ...emulators.map(emulatorText)];
  const text = (value: string): string => visible(value);
  const reasons = Object.entries(because).map(([fact, reason]) => row(`  ${fact}`, text(reason), style)).join('');
  return (
    `${tinted(dotted(machineParts(host).map(text), style), 'bold', style)}\n` +
    row('runs also', text(also.join(', ')) || (compatible === null && os === 'linux' ? 'unknown: nothing says whether 32-bit programs run' : 'nothing else'), style) +
    row('loaders', text(loaders.join(' ')), style) +
    (libraries === null ? '' : row('libraries', `${libraries.length} that the loader finds by default`, style)) +
    (node === null ? '' : row('node', text(`${node.version} ${dotted([`for ${processArch}`, `addons ${node.modules}`, ...(node.libc === null ? [] : [node.libc])], style)}`), style)) +
    (style.verbose ? `because\n${reasons}` : '')
  );
}

const MODES: Readonly<Record<ProcessReport['mode'], readonly [word: string, tint: Tint]>> = {
  native: ['NATIVE', 'green'],
  compatible: ['32-BIT', 'green'],
  emulated: ['EMULATED', 'yellow'],
  translated: ['TRANSLATED', 'yellow'],
  'kernel-thread': ['KERNEL', 'dim'],
  unknown: ['UNKNOWN', 'red'],
};

function sentence({ mode, program, host, name }: ProcessReport): string {
  const target = program?.platform ?? 'a program of an unknown machine';
  switch (mode) {
    case 'native':
      return `${target} program on a ${host} host`;
    case 'compatible':
      return `${target} program, 32 bits, on a ${host} host`;
    case 'emulated':
    case 'translated':
      return `${target} program on a ${host} host`;
    case 'kernel-thread':
      return `${name ?? '?'}, a thread of the kernel`;
    case 'unknown':
      return `${program === null ? (name ?? '?') : target} on a ${host} host`;
  }
}

function fileText({ path, deleted, platform, description, go }: ProcessFile, style: Style): string {
  const parts = [description, platform, go].filter((part) => part !== null);
  return `${visible(path)}${deleted ? ' (deleted since)' : ''}${parts.length === 0 ? '' : `  ${visible(dotted(parts, style))}`}`;
}

/** A process in some lines. */
export function renderProcess(report: ProcessReport, style: Style): string {
  const { pid, mode, program, runsIn, startedBy, loader, script, because, notPermitted, commandLine } = report;
  const [word, tint] = MODES[mode];
  const reasons = [because['mode'], because['program'], because['loader'], because['script'], ...(style.verbose ? [because['startedBy']] : [])].filter((reason) => reason !== undefined);
  return (
    `${tinted(String(pid), 'bold', style)}  ${tinted(word, tint, style)}  ${visible(sentence(report))}\n` +
    (program === null ? '' : row('program', fileText(program, style), style)) +
    (runsIn === null ? '' : row('runs in', `${fileText(runsIn, style)}${startedBy === null ? '' : startedBy === 'hand' ? ', started by hand' : ', started by binfmt_misc'}`, style)) +
    (loader === null ? '' : row('loader', visible(loader), style)) +
    (script === null ? '' : row('script', visible(script), style)) +
    (style.verbose && commandLine !== null ? row('command line', visible(commandLine.join(' ')), style) : '') +
    row('because', visible(reasons.join('; ')), style) +
    (notPermitted.length === 0 ? '' : row('not permitted', visible(notPermitted.join(', ')), style))
  );
}
