/**
 * The actor of a stage: one component on one device. It carries out the orders of the driver, and exchanges activations
 * and gradients with its neighbours. It does not mend what fails: the actor fails, its supervisor starts it again with
 * a fresh device, and the driver, which notices, begins anew with all stages.
 */

import type { Behavior, Context, Start, Terminated } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import { Unanswered } from "../actor/retry.js";
import type { ToJournal } from "../cluster/journal/journal-protocol.js";
import { blamingLoss, lossOf } from "../cluster/worker/device-loss.js";
import type { Collective } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { freedOnFailure } from "../device/freed-on-failure.js";
import { DawnpourError } from "../error.js";
import { Component } from "./component.js";
import type { PipelineMemory } from "./memory.js";
import { NewestOrder } from "./newest-order.js";
import type { PipelineOptions } from "./options.js";
import type { Order, ToStage } from "./protocol.js";
import { RunningSum } from "./running-sum.js";
import { announceStage } from "./stage-presence.js";
import { type Neighbours, passKey, Traffic } from "./traffic.js";

interface StageOptions {
  readonly options: PipelineOptions;
  /** Index among `stages`. */
  readonly index: number;
  readonly stages: number;
  readonly memory: PipelineMemory;
  readonly collective: Collective;
  readonly dataset: Pick<Dataset, "train" | "test">;
  openDevice(): Promise<Device>;
  readonly journal: Ref<ToJournal>;
  /** Milliseconds after which the stage asks for missing input. */
  readonly remind: number;
}

export function stage(place: StageOptions): Start<ToStage> {
  return async (context) => {
    await announceStage(context, place.journal, place.remind);
    return freedOnFailure(await place.openDevice(), async (device) => {
      const component = await Component.open(place.options, place.index, device, place.dataset);
      return new Stage(context, place, device, component);
    });
  };
}

class Stage implements Behavior<ToStage> {
  readonly #context: Context<ToStage>;
  readonly #place: StageOptions;
  readonly #device: Device;
  readonly #component: Component;
  readonly #sum: RunningSum;
  #term = 0;
  #neighbours: Neighbours;
  /** The round of its state: undefined until it was restored in this term. */
  #round: number | undefined;
  readonly #order = new NewestOrder();
  #traffic: Traffic | undefined;
  /** Why it can do nothing more in this term. */
  #broken: string | undefined;
  /** Micro-batches that have arrived, for this order or the next. */
  readonly #arrived = new Set<string>();
  /** The addition of a micro-batch's gradients to the sum, under way. */
  #adding: Promise<void> = Promise.resolve();
  /** When it last made progress, or asked for its missing input. */
  readonly #asked = new Unanswered();

  constructor(context: Context<ToStage>, place: StageOptions, device: Device, component: Component) {
    this.#context = context;
    this.#place = place;
    this.#device = device;
    this.#component = component;
    this.#sum = new RunningSum(place.collective, component.stage.length);
    this.#neighbours = place;
    device.lost.then(({ message }) => context.self.tell({ kind: "lost", why: message }));
    context.every(place.remind, { kind: "look" });
  }

