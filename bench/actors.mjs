// Messages a second between two local actors, and the round trip of an ask, beside a bare queue that an
// async function empties: node bench/actors.mjs
import { ActorSystem, nodeWorld } from "dawnpour/actors";

const WINDOW = 1000;
const RUNS = 7;

/** Two actors that keep `WINDOW` messages in flight between them. */
async function tells(system, count, run) {
  const done = deferred();
  const echo = system.spawn(`echo-${run}`, () => ({ receive: (replyTo) => replyTo.tell(1) }));
  system.spawn(`source-${run}`, ({ self }) => {
    let received = 0;
    for (let i = 0; i < WINDOW; i++) echo.tell(self);
    return {
      receive() {
        if (++received <= count / 2 - WINDOW) echo.tell(self);
        if (received === count / 2) done.resolve();
      },
    };
  });
  await done.promise;
}

async function asks(ref, count) {
  for (let i = 0; i < count; i++) await ref.ask((replyTo) => replyTo, 1000);
}

/** The peer: a queue that one async function empties, and nothing else. */
class AsyncQueue {
  #items = [];
  #wake;

  put(item) {
    this.#items.push(item);
    this.#wake?.();
    this.#wake = undefined;
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#items.length > 0) {
        const items = this.#items;
        this.#items = [];
        yield* items;
      }
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function queueTells(count) {
  const [there, back] = [new AsyncQueue(), new AsyncQueue()];
  (async () => {
    for await (const replyTo of there) replyTo.put(1);
  })();
  for (let i = 0; i < WINDOW; i++) there.put(back);
  let received = 0;
  for await (const _ of back) {
    if (++received <= count / 2 - WINDOW) there.put(back);
    if (received === count / 2) return;
  }
}

async function queueAsks(count) {
  const there = new AsyncQueue();
  (async () => {
    for await (const answer of there) answer(1);
  })();
  for (let i = 0; i < count; i++) await new Promise((resolve) => there.put(resolve));
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve) => {
    made.resolve = resolve;
  });
  return made;
}

/** The median of several runs. One run before them warms up and does not count. */
async function seconds(work) {
  const times = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    await work(run);
    times.push((performance.now() - start) / 1000);
  }
  return times.slice(1).sort((a, b) => a - b)[RUNS >> 1];
}

const MESSAGES = 1_000_000;
const ASKS = 100_000;
const system = new ActorSystem({ world: nodeWorld() });
const answerer = system.spawn("answerer", () => ({ receive: (replyTo) => replyTo.tell(1) }));

const rows = [
  ["actors", await seconds((run) => tells(system, MESSAGES, run)), await seconds(() => asks(answerer, ASKS))],
  ["bare async queue", await seconds(() => queueTells(MESSAGES)), await seconds(() => queueAsks(ASKS))],
];
for (const [name, tellTime, askTime] of rows) {
  const rate = (MESSAGES / tellTime / 1e6).toFixed(2);
  console.log(`${name.padEnd(18)} ${rate} M messages/s, ask ${((askTime / ASKS) * 1e6).toFixed(2)} us`);
}
console.log(`dead letters: ${system.deadLetters.count}`);
await system.stop();
