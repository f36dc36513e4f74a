import type { Template } from "../template/cloud-assembly.ts";
import { type Deployment, readDeployment } from "../template/deployment.ts";
import { synthesise } from "../template/synthesise.ts";
import { LOCAL_ACCOUNT, LOCAL_IDENTITY } from "./identity.ts";

/** Origins of the services whose addresses are in the template. */
type Origins = { aws: string; functionUrls: Readonly<Record<string, string>>; notehub: string };

/** Settings that the flags decide. */
type Chosen = { iot?: boolean | undefined; context?: Readonly<Record<string, string>> | undefined };

/**
 * Synthesises the app for this machine.
 *
 * @param edit changes the template before it is deployed.
 * @param chosen what the stack has besides
 * @throws {SynthesisFailed | TemplateError}
 */
export async function deployLocally(
  origins: Origins,
  outDir: string,
  { iot, context }: Chosen,
  edit: (template: Template) => void = () => undefined,
): Promise<Deployment> {
  const assembly = await synthesise({
    outDir,
    context: {
      defaultTarget: LOCAL_IDENTITY.deviceUid,
      ...context,
      project: LOCAL_IDENTITY.projectUid,
      product: LOCAL_IDENTITY.productUid,
      notehubUrl: origins.notehub,
      ...(iot ? { iot: "on" } : {}),
    },
  });
  edit(assembly.template);
  return readDeployment(assembly, {
    ...LOCAL_ACCOUNT,
    stackName: assembly.stackName,
    sqsOrigin: origins.aws,
    functionUrlOrigins: origins.functionUrls,
  });
}
