import type { Setting } from "./setting.ts";
import { brokerAddress, decimal, into, text, thingName, wholeNumber } from "./setting-values.ts";

const MIB = 1024 * 1024;

/**
 * Of 10 MB, what travels besides is 0.9 % at 64 KiB, 0.5 % at this and 0.4 % at 256 KiB, TLS included (test/agent/link/iot/link-cost.test.ts); at
 * 256 KiB the agent takes 2 MB more (`npm run bench:agent-memory`). What is under way when an agent is killed is fetched again.
 */
const RANGE_DEFAULT_BYTES = 128 * 1024;
/** Above this the file-server may send a client elsewhere. [NF-12.5] */
const RANGE_MAX_BYTES = 4 * MIB;

/** The rows of an AWS IoT thing. */
export const THING_SETTINGS = {
  thing: {
    argument: "name",
    help: "of the AWS IoT thing that this device is; MQTT client id too",
    schema: into(thingName, (thing) => ({ thing })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  endpoint: {
    argument: "host[:port]",
    help: "of AWS IoT: what `aws iot describe-endpoint --endpoint-type iot:Data-ATS` says; port 8883, or 443",
    schema: into(brokerAddress, (endpoint) => ({ endpoint })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  certificate: {
    argument: "file",
    help: "the thing's certificate, PEM",
    schema: into(text, (certificate) => ({ certificate })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  key: {
    argument: "file",
    help: "its private key, PEM, which only the agent's user may read",
    schema: into(text, (key) => ({ key })),
    required: "iot",
    commands: ["run", "doctor"],
  },
  ca: {
    argument: "file",
    help: "CAs to trust in place of Node's own, PEM: those of AWS IoT and of the file-server",
    schema: into(text, (ca) => ({ ca })),
    commands: ["run", "doctor"],
  },
  sni: {
    argument: "name",
    help: "that the broker's certificate has, if that is not its host",
    schema: into(text, (sni) => ({ sni })),
    commands: ["run", "doctor"],
  },
  alpn: {
    argument: "protocol",
    help: "to ask the broker for; by default x-amzn-mqtt-ca on port 443, and none elsewhere",
    schema: into(text, (alpn) => ({ alpn })),
    commands: ["run", "doctor"],
  },
  rangeBytes: {
    argument: "bytes",
    help: "of file per request of a thing",
    schema: into(wholeNumber(1, RANGE_MAX_BYTES), (rangeBytes) => ({ rangeBytes })),
    fromText: decimal,
    default: RANGE_DEFAULT_BYTES,
    commands: ["run", "doctor"],
  },
} as const satisfies Readonly<Record<string, Setting>>;
