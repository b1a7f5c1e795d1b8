/**
 * A pool: workers of one kind, and a queue of jobs in front of them. A worker has one job at a time. When a worker crashes, the
 * pool restarts it, and its job returns to the front of the queue. The job then goes to another worker if there is one.
 */
import { DawnpourError, UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import type { Behavior, Context, Start } from "./behavior.js";
import { ASK_TIMEOUT, AskError, type Ref } from "./ref.js";
import type { ChildOptions, Supervision } from "./supervision.js";

/** A job as a worker gets it: the worker must send `replyTo` its result, once. */
export interface Job<J, R> {
  readonly job: J;
  readonly replyTo: Ref<R>;
}

/** Outcome of a job: a result, or the error of its last worker. */
export type Outcome<R> =
  | { readonly kind: "done"; readonly result: R }
  | { readonly kind: "failed"; readonly error: unknown; readonly tries: number };

/** The messages that a pool takes. */
export type ToPool<J, R> = Job<J, Outcome<R>>;

/** What the workers of a pool do, and how many there are. */
export interface PoolOptions<J, R> {
  readonly size: number;
  readonly worker: Start<Job<J, R>>;
  /** A job that has crashed this many workers is given up, because the job may be the cause. Default 3. */
  readonly tries?: number;
  /** Default: any number of restarts, after 10 ms to 1 s. */
  readonly supervision?: Supervision;
  /** Options of each worker. All workers are restarted whenever they end. */
  readonly child?: Omit<ChildOptions, "restart">;
}

const KEYS: Keys<PoolOptions<never, never>> = {
  size: true,
  worker: true,
  tries: true,
  supervision: true,
  child: true,
};

const SUPERVISION: Supervision = {
  intensity: Number.POSITIVE_INFINITY,
  backoff: { least: 10, most: 1000, jitter: 0.2 },
};

/** A job was given up. The error of its last worker is the `cause`. */
export class JobError extends DawnpourError {
  override name = "JobError";
}

/**
 * An actor that distributes jobs over `size` workers, its children `worker-0`, `worker-1`, ... See `runJob`.
 * @example
 * ```ts
 * import { ActorSystem, type Job, nodeWorld, pool, runJob } from "dawnpour/actors";
 *
 * const system = new ActorSystem({ world: nodeWorld() });
 * const worker = () => ({
 *   receive: ({ job, replyTo }: Job<number, number>) => replyTo.tell(job * job),
 * });
 * const squares = system.spawn("squares", pool({ size: 2, worker }));
 * console.log(await runJob(squares, 7)); // 49
 * await system.stop();
 * ```
 */
export function pool<J, R>(options: PoolOptions<J, R>): Start<ToPool<J, R>> {
  refuseUnknownKeys(options, KEYS, "options of a pool");
  const { size, tries = 3 } = options;
  for (const [name, value] of Object.entries({ size, tries })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new UsageError(`${name} of a pool must be a whole number from 1, got ${value}`);
    }
  }
  return (context) => new Pool<J, R>(context as Context<unknown>, { ...options, tries });
}

/**
 * Runs a job on a pool, and resolves with its result.
 *
 * @param timeout as in `Ref.ask`. It includes the wait for a free worker
 * @throws JobError when the job was given up; AskError when the pool has ended, or the time is up
 */
export async function runJob<J, R>(ref: Ref<ToPool<J, R>>, job: J, timeout = ASK_TIMEOUT): Promise<R> {
  const outcome = await ref.ask<Outcome<R>>((replyTo) => ({ job, replyTo }), timeout);
  if (outcome.kind === "done") return outcome.result;
  const { tries, error } = outcome;
  throw new JobError(`${ref} gave a job up after ${tries} ${tries === 1 ? "try" : "tries"}: look at the cause`, {
    cause: error,
  });
}

/** A job under way. */
class Task<J, R> {
  readonly job: J;
  readonly replyTo: Ref<Outcome<R>>;
  tries = 0;
  /** The last worker that it crashed. */
  crashed: number | undefined;

  constructor({ job, replyTo }: ToPool<J, R>) {
    this.job = job;
    this.replyTo = replyTo;
  }
}

/** A message of the pool to itself. */
class Settled<J, R> {
  readonly worker: number;
  readonly task: Task<J, R>;
  readonly outcome: Outcome<R>;

  constructor(worker: number, task: Task<J, R>, outcome: Outcome<R>) {
    this.worker = worker;
    this.task = task;
    this.outcome = outcome;
  }
}

/** The error of the worker itself, if it failed. */
const causeOf = (error: unknown): unknown => (error instanceof AskError ? (error.cause ?? error) : error);

type CheckedOptions<J, R> = PoolOptions<J, R> & { readonly tries: number };

class Pool<J, R> implements Behavior<unknown> {
  readonly #context: Context<unknown>;
  readonly #tries: number;
  readonly #workers: readonly Ref<Job<J, R>>[];
  readonly #idle: number[];
  readonly #queue: Task<J, R>[] = [];

  constructor(context: Context<unknown>, { size, worker, tries, supervision, child }: CheckedOptions<J, R>) {
    this.#context = context;
    this.#tries = tries;
    context.supervise({ ...SUPERVISION, ...supervision });
    const ids = Array.from({ length: size }, (_, id) => id);
    this.#workers = ids.map((id) => context.spawn(`worker-${id}`, worker, { ...child, restart: "permanent" }));
    this.#idle = ids;
  }

  receive(message: unknown): void {
    if (message instanceof Settled) this.#settle(message);
    else this.#queue.push(new Task(message as ToPool<J, R>));
    this.#dispatch();
  }

  #settle({ worker, task, outcome }: Settled<J, R>): void {
    this.#idle.push(worker);
    if (outcome.kind === "done" || task.tries >= this.#tries) {
      task.replyTo.tell(outcome);
    } else {
      task.crashed = worker;
      this.#queue.unshift(task);
    }
  }

  /** Gives waiting jobs to idle workers; the worker that has been idle longest comes first. */
  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const task = this.#queue.shift() as Task<J, R>;
      const other = this.#idle.findIndex((id) => id !== task.crashed);
      const [worker] = this.#idle.splice(Math.max(0, other), 1);
      task.tries++;
      void this.#give(worker, task);
    }
  }

  async #give(worker: number, task: Task<J, R>): Promise<void> {
    const answer = this.#workers[worker].ask<R>((replyTo) => ({ job: task.job, replyTo }), Number.POSITIVE_INFINITY);
    const outcome = await answer.then(
      (result): Outcome<R> => ({ kind: "done", result }),
      (error): Outcome<R> => ({ kind: "failed", error: causeOf(error), tries: task.tries }),
    );
    this.#context.self.tell(new Settled(worker, task, outcome));
  }
}
