import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

test.each([
  [["put", "x", "--to", "foo"], "--to foo: it is none of dev:…, fleet:…, thing:… and thing-group:…"],
  [["status", "--limit", "-1"], "--limit -1: expected a whole number, 1 or more"],
  [["catch-up", "--since=now"], "--since now: expected a date"],
  [["redrive", "--wait", "x"], "--wait x: "],
  [["completion", "fish"], "fish: it is neither bash nor zsh"],
  [["put", "x", "--to", "a\n\u001b[2J"], "--to a\ufffd\ufffd[2J: it is none"],
])("%j: what is refused is named as it is typed", async (args, sentence) => {
  const { code, out, err } = await runCli(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err.startsWith(sentence)).toBe(true);
});

test("what is missing is named, and where one reads what there is", async () => {
  const missing = "Expected argument for key: --help says what the command takes\n";
  expect(await runCli(["history"])).toEqual({ code: 2, out: "", err: missing });
});
