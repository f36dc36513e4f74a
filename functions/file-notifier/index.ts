import { createNotifier } from "./main.ts";

export const handler = createNotifier(process.env);
