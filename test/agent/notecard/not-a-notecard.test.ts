import { createConnection } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../../agent/commands/finding.ts";
import { NotANotecard } from "../../../agent/notecard/not-a-notecard.ts";
import { createNotecard } from "../../../agent/notecard/notecard.ts";
import { createStreamPort } from "../../../agent/notecard/stream-port.ts";
import { runHere, startDevice } from "../support/agent-under-test.ts";
import { runCommand, settingsOf } from "../support/run-command.ts";
import { connect, failureOf, QUICK } from "./support/connect.ts";
import { gps, type Stranger, startStranger } from "./support/stranger.ts";

const LINE = { ...QUICK, meetMs: 400 };
const SEEDED = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * at * 31 + at * 7) % 256));

async function meetStranger(stranger: Stranger) {
  const socket = createConnection(await startStranger(stranger), "127.0.0.1");
  const notecard = createNotecard(createStreamPort(socket, LINE));
  onTestFinished(() => notecard.close());
  const begin = performance.now();
  const failure = await failureOf(notecard.request({ req: "card.version" }));
  return { failure, tookMs: performance.now() - begin, notecard };
}

describe("what is no Notecard is known for it within the time to meet, and is quoted:", () => {
  test.each<[string, Stranger, string]>([
    ["a GPS receiver that talks without end", gps(5), "it says: $GPGGA,123519,4807.038,N,"],
    ["a GPS receiver that talks now and then", gps(150), "it says: $GPGGA,123519,4807.038,N,"],
    ["a login prompt", { answers: () => "\r\nraspberrypi login: " }, "it says: raspberrypi login:"],
    ["silence", {}, "nothing was heard"],
    [
      "another baud rate",
      { says: (socket) => setInterval(() => socket.write(SEEDED), 10) },
      "no text, as at another baud rate, or while a transfer is cut short: \\x00&",
    ],
    ["an echo", { answers: (text) => text }, "what is sent comes back as it is"],
    [
      "a console that takes a line ending for nothing",
      { answers: (text) => (text === "\n" ? "\r\n" : "Unknown command\r\n") },
      "it says: Unknown command",
    ],
    [
      "a sensor that speaks JSON",
      { says: (socket) => setInterval(() => socket.write('{"temp":21.5}\r\n'), 50) },
      'it says: {"temp":21.5} {"temp":21.5}',
    ],
  ])("%s", async (_what, stranger, says) => {
    const { failure, tookMs, notecard } = await meetStranger(stranger);
    expect(failure).toBeInstanceOf(NotANotecard);
    expect(String(failure)).toContain(says);
    expect(String(failure)).toMatch(/^[\x20-\x7e…]{1,220}$/);
    expect(tookMs).toBeLessThan(4 * LINE.meetMs);
    // The line is closed: who asks for something else has the answer at once.
    const begin = performance.now();
    await expect(notecard.request({ req: "hub.get" })).rejects.toThrow("closed");
    expect(performance.now() - begin).toBeLessThan(LINE.meetMs / 2);
  });
});

describe("a Notecard is not mistaken for something else", () => {
  const line = { ...QUICK, meetMs: 1_000 };

  test("that takes no notice of line endings at first", async () => {
    const { port } = await slowCard(600, "\r\n");
    const notecard = createNotecard(createStreamPort(createConnection(port, "127.0.0.1"), line));
    onTestFinished(() => notecard.close());
    expect(await notecard.request({ req: "card.version" })).toEqual({ version: "x" });
  });

  test("that is at work for an earlier host, and sends heartbeats for longer than the time to meet", async () => {
    const { port } = await slowCard(2_500, '{"err":"{heartbeat}"}\r\n');
    const notecard = createNotecard(createStreamPort(createConnection(port, "127.0.0.1"), line));
    onTestFinished(() => notecard.close());
    expect(await notecard.request({ req: "card.version" })).toEqual({ version: "x" });
  });

  test("that still has the reply to an earlier host to give, or an error to tell", async () => {
    const { fake, notecard } = await connect({ ...line, retryPauseMs: 1 });
    const late = '{"total":1,"crc":"0001:00000000"}\r\n';
    let count = 0;
    fake.script = () => (count++ < 4 ? { raw: late } : undefined);
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });

  test("whose first replies are damaged", async () => {
    const { fake, notecard } = await connect(line);
    let count = 0;
    fake.script = () => (count++ < 2 ? { raw: "\u0081\u0082ersion\r\n" } : undefined);
    expect(await notecard.request({ req: "hub.get" })).toMatchObject({ mode: "continuous" });
  });

  /** For so long it answers each line ending late with `says`; then it is a Notecard like any other. */
  async function slowCard(busyMs: number, says: string) {
    const begin = performance.now();
    const port = await startStranger({
      answers(text) {
        if (text !== "\n") return '{"version":"x"}\r\n';
        return performance.now() - begin > busyMs ? "\r\n" : busyAnswer(says);
      },
    });
    return { port };
  }

  function busyAnswer(says: string): string {
    return says.startsWith("{") ? says : "";
  }
});

test("run and doctor say so within 10 s", { timeout: 20_000 }, async () => {
  const device = await startDevice();
  const address = `tcp://127.0.0.1:${await startStranger(gps(1_000))}`;
  const begin = performance.now();
  const agent = runHere(["run", "--json", ...settingsOf(device), "--notecard", address]);
  onTestFinished(async () => void (await agent.stop()));
  const [waiting, { code, stdout }] = await Promise.all([
    agent.next("waiting"),
    runCommand("doctor", "--json", ...settingsOf(device), "--notecard", address),
  ]);
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(waiting.reason).toContain("no Notecard answers there within 8 s");
  expect(waiting.reason).toContain("it says: $GPGGA");
  const bad: Finding[] = JSON.parse(stdout).filter(({ ok }: Finding) => !ok);
  expect(code).toBe(1);
  expect(bad).toMatchObject([{ what: "Notecard", detail: expect.stringContaining("it says: $GPGGA") }]);
});
