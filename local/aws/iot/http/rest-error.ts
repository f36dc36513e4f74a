import { AwsError } from "../../aws-json/aws-error.ts";
import { IotError, type IotFault } from "../iot-error.ts";
import type { IotService } from "./routes.ts";

/** What a caller is told: the exception's name, and the members of the body. */
export type RestError = { status: number; type: string; body: Record<string, unknown> };

type Named = readonly [type: string, status: number];

/** The services' own exceptions, of botocore's models. */
const EXCEPTIONS: Readonly<Record<IotService, Readonly<Partial<Record<IotFault, Named>>>>> = {
  iot: {
    InvalidStateTransition: ["InvalidStateTransitionException", 409],
    ResourceNotFound: ["ResourceNotFoundException", 404],
    ResourceAlreadyExists: ["ResourceAlreadyExistsException", 409],
    LimitExceeded: ["LimitExceededException", 410],
    VersionMismatch: ["VersionConflictException", 409],
    RequestThrottled: ["ThrottlingException", 400],
    ServiceUnavailable: ["ServiceUnavailableException", 503],
  },
  "iot-jobs-data": {
    InvalidStateTransition: ["InvalidStateTransitionException", 409],
    ResourceNotFound: ["ResourceNotFoundException", 404],
    // The model has no exception for it, and the guide says that it is told.
    VersionMismatch: ["VersionMismatchException", 409],
    TerminalStateReached: ["TerminalStateException", 410],
    RequestThrottled: ["ThrottlingException", 429],
    ServiceUnavailable: ["ServiceUnavailableException", 503],
  },
};

const INVALID: Named = ["InvalidRequestException", 400];

/** Undefined for a fault inside. */
export function toRestError(error: unknown, service: IotService): RestError | undefined {
  if (error instanceof IotError) {
    const [type, status] = EXCEPTIONS[service][error.fault] ?? INVALID;
    return { status, type, body: { message: error.message, ...error.members } };
  }
  if (error instanceof AwsError) {
    const type = error.type.slice(error.type.indexOf("#") + 1);
    return { status: error.status, type, body: { message: error.message } };
  }
  return undefined;
}
