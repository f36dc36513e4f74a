import { expect, test } from "vitest";
import { templateOf } from "../support/template-under-test.ts";

/** What holds something that somebody may miss, or that somebody may steal. */
const EXPECTED: Readonly<Record<string, string>> = {
  "AWS::S3::Bucket": "Retain",
  "AWS::DynamoDB::Table": "Retain",
  "AWS::SecretsManager::Secret": "Delete",
  "AWS::Logs::LogGroup": "Delete",
};

test.each(Object.entries(EXPECTED))("when the stack goes, each %s is meant to: %s", (type, policy) => {
  const found = Object.values(templateOf({ project: "app:1" }).findResources(type));
  expect(found.length).toBeGreaterThan(0);
  for (const { DeletionPolicy, UpdateReplacePolicy } of found) {
    expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
      DeletionPolicy: policy,
      UpdateReplacePolicy: policy,
    });
  }
});
