import { Undeliverable } from "../outcome/undeliverable.ts";

/** The carrier says that it has no such fleet, thing or group of things: nobody is there to be told. */
export class NoSuchTarget extends Undeliverable {}
