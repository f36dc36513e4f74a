import { readFile } from "node:fs/promises";
import path from "node:path";
import { AddThingToThingGroupCommand, CreateThingGroupCommand, IoTClient } from "@aws-sdk/client-iot";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BenchStack } from "../../../bench/bench-stack.ts";
import { expectAccessible } from "./console-page.ts";

const FIRMWARE = "firmware 1";
const SHARED = "shared 1";
const GROUP = "thing-group:pumps";

/** Expects that the thing of the stack, and a group that it joins, get what is uploaded for them in the browser, and that every page of theirs shows it. */
export async function expectThings(page: Page, origin: string, stack: BenchStack): Promise<void> {
  const { iot } = stack.endpoints;
  if (iot === undefined) throw new Error("AWS IoT does not run");
  const thing = `thing:${iot.thing}`;
  await joinGroup(stack, iot.thing);

  await upload(page, { kind: "An AWS IoT thing", uid: thing, name: "fw.bin", text: FIRMWARE });
  await upload(page, { kind: "A group of things", uid: GROUP, name: "shared.bin", text: SHARED });
  expect(await readFile(path.join(iot.root, "fw.bin"), "utf8")).toBe(FIRMWARE);
  expect(await readFile(path.join(iot.root, "shared.bin"), "utf8")).toBe(SHARED);

  await page.goto(`${origin}/?q=thing:`);
  const group = page.locator("tbody.group").filter({ hasText: thing });
  await group.getByText("2 installed").waitFor();
  await group.getByRole("row").filter({ hasText: "shared.bin" }).getByText("installed").waitFor();
  await expectAccessible(page, "a thing among the devices");

  await page.getByRole("link", { name: thing }).click();
  await page.getByRole("heading", { name: thing }).waitFor();
  for (const file of ["fw.bin", "shared.bin"])
    await page.getByRole("row").filter({ hasText: file }).first().getByText("installed").first().waitFor();
  await page.getByRole("heading", { name: "Its fleets" }).waitFor();
  await page.getByRole("link", { name: GROUP }).first().waitFor();
  await expectAccessible(page, "a thing");

  for (const key of [`things/${iot.thing}/fw.bin`, "thing-groups/pumps/shared.bin"]) {
    await page.goto(`${origin}/file?key=${encodeURIComponent(key)}`);
    await page.getByRole("row").filter({ hasText: thing }).getByText("installed").waitFor();
    await page.getByText("version 1").first().waitFor();
  }
  await page.goto(`${origin}/fleets`);
  await page.getByRole("row").filter({ hasText: GROUP }).getByText("1 current").waitFor();
  await page.getByRole("link", { name: GROUP }).click();
  await page.getByText(/, announced .* ago as manifest \d+\./).waitFor();
  await page.getByRole("row").filter({ hasText: thing }).getByText("current").waitFor();
  await expectAccessible(page, "a group of things");
}

async function joinGroup({ endpoints, httpsAgent }: BenchStack, thingName: string): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = endpoints.aws;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new IoTClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
  const thingGroupName = GROUP.slice("thing-group:".length);
  await client.send(new CreateThingGroupCommand({ thingGroupName }));
  await client.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  client.destroy();
}

/** Uploads one file, and waits until one device has it. */
async function upload(
  page: Page,
  { kind, uid, name, text }: { kind: string; uid: string; name: string; text: string },
): Promise<void> {
  await page.getByRole("link", { name: "Upload", exact: true }).click();
  const input = page.getByLabel("Files", { exact: true });
  await input.setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await page.getByLabel(kind).check();
  await page.getByPlaceholder(/^thing/).fill(uid);
  const plan = page.getByRole("region", { name: "What will happen" });
  await plan.getByText("1 device").waitFor();
  await plan.getByText(`${uid.replace(/^(thing(?:-group)?):/, "$1s/")}/${name}`).waitFor();
  await page.getByRole("button", { name: "Upload 1 file" }).click();
  await page.getByText("1 of 1 file stored").waitFor();
  await page.getByRole("region", { name: "Progress" }).getByText("1 installed").waitFor();
}
