import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnswer, parseNext } from "../../../../agent/link/iot/job-message.ts";
import { createJobRequests } from "../../../../agent/link/iot/job-requests.ts";
import { judgeJob } from "../../../../agent/link/iot/judge-job.ts";
import { readRange } from "../../../../agent/link/iot/read-range.ts";
import { statusDetailsOf } from "../../../../agent/link/iot/status-details.ts";
import { formatJobDocument, parseJobDocument } from "../../../../protocol/job-document.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";

const NOTICE = {
  serial: 7,
  sha256: "A".repeat(43),
  size: 10,
  step: { base: "B".repeat(8), bytes: 9 },
  zstd: 5,
};
const ANNOUNCED = { for: "thing:pump", sig: "S".repeat(22), at: "https://localhost:1", notice: NOTICE };
const DOCUMENT = JSON.parse(formatJobDocument(ANNOUNCED));
const EXECUTION = {
  jobId: "nf-1",
  status: "QUEUED",
  versionNumber: 1,
  executionNumber: 1,
  jobDocument: DOCUMENT,
};

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value) ?? "");
/** A sound value with anything in the place of some of its members, at any depth. */
const mangled = (sound: object): fc.Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(
      Object.entries(sound).map(([name, value]) => {
        const deeper = typeof value === "object" && value !== null ? [mangled(value)] : [];
        return [name, fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, fc.jsonValue(), ...deeper)];
      }),
    ),
    { requiredKeys: [] },
  );

describe("a job document", () => {
  test("is read as it was written, whatever is beside it [NF-13.3]", () => {
    expect(parseJobDocument(DOCUMENT)).toEqual(ANNOUNCED);
    expect(parseJobDocument({ ...DOCUMENT, more: 1, noteferry: { ...DOCUMENT.noteferry, more: 2 } })).toEqual(
      ANNOUNCED,
    );
  });

  test("is ours whole, or not at all", () => {
    const property = fc.property(mangled(DOCUMENT), (document) => {
      const read = parseJobDocument(document);
      if (read === undefined) return;
      expect(JSON.parse(formatJobDocument(read)).noteferry.for).toMatch(/^thing(?:-group)?:[\w:-]{1,128}$/);
      expect(read.sig).toMatch(/^[\w-]{22}$/);
      expect(new URL(read.at).origin).toBe(read.at);
      expect(read.notice.serial).toBeGreaterThan(0);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test.each(["http://u:p@x", "https://x/path", "https://x?q", "ftp://x", "https://", "https://x\\y", 7])(
    "names no origin such as %j",
    (at) => {
      expect(parseJobDocument({ noteferry: { ...DOCUMENT.noteferry, at } })).toBeUndefined();
    },
  );
});

describe("whatever comes on a job's topics", () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.jsonValue().map(bytesOf),
    mangled({ timestamp: 1_767_225_600, clientToken: "1", execution: EXECUTION }).map(bytesOf),
  );

  test("is a job with a sound name and version, or nothing", () => {
    const property = fc.property(payload, fc.boolean(), (bytes, isRefused) => {
      for (const job of [parseNext(bytes)?.job, parseAnswer(bytes, isRefused)?.job]) {
        if (job === undefined) continue;
        expect(job.id).toMatch(/^[\w-]{1,64}$/);
        expect(job.version).toBeGreaterThan(0);
        expect(["go-on", "end", "stuck"]).toContain(judgeJob(job, "thing:pump", () => ({})).do);
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  test("on any topic at all, ends nothing", () => {
    const requests = createJobRequests(() => {
      throw new Error("nothing is to be sent");
    }, "pump");
    const topic = fc.oneof(
      fc.string(),
      fc
        .constantFrom("notify-next", "$next/get/accepted", "x/update/rejected", "/accepted", "")
        .map((name) => `$aws/things/pump/jobs/${name}`),
    );
    fc.assert(
      fc.property(topic, payload, (at, bytes) => void requests.hear(at, bytes)),
      { numRuns: 500 },
    );
  });

  test("is nothing where it is huge, and an empty queue where it is empty", () => {
    expect(parseNext(Buffer.from(JSON.stringify({ a: "x".repeat(140_000) })))).toBeUndefined();
    expect(parseNext(Buffer.from('{"timestamp":1767225600}'))).toEqual({
      job: undefined,
      timestamp: 1_767_225_600,
    });
    expect(parseNext(Buffer.from('{"timestamp":1767225600123,"execution":{}}'))?.timestamp).toBe(
      1_767_225_600,
    );
  });
});

test("what a job's end says is text that AWS takes: few members, none empty, no control characters [NF-13.5]", () => {
  const end = fc.record({
    status: fc.constant("FAILED" as const),
    serial: fc.nat(),
    reason: fc.string({ unit: "binary", maxLength: 2_000 }),
    outcome: fc.record({
      ...{ installed: fc.nat(), unchanged: fc.nat(), removed: fc.nat(), bytes: fc.nat(), requests: fc.nat() },
      failure: fc.tuple(fc.string({ unit: "binary", maxLength: 2_000 }), fc.string(), fc.string()),
    }),
  });
  const property = fc.property(end, (its) => {
    const details = Object.entries(statusDetailsOf(its));
    expect(details.length).toBeLessThanOrEqual(10);
    for (const [name, value] of details) {
      expect(name).toMatch(/^[a-zA-Z0-9:_-]{1,128}$/);
      expect(value).toMatch(/^[^\p{C}]{1,1024}$/u);
    }
  });
  fc.assert(property, { numRuns: 100 });
});

test("of a reply only bytes that were asked for come through", () => {
  const reply = fc.record({
    status: fc.constantFrom(200, 206, 206, 206, 204, 304, 404, 500),
    headers: fc.record(
      {
        "content-range": fc.oneof(
          fc.string(),
          fc
            .tuple(fc.nat(60), fc.nat(60), fc.nat(60))
            .map(([from, to, total]) => `bytes ${from}-${to}/${total}`),
          fc.constant("bytes 10-29/50"),
        ),
        "content-type": fc.constantFrom("text/html", "application/octet-stream"),
        "retry-after": fc.string(),
      },
      { requiredKeys: [] },
    ),
    body: fc.nat(60).map((length) => (length === 0 ? Buffer.alloc(0) : patternedBytes(length))),
    isWhole: fc.boolean(),
  });
  const property = fc.property(reply, (its) => {
    try {
      const bytes = readRange(its, { first: 10, length: 20, size: 50 });
      expect(its.status).toBe(206);
      expect(bytes.length).toBeGreaterThan(0);
      expect(bytes.length).toBeLessThanOrEqual(20);
    } catch (error) {
      expect(Object(error).name).toBe("FetchFailed");
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});
