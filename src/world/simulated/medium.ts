/**
 * What a disk keeps when the power fails. Every file and folder has two states: the one that programs see, and the one
 * on the medium. A flush makes them equal. A crash discards the first; what was not flushed is lost, kept or torn, as a
 * seeded random number decides.
 *
 * The rules are those of the common file systems: a change of names (create, rename, remove) is atomic, and changes in
 * one folder reach the medium in order; but the changes of two folders have no order, nor have a file's bytes and its
 * name.
 */
import type { Random } from "../random.js";

export class SimulatedFile {
  bytes = new Uint8Array(0);
  #flushed = new Uint8Array(0);

  flush(): void {
    this.#flushed = this.bytes;
  }

  /** The old bytes, or the new ones torn at some point, or torn with zeros in place of the rest. */
  crash(random: Random): void {
    if (this.bytes !== this.#flushed) {
      this.bytes = random.below(3) === 0 ? this.#flushed : this.#torn(random);
    }
    this.flush();
  }

  #torn(random: Random): Uint8Array<ArrayBuffer> {
    const kept = commonPrefix(this.bytes, this.#flushed);
    const end = kept + random.below(this.bytes.length - kept + 1);
    if (random.below(2) === 0) {
      return this.bytes.slice(0, end);
    }
    return this.bytes.slice().fill(0, end);
  }
}

export class SimulatedFolder {
  entries = new Map<string, SimulatedNode>();
  readonly flushed = new Map<string, SimulatedNode>();
}

export type SimulatedNode = SimulatedFile | SimulatedFolder;

/** A name gets a new entry; `undefined`: none. */
interface EntryChange {
  readonly folder: SimulatedFolder;
  readonly name: string;
  readonly node: SimulatedNode | undefined;
}

export class SimulatedMedium {
  readonly root = new SimulatedFolder();
  /** Changes of names that programs see and the medium may lack, oldest first; each list is one atomic change. */
  #pending: (readonly EntryChange[])[] = [];

  change(...changes: EntryChange[]): void {
    for (const { folder, name, node } of changes) {
      setEntry(folder.entries, name, node);
    }
    this.#pending.push(changes);
  }

  /** Flushes the names in `folder`, with the earlier changes of other folders that they depend on. */
  flush(folder: SimulatedFolder): void {
    const needed = new Set([folder]);
    const kept: (readonly EntryChange[])[] = [];
    const flushed: (readonly EntryChange[])[] = [];
    for (const changes of this.#pending.reverse()) {
      const touches = changes.some((change) => needed.has(change.folder));
      (touches ? flushed : kept).unshift(changes);
      if (touches) {
        for (const change of changes) {
          needed.add(change.folder);
        }
      }
    }
    flushed.forEach(writeThrough);
    this.#pending = kept;
  }

  /** The power fails and comes back: a random part of what was not flushed is kept. */
  crash(random: Random): void {
    const cut = new Set<SimulatedFolder>();
    for (const changes of this.#pending) {
      // Once one change of a folder is lost, its later changes are lost too.
      if (random.below(2) === 0 || changes.some((change) => cut.has(change.folder))) {
        for (const change of changes) {
          cut.add(change.folder);
        }
      } else {
        writeThrough(changes);
      }
    }
    this.#pending = [];
    restore(this.root, random);
  }
}

function setEntry(entries: Map<string, SimulatedNode>, name: string, node: SimulatedNode | undefined): void {
  if (node) {
    entries.set(name, node);
  } else {
    entries.delete(name);
  }
}

function writeThrough(changes: readonly EntryChange[]): void {
  for (const { folder, name, node } of changes) {
    setEntry(folder.flushed, name, node);
  }
}

function restore(folder: SimulatedFolder, random: Random): void {
  folder.entries = new Map(folder.flushed);
  for (const node of folder.entries.values()) {
    if (node instanceof SimulatedFolder) {
      restore(node, random);
    } else {
      node.crash(random);
    }
  }
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) {
    length++;
  }
  return length;
}
