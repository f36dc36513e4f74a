import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser } from "../../bench/console/browser.ts";
import { startConsoleWorld } from "../../bench/console/console-world.ts";
import type { StackEvent } from "../../local/progress/stack-event.ts";
import { LOCAL_IDENTITY } from "../../local/stack/identity.ts";
import { type ConsolePage, dropFiles, expectAccessible, openConsole } from "./support/console-page.ts";
import { expectThings } from "./support/things.ts";

const GOOD = "#!/bin/sh\nexit 0\n";
const BAD = "#!/bin/sh\nexit 3\n";
const { deviceUid, fleetUid } = LOCAL_IDENTITY;
/** All of one fleet. */
const DEVICES = 4;
const MIB = 1024 ** 2;

let folder = "";
let world: Awaited<ReturnType<typeof startConsoleWorld>>;
let browser: Browser;
let opened: ConsolePage;
let page: Page;
const events: { event: StackEvent; at: number }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-browser-"));
  const config = path.join(folder, "agent.json");
  await writeFile(config, JSON.stringify({ run: [{ match: "app", command: ["{path}"], seconds: 1 }] }));
  world = await startConsoleWorld(["--agent-config", config, "--devices", `${DEVICES}`, "--iot"], {
    onEvent: (event) => events.push({ event, at: performance.now() }),
  });
  browser = await startBrowser();
  opened = await openConsole(browser, world.console.link());
  page = opened.page;
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function upload(name: string, text: string): Promise<void> {
  await page.getByRole("link", { name: "Upload" }).click();
  await page
    .getByLabel("Files", { exact: true })
    .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Upload 1 file" }).click();
}

test("before there is anything, it says what to do", async () => {
  await expect.poll(() => page.getByText("told of no file yet").count()).toBe(DEVICES + 1); // their agents, and the thing's, have said that they are there
  await expectAccessible(page, "no files");
  await page.getByRole("link", { name: "Attention" }).click();
  await page.getByText("Nothing is in trouble.").waitFor();
  await page.getByRole("link", { name: "Fleets" }).click();
  await page.getByText("No fleet was told of a file yet.").waitFor();
  await page.getByRole("link", { name: "Files" }).click();
  await page.getByText("The bucket is empty.").waitFor();
  await page.getByRole("link", { name: "Dead letters" }).click();
  await page.getByText("There are none.").waitFor();
  await expectAccessible(page, "no dead letters");
});

test("a file goes from the browser to the device, and what will happen is said before", async () => {
  await page.getByRole("link", { name: "Upload" }).click();
  const input = page.getByLabel("Files", { exact: true });
  await input.setInputFiles({ name: "app", mimeType: "text/plain", buffer: Buffer.from(GOOD) });
  const plan = page.getByRole("region", { name: "What will happen" });
  await plan.getByText("1 device").waitFor();
  await plan.getByText(deviceUid).waitFor();
  await plan.getByText("at most 17 bytes for a device").waitFor();
  await plan.getByText("nothing: it is new").waitFor();
  await expectAccessible(page, "what will happen");
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  await page.getByText("1 of 1 file stored").waitFor();
  await page.getByRole("region", { name: "Progress" }).getByText("1 installed").waitFor();
  const device = world.stack.endpoints.device.root;
  expect(await readFile(path.join(device, "app"), "utf8")).toBe(GOOD);
});

test("a version that does not run shows as rolled back, with its reason, as soon as that is known", async () => {
  await upload("app", BAD);
  await page.getByRole("link", { name: "app", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: deviceUid });
  await row.getByText("rolled back").waitFor();
  const shown = performance.now();
  const told = events.findLast(({ event }) => event.step === "notice")?.at ?? 0;
  console.log(`shown ${(shown - told).toFixed(0)} ms after the receipt was recorded`);
  await row.getByRole("cell", { name: "run (exit 3)", exact: true }).waitFor();
  await row.getByText("v1").waitFor();
  await row.getByText("v2").waitFor();
  await page.getByRole("link", { name: "Attention" }).click();
  await row.getByText("rolled back").waitFor();
});

