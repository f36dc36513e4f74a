import type { Template } from "../template/cloud-assembly.ts";
import { type Deployment, readDeployment } from "../template/deployment.ts";
import { synthesise } from "../template/synthesise.ts";
import { holdPort } from "./choose-port.ts";
import type { Ports } from "./flags.ts";
import { LOCAL_ACCOUNT, LOCAL_IDENTITY } from "./identity.ts";

/**
 * Synthesises the app for this machine. The ports are chosen first: the template says where Notehub is.
 *
 * @param edit changes the template before it is deployed.
 * @throws {SynthesisFailed | TemplateError}
 */
export async function deployLocally(
  preferred: Ports,
  outDir: string,
  edit: (template: Template) => void = () => undefined,
): Promise<{ deployment: Deployment; ports: Ports }> {
  const ports = await choosePorts(preferred);
  const assembly = await synthesise({
    outDir,
    context: {
      project: LOCAL_IDENTITY.projectUid,
      product: LOCAL_IDENTITY.productUid,
      defaultTarget: LOCAL_IDENTITY.deviceUid,
      notehubUrl: `https://localhost:${ports.notehub}`,
    },
  });
  edit(assembly.template);
  const deployment = readDeployment(assembly, {
    ...LOCAL_ACCOUNT,
    stackName: assembly.stackName,
    sqsOrigin: `https://localhost:${ports.aws}`,
    functionUrlOrigin: `https://localhost:${ports.functionUrl}`,
  });
  return { deployment, ports };
}

async function choosePorts(preferred: Ports): Promise<Ports> {
  const held = {
    s3: await holdPort(preferred.s3),
    aws: await holdPort(preferred.aws),
    functionUrl: await holdPort(preferred.functionUrl),
    notehub: await holdPort(preferred.notehub),
    notecard: await holdPort(preferred.notecard),
  };
  await Promise.all(Object.values(held).map((port) => port.release()));
  return {
    s3: held.s3.port,
    aws: held.aws.port,
    functionUrl: held.functionUrl.port,
    notehub: held.notehub.port,
    notecard: held.notecard.port,
  };
}
