import {
  AddThingToThingGroupCommand,
  CreateThingGroupCommand,
  DescribeJobCommand,
  GetJobDocumentCommand,
  type IoTClient,
  ListJobsCommand,
} from "@aws-sdk/client-iot";
import { createIotJobs } from "../../../../functions/file-notifier/carrier/iot/iot-jobs.ts";
import type { JobSettings } from "../../../../functions/file-notifier/carrier/iot/job-settings.ts";
import { type JobAnnouncement, parseJobDocument } from "../../../../protocol/job-document.ts";
import { groupArn, thingArn } from "../../../local/aws/iot/support/device-policy.ts";
import { type IotUnderTest, iotUnderTest } from "../../../local/aws/iot/support/iot-under-test.ts";
import { type FleetWorld, startFleetWorld } from "./fleet-world.ts";
import type { EnvironmentOptions } from "./world.ts";

export const THING = "thing:pump";
export const GROUP = "thing-group:pumps";
export const SECRET = "the-link-secret";
export const FILE_SERVER = "https://abc.lambda-url.eu-central-1.on.aws";

export type ToldJob = {
  id: string;
  status: string | undefined;
  targetSelection: string | undefined;
  /** As any reader has it. */
  document: Record<string, unknown>;
  /** As our agent reads it. */
  says: JobAnnouncement;
};

export type ThingWorld = Omit<FleetWorld, "settle" | "teller"> & {
  iot: IotUnderTest;
  control: IoTClient;
  /** A new execution environment that reaches things. */
  teller(options?: EnvironmentOptions & { settings?: JobSettings }): ReturnType<FleetWorld["teller"]>;
  settle(options?: EnvironmentOptions & { settings?: JobSettings }): Promise<void>;
  /** All jobs of the notifier's, oldest first. */
  jobs(): Promise<ToldJob[]>;
};

/** The notifier with a real S3 server and the local AWS IoT, each over HTTP, with the things pump and valve, both in the group pumps. */
export async function startThingWorld(): Promise<ThingWorld> {
  const world = await startFleetWorld();
  const iot = await iotUnderTest();
  const { control } = await iot.clients();
  await control.send(new CreateThingGroupCommand({ thingGroupName: "pumps" }));
  for (const thingName of ["pump", "valve"])
    await control.send(new AddThingToThingGroupCommand({ thingGroupName: "pumps", thingName }));
  world.aws.secret = JSON.stringify({ current: SECRET, previous: "" });
  const arnPrefix = thingArn("").replace(/thing\/$/, "");
  if (groupArn("") !== `${arnPrefix}thinggroup/`) throw new Error("the ARNs of things and groups differ");

  const teller: ThingWorld["teller"] = ({ settings = {}, ...options } = {}) =>
    world.teller({
      jobs: createIotJobs(control, { arnPrefix, settings }),
      ...options,
      env: { FILE_SERVER_URL: FILE_SERVER, LINK_SECRET_ARN: "arn:link", ...options.env },
    });

  return {
    ...{ ...world, iot, control, teller },
    settle: (options) => world.settleWith(teller(options)),
    async jobs() {
      const { jobs = [] } = await control.send(new ListJobsCommand({}));
      const told = await Promise.all(
        jobs
          .flatMap(({ jobId }) => (jobId?.startsWith("nf-") ? [jobId] : []))
          .map(async (jobId): Promise<ToldJob> => {
            const { job } = await control.send(new DescribeJobCommand({ jobId }));
            const { document = "" } = await control.send(new GetJobDocumentCommand({ jobId }));
            const says = parseJobDocument(JSON.parse(document));
            if (says === undefined) throw new Error(`no document of ours: ${document}`);
            const { status, targetSelection } = job ?? {};
            return { id: jobId, status, targetSelection, document: JSON.parse(document), says };
          }),
      );
      return told.sort((a, b) => a.says.notice.serial - b.says.notice.serial);
    },
  };
}
