/** Messages that are sent until they are acknowledged, over links that lose them, in simulated time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { AskError, type Ref } from "../../src/actor/ref.js";
import { askUntilAnswered, Outbox, SilenceError, Unanswered } from "../../src/actor/retry.js";
import { ActorSystem } from "../../src/actor/system.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { Cluster } from "../transport/cluster.js";

const REMIND = 100;

interface Question {
  readonly id: number;
  readonly replyTo: Ref<number>;
}

/** Two nodes with a lossy link between them. `asked` has the questions that arrive at the node `far`. */
function twoNodes(seed: number, drop: number) {
  const world = new SimulatedWorld(seed);
  const cluster = new Cluster(world, { drop, delay: [1, 5] });
  const far = cluster.join("far");
  const { node, system } = cluster.join("near");
  const asked: number[] = [];
  const ref: Ref<Question> = node.at("far", "/there");
  const arrive = () =>
    far.system.spawn<Question>("there", () => ({
      receive({ id, replyTo }) {
        asked.push(id);
        replyTo.tell(10 * id);
      },
    }));
  return { world, system, ref, asked, arrive, cluster };
}

const question = (replyTo: Ref<number>): Question => ({ id: 7, replyTo });

test("a message is late from the last time that it was sent, and waits for an answer from the first", () => {
  const times = new Unanswered();
  expect([times.isLate(REMIND, 0), times.hasWaited(REMIND, 1e9)]).toEqual([true, false]);
  times.sent(1000);
  times.sent(1060);
  expect([times.isLate(REMIND, 1159), times.isLate(REMIND, 1160)]).toEqual([false, true]);
  expect([times.hasWaited(REMIND, 1100), times.hasWaited(REMIND, 1101)]).toEqual([false, true]);
  expect(times.hasWaited(REMIND, 1150)).toBe(false);
  times.answered();
  expect(times.hasWaited(REMIND, 1e9)).toBe(false);
});

test("whatever a link loses, the receiver of an outbox gets all messages, in order, and none after it confirmed them", () => {
  const losses = fc.array(fc.boolean(), { maxLength: 60 });
  const law = (lost: readonly boolean[], answersLost: readonly boolean[], count: number): void => {
    let [sent, answered, now] = [0, 0, 0];
    const got: number[] = [];
    const outbox = new Outbox<number>((message) => {
      // The receiver accepts only the next message in order, as the journal does. It answers with the last one that it has.
      if (lost[sent++]) return;
      if (message === got.length) got.push(message);
      if (!answersLost[answered++]) arrived = got.length;
    });
    let arrived = 0;
    for (let message = 0; message < count; message++) {
      outbox.add(message, now);
      outbox.confirm((one) => one < arrived);
      now += 30;
    }
    for (let i = 0; i < 400 && outbox.waiting.length > 0; i++) {
      outbox.remind(REMIND, now);
      outbox.confirm((one) => one < arrived);
      now += 10;
    }
    // With so few losses, 40 reminders are enough.
    const all = Array.from({ length: count }, (_, message) => message);
    if (lost.filter(Boolean).length < 15 && answersLost.filter(Boolean).length < 15) {
      expect([outbox.waiting, got]).toEqual([[], all]);
    }
    expect(got).toEqual(all.slice(0, got.length));
    const before = sent;
    if (outbox.waiting.length === 0) outbox.remind(REMIND, now + 1000);
    expect(sent).toBe(before);
  };
  fc.assert(fc.property(losses, losses, fc.integer({ min: 1, max: 6 }), law), { numRuns: 300 });
});

test("an outbox sends again after its pause, and not before", () => {
  const sent: string[] = [];
  const outbox = new Outbox<string>((message) => sent.push(message));
  outbox.add("a", 0);
  outbox.add("b", 50);
  expect(sent).toEqual(["a", "a", "b"]);
  outbox.remind(REMIND, 149);
  expect(sent.length).toBe(3);
  outbox.remind(REMIND, 150);
  expect(sent.slice(3)).toEqual(["a", "b"]);
});

test.each([1, 2, 3, 4, 5])(
  "a question gets its answer over a link that loses half of all messages (seed %i)",
  async (seed) => {
    const { world, ref, asked, arrive } = twoNodes(seed, 0.5);
    arrive();
    const { signal } = new AbortController();
    let answer: number | undefined;
    askUntilAnswered(ref, question, { remind: REMIND, signal }).then((value) => {
      answer = value;
    });
    await world.time.advance(100 * REMIND);
    expect(answer).toBe(70);
    const { length } = asked;
    await world.time.advance(100 * REMIND);
    expect(asked.length).toBe(length);
  },
);

test("a question waits for an actor that is not there yet", async () => {
  const { world, ref, arrive } = twoNodes(1, 0);
  const { signal } = new AbortController();
  const answer = askUntilAnswered(ref, question, { remind: REMIND, signal });
  await world.time.advance(5.5 * REMIND);
  arrive();
  await world.time.advance(REMIND);
  expect(await answer).toBe(70);
});

test("a receiver that is silent for the whole patience is given up, by its name", async () => {
  const { world, ref } = twoNodes(1, 0);
  const { signal } = new AbortController();
  const failed = askUntilAnswered(ref, question, { remind: REMIND, patience: 3 * REMIND, signal }).catch(
    (error: unknown) => [error, world.clock.now()],
  );
  await world.time.advance(10 * REMIND);
  const [error, at] = (await failed) as [Error, number];
  expect(error).toBeInstanceOf(SilenceError);
  expect([error.message, at]).toEqual(["far has not answered for 300 ms", 3 * REMIND]);
});

test("an aborted question is not asked again", async () => {
  const { world, ref, asked, arrive, cluster } = twoNodes(1, 0);
  arrive();
  cluster.network.cut("far", "near");
  const ending = new AbortController();
  const failed = expect(askUntilAnswered(ref, question, { remind: REMIND, signal: ending.signal })).rejects.toThrow(
    AskError,
  );
  await world.time.advance(2.5 * REMIND);
  ending.abort();
  await world.time.advance(10 * REMIND);
  await failed;
  expect(asked.length).toBe(3);
});

test("the end of an actor is an answer: nothing is asked again", async () => {
  const world = new SimulatedWorld(1);
  const system = new ActorSystem({ world });
  const { signal } = new AbortController();
  const options = { remind: REMIND, signal };
  const failed = askUntilAnswered(system.at<Question>("/nowhere"), question, options).catch((error: unknown) => error);
  await world.time.advance(1);
  expect(await failed).toMatchObject({ name: "AskError", hasEnded: true });
});
