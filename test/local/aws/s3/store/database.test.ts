import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { asS3Error } from "../../../../../local/aws/s3/http/error-reply.ts";
import { S3Error } from "../../../../../local/aws/s3/s3-error.ts";
import { DataFolderUnusable, openDatabase } from "../../../../../local/aws/s3/store/database.ts";
import { openStore } from "../../../../../local/aws/s3/store/store.ts";
import { dataFolder } from "../support/local-s3.ts";

async function open() {
  const file = path.join(await dataFolder(), "metadata.sqlite");
  const database = openDatabase(file);
  const insert = database.prepare("INSERT INTO bucket VALUES (?, 0, '', ?)");
  return {
    file,
    database,
    add: (name: string, text = "") => void insert.run(name, text),
    names: () =>
      database
        .prepare("SELECT name FROM bucket ORDER BY name")
        .all()
        .map(({ name }) => name),
  };
}

test("a work that throws leaves nothing, and those that share its commit are kept", async () => {
  const { database, add, names } = await open();
  const refuse = () => {
    add("refused");
    throw new S3Error("PreconditionFailed");
  };
  const outcomes = await Promise.allSettled([
    database.transaction(() => add("a")),
    database.transaction(refuse),
    database.transaction(() => {
      add("b");
      return names();
    }),
  ]);
  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: { code: "PreconditionFailed" } },
    { status: "fulfilled", value: ["a", "b"] }, // in order, each seeing those before
  ]);
  expect(names()).toEqual(["a", "b"]);
  database.close();
});

test("a full disk rejects what it could not keep, loses nothing, and can be mended", async () => {
  const { database, add, names } = await open();
  await database.transaction(() => add("kept"));
  const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
  database.prepare(`PRAGMA max_page_count = ${pages + 2}`).get();
  const outcomes = await Promise.allSettled([
    database.transaction(() => add("with it")),
    database.transaction(() => add("too large", "x".repeat(100_000))),
  ]);
  const [, refused] = outcomes;
  const reason: unknown = refused?.status === "rejected" ? refused.reason : undefined;
  expect(asS3Error(reason)).toMatchObject({ code: "ServiceUnavailable" });
  const survived = outcomes[0]?.status === "fulfilled" ? ["kept", "with it"] : ["kept"];
  expect(names()).toEqual(survived);
  database.prepare("PRAGMA max_page_count = 1000000").get();
  await database.transaction(() => add("too large", "x".repeat(100_000)));
  expect(names()).toEqual([...survived, "too large"].sort());
  database.close();
});

test("buckets in memory are those in the table, after something was undone too", async () => {
  const store = openStore(await dataFolder(), Date.now);
  const create = (name: string) => store.buckets.create(name, 0);
  await store.database.transaction(() => create("kept"));
  const undone = store.database.transaction(() => {
    create("undone");
    store.buckets.update("kept", { versioning: "Enabled" });
    store.buckets.delete("kept");
    throw new S3Error("InternalError");
  });
  await expect(undone).rejects.toThrow(S3Error);
  expect(store.buckets.list()).toMatchObject([{ name: "kept", versioning: "" }]);
  store.database.close();
});

test("every commit is synced", async () => {
  const { database } = await open();
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 }); // FULL
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
});

test("what is committed is there when it is opened again, and works that wait are done before it is closed", async () => {
  const { file, database, add } = await open();
  const waiting = database.transaction(() => add("last"));
  database.close();
  await waiting;
  const again = openDatabase(file);
  expect(again.prepare("SELECT name FROM bucket").all()).toMatchObject([{ name: "last" }]);
  again.close();
});

test("what a client is told of a fault inside is what is wrong with the disk, and nothing else", () => {
  const fault = (code: object) => asS3Error(Object.assign(new Error("/secret/path"), code));
  const disk: [object, string][] = [
    [{ code: "ENOSPC" }, "full"],
    [{ code: "EROFS" }, "read-only"],
    [{ code: "EIO" }, "cannot be read or written"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 13 }, "full"],
    [{ code: "ERR_SQLITE_ERROR", errcode: 778 }, "cannot be read or written"], // SQLITE_IOERR_WRITE
  ];
  for (const [code, word] of disk) {
    expect(fault(code)).toMatchObject({ code: "ServiceUnavailable", status: 503 });
    expect(fault(code).message).toContain(word);
    expect(fault(code).message).not.toContain("secret");
  }
  expect(fault({ code: "EACCES" })).toMatchObject({ code: "InternalError", status: 500 });
  expect(asS3Error("not even an error")).toMatchObject({ code: "InternalError" });
});

test("a file that cannot be opened is told with what to look at", async () => {
  const file = path.join(await dataFolder(), "metadata.sqlite");
  await writeFile(file, "not a database, but long enough to be taken for one".repeat(100));
  expect(() => openDatabase(file)).toThrow(DataFolderUnusable);
  expect(() => openDatabase(file)).toThrow(/metadata\.sqlite cannot be opened.*full or read-only/);
});
