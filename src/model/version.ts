// The version of this program, for documents that name their tool. A test holds it against package.json.

/** As package.json has it. */
export const VERSION = '0.1.0';
