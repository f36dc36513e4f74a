import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFilesBucket } from "../../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { compileCache } from "../../../support/compile-cache.ts";
import { runCli } from "../../support/run-cli.ts";
import { DEVICE, type Services, startServices } from "../../support/services.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../../operator/cli/main.ts");

/** Keys that the shell would read as something else. */
const COSTS = ["cost/a$HOME.txt", 'cost/b"`\\.txt', "cost/c'd.txt", "cost/e!f.txt"];

let services: Services;
beforeAll(async () => {
  services = await startServices();
  using bucket = openFilesBucket(await readLocalDeployment(services.folder));
  for (const Key of ["app/my file.txt", ...COSTS, `devices/${DEVICE}/a:b.txt`, `devices/${DEVICE}/a:c.txt`])
    await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key, Body: "x" }));
  const command = `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`;
  await writeFile(path.join(services.folder, "noteferry"), command, { mode: 0o755 });
  const { out: script } = await runCli(["completion", "bash"]);
  await writeFile(path.join(services.folder, "completion.bash"), script);
});
afterAll(() => services.stop());

/** What bash is to put in place of the last of the words that it has cut a line into. */
function complete(pieces: readonly string[], line: string): Promise<string[]> {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const script = `source completion.bash
    COMP_WORDS=(${pieces.map(quote).join(" ")}); COMP_CWORD=${pieces.length - 1}
    COMP_LINE=${quote(line)}; COMP_POINT=\${#COMP_LINE}
    _noteferry; ((\${#COMPREPLY[@]} == 0)) || printf '%s\n' "\${COMPREPLY[@]}"`;
  const { folder } = services;
  const env = { ...compileCache(), PATH: `${folder}:${path.dirname(process.execPath)}:${process.env.PATH}` };
  const { promise, resolve } = Promise.withResolvers<string[]>();
  execFile("bash", ["--norc", "-c", script], { cwd: folder, env }, (_error, out) =>
    resolve(out.split("\n").slice(0, -1)),
  );
  return promise;
}

/** Cuts a line as bash does, if nothing in it is quoted. */
const cut = (line: string) => [...line.matchAll(/[^\s:=]+|[:=]+/g)].map(([piece]) => piece);
const plain = (line: string) => complete(line.endsWith(" ") ? [...cut(line), ""] : cut(line), line);
const LOCAL = "--local --data .";
/** With the last word as it is typed, a quote that was begun and all. */
const typed = (word: string) =>
  complete(["noteferry", "rm", "--local", "--data", ".", word], `noteferry rm ${LOCAL} ${word}`);

test.each<[string, () => Promise<string[]>, string[]]>([
  ["a command", () => plain("noteferry ro"), ["rollback"]],
  ["a flag", () => plain("noteferry rm --y"), ["--yes"]],
  ["a folder, of which no space is made the end", () => plain(`noteferry rm ${LOCAL} a`), ["app/"]],
  [
    "a key behind a colon: what bash has before it stays",
    () => plain(`noteferry rm ${LOCAL} devices/${DEVICE}/a:`),
    ["b.txt", "c.txt"],
  ],
  ["a key with a blank, begun as it is typed", () => typed("app/my\\ f"), ["app/my\\ file.txt"]],
  ["a key in quotes", () => typed('"app/my f'), ["app/my file.txt"]],
  ["a dollar sign", () => typed("cost/a$"), ["cost/a\\$HOME.txt"]],
  ["a dollar sign in quotes", () => typed('"cost/a$'), ["cost/a\\$HOME.txt"]],
  ["one that is written as it has to be", () => typed('"cost/a\\$H'), ["cost/a\\$HOME.txt"]],
  ["one in quotes that keep it", () => typed("'cost/a$"), ["cost/a$HOME.txt"]],
  ["all that is special in quotes", () => typed('"cost/b'), ['cost/b\\"\\`\\\\.txt']],
  ["nothing that its quotes would end", () => typed("'cost/c"), []],
  ["nothing that its quotes would not keep", () => typed('"cost/e'), []],
  ["what other quotes keep", () => typed("'cost/e"), ["cost/e!f.txt"]],
  ["a file to put", () => plain("noteferry put notef"), ["noteferry"]],
  ["a data folder", () => plain("noteferry ls --local --data s3"), ["s3"]],
  ["no file where none is meant", () => plain(`noteferry rm ${LOCAL} notef`), []],
])("bash completes %s", async (_what, completing, expected) => {
  expect(await completing()).toEqual(expected);
});
