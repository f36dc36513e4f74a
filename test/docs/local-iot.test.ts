import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { ROUTES } from "../../local/aws/iot/http/routes.ts";

const document = readFileSync(new URL("../../docs/LOCAL-IOT.md", import.meta.url), "utf8");
const require = createRequire(import.meta.url);

/** Method and path of every operation of a service, by the SDK's own model. */
function modelled(packageName: string): string[] {
  const exported: unknown[] = Object.values(require(packageName));
  return exported.flatMap((schema) => {
    const traits: unknown = Array.isArray(schema) ? schema[3] : undefined;
    const http = typeof traits === "object" && traits !== null && "http" in traits ? traits.http : undefined;
    return Array.isArray(http) ? [`${http[0]} ${http[1]}`] : [];
  });
}

test.each(["iot", "iot-jobs-data"] as const)(
  "LOCAL-IOT lists what %s answers, no more and no less",
  (service) => {
    const [, section = ""] = document.split(`\n\`${service}\`, `);
    const [table = ""] = section.split("\n\n").slice(1);
    const listed = [...table.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) [^`]*)`/g)].map(([, call]) => call);
    const answered = Object.entries(ROUTES[service]).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.toSorted()).toEqual(answered.toSorted());
  },
);

test.each([
  ["iot", "@aws-sdk/client-iot"],
  ["iot-jobs-data", "@aws-sdk/client-iot-jobs-data-plane"],
] as const)("every call that %s answers is one of its model", (service, packageName) => {
  const known = modelled(packageName);
  expect(known.length).toBeGreaterThan(3);
  for (const [path, methods] of Object.entries(ROUTES[service])) {
    for (const method of Object.keys(methods)) {
      // `$next` is a jobId of DescribeJobExecution to the model.
      const asModelled = method === "GET" ? path.replace("$next", "{jobId}") : path;
      expect(known).toContain(`${method} ${asModelled}`);
    }
  }
});
