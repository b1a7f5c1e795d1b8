/**
 * Meaning of the operating system's error codes. The disk fails with Node's own errors, which name a system call; the
 * caller, which knows the operation and the path, makes one line of it that also says what to do.
 */
import { DawnpourError } from "../error.js";

const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk; free some or choose another folder",
  EDQUOT: "the disk quota is used up; free some space or choose another folder",
  EACCES: "permission denied; change the permissions or choose another folder",
  EPERM: "the system does not permit it; change the permissions or choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  ENOENT: "there is no such file or folder; check the path",
  ENOTDIR: "a part of the path is a file, not a folder; check the path",
  EISDIR: "it is a folder, not a file; check the path",
  EEXIST: "a file of this name is in the way; remove it or choose another name",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  ELOOP: "its symbolic links lead in a circle; check the path",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
  ENFILE: "too many files are open on this machine; close some programs",
  ENOMEM: "memory is used up; close other programs, or raise the limit (ulimit -v)",
  EAGAIN: "the system has no room for another process or thread; raise the limit (ulimit -u)",
  EBUSY: "another program holds it; close that program",
  EIO: "the disk reports an input/output error; check the disk, and use another one",
  ERR_FS_FILE_TOO_LARGE: "the file is above the 2 GiB that can be read at once; split it",
};

/** The `code` of an error of the operating system or of Node; undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/**
 * `cannot write "runs/a/config.json": no space is left on the disk; free some or choose another folder`. An error that
 * is not of the disk is returned unchanged.
 *
 * @param doing the verb: `read`, `write`, `make the folder`
 */
export function explainDiskError(error: unknown, path: string, doing: string): unknown {
  const code = errorCode(error);
  if (code === undefined) {
    return error;
  }
  return new DawnpourError(`cannot ${doing} "${path}": ${diskErrorMeaning(error)}`, { cause: error });
}

/** The same without the operation: `no space is left on the disk; free some or choose another folder`. */
export function diskErrorMeaning(error: unknown): string {
  const code = errorCode(error) ?? "";
  return MEANINGS[code] ?? `${error instanceof Error ? error.message.split("\n")[0] : String(error)} (${code})`;
}

/** Errors of V8 and of native code without memory; they have no code. */
const OUT_OF_MEMORY = /allocation failed|bad_alloc|out of memory|invalid array length/i;

/** The resource that the system lacks, for an error from anywhere; undefined for any other error. */
export function shortage(error: unknown): string | undefined {
  const code = errorCode(error) ?? "";
  if (["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENOSPC"].includes(code)) return MEANINGS[code];
  return error instanceof Error && OUT_OF_MEMORY.test(error.message) ? MEANINGS.ENOMEM : undefined;
}

/** Awaits a disk operation and explains its error, as `explainDiskError`. */
export async function explained<T>(doing: string, path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw explainDiskError(error, path, doing);
  }
}
