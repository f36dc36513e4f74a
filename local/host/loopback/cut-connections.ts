import type { Server, Socket } from "node:net";

/**
 * Remembers a server's connections, for its end: `closeAllConnections` overlooks one in the middle of its TLS handshake,
 * which would then keep the server, and whoever awaits its end, until the client has had enough.
 *
 * @returns a function that cuts them.
 */
export function cutConnections(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
