import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatJobDocument,
  isJobTarget,
  JOB_DOCUMENT_MAX_CHARS,
  type JobAnnouncement,
  type LoneFile,
  membersLeftOut,
  parseJobDocument,
  whyUnreadable,
} from "../../protocol/job-document.ts";
import { formatSignedLink, LINK_PATH_MAX_CHARS } from "../../protocol/signed-link.ts";

const anyNotice = fc.record(
  {
    serial: fc.integer({ min: 1, max: 2 ** 40 }),
    sha256: fc.stringMatching(/^[\w-]{43}$/),
    size: fc.integer({ min: 1, max: 4 * 1024 ** 2 }),
    step: fc.record({ base: fc.stringMatching(/^[\w-]{8}$/), bytes: fc.integer({ min: 1, max: 8192 }) }),
    zstd: fc.integer({ min: 1, max: 10 ** 6 }),
  },
  { requiredKeys: ["serial", "sha256", "size"] },
);
const anyJob: fc.Arbitrary<JobAnnouncement> = fc.record({
  for: fc.stringMatching(/^thing(-group)?:[0-9A-Za-z:_-]{1,128}$/),
  sig: fc.stringMatching(/^[\w-]{22}$/),
  at: fc.constantFrom("https://abc.lambda-url.eu-central-1.on.aws", "https://localhost:4602", "http://h"),
  notice: anyNotice,
});
const linkOf = (key: string) => formatSignedLink({ key, version: "v".repeat(32) }, "secret");
const loneOf = (path: string): LoneFile => ({ link: linkOf(`things/pump/${path}`), path, size: 10 });
const JOB: JobAnnouncement = {
  ...{ for: "thing:pump", sig: "s".repeat(22), at: "https://files.example.com" },
  notice: {
    serial: 7,
    sha256: "A".repeat(43),
    size: 300,
    step: { base: "B".repeat(8), bytes: 80 },
    zstd: 200,
  },
};

describe("a job document [NF-13.3]", () => {
  test("is read as it was written, with what there is for others besides", () => {
    const lone = fc.option(fc.constant(loneOf("fw.bin")), { nil: undefined });
    fc.assert(
      fc.property(anyJob, lone, (job, file) => {
        const text = formatJobDocument(job, file);
        expect(parseJobDocument(JSON.parse(text))).toEqual(job);
        expect(text.length).toBeLessThan(JOB_DOCUMENT_MAX_CHARS);
        expect(text).not.toContain("${aws:"); // which AWS IoT would replace
      }),
    );
  });

  test("has members that nobody knows yet, which are ignored", () => {
    const document = JSON.parse(formatJobDocument(JOB));
    const more = { ...document, later: 1, noteferry: { ...document.noteferry, later: [1] } };
    expect(parseJobDocument(more)).toEqual(JOB);
  });

  test("of whatever else is nothing, and no reader fails on it", () => {
    const good = JSON.parse(formatJobDocument(JOB)).noteferry;
    const names = Object.keys(good);
    const wrong = fc.constantFrom("for", "sig", "at", "s", "m", "n");
    fc.assert(
      fc.property(fc.jsonValue(), wrong, fc.jsonValue(), (any, name, value) => {
        expect(parseJobDocument(any)).toBeUndefined();
        const changed = parseJobDocument({ noteferry: { ...good, [name]: value } });
        if (changed === undefined) return;
        // What is still taken is of the form that the contract gives it.
        expect(isJobTarget(changed.for)).toBe(true);
        expect(changed.sig).toMatch(/^[\w-]{22}$/);
        expect(new URL(changed.at).origin).toBe(changed.at);
        expect(changed.notice.serial).toBeGreaterThan(0);
      }),
    );
    for (const name of names.filter((each) => each !== "p" && each !== "z"))
      expect(parseJobDocument({ noteferry: { ...good, [name]: undefined } })).toBeUndefined();
  });

  test.each([
    ["for", "dev:1"],
    ["for", "fleet:1"],
    ["for", "thing:a/b"],
    ["sig", `${"s".repeat(21)}=`],
    ["sig", "s".repeat(23)],
    ["at", "ftp://files.example.com"],
    ["at", "https://user:secret@files.example.com"],
    ["at", "https://files.example.com/path"],
    ["at", "https://files.example.com\\evil"],
    ["at", `https://${"a".repeat(400)}`],
    ["m", "A".repeat(42)],
    ["n", 5 * 1024 ** 2],
    ["s", 0],
  ])("with %s %j is nothing", (name, value) => {
    const { noteferry } = JSON.parse(formatJobDocument(JOB));
    expect(parseJobDocument({ noteferry: { ...noteferry, [name]: value } })).toBeUndefined();
  });
});

