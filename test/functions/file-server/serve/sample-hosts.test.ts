import { describe, expect, test } from "vitest";
import {
  ascii,
  firstHost,
  type GetChunk,
  HOSTS,
  laterHost,
  readBody,
  secondHost,
} from "../../../support/sample-hosts.ts";
import { serverForAllTests } from "../support/doors.ts";

const server = await serverForAllTests();

/** `web.get` by the route `remoteFileDownloader`, whose URL ends in /sample; the name is put in as it is. */
function webGet(name: string, path = "/sample"): GetChunk {
  return async (chunk) => {
    const reply = await server.call({ path, query: `file=${name}&chunk=${chunk}` });
    return readBody(JSON.parse(reply.body));
  };
}

describe("[NF-4.1] [NF-4.2] both generations of the sample's host that ask the route get the exact file, and so does a rework", () => {
  for (const [name, host] of HOSTS) {
    test.each([1, 248, 249, 250, 251, 498, 499, 747, 1000, 20_000])(`${name}: %i bytes`, async (length) => {
      const content = ascii(length);
      server.aws.put("main.py", content);
      expect(await host(webGet("main.py"))).toBe(`${content}\n`);
    });

    test(`${name}: characters cut in two by a chunk's end`, async () => {
      const content = "語".repeat(400);
      server.aws.put("main.py", content);
      expect(await host(webGet("main.py"))).toBe(`${content}\n`);
    });

    test(`${name}: names sent raw`, async () => {
      server.aws.put("src/app+v2 (1).py", ascii(300));
      expect(await host(webGet("src/app+v2 (1).py"))).toBe(`${ascii(300)}\n`);
    });
  }
});

test("the models are faithful: at the honest door the older hosts lose bytes, as published", async () => {
  const content = ascii(1000);
  server.aws.put("main.py", content);
  const honest = webGet("main.py", "/");
  expect(await firstHost(honest)).not.toBe(`${content}\n`);
  expect(await secondHost(honest)).not.toBe(`${content}\n`);
  expect(await laterHost(honest)).toBe(`${content}\n`);
});

test("a missing file is an `err` that the hosts look for", async () => {
  expect(await firstHost(webGet("missing.py"))).toBeUndefined();
});
