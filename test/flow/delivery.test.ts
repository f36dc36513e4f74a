import { randomBytes } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import path from "node:path";
import { Readable } from "node:stream";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../operator/support/run-cli.ts";
import { type Flow, startFlow, tellFleetsByNotes, until } from "./support/flow.ts";

const DEVICE_UID = "dev:000000000000001";

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ editTemplate: tellFleetsByNotes });
});
afterAll(() => flow.stop());

const put = (key: string, body: Buffer | string) =>
  flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: key, Body: body }));

const remove = (key: string, VersionId?: string) =>
  flow.s3.send(new DeleteObjectCommand({ Bucket: flow.bucket, Key: key, VersionId }));

/** The device's file, once it is `expected`. */
async function delivered(file: string, expected: Buffer): Promise<void> {
  await until(`${file} on the device`, async () => (await flow.deviceFile(file))?.equals(expected));
}

test("the operator's command puts a file, takes it back, and finds all in order", async () => {
  const dataDir = path.dirname(flow.stack.endpoints.device.root);
  const source = path.join(dataDir, "release.txt");
  const noteferry = (...args: string[]) => runCli([...args, "--local", "--data", dataDir]);
  const put = async (content: string) => {
    await writeFile(source, content);
    expect(await noteferry("put", source, "--as", "operator.txt", "--to", DEVICE_UID)).toMatchObject({
      code: 0,
    });
  };
  await put("good");
  await put("bad");
  await delivered("operator.txt", Buffer.from("bad"));
  expect(await noteferry("rollback", `devices/${DEVICE_UID}/operator.txt`)).toMatchObject({ code: 0 });
  await delivered("operator.txt", Buffer.from("good"));
  expect(await noteferry("connect")).toMatchObject({
    code: 0,
    err: expect.stringContaining("as it should be"),
  });
  expect(await noteferry("doctor")).toMatchObject({ code: 0, err: "" });
});

describe("what the bucket holds is what counts [NF-8.6]", () => {
  test.each(["undone/by-default.txt", `devices/${DEVICE_UID}/undone/own.txt`])(
    "also once a newer version or a deletion is undone: %s",
    async (key) => {
      const file = key.replace(`devices/${DEVICE_UID}/`, "");
      await put(key, "old");
      await delivered(file, Buffer.from("old"));
      const { VersionId } = await put(key, "new");
      await delivered(file, Buffer.from("new"));
      await remove(key, VersionId);
      await delivered(file, Buffer.from("old"));
      const marker = await remove(key);
      await until("the deletion told", () =>
        flow.events.some((event) => event.step === "notice" && event.key === key && event.what === "deleted"),
      );
      expect((await flow.deviceFile(file))?.toString()).toBe("old");
      await remove(key, marker.VersionId);
      const announced = () => flow.events.filter((event) => event.step === "announced" && event.key === key);
      await until("the old version announced once more", () => announced().length >= 4);
      expect((await flow.deviceFile(file))?.toString()).toBe("old");
    },
  );
});

