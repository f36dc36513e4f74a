import * as v from "valibot";
import { type ControlAddress, NoStack } from "./find-stack.ts";

/** What the door refused, in its own words. */
export class Refused extends Error {
  override name = "Refused" as const;
}

const Refusal = v.object({ message: v.string() });

/**
 * Makes one request to a control door.
 *
 * @throws {NoStack} if nothing answers there.
 * @throws {Refused}
 */
export async function askControl(
  { url, token }: ControlAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new NoStack(
      `nothing answers at ${url}: the stack was ended before it could say so; npm start again`,
      {
        cause,
      },
    );
  });
  if (response.ok) return response;
  const said = v.safeParse(Refusal, await response.json().catch(() => undefined));
  throw new Refused(said.success ? said.output.message : `${url} answers ${response.status}`);
}
