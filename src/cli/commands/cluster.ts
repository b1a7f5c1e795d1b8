/** `dawnpour cluster init`: makes the keys and the server's configuration for runs on several machines. */
import { join } from "node:path";
import { Command } from "commander";
import { SERVER, writeCluster } from "../../distributed/machines/cluster-folder.js";
import { SERVER_FILES } from "../../transport/nats/server-configuration.js";
import type { World } from "../../world/world.js";
import { shellWord } from "../command-line.js";
import { print } from "../display/output.js";
import { asCalled, commandText } from "../invocation.js";
import { refuseTwoValues, whole } from "../options.js";

interface InitOptions {
  readonly workers: string;
  readonly host?: readonly string[];
  readonly port: number;
}

export function clusterCommand(world: World): Command {
  const init = new Command("init")
    .description("make a folder with keys, certificates and a NATS server's configuration")
    .argument("<folder>", "a new folder; it holds secrets")
    .option("--workers <names>", "names of the machines with devices, separated by commas", "a,b")
    .option("--host <names...>", "names and addresses of the NATS server; members use the first (default: 127.0.0.1)")
    .option("--port <n>", "port of the NATS server", whole, 4222)
    .addHelpText("after", asCalled(HELP));
  refuseTwoValues(init).action((folder: string, options: InitOptions) => initCluster(world, folder, options));
  return new Command("cluster").description("prepare machines for runs with keys and TLS").addCommand(init);
}

async function initCluster(world: World, folder: string, { workers, host = [], port }: InitOptions): Promise<void> {
  const names = workers.split(",").map((name) => name.trim());
  const files = await writeCluster(world, { folder, workers: names, hosts: host, port });
  const server = join(folder, SERVER);
  print(`Wrote ${folder}. Each file is a secret: copy it to its machine alone (with scp), and remove it here.`);
  print("");
  print(`NATS server: copy ${server}`);
  print(`  cd ${shellWord(server)} && nats-server -c ${SERVER_FILES.configuration}`);
  for (const { name, role, file } of files) {
    const words = role === "worker" ? ["worker"] : ["coordinate", "mnist"];
    const workersOf = role === "worker" ? [] : ["--workers", `${names.length}`];
    print(`${role} ${name}: copy ${file}`);
    print(`  ${commandText([...words, "--credentials", file, ...workersOf])} --address ADDRESS-OF-THAT-MACHINE`);
  }
}

const HELP = `
The NATS server then needs a key and a certificate for each connection. A worker
can speak only as itself, and only the coordinator can lead. To add a machine
or to replace a lost key, make a new folder: the key that signed the
certificates is not kept.

  dawnpour cluster init keys --workers left,right --host 10.0.0.1`;
