import type { Random } from "../random.js";
import type { Disk, FileStatus } from "../world.js";
import { SimulatedFile, SimulatedFolder, SimulatedMedium } from "./medium.js";
import { namesOf, SimulatedPaths, systemError } from "./paths.js";

/**
 * A disk in memory that can be made to fail: at any step it runs full or loses power, and its content can be torn or
 * flipped without an error. A *step* is anything that a real disk may stop before or after: creating a name, writing
 * one part of a file, flushing a file or a folder, renaming, removing one name.
 */
export class SimulatedDisk implements Disk {
  readonly #medium = new SimulatedMedium();
  readonly #paths = new SimulatedPaths(this.#medium.root);
  #steps = 0;
  #powered = true;
  readonly #locks = new Set<string>();
  #powerOff = Number.POSITIVE_INFINITY;
  #faults = new Map<number, string>();

  /** Steps taken so far: a test runs once to count them, then once for each. */
  get steps(): number {
    return this.#steps;
  }

  /** The step after the next `steps` ones fails with `code` (`ENOSPC`), once; a write that fails is half done. */
  failAfter(steps: number, code: string): void {
    this.#faults.set(this.#steps + steps, code);
  }

  /** After the next `steps` ones nothing works any more, until `crash`. */
  powerOffAfter(steps: number): void {
    this.#powerOff = this.#steps + steps;
  }

  /** The power fails and comes back: what was not flushed is lost, kept or torn, as `random` decides. */
  crash(random: Random): void {
    this.#medium.crash(random);
    this.#locks.clear();
    this.#faults.clear();
    this.#powerOff = Number.POSITIVE_INFINITY;
    this.#powered = true;
  }

  /** Flips one bit on the medium, without an error. */
  flipBit(path: string, bit: number): void {
    const file = this.#paths.file(path);
    if (bit >= 8 * file.bytes.length) {
      throw new RangeError(`"${path}" has no bit ${bit}: it has ${file.bytes.length} bytes`);
    }
    file.bytes = file.bytes.slice();
    file.bytes[bit >> 3] ^= 1 << (bit & 7);
    file.flush();
  }

  /** Cuts a file on the medium, without an error. */
  truncate(path: string, size: number): void {
    const file = this.#paths.file(path);
    file.bytes = file.bytes.slice(0, size);
    file.flush();
  }

  async read(path: string): Promise<Uint8Array> {
    this.#needPower(path);
    return this.#paths.file(path).bytes.slice();
  }

  async readRange(path: string, start: number, end: number): Promise<Uint8Array> {
    return (await this.read(path)).slice(start, Math.max(start, end));
  }

  async status(path: string): Promise<FileStatus | undefined> {
    this.#needPower(path);
    const node = this.#paths.find(path);
    if (node instanceof SimulatedFolder) {
      return { kind: "folder", size: 0 };
    }
    return node && { kind: "file", size: node.bytes.length };
  }

  async list(path: string): Promise<string[]> {
    this.#needPower(path);
    return [...this.#paths.folder(path).entries.keys()].sort();
  }

  async makeFolder(path: string): Promise<void> {
    let folder = this.#medium.root;
    const names = namesOf(path);
    for (const [level, name] of names.entries()) {
      const found = folder.entries.get(name);
      if (found instanceof SimulatedFile) {
        throw systemError(level === names.length - 1 ? "EEXIST" : "ENOTDIR", path);
      }
      const next: SimulatedFolder = found ?? new SimulatedFolder();
      if (!found) {
        this.#step(path);
        this.#medium.change({ folder, name, node: next });
        this.#step(path);
        this.#medium.flush(folder);
      }
      folder = next;
    }
  }

  async claimFolder(path: string): Promise<boolean> {
    if (this.#paths.find(path)) return false;
    await this.makeFolder(path);
    return true;
  }

  async write(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const file = this.#open(path);
    file.bytes = new Uint8Array(0);
    for await (const part of parts) {
      this.#extend(file, path, part);
    }
    this.#step(path);
    file.flush();
  }

  async writeSecret(path: string, content: Uint8Array): Promise<void> {
    if (await this.status(path)) throw systemError("EEXIST", path);
    await this.write(path, [content]);
  }

  async append(path: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#extend(this.#open(path), path, bytes);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step(from);
    const node = this.#paths.find(from);
    if (!node) {
      throw systemError("ENOENT", from);
    }
    const target = this.#paths.find(to);
    if (target instanceof SimulatedFolder && (node instanceof SimulatedFile || target.entries.size > 0)) {
      throw systemError(node instanceof SimulatedFile ? "EISDIR" : "ENOTEMPTY", to);
    }
    if (target instanceof SimulatedFile && node instanceof SimulatedFolder) {
      throw systemError("ENOTDIR", to);
    }
    this.#medium.change({ ...this.#paths.place(from), node: undefined }, { ...this.#paths.place(to), node });
  }

  /** All processes of a simulation share this disk: a lock is a name in memory, and is free again after a power cut. */
  async lock(path: string): Promise<() => Promise<void>> {
    this.#needPower(path);
    if (this.#locks.has(path)) throw systemError("ELOCKED", path);
    this.#locks.add(path);
    return async () => {
      this.#locks.delete(path);
    };
  }

  async syncFolder(path: string): Promise<void> {
    this.#step(path);
    this.#medium.flush(this.#paths.folder(path));
  }

  async remove(path: string): Promise<void> {
    this.#needPower(path);
    const node = this.#paths.find(path);
    if (!node) {
      return;
    }
    if (node instanceof SimulatedFolder) {
      for (const name of await this.list(path)) {
        await this.remove(`${path}/${name}`);
      }
    }
    this.#step(path);
    this.#medium.change({ ...this.#paths.place(path), node: undefined });
  }

  #step(path: string): void {
    const step = this.#steps++;
    this.#powered &&= step < this.#powerOff;
    this.#needPower(path);
    const code = this.#faults.get(step);
    if (code !== undefined) {
      throw systemError(code, path);
    }
  }

  #needPower(path: string): void {
    if (!this.#powered) {
      throw systemError("EIO", path);
    }
  }

  /** The file at `path`, created if it is missing. */
  #open(path: string): SimulatedFile {
    const found = this.#paths.find(path);
    if (found instanceof SimulatedFolder) {
      throw systemError("EISDIR", path);
    }
    this.#step(path);
    const file = found ?? new SimulatedFile();
    if (!found) {
      this.#medium.change({ ...this.#paths.place(path), node: file });
    }
    return file;
  }

  #extend(file: SimulatedFile, path: string, part: Uint8Array): void {
    const before = file.bytes;
    file.bytes = concatenate(before, part.subarray(0, part.length >> 1));
    this.#step(path);
    file.bytes = concatenate(before, part);
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
