/**
 * The world is injected. Clock, timers, scheduler, disk and network reach the rest of the code through one `World`, and nowhere
 * else: so a test can hand in a disk that fills up, a clock that jumps or a network that is not there, and a whole run
 * can be replayed. Random numbers need no world: every one of them comes from a seed (`random.ts`).
 */

/** All that is not a function of the arguments. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly network: Network;
}

export interface Clock {
  /** Milliseconds since some fixed moment; never runs backwards. For durations. */
  now(): number;
  /** The date: for people, and for what several processes do at once. */
  date(): Date;
}

export interface Timers {
  /** Calls `action` once, after `milliseconds`; returns what cancels it. A pending timer keeps the process alive. */
  after(milliseconds: number, action: () => void): () => void;
}

/** Decides which of the tasks that could run now does so next: the only source of concurrency within a process. */
export interface Scheduler {
  /** Runs `task` once, soon, never within this call. A pending task keeps the process alive. */
  schedule(task: () => void): void;
  /** How many pieces of work a task may do before it should schedule itself again, to be fair to the others. */
  readonly batch: number;
}

export interface FileStatus {
  readonly kind: "file" | "folder";
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

/** Files, by absolute path or relative to the working folder. Failures are Node's own errors, with their `code`. */
export interface Disk {
  /** The whole file, which may have 2 GiB at most. */
  read(path: string): Promise<Uint8Array>;
  /** Bytes `start` up to, not including, `end` of a file of any size; fewer where it ends before. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /** Undefined when there is nothing at `path`. */
  status(path: string): Promise<FileStatus | undefined>;
  /** The names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Creates a folder and those above it, and flushes their names; fine if it is there. */
  makeFolder(path: string): Promise<void>;
  /** The same, for one caller only: false when there is something at `path` already. */
  claimFolder(path: string): Promise<boolean>;
  /** Creates or replaces a file from its parts and flushes it to the medium. Not atomic: write aside, then rename. */
  write(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Adds text, or bytes, at the end of a file, creating it if need be. */
  append(path: string, content: string | Uint8Array): Promise<void>;
  /** Atomic within one file system. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Makes a file that keeps other processes from locking the same, until the function that comes back is called or this process ends,
   * however it does. While another holds it, fails with code ELOCKED and the holder in its message.
   */
  lock(path: string): Promise<() => Promise<void>>;
  /** Flushes a folder's entries, so that a rename in it outlives a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Removes a file or a folder with all that is in it; fine if it is not there. */
  remove(path: string): Promise<void>;
}

export interface Download {
  /** Bytes, when the server says. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface Network {
  /** Fetches `url` over HTTP(S); rejects unless the answer is 200. */
  download(url: string): Promise<Download>;
}
