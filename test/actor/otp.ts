/**
 * A model of OTP's supervisors, written from their description in words. It is plain recursion over a tree. For one event at a
 * time it gives the list of what starts and ends, in order.
 */
import type { Ending } from "../../src/actor/ref.js";
import type { Restart, Strategy } from "../../src/actor/supervision.js";

export interface Spec {
  readonly name: string;
  readonly restart: Restart;
  /** Its last call never returns. */
  readonly hangs: boolean;
  /** Its parent kills it at once instead of stopping it. */
  readonly brutal: boolean;
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly children: readonly Spec[];
}

export interface OtpNode {
  readonly path: string;
  readonly spec: Spec;
  readonly parent: OtpNode | undefined;
  children: OtpNode[];
  restarts: number[];
}

export class Otp {
  readonly period: number;
  readonly root: OtpNode;
  trace: string[] = [];
  #now = 0;

  constructor(root: Spec, period: number) {
    this.period = period;
    this.root = this.#start(root, undefined);
  }

  /** Whether the root has ended. */
  get isOver(): boolean {
    return this.trace.some((line) => line.startsWith("ended  "));
  }

  /** All nodes, parents before children. None if the root has ended. */
  get nodes(): readonly OtpNode[] {
    const walk = (node: OtpNode): OtpNode[] => [node, ...node.children.flatMap(walk)];
    return walk(this.root);
  }

  /** The actor ends by itself, in this way. */
  leave(node: OtpNode, reason: "failed" | "finished", now: number): void {
    this.#now = now;
    this.#ends(node, reason);
  }

  /** The parent ends the actor for good. */
  stop(node: OtpNode): void {
    this.#terminate(node);
    remove(node);
  }

  #start(spec: Spec, parent: OtpNode | undefined): OtpNode {
    const node: OtpNode = {
      path: parent ? `${parent.path}/${spec.name}` : "",
      spec,
      parent,
      children: [],
      restarts: [],
    };
    if (parent) {
      this.trace.push(`started ${node.path}`);
    }
    for (const child of spec.children) {
      node.children.push(this.#start(child, node));
    }
    return node;
  }

  /** Children end before their parent, and the last child ends first. */
  #terminate(node: OtpNode): void {
    node.children.toReversed().forEach((child) => void this.#terminate(child));
    node.children = [];
    const { hangs, brutal } = node.spec;
    this.trace.push(`ended ${node.path} ${hangs || brutal ? "killed" : "stopped"}`);
  }

  #ends(node: OtpNode, reason: Ending["reason"]): void {
    node.children.toReversed().forEach((child) => void this.#terminate(child));
    node.children = [];
    const ending = node.spec.hangs ? "killed" : reason;
    this.trace.push(`ended ${node.path} ${ending}`);
    if (node.parent) {
      this.#childEnded(node.parent, node, ending);
    }
  }

  #childEnded(parent: OtpNode, child: OtpNode, reason: Ending["reason"]): void {
    const { restart } = child.spec;
    if (restart === "temporary" || (restart === "transient" && reason === "finished")) {
      remove(child);
      return;
    }
    parent.restarts.push(this.#now);
    if (parent.restarts.filter((time) => this.#now - time < this.period).length > parent.spec.intensity) {
      remove(child);
      this.#ends(parent, "failed");
      return;
    }
    this.#restart(parent, child);
  }

  #restart(parent: OtpNode, failed: OtpNode): void {
    const place = parent.children.indexOf(failed);
    const first = { "one-for-one": place, "one-for-all": 0, "rest-for-one": place }[parent.spec.strategy];
    const count = parent.spec.strategy === "one-for-one" ? 1 : parent.children.length;
    const group = parent.children.slice(first, first + count);
    for (const child of group.toReversed()) {
      if (child !== failed) {
        this.#terminate(child);
      }
    }
    const before = parent.children.slice(0, first);
    const after = parent.children.slice(first + group.length);
    const returning = group.filter((child) => child.spec.restart !== "temporary");
    parent.children = [...before, ...returning.map(({ spec }) => this.#start(spec, parent)), ...after];
  }
}

function remove(node: OtpNode): void {
  if (node.parent) {
    node.parent.children = node.parent.children.filter((child) => child !== node);
  }
}
