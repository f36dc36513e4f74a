import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { readConfigFile } from "../../../../agent/commands/config-file.ts";
import type { Finding } from "../../../../agent/commands/finding.ts";
import { type Device, startDevice } from "../../support/agent-under-test.ts";
import { startDeviceOnStandIn } from "../../support/device-on-stand-in.ts";
import { type Pin, startPin } from "../../support/pin.ts";
import { configFile, runCommand, settingsOf } from "../../support/run-command.ts";

/** A device wired to the pin: it rises when a Note comes. */
async function wiredDevice(): Promise<{ device: Device; wire: Pin; config: string }> {
  const [device, wire] = [await startDevice(), await startPin()];
  return { device, wire, config: await configFile({ attnCommand: wire.command }) };
}

const looks = ({ fake }: Device) => fake.requests.filter(({ req, mode }) => req === "card.attn" && !mode);

describe("with the ATTN pin wired", () => {
  test("the Notecard is not asked; a rise of the pin brings the file", async () => {
    const { device, wire, config } = await wiredDevice();
    const agent = device.start({ flags: ["--config", config] });
    await agent.next("ready");
    const lists = () => device.fake.requests.filter(({ req }) => req === "note.changes");
    await expect.poll(() => lists().length).toBe(2); // before it is ready, and before it waits
    const asked = device.fake.requests.length;
    await sleep(300); // fifteen looks, if it looked
    expect(device.fake.requests.length).toBe(asked);
    expect(looks(device)).toEqual([{ req: "card.attn", verify: true }]);
    device.fake.card.publish("a.txt", Buffer.from("x"));
    await wire.rise();
    await agent.next("installed");
    device.fake.card.publish("b.txt", Buffer.from("x"));
    await wire.rise();
    await agent.next("installed");
    expect(looks(device)).toHaveLength(1);
    await agent.stop();
  });

  test("the stand-in's own pin brings what its Notehub queues", async () => {
    const wire = await startPin();
    const device = await startDeviceOnStandIn({
      observe: ({ kind }) => void (kind === "attention" && wire.rise()),
    });
    const agent = device.start([
      "--config",
      await configFile({ attnCommand: wire.command }),
      "--poll",
      "3600",
    ]);
    await agent.next("ready");
    await sleep(200);
    await device.publish("a.txt", Buffer.from("x"));
    await agent.next("installed");
    expect(await readFile(path.join(device.folder, "root/a.txt"), "utf8")).toBe("x");
  });

  test("and its program gone, the Notecard is asked again", async () => {
    const { device, wire, config } = await wiredDevice();
    const agent = device.start({ flags: ["--config", config] });
    await agent.next("ready");
    await wire.cut();
    expect(await agent.next("attn-ended")).toEqual({ event: "attn-ended", reason: "cat ended with 0" });
    device.fake.card.publish("a.txt", Buffer.from("x"));
    await agent.next("installed");
    await expect.poll(() => looks(device).length).toBeGreaterThan(3);
    await agent.stop();
    expect(agent.events.filter(({ event }) => event === "attn-ended")).toHaveLength(1);
  });

  test("and its program mad, the Notecard is asked no more often than without", async () => {
    const device = await startDevice();
    const config = await configFile({ attnCommand: ["yes"] });
    const agent = device.start({ flags: ["--config", config, "--poll", "3600"] });
    await agent.next("ready");
    await sleep(500);
    expect(device.fake.requests.filter(({ req }) => req === "note.changes").length).toBeLessThan(5);
    expect(await agent.stop()).toBe(0);
  });

  test("its program ends with the agent", async () => {
    const { device, wire } = await wiredDevice();
    const pidFile = path.join(wire.folder, "pid");
    const config = await configFile({
      attnCommand: ["sh", "-c", `echo $$ > ${pidFile}; exec cat ${wire.fifo}`],
    });
    const agent = device.spawn({ flags: ["--config", config], env: { PATH: process.env.PATH ?? "" } });
    await agent.next("ready");
    const pid = Number(await readFile(pidFile, "utf8"));
    process.kill(pid, 0);
    expect(await agent.stop("SIGTERM")).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(agent.errors).toEqual(["stopping: told to by SIGTERM; once more ends it at once"]);
  });
});

test.each([["gpiomon 17"], [[]], [[17]], [["gpiomon", 17]], [["", "x"]]])(
  "%j is no command for the pin: a program and its arguments are, without a shell",
  async (attnCommand) => {
    const file = await configFile({ attnCommand });
    await expect(readConfigFile(file)).rejects.toThrow(`${file}: attnCommand`);
  },
);

describe("other notefiles that somebody has the pin watch", () => {
  const attention = { req: "card.attn", verify: true };

  test("are kept, where the Notecard names them", async () => {
    const { under, start } = await startDeviceOnStandIn();
    await under.host.ask({ req: "card.attn", mode: "arm,files", files: ["wake.qi", "settings.db"] });
    await start().next("ready");
    expect(await under.host.ask(attention)).toMatchObject({
      files: ["file-update.qi", "wake.qi", "settings.db"],
    });
  });

  test.each([[["modified", "env"]], [["x.qis", "a b.qi", "file-update.qi"]], ["nonsense"]])(
    "are not made of %j",
    async (files) => {
      const { fake, start } = await startDevice();
      fake.script = ({ verify }) => (verify === true ? { reply: { files } } : undefined);
      await start().next("ready");
      const armed = fake.requests.find(({ mode }) => mode === "rearm,files,env");
      expect(armed?.files).toEqual(["file-update.qi"]);
    },
  );
});

describe("doctor", () => {
  async function examine(device: Device, config: string): Promise<Finding | undefined> {
    const { stdout } = await runCommand("doctor", "--json", ...settingsOf(device), "--config", config);
    const findings: Finding[] = JSON.parse(stdout);
    return findings.find(({ what }) => what === "ATTN");
  }

  test("lets the pin rise and hears of it", async () => {
    const { device, wire, config } = await wiredDevice();
    device.fake.script = ({ mode }) => void (mode === "disarm" && wire.rise());
    expect(await examine(device, config)).toEqual({
      ...{ what: "ATTN", ok: true, detail: "cat tells when the pin rises" },
    });
  });

  test("says that it hears nothing, or why", async () => {
    const { device, config } = await wiredDevice();
    expect(await examine(device, config)).toMatchObject({
      ...{ ok: false, detail: "cat tells nothing when the pin rises" },
      advice: expect.stringContaining("check the wire"),
    });
    const busy = await configFile({ attnCommand: ["sh", "-c", "echo busy >&2; exit 1"] });
    expect(await examine(device, busy)).toMatchObject({ ok: false, detail: "busy" });
  });
});
