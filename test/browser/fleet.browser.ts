import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser } from "../../bench/console/browser.ts";
import { startConsoleWorld } from "../../bench/console/console-world.ts";
import { deviceOf, fillTable, type Upload, uploadVersions } from "../../bench/console/fleet.ts";
import { createDynamoDbTable } from "../../functions/delivery-recorder/aws/dynamodb-table.ts";
import { deviceItem, fileItem } from "../../protocol/delivery-items.ts";
import { type ConsolePage, expectAccessible, openConsole } from "./support/console-page.ts";

const DEVICES = 1_000;
/** As many as the bench has: what a page reads depends on it. */
const FILES = ["app/main.py", ...Array.from({ length: 19 }, (_, index) => `app/module-${index}.py`)];
const HOSTILE = `<img src=x onerror=alert(1)><script>alert(2)</script>\u202egnp.exe"'&amp;`;

let world: Awaited<ReturnType<typeof startConsoleWorld>>;
let browser: Browser;
let opened: ConsolePage;
let page: Page;
let fileAddress = "";

beforeAll(async () => {
  world = await startConsoleWorld(["--no-agent"]);
  browser = await startBrowser();
  opened = await openConsole(browser, world.console.link());
  page = opened.page;
  const files = FILES.map((path) => ({ path, key: world.fleetKey(path) }));
  fileAddress = `${opened.origin}/file?key=${encodeURIComponent(world.fleetKey("app/main.py"))}`;
  await page.getByText("No device is known yet.").waitFor();
  await expectAccessible(page, "no device");
  const contents = ["one", "two"].map((text) => (path: string) => `# ${path} ${text}\n`.repeat(50));
  const uploads: Upload[][] = await uploadVersions(world.s3, world.bucket, files, contents);
  await fillTable(world.dynamodb, world.table, DEVICES, uploads, Date.now(), { history: false });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

test("a thousand devices come a page at a time, counted, and the address says which page", async () => {
  await page.goto(opened.origin);
  await page.getByText("1,000 devices").waitFor();
  const named = page.locator("th[scope=rowgroup]");
  expect(await named.count()).toBe(25);
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByText(deviceOf(25), { exact: true }).waitFor();
  expect(page.url()).toContain("after=");
  await page.reload();
  await page.getByText(deviceOf(25), { exact: true }).waitFor();
  await page.goBack();
  await page.getByText(deviceOf(0), { exact: true }).waitFor();
});

test("a search is kept in the address, and the key / leads to it", async () => {
  await page.goto(opened.origin);
  await page.getByText(deviceOf(0), { exact: true }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(deviceOf(777));
  await expect.poll(() => page.locator("th[scope=rowgroup]").count()).toBe(1);
  expect(new URL(page.url()).searchParams.get("q")).toBe(deviceOf(777));
  await page.getByRole("searchbox").fill("dev:nobody");
  await page.getByText("No device's UID begins with “dev:nobody”.").waitFor();
  await expectAccessible(page, "nothing found");
});

test("a file shows how many have which version, and its devices by state", async () => {
  await page.goto(fileAddress);
  const versions = page.getByRole("table").filter({ hasText: "Uploaded" });
  await versions
    .getByRole("row")
    .filter({ hasText: "version 2" })
    .getByRole("cell", { name: /^\d{3}$/ })
    .waitFor();
  await expectAccessible(page, "a file");
  await page.getByRole("link", { name: /rolled back/ }).click();
  expect(new URL(page.url()).searchParams.get("state")).toBe("rolled-back");
  await page
    .getByRole("link", { name: /rolled back/, exact: false })
    .and(page.locator("[aria-current]"))
    .waitFor();
  const shown = page.getByRole("table").filter({ hasText: "Reason" });
  await expect.poll(() => shown.getByText("installed", { exact: true }).count()).toBe(0);
  await page.goto(`${opened.origin}/attention`);
  await page.getByRole("row").filter({ hasText: "run (exit 3)" }).first().waitFor();
  await expectAccessible(page, "attention");
});

test("what a device says appears as it says it, and moves nothing from under the focus", async () => {
  const device = deviceOf(500);
  await page.goto(`${opened.origin}/device?id=${device}`);
  const links = page.locator("tbody").first().getByRole("link");
  await links.first().focus();
  const [first = ""] = await links.allTextContents();
  const at = Date.now();
  const said = { key: "new.txt", n: at, sha256: "B".repeat(43), state: "failed" as const, reason: "space" };
  const reported = { ...said, bytes: 7, requests: 1, at };
  const table = createDynamoDbTable(world.dynamodb, world.table);
  await table.putOver(fileItem({ value: { device, path: "new.txt", reported }, revision: 0 }, undefined));
  await page.getByRole("row").filter({ hasText: "new.txt" }).getByText("7 bytes").waitFor();
  expect(await focused(page)).toBe(first);
  expect((await links.allTextContents())[0]).toBe(first);
  await page.getByRole("heading", { level: 1 }).focus();
  await expect.poll(async () => (await links.allTextContents())[0]).toBe("new.txt"); // what failed comes first
});

test("names and reasons of hostile devices are text", async () => {
  const device = deviceOf(600);
  const at = Date.now();
  const said = {
    key: HOSTILE,
    n: at,
    sha256: "C".repeat(43),
    state: "failed" as const,
    reason: HOSTILE,
    bytes: 1,
    requests: 1,
    at,
  };
  const table = createDynamoDbTable(world.dynamodb, world.table);
  await table.putOver(fileItem({ value: { device, path: HOSTILE, reported: said }, revision: 0 }, undefined));
  for (const address of [`/device?id=${device}`, `/file?key=${encodeURIComponent(HOSTILE)}`, "/attention"]) {
    await page.goto(`${opened.origin}${address}`);
    const cell = page
      .getByRole("cell", { name: HOSTILE })
      .or(page.getByRole("rowheader", { name: HOSTILE }))
      .first();
    await cell.waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
  }
  await page.goto(`${opened.origin}/?q=${encodeURIComponent(HOSTILE)}`);
  await page.getByText(`begins with “${HOSTILE}”`).waitFor();
});

test("of a thing that took a version back it is said how the thing tries that again, since no job asks it", async () => {
  const device = "thing:pump-7";
  const at = Date.now();
  const said = { key: "things/pump-7/fw.bin", n: at, sha256: "D".repeat(43), state: "failed" as const };
  const reported = { ...said, reason: "run", bytes: 1, requests: 1, at };
  const table = createDynamoDbTable(world.dynamodb, world.table);
  await table.putOver(deviceItem({ value: { device }, revision: 0 }));
  await table.putOver(fileItem({ value: { device, path: "fw.bin", reported }, revision: 0 }, undefined));
  await page.goto(`${opened.origin}/device?id=${device}`);
  await page.getByText("noteferry-agent retry").waitFor();
  await page.getByRole("row").filter({ hasText: "fw.bin" }).getByText("rolled back").waitFor();
  expect(await page.getByRole("button", { name: /^Try again/ }).count()).toBe(0);
  await expectAccessible(page, "a thing that took a version back");
});

test("by the keyboard alone: to a device, and to the question of a rollback and back", async () => {
  await page.goto(`${opened.origin}/`);
  await page.getByText(deviceOf(0), { exact: true }).waitFor();
  await page.keyboard.press("Tab");
  await expect.poll(() => focused(page)).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo(page, deviceOf(0));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: deviceOf(0) }).waitFor();
  await expect.poll(() => focused(page)).toBe(deviceOf(0)); // who reads by ear hears where the link has led
  await page.goto(fileAddress);
  await page.getByRole("button", { name: "Roll back to version 1" }).waitFor();
  await tabTo(page, "Roll back");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("On the link").waitFor();
  await tabTo(page, "Cancel");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => focused(page)).toBe("Roll back");
});

