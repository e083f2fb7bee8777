// Programs that scripts name in their first line, and that a host's file says of whether they are there.

export const SCRIPT_FOLDERS: readonly string[] = ['/bin', '/usr/bin', '/usr/local/bin'];

export const SCRIPT_INTERPRETERS: readonly string[] = [
  'sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'fish', 'env', 'perl', 'python', 'python2', 'python3', 'ruby', 'node', 'php', 'lua', 'tclsh', 'wish', 'awk', 'gawk',
  'sed', 'make', 'busybox', 'pwsh', 'guile', 'Rscript', 'expect',
]; // prettier-ignore
