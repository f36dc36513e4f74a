import { expect, test } from "vitest";
import { parseFlags } from "../../../local/stack/flags.ts";
import { otherPorts, tellOtherPorts } from "../../../local/stack/other-ports.ts";

const at = (port: number) => `https://localhost:${port}`;
const keys = { accessKeyId: "", secretAccessKey: "", region: "" };

const ENDPOINTS = {
  s3: { endpoint: "https://127.0.0.1:40001", bucket: "b", ...keys },
  aws: { endpoint: at(4601), caFile: "", ...keys },
  fileServer: { url: at(4602), token: "" },
  notehub: { url: at(9000), token: "", projectUid: "", productUid: "", deviceUid: "", fleetUid: "" },
  notecard: { host: "127.0.0.1", port: 4604 },
  control: { url: "http://localhost:4605", token: "" },
  iot: undefined,
  outputs: { ReceiptRouteUrl: "https://localhost:40003" },
};

test("a service that is not on its usual port is told, with who has that; one that was asked for is not", async () => {
  const flags = parseFlags(["--notehub-port", "9000"], "/") ?? expect.fail();
  const others = otherPorts(flags, ENDPOINTS, "http://127.0.0.1:40002/#token");
  expect(others).toEqual([
    { service: "S3", usual: 4600, port: 40001 },
    { service: "the delivery recorder", usual: 4606, port: 40003 },
    { service: "the console", usual: 4607, port: 40002 },
  ]);
  const find = async (port: number) => (port === 4600 ? { pid: 7, command: "minio" } : undefined);
  expect(await tellOtherPorts(others, find)).toEqual([
    "port 4600 is taken by process 7 (minio): S3 is on 40001",
    "port 4606 is taken: the delivery recorder is on 40003",
    "port 4607 is taken: the console is on 40002",
  ]);
});
