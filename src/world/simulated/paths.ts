/** What is at a path of a simulated disk, and the errors of a real one where something else is there. */
import { SimulatedFile, SimulatedFolder, type SimulatedNode } from "./medium.js";

export class SimulatedPaths {
  readonly #root: SimulatedFolder;

  constructor(root: SimulatedFolder) {
    this.#root = root;
  }

  find(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root;
    for (const name of namesOf(path)) {
      node = node instanceof SimulatedFolder ? node.entries.get(name) : undefined;
    }
    return node;
  }

  file(path: string): SimulatedFile {
    const node = this.find(path);
    if (node instanceof SimulatedFile) {
      return node;
    }
    throw systemError(node ? "EISDIR" : "ENOENT", path);
  }

  folder(path: string): SimulatedFolder {
    const node = this.find(path);
    if (node instanceof SimulatedFolder) {
      return node;
    }
    throw systemError(node ? "ENOTDIR" : "ENOENT", path);
  }

  /** The folder and the name of `path`, whether or not there is an entry. */
  place(path: string): { folder: SimulatedFolder; name: string } {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) {
      throw systemError("EBUSY", path);
    }
    return { folder: this.folder(`/${names.join("/")}`), name };
  }
}

/** The names on the way from the root; a relative path starts there too. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split(/[\\/]/)) {
    if (name === "..") {
      names.pop();
    } else if (name !== "" && name !== ".") {
      names.push(name);
    }
  }
  return names;
}

/** An error as Node makes it. */
export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code, path });
}