describe("other readers [NF-13.4]", () => {
  test("have the lone file's link in the members that each knows", () => {
    const file = loneOf("app/fw.bin");
    const document = JSON.parse(formatJobDocument(JOB, file));
    const url = `https://files.example.com${file.link}`;
    expect(document).toMatchObject({
      url,
      location: { protocol: "https:", host: "files.example.com", path: file.link.slice(1) },
      afr_ota: {
        protocols: ["HTTP"],
        files: [{ filepath: "app/fw.bin", filesize: 10, fileid: 0, update_data_url: url }],
      },
    });
  });

  test("take what is within their limits, and of nothing else is it said that they do", () => {
    const path = fc.stringMatching(/^[\w./ -]{1,300}$/);
    fc.assert(
      fc.property(anyJob, path, (job, name) => {
        const file = loneOf(name);
        const why = whyUnreadable(job, file);
        const left = membersLeftOut(job, file);
        const document = JSON.parse(formatJobDocument(job, file));
        const bytes = Buffer.byteLength(JSON.stringify(document)) + 300;
        if (left.length < 3) expect(bytes).toBeLessThanOrEqual(1350);
        expect(Object.keys(document).sort()).toEqual(
          ["noteferry", "url", "afr_ota", "location"]
            .filter((member) => !left.includes(member as "url"))
            .sort(),
        );
        expect(why === undefined).toBe(left.length < 3 && file.link.length - 1 <= LINK_PATH_MAX_CHARS);
      }),
    );
    expect(whyUnreadable(JOB, loneOf("fw.bin"))).toBeUndefined();
  });

  test("leave out what has no room, the reader with the least room last", () => {
    const wide = { ...JOB, at: `https://${"a".repeat(110)}` };
    const left = (length: number) => membersLeftOut(wide, loneOf("x".repeat(length)));
    const all = Array.from({ length: 112 }, (_, length) => left(length).join());
    expect(new Set(all)).toEqual(new Set(["url", "url,afr_ota"]));
    expect(all).toEqual(all.toSorted((a, b) => a.length - b.length));
    const nordic = { ...JOB, for: "thing:nrf-352656100367872", at: `https://${"a".repeat(51)}.eu-central-1` };
    const key = "things/nrf-352656100367872/app_update.bin";
    const file = { link: linkOf(key), path: "app_update.bin", size: 500_000 };
    expect(membersLeftOut(nordic, file)).toEqual([]);
    expect(membersLeftOut(JOB, loneOf("fw.bin"))).toEqual([]);
  });

  test("are told which of their limits it is, and no host is one", () => {
    const room = LINK_PATH_MAX_CHARS - (linkOf("things/pump/").length - 1);
    expect(whyUnreadable(JOB, loneOf("x".repeat(room)))).toBeUndefined();
    expect(whyUnreadable(JOB, loneOf("x".repeat(room + 1)))).toMatch(/192 characters, at most 191/);
    const wide = { ...JOB, for: `thing:${"t".repeat(128)}`, at: `https://${"a".repeat(280)}` };
    expect(whyUnreadable(wide, loneOf("x".repeat(room)))).toMatch(
      /message would have up to \d+ bytes, at most 1350/,
    );
    const far = { ...JOB, at: `https://${"a".repeat(32)}.lambda-url.ap-southeast-1.on.aws` };
    expect(new URL(far.at).hostname.length).toBeGreaterThan(63);
    expect(whyUnreadable(far, loneOf("fw.bin"))).toBeUndefined();
  });
});