test("the way back asks first, and is followed to the device", async () => {
  await page.goto(`${opened.origin}/file?key=app`);
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  const dialog = page.getByRole("dialog", { name: "Roll back to version 1?" });
  await dialog.getByText("as any upload is, to 1 device.").waitFor();
  await dialog.getByText("On the link: at most 17 bytes").waitFor();
  await expectAccessible(page, "the question of a rollback");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
  await page.getByText("version 3").waitFor();
  await page
    .getByRole("row")
    .filter({ hasText: deviceUid })
    .getByText(/unchanged|installed/)
    .waitFor();
});

test("the page of the device has its files, what it said, and what the link cost", async () => {
  await page.goto(`${opened.origin}/device?id=${deviceUid}`);
  await page.getByRole("heading", { name: "What it said" }).waitFor();
  await page.getByRole("row").filter({ hasText: "run (exit 3)" }).first().waitFor();
  await page.getByText(/On the link its files took .* by \d+ reports/).waitFor();
  await expectAccessible(page, "a device");
});

test("what cannot be announced is a dead letter, with its reason and the way to try it again", async () => {
  await page.getByRole("link", { name: "Upload" }).click();
  const input = page.getByLabel("Files", { exact: true });
  await input.setInputFiles({ name: "lost.txt", mimeType: "text/plain", buffer: Buffer.from("lost") });
  await page.getByLabel("One device").check();
  await page.getByLabel("UID of the device").fill("dev:nobody");
  await page
    .getByRole("region", { name: "What will happen" })
    .getByText("devices/dev:nobody/lost.txt")
    .waitFor();
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  await page.getByText("1 of 1 file stored").waitFor();
  await page.getByRole("link", { name: "Dead letters" }).click();
  await expect
    .poll(async () => {
      await page.reload();
      await page.getByRole("heading", { name: "Dead letters" }).waitFor();
      return page
        .getByText("devices/dev:nobody/lost.txt")
        .or(page.getByText("There are none."))
        .first()
        .textContent();
    })
    .toContain("lost.txt");
  await expectAccessible(page, "dead letters");
  await page.getByRole("button", { name: "Try 1 letter again" }).click();
  await page.getByText("moved 1 of 1").waitFor();
  await expectAccessible(page, "what becomes of dead letters");
});

test("files and folders that are dropped on any page are planned with their places", async () => {
  const dropped = path.join(folder, "dropped");
  await mkdir(path.join(dropped, "release/deep"), { recursive: true });
  await writeFile(path.join(dropped, "one.txt"), "one");
  await writeFile(path.join(dropped, "release/two.txt"), "two");
  await writeFile(path.join(dropped, "release/deep/three.txt"), "three");
  await page.goto(`${opened.origin}/attention`);
  await dropFiles(page, [path.join(dropped, "one.txt"), path.join(dropped, "release")]);
  await page.getByRole("heading", { name: "Upload", exact: true }).waitFor();
  const plan = page.getByRole("region", { name: "What will happen" });
  for (const key of ["one.txt", "release/two.txt", "release/deep/three.txt"])
    await plan.getByRole("rowheader", { name: key, exact: true }).waitFor();
  await page.getByRole("button", { name: "Upload 3 files" }).click();
  await page.getByText("3 of 3 files stored").waitFor();
  const { root } = world.stack.endpoints.device;
  await expect
    .poll(() => readFile(path.join(root, "release/deep/three.txt"), "utf8").catch(() => ""))
    .toBe("three");
});

test("an upload that is cancelled leaves nothing in the bucket", async () => {
  const large = path.join(folder, "large.bin");
  await writeFile(large, "");
  await truncate(large, 64 * MIB);
  const network = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 8 * MIB };
  await network.send("Network.emulateNetworkConditions", slow);
  await page.getByRole("link", { name: "Upload" }).click();
  await page.getByLabel("Files", { exact: true }).setInputFiles(large);
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  const bar = page.getByRole("progressbar", { name: "Upload of large.bin" });
  await expect.poll(async () => Number(await bar.getAttribute("value"))).toBeGreaterThan(16 * MIB);
  const Bucket = world.bucket;
  const parts = async () =>
    (await world.s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
  expect(await parts()).toBe(1);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page
    .getByRole("row", { name: /large\.bin/ })
    .getByText("cancelled")
    .waitFor();
  await expect.poll(parts).toBe(0);
  const kept = await world.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "large.bin" }));
  expect(kept.Versions ?? []).toEqual([]);
  await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
  await network.detach();
});

