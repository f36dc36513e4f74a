import type { AttentionView } from "../api.ts";
import type { World } from "../world.ts";
import { fileLine } from "./file-line.ts";

const LINES = 50;

/** A page of what somebody should look at, newest first. */
export async function attentionView(
  { deliveries, pages }: Pick<World, "deliveries" | "pages">,
  after: string | undefined,
): Promise<AttentionView> {
  const page = await pages.trouble(LINES, after);
  const nameOf = ({ device, path }: { device: string; path: string }) => `${device}\n${path}`;
  const whole = await deliveries.whole(page.items.filter(({ path }) => path !== ""));
  const found = new Map(whole.map((each) => [nameOf(each), each]));
  const lines = page.items.flatMap((entry) => {
    const { device, path, at } = entry;
    if (path === "")
      return [{ device, path, at, state: "differs" as const, reason: "it has other files than are known" }];
    const delivery = found.get(nameOf(entry));
    return delivery === undefined ? [] : [fileLine(delivery, undefined)];
  });
  return { lines, ...(page.next === undefined ? {} : { next: page.next }) };
}
