import * as v from "valibot";
import { S3Error } from "../s3-error.ts";
import { LifecycleRule } from "../store/lifecycle.ts";
import {
  childrenNamed,
  childText,
  readXml,
  requiredText,
  wholeNumber,
  type XmlElement,
} from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { bucketConfiguration } from "./bucket-configuration.ts";

const MOST_RULES = 1000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
export const bucketLifecycle = bucketConfiguration({
  root: "LifecycleConfiguration",
  actions: { get: "s3:GetLifecycleConfiguration", put: "s3:PutLifecycleConfiguration" },
  missing: "NoSuchLifecycleConfiguration",
  apply: (document) => ({ lifecycle: document === undefined ? [] : readRules(document) }),
  keep: withIds,
  render: ({ lifecycle }) =>
    lifecycle.length === 0 ? undefined : xmlDocument("LifecycleConfiguration", lifecycle.map(ruleElement)),
});

/** A rule that was done only in part would delete too much or too little: what is not known is refused. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  Rule: [
    ...["ID", "Status", "Prefix", "Filter", "Expiration"],
    ...["NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"],
  ],
  Filter: ["Prefix"],
  Expiration: ["Days", "ExpiredObjectDeleteMarker"],
  NoncurrentVersionExpiration: ["NoncurrentDays", "NewerNoncurrentVersions"],
  AbortIncompleteMultipartUpload: ["DaysAfterInitiation"],
};

function readRules(document: string): LifecycleRule[] {
  const elements = childrenNamed(readXml(document, "LifecycleConfiguration"), "Rule");
  if (elements.length === 0 || elements.length > MOST_RULES) throw new S3Error("MalformedXML");
  const rules = elements.map(readRule);
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw new S3Error("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
  }
  return rules;
}

/** The document with an ID for each rule that has none, as S3 gives it. */
function withIds(document: string): string {
  const root = readXml(document, "LifecycleConfiguration");
  const rules = childrenNamed(root, "Rule").map((rule, index) =>
    childText(rule, "ID") === undefined
      ? [element("ID", presetId(index)), rule.children.map(elementOf)]
      : rule.children.map(elementOf),
  );
  return xmlDocument(
    root.name,
    rules.map((rule) => element("Rule", rule)),
  );
}

function elementOf({ name, text, children }: XmlElement): Xml {
  return element(name, children.length === 0 ? text : children.map(elementOf));
}

function presetId(index: number): string {
  return `rule-${index + 1}`;
}

function readRule(rule: XmlElement, index: number): LifecycleRule {
  checkKnown(rule);
  const status = requiredText(rule, "Status");
  if (status !== "Enabled" && status !== "Disabled") throw new S3Error("MalformedXML");
  const parsed = v.safeParse(LifecycleRule, {
    id: childText(rule, "ID") ?? presetId(index),
    enabled: status === "Enabled",
    prefix: readPrefix(rule),
    ...readActions(rule),
  });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new S3Error("InvalidArgument", `${v.getDotPath(issue)}: ${issue.message}`);
}

/** An empty filter is for everything; older clients give a prefix without one. */
function readPrefix(rule: XmlElement): string {
  const [filter] = childrenNamed(rule, "Filter");
  return filter === undefined ? requiredText(rule, "Prefix") : (childText(filter, "Prefix") ?? "");
}

function readActions(rule: XmlElement): Partial<LifecycleRule> {
  const textOf = (action: string, name: string) =>
    childrenNamed(rule, action).map((each) => childText(each, name))[0];
  const numberOf = (action: string, name: string) => {
    const text = textOf(action, name);
    return text === undefined ? undefined : wholeNumber(text);
  };
  const marker = textOf("Expiration", "ExpiredObjectDeleteMarker");
  const actions = {
    expireAfterDays: numberOf("Expiration", "Days"),
    expireDeleteMarkers: marker === undefined ? undefined : marker === "true",
    expireNoncurrentAfterDays: numberOf("NoncurrentVersionExpiration", "NoncurrentDays"),
    keepNoncurrent: numberOf("NoncurrentVersionExpiration", "NewerNoncurrentVersions"),
    abortUploadsAfterDays: numberOf("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
  };
  const isBoth = actions.expireAfterDays !== undefined && actions.expireDeleteMarkers !== undefined;
  const isCountAlone =
    actions.keepNoncurrent !== undefined && actions.expireNoncurrentAfterDays === undefined;
  if (isBoth || isCountAlone) throw new S3Error("MalformedXML");
  const given = Object.entries(actions).filter(([, value]) => value !== undefined);
  if (given.length > 0) return Object.fromEntries(given);
  throw new S3Error("InvalidRequest", "At least one action needs to be specified in a rule.");
}

function checkKnown(parent: XmlElement): void {
  const known = KNOWN[parent.name];
  for (const child of known === undefined ? [] : parent.children) {
    if (!known?.includes(child.name)) {
      throw new S3Error(
        "NotImplemented",
        `${child.name} in a lifecycle rule is not implemented by the local S3.`,
      );
    }
    checkKnown(child);
  }
}

function ruleElement(rule: LifecycleRule): Xml {
  return element(
    "Rule",
    element("ID", rule.id),
    element("Filter", element("Prefix", rule.prefix)),
    element("Status", rule.enabled ? "Enabled" : "Disabled"),
    actionElement("Expiration", {
      Days: rule.expireAfterDays,
      ExpiredObjectDeleteMarker: rule.expireDeleteMarkers,
    }),
    actionElement("NoncurrentVersionExpiration", {
      NoncurrentDays: rule.expireNoncurrentAfterDays,
      NewerNoncurrentVersions: rule.keepNoncurrent,
    }),
    actionElement("AbortIncompleteMultipartUpload", { DaysAfterInitiation: rule.abortUploadsAfterDays }),
  );
}

function actionElement(name: string, values: Record<string, number | boolean | undefined>): Xml | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const children = given.map(([child, value]) => element(child, String(value)));
  return children.length === 0 ? undefined : element(name, children);
}
