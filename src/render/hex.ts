// Bytes in hex, for people.

/** Digits of what is shown of a run. */
export const HEX_DIGITS = 64;

/** '7f45 4c46': hex in groups of four digits. */
export function shownHex(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}
