import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser } from "../../bench/console/browser.ts";
import { startConsoleWorld } from "../../bench/console/console-world.ts";
import type { StackEvent } from "../../local/progress/stack-event.ts";
import { LOCAL_IDENTITY } from "../../local/stack/identity.ts";
import { type ConsolePage, expectAccessible, openConsole } from "./support/console-page.ts";

const GOOD = "#!/bin/sh\nexit 0\n";
const BAD = "#!/bin/sh\nexit 3\n";
const { deviceUid } = LOCAL_IDENTITY;

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
  world = await startConsoleWorld(["--agent-config", config], {
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
  await page.getByText("told of no file yet").waitFor(); // its agent has said that it is there
  await expectAccessible(page, "no files");
  await page.getByRole("link", { name: "Attention" }).click();
  await page.getByText("Nothing is in trouble.").waitFor();
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
  await dialog
    .getByText("to the 1 device that were told of it")
    .or(dialog.getByText("to the 1 device that was told of it"))
    .waitFor();
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
