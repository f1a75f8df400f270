/** A server of the stack. */
interface Stoppable {
  stop(): Promise<void>
  start(): Promise<void>
}

/** Runs the action while these servers are away; they are back when it resolves, or fails. */
export async function without<Result>(
  servers: readonly Stoppable[],
  action: () => Promise<Result>,
): Promise<Result> {
  await Promise.all(servers.map((server) => server.stop()))
  try {
    return await action()
  } finally {
    await Promise.all(servers.map((server) => server.start()))
  }
}
