/** https://github.com/architect/dynalite: an HTTP server that is DynamoDB. */
declare module "dynalite" {
  import type { Server } from "node:http";

  const dynalite: (options: {
    /** Folder of the data; in memory without. */
    path?: string;
    createTableMs?: number;
    updateTableMs?: number;
    deleteTableMs?: number;
  }) => Server;
  export = dynalite;
}
