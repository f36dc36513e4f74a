import type { Where } from "../../cloud/find-deployment.ts";

export type ConsoleFlags = Where & { port: number | undefined };
