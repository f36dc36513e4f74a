import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { formatJobDocument } from "../../../protocol/job-document.ts";
import { awsFota } from "./support/aws-fota.ts";
import { coreHttpS3Demo } from "./support/core-http.ts";
import { freeRtosOta } from "./support/freertos-ota.ts";
import { iotHttpsClient } from "./support/iot-https-client.ts";
import { type Source, type Sources, startSources } from "./support/sources.ts";
import type { Transport } from "./support/wire.ts";

// Models of device clients, with their limits, against what opens a file by its address alone.

const FILE = randomBytes(10_001);
const KEY = "fw/app update+1.bin";

let sources: Sources;
beforeAll(async () => {
  sources = await startSources(KEY, FILE);
});
afterAll(() => sources.close());
beforeEach(() => {
  for (const { faults } of [sources.link, sources.presigned, sources.plain]) faults.cuts = 0;
});

const expectFile = (got: Buffer) => expect(got.equals(FILE)).toBe(true);

describe.each(["link", "presigned"] as const)("coreHTTP's S3 demo has the file by a %s", (which) => {
  test("on one connection, by bytes=0-0 and then 2048 at a time", async () => {
    const { host, port, path } = sources[which];
    expectFile(await coreHttpS3Demo({ host, port }, path, sources.ca));
  });
});

describe.each(["link", "presigned", "plain"] as const)("IotHttpsClient has the file by a %s", (which) => {
  const run = ({ path, transport, ...address }: Source, isNonPersistent = false) =>
    iotHttpsClient(address, path, { transport, isNonPersistent });

  test("on one connection that is kept", async () => {
    const { file, connects } = await run(sources[which]);
    expectFile(file);
    expect(connects).toBe(1);
  });

  test("on one for each request", async () => {
    const { file, connects } = await run(sources[which], true);
    expectFile(file);
    expect(connects).toBe(11); // the size, and ten ranges of 1024
  });

  test("across connections that break: it connects once more and repeats the request", async () => {
    sources[which].faults.cuts = 1;
    const { file, connects } = await run(sources[which]);
    expectFile(file);
    expect(connects).toBe(2);
  });
});

describe.each(["link", "presigned"] as const)("IotHttpsClient connects to a %s", (which) => {
  test.each<[string, { sni: boolean; alpn?: string[] }]>([
    ["without SNI", { sni: false }],
    [
      "with a list of protocols, of which none is known",
      { sni: true, alpn: ["x-amzn-http-ca", "alpnproto1"] },
    ],
    ["with one that is known", { sni: true, alpn: ["http/1.1"] }],
  ])("%s", async (_, settings) => {
    const { path, ...address } = sources[which];
    const changed: Transport = { tls: { ca: sources.ca, ...settings } };
    const { file } = await iotHttpsClient(address, path, { transport: changed, isNonPersistent: false });
    expectFile(file);
  });
});

describe("Nordic's aws_fota", () => {
  const locationOf = ({ host, path }: Source) => ({ host, path: path.slice(1) });

  test.each(["ranges", "whole"] as const)("[NF-12.6] has the file by a link: %s", async (mode) => {
    const { port, transport, faults } = sources.link;
    expectFile(await awsFota(locationOf(sources.link), port, transport, mode));
    faults.cuts = 1;
    expectFile(await awsFota(locationOf(sources.link), port, transport, mode));
  });

  test("has no room for a presigned URL, which is why there are links", async () => {
    for (const mode of ["ranges", "whole"] as const) {
      const { port, transport } = sources.plain;
      await expect(awsFota(locationOf(sources.plain), port, transport, mode)).rejects.toThrow(
        "the path is too long",
      );
    }
  });
});

describe.each(["link", "presigned", "plain"] as const)(
  "FreeRTOS OTA over HTTP has the file by a %s",
  (which) => {
    const documentOf = ({ host, path, transport }: Source) => ({
      filesize: FILE.length,
      update_data_url: `${transport.tls === undefined ? "http" : "https"}://${host}${path}`,
    });

    test("block by block, and across a connection that breaks", async () => {
      const { port, transport, faults } = sources[which];
      expectFile(await freeRtosOta(documentOf(sources[which]), port, transport));
      faults.cuts = 1;
      expectFile(await freeRtosOta(documentOf(sources[which]), port, transport));
    });

    test("but none that is not of the size that the job says", async () => {
      const { port, transport } = sources[which];
      const document = { ...documentOf(sources[which]), filesize: FILE.length + 1 };
      await expect(freeRtosOta(document, port, transport)).rejects.toThrow("another size");
    });
  },
);

describe("the job with a lone file [NF-13.4]", () => {
  const announcement = {
    ...{ for: "thing:pump", sig: "s".repeat(22), at: "https://localhost" },
    notice: { serial: 215_000_000, sha256: "A".repeat(43), size: 300, zstd: 250 },
  };
  const documentOf = ({ path: link }: Source) =>
    JSON.parse(formatJobDocument(announcement, { link, path: KEY, size: FILE.length }));

  test("is read by Nordic's aws_fota, by FreeRTOS OTA, and by who knows a url alone", async () => {
    const { port, transport } = sources.link;
    const { location, afr_ota, url } = documentOf(sources.link);
    expectFile(await awsFota(location, port, transport, "ranges"));
    expectFile(await freeRtosOta(afr_ota.files[0], port, transport));
    const { pathname, search } = new URL(url);
    expectFile(await coreHttpS3Demo({ host: "localhost", port }, pathname + search, sources.ca));
  });
});

test.each(["link", "presigned", "plain"] as const)(
  "by a %s that is not whole nobody has anything",
  async (which) => {
    const { host, port, path, transport } = sources[which];
    const broken = path.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    const settings = { transport, isNonPersistent: false };
    await expect(iotHttpsClient({ host, port }, broken, settings)).rejects.toThrow(/^status 40[13]$/);
  },
);
