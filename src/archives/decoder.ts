// What every decompressor of this house is: bytes in, bytes out, in pieces.

/** One compressed stream on its way. Once it has thrown, it is done with. */
export interface Decoder {
  /** Feeds compressed bytes; yields output chunks. Throws BinspectError. */
  push(bytes: Uint8Array): Iterable<Uint8Array>;
  /** No more input: throws `truncated` where the stream is not finished. */
  end(): Iterable<Uint8Array>;
}
