import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createAsk } from "../../../../operator/cli/terminal/ask.ts";

/** A terminal whose keys a test presses. */
function terminal(isTTY = true) {
  const interrupt = new AbortController();
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  const ask = createAsk({ input, output }, interrupt.signal, () => interrupt.abort());
  return { ask, press: (keys: string) => input.write(keys), written: () => String(output.read()) };
}

test("asks, and reads a line", async () => {
  const { ask, press, written } = terminal();
  const answer = ask?.("Sure? ");
  press("yes\r");
  expect(await answer).toBe("yes");
  expect(written()).toContain("Sure? ");
});

test("Ctrl-D answers nothing", async () => {
  const { ask, press } = terminal();
  const answer = ask?.("Sure? ");
  press("\u0004");
  expect(await answer).toBe("");
});

test("Ctrl-C interrupts", async () => {
  const { ask, press } = terminal();
  const answer = ask?.("Sure? ");
  press("\u0003");
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
});

test("there is nobody to ask at a pipe", () => {
  expect(terminal(false).ask).toBeUndefined();
});
