/**
 * The world is injected. Clock, timers, scheduler, disk and network reach the code only through a `World`. So a test
 * can give a disk that fills up, a clock that jumps or a network that is missing, and a whole run can be replayed.
 * Random numbers need no world: each comes from a seed (`random.ts`).
 */
import type { RequestListener } from "node:http";

/** Everything that is not a function of the arguments. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly network: Network;
  readonly secrets: Secrets;
}

/** Random numbers that must not be known, for keys. */
export interface Secrets {
  /** `count` random bytes, others with each call. */
  bytes(count: number): Uint8Array;
}

/** Tells the time. */
export interface Clock {
  /** Milliseconds since some fixed moment; never runs backwards. For durations. */
  now(): number;
  /** The date: for display, and to align what several processes do. */
  date(): Date;
}

/** Calls back later. */
export interface Timers {
  /**
   * Calls `action` once, after `milliseconds`; the returned function cancels it. A pending timer keeps the process
   * alive.
   */
  after(milliseconds: number, action: () => void): () => void;
}

/** Decides which task runs next: the only source of concurrency within a process. */
export interface Scheduler {
  /** Runs `task` once, soon, never within this call. A pending task keeps the process alive. */
  schedule(task: () => void): void;
  /** How many items a task may handle before it should schedule itself again, to be fair to other tasks. */
  readonly batch: number;
}

/** What lies at a path. */
export interface FileStatus {
  readonly kind: "file" | "folder";
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

/** Files, by absolute path or relative to the working folder. Errors are Node's own, with their `code`. */
export interface Disk {
  /** The whole file, of 2 GiB at most. */
  read(path: string): Promise<Uint8Array>;
  /** Bytes `start` up to, not including, `end` of a file of any size; fewer where the file ends before. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /** Undefined when there is nothing at `path`. */
  status(path: string): Promise<FileStatus | undefined>;
  /** The names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Creates a folder and its parents, and flushes their names; does nothing if the folder is there. */
  makeFolder(path: string): Promise<void>;
  /** As `makeFolder`, for one caller only: false when there is something at `path`. */
  claimFolder(path: string): Promise<boolean>;
  /**
   * Creates or replaces a file from its parts and flushes it to the medium. Not atomic: write to another name, then
   * rename.
   */
  write(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Creates a file that the owner alone can read, and flushes it. Fails with code EEXIST where there is one. */
  writeSecret(path: string, content: Uint8Array): Promise<void>;
  /** Adds text, or bytes, to the end of a file; creates the file if it is missing. */
  append(path: string, content: string | Uint8Array): Promise<void>;
  /** Atomic within one file system. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Locks a file against other processes until the returned function is called or this process ends. While another
   * process holds the lock, fails with code ELOCKED and a message that names the holder.
   */
  lock(path: string): Promise<() => Promise<void>>;
  /** Flushes a folder's entries, so that a rename in it survives a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Removes a file, or a folder with its content; does nothing if it is missing. */
  remove(path: string): Promise<void>;
}

/** A download that has begun. */
export interface Download {
  /** Bytes, if the server announces them. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** An HTTP server that listens. */
export interface Server {
  /** The port that it has; the system chose it if 0 was asked for. */
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Downloads files, and serves pages. */
export interface Network {
  /** Fetches `url` over HTTP(S); rejects unless the answer is 200. */
  download(url: string): Promise<Download>;
  /** Answers HTTP requests at a host name or address of this machine; port 0: any that is free. */
  serve(host: string, port: number, answer: RequestListener): Promise<Server>;
}
