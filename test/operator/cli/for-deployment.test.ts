import { expect, test } from "vitest";
import { forDeployment } from "../../../operator/cli/doctor/for-deployment.ts";

const AWS = { local: undefined, data: undefined, stage: undefined };

test.each([
  [AWS, "noteferry redrive --dry-run names them; then noteferry catch-up"],
  [
    { ...AWS, stage: "staging" },
    "noteferry redrive --stage staging --dry-run names them; then noteferry catch-up --stage staging",
  ],
  [
    { ...AWS, local: true, data: "it's here" },
    "noteferry redrive --local --data 'it'\\''s here' --dry-run names them; then noteferry catch-up --local --data 'it'\\''s here'",
  ],
])("commands lead to the deployment that was asked about: %j", (where, remedy) => {
  expect(forDeployment("noteferry redrive --dry-run names them; then noteferry catch-up", where)).toBe(
    remedy,
  );
});
