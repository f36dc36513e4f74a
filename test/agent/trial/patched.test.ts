import { expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withRule } from "../support/app-rule.ts";
import { patchOf, publishPacked, sourceText } from "../support/packed.ts";

/** Long enough for a patch to be shorter. */
const scriptOf = (program: string) => Buffer.concat([Buffer.from(`${program}exit 0\n`), sourceText(3000)]);
const [good, bad] = [scriptOf(GOOD), scriptOf(BAD)];
const better = scriptOf(GOOD.replace("echo good", "echo better"));

test("a version that came in a Note is tried as any other, and what follows starts from what is there [NF-10.5]", async () => {
  const device = await startDevice();
  const flags = await withRule(device);
  const { card } = device.fake;
  publishPacked(card, "app", good, {}, 1);
  const agent = device.start({ flags });
  await agent.next("installed");
  publishPacked(card, "app", bad, { payload: [good, patchOf(good, bad)] }, 2);
  expect(await agent.next("failed")).toMatchObject({ reason: "run" });
  expect(await app(device)).toBe(good.toString());
  // The payload starts from the version that was taken back; a patch from the one before is announced as well.
  const patch = patchOf(good, better);
  publishPacked(card, "app", better, { payload: [bad, patchOf(bad, better)], patches: [[good, patch]] }, 3);
  const { way, bytes } = await agent.next("installed"); // patches of such small files are not worth it: it is the choice that counts
  expect([way, bytes]).toEqual(
    patch.length < better.length ? ["patch", patch.length] : ["whole", better.length],
  );
  expect(await app(device)).toBe(better.toString());
  expect((await ran(device)).at(-1)).toBe("better");
  await expect.poll(() => card.queue).toEqual([]);
});
