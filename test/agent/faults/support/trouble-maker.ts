import type { Random } from "../../../support/seeded-random.ts";
import type { FakeRequest, Stroke } from "../../support/fake-notecard.ts";

/** Trouble on the line and behind it, for one request in five. */
export function troubleMaker(random: Random): (request: FakeRequest) => Stroke | undefined {
  const strokes: ((request: FakeRequest) => Stroke)[] = [
    () => ({ hangUp: true }),
    () => ({ reset: true }),
    () => ({ loseReply: true }),
    () => ({ lateMs: random.below(400) }),
    () => ({ raw: '\r\n{"half": \r\n' }),
    () => ({ mangle: (line) => Buffer.concat([line.subarray(0, line.length / 2), Buffer.from("\r\n")]) }),
    () => ({
      mangle: (line) => line.map((byte, at) => (at === line.length >> 1 ? byte ^ 1 : byte)) as Buffer,
    }),
    () => ({ mangle: (line) => [line, line] }),
    () => ({ reply: { err: "trouble {io}" } }),
    ({ req }) => ({
      reply: req === "web.get" ? { result: 503, body: { retry: 0 } } : { err: "trouble {io}" },
    }),
    ({ req }) => ({
      reply: req === "web.get" ? { result: 429, body: { retry: 0 } } : { err: "{hub-not-connected}" },
    }),
  ];
  return (request) => (random.chance(0.2) ? random.pick(strokes)?.(request) : undefined);
}
