import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createRandom, readSeed } from "../support/seeded-random.ts";
import { startFlow, until } from "./support/flow.ts";

test("[NF-8.1] [NF-8.4] ten shuffled copies of five uploads end with the fifth, and announce nothing twice", async () => {
  const random = createRandom(readSeed());
  const held: (() => Promise<void>)[] = [];
  const flow = await startFlow({
    timeScale: 600,
    deliverS3: async (send) => void held.push(send),
  });
  try {
    const etags: string[] = [];
    for (let version = 1; version <= 5; version++) {
      const body = `version ${version}\n`;
      const put = await flow.s3.send(
        new PutObjectCommand({ Bucket: flow.bucket, Key: "app/main.py", Body: body }),
      );
      etags.push(put.ETag ?? "");
    }
    await until("five events, and S3's test event", () => held.length === 6);
    const copies = random.shuffle(held.flatMap((send) => Array.from({ length: 10 }, () => send)));
    for (const send of copies) await send();
    await until("the fifth version on the device", async () => {
      return (await flow.deviceFile("app/main.py"))?.toString() === "version 5\n";
    });
    const queue = flow.stack.queues.get(flow.stack.deployment.eventSourceMappings[0]?.queueArn ?? "");
    await until("an empty queue", () => Object.values(queue.depth()).every((count) => count === 0), 60);
    expect((await flow.deviceFile("app/main.py"))?.toString()).toBe("version 5\n");
    const announced = flow.logs
      .filter(({ line }) => line.includes('"announced"'))
      .map(({ line }) => /"etag":"([^"]+)"/.exec(line)?.[1]);
    expect(new Set(announced).size).toBe(announced.length);
    expect(announced).toContain(etags[4]?.replaceAll('"', ""));
  } finally {
    await flow.stop();
  }
}, 120_000);
