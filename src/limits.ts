// What reading one file may cost. Each number has its reason; all can be set by the caller.

/** The most that one inspection may cost. Passing a limit is an error `limit-exceeded`, or a warning where a part can be left out. */
export interface Limits {
  /** Bytes fetched at once around what a reader asks for. */
  readonly windowBytes: number;
  /** Reads from the source. */
  readonly fetches: number;
  /** Bytes read from the source and held at once, hashing not counted. A slice's are let go once it is reported. */
  readonly fetchedBytes: number;
  /** Entries of one table (segments, sections, load commands, symbols) that are looked at. */
  readonly tableEntries: number;
  /** Bytes of one string: a library's name, a search path. */
  readonly stringBytes: number;
  /** Bytes of all names of one kind (libraries, versions, search paths), those that a file repeats counted each time. */
  readonly nameBytes: number;
  /** Bytes of a symbol table's names that are searched for the few that tell something. */
  readonly symbolNameBytes: number;
  /** Dependencies of one binary. */
  readonly dependencies: number;
  /** Imports of one WebAssembly file that are read, and as many exports. */
  readonly interfaceEntries: number;
  /** Bytes of all import sections of one WebAssembly file that are read, and as many of its export sections. */
  readonly interfaceBytes: number;
  /** Custom sections of one WebAssembly module or component that are looked at. */
  readonly customSections: number;
  /** Bytes of one custom section that are read. */
  readonly customSectionBytes: number;
  /** Modules and components inside one WebAssembly component. */
  readonly parts: number;
  /** Slices of one universal file. */
  readonly slices: number;
  /** Notes of one ELF file. */
  readonly notes: number;
  /** Warnings kept for one binary. */
  readonly warnings: number;
  /** Bytes of one program in which traces of Go are searched, where its headers say that Go may be inside. */
  readonly goSearchBytes: number;
  /** Bytes of a Go program's module text. */
  readonly goTextBytes: number;
  /** Bytes of any table that Go's own reader wants whole. */
  readonly goTableBytes: number;
  /** Bytes of standard input that are held in memory, as it can be read only once; and of what a server sends without saying how much it is. */
  readonly spooledBytes: number;
  /** Bytes of one member of an archive that are held in memory at once; of a larger one its beginning and its end are. */
  readonly memberBytes: number;
  /** Bytes that are decompressed of one archive, those of archives in it counted too. */
  readonly archiveBytes: number;
  /** How many times its own size a compressed stream may become, once that is more than 64 MiB. */
  readonly archiveRatio: number;
  /** Members of one archive, those of archives in it counted too. */
  readonly members: number;
  /** Archives within archives: how deep. */
  readonly archiveDepth: number;
  /** Bytes of one file in an archive that says what the archive is for (package.json, WHEEL, control). */
  readonly metadataBytes: number;
  /** Bytes of all of those together. */
  readonly metadataTotalBytes: number;
  /** Bytes of one header of an archive: a long name, PAX records. */
  readonly headerBytes: number;
  /** Bytes of the window that an xz or zstd stream may ask for. */
  readonly dictionaryBytes: number;
  /** Layers of one container image. */
  readonly layers: number;
  /** Milliseconds without a byte after which a server is given up. */
  readonly stallMilliseconds: number;
}

/** What holds where the caller sets nothing. The source has the reason for each number. */
export const LIMITS: Limits = {
  windowBytes: 8 * 1024, // headers and their tables lie close together: over real files this needs one to two reads
  fetches: 512, // the worst real file measured needs 7
  fetchedBytes: 24 * 1024 * 1024, // all are held until the file, or the slice, is reported; of the real files measured, Node's own executable needs most: 5 MB
  tableEntries: 65_536, // what 16 bits can count; extended numbering goes beyond it only in core files
  stringBytes: 4096, // PATH_MAX
  nameBytes: 1024 * 1024, // a program of 200 libraries has 8 KB; names may all lie over one another, so that a file of some KB could have gigabytes
  symbolNameBytes: 10 * 1024 * 1024, // Node's own executable has 8 MiB
  dependencies: 4096, // the largest real program measured has under 200
  interfaceEntries: 100_000, // what engines take
  interfaceBytes: 8 * 1024 * 1024, // the largest real section measured has 0.3 MB
  customSections: 10_000, // objects have under a hundred
  customSectionBytes: 1024 * 1024, // those that are read have some kilobytes
  parts: 1000, // a component made of C has 4
  slices: 204, // what fits into the first page, which is all that the XNU kernel reads: (4096 - 8) / 20
  notes: 10_000, // kernels carry some hundred
  warnings: 100, // a damaged table says the same thing at every entry
  goSearchBytes: 1024 * 1024 * 1024, // the largest Go program measured has 700 MB; some seconds' work
  goTextBytes: 2 * 1024 * 1024, // real ones have 200 KB at most
  goTableBytes: 16 * 1024 * 1024, // symbols, of all slices; the largest real file measured has 11 MB
  spooledBytes: 1024 * 1024 * 1024,
  memberBytes: 256 * 1024 * 1024, // Chromium and Electron have 180 to 300 MB, all else measured under 130
  archiveBytes: 16 * 1024 * 1024 * 1024, // the largest images; 40 seconds' work
  archiveRatio: 1100, // deflate's ceiling is 1,032: what passes this is a bomb of xz or zstd
  members: 1_000_000, // an image of Debian has 10,000 to 100,000
  archiveDepth: 4, // a Debian package in a .tar.gz has 2, an image with a Java archive 3
  metadataBytes: 4 * 1024 * 1024,
  metadataTotalBytes: 64 * 1024 * 1024,
  headerBytes: 1024 * 1024, // as libarchive has it
  dictionaryBytes: 128 * 1024 * 1024, // xz -9 asks for 64 MiB, zstd --long for 128
  layers: 512, // Docker's own ceiling is 127
  stallMilliseconds: 30_000, // longer than a slow mirror needs, shorter than a person waits
};
