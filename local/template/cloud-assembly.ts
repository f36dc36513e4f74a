import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { TemplateError } from "./intrinsics.ts";

const Manifest = v.object({
  artifacts: v.record(
    v.string(),
    v.object({
      type: v.string(),
      properties: v.optional(v.looseObject({ templateFile: v.optional(v.string()) })),
    }),
  ),
});

const Assets = v.object({
  files: v.record(v.string(), v.object({ source: v.object({ path: v.string(), packaging: v.string() }) })),
});

const Resource = v.object({
  Type: v.string(),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  Condition: v.optional(v.string()),
});

const Template = v.object({
  Resources: v.record(v.string(), Resource),
  Outputs: v.optional(v.record(v.string(), v.looseObject({ Value: v.unknown() })), {}),
});

export type Resource = v.InferOutput<typeof Resource>;
export type Template = v.InferOutput<typeof Template>;

/** A synthesised stack: its template, and where its bundles lie. */
export type CloudAssembly = {
  stackName: string;
  template: Template;
  /** Folder of a bundle, by the hash that its `S3Key` starts with. */
  assetFolders: ReadonlyMap<string, string>;
};

/**
 * Reads the one stack of a cloud assembly.
 *
 * @throws {TemplateError} if the folder does not hold exactly one stack.
 */
export async function readCloudAssembly(folder: string): Promise<CloudAssembly> {
  const manifest = v.parse(Manifest, await readJson(path.join(folder, "manifest.json")));
  const stacks = Object.entries(manifest.artifacts).filter(([, a]) => a.type === "aws:cloudformation:stack");
  const [stack] = stacks;
  const templateFile = stack?.[1].properties?.templateFile;
  if (stack === undefined || templateFile === undefined || stacks.length > 1) {
    throw new TemplateError(`${folder} holds ${stacks.length} stacks; the local stack runs exactly one`);
  }
  const template = v.parse(Template, await readJson(path.join(folder, templateFile)));
  const assets = v.parse(
    Assets,
    await readJson(path.join(folder, templateFile.replace(/\.template\.json$/, ".assets.json"))),
  );
  const assetFolders = new Map(
    Object.entries(assets.files)
      .filter(([, file]) => file.source.packaging === "zip")
      .map(([hash, file]) => [hash, path.resolve(folder, file.source.path)] as const),
  );
  return { stackName: stack[0], template, assetFolders };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8"));
}
