import type { Template } from "../template/cloud-assembly.ts";
import { type Deployment, readDeployment } from "../template/deployment.ts";
import { synthesise } from "../template/synthesise.ts";
import { LOCAL_ACCOUNT, LOCAL_IDENTITY } from "./identity.ts";

/** Origins of the services whose addresses are in the template. */
type Origins = { aws: string; functionUrls: Readonly<Record<string, string>>; notehub: string };

/**
 * Synthesises the app for this machine.
 *
 * @param edit changes the template before it is deployed.
 * @throws {SynthesisFailed | TemplateError}
 */
export async function deployLocally(
  origins: Origins,
  outDir: string,
  edit: (template: Template) => void = () => undefined,
): Promise<Deployment> {
  const assembly = await synthesise({
    outDir,
    context: {
      project: LOCAL_IDENTITY.projectUid,
      product: LOCAL_IDENTITY.productUid,
      defaultTarget: LOCAL_IDENTITY.deviceUid,
      notehubUrl: origins.notehub,
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
