import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

/** A page of the console, and what went wrong in it that nobody would see: refused scripts, faults, dialogs of hostile names. */
export type ConsolePage = { page: Page; context: BrowserContext; origin: string; wrong: string[] };

/** What takes longer hangs. */
const SLOWEST_MS = 90_000;

/** Opens the console by a link in a browser profile of its own. */
export async function openConsole(
  browser: Browser,
  link: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  context.setDefaultTimeout(SLOWEST_MS);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    // A browser reports each answer that is no success; whether it should be one is for the test to say.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      wrong.push(message.text());
  });
  page.on("dialog", (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(link);
  await page.getByRole("heading", { level: 1 }).waitFor(); // the link has been exchanged
  return { page, context, origin: new URL(link).origin, wrong };
}

/** Drops files and folders of this machine in the middle of a page, as the system would. */
export async function dropFiles(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 400, data });
  await session.detach();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Expects that axe finds nothing against what is shown now. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(AXE);
  const found: { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] } =
    await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const told = found.violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
  }));
  expect(told, what).toEqual([]);
}
