import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type AttnCommand,
  type AttnWatchOptions,
  watchAttnPin,
} from "../../../../agent/link/notecard/attn-pin.ts";
import { startPin } from "../../support/pin.ts";

const QUICK: AttnWatchOptions = { firstPauseMs: 20, longestPauseMs: 100 };
const SOON_MS = 10_000;
const never = new AbortController().signal;

function watch(command: readonly string[], options: AttnWatchOptions = QUICK) {
  const reasons: string[] = [];
  const [program = "", ...args] = command;
  const argv: AttnCommand = [program, ...args];
  const pin = watchAttnPin(argv, ({ reason }) => reasons.push(reason), options);
  onTestFinished(() => pin.stop());
  return { pin, reasons };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a program that watches the ATTN pin", () => {
  test("tells of each rise by a line, also of one before anybody waits", async () => {
    const wire = await startPin();
    const { pin } = watch(wire.command);
    expect(pin.watched()).toBe(true);
    expect(await pin.rise(SOON_MS, never)).toBe(true); // nobody has seen what it did before
    pin.clear();
    expect(await pin.rise(50, never)).toBe(false);
    const waiting = pin.rise(SOON_MS, never);
    await wire.rise();
    expect(await waiting).toBe(true);
    pin.clear();
    await wire.rise();
    expect(await pin.rise(SOON_MS, never)).toBe(true);
    expect(await pin.rise(SOON_MS, never)).toBe(true); // until it is cleared
  });

  test("is waited for no longer than a signal says", async () => {
    const { pin } = watch((await startPin()).command);
    pin.clear();
    const stopping = new AbortController();
    const waiting = pin.rise(SOON_MS, stopping.signal);
    stopping.abort();
    expect(await waiting).toBe(false);
  });

  test("that ends is told of once, and started again; a rise may have been missed meanwhile", async () => {
    const wire = await startPin();
    const { pin, reasons } = watch(wire.command);
    pin.clear();
    const waiting = pin.rise(SOON_MS, never);
    await wire.cut();
    expect(await waiting).toBe(false);
    await expect.poll(() => reasons).toEqual(["cat ended with 0"]);
    wire.connect();
    await expect.poll(() => pin.watched()).toBe(true);
    expect(await pin.rise(SOON_MS, never)).toBe(true);
    expect(reasons).toHaveLength(1);
  });

  test("that ends again and again is told of once, by its own words", async () => {
    const counter = path.join((await startPin()).folder, "starts");
    const script = `echo x >> ${counter}; echo "error: line 17 is busy" >&2; exit 1`;
    const { pin, reasons } = watch(["sh", "-c", script]);
    const starts = async () => (await readFile(counter, "utf8").catch(() => "")).split("\n").length - 1;
    await expect.poll(starts, { timeout: SOON_MS }).toBeGreaterThan(4);
    expect(reasons).toEqual(["error: line 17 is busy"]);
    await pin.stop();
    const last = await starts();
    await sleep(200);
    expect(await starts()).toBe(last);
  });

  test("that ran for long before is told of again", async () => {
    const wire = await startPin();
    const { reasons } = watch(["sh", "-c", `head -n 1 ${wire.fifo}`], { ...QUICK, lastingMs: 1 });
    for (const times of [1, 2]) {
      await wire.rise();
      await expect.poll(() => reasons, { timeout: SOON_MS }).toHaveLength(times);
    }
  });

  test.each<[string, string[]]>([
    ["that is not there", ["/no/such/program"]],
    ["that nobody could start", ["\0"]],
  ])("%s is told of", async (_what, command) => {
    const { pin, reasons } = watch(command);
    await expect.poll(() => reasons).toHaveLength(1);
    pin.clear();
    expect(await pin.rise(SOON_MS, never)).toBe(false);
  });

  test.each<[string, string]>([
    ["at once", "echo $$ > {pid}; exec cat {fifo}"],
    ["though it will not", "trap '' TERM; echo $$ > {pid}; while :; do sleep 1; done"],
    ["with what it has started", "sleep 1000 & echo $! > {pid}; wait"],
    ["with what it has left behind", "(sleep 1000 & echo $! > {pid}); cat {fifo}"],
  ])("ends when it is told to: %s", async (_what, script) => {
    const wire = await startPin();
    const pidFile = path.join(wire.folder, "pid");
    const { pin } = watch(["sh", "-c", script.replace("{pid}", pidFile).replace("{fifo}", wire.fifo)]);
    const pidOf = async () => Number(await readFile(pidFile, "utf8").catch(() => ""));
    await expect.poll(pidOf, { timeout: SOON_MS }).toBeGreaterThan(0);
    const pid = await pidOf();
    expect(isAlive(pid)).toBe(true);
    await pin.stop();
    await expect.poll(() => isAlive(pid), { timeout: SOON_MS }).toBe(false);
  });

  test("that writes without end is held up, and no worse than one line", async () => {
    const { pin } = watch(["yes"]);
    for (let round = 0; round < 3; round += 1) {
      expect(await pin.rise(SOON_MS, never)).toBe(true);
      pin.clear();
    }
    await pin.stop();
  });
});
