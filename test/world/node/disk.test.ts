/** The promises of every disk: the same tests for the real disk and the simulated one. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NodeDisk } from "../../../src/world/node/disk.js";
import { SimulatedDisk } from "../../../src/world/simulated/disk.js";
import type { Disk } from "../../../src/world/world.js";

const text = (value: string) => new TextEncoder().encode(value);
const withCode = (code: string) => expect.objectContaining({ code });

const disks: [string, Disk][] = [
  ["node", new NodeDisk()],
  ["simulated", new SimulatedDisk()],
];

describe.each(disks)("%s disk", (kind, disk) => {
  let root = "/folder";

  beforeAll(async () => {
    root = kind === "node" ? await mkdtemp(join(tmpdir(), "dawnpour-")) : root;
    await disk.makeFolder(root);
  });

  afterAll(() => disk.remove(root));

  const read = async (path: string) => new TextDecoder().decode(await disk.read(path));

  it("writes a file from its parts and replaces it", async () => {
    const path = join(root, "file");
    await disk.write(path, [text("one "), text(""), text("two")]);
    expect(await read(path)).toBe("one two");
    await disk.write(
      path,
      (async function* () {
        yield text("new");
      })(),
    );
    expect(await read(path)).toBe("new");
    expect(await disk.status(path)).toEqual({ kind: "file", size: 3 });
  });

  it("hands out bytes of the caller's own, whose slices are copies", async () => {
    const path = join(root, "own");
    await disk.write(path, [text("abc")]);
    const bytes = await disk.read(path);
    bytes.slice().fill(0);
    expect(bytes).toEqual(text("abc"));
    bytes.fill(0);
    expect(await read(path)).toBe("abc");
  });

  it("appends", async () => {
    const path = join(root, "log");
    await disk.append(path, "a\n");
    await disk.append(path, "b\n");
    expect(await read(path)).toBe("a\nb\n");
  });

  it("makes, lists, renames and removes folders", async () => {
    await disk.makeFolder(join(root, "a/b/c"));
    await disk.makeFolder(join(root, "a/b/c"));
    await disk.write(join(root, "a/z"), [text("z")]);
    expect(await disk.list(join(root, "a"))).toEqual(["b", "z"]);
    expect(await disk.status(join(root, "a/b"))).toEqual({ kind: "folder", size: 0 });
    await disk.rename(join(root, "a"), join(root, "d"));
    await disk.syncFolder(root);
    expect(await disk.status(join(root, "a"))).toBeUndefined();
    expect(await read(join(root, "d/z"))).toBe("z");
    await disk.remove(join(root, "d"));
    await disk.remove(join(root, "d"));
    expect(await disk.status(join(root, "d"))).toBeUndefined();
  });

  it("replaces a file by renaming, but not a folder that holds something", async () => {
    await disk.write(join(root, "from"), [text("from")]);
    await disk.write(join(root, "to"), [text("to")]);
    await disk.rename(join(root, "from"), join(root, "to"));
    expect(await read(join(root, "to"))).toBe("from");
    await disk.makeFolder(join(root, "full/inner"));
    await disk.makeFolder(join(root, "other"));
    await expect(disk.rename(join(root, "other"), join(root, "full"))).rejects.toEqual(withCode("ENOTEMPTY"));
    await expect(disk.rename(join(root, "to"), join(root, "full"))).rejects.toEqual(withCode("EISDIR"));
    await expect(disk.rename(join(root, "other"), join(root, "to"))).rejects.toEqual(withCode("ENOTDIR"));
  });

  it("fails with the system's codes", async () => {
    const file = join(root, "plain");
    await disk.write(file, [text("plain")]);
    await expect(disk.read(join(root, "none"))).rejects.toEqual(withCode("ENOENT"));
    await expect(disk.read(root)).rejects.toEqual(withCode("EISDIR"));
    await expect(disk.list(join(root, "none"))).rejects.toEqual(withCode("ENOENT"));
    await expect(disk.list(file)).rejects.toEqual(withCode("ENOTDIR"));
    await expect(disk.write(join(root, "none/file"), [])).rejects.toEqual(withCode("ENOENT"));
    await expect(disk.write(join(file, "below"), [])).rejects.toEqual(withCode("ENOTDIR"));
    await expect(disk.write(root, [])).rejects.toEqual(withCode("EISDIR"));
    await expect(disk.makeFolder(file)).rejects.toEqual(withCode("EEXIST"));
    await expect(disk.makeFolder(join(file, "below"))).rejects.toEqual(withCode("ENOTDIR"));
    await expect(disk.rename(join(root, "none"), join(root, "other-name"))).rejects.toEqual(withCode("ENOENT"));
    expect(await disk.status(join(file, "below"))).toBeUndefined();
  });
});