test.each(["light", "dark"] as const)(
  "axe finds nothing, in %s and on a narrow screen",
  async (colorScheme) => {
    const narrow = await openConsole(browser, world.console.link(), {
      colorScheme,
      viewport: { width: 390, height: 800 },
    });
    for (const address of ["/", "/fleets", `/device?id=${deviceOf(3)}`, "/files", "/attention", "/upload"]) {
      await narrow.page.goto(`${narrow.origin}${address}`);
      await narrow.page.getByRole("heading", { level: 1 }).waitFor();
      await narrow.page.locator(".loading").waitFor({ state: "detached" });
      await expectAccessible(narrow.page, `${address} in ${colorScheme}`);
      expect(await narrow.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address).toBe(
        true,
      );
    }
    const trouble = narrow.page.getByRole("row").filter({ hasText: "run (exit 3)" }).first();
    await narrow.page.goto(`${narrow.origin}/attention`);
    await trouble.getByRole("link", { name: /^dev:/ }).click();
    await trouble.getByRole("button", { name: /^Try again: / }).waitFor();
    expect(await cutTables(narrow.page)).toEqual([]);
    await narrow.page.goto(fileAddress);
    await narrow.page.getByRole("button", { name: "Roll back to version 1" }).waitFor();
    await expectAccessible(narrow.page, `a file in ${colorScheme}`);
    expect(narrow.wrong).toEqual([]);
    await narrow.context.close();
  },
);

test("once the console has ended, the page says so, and keeps what it showed", async () => {
  await page.goto(`${opened.origin}/`);
  await page.getByText(deviceOf(0), { exact: true }).waitFor();
  expect(opened.wrong).toEqual([]);
  expect(world.faults).toEqual([]);
  await world.console.close();
  await page.getByText("the console does not answer").waitFor();
  await page.getByText(deviceOf(0), { exact: true }).waitFor();
  await expectAccessible(page, "the console has ended");
});

/** How much wider than their places tables are, in pixels, of those that are. */
function cutTables(of: Page): Promise<number[]> {
  const wider = "({ scrollWidth, clientWidth }) => scrollWidth - clientWidth";
  return of.evaluate(`[...document.querySelectorAll(".table")].map(${wider}).filter((pixels) => pixels > 0)`);
}

function focused(of: Page): Promise<string> {
  return of.evaluate("document.activeElement?.textContent ?? ''");
}

/** Presses Tab until the focus is on an element with that text. */
async function tabTo(on: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focused(on)) === text) return;
    await on.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${text}`);
}
