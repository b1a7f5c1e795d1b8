/**
 * Workers that were asked to leave. The coordinator releases a worker at the end of its part. If the coordinator does not answer,
 * the worker leaves after a while all the same.
 */
import type { Ref } from "../../actor/ref.js";
import type { ToCoordinator } from "../protocol.js";
import type { NodeWatch } from "./node-watch.js";

export interface DeparturesOptions {
  /** The workers that take part. Default: none leave. */
  readonly fleet?: {
    size(): number;
    /** Ends the process of a worker for good. */
    dismiss(worker: number): void;
  };
}

type Options = DeparturesOptions & {
  /** Milliseconds that a worker may take for one answer. */
  readonly stepTimeout: number;
};

/** The most milliseconds that a leaving worker has for its last part. */
const PATIENCE = 60_000;

export class Departures {
  readonly #options: Options;
  readonly #nodes: Pick<NodeWatch, "left">;
  /** Workers that are leaving, each with the number of its request. */
  readonly #leaving = new Map<number, number>();
  #requests = 0;

  constructor(options: Options, nodes: Pick<NodeWatch, "left">) {
    this.#options = options;
    this.#nodes = nodes;
  }

  /** Workers that take part and were not asked to leave. */
  get staying(): number | undefined {
    const size = this.#options.fleet?.size();
    return size === undefined ? undefined : size - this.#leaving.size;
  }

  /** Milliseconds after which a worker leaves, even if it is still at work. */
  get patience(): number {
    return Math.min(PATIENCE, this.#options.stepTimeout);
  }

  /** Returns the number of the request, which is that of an earlier one if the worker is leaving already. */
  begin(worker: number, coordinator: Ref<ToCoordinator> | undefined): number {
    const request = this.#leaving.get(worker) ?? ++this.#requests;
    this.#leaving.set(worker, request);
    coordinator?.tell({ kind: "leave", worker });
    return request;
  }

  /** Repeats the messages, because the first may have been lost, and a new coordinator has not got any. */
  askAgain(coordinator: Ref<ToCoordinator> | undefined): void {
    for (const worker of this.#leaving.keys()) coordinator?.tell({ kind: "leave", worker });
  }

  /** @param request ends only this one: the worker may have left, joined again, and been asked to leave again. Default: any */
  end(worker: number, request = this.#leaving.get(worker)): void {
    if (request === undefined || this.#leaving.get(worker) !== request) return;
    this.#leaving.delete(worker);
    this.#nodes.left(worker);
    this.#options.fleet?.dismiss(worker);
  }
}
