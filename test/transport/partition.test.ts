/** Actors watch actors of other nodes, while actors, nodes and links fail at random. */
import { expect, it } from "vitest";
import type { Address } from "../../src/actor/ref.js";
import { Random } from "../../src/world/random.js";
import { simulate } from "../../src/world/simulated/simulate.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { Cluster, HEARTBEAT, TIMEOUT } from "./cluster.js";

const NAMES = ["a", "b", "c"];
const ACTORS = ["0", "1"];

type Joined = ReturnType<Cluster["join"]>;
interface Watch {
  readonly by: Joined;
  readonly of: Target;
  ends: number;
}
interface Target {
  readonly on: Joined;
  readonly address: Address;
}

class Story {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #nodes = new Map<string, Joined>();
  readonly #targets: Target[] = [];
  readonly watches: Watch[] = [];

  constructor(world: SimulatedWorld) {
    this.#cluster = new Cluster(world, { drop: 0.02, double: 0.1, reorder: 0.1, late: 5, delay: [0, 3] });
    this.#random = new Random(world.seed, 2);
    for (const name of NAMES) {
      this.#join(name);
    }
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)];
  }

  #node(): Joined {
    return this.#nodes.get(this.#pick(NAMES)) as Joined;
  }

  #join(name: string): void {
    const on = this.#cluster.join(name, { heartbeat: HEARTBEAT, timeout: 4 * TIMEOUT });
    this.#nodes.set(name, on);
    on.system.events.subscribe(({ event, path }) => {
      const actor = event === "started" && path !== "" && on.system.actor(path);
      if (actor) this.#targets.push({ on, address: actor.ref.address });
    });
    for (const actor of ACTORS) {
      const failing = () => {
        throw new Error("failed");
      };
      on.system.spawn(actor, () => ({ receive: failing }));
    }
  }

  happen(): void {
    const [from, to] = this.#random.sample(NAMES.length, 2).map((i) => NAMES[i]);
    const watch = () => this.#watch();
    const actions = [
      () =>
        this.#node()
          .system.at<string>(`/${this.#pick(ACTORS)}`)
          .tell("fail"),
      () => this.#cluster.network.cut(from, to),
      () => this.#cluster.network.partition([from], [to]),
      () => this.heal(),
      () => this.#random.below(4) === 0 && this.#join(from),
      ...new Array(7).fill(watch),
    ];
    this.#pick(actions)();
  }

  #watch(): void {
    if (this.#targets.length > 0) {
      const watch: Watch = { by: this.#node(), of: this.#pick(this.#targets), ends: 0 };
      this.watches.push(watch);
      if (watch.by.system.node !== watch.of.address.node) {
        watch.by.node.watch(watch.of.address, () => watch.ends++);
      }
    }
  }

  heal(): void {
    this.#cluster.network.heal();
  }

  lives({ on, address }: Target): boolean {
    return this.#nodes.get(on.system.node) === on && on.system.find(address) !== undefined;
  }

  /** The watches across nodes, of watchers whose nodes still exist. */
  get settled(): readonly Watch[] {
    return this.watches.filter(
      ({ by, of }) => this.#nodes.get(by.system.node) === by && by.system.node !== of.address.node,
    );
  }
}

it("tells each watcher of each end at most once, and tells of actors that have ended for certain", async () => {
  const ends = [0, 0];
  await simulate({ seeds: 150 }, async (world) => {
    const story = new Story(world);
    for (let i = 0; i < 60; i++) {
      story.happen();
      await world.time.advance(30 * new Random(world.seed, 3, i).uniform());
    }
    story.heal();
    await world.time.advance(40 * TIMEOUT);
    for (const { of, ends: told } of story.settled) {
      expect(told).toBeLessThanOrEqual(1);
      if (told === 0) expect(story.lives(of)).toBe(true);
      ends[told]++;
    }
  });
  // Both happen often: a watcher gets a signal, or the actor that it watches still lives.
  expect(Math.min(...ends)).toBeGreaterThan(200);
});
