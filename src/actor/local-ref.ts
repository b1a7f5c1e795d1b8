/** Refs to actors of this system: to an incarnation, to a path in the tree, or to an actor that has ended. */
import type { Actor } from "./actor.js";
import { type Address, type Ending, type Home, Ref } from "./ref.js";
import type { ActorSystem } from "./system.js";

export class LocalRef<M = never> extends Ref<M> {
  readonly #actor: Actor;
  override readonly address: Address;

  constructor(actor: Actor, incarnation: string) {
    super(actor.system);
    this.#actor = actor;
    this.address = { node: actor.system.node, path: actor.path, incarnation };
  }

  override tell(message: M): void {
    this.#actor.post(message);
  }

  override onEnd(listener: (ending: Ending) => void): () => void {
    return this.#actor.onEnd(listener);
  }
}

export class PlaceRef<M> extends Ref<M> {
  readonly #system: ActorSystem;
  override readonly address: Address;
  /** The last actor at that place. */
  #actor: Actor | undefined;

  constructor(system: ActorSystem, path: string) {
    super(system);
    this.#system = system;
    this.address = { node: system.node, path };
  }

  override tell(message: M): void {
    const actor = this.#resolve();
    if (actor) {
      actor.post(message);
    } else {
      this.#system.deadLetters.publish({ to: this.toString(), message, reason: "absent" });
    }
  }

  override onEnd(listener: (ending: Ending) => void): () => void {
    const actor = this.#resolve();
    if (actor) {
      return actor.onEnd(listener);
    }
    listener({ reason: "absent" });
    return () => undefined;
  }

  #resolve(): Actor | undefined {
    if (!this.#actor || this.#actor.phase === "dead") {
      this.#actor = this.#system.actor(this.address.path);
    }
    return this.#actor;
  }
}

export class AbsentRef extends Ref<never> {
  override readonly address: Address;

  constructor(home: Home, address: Address) {
    super(home);
    this.address = address;
  }

  override tell(message: never): void {
    this.home.deadLetters.publish({ to: this.toString(), message, reason: "absent" });
  }

  override onEnd(listener: (ending: Ending) => void): () => void {
    listener({ reason: "absent" });
    return () => undefined;
  }
}