  receive(message: ToStage): Promise<void> {
    return blamingLoss(this.#device, this.#receive(message));
  }

  async #receive(message: ToStage): Promise<void> {
    if ("term" in message && message.kind !== "attach" && message.term !== this.#term) return;
    switch (message.kind) {
      case "attach":
        return this.#attach(message);
      case "link":
        return this.#link(message);
      case "order":
        return this.#take(message);
      case "passed":
        if (message.id >= this.#order.id) this.#arrived.add(passKey(message.id, message));
        return this.#goOn();
      case "missing":
        if (message.id === this.#traffic?.id) this.#traffic.resend(message);
        return;
      case "look":
        return this.#look();
      case "lose":
        this.#device.destroy();
        return;
      case "lost":
        throw lossOf(message.why);
    }
  }

  /** The driver notices as well, unless only this stage cannot reach the neighbour. */
  terminated({ ref, reason }: Terminated): void {
    this.#broken = `${this.#context.system.node} has lost ${ref.address.node} (${reason})`;
    if (this.#order.open) this.#order.finish({ error: this.#broken });
  }

  ended(): void {
    this.#component.destroy();
    this.#device.destroy();
  }

  async #attach({ term, replyTo }: ToStage & { kind: "attach" }): Promise<void> {
    if (term < this.#term) return;
    if (term > this.#term) {
      this.#unlink();
      // From here on nothing is written for an earlier driver.
      await this.#adding;
      this.#sum.clear();
      this.#arrived.clear();
      this.#term = term;
      this.#round = undefined;
      this.#order.forget();
      this.#broken = undefined;
      this.#endTraffic();
      this.#traffic = undefined;
    }
    replyTo.tell({ ref: this.#context.self, info: this.#device.info });
  }

  #link({ before, after, replyTo }: ToStage & { kind: "link" }): void {
    this.#unlink();
    const { index, stages } = this.#place;
    this.#neighbours = { index, stages, before, after };
    for (const neighbour of [before, after]) {
      if (neighbour) this.#context.watch(neighbour);
    }
    replyTo.tell({ value: 0 });
  }

  #unlink(): void {
    const { before, after } = this.#neighbours;
    for (const neighbour of [before, after]) {
      if (neighbour) this.#context.unwatch(neighbour);
    }
  }

  async #take(message: ToStage & { kind: "order" }): Promise<void> {
    if (!this.#order.take(message)) return;
    if (this.#broken !== undefined) this.#order.finish({ error: this.#broken });
    else await this.#begin(message.id, message.order);
  }

  async #begin(id: number, order: Order): Promise<void> {
    const { memory } = this.#place;
    if (order.kind === "restore") {
      this.#component.restore(order.vectors.map((place) => memory.vector(place)));
      this.#round = order.round;
      return this.#order.finish({ value: 0 });
    }
    if (order.sum && this.#round === order.round - 1) {
      await this.#component.update(this.#round, memory.vector(order.sum));
      this.#round = order.round;
    }
    if (this.#round !== order.round) {
      throw new DawnpourError(`the stage is in round ${this.#round} and got an order for round ${order.round}`);
    }
    switch (order.kind) {
      case "step":
        return this.#send(id, this.#component.step(order.round));
      case "evaluate":
        return this.#send(id, this.#component.evaluation());
      case "save":
        await this.#component.save(order.vectors.map((place) => memory.vector(place)));
        return this.#order.finish({ value: 0 });
      case "settle":
        await this.#device.idle();
        return this.#order.finish({ value: 0 });
    }
  }

  /** Begins to take a batch through. */
  #send(id: number, rounds: ReturnType<Component["step"]>): Promise<void> {
    for (const key of this.#arrived) {
      if (Number.parseInt(key, 10) < id) this.#arrived.delete(key);
    }
    const { activations } = this.#place.memory;
    this.#traffic = new Traffic({ term: this.#term, id }, rounds, activations, this.#neighbours, this.#arrived);
    return this.#goOn();
  }

  /** Runs all passes whose input is there. */
  async #goOn(): Promise<void> {
    const { open: order } = this.#order;
    if (!this.#traffic || !order) return;
    for (let made = await this.#traffic.advance(); made; made = await this.#traffic.advance()) {
      this.#asked.sent(this.#context.system.clock.now());
      if (order.kind === "step" && made.pass === "backward") await this.#add();
    }
    if (!this.#traffic.isOver) return;
    if (order.kind === "step") {
      await this.#adding;
      await this.#sum.finish(this.#component.own(this.#place.memory.vector(order.out)));
    }
    const value = this.#traffic.total;
    this.#endTraffic();
    this.#order.finish({ value });
  }

  /** Adds the gradients of a micro-batch to the sum, while the next one is computed. */
  async #add(): Promise<void> {
    await this.#adding;
    const part = this.#sum.next();
    const read = this.#component.readGradients(part);
    this.#adding = read.then(() => this.#sum.add(part));
    // The code that awaits it handles the error.
    this.#adding.catch(() => undefined);
  }

  #look(): void {
    const now = this.#context.system.clock.now();
    if (!this.#traffic || !this.#order.open || !this.#asked.isLate(this.#place.remind, now)) return;
    this.#asked.sent(now);
    this.#traffic.ask();
  }

  #endTraffic(): void {
    this.#traffic?.end();
  }
}