describe("an upload ends as the same file on the device", () => {
  test.each([0, 1, 249, 250, 251, 500, 6_000, 6_001, 100_003])("%i random bytes", async (size) => {
    const bytes = randomBytes(size);
    await put(`sizes/${size}.bin`, bytes);
    await delivered(`sizes/${size}.bin`, bytes);
  });

  test.each([
    "with space.txt",
    "plus+plus.txt",
    "100%25 sure.txt",
    "käse-日本.txt",
    "a&b=c?d#e.txt",
    "semi;colon:1.txt",
  ])("a key like %j", async (name) => {
    const bytes = Buffer.from(`I am ${name}\n`);
    await put(`names/${name}`, bytes);
    await delivered(`names/${name}`, bytes);
  });

  test("a stream of unknown checksum (aws-chunked with a trailer)", async () => {
    const bytes = randomBytes(40_000);
    const body = Readable.from([bytes.subarray(0, 7), bytes.subarray(7, 30_000), bytes.subarray(30_000)]);
    await flow.s3.send(
      new PutObjectCommand({
        Bucket: flow.bucket,
        Key: "stream.bin",
        Body: body,
        ContentLength: bytes.length,
      }),
    );
    await delivered("stream.bin", bytes);
  });

  test("5 MB in parts", async () => {
    const bytes = randomBytes(5 * 1024 * 1024 + 17);
    const params = { Bucket: flow.bucket, Key: "parts.bin", Body: Readable.from([bytes]) };
    await new Upload({ client: flow.s3, params, partSize: 5 * 1024 * 1024 }).done();
    await delivered("parts.bin", bytes);
  }, 60_000);

  test("a presigned PUT without the SDK", async () => {
    const bytes = randomBytes(3_000);
    const { endpoint, region, accessKeyId, secretAccessKey } = flow.stack.endpoints.s3;
    // The SDK's default would put the checksum of an empty body into the URL.
    const signer = new S3Client({
      ...{ endpoint, region, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" },
      credentials: { accessKeyId, secretAccessKey },
    });
    const url = await getSignedUrl(signer, new PutObjectCommand({ Bucket: flow.bucket, Key: "signed.bin" }));
    expect(await putRaw(url, bytes)).toBe(200);
    await delivered("signed.bin", bytes);
  });

  test("to the device, or by Notes to the fleet, that its key names", async () => {
    const { deviceUid, fleetUid } = flow.stack.endpoints.notehub;
    await put(`devices/${deviceUid}/own/config.json`, "{}");
    await put(`fleets/${fleetUid}/ours/config.json`, "[]");
    await delivered("own/config.json", Buffer.from("{}"));
    await delivered("ours/config.json", Buffer.from("[]"));
  });
});

test("[NF-9.3] a script may be run at once, and a file keeps the mode it had", async () => {
  await put("run.sh", "#!/bin/sh\necho hello\n");
  await delivered("run.sh", Buffer.from("#!/bin/sh\necho hello\n"));
  const { root } = flow.stack.endpoints.device;
  expect((await stat(path.join(root, "run.sh"))).mode & 0o777).toBe(0o755);
  expect((await stat(path.join(root, "names/with space.txt"))).mode & 0o777).toBe(0o644);
});

test("[NF-2.4] the same bytes again cost no chunk", async () => {
  await put("same.txt", "the same");
  await delivered("same.txt", Buffer.from("the same"));
  const before = flow.observations.length;
  await put("same.txt", "the same");
  await until("the agent says so", () =>
    flow.events.some((e) => e.step === "unchanged" && e.key === "same.txt"),
  );
  const reads = flow.observations
    .slice(before)
    .filter((o) => o.operation === "GetObject" && o.key === "same.txt" && o.range !== undefined);
  expect(reads).toEqual([]);
});

test("[NF-10.1] what is small of a change is packed by the deployed notifier, which may do all that this takes", async () => {
  const lines = Array.from({ length: 400 }, (_, at) => `line ${at} of ${Math.imul(at, 48271) % 997}`);
  await put("packed.txt", lines.join("\n"));
  await delivered("packed.txt", Buffer.from(lines.join("\n")));
  const changed = Buffer.from(lines.with(7, "another line").join("\n"));
  await put("packed.txt", changed);
  await delivered("packed.txt", changed);
  const packed = flow.logs
    .filter(({ line }) => /"packed"|"packing-failed"/.test(line) && line.includes('"packed.txt"'))
    .map(({ line }) => JSON.parse(line));
  expect(packed).toMatchObject([
    { message: "packed", zstd: expect.any(Number), patches: [] },
    {
      message: "packed",
      zstd: expect.any(Number),
      patches: [expect.any(Number)],
      payload: expect.any(Number),
    },
  ]);
  const installed = () =>
    flow.events.flatMap((e) => (e.step === "installed" && e.key === "packed.txt" ? [e] : []));
  await until("both receipts", () => installed().length === 2);
  expect(installed()).toMatchObject([{ way: "zstd" }, { way: "note", fetched: 0 }]);
});

test("[NF-1.6] folder markers are ignored, and a path that escapes is refused", async () => {
  await put("folder/", "");
  await put("../escape.txt", "out");
  await put("a//b.txt", "empty segment");
  await until("both refusals", () =>
    ["../escape.txt", "a//b.txt"].every((key) =>
      flow.events.some((e) => e.step === "notice" && e.what === "refused" && e.key === key),
    ),
  );
  expect(flow.events.filter((e) => e.step === "announced" && /escape|a\/\/b|folder/.test(e.key))).toEqual([]);
});

function putRaw(url: string, bytes: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": bytes.length, expect: "100-continue" };
    const sent = request(url, { method: "PUT", headers, ca: flow.ca, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    sent.on("continue", () => sent.end(bytes)).on("error", reject);
  });
}
