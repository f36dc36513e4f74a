import { expect, test } from "vitest";
import type { FetchFailure } from "../../../agent/link/fetch-failed.ts";
import { etagOf } from "../../agent/support/fake-server.ts";
import { patternedBytes } from "../../agent/support/patterned-bytes.ts";
import { describeFetch } from "./support/describe-link.ts";
import type { Trouble } from "./support/file-server.ts";

const BYTES = patternedBytes(3_000);
const FILE = { key: "a.bin", etag: etagOf(BYTES), size: BYTES.length };

const failed = (reason: FetchFailure) => ({ name: "FetchFailed", reason });

describeFetch("a fetch that fails", (start, { hidesTexts }) => {
  async function startWith(trouble: Trouble | undefined) {
    const under = await start();
    under.server.files.set(FILE.key, BYTES);
    under.server.trouble = trouble;
    return under;
  }

  test.each<[Trouble, FetchFailure]>([
    [{ status: 301 }, "route"],
    [{ status: 302 }, "route"],
    [{ status: 307 }, "route"],
    [{ status: 400 }, "route"],
    [{ status: 400, body: { err: "no {bad-request}" } }, "rejected"],
    [{ status: 401 }, "unauthorized"],
    [{ status: 401, body: { err: "no {unauthorized}" } }, "unauthorized"],
    [{ status: 403 }, "unauthorized"],
    [{ status: 404 }, "route"],
    [{ status: 404, body: { message: "Not Found" } }, "route"],
    [{ status: 404, body: { err: "no {no-such-door}" } }, "route"],
    [{ status: 404, body: { err: "no {file-changed}" } }, "route"],
    [{ status: 404, body: { err: "no {file-not-found}" } }, "file-not-found"],
    [{ status: 405, body: { err: "no {method}" } }, "rejected"],
    [{ status: 408 }, "timeout"],
    [{ status: 412 }, "route"],
    [{ status: 412, body: { err: "no {file-changed}" } }, "file-changed"],
    [{ status: 413 }, "too-big"],
    [{ status: 416 }, "route"],
    [{ status: 416, body: { err: "no {out-of-range}" } }, "wrong-size"],
    [{ status: 418 }, "route"],
    [{ status: 429 }, "busy"],
    [{ status: 500 }, "busy"],
    [{ status: 503 }, "busy"],
    ["spoilt", "damaged"],
  ])("says why, and the next one does not: %j is %s [NF-6.4]", async (trouble, reason) => {
    const { link, server } = await startWith(trouble);
    await expect(link.fetch(FILE, 0)).rejects.toMatchObject(failed(reason));
    server.trouble = undefined;
    const bytes = await link.fetch(FILE, 0);
    expect(bytes.equals(BYTES.subarray(0, bytes.length))).toBe(true);
  });

  test.each<[Trouble, RegExp]>([
    [{ status: 301, body: "" }, /^route$/],
    [{ status: 404, body: "" }, /^route$/],
    [{ status: 404, body: "<html>" }, /^(?:route|damaged)$/],
    [{ status: 412, body: "<html>" }, /^(?:route|damaged)$/],
    [{ status: 416, body: "" }, /^route$/],
    [{ status: 200, body: "<html>sign in" }, /^(?:route|damaged)$/],
    [{ status: 200, body: "h".repeat(BYTES.length) }, /^(?:route|damaged)$/],
    [{ status: 204, body: "" }, /^route$/],
  ])("never takes a stranger's word about the file: %j is %s", async (trouble, reason) => {
    const { link, server } = await startWith(trouble);
    await expect(link.fetch(FILE, 0)).rejects.toMatchObject({
      name: "FetchFailed",
      reason: expect.stringMatching(reason),
    });
    server.trouble = undefined;
    expect((await link.fetch(FILE, 0)).length).toBeGreaterThan(0);
  });

  test("tells when the server wants to be asked again [NF-6.2]", async () => {
    const { link, server } = await startWith({ status: 503, body: { err: "{try-again}", retry: 7 } });
    await expect(link.fetch(FILE, 0)).rejects.toMatchObject({ ...failed("busy"), retryAfter: 7 });
    server.trouble = { status: 503 };
    await expect(link.fetch(FILE, 0)).rejects.toMatchObject({ ...failed("busy"), retryAfter: undefined });
  });

  test("does not show bytes of a version that is not the one asked for", async () => {
    const { link, server } = await startWith(undefined);
    server.files.set(FILE.key, patternedBytes(FILE.size, 2));
    await expect(link.fetch(FILE, 0)).rejects.toMatchObject(failed("file-changed"));
  });

  test.each(hidesTexts ? [404, 412, 416] : [])(
    "asks once more where a %d has no text, and goes by that",
    async (status) => {
      const { link, server } = await startWith({ status, body: "", doors: "by range" });
      const fetched = () =>
        link.fetch(FILE, 0).then(
          ({ length }) => length,
          ({ reason }) => reason,
        );
      expect([await fetched()]).toSatisfy(([told]) => told === "route" || told === BYTES.length);
      server.files.set(FILE.key, patternedBytes(FILE.size, 2));
      expect(await fetched()).toBe("file-changed");
      server.files.delete(FILE.key);
      expect(await fetched()).toBe("file-not-found");
      expect(server.requests).toBeLessThanOrEqual(6);
    },
  );

  test("says that the server has no such file", async () => {
    const { link } = await startWith(undefined);
    await expect(link.fetch({ ...FILE, key: "b.bin" }, 0)).rejects.toMatchObject(failed("file-not-found"));
  });

  test.each([1, -1])("says that the file is not as long as announced, which is %d more", async (more) => {
    const { link } = await startWith(undefined);
    const file = { ...FILE, size: FILE.size + more };
    await expect(link.fetch(file, 0)).rejects.toMatchObject(failed("wrong-size"));
  });

  test("says so where the server hangs up, and may be made again", async () => {
    const { link, server } = await startWith("hang-up");
    const failure = await link.fetch(FILE, 0).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "FetchFailed" });
    expect(["busy", "offline", "timeout", "damaged"]).toContain(Object(failure).reason);
    server.trouble = undefined;
    expect((await link.fetch(FILE, 0)).length).toBeGreaterThan(0);
  });
});

describeFetch(
  "without a network",
  (start) => {
    test("a fetch says that it is offline", async () => {
      const { link, radio, server } = await start();
      server.files.set(FILE.key, BYTES);
      expect((await link.fetch(FILE, 0)).length).toBeGreaterThan(0);
      radio?.off();
      await expect(link.fetch(FILE, 0)).rejects.toMatchObject(failed("offline"));
      radio?.on();
      await expect.poll(() => link.fetch(FILE, 0).catch(() => Buffer.alloc(0))).not.toHaveLength(0);
    });
  },
  ({ hasRadio }) => hasRadio,
);
