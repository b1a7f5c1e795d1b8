/** A machine that offers its devices to runs, one after the other, until it is told to end. */
import { randomBytes } from "node:crypto";
import { ActorSystem } from "../../actor/system.js";
import { messageOf, UsageError } from "../../error.js";
import type { WorkerPlace } from "../../placement/placement.js";
import { type Access, connectNats, MachineLink } from "../../transport/nats/connection.js";
import { RENEWAL, Registry } from "../../transport/nats/registry.js";
import { Node } from "../../transport/node.js";
import { ProcessHost } from "../../transport/process/host.js";
import { createSharedMemory } from "../../transport/process/shared-memory.js";
import { MappedRanges } from "../../transport/sockets/mapped-ranges.js";
import { checkOwnAddress } from "../../transport/sockets/own-address.js";
import { VectorClient } from "../../transport/sockets/vector-client.js";
import { SECRET, VectorServer } from "../../transport/sockets/vector-server.js";
import type { World } from "../../world/world.js";
import { DATASET_MEMORY } from "../run-memory.js";
import { agent } from "./agent.js";
import { courier } from "./courier.js";
import { type Announced, agentName, HUB, type Leading, RUN_MACHINE } from "./protocol.js";

interface MachineOptions extends Access {
  readonly world: Pick<World, "clock" | "timers" | "scheduler">;
  readonly machine: string;
  /** The address at which other machines reach this one. */
  readonly host: string;
  readonly places: readonly WorkerPlace[];
  readonly signal: AbortSignal;
  /** Lines for the user. */
  say(line: string): void;
}

/**
 * Offers the devices to one run after the other; resolves when `signal` is aborted.
 * @throws UsageError for a wrong name or address
 */
export async function offerMachine(options: MachineOptions): Promise<void> {
  if (options.machine === RUN_MACHINE) {
    throw new UsageError(`--name "${RUN_MACHINE}" is the name of the coordinator's machine: take another name`);
  }
  await checkOwnAddress(options.host);
  const { world, machine, places, signal, say } = options;
  const connection = await connectNats(options, machine, true);
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      world.timers.after(RENEWAL / 2, resolve);
    });
  let registry: Registry | undefined;
  let waited = "";
  while (!signal.aborted) {
    try {
      registry ??= await Registry.open(connection);
      const announced: Announced = { places };
      const incarnation = await registry.announce(machine, announced);
      const ready = (await registry.leader<Leading>())?.value.ready;
      if (ready) {
        await takePart({ ...options, connection, registry, ready, incarnation });
        say("the run is over, or out of reach; waits for the next");
        waited = "";
      } else {
        await pause();
      }
    } catch (error) {
      if (waited !== messageOf(error)) say(`waits: ${messageOf(error)}`);
      waited = messageOf(error);
      registry = undefined;
      await pause();
    }
  }
  await registry?.withdraw(machine).catch(() => undefined);
  await connection.close();
}

interface Part extends MachineOptions {
  readonly connection: Awaited<ReturnType<typeof connectNats>>;
  readonly registry: Registry;
  readonly ready: NonNullable<Leading["ready"]>;
  readonly incarnation: number;
}

/** Takes part in a run, until that is over or this machine does not hear it any more. */
async function takePart(part: Part): Promise<void> {
  const { world, machine, ready, connection, places, incarnation, say, credentials } = part;
  const memory = ready.memory.map((bytes) => createSharedMemory(bytes));
  const ranges = new MappedRanges(memory);
  const source = new VectorClient(ready.vectors, credentials && { credentials, peer: RUN_MACHINE });
  const secret = randomBytes(SECRET);
  const admission = credentials && { credentials, admits: (member: string) => member === RUN_MACHINE };
  const server = await VectorServer.open(secret, ranges, part.host, admission);
  const link = new MachineLink({
    ...{ connection, term: ready.term, machine },
    receive: (from, sender, to, frame) => from === RUN_MACHINE && host.deliver(sender, to, frame),
    refused: (from) => say(`${from} sent bytes that are no frame; they were dropped`),
  });
  const host = new ProcessHost({
    ...{ entry: new URL("../process-main.js", import.meta.url), memory },
    elsewhere: (from, to, frame) => link.send(RUN_MACHINE, from, to, frame),
  });
  const system = new ActorSystem({ world, node: agentName(machine), incarnation });
  const node = new Node(system, host.join(agentName(machine)), ready.times);
  try {
    const bytes = ready.memory[DATASET_MEMORY];
    const dataset = ranges.of(DATASET_MEMORY, 0, bytes);
    if (dataset) await source.read(DATASET_MEMORY, 0, dataset);
    // Until the lease of a killed coordinator runs out, its run still seems to be there.
    say(`takes part in the run of term ${ready.term}`);
    const { name, start } = courier(ranges, (from) => (from.startsWith("machine-") ? undefined : source));
    system.spawn(name, start);
    await new Promise<void>((lost) => {
      const vectors = { host: part.host, port: server.port, secret: secret.toString("hex") };
      system.spawn("agent", agent({ machine, places, vectors, host, hub: node.at(HUB, `/${HUB}`), lost }));
      watchLeader(part, lost);
    });
  } finally {
    await host.closeAll();
    await system.stop();
    node.close();
    link.close();
    server.close();
    source.close();
    for (const one of memory) one.close();
  }
}

/** Calls `lost` when another term has begun, or this machine is told to end. */
function watchLeader({ world, registry, machine, places, ready, signal }: Part, lost: () => void): void {
  signal.addEventListener("abort", lost, { once: true });
  const look = async (): Promise<void> => {
    try {
      await registry.announce(machine, { places } satisfies Announced);
      const leader = await registry.leader<Leading>();
      if (leader?.value.ready?.term !== ready.term) return lost();
    } catch {
      // While the server is away, the run may still be heard when it is back; the coordinator makes a store that is lost.
    }
    if (!signal.aborted) world.timers.after(RENEWAL, () => void look());
    return undefined;
  };
  void look();
}
