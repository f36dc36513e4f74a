import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FilesBucket, openFilesBucket } from "../../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { isSigned, parseSignedLink } from "../../../../protocol/signed-link.ts";
import { LINK_SECRET, type Services, startServices } from "../../support/services.ts";

let services: Services;
let bucket: FilesBucket;
beforeAll(async () => {
  services = await startServices();
  bucket = openFilesBucket(await readLocalDeployment(services.folder));
});
afterAll(async () => {
  bucket[Symbol.dispose]();
  await services.stop();
});

async function put(Key: string, Body: string): Promise<{ etag: string; versionId: string }> {
  const { ETag = "", VersionId = "" } = await bucket.client.send(
    new PutObjectCommand({ Bucket: "files", Key, Body }),
  );
  return { etag: ETag.replaceAll('"', ""), versionId: VersionId };
}

/** What a link opens, if the deployment's secret signed it. */
function openedBy(url: string) {
  const { origin, pathname, search } = new URL(url);
  expect(origin).toBe(services.fileServer.url);
  const link = parseSignedLink({ method: "GET", rawPath: pathname, rawQuery: search.slice(1), headers: {} });
  const isOurs = link !== undefined && isSigned(link, { current: LINK_SECRET, previous: "" });
  return isOurs ? link.linked : undefined;
}

describe("noteferry link", () => {
  test("prints the address of what a key holds now, and says what it opens, until when, and how", async () => {
    const { etag, versionId } = await put("app/my file.py", "print(1)");
    const { code, out, err } = await services.cli(["link", "app/my file.py"]);
    expect([code, openedBy(out.trim())]).toEqual([0, { key: "app/my file.py", etag }]);
    const [opens, curl] = err.trim().split("\n");
    expect(opens).toMatch(
      /^opens app\/my file\.py \(8 bytes, uploaded \S+\) to anybody, until the file is replaced/,
    );
    expect(curl).toContain(`--output './my file.py' '${out.trim()}'`);
    expect(out + err).not.toContain(LINK_SECRET);
    const { json } = await services.json(["link", "app/my file.py"]);
    expect(json).toMatchObject({
      key: "app/my file.py",
      url: out.trim(),
      etag,
      versionId,
      bytes: 8,
      until: null,
      curl,
    });
  });

  test("opens one version by --version, also of a file that is gone", async () => {
    const old = await put("two.py", "1");
    await put("two.py", "2");
    await bucket.client.send(new DeleteObjectCommand({ Bucket: "files", Key: "two.py" }));
    for (const which of ["1", old.versionId, old.versionId.slice(0, -2)]) {
      const { out } = await services.cli(["link", "two.py", "--version", which]);
      expect(openedBy(out.trim())).toEqual({ key: "two.py", version: old.versionId });
    }
    expect(await services.cli(["link", "two.py"])).toMatchObject({
      code: 5,
      out: "",
      err: expect.stringContaining("was deleted: --version opens one that it had"),
    });
  });

  test("says whose client has no room for it", async () => {
    const key = `${"deep/".repeat(24)}f`;
    await put(key, "x");
    const { err } = await services.cli(["link", key]);
    expect(err).toMatch(/its host has 9 characters and its path 193: .* takes 63 and 191\n/);
  });

  test.each([
    [["link", "missing"], 5, /never had a file missing/],
    [["link", "here", "--version", "7"], 5, /has no version 7/],
    [["link", "/at/the/top"], 2, /no signed link can name the key \/at\/the\/top; --s3 can/],
    [["link", "here", "--expires", "1h"], 2, /--expires goes with --s3/],
    [["link", "here", "--s3", "--expires", "8d"], 2, /^--expires 8d: expected a time such as 15m/],
    [["link", "here", "--s3", "--expires", "0s"], 2, /^--expires 0s: expected a time/],
  ])("%j is refused with what to do", async (args, code, sentence) => {
    await put("here", "x");
    await put("/at/the/top", "x");
    expect(await services.cli(args)).toMatchObject({ code, out: "", err: expect.stringMatching(sentence) });
  });

  test("without a secret it says what to store", async () => {
    await put("here", "x");
    const before = services.secrets.get(services.linkSecretArn);
    await services.secrets.put(services.linkSecretArn, '{"current":""}');
    const { code, err } = await services.cli(["link", "here"]);
    await services.secrets.put(services.linkSecretArn, before);
    expect([code, err]).toEqual([1, expect.stringContaining("LinkSecretArn holds nothing to sign with")]);
  });
});

describe("noteferry link --s3", () => {
  const KEY = "devices/dev:1/it's a $(file) ü.bin";

  test("prints an address of that very version, which the curl line fetches, whatever is in its name", async () => {
    const { versionId } = await put(KEY, "the old one");
    const { json } = await services.json(["link", KEY, "--s3", "--expires", "7d"]);
    await put(KEY, "the new one");
    const folder = await mkdtemp(path.join(services.folder, "curl-"));
    await promisify(execFile)("sh", ["-c", `${json.curl} --silent`], { cwd: folder });
    expect(await readFile(path.join(folder, "it's a $(file) ü.bin"), "utf8")).toBe("the old one");
    expect(json).toMatchObject({ versionId, key: KEY });
    const days = (Date.parse(json.until) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    const part = await fetch(json.url, { headers: { range: "bytes=4-6" } });
    expect([part.status, await part.text()]).toEqual([206, "old"]);
  });

  test("an hour, unless told otherwise; any version; also what no link can name", async () => {
    const { versionId } = await put("/top", "1");
    await put("/top", "2");
    const { out, err } = await services.cli(["link", "/top", "--s3", "--version", versionId]);
    const { searchParams } = new URL(out.trim());
    expect([searchParams.get("X-Amz-Expires"), searchParams.get("versionId")]).toEqual(["3600", versionId]);
    expect(await (await fetch(out.trim())).text()).toBe("1");
    expect(err).toMatch(/to anybody, until \d{4}-\d\d-\d\dT/);
  });
});
