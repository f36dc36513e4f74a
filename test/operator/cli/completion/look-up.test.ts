import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { whereOf } from "../../../../operator/cli/completion/propose.ts";
import { openFilesBucket } from "../../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { deviceItem, fileItem } from "../../../../protocol/delivery-items.ts";
import { runCli } from "../../support/run-cli.ts";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
let services: Services;
beforeAll(async () => {
  services = await startServices({ table: true, fleets: [FLEET] });
  using bucket = openFilesBucket(await readLocalDeployment(services.folder));
  const keys = [
    "app/a.py",
    "app/lib/b.py",
    "app/lib/c.py",
    "apple",
    "gone.py",
    "dev-notes",
    "app/\u001b[31m",
  ];
  for (const Key of keys) await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key, Body: "x" }));
  await bucket.client.send(new DeleteObjectCommand({ Bucket: "files", Key: "gone.py" }));
  for (const device of [DEVICE, "dev:another"])
    await services.table.putOver(deviceItem({ value: { device }, revision: 0 }));
  const announced = { key: "app/a.py", sha256: "A".repeat(43), etag: "e", versionId: "v", size: 1, at: 1 };
  const value = { device: DEVICE, path: "app/a.py", announced };
  await services.table.putOver(fileItem({ value, revision: 0 }, undefined));
}, 60_000);
afterEach(() => {
  services.faults.aws = undefined;
  services.faults.s3 = undefined;
});
afterAll(() => services.stop());

/** The proposals for the last word, on a line that says which deployment is meant. */
async function propose(command: string, ...words: string[]): Promise<string[]> {
  const where = ["--local", "--data", services.folder];
  const { code, out, err } = await runCli(["__complete", "--", command, ...where, ...words]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.split("\n").slice(0, -1).sort();
}

test.each<[string[], string[]]>([
  [
    ["rm", ""],
    ["app/", "apple", "dev-notes"],
  ],
  [
    ["rm", "app/"],
    ["app/a.py", "app/lib/"],
  ],
  [
    ["rm", "apple", "app/lib/"],
    ["app/lib/b.py", "app/lib/c.py"],
  ],
  [
    ["share", "app/lib/"],
    ["app/lib/b.py", "app/lib/c.py"],
  ],
  [["share", "app/a.py", ""], []],
  [["history", "g"], ["gone.py"]],
  [["rollback", "--to", "1", "go"], ["gone.py"]],
  [
    ["status", "dev"],
    ["dev-notes", "dev:"],
  ],
  [
    ["status", "dev:"],
    [DEVICE, "dev:another"],
  ],
  [["status", "fleet:1"], [FLEET]],
  [
    ["events", ""],
    [DEVICE, "dev:another"],
  ],
  [["resend", "dev:a"], ["dev:another"]],
  [["retry", DEVICE, "a"], ["app/a.py"]],
  [["retry", "dev:another", "a"], []],
  [
    ["put", "x", "--to", ""],
    [DEVICE, "dev:another", FLEET],
  ],
  [["put", "x", "--to=f"], [`--to=${FLEET}`]],
])("%j: %j", async ([command = "", ...words], expected) => {
  expect(await propose(command, ...words)).toEqual(expected.toSorted());
});

test("what fails is silent, and what is known besides is proposed", async () => {
  services.faults.aws = (action) => {
    if (action.startsWith("dynamodb:")) throw new Error("a fault");
  };
  expect(await propose("events", "")).toEqual([]);
  expect(await propose("put", "x", "--to", "")).toEqual([FLEET]);
  const elsewhere = ["__complete", "--", "rm", "--local", "--data", "/nowhere", ""];
  expect(await runCli(elsewhere)).toEqual({ code: 0, out: "", err: "" });
});

test("what is never answered is not waited for", async () => {
  services.faults.aws = () => new Promise(() => undefined);
  expect(await propose("events", "")).toEqual([]);
}, 20_000);

test("a line tells which deployment is meant, as far as it goes", () => {
  const env = { HOME: "/home/me" };
  expect(whereOf(["ls", "--local", "--data", "~/x"], env)).toEqual({
    local: true,
    data: "/home/me/x",
    stage: undefined,
  });
  expect(whereOf(["ls", "--data=y", "--local", "--data=z"], env)).toMatchObject({ local: true, data: "z" });
  expect(whereOf(["ls", "--stage", "test"], env)).toEqual({
    local: undefined,
    data: undefined,
    stage: "test",
  });
});
