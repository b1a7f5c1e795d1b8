import { describe, expect, it } from "vitest";
import { Random } from "../../../src/world/random.js";
import { SimulatedDisk } from "../../../src/world/simulated/disk.js";

const SEEDS = Array.from({ length: 64 }, (_, seed) => seed);
const text = (value: string) => new TextEncoder().encode(value);
const read = async (disk: SimulatedDisk, path: string) => new TextDecoder().decode(await disk.read(path));

/** The files after `prepare` and a power cut, for many seeds. */
async function outcomes(
  prepare: (disk: SimulatedDisk) => Promise<void>,
  look: (disk: SimulatedDisk) => Promise<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const seed of SEEDS) {
    const disk = new SimulatedDisk();
    await prepare(disk);
    disk.crash(new Random(seed));
    found.add(await look(disk));
  }
  return found;
}

const names = async (disk: SimulatedDisk) => (await disk.list("/run")).join(" ");

describe("simulated disk, after a power cut", () => {
  it("keeps what was flushed: content, names, folders", async () => {
    const found = await outcomes(
      async (disk) => {
        await disk.makeFolder("/run/deep");
        await disk.write("/run/deep/file", [text("content")]);
        await disk.syncFolder("/run/deep");
      },
      (disk) => read(disk, "/run/deep/file"),
    );
    expect(found).toEqual(new Set(["content"]));
  });

  it("keeps or loses a name that was not flushed, never half of a rename", async () => {
    const found = await outcomes(async (disk) => {
      await disk.makeFolder("/run");
      await disk.write("/run/a", [text("a")]);
      await disk.syncFolder("/run");
      await disk.rename("/run/a", "/run/b");
    }, names);
    expect(found).toEqual(new Set(["a", "b"]));
  });

  it("keeps the order of changes within a folder", async () => {
    const found = await outcomes(async (disk) => {
      await disk.makeFolder("/run");
      await disk.write("/run/1", []);
      await disk.write("/run/2", []);
      await disk.write("/run/3", []);
    }, names);
    expect(found).toEqual(new Set(["", "1", "1 2", "1 2 3"]));
  });

  it("keeps no order between folders, unless one is flushed that rests on the other", async () => {
    const prepare = async (disk: SimulatedDisk) => {
      await disk.makeFolder("/run/x");
      await disk.makeFolder("/run/y");
      await disk.write("/run/x/first", []);
      await disk.write("/run/y/second", []);
    };
    const look = async (disk: SimulatedDisk) => `${await disk.list("/run/x")}|${await disk.list("/run/y")}`;
    expect(await outcomes(prepare, look)).toEqual(new Set(["|", "first|", "|second", "first|second"]));
    const moved = await outcomes(async (disk) => {
      await prepare(disk);
      await disk.rename("/run/x/first", "/run/y/first");
      await disk.syncFolder("/run/y");
    }, look);
    expect(moved).toEqual(new Set(["|first,second"]));
  });

  it("tears content that was not flushed, but never what was before it", async () => {
    const found = await outcomes(
      async (disk) => {
        await disk.write("/log", [text("safe|")]);
        await disk.syncFolder("/");
        await disk.append("/log", "lost");
      },
      (disk) => read(disk, "/log"),
    );
    expect([...found].every((content) => content.startsWith("safe|"))).toBe(true);
    expect(found).toContain("safe|");
    expect(found).toContain("safe|lost");
    expect(found).toContain("safe|lo");
    expect(found).toContain("safe|l\0\0\0");
  });

  it("is the same for the same seed", async () => {
    const run = async () => {
      const disk = new SimulatedDisk();
      await disk.makeFolder("/run");
      for (let i = 0; i < 20; i++) {
        await disk.append(`/run/${i}`, "some text");
      }
      disk.crash(new Random(7));
      return Promise.all((await disk.list("/run")).map((name) => read(disk, `/run/${name}`)));
    };
    expect(await run()).toEqual(await run());
  });
});

describe("simulated disk, with faults", () => {
  it("fails the step it is told to, once, with half a part written", async () => {
    const disk = new SimulatedDisk();
    disk.failAfter(2, "ENOSPC");
    await expect(disk.write("/file", [text("1234"), text("5678")])).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await read(disk, "/file")).toBe("123456");
    await disk.write("/file", [text("12345678")]);
    expect(await read(disk, "/file")).toBe("12345678");
  });

  it("does nothing without power", async () => {
    const disk = new SimulatedDisk();
    disk.powerOffAfter(1);
    await expect(disk.write("/file", [text("1234")])).rejects.toMatchObject({ code: "EIO" });
    await expect(disk.read("/file")).rejects.toMatchObject({ code: "EIO" });
    await expect(disk.remove("/file")).rejects.toMatchObject({ code: "EIO" });
    disk.crash(new Random(0));
    await disk.write("/file", [text("1234")]);
    expect(await read(disk, "/file")).toBe("1234");
  });

  it("flips and cuts what is on the medium", async () => {
    const disk = new SimulatedDisk();
    await disk.write("/file", [Uint8Array.of(0, 0, 0)]);
    disk.flipBit("/file", 10);
    expect(await disk.read("/file")).toEqual(Uint8Array.of(0, 4, 0));
    expect(() => disk.flipBit("/file", 24)).toThrow('"/file" has no bit 24: it has 3 bytes');
    disk.truncate("/file", 2);
    expect(await disk.read("/file")).toEqual(Uint8Array.of(0, 4));
  });
});
