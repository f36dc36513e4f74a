import { createHash } from "node:crypto";
import type { Handler } from "./call.ts";

/** GetRoutes. Summaries only: a route's headers, which hold secrets, are not in them. */
export const listRoutes: Handler = ({ hub }) => ({
  json: hub.options.routes.map(({ alias }) => ({
    uid: `route:${createHash("md5").update(alias).digest("hex")}`,
    label: alias,
    type: "proxy",
    disabled: false,
    modified: new Date(0).toISOString(),
  })),
});
