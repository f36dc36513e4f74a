import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { startIot } from "../../../local/aws/iot/iot.ts";
import { PortTaken } from "../../../local/host/loopback/port-taken.ts";
import { restartable } from "../../../local/stack/restartable.ts";
import { ACCOUNT, DEVICE_POLICY } from "../aws/iot/support/device-policy.ts";
import { iotUnderTest } from "../aws/iot/support/iot-under-test.ts";

const IOT = new URL("../../../local/aws/iot/iot.ts", import.meta.url).href;

async function taken(port = 0): Promise<{ port: number; holder: Server }> {
  const holder = createServer().listen(port, "127.0.0.1");
  await once(holder, "listening");
  onTestFinished(() => void holder.close());
  return { port: Number(Object(holder.address()).port), holder };
}

test("a start on a port that is taken leaves nothing behind that keeps the process", async () => {
  const { tls, devices } = await iotUnderTest();
  const { port } = await taken();
  const options = {
    ...{ file: ":memory:", account: ACCOUNT, tls, clientCa: devices.certificate, port },
    ...{ policy: DEVICE_POLICY, things: [] },
  };
  const script = `import { startIot } from ${JSON.stringify(IOT)};
    await startIot(${JSON.stringify(options)}).catch((error) => console.log(error.name));`;
  const run = execFile(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
  let said = "";
  run.stdout?.on("data", (text) => {
    said += text;
  });
  expect(await once(run, "close")).toEqual([0, null]);
  expect(said.trim()).toBe("PortTaken");
}, 30_000);

/** AWS IoT, of which each start but the first finds its port taken for as long as somebody holds it. */
async function underRestarts(patienceMs: number) {
  const { tls, devices, connection } = await iotUnderTest();
  const logs: string[] = [];
  let beforeStart: (port: number) => Promise<void> = async () => undefined;
  let starts = 0;
  const service = await restartable({
    async start(port) {
      starts += 1;
      if (typeof port === "number" && port > 0) await beforeStart(port);
      return startIot({
        ...{ file: ":memory:", account: ACCOUNT, tls, clientCa: devices.certificate, port },
        ...{ policy: DEVICE_POLICY, things: ["pump"] },
      });
    },
    ...{ port: 0, patienceMs, log: (line) => logs.push(line) },
  });
  onTestFinished(() => service.close());
  return {
    ...{ service, logs },
    starts: () => starts,
    /** From the next start on. */
    hold(): { release(): void } {
      let holder: Server | undefined;
      beforeStart = async (port) => {
        holder ??= (await taken(port)).holder;
      };
      return {
        release() {
          beforeStart = async () => undefined;
          holder?.close();
        },
      };
    },
    async connects() {
      const port = service.current()?.port ?? 0;
      const client = await connectAsync({ ...(await connection("pump")), port, connectTimeout: 5_000 });
      await client.endAsync(true);
    },
  };
}

test("a restart waits for its port for a while, and is there again", async () => {
  const { service, hold, connects } = await underRestarts(10_000);
  const held = hold();
  const restarted = service.restart();
  await sleep(400);
  expect(service.current()).toBeUndefined();
  held.release();
  await restarted;
  await connects();
});

test("one that cannot have its port says so, leaves the rest as it is, and the next one starts it again", async () => {
  const { service, logs, hold, connects, starts } = await underRestarts(300);
  const held = hold();
  await expect(Promise.all([service.restart(), service.restart()])).rejects.toThrow(PortTaken);
  expect(service.current()).toBeUndefined();
  expect(logs).toEqual([expect.stringMatching(/^it was ended, and does not start again: .*port \d+/i)]);
  expect(starts()).toBeLessThan(10);
  held.release();
  await service.restart();
  await connects();
});

test("a stop while a restart waits for its port is no longer than a try, and fails nothing", async () => {
  const { service, hold } = await underRestarts(60_000);
  hold();
  const restarted = service.restart().catch((error: unknown) => error);
  await sleep(100);
  await service.close();
  expect(await restarted).toBeInstanceOf(PortTaken);
});
