import { OperatorError } from "../operator-error.ts";
import type { NotehubApi } from "./notehub-api.ts";

/**
 * Asks about one device or fleet, and says which of them the project does not have where Notehub answers that.
 *
 * @throws {OperatorError} `not-found`; any other failure as it is.
 */
export async function ofThe<T>(
  kind: "device" | "fleet",
  uid: string,
  { project }: NotehubApi,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof OperatorError) || cause.code !== "not-found") throw cause;
    const others = "noteferry status --json lists the devices that are known";
    throw new OperatorError(
      "not-found",
      `there is no ${kind} ${uid} in the Notehub project ${project}: ${others} (${cause.message})`,
      { cause },
    );
  }
}
