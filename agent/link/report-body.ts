import { formatReceipt } from "../../protocol/receipt.ts";
import type { Report } from "./link.ts";

/** What a device says of itself, as it is sent. [NF-9.6] */
export function bodyOf(report: Report): object {
  return report.state === "inventory" || report.state === "manifest" ? report : formatReceipt(report);
}
