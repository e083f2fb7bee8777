// The output that matches can still reach back to, and where the next output goes: memory that grows as the data come.

/** Output in one piece of memory, the latest last. */
export interface Window {
  bytes: Uint8Array;
  /** The same memory, for writing several bytes at once. */
  view: DataView;
  /** Where the oldest byte stands that a match may reach. */
  start: number;
  /** Where the next byte of output goes. */
  end: number;
}

/** Up to here the memory is twice what has to stay, so that it is rarely moved down; above, a quarter more. */
const SPARE = 8 * 1024 * 1024;

export function emptyWindow(): Window {
  const bytes = new Uint8Array();
  return { bytes, view: new DataView(bytes.buffer), start: 0, end: 0 };
}

/**
 * Makes room for `size` more bytes behind the end; of the output before, the last `reach` bytes stay.
 * The memory is doubled as output comes: its size follows the output, never a header.
 * Output chunks that were handed out before become invalid.
 */
export function makeRoom(window: Window, size: number, reach: number): void {
  const { bytes, end } = window;
  if (end + size <= bytes.length) return;
  const kept = Math.min(reach, end - window.start);
  const least = kept + size + spare(kept);
  if (least <= bytes.length) {
    bytes.copyWithin(0, end - kept, end);
  } else {
    window.bytes = new Uint8Array(Math.max(least, Math.min(2 * bytes.length, reach + size + spare(reach))));
    window.bytes.set(bytes.subarray(end - kept, end));
    window.view = new DataView(window.bytes.buffer);
  }
  window.start = 0;
  window.end = kept;
}

function spare(kept: number): number {
  return Math.max(Math.min(kept, SPARE), Math.floor(kept / 4));
}