test("a version is given to a part of its fleet, said in devices before, and the part grows by the keyboard", async () => {
  const key = `fleets/${fleetUid}/shared.txt`;
  const choose = async (text: string) => {
    await page.getByRole("link", { name: "Upload" }).click();
    const input = page.getByLabel("Files", { exact: true });
    await input.setInputFiles({ name: "shared.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
    await page.getByLabel("A fleet").check();
    await page.getByLabel("UID of the fleet").fill(fleetUid);
  };
  const followed = page.getByRole("region", { name: "Progress" });
  await choose("one");
  const plan = page.getByRole("region", { name: "What will happen" });
  await plan.getByText(`${DEVICES} devices`).waitFor();
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  await followed.getByText(`${DEVICES} installed`).waitFor();
  await choose("two");
  const slider = page.getByRole("slider", { name: "Share of the fleet" });
  await slider.focus();
  await page.keyboard.press("Home");
  await plan.getByText(`none of ${DEVICES} devices`).waitFor();
  await expectAccessible(page, "an upload for a part of a fleet");
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  await page.getByText("1 of 1 file stored").waitFor();
  await page.getByRole("link", { name: key }).click();
  await page.getByText("0 % of the fleet").waitFor();
  await expect
    .poll(() => page.getByText("outside the share").and(page.locator("td.wide")).count())
    .toBe(DEVICES);

  await page.getByRole("button", { name: "Change the share" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Change the share" });
  await dialog.getByText(`is for 0 % now, 0 of ${DEVICES} devices.`).waitFor();
  const said = async () => (await slider.getAttribute("aria-valuetext")) ?? "";
  const many = async () => Number(/, (\d+) of/.exec(await said())?.[1]);
  for (let presses = 0; presses < 10 && (await many()) === 0; presses += 1)
    await page.keyboard.press("PageUp");
  const inside = await many();
  expect(inside).toBeGreaterThan(0);
  await dialog.getByText(/more devices? (?:is|are) told of it/).waitFor();
  await expectAccessible(page, "the question of a share");
  const [percent = ""] = (await said()).split(",");
  await dialog.getByRole("button", { name: `Give it to ${percent}` }).focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByText(`Taken up: it is for ${percent} now.`).waitFor();
  const rows = page.getByRole("row").filter({ hasText: "dev:" });
  await expect
    .poll(() => rows.filter({ hasText: "v2" }).filter({ hasText: "installed" }).count())
    .toBe(inside);
  expect(await rows.filter({ hasText: "outside the share" }).count()).toBe(DEVICES - inside);
});

test("a fleet shows which files are for a part of it, and how far each device is", async () => {
  await page.getByRole("link", { name: "Fleets" }).click();
  await page.getByRole("row").filter({ hasText: fleetUid }).getByText(`${DEVICES} current`).waitFor();
  await expectAccessible(page, "fleets");
  await page.getByRole("link", { name: fleetUid }).click();
  await page.getByText(/, announced .* ago as manifest \d+\./).waitFor();
  await page.getByRole("link", { name: `${DEVICES} current` }).click();
  await expect.poll(() => page.getByRole("row").filter({ hasText: "dev:" }).count()).toBe(DEVICES);
  await expectAccessible(page, "a fleet");
  await page.getByRole("link", { name: deviceUid }).click();
  await page.getByRole("heading", { name: "Its fleets" }).waitFor();
});

test("a thing and a group of things get what is uploaded for them, and their pages show it", async () => {
  await expectThings(page, opened.origin, world.stack);
});

test("the link opened it once: another browser is turned away, and so is one that comes after the console has ended", async () => {
  const link = world.console.link();
  const first = await openConsole(browser, link);
  await first.page.getByRole("heading", { name: "Devices" }).waitFor();
  expect(first.page.url()).not.toContain("#");
  await first.page.goto(link); // the same browser may
  await first.page.getByRole("heading", { name: "Devices" }).waitFor();
  const second = await openConsole(browser, link);
  await second.page.getByText("This console does not know your browser").waitFor();
  await expectAccessible(second.page, "the closed door");
  for (const each of [first, second]) await each.context.close();
});

test("nothing else went wrong", () => {
  expect(opened.wrong).toEqual([]);
  expect(world.faults).toEqual([]);
});
