// Which libraries are parts of glibc.

/** glibc's own libraries by the last part of their names: only their versions are glibc's. libgcc_s has a GLIBC_2.0 of its own. */
const GLIBC_LIBRARY =
  /^(lib(c\.so\.(6|6\.1|0\.3)|m\.so\.(6|6\.1)|pthread\.so\.\d+(\.\d+)?|dl\.so\.2(\.1)?|rt\.so\.1|(resolv|nss_\w+)\.so\.\d(\.\d)?|(util|nsl|anl|mvec|crypt|cidn|BrokenLocale|thread_db)\.so\.1(\.1)?|c_malloc_debug\.so\.0|(memusage|pcprofile|SegFault)\.so)|ld(-linux[^/]*|64)?\.so(\.\d+)?|ld-x86-64\.so\.1|ld-2\.\d+\.so)$/;

/** Whether a library is a part of glibc. */
export function isOfGlibc(library: string): boolean {
  return library === 'libc.so.6' || GLIBC_LIBRARY.test(library.slice(library.lastIndexOf('/') + 1));
}
