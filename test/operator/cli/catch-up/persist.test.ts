import { expect, test } from "vitest";
import { createPersistence } from "../../../../operator/cli/catch-up/persist.ts";
import { OperatorError } from "../../../../operator/cloud/operator-error.ts";

const lost = new OperatorError("fault", "https://notehub.example cannot be reached", { mayPass: true });
const refused = new OperatorError("auth", "Notehub refuses the token");

/** Asks for each of the answers in turn, each of which is what comes of one try after the other. */
async function persisted(...answers: readonly (string | Error)[][]) {
  const told: string[] = [];
  const pauses: number[] = [];
  const had: unknown[] = [];
  const persist = createPersistence({
    tell: (sentence) => told.push(sentence),
    pause: async (ms) => void pauses.push(ms),
    random: () => 0.5,
    now: () => pauses.reduce((sum, ms) => sum + ms, 0),
  });
  for (const tries of answers) {
    const queue = [...tries];
    const answer = persist(async () => {
      const next = queue.shift();
      if (next instanceof Error) throw next;
      return next;
    });
    had.push(await answer.catch((error: unknown) => error));
  }
  return { had, told, pauses };
}

test("a fault that may pass is outlived, and told once with its end", async () => {
  expect(await persisted(["a"], [lost, lost, "b"], ["c"], [lost, "d"])).toEqual({
    had: ["a", "b", "c", "d"],
    pauses: [3000, 6000, 3000],
    told: [
      expect.stringMatching(/^https:\/\/notehub.example cannot be reached\. It is asked again/),
      "it goes on, after 9 s",
      expect.stringMatching(/asked again/),
      "it goes on, after 3 s",
    ],
  });
});

test("what cannot pass ends it, and so does any fault before the first answer", async () => {
  expect(await persisted([lost, "a"])).toEqual({ had: [lost], pauses: [], told: [] });
  expect((await persisted(["a"], [lost, refused, "b"])).had).toEqual(["a", refused]);
});
