import * as account from "./account-operations.ts";
import * as data from "./data-operations.ts";
import * as jobs from "./job-operations.ts";
import type { Operation } from "./operation.ts";
import * as registry from "./registry-operations.ts";

/** The services, by the name that their requests are signed for: two of them have paths in common. */
export type IotService = "iot" | "iot-jobs-data";

type Methods = Readonly<Record<string, Operation>>;

/** docs/LOCAL-IOT.md lists them; methods and paths of botocore's models. */
export const ROUTES: Readonly<Record<IotService, Readonly<Record<string, Methods>>>> = {
  iot: {
    "/jobs": { GET: jobs.listJobsOperation },
    "/jobs/{jobId}": {
      GET: jobs.describeJobOperation,
      PUT: jobs.createJobOperation,
      DELETE: jobs.deleteJobOperation,
    },
    "/jobs/{jobId}/cancel": { PUT: jobs.cancelJobOperation },
    "/jobs/{jobId}/job-document": { GET: jobs.getJobDocumentOperation },
    "/jobs/{jobId}/things": { GET: jobs.listJobExecutionsForJobOperation },
    "/things": { GET: registry.listThingsOperation },
    "/things/{thingName}": {
      GET: registry.describeThingOperation,
      POST: registry.createThingOperation,
      DELETE: registry.deleteThingOperation,
    },
    "/things/{thingName}/jobs": { GET: jobs.listJobExecutionsForThingOperation },
    "/things/{thingName}/jobs/{jobId}": { GET: jobs.describeJobExecutionOperation },
    "/things/{thingName}/jobs/{jobId}/cancel": { PUT: jobs.cancelJobExecutionOperation },
    "/things/{thingName}/thing-groups": { GET: registry.listGroupsOfThingOperation },
    "/thing-groups": { GET: registry.listGroupsOperation },
    "/thing-groups/addThingToThingGroup": { PUT: registry.addToGroupOperation },
    "/thing-groups/removeThingFromThingGroup": { PUT: registry.removeFromGroupOperation },
    "/thing-groups/{thingGroupName}": {
      GET: registry.describeGroupOperation,
      POST: registry.createGroupOperation,
      DELETE: registry.deleteGroupOperation,
    },
    "/thing-groups/{thingGroupName}/things": { GET: registry.listMembersOperation },
    "/endpoint": { GET: account.describeEndpointOperation },
    "/event-configurations": {
      GET: account.describeEventsOperation,
      PATCH: account.updateEventsOperation,
    },
  },
  "iot-jobs-data": {
    "/things/{thingName}/jobs": { GET: data.getPendingOperation },
    "/things/{thingName}/jobs/$next": { GET: data.describeExecutionOperation, PUT: data.startNextOperation },
    "/things/{thingName}/jobs/{jobId}": { GET: data.describeExecutionOperation, POST: data.updateOperation },
  },
};

type Route = { segments: readonly string[]; methods: Methods };

const PATTERNS: Readonly<Record<IotService, readonly Route[]>> = {
  iot: patternsOf("iot"),
  "iot-jobs-data": patternsOf("iot-jobs-data"),
};

function patternsOf(service: IotService): Route[] {
  return Object.entries(ROUTES[service]).map(([pattern, methods]) => ({
    segments: pattern.split("/"),
    methods,
  }));
}

/** The operation of a method and a path; undefined where there is none. The first pattern of the table that fits counts. */
export function findRoute(
  service: IotService,
  method: string,
  rawPath: string,
): { operation: Operation; params: Record<string, string> } | undefined {
  const path = decode(rawPath);
  if (path === undefined) return undefined;
  for (const { segments, methods } of PATTERNS[service]) {
    const params = match(segments, path);
    const operation = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (params !== undefined && operation !== undefined) return { operation, params };
  }
  return undefined;
}

function decode(rawPath: string): string[] | undefined {
  try {
    return rawPath.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = path[index] ?? "";
    if (expected.startsWith("{")) params[expected.slice(1, -1)] = actual;
    else if (expected !== actual) return undefined;
  }
  // botocore has `$next` as a jobId of DescribeJobExecution.
  return path.at(-1) === "$next" ? { ...params, jobId: "$next" } : params;
}
