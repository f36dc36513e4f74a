import {
  IoTClient,
  type IoTClientConfig,
  paginateListThingGroupsForThing,
  paginateListThingsInThingGroup,
  ResourceNotFoundException,
} from "@aws-sdk/client-iot";
import { OperatorError } from "../operator-error.ts";

/** Pages of up to 250 things; a list that goes on after these does not end. */
const MAX_PAGES = 400;
const PAGE_SIZE = 250;

/** UIDs of all things of a group, those of the groups in it too. @throws {OperatorError} `not-found` if there is no such group */
export async function thingsOf(
  groupUid: string,
  config: IoTClientConfig,
  signal: AbortSignal,
): Promise<string[]> {
  const thingGroupName = groupUid.slice("thing-group:".length);
  return await asked(groupUid, config, async (client) => {
    const pages = paginateListThingsInThingGroup(
      { client, pageSize: PAGE_SIZE },
      { thingGroupName, recursive: true },
      { abortSignal: signal },
    );
    return await all(groupUid, pages, ({ things = [] }) => things.map((name) => `thing:${name}`));
  });
}

/** UIDs of the groups that a thing is in. @throws {OperatorError} `not-found` if there is no such thing */
export async function groupsOf(
  thingUid: string,
  config: IoTClientConfig,
  signal: AbortSignal,
): Promise<string[]> {
  const thingName = thingUid.slice("thing:".length);
  return await asked(thingUid, config, async (client) => {
    const pages = paginateListThingGroupsForThing(
      { client, pageSize: PAGE_SIZE },
      { thingName },
      { abortSignal: signal },
    );
    return await all(thingUid, pages, ({ thingGroups = [] }) =>
      thingGroups.flatMap(({ groupName }) => (groupName === undefined ? [] : [`thing-group:${groupName}`])),
    );
  });
}

async function asked<T>(
  uid: string,
  config: IoTClientConfig,
  ask: (client: IoTClient) => Promise<T>,
): Promise<T> {
  const client = new IoTClient(config);
  try {
    return await ask(client);
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) throw cause;
    throw new OperatorError("not-found", `AWS IoT has no ${uid} in this account and region`, { cause });
  } finally {
    client.destroy();
  }
}

async function all<Page>(
  uid: string,
  pages: AsyncIterable<Page>,
  namesIn: (page: Page) => string[],
): Promise<string[]> {
  const found = new Set<string>();
  let read = 0;
  for await (const page of pages) {
    for (const name of namesIn(page)) found.add(name);
    read += 1;
    if (read > MAX_PAGES) throw new OperatorError("fault", `AWS IoT's list for ${uid} does not end`);
  }
  return [...found];
}
