/** The page of a run that goes on: it gets the run's events and status, and makes pictures while a browser has it open. */
import type { Dataset } from "../data/dataset.js";
import type { StrikeNow } from "../distributed/options.js";
import type { ClusterStatus } from "../distributed/status/status.js";
import type { TrainingConfig } from "../training/config/config.js";
import type { RunEvent } from "../training/event.js";
import { readEvents } from "../training/run-folder/run-folder.js";
import { randomToken } from "../world/node/token.js";
import type { World } from "../world/world.js";
import type { Address } from "./address.js";
import { pageAssets } from "./assets.js";
import { PageServer } from "./page-server.js";
import { RunFeed } from "./run-feed.js";
import { RunPictures } from "./run-pictures.js";
import { runTitle } from "./run-title.js";

export interface RunPageOptions {
  readonly world: World;
  readonly address: Address;
  /** Whether the page may make nodes fail. */
  readonly allowFaults: boolean;
}

/** What is known of a run once its data and its devices are open. */
export interface ReadyRun {
  readonly dataset: Dataset;
  readonly folder: string;
  readonly config: TrainingConfig;
  readonly resume: boolean;
}

export class RunPage {
  readonly #options: RunPageOptions;
  readonly #server: PageServer;
  readonly #runs: RunFeed[];
  #feed: RunFeed | undefined;
  #pictures: RunPictures | undefined;

  private constructor(options: RunPageOptions, server: PageServer, runs: RunFeed[]) {
    this.#options = options;
    this.#server = server;
    this.#runs = runs;
  }

  /** @throws DawnpourError when the port cannot be had */
  static async open(options: RunPageOptions): Promise<RunPage> {
    const { world, address } = options;
    const runs: RunFeed[] = [];
    let page: RunPage | undefined;
    const server = await PageServer.open({
      ...{ world, ...address, token: randomToken(), runs, assets: await pageAssets(world) },
      onPage: () => void page?.draw(),
    });
    page = new RunPage(options, server, runs);
    return page;
  }

  /** The address that opens the page. */
  get link(): string {
    return this.#server.link;
  }

  /** The run is about to begin. */
  async ready({ dataset, folder, config, resume }: ReadyRun): Promise<void> {
    const { world, allowFaults } = this.#options;
    const about = { ...runTitle(config, dataset.name), name: folder, isLive: true, canFail: allowFaults };
    const feed = new RunFeed(about, world.clock);
    if (resume) feed.resumes(await readEvents(world, folder));
    this.#pictures = new RunPictures({ world, dataset, folder, show: (pictures) => feed.show(pictures) });
    this.#feed = feed;
  }

  observe(event: RunEvent): void {
    this.#feed?.event(event);
    // What a run is, its first event says.
    if (event.event === "start" && this.#feed) this.#runs.push(this.#feed);
    if (event.event === "checkpoint") void this.draw();
  }

  status(status: ClusterStatus): void {
    this.#feed?.status(status);
  }

  /** From here on the page may make nodes fail. */
  canStrike(strike: StrikeNow): void {
    this.#server.strike = strike;
  }

  /** Makes pictures, if a browser has the page open and it is time. */
  async draw(): Promise<void> {
    if (this.#server.isWatched) await this.#pictures?.make();
  }

  /** The run is over. */
  async close(): Promise<void> {
    this.#feed?.end();
    await this.#server.close();
  }
}
