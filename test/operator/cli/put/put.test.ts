import { appendFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.stop());

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-put-"));
  services.observations.length = 0;
});
afterEach(async () => {
  services.faults.s3 = undefined;
  await rm(folder, { recursive: true, force: true });
});

const write = async (name: string, content: string | Buffer) => {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
};
const put = (...args: string[]) => services.cli(["put", ...args], { cwd: folder });
const uploads = () => services.observations.filter(({ operation }) => operation !== "HeadObject");

test("a file goes under its name, its key is the result, and the talk is elsewhere", async () => {
  await write("app/main.py", "print(1)");
  expect(await put("app/main.py")).toEqual({
    code: 0,
    out: "main.py\n",
    err: "uploaded 1 of 1 file, 8 bytes\n",
  });
  expect(await services.json(["ls", "main.py"])).toMatchObject({
    json: { files: [{ key: "main.py", bytes: 8, target: DEVICE }] },
  });
});

test("--to and --as make the key; what editors and git leave behind stays behind, and links are told", async () => {
  await write("app/main.py", "print(1)");
  await write("app/lib/x.py", "");
  for (const name of ["app/.git/HEAD", "app/.DS_Store", "app/lib/Thumbs.db", "app/main.py~"])
    await write(name, "x");
  await symlink("/etc/hostname", path.join(folder, "app/link"));
  const run = await services.json(["put", "app", "--to", "fleet:a1", "--as", "srv/app/"], { cwd: folder });
  expect(run.json).toMatchObject({ failed: [], left: [{ path: "link", why: "it is a symbolic link" }] });
  expect(run.json.put.map(({ key }: { key: string }) => key).sort()).toEqual([
    "fleets/fleet:a1/srv/app/lib/x.py",
    "fleets/fleet:a1/srv/app/main.py",
  ]);
  expect(run.err).toContain("left out: link, it is a symbolic link");
});

test("nothing is sent if a part of it could never arrive", async () => {
  await write("app/fine.py", "1");
  await write(`app/${"long".repeat(40)}`, "1");
  const run = await put("app");
  expect(run).toMatchObject({ code: 2, out: "" });
  expect(run.err).toMatch(/^nothing was uploaded.*a Note carries 250/s);
  expect(await put("app/fine.py", "--as", "../up")).toMatchObject({ code: 2 });
  expect(await put("app/fine.py", "--as", "devices/lamp/x")).toMatchObject({ code: 2 });
  expect(uploads()).toEqual([]);
});

test.each([
  [["gone.py"], "there is no such file or folder"],
  [["."], "has no files to upload"],
  [["/dev/null"], "is neither a file nor a folder"],
])("%s is refused", async (args, sentence) => {
  const run = await put(...args);
  expect(run).toMatchObject({ code: 2, out: "" });
  expect(run.err).toContain(sentence);
});

test("a big file goes in parts, and a terminal sees how far it is", async () => {
  await write("big.bin", Buffer.alloc(20 * 1024 ** 2, 7));
  const run = await services.cli(["put", "big.bin"], { cwd: folder, terminal: true });
  expect(run).toMatchObject({ code: 0, out: "big.bin\n" });
  expect(run.err).toMatch(/\[#+-+\] \d+ %, \d.*MB of 21\.0 MB/);
  expect(
    uploads()
      .map(({ operation }) => operation)
      .sort(),
  ).toEqual([
    ...["CompleteMultipartUpload", "CreateMultipartUpload"],
    ...["UploadPart", "UploadPart", "UploadPart"],
  ]);
  expect((await put("big.bin")).err).not.toContain("\r"); // no bar in a pipe
});

test("one file that fails does not keep the others, and the exit code tells", async () => {
  await write("app/a.py", "1");
  await write("app/b.py", "1");
  services.faults.s3 = ({ key }) => (key === "app/a.py" ? { fail: "AccessDenied" } : undefined);
  const run = await services.json(["put", "app"], { cwd: folder });
  expect(run.code).toBe(1);
  expect(run.json).toMatchObject({ put: [{ key: "app/b.py" }], failed: [{ key: "app/a.py" }] });
  expect(run.err).toMatch(/1 file failed:\napp\/a\.py: AWS does not allow it/);
});

test("a file that changes while its parts are sent leaves nothing in the bucket, and that is said", async () => {
  await write("growing.bin", Buffer.alloc(20 * 1024 ** 2, 7));
  services.faults.s3 = ({ operation }) => {
    if (operation === "UploadPart") appendFileSync(path.join(folder, "growing.bin"), "x");
    return undefined;
  };
  const run = await services.json(["put", "growing.bin"], { cwd: folder });
  const why = expect.stringMatching(
    /growing\.bin changed while it was read, and nothing of it was stored: put it/,
  );
  expect(run).toMatchObject({ code: 1, json: { put: [], failed: [{ key: "growing.bin", why }] } });
  expect((await services.json(["ls", "growing.bin"])).json).toEqual({ files: [] });
  expect(uploads().map(({ operation }) => operation)).toContain("AbortMultipartUpload");
});

test("a name that moves the cursor, or makes a line, is told on one", async () => {
  await write("app/a\n\u001b[31m.py", "1");
  const { err } = await put("app");
  expect(err.split("\n").slice(1)).toEqual([
    "app/a\ufffd\ufffd[31m.py: the path has a backslash or a control character",
    "",
  ]);
  expect((await put("gone\n\u001b")).err).toBe(
    `${folder}/gone\ufffd\ufffd cannot be read: there is no such file or folder\n`,
  );
});

test("--dry-run says what it would do", async () => {
  await write("app/a.py", "1");
  const run = await put("app", "--dry-run", "--to", DEVICE);
  expect(run).toEqual({ code: 0, out: "", err: `would upload devices/${DEVICE}/app/a.py (1 byte)\n` });
  expect(uploads()).toEqual([]);
});

// The last one: requests that it cuts are still on their way.
test("Ctrl-C ends it, and leaves no parts that nobody completes", async () => {
  await write("big.bin", Buffer.alloc(20 * 1024 ** 2, 7));
  const interrupt = new AbortController();
  services.faults.s3 = ({ operation }) => {
    if (operation === "UploadPart") interrupt.abort();
    return undefined;
  };
  const run = await services.cli(["put", "big.bin"], { cwd: folder, signal: interrupt.signal });
  expect(run).toEqual({ code: 130, out: "", err: "interrupted\n" });
  const operations = uploads().map(({ operation }) => operation);
  expect(operations).toContain("AbortMultipartUpload");
  expect(operations).not.toContain("CompleteMultipartUpload");
});
